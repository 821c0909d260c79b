package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/// An endpoint and clients of ours, datagram by datagram, with a clock of our own. Client `i` has port 5000 + `i`; the endpoint echoes.
abstract class EndpointTalk {
    static final long MILLI = 1_000_000;
    static final int CLIENTS = 5;

    EndpointEnds ends;
    final MemorySegment wire = Arena.ofAuto().allocate(2048);
    final MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
    final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
    final List<String> told = new ArrayList<>();
    long now = 1000 * MILLI;

    void open(int connections, int handshakes) {
        open(QuicConfig.tight(), EndpointConfig.defaults(connections, handshakes), EndpointKeys.none());
    }

    void open(QuicConfig quic, EndpointConfig config, EndpointKeys keys) {
        ends = new EndpointEnds(quic, quic.withBlocks(quic.blockBytes(), 1024), config, keys, Math.max(CLIENTS, config.connections()));
        ends.clients.forEach(client -> client.reset(now));
    }

    @AfterEach
    void end() {
        if (ends == null) {
            return;
        }
        ends.endpoint.reset(now);
        ends.clients.forEach(client -> client.reset(now));
        assertEquals(0, ends.held());
        ends.close();
    }

    void connect(int client) {
        connect(client, "coffer.test");
    }

    void connect(int client, String host) {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000 + client);
        assertTrue(ends.clients.get(client).connect(host, Version.V1, path, 0, now));
    }

    List<byte[]> all(int client) {
        List<byte[]> all = new ArrayList<>();
        for (long bytes; (bytes = ends.clients.get(client).pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            all.add(wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
        return all;
    }

    void feed(int client, byte[] datagram) {
        feed(client, datagram, DatagramHeader.NOT_ECT);
    }

    void feed(int client, byte[] datagram, int ecn) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, ecn);
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000002, 5000 + client, 0x0a000001, 443);
        ends.endpoint.feed(wire, 0, datagram.length, header, 0, now);
    }

    boolean drain() {
        boolean moved = false;
        for (boolean more = true; more; moved |= more) {
            long bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now);
            more = bytes > 0;
            if (more) {
                QuicConnection to = ends.clients.get(NetworkPath.remotePort(header, DatagramHeader.PATH) - 5000);
                NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, 0x0a000002, 5000 + ends.clients.indexOf(to));
                to.feed(wire, 0, bytes, header, 0, now);
            }
            for (QuicEvent event; (event = ends.endpoint.pollEvent()) != null; more = true) {
                told.add(ends.endpoint.number() + " " + event);
                if (event == QuicEvent.STREAMS) {
                    heard(ends.endpoint.connection(ends.endpoint.number()));
                }
            }
        }
        return moved;
    }

    /// What the application does.
    void heard(QuicConnection connection) {
        Echo.echo(connection);
    }

    boolean turn() {
        boolean moved = false;
        for (int client = 0; client < ends.clients.size(); client++) {
            List<byte[]> said = all(client);
            for (byte[] each : said) {
                feed(client, each);
            }
            moved |= !said.isEmpty();
        }
        return moved | drain();
    }

    void converse() {
        for (int quiet = 0; quiet < 3;) {
            quiet = turn() ? 0 : quiet + 1;
            pass(30 * MILLI);
        }
    }

    void pass(long nanos) {
        now += nanos;
        ends.clients.forEach(client -> client.onDeadline(now));
        ends.endpoint.onDeadline(now);
    }

    void exchange(int client) {
        QuicConnection of = ends.clients.get(client);
        long stream = of.open(true);
        assertNotEquals(StreamTransport.NONE, stream);
        of.write(stream, MemorySegment.ofArray(new byte[] {(byte) client, 2, 3}), 0, 3);
        of.finish(stream);
        converse();
        assertEquals(stream, of.pollReady());
        assertEquals(3, of.inputLength(stream));
        assertEquals(client, of.inputSegment(stream).get(ValueLayout.JAVA_BYTE, of.inputAt(stream)));
        of.consume(stream, 3);
        assertTrue(of.isInputEnded(stream));
        of.release(stream);
        converse();
    }
}
