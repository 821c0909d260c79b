package dev.coffer.cli.certificate;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/// A certificate for localhost with its key, as `serve --tls` makes one.
public final class MadeCertificate {
    private MadeCertificate() {}

    /// Writes both, in the place of what is there.
    public static void write(Path certificate, Path key) throws UnusableKeysException {
        DevelopmentCertificate.make(certificate, key);
    }

    /// Writes both with an RSA key of 2,048 bits, PKCS#8.
    public static void writeRsa(Path certificate, Path key) throws Exception {
        write("RSA", certificate, key, "localhost");
    }

    /// Writes both for those names of hosts, PKCS#8.
    ///
    /// @param algorithm  RSA, of 2,048 bits, or EC, on P-256
    public static void write(String algorithm, Path certificate, Path key, String... names) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
        KeyPair pair = generator.generateKeyPair();
        Instant now = Instant.now();
        X500Name name = new X500Name("CN=" + (names.length == 0 ? "nobody" : names[0]));
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(name, BigInteger.valueOf(System.nanoTime()), Date.from(now.minusSeconds(3600)),
                Date.from(now.plusSeconds(86_400)), name, SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
        if (names.length > 0) {
            builder.addExtension(Extension.subjectAlternativeName, false,
                    new GeneralNames(Stream.of(names).map(each -> new GeneralName(GeneralName.dNSName, each)).toArray(GeneralName[]::new)));
        }
        byte[] der =
                builder.build(new JcaContentSignerBuilder("SHA256with" + (algorithm.equals("EC") ? "ECDSA" : algorithm)).build(pair.getPrivate())).getEncoded();
        Files.writeString(certificate, pem("CERTIFICATE", der));
        Files.writeString(key, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    /// {@return a block of RFC 7468}
    public static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /// Writes a response about a certificate, signed by a key that is nobody's.
    ///
    /// @param seconds  from now on for which it holds
    public static void writeOcsp(Path response, Path about, long seconds, boolean good) throws Exception {
        X509CertificateHolder of = read(about);
        writeOcsp(response, of, of.getSerialNumber(), CertificateID.HASH_SHA1, seconds, good);
    }

    static X509CertificateHolder read(Path certificate) throws Exception {
        try (PEMParser parser = new PEMParser(Files.newBufferedReader(certificate))) {
            return (X509CertificateHolder) parser.readObject();
        }
    }

    static void writeOcsp(Path response, X509CertificateHolder issuer, BigInteger serial, AlgorithmIdentifier hash, long seconds, boolean good,
            CertificateID... before) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
        BasicOCSPRespBuilder builder = new BasicOCSPRespBuilder(new RespID(new X500Name("CN=authority")));
        Instant now = Instant.now();
        for (CertificateID other : before) {
            builder.addResponse(other, CertificateStatus.GOOD, Date.from(now.minusSeconds(7200)), Date.from(now.plusSeconds(seconds)));
        }
        builder.addResponse(new CertificateID(digests.get(hash), issuer, serial),
                good ? CertificateStatus.GOOD : new RevokedStatus(Date.from(now), 1), Date.from(now.minusSeconds(7200)), Date.from(now.plusSeconds(seconds)));
        BasicOCSPResp basic = builder.build(new JcaContentSignerBuilder("Ed25519").build(pair.getPrivate()), null, Date.from(now));
        Files.write(response, new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic).getEncoded());
    }
}
