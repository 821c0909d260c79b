package dev.coffer.jsse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import javax.net.ssl.HandshakeCompletedEvent;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// An `SSLSocket`: a [TlsEngine] whose records go through a socket below, in the caller's thread ([Traffic]). The socket below is one of its own, or one that
/// was there before, as behind a proxy or a STARTTLS. The handshake is done by the first call that needs it.
///
/// Its halves close apart: `shutdownOutput` says close_notify and leaves the other half, as TLS 1.3 has it; `close` ends both. Any thread: one may read
/// while another writes and a third closes.
final class TlsSocket extends WireSocket {
    private final TlsEngine engine;
    private final Traffic traffic;
    private final boolean layered;     // over a socket that was there before
    private final boolean autoClose;   // it is closed with this
    private final List<HandshakeCompletedListener> listeners = new CopyOnWriteArrayList<>();
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private volatile @Nullable BiFunction<SSLSocket, List<String>, String> selector;
    private volatile boolean inputShut;

    /// @param wire    the socket below, nobody else's
    /// @param host    that it leads to; null until it is connected
    /// @param client  which side this is, until it is told another
    TlsSocket(TlsContextSpi context, Socket wire, @Nullable String host, int port, boolean client) {
        this(context, wire, host, port, client, false, true, InputStream.nullInputStream());
    }

    private TlsSocket(TlsContextSpi context, Socket wire, @Nullable String host, int port, boolean client, boolean layered, boolean autoClose,
            InputStream before) {
        super(wire);
        this.engine = new TlsEngine(context, host, port, this);
        this.traffic = new Traffic(engine, wire, before);
        this.layered = layered;
        this.autoClose = autoClose;
        engine.setUseClientMode(client);
    }

    /// {@return one over a socket that was there before}
    ///
    /// @param before  what was read off it already
    /// @throws SocketException  it is not connected (caller's fault)
    static TlsSocket over(TlsContextSpi context, Socket wire, @Nullable String host, int port, boolean client, boolean autoClose, InputStream before)
            throws SocketException {
        if (!wire.isConnected()) {
            throw new SocketException("Underlying socket is not connected");
        }
        return new TlsSocket(context, wire, host, port, client, true, autoClose, before);
    }

    TlsEngine engine() {
        return engine;
    }

    // ---- the socket

    @Override
    public void connect(SocketAddress to) throws IOException {
        connect(to, 0);
    }

    @Override
    public void connect(SocketAddress to, int millis) throws IOException {
        if (layered) {
            throw new SocketException("Already connected");
        }
        if (!(to instanceof InetSocketAddress address)) {
            throw new SocketException("Cannot handle non-Inet socket addresses.");
        }
        wire.connect(to, millis);
        if (engine.host() == null) {
            engine.leadsTo(address.getHostString(), address.getPort());
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        checkStream();
        if (isInputShutdown()) {
            throw new SocketException("Socket input is already shutdown");
        }
        return input;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        checkStream();
        if (isOutputShutdown()) {
            throw new SocketException("Socket output is already shutdown");
        }
        return output;
    }

    private void checkStream() throws SocketException {
        if (isClosed()) {
            throw new SocketException("Socket is closed");
        }
        if (!isConnected()) {
            throw new SocketException("Socket is not connected");
        }
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int from, int length) throws IOException {
            shake();
            return inputShut ? -1 : traffic.read(to, from, length);
        }

        @Override
        public int available() throws IOException {
            return traffic.available();
        }

        @Override
        public void close() throws IOException {
            TlsSocket.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] from, int at, int length) throws IOException {
            shake();
            traffic.write(from, at, length);
        }

        @Override
        public void close() throws IOException {
            TlsSocket.this.close();
        }
    }

    // ---- the handshake

    @Override
    public void startHandshake() throws IOException {
        checkStream();
        if (!shake()) {
            traffic.updateKey();
        }
    }

    /// {@return whether a handshake was done now}
    private boolean shake() throws IOException {
        boolean done;
        try {
            done = traffic.handshake();
        } catch (javax.net.ssl.SSLException failed) {
            closeWire();
            throw failed;
        }
        if (done && !listeners.isEmpty()) {
            HandshakeCompletedEvent event = new HandshakeCompletedEvent(this, engine.getSession());
            List<HandshakeCompletedListener> told = List.copyOf(listeners);
            Thread.ofPlatform().daemon().name("coffer-jsse-handshake").start(() -> told.forEach(each -> each.handshakeCompleted(event)));
        }
        return done;
    }

    private void closeWire() {
        if (autoClose) {
            try {
                wire.close();
            } catch (IOException e) {
                // it is of no use any more
            }
        }
    }

    @Override
    public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
        if (listener == null) {
            throw new IllegalArgumentException("listener is null");
        }
        listeners.add(listener);
    }

    @Override
    public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
        if (listener == null || !listeners.remove(listener)) {
            throw new IllegalArgumentException("no listener of this socket");
        }
    }

    /// {@return the session, after a handshake if there was none yet; one that is not valid where that fails}
    @Override
    public SSLSession getSession() {
        try {
            if (isConnected() && !isClosed()) {
                shake();
            }
        } catch (IOException failed) {
            // the session says so by not being valid
        }
        return engine.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return engine.getHandshakeSession();
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return engine.getApplicationProtocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return engine.getHandshakeApplicationProtocol();
    }

    @Override
    public void setHandshakeApplicationProtocolSelector(@Nullable BiFunction<SSLSocket, List<String>, String> of) {
        selector = of;
        engine.setHandshakeApplicationProtocolSelector(of == null ? null : (ignored, offered) -> of.apply(this, offered));
    }

    @Override
    public @Nullable BiFunction<SSLSocket, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return selector;
    }

    // ---- ends

    @Override
    public boolean isClosed() {
        return traffic.isClosed() || wire.isClosed();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut || wire.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return traffic.isOutputEnded() || wire.isOutputShutdown();
    }

    @Override
    public void shutdownOutput() throws IOException {
        checkStream();
        if (isOutputShutdown()) {
            return;
        }
        traffic.endOutput();
        if (!layered) {
            wire.shutdownOutput();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        checkStream();
        if (isInputShutdown()) {
            return;
        }
        inputShut = true;
        try {
            traffic.endInput();
        } finally {
            if (!layered) {
                wire.shutdownInput();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (traffic.close(!autoClose)) {
            if (autoClose) {
                wire.close();
            }
            traffic.forget();
        }
    }

    // ---- what the engine is told

    @Override
    public String[] getSupportedCipherSuites() {
        return engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return engine.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        engine.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return engine.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        engine.setEnabledProtocols(protocols);
    }

    @Override
    public void setUseClientMode(boolean mode) {
        engine.setUseClientMode(mode);
    }

    @Override
    public boolean getUseClientMode() {
        return engine.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        engine.setNeedClientAuth(need);
    }

    @Override
    public boolean getNeedClientAuth() {
        return engine.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        engine.setWantClientAuth(want);
    }

    @Override
    public boolean getWantClientAuth() {
        return engine.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        engine.setEnableSessionCreation(flag);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return engine.getEnableSessionCreation();
    }

    @Override
    public SSLParameters getSSLParameters() {
        return engine.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        engine.setSSLParameters(parameters);
    }

    @Override
    public String toString() {
        return "TlsSocket[" + wire + ", " + engine.getSession() + "]";
    }
}
