package dev.coffer.server.tls;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A key of ours with a certificate that it signs itself, and clients of the JDK's that trust it.
public record Certified(ServerIdentity identity, SSLContext trusting) {
    public static Certified make(KeyAlgorithm algorithm, String name) throws Exception {
        MemorySegment work = Arena.ofAuto().allocate(algorithm.workspaceBytes());
        Secret secret = Secret.of(Arena.ofAuto().allocate(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes());
        KeyPair pair = KeyPair.generate(algorithm, secret, Entropy.SYSTEM, work, 0);
        X509Certificate certificate = certificate(pair, name);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("server", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return new Certified(ServerIdentity.of(List.of(certificate), pair), context);
    }

    /// {@return TLS with which handshakes and records may take as long as a busy machine makes them}
    public static TlsServerConfig patient() {
        return TlsServerConfig.defaults().withNanosMax(Eventually.MILLIS * 1_000_000L, Eventually.MILLIS * 1_000_000L);
    }

    private static X509Certificate certificate(KeyPair pair, String host) throws Exception {
        String name = pair.algorithm() == KeyAlgorithm.P256 ? "EC" : "Ed25519";
        MemorySegment room = Arena.ofAuto().allocate(4096);
        byte[] pkcs8 = room.asSlice(0, pair.encode(room, 0)).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment point = Arena.ofAuto().allocate(pair.algorithm().publicKeyBytes());
        byte[] spki = room.asSlice(0, pair.publicKey(point, 0).encode(room, 0)).toArray(ValueLayout.JAVA_BYTE);
        PrivateKey key = KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        Instant now = Instant.now();
        X500Name subject = new X500Name("CN=" + host);
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(subject, BigInteger.valueOf(System.nanoTime()),
                Date.from(now.minus(1, ChronoUnit.DAYS)), Date.from(now.plus(30, ChronoUnit.DAYS)), subject,
                SubjectPublicKeyInfo.getInstance(spki));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        return new JcaX509CertificateConverter().getCertificate(
                builder.build(new JcaContentSignerBuilder(name.equals("EC") ? "SHA256withECDSA" : name).build(key)));
    }

    /// {@return a connection whose handshake is done}
    SSLSocket connect(InetSocketAddress address) throws Exception {
        SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket();
        socket.setSoTimeout(Eventually.MILLIS);
        socket.connect(address, 20_000);
        socket.startHandshake();
        return socket;
    }
}
