package dev.coffer.jsse;

import dev.coffer.testkit.Refusals.Opening;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// A provider with its memory, and an engine that has said hello: what [ProviderOpensTest] refuses. Loaded by a loader that puts the steps in.
public final class ProviderOpenings {
    private static final X509ExtendedTrustManager NOBODY = new X509ExtendedTrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };

    private ProviderOpenings() {}

    /// {@return it}
    public static Opening all() {
        return new Opening("jsse.CofferJsseProvider.new", () -> {
            CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4));
            boolean whole = false;
            try {
                SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
                context.init(null, new TrustManager[] {NOBODY}, null);
                SSLEngine engine = context.createSSLEngine("localhost", 443);
                engine.setUseClientMode(true);
                engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000));
                whole = true;
                return provider;
            } finally {
                if (!whole) {
                    provider.close();
                }
            }
        });
    }
}
