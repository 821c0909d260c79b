package dev.coffer.jsse;

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
