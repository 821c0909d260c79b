package dev.coffer.quic;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.SteadyPath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An endpoint with two connections that stand: a stream there and back on each, strangers of another version and of none, and copies of a first packet.
final class EndpointSteadyPath implements SteadyPath {
    private static final long MILLI = 1_000_000;
    private static final int QUIET = 3;
    private static final int CLIENTS = 2;

    private final EndpointEnds ends = new EndpointEnds(QuicConfig.tight(), QuicConfig.tight(), EndpointConfig.defaults(CLIENTS, CLIENTS), EndpointKeys.none(),
            CLIENTS);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment wire = arena.allocate(2048);
    private final MemorySegment hello = arena.allocate(2048);
    private final MemorySegment header = arena.allocate(DatagramHeader.BYTES);
    private final MemorySegment path = arena.allocate(NetworkPath.BYTES);
    private final MemorySegment said = arena.allocate(100);
    private long now = 1000 * MILLI;
    private long helloBytes;
    private int runs;
    private int answers;

    @Override
    public int operations() {
        return 144;
    }

    @Override
    public void run() {
        if (runs++ == 0) {
            for (int client = 0; client < CLIENTS; client++) {
                NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000 + client);
                ends.clients.get(client).reset(now);
                expect(ends.clients.get(client).connect("coffer.test", Version.V1, path, 0, now));
            }
            helloBytes = ends.clients.get(0).pollOutput(hello, 0, QuicConfig.DATAGRAM_BYTES_MAX, header, 0, now);
            feed(0, hello, helloBytes);
            converse();
            expect(ends.clients.get(0).isConfirmed() && ends.clients.get(1).isConfirmed() && ends.endpoint.connectionCount() == CLIENTS);
        }
        strangers();
        for (int client = 0; client < CLIENTS; client++) {
            exchange(ends.clients.get(client));
        }
        expect(ends.endpoint.connectionCount() == CLIENTS && ends.held() == 0);
    }

    private void strangers() {
        answers = 0;
        feed(0, hello, helloBytes);
        for (long i = 0; i < 1200; i += Long.BYTES) {
            BigEndian.i64(wire, i, 0);
        }
        BigEndian.i32(wire, 0, 0xc01a2a3a);  // a version that nobody has, IDs of 8 and 0 bytes
        wire.set(ValueLayout.JAVA_BYTE, 4, (byte) 0x4a);
        wire.set(ValueLayout.JAVA_BYTE, 5, (byte) 8);
        feed(9, wire, 1200);
        wire.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x40);
        feed(9, wire, 100);
        converse();
        expect(answers == 2);
    }

    private void exchange(QuicConnection client) {
        long stream = client.open(true);
        expect(stream != StreamTransport.NONE);
        client.write(stream, said, 0, said.byteSize());
        client.finish(stream);
        converse();
        expect(client.pollReady() == stream && client.inputLength(stream) == said.byteSize());
        client.consume(stream, said.byteSize());
        expect(client.isInputEnded(stream));
        client.release(stream);
        converse();
    }

    private static void expect(boolean right) {
        if (!right) {
            throw new AssertionError("not as the first time");
        }
    }

    private void converse() {
        for (int quiet = 0; quiet < QUIET;) {
            boolean moved = drain();
            for (int client = 0; client < CLIENTS; client++) {
                for (long bytes; (bytes = ends.clients.get(client).pollOutput(wire, 0, QuicConfig.DATAGRAM_BYTES_MAX, header, 0, now)) > 0; moved = true) {
                    feed(client, wire, bytes);
                }
            }
            quiet = moved ? 0 : quiet + 1;
            now += 100 * MILLI;
            for (int client = 0; client < CLIENTS; client++) {
                ends.clients.get(client).onDeadline(now);
            }
            ends.endpoint.onDeadline(now);
        }
    }

    private void feed(int client, MemorySegment datagram, long bytes) {
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000002, 5000 + client, 0x0a000001, 443);
        header.set(ValueLayout.JAVA_BYTE, DatagramHeader.ECN, (byte) DatagramHeader.NOT_ECT);
        ends.endpoint.feed(datagram, 0, bytes, header, 0, now);
    }

    private boolean drain() {
        boolean moved = false;
        for (boolean more = true; more;) {
            long bytes = ends.endpoint.pollOutput(wire, 0, QuicConfig.DATAGRAM_BYTES_MAX, header, 0, now);
            more = bytes > 0;
            int client = NetworkPath.remotePort(header, DatagramHeader.PATH) - 5000;
            if (more && client >= CLIENTS) {
                answers++;
            } else if (more) {
                NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, 0x0a000002, 5000 + client);
                header.set(ValueLayout.JAVA_BYTE, DatagramHeader.ECN, (byte) DatagramHeader.NOT_ECT);
                ends.clients.get(client).feed(wire, 0, bytes, header, 0, now);
            }
            for (QuicEvent event; (event = ends.endpoint.pollEvent()) != null; more = true) {
                if (event == QuicEvent.STREAMS) {
                    echo(ends.endpoint.connection(ends.endpoint.number()));
                }
            }
            moved |= more;
        }
        return moved;
    }

    private static void echo(QuicConnection connection) {
        for (long stream; (stream = connection.pollReady()) != StreamTransport.NONE;) {
            connection.write(stream, connection.inputSegment(stream), connection.inputAt(stream), connection.inputLength(stream));
            connection.consume(stream, connection.inputLength(stream));
            if (connection.isInputEnded(stream)) {
                connection.finish(stream);
                connection.release(stream);
            }
        }
    }

    @Override
    public void close() {
        ends.close();
        arena.close();
    }
}
