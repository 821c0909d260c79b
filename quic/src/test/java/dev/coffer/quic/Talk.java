package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.Version;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A client and a server datagram by datagram, each from and to an address, with a clock of our own.
abstract class Talk {
    static final long MILLI = 1_000_000;
    private static final int NUMBER_BYTES = 4;

    /// A datagram, and which port and address of the other side it was sent to.
    record Datagram(byte[] bytes, int port, int host) {}

    final Ends ends;
    final MemorySegment wire = Arena.ofAuto().allocate(1 << 16);
    final MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
    final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
    long now = 1000 * MILLI;

    Talk(QuicConfig config) {
        this(config, Ends.tls());
    }

    Talk(QuicConfig config, TlsServerConfig tls) {
        ends = new Ends(config, config, tls);
    }

    @BeforeEach
    void begin() {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000);
        ends.server.reset(now);
        ends.client.reset(now);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
    }

    @AfterEach
    void end() {
        ends.server.reset(now);
        ends.client.reset(now);
        assertEquals(0, ends.held());
        ends.close();
    }

    List<Datagram> all(QuicConnection from) {
        List<Datagram> all = new ArrayList<>();
        for (long bytes; (bytes = from.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            int host = header.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN), NetworkPath.REMOTE + 12);
            all.add(new Datagram(wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), NetworkPath.remotePort(header, 0), host));
        }
        return all;
    }

    /// Feeds a datagram that comes from there.
    void feed(QuicConnection to, byte[] datagram, int host, int port) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
        NetworkPath.ipv4(header, DatagramHeader.PATH, host, port, to == ends.client ? 0x0a000002 : 0x0a000001, to == ends.client ? 5000 : 443);
        to.feed(wire, 0, datagram.length, header, 0, now);
    }

    /// Carries what one side has to say; the client's comes from there.
    boolean carry(QuicConnection from, int host, int port) {
        List<Datagram> all = all(from);
        for (Datagram each : all) {
            if (from == ends.client) {
                feed(ends.server, each.bytes, host, port);
            } else {
                feed(ends.client, each.bytes, 0x0a000001, 443);
            }
        }
        return !all.isEmpty();
    }

    /// Both say all that they have, the client from there.
    void converse(int host, int port) {
        for (int quiet = 0; quiet < 3;) {
            quiet = carry(ends.client, host, port) | carry(ends.server, 0, 0) ? 0 : quiet + 1;
            now += 30 * MILLI;
            ends.client.onDeadline(now);
            ends.server.onDeadline(now);
        }
    }

    void converse() {
        converse(0x0a000002, 5000);
    }

    /// {@return a packet of 1-RTT with such frames, as one side would seal it}
    byte[] packet(QuicConnection from, byte... frames) {
        Connection c = from.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.use(c.memory, c.spaceAt(PacketSpace.APPLICATION));
        long numberAt = PacketWriter.shortHeader(out, 0, c.memory, c.peerIdAt(), number, NUMBER_BYTES, false);
        MemorySegment.copy(frames, 0, out, ValueLayout.JAVA_BYTE, numberAt + NUMBER_BYTES, frames.length);
        long end = c.sealing(PacketSpace.APPLICATION).seal(out, 0, numberAt, number, numberAt + NUMBER_BYTES + frames.length);
        return out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    }
}
