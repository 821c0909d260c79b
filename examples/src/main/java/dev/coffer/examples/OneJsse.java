package dev.coffer.examples;

import dev.coffer.jsse.CofferJsseConfig;
import dev.coffer.jsse.CofferJsseProvider;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/// A client's first words by an engine of `SSLContext`, as Netty or the JDK's HttpClient would have them sent.
public final class OneJsse {
    private OneJsse() {}

    public static void main(String[] arguments) throws GeneralSecurityException, SSLException {
        try (var provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(16))) {    // 1.3 MiB, locked
            SSLContext context = SSLContext.getInstance("TLSv1.3", provider);     // the one line
            context.init(null, null, null);                                       // trusts whom the JDK trusts
            SSLEngine engine = context.createSSLEngine("example.org", 443);
            engine.setUseClientMode(true);
            ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            SSLEngineResult said = engine.wrap(ByteBuffer.allocate(0), hello);
            System.out.println(said.getHandshakeStatus() + " after " + said.bytesProduced() + " bytes, a share of ML-KEM-768 among them");
            System.out.println("offered: " + String.join(", ", engine.getSSLParameters().getNamedGroups()));
        }
    }
}
