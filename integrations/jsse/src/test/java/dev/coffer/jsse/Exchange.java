package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/// Two engines and the bytes between them, driven as a program would, in one thread.
final class Exchange {
    private static final int STEPS_MAX = 2000;

    final SSLEngine client;
    final SSLEngine server;
    final ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
    final ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
    final ByteBuffer heardByServer = ByteBuffer.allocate(1 << 17);
    final ByteBuffer heardByClient = ByteBuffer.allocate(1 << 17);
    final List<String> log = new ArrayList<>();
    boolean byTheByte;  // a record is shown as it grows
    int finishedByClient;
    int finishedByServer;

    Exchange(SSLEngine client, SSLEngine server) {
        this.client = client;
        this.server = server;
        client.setUseClientMode(true);
        server.setUseClientMode(false);
    }

    /// Turns until both have nothing to do.
    void handshake() throws SSLException {
        client.beginHandshake();
        server.beginHandshake();
        settle();
    }

    void settle() throws SSLException {
        for (int i = 0; i < STEPS_MAX; i++) {
            boolean moved = turn(true);
            moved |= turn(false);
            if (!moved) {
                return;
            }
        }
        throw new AssertionError("no end: " + log.subList(Math.max(0, log.size() - 20), log.size()));
    }

    /// One side does what it has to.
    boolean turn(boolean clients) throws SSLException {
        SSLEngine engine = clients ? client : server;
        ByteBuffer out = clients ? toServer : toClient;
        ByteBuffer in = clients ? toClient : toServer;
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                engine.getDelegatedTask().run();
                return true;
            }
            case NEED_WRAP -> {
                note(clients, "wrap", engine.wrap(ByteBuffer.allocate(0), out));
                return true;
            }
            default -> {
                if (in.position() == 0 || engine.isInboundDone()) {
                    return false;
                }
                in.flip();
                SSLEngineResult result;
                try {
                    if (byTheByte) {
                        show(engine, in);
                    }
                    result = engine.unwrap(in, clients ? heardByClient : heardByServer);
                } finally {
                    in.compact();
                }
                note(clients, "unwrap", result);
                return result.bytesConsumed() > 0 || result.getStatus() == SSLEngineResult.Status.OK
                        && result.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP;
            }
        }
    }

    private static void show(SSLEngine engine, ByteBuffer in) throws SSLException {
        int end = in.limit();
        int whole = 5 + Short.toUnsignedInt(in.getShort(in.position() + 3));
        for (int shown = 0; shown < whole; shown++) {
            SSLEngineResult result = engine.unwrap(in.limit(in.position() + shown), ByteBuffer.allocate(20_000));
            assertEquals(SSLEngineResult.Status.BUFFER_UNDERFLOW, result.getStatus(), shown + " bytes of " + whole);
            assertEquals(0, result.bytesConsumed() + result.bytesProduced());
        }
        in.limit(end);
    }

    private void note(boolean clients, String what, SSLEngineResult result) {
        log.add((clients ? "client " : "server ") + what + " " + result.getStatus() + " " + result.getHandshakeStatus() + " "
                + result.bytesConsumed() + "/" + result.bytesProduced());
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            finishedByClient += clients ? 1 : 0;
            finishedByServer += clients ? 0 : 1;
        }
    }

    /// Says something; the other side hears it at its next turns.
    void say(boolean clients, byte[] what) throws SSLException {
        ByteBuffer source = ByteBuffer.wrap(what);
        while (source.hasRemaining()) {
            note(clients, "say", (clients ? client : server).wrap(source, clients ? toServer : toClient));
            settle();
        }
    }

    static byte[] taken(ByteBuffer heard) {
        byte[] bytes = new byte[heard.flip().remaining()];
        heard.get(bytes);
        heard.clear();
        return bytes;
    }
}
