package dev.coffer.jsse;

import javax.net.ssl.SSLException;

/// What an engine delegates: one record of a handshake, with all that follows from it. Any thread may run it, once; what it throws the engine throws next.
final class HandshakeTask implements Runnable {
    private final TlsEngine engine;
    private final byte[] record;
    private boolean taken;  // by who will run it; under the engine's lock

    HandshakeTask(TlsEngine engine, byte[] record) {
        this.engine = engine;
        this.record = record;
    }

    /// {@return whether nobody has taken it before; under the engine's lock}
    boolean take() {
        boolean first = !taken;
        taken = true;
        return first;
    }

    @Override
    public void run() {
        if (!engine.isDue(this)) {
            return;  // it has run
        }
        Throwable thrown = null;
        Link made = null;
        try {
            made = engine.take(record);
        } catch (SSLException | RuntimeException | Error e) {
            thrown = e;
        }
        engine.end(made, thrown);
        if (thrown instanceof Error error) {
            throw error;
        }
    }
}
