package dev.coffer.jsse.jetty;

import dev.coffer.jsse.CofferJsseProvider;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.alpn.server.ALPNServerConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.ALPNProcessor;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.jspecify.annotations.Nullable;

/// How a Jetty server agrees on HTTP/2 over engines of ours: Jetty asks for one of these by each provider's engines, and finds this one by the service loader.
/// Without Jetty nobody loads it. Any thread.
public final class JettyServerAlpn implements ALPNProcessor.Server {
    /// For the service loader.
    public JettyServerAlpn() {}

    @Override
    public boolean appliesTo(SSLEngine engine) {
        return engine.getClass().getPackageName().equals(CofferJsseProvider.class.getPackageName());
    }

    @Override
    public void configure(SSLEngine engine, Connection connection) {
        ALPNServerConnection alpn = (ALPNServerConnection) connection;
        engine.setHandshakeApplicationProtocolSelector((asked, offered) -> select(alpn, offered));
        ((SslEndPoint) alpn.getEndPoint()).getSslConnection().addHandshakeListener(new SslHandshakeListener() {
            @Override
            public void handshakeSucceeded(Event event) {
                if (alpn.getProtocol() == null) {
                    alpn.unsupported();  // the client knows nothing of it
                }
            }
        });
    }

    /// {@return what Jetty takes; null where it takes none, which refuses the client}
    private static @Nullable String select(ALPNServerConnection alpn, List<String> offered) {
        try {
            alpn.select(offered);
            return alpn.getProtocol();
        } catch (IllegalStateException none) {
            return null;
        }
    }
}
