package dev.coffer.quic;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.SteadyPath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A connection that stands: a stream there and back, one datagram of it lost and said again after a probe, every eighth time a key update.
final class ConnectionSteadyPath implements SteadyPath {
    private static final long MILLI = 1_000_000;
    private static final int QUIET = 3;

    private final Ends ends = new Ends(QuicConfig.tight(), QuicConfig.tight(), Ends.tls());
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment wire = arena.allocate(2048);
    private final MemorySegment header = arena.allocate(DatagramHeader.BYTES);
    private final MemorySegment path = arena.allocate(NetworkPath.BYTES);
    private final MemorySegment said = arena.allocate(100);
    private long now = 1000 * MILLI;
    private int runs;
    private boolean loses;

    @Override
    public int operations() {
        return 144;
    }

    @Override
    public void run() {
        if (runs++ == 0) {
            NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000);
            ends.server.reset(now);
            ends.client.reset(now);
            expect(ends.client.connect("coffer.test", Version.V1, path, 0, now));
            converse();
            expect(ends.client.pollEvent() == QuicEvent.CONNECTED);
        }
        if (runs % 8 == 0) {
            expect(ends.client.updateKeys());
        }
        long stream = ends.client.open(true);
        expect(stream != StreamTransport.NONE);
        ends.client.write(stream, said, 0, said.byteSize());
        ends.client.finish(stream);
        loses = true;
        converse();
        expect(!loses && ends.server.pollReady() == stream);
        ends.server.write(stream, ends.server.inputSegment(stream), ends.server.inputAt(stream), ends.server.inputLength(stream));
        ends.server.consume(stream, ends.server.inputLength(stream));
        expect(ends.server.isInputEnded(stream));
        ends.server.finish(stream);
        ends.server.release(stream);
        converse();
        expect(ends.client.pollReady() == stream && ends.client.inputLength(stream) == said.byteSize());
        ends.client.consume(stream, said.byteSize());
        expect(ends.client.isInputEnded(stream));
        ends.client.release(stream);
        converse();
        expect(ends.held() == 0);
    }

    private static void expect(boolean right) {
        if (!right) {
            throw new AssertionError("not as the first time");
        }
    }

    private void converse() {
        for (int quiet = 0; quiet < QUIET;) {
            boolean moved = carry(ends.client, ends.server) | carry(ends.server, ends.client);
            quiet = moved ? 0 : quiet + 1;
            now += 200 * MILLI;
            ends.client.onDeadline(now);
            ends.server.onDeadline(now);
        }
    }

    private boolean carry(QuicConnection from, QuicConnection to) {
        boolean moved = false;
        for (long bytes; (bytes = from.pollOutput(wire, 0, QuicConfig.DATAGRAM_BYTES_MAX, header, 0, now)) > 0; moved = true) {
            if (loses) {
                loses = false;
                continue;
            }
            NetworkPath.copy(path, 0, header, DatagramHeader.PATH);
            header.set(ValueLayout.JAVA_BYTE, DatagramHeader.ECN, (byte) DatagramHeader.ECT_0);
            to.feed(wire, 0, bytes, header, 0, now);
        }
        return moved;
    }

    @Override
    public void close() {
        ends.close();
        arena.close();
    }
}
