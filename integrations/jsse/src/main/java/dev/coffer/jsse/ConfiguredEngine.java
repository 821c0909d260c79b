package dev.coffer.jsse;

import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// What an engine is told to do: the half of `SSLEngine` that sets and answers. Any thread; under one lock with the other half.
abstract sealed class ConfiguredEngine extends SSLEngine permits CheckedEngine {
    final ReentrantLock lock = new ReentrantLock();
    final Settings settings = new Settings();
    private @Nullable Boolean client;  // null until it is said

    ConfiguredEngine(@Nullable String host, int port) {
        super(host, port);
    }

    /// {@return whether a handshake has begun}
    abstract boolean hasBegun();

    /// @throws IllegalStateException  nobody has said which side this is (caller's fault)
    final void checkMode() {
        if (client == null) {
            throw new IllegalStateException("Client/Server mode has not yet been set.");
        }
    }

    final boolean isClient() {
        return client != null && client;
    }

    final <T extends @Nullable Object> T locked(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);  // nothing of it comes back while it is at work
        }
    }

    final void lockedRun(Runnable what) {
        lock.lock();
        try {
            what.run();
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final void setUseClientMode(boolean mode) {
        lockedRun(() -> {
            if (hasBegun() && isClient() != mode) {
                throw new IllegalArgumentException("Cannot change mode after SSL traffic has started");
            }
            client = mode;
        });
    }

    @Override
    public final boolean getUseClientMode() {
        return locked(this::isClient);
    }

    @Override
    public final String[] getSupportedCipherSuites() {
        return Names.suites();
    }

    @Override
    public final String[] getEnabledCipherSuites() {
        return locked(() -> settings.parameters().getCipherSuites());
    }

    @Override
    public final void setEnabledCipherSuites(String[] suites) {
        String[] given = Names.given(suites, "cipher suites");
        lockedRun(() -> settings.suites(given));
    }

    @Override
    public final String[] getSupportedProtocols() {
        return new String[] {Names.PROTOCOL};
    }

    @Override
    public final String[] getEnabledProtocols() {
        return locked(() -> settings.parameters().getProtocols());
    }

    @Override
    public final void setEnabledProtocols(String[] protocols) {
        String[] given = Names.given(protocols, "protocols");
        lockedRun(() -> settings.protocols(given));
    }

    @Override
    public final void setNeedClientAuth(boolean need) {
        lockedRun(() -> settings.needClientAuth(need));
    }

    @Override
    public final boolean getNeedClientAuth() {
        return locked(() -> settings.parameters().getNeedClientAuth());
    }

    @Override
    public final void setWantClientAuth(boolean want) {
        lockedRun(() -> settings.wantClientAuth(want));
    }

    @Override
    public final boolean getWantClientAuth() {
        return locked(() -> settings.parameters().getWantClientAuth());
    }

    @Override
    public final void setEnableSessionCreation(boolean flag) {
        lockedRun(() -> settings.createsSessions(flag));
    }

    @Override
    public final boolean getEnableSessionCreation() {
        return locked(settings::createsSessions);
    }

    @Override
    public final SSLParameters getSSLParameters() {
        return locked(settings::parameters);
    }

    @Override
    public final void setSSLParameters(SSLParameters parameters) {
        lockedRun(() -> settings.take(parameters));
    }

    @Override
    public final void setHandshakeApplicationProtocolSelector(@Nullable BiFunction<SSLEngine, List<String>, String> selector) {
        lockedRun(() -> settings.selector(selector));
    }

    @Override
    public final @Nullable BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return locked(settings::selector);
    }
}
