package dev.coffer.tls;

import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/// One connection of ours and the JDK's engine as its client, without a network between: what one side writes is cut at random and given to
/// the other.
final class Wired {
    private static final long NOW = 1_000;

    final Engine<?> server;
    final SSLEngine client;
    private final SplittableRandom random;
    private final MemorySegment input = Arena.ofAuto().allocate(1 << 16);
    private final MemorySegment output = Arena.ofAuto().allocate(1 << 16);
    private final ByteBuffer fromServer = ByteBuffer.allocate(1 << 20).flip();
    private final ByteArrayOutputStream toServer = new ByteArrayOutputStream();
    private final ByteBuffer plain = ByteBuffer.allocate(1 << 16);
    final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    byte[] toSend = {};
    boolean closeAfter;

    Wired(Engine<?> server, SSLEngine client, long seed) {
        this.server = server;
        this.client = client;
        this.random = new SplittableRandom(seed);
        server.reset(NOW);
    }

    /// Goes on until nothing moves.
    void run() throws SSLException {
        boolean moved = true;
        while (moved) {
            moved = clientTurn() | serverTurn();
        }
    }

    private boolean clientTurn() throws SSLException {
        boolean moved = false;
        while (true) {
            switch (client.getHandshakeStatus()) {
                case NEED_TASK -> {
                    client.getDelegatedTask().run();
                    moved = true;
                    continue;
                }
                case NEED_WRAP -> {
                    if (!wrap()) {
                        return moved;
                    }
                    moved = true;
                    continue;
                }
                default -> {}
            }
            if (unwrap()) {
                moved = true;
                continue;
            }
            boolean shaken = client.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
            if (shaken && toSend.length > 0 && wrap()) {
                moved = true;
                continue;
            }
            if (shaken && closeAfter && toSend.length == 0) {
                closeAfter = false;
                client.closeOutbound();
                moved = true;
                continue;
            }
            return moved;
        }
    }

    private boolean wrap() throws SSLException {
        if (client.isOutboundDone()) {
            return false;
        }
        ByteBuffer record = ByteBuffer.allocate(1 << 16);
        SSLEngineResult result = client.wrap(ByteBuffer.wrap(toSend), record);
        toSend = Arrays.copyOfRange(toSend, result.bytesConsumed(), toSend.length);
        toServer.write(record.array(), 0, record.position());
        return result.bytesProduced() > 0;
    }

    private boolean unwrap() throws SSLException {
        if (!fromServer.hasRemaining() || client.isInboundDone()) {
            return false;
        }
        plain.clear();
        SSLEngineResult result = client.unwrap(fromServer, plain);
        heard.write(plain.array(), 0, plain.position());
        return result.bytesConsumed() > 0;
    }

    private boolean serverTurn() {
        byte[] pending = toServer.toByteArray();
        toServer.reset();
        int done = 0;
        boolean moved = false;
        while (done < pending.length) {
            long room = Math.min(server.feedRoom(), input.byteSize());
            if (room == 0) {
                if (!drain()) {
                    break;
                }
                moved = true;
                continue;
            }
            int part = (int) Math.min(room, Math.min(pending.length - done, 1 + random.nextInt(random.nextInt(10) == 0 ? 9 : 5000)));
            MemorySegment.copy(pending, done, input, ValueLayout.JAVA_BYTE, 0, part);
            long taken = server.feed(input, 0, part, NOW);
            if (taken < part) {
                throw new AssertionError("room " + room + ", fed " + part + ", taken " + taken);
            }
            input.asSlice(0, part).fill((byte) 0x5a);  // it was borrowed
            done += part;
            moved = true;
            drain();
        }
        toServer.write(pending, done, pending.length - done);
        return moved | drain();
    }

    private boolean drain() {
        boolean moved = false;
        boolean more = true;
        while (more) {
            more = false;
            long room = server.outputBytesMin() + random.nextInt(30_000);
            long wrote = server.pollOutput(output, 7, room, NOW);
            if (wrote > 0) {
                byte[] bytes = output.asSlice(7, wrote).toArray(ValueLayout.JAVA_BYTE);
                fromServer.compact().put(bytes).flip();
                more = true;
            }
            while (server.pollEvent() != null) {
                more = true;
            }
            moved |= more;
        }
        return moved;
    }
}
