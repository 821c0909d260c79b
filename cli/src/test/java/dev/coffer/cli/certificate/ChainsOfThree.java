package dev.coffer.cli.certificate;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// For tests: a root, who vouches for an authority, who vouches for a server.
final class ChainsOfThree {
    final KeyPair root = pair();
    final KeyPair authority = pair();
    final KeyPair server = pair();
    final X509CertificateHolder ofRoot = issue("root", root.getPublic(), "root", root.getPrivate(), 1);
    final X509CertificateHolder ofAuthority = issue("authority", authority.getPublic(), "root", root.getPrivate(), 2);
    final X509CertificateHolder ofServer = issue("server", server.getPublic(), "authority", authority.getPrivate(), 3);

    ChainsOfThree() throws Exception {}

    static KeyPair pair() throws Exception {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    static X509CertificateHolder issue(String subject, PublicKey key, String issuer, PrivateKey by, int serial) throws Exception {
        Date now = new Date();
        return new X509v3CertificateBuilder(new X500Name("CN=" + issuer), BigInteger.valueOf(serial), new Date(now.getTime() - 3_600_000),
                new Date(now.getTime() + 86_400_000), new X500Name("CN=" + subject), SubjectPublicKeyInfo.getInstance(key.getEncoded()))
                .build(new JcaContentSignerBuilder("Ed25519").build(by));
    }

    static X509Certificate read(X509CertificateHolder certificate) throws Exception {
        return new JcaX509CertificateConverter().getCertificate(certificate);
    }
}
