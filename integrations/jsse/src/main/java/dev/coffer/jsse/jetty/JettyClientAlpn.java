package dev.coffer.jsse.jetty;

import dev.coffer.jsse.CofferJsseProvider;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.eclipse.jetty.alpn.client.ALPNClientConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.ALPNProcessor;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;

/// How a Jetty client agrees on HTTP/2 over engines of ours, as [JettyServerAlpn] for a server.
public final class JettyClientAlpn implements ALPNProcessor.Client {
    /// For the service loader.
    public JettyClientAlpn() {}

    @Override
    public boolean appliesTo(SSLEngine engine) {
        return engine.getClass().getPackageName().equals(CofferJsseProvider.class.getPackageName());
    }

    @Override
    public void configure(SSLEngine engine, Connection connection) {
        ALPNClientConnection alpn = (ALPNClientConnection) connection;
        SSLParameters asks = engine.getSSLParameters();
        asks.setApplicationProtocols(alpn.getProtocols().toArray(String[]::new));
        engine.setSSLParameters(asks);
        ((SslEndPoint) alpn.getEndPoint()).getSslConnection().addHandshakeListener(new SslHandshakeListener() {
            @Override
            public void handshakeSucceeded(Event event) {
                String agreed = engine.getApplicationProtocol();
                alpn.selected(agreed == null || agreed.isEmpty() ? null : agreed);
            }
        });
    }
}
