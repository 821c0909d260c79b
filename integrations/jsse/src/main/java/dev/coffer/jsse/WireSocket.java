package dev.coffer.jsse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// What a socket of TLS is told and asked that is the business of the socket below it. Any thread.
abstract sealed class WireSocket extends SSLSocket permits TlsSocket {
    private static final String NOT_HERE = "This method is not supported by SSLSockets";

    final Socket wire;

    /// @param wire  the socket below, connected or not
    WireSocket(Socket wire) {
        this.wire = wire;
    }

    @Override
    public void bind(@Nullable SocketAddress to) throws IOException {
        wire.bind(to);
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return wire.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return wire.getLocalAddress();
    }

    @Override
    public int getPort() {
        return wire.getPort();
    }

    @Override
    public int getLocalPort() {
        return wire.getLocalPort();
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return wire.getRemoteSocketAddress();
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return wire.getLocalSocketAddress();
    }

    /// {@return null: who wrote to a channel would write past TLS}
    @Override
    public @Nullable SocketChannel getChannel() {
        return null;
    }

    @Override
    public boolean isConnected() {
        return wire.isConnected();
    }

    @Override
    public boolean isBound() {
        return wire.isBound();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        wire.setTcpNoDelay(on);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return wire.getTcpNoDelay();
    }

    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        wire.setSoLinger(on, seconds);
    }

    @Override
    public int getSoLinger() throws SocketException {
        return wire.getSoLinger();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        wire.setSoTimeout(millis);
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return wire.getSoTimeout();
    }

    @Override
    public void setSendBufferSize(int bytes) throws SocketException {
        wire.setSendBufferSize(bytes);
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return wire.getSendBufferSize();
    }

    @Override
    public void setReceiveBufferSize(int bytes) throws SocketException {
        wire.setReceiveBufferSize(bytes);
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return wire.getReceiveBufferSize();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        wire.setKeepAlive(on);
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return wire.getKeepAlive();
    }

    @Override
    public void setTrafficClass(int of) throws SocketException {
        wire.setTrafficClass(of);
    }

    @Override
    public int getTrafficClass() throws SocketException {
        return wire.getTrafficClass();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        wire.setReuseAddress(on);
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        return wire.getReuseAddress();
    }

    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        wire.setPerformancePreferences(connectionTime, latency, bandwidth);
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
        wire.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return wire.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return new HashSet<>(wire.supportedOptions());
    }

    /// @throws SocketException  always: urgent data goes past TLS (caller's fault)
    @Override
    public void sendUrgentData(int data) throws SocketException {
        throw new SocketException(NOT_HERE);
    }

    /// @throws SocketException  always, as of [#sendUrgentData]
    @Override
    public void setOOBInline(boolean on) throws SocketException {
        throw new SocketException(NOT_HERE);
    }

    /// @throws SocketException  always, as of [#sendUrgentData]
    @Override
    public boolean getOOBInline() throws SocketException {
        throw new SocketException(NOT_HERE);
    }
}
