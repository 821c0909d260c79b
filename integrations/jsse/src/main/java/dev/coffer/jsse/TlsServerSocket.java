package dev.coffer.jsse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/// An `SSLServerSocket`: what it accepts are [TlsSocket]s that are told what it was told, and shake hands when they are first used: accepting waits
/// for no peer. Any thread.
final class TlsServerSocket extends SSLServerSocket {
    private final TlsContextSpi context;
    private final Settings settings = new Settings();  // under this, as all that follows
    private boolean client;

    /// One that is bound later.
    TlsServerSocket(TlsContextSpi context) throws IOException {
        this.context = context;
    }

    TlsServerSocket(TlsContextSpi context, int port, int backlog, @Nullable InetAddress at) throws IOException {
        super(port, backlog, at);
        this.context = context;
    }

    @Override
    public Socket accept() throws IOException {
        Socket wire = new Socket();
        implAccept(wire);
        boolean made = false;
        try {
            Socket accepted = dress(wire);
            made = true;
            return accepted;
        } finally {
            if (!made) {
                wire.close();
            }
        }
    }

    private synchronized Socket dress(Socket wire) {
        TlsSocket made = new TlsSocket(context, wire, wire.getInetAddress().getHostAddress(), wire.getPort(), client);
        made.setSSLParameters(settings.parameters());
        made.setEnableSessionCreation(settings.createsSessions());
        return made;
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return Names.suites();
    }

    @Override
    public synchronized String[] getEnabledCipherSuites() {
        return settings.parameters().getCipherSuites();
    }

    @Override
    public synchronized void setEnabledCipherSuites(String[] suites) {
        settings.suites(Names.given(suites, "cipher suites"));
    }

    @Override
    public String[] getSupportedProtocols() {
        return new String[] {Names.PROTOCOL};
    }

    @Override
    public synchronized String[] getEnabledProtocols() {
        return settings.parameters().getProtocols();
    }

    @Override
    public synchronized void setEnabledProtocols(String[] protocols) {
        settings.protocols(Names.given(protocols, "protocols"));
    }

    @Override
    public synchronized void setNeedClientAuth(boolean need) {
        settings.needClientAuth(need);
    }

    @Override
    public synchronized boolean getNeedClientAuth() {
        return settings.parameters().getNeedClientAuth();
    }

    @Override
    public synchronized void setWantClientAuth(boolean want) {
        settings.wantClientAuth(want);
    }

    @Override
    public synchronized boolean getWantClientAuth() {
        return settings.parameters().getWantClientAuth();
    }

    @Override
    public synchronized void setUseClientMode(boolean mode) {
        client = mode;
    }

    @Override
    public synchronized boolean getUseClientMode() {
        return client;
    }

    @Override
    public synchronized void setEnableSessionCreation(boolean flag) {
        settings.createsSessions(flag);
    }

    @Override
    public synchronized boolean getEnableSessionCreation() {
        return settings.createsSessions();
    }

    @Override
    public synchronized SSLParameters getSSLParameters() {
        return settings.parameters();
    }

    @Override
    public synchronized void setSSLParameters(SSLParameters parameters) {
        settings.take(parameters);
    }
}
