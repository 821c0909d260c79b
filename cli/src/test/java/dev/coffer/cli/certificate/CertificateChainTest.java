package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bouncycastle.cert.X509CertificateHolder;
import org.junit.jupiter.api.Test;

/// Certificates of a file in any order come out in that of TLS.
class CertificateChainTest {
    private static List<String> chain(List<X509CertificateHolder> of, KeyPair key) throws Exception {
        List<byte[]> der = new ArrayList<>();
        for (X509CertificateHolder each : of) {
            der.add(each.getEncoded());
        }
        return CertificateChain.of(der, key.getPublic().getEncoded()).stream().map(each -> each.getSubjectX500Principal() + " " + each.getSerialNumber())
                .toList();
    }

    @Test
    void inAnyOrderTheyComeOutInTheirOwnAndStrangersAreLeftOut() throws Exception {
        ChainsOfThree made = new ChainsOfThree();
        KeyPair other = ChainsOfThree.pair();
        List<X509CertificateHolder> all = new ArrayList<>(List.of(made.ofRoot, made.ofAuthority, made.ofServer,
                ChainsOfThree.issue("stranger", other.getPublic(), "root", made.root.getPrivate(), 9),
                ChainsOfThree.issue("authority", other.getPublic(), "root", made.root.getPrivate(), 8)));  // of that name, and another's key
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(all, random);
            assertEquals(List.of("CN=server 3", "CN=authority 2", "CN=root 1"), chain(all, made.server));
        }
        assertEquals(List.of("CN=server 3"), chain(List.of(made.ofRoot, made.ofServer), made.server), "who issued it is not there");
        assertEquals(List.of("CN=root 1"), chain(List.of(made.ofRoot), made.root));
    }

    /// Two that vouch for one another end too.
    @Test
    void aRingEnds() throws Exception {
        ChainsOfThree made = new ChainsOfThree();
        X509CertificateHolder back = ChainsOfThree.issue("root", made.root.getPublic(), "authority", made.authority.getPrivate(), 7);
        assertEquals(List.of("CN=authority 2", "CN=root 7"), chain(List.of(back, made.ofAuthority), made.authority));
    }

    @Test
    void aKeyOfNoneAndWhatIsNoCertificateAreRefusedInWords() throws Exception {
        ChainsOfThree made = new ChainsOfThree();
        assertTrue(
                assertThrows(CertificateException.class, () -> chain(List.of(made.ofRoot), made.server)).getMessage().contains("none of its 1 certificates"));
        assertThrows(CertificateException.class, () -> CertificateChain.of(List.of(new byte[] {0x30, 1, 0}), made.root.getPublic().getEncoded()));
    }
}
