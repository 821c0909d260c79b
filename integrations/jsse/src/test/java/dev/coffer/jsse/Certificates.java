package dev.coffer.jsse;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Keys of the JDK's with certificates of one authority, made with Bouncy Castle; contexts of both providers over them.
final class Certificates {
    static final char[] PASSWORD = "changeit".toCharArray();
    static final CofferJsseProvider COFFER = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(128));
    private static final Map<List<String>, KeyManager[]> KEYS = new ConcurrentHashMap<>();
    private static final KeyPair AUTHORITY = pair("EC");
    private static final X509Certificate ROOT = certificate(AUTHORITY, null, "CN=authority", 0);

    /// Which provider a context is of.
    enum Side {
        OURS, JDK;

        SSLContext context(KeyManager[] keys, TrustManager[] trust) throws Exception {
            SSLContext context = this == OURS ? SSLContext.getInstance("TLSv1.3", COFFER) : SSLContext.getInstance("TLSv1.3", "SunJSSE");
            context.init(keys, trust, null);
            return context;
        }

        SSLContext server(String... algorithms) throws Exception {
            return context(keys(algorithms), trust());
        }

        SSLContext client() throws Exception {
            return context(null, trust());
        }
    }

    private Certificates() {}

    static KeyPair pair(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static X509Certificate root() {
        return ROOT;
    }

    /// {@return a certificate of the authority's for a key}
    static X509Certificate certificate(KeyPair of, String name, String subject, int daysAgo) {
        try {
            Instant now = Instant.now().minus(daysAgo, ChronoUnit.DAYS);
            var builder = new JcaX509v3CertificateBuilder(new X500Name("CN=authority"), BigInteger.valueOf(System.nanoTime()),
                    Date.from(now.minus(1, ChronoUnit.DAYS)), Date.from(now.plus(30, ChronoUnit.DAYS)), new X500Name(subject), of.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(name == null));
            if (name != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                        new GeneralName(GeneralName.dNSName, name), new GeneralName(GeneralName.iPAddress, "127.0.0.1")}));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(AUTHORITY.getPrivate())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// {@return a key manager with one key of each algorithm, for `localhost`: the same each time}
    static KeyManager[] keys(String... algorithms) throws Exception {
        KeyManager[] found = KEYS.get(List.of(algorithms));
        if (found == null) {
            found = freshKeys(algorithms);
            KEYS.put(List.of(algorithms), found);
        }
        return found;
    }

    private static KeyManager[] freshKeys(String... algorithms) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (String algorithm : algorithms) {
            KeyPair pair = pair(algorithm);
            add(store, algorithm, pair.getPrivate(), certificate(pair, "localhost", "CN=" + algorithm, 0));
        }
        return keys(store);
    }

    static void add(KeyStore store, String alias, PrivateKey key, X509Certificate certificate) throws Exception {
        store.setKeyEntry(alias, key, PASSWORD, new X509Certificate[] {certificate, ROOT});
    }

    static KeyManager[] keys(KeyStore store) throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, PASSWORD);
        return factory.getKeyManagers();
    }

    static TrustManager[] trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", ROOT);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }
}
