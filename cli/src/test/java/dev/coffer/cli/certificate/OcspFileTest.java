package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A response is about a certificate when issuer and number are its own (RFC 6960, section 4.1.1).
class OcspFileTest {
    private static final AlgorithmIdentifier SHA_256 = new AlgorithmIdentifier(new ASN1ObjectIdentifier("2.16.840.1.101.3.4.2.1"));

    @TempDir
    private Path folder;

    private OcspFile read(List<X509Certificate> chain, X509CertificateHolder issuer, int serial, AlgorithmIdentifier hash, long seconds) throws Exception {
        Path file = folder.resolve("response.der");
        MadeCertificate.writeOcsp(file, issuer, BigInteger.valueOf(serial), hash, seconds, true);
        return OcspFile.read(file, chain);
    }

    @Test
    void theIssuersNameAndKeyAreLookedAtAsWellAsTheNumber() throws Exception {
        ChainsOfThree made = new ChainsOfThree();
        List<X509Certificate> chain = List.of(ChainsOfThree.read(made.ofServer), ChainsOfThree.read(made.ofAuthority));
        List<X509Certificate> alone = chain.subList(0, 1);
        for (AlgorithmIdentifier hash : List.of(CertificateID.HASH_SHA1, SHA_256)) {
            assertFalse(read(chain, made.ofAuthority, 3, hash, 3600).isOver());
            assertTrue(read(chain, made.ofAuthority, 3, hash, -3600).isOver());
            assertFalse(read(alone, made.ofAuthority, 3, hash, 3600).isOver());
            refuses(chain, made.ofAuthority, 4, hash);
            refuses(chain, made.ofRoot, 3, hash);
            refuses(alone, made.ofRoot, 3, hash);
            X509CertificateHolder namesake = ChainsOfThree.issue("authority", made.root.getPublic(), "root", made.root.getPrivate(), 2);
            refuses(chain, namesake, 3, hash);
            assertFalse(read(alone, namesake, 3, hash, 3600).isOver(), "whose key is not there to be looked at");
        }
        List<X509Certificate> own = List.of(ChainsOfThree.read(made.ofRoot));
        assertFalse(read(own, made.ofRoot, 1, SHA_256, 3600).isOver(), "who vouches for himself is his own issuer");
        refuses(own, ChainsOfThree.issue("root", made.server.getPublic(), "root", made.server.getPrivate(), 1), 1, SHA_256);
    }

    private void refuses(List<X509Certificate> chain, X509CertificateHolder issuer, int serial, AlgorithmIdentifier hash) {
        assertTrue(assertThrows(UnusableKeysException.class, () -> read(chain, issuer, serial, hash, 3600)).getMessage().contains("about another certificate"));
    }

    /// A response may say the same under several hashes, and of the one that nobody here knows nothing is concluded.
    @Test
    void anEntryUnderAHashThatIsNotKnownIsPassedOver() throws Exception {
        ChainsOfThree made = new ChainsOfThree();
        List<X509Certificate> chain = List.of(ChainsOfThree.read(made.ofServer), ChainsOfThree.read(made.ofAuthority));
        CertID unknown = new CertID(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1")), new DEROctetString(new byte[32]),
                new DEROctetString(new byte[32]), new ASN1Integer(3));
        Path file = folder.resolve("two.der");
        MadeCertificate.writeOcsp(file, made.ofAuthority, BigInteger.valueOf(3), SHA_256, 3600, true, new CertificateID(unknown));
        OcspFile read = OcspFile.readAmong(file, List.of(List.of(ChainsOfThree.read(made.ofRoot)), chain));
        assertFalse(read.isOver());
        assertEquals(1, read.about(), "the certificate that it is about");
        MadeCertificate.writeOcsp(file, made.ofAuthority, BigInteger.valueOf(4), SHA_256, 3600, true, new CertificateID(unknown));
        assertTrue(assertThrows(UnusableKeysException.class, () -> OcspFile.read(file, chain)).getMessage().contains("about another certificate"));
    }
}
