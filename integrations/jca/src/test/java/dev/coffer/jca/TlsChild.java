package dev.coffer.jca;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A process whose first provider is Coffer: the JDK's TLS 1.3 between two engines, for each certificate, group and suite that it is told.
///
/// Arguments: `certificate/group/suite` each. Prints a line for each handshake that ended as it should.
final class TlsChild {
    private TlsChild() {}

    /// A certificate and its key, without a key store, which would ask the key for its encoding.
    private record Identity(PrivateKey key, X509Certificate[] chain) {
        KeyManager manager() {
            return new X509ExtendedKeyManager() {
                @Override
                public String[] getClientAliases(String type, java.security.Principal[] issuers) {
                    return null;
                }

                @Override
                public String chooseClientAlias(String[] types, java.security.Principal[] issuers, java.net.Socket socket) {
                    return null;
                }

                @Override
                public String[] getServerAliases(String type, java.security.Principal[] issuers) {
                    return new String[] {"own"};
                }

                @Override
                public String chooseServerAlias(String type, java.security.Principal[] issuers, java.net.Socket socket) {
                    return "own";
                }

                @Override
                public String chooseEngineServerAlias(String type, java.security.Principal[] issuers, SSLEngine engine) {
                    return type.equals(chain[0].getPublicKey().getAlgorithm()) ? "own" : null;
                }

                @Override
                public X509Certificate[] getCertificateChain(String alias) {
                    return chain;
                }

                @Override
                public PrivateKey getPrivateKey(String alias) {
                    return key;
                }
            };
        }
    }

    public static void main(String[] arguments) throws Exception {
        check(Security.getProviders()[0].getName().equals("Coffer"), "first provider " + Security.getProviders()[0]);
        for (String argument : arguments) {
            String[] parts = argument.split("/");
            SSLSession session = handshake(identity(parts[0]), parts[1], parts[2]);
            check(session.getProtocol().equals("TLSv1.3") && session.getCipherSuite().equals(parts[2]), "session " + session);
            System.out.println("completed " + argument);
        }
        System.out.println("provider " + Security.getProviders()[0].getName() + " done");
    }

    private static Identity identity(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(256);
        }
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500Name("CN=localhost");
        byte[] encoded = new X509v3CertificateBuilder(name, BigInteger.ONE, Date.from(Instant.now().minusSeconds(60)),
                Date.from(Instant.now().plusSeconds(3600)), name, SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()))
                .build(new JcaContentSignerBuilder(algorithm.equals("EC") ? "SHA256withECDSA" : algorithm).build(pair.getPrivate())).getEncoded();
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        check(certificate.getPublicKey() instanceof CofferPublicKey, "the certificate's key is " + certificate.getPublicKey().getClass());
        certificate.verify(certificate.getPublicKey());
        return new Identity(pair.getPrivate(), new X509Certificate[] {certificate});
    }

    private static SSLContext context(KeyManager[] keys, Certificate trusted) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("trusted", trusted);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    private static SSLSession handshake(Identity identity, String group, String suite) throws Exception {
        SSLEngine client = context(null, identity.chain[0]).createSSLEngine();
        SSLEngine server = context(new KeyManager[] {identity.manager()}, identity.chain[0]).createSSLEngine();
        client.setUseClientMode(true);
        server.setUseClientMode(false);
        for (SSLEngine engine : new SSLEngine[] {client, server}) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            parameters.setCipherSuites(new String[] {suite});
            parameters.setNamedGroups(new String[] {group});
            engine.setSSLParameters(parameters);
        }
        Pipe toServer = new Pipe();
        Pipe toClient = new Pipe();
        byte[] question = "question".repeat(3000).getBytes(StandardCharsets.US_ASCII);  // more than a record
        byte[] answer = "answer".getBytes(StandardCharsets.US_ASCII);
        Side asking = new Side(client, toClient, toServer, question);
        Side answering = new Side(server, toServer, toClient, answer);
        for (int steps = 0; (asking.got.position() < answer.length || answering.got.position() < question.length); steps++) {
            check(steps < 1000, "no end of the handshake: " + client.getHandshakeStatus() + ", " + server.getHandshakeStatus());
            asking.step();
            answering.step();
        }
        check(new String(answering.got.array(), 0, question.length, StandardCharsets.US_ASCII).equals(new String(question, StandardCharsets.US_ASCII)), "text");
        return client.getSession();
    }

    /// What one side wrote and the other has not read.
    private static final class Pipe {
        final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 17);
    }

    private static final class Side {
        private final SSLEngine engine;
        private final Pipe in;
        private final Pipe out;
        private final ByteBuffer say;
        private final ByteBuffer got = ByteBuffer.allocate(1 << 17);

        Side(SSLEngine engine, Pipe in, Pipe out, byte[] say) {
            this.engine = engine;
            this.in = in;
            this.out = out;
            this.say = ByteBuffer.wrap(say);
        }

        void step() throws Exception {
            SSLEngineResult wrapped = engine.wrap(say, out.bytes);
            tasks();
            check(wrapped.getStatus() == SSLEngineResult.Status.OK, "wrap " + wrapped);
            in.bytes.flip();
            SSLEngineResult unwrapped = engine.unwrap(in.bytes, got);
            in.bytes.compact();
            tasks();
            check(unwrapped.getStatus() == SSLEngineResult.Status.OK || unwrapped.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW,
                    "unwrap " + unwrapped);
        }

        private void tasks() {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        }
    }

    private static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}
