package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the development certificate says, read by the JDK: whoever trusts it trusts this machine's own names and nothing else.
class DevelopmentCertificateTest {
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String ALTERNATIVE_NAME = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    @TempDir
    private Path folder;

    private X509Certificate made() throws Exception {
        Path certificate = folder.resolve("certificate.pem");
        DevelopmentCertificate.make(certificate, folder.resolve("key.pem"));
        try (InputStream in = Files.newInputStream(certificate)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @Test
    void whatLimitsItIsCriticalSoThatNobodyMayOverlookIt() throws Exception {
        X509Certificate certificate = made();
        assertEquals(Set.of(KEY_USAGE, BASIC_CONSTRAINTS, NAME_CONSTRAINTS), certificate.getCriticalExtensionOIDs());
        assertEquals(Set.of(ALTERNATIVE_NAME), certificate.getNonCriticalExtensionOIDs());
        assertEquals(0, certificate.getBasicConstraints(), "nobody below it");
        boolean[] usage = new boolean[9];
        usage[0] = true;  // digitalSignature
        usage[5] = true;  // keyCertSign
        assertArrayEquals(usage, Arrays.copyOf(certificate.getKeyUsage(), 9));
    }

    @Test
    void itsNamesAreThisMachinesOwnAndItSignsItself() throws Exception {
        X509Certificate certificate = made();
        Set<List<?>> names = new HashSet<>(certificate.getSubjectAlternativeNames());
        assertEquals(Set.of(List.of(2, "localhost"), List.of(2, "*.localhost"), List.of(7, "127.0.0.1"), List.of(7, "0:0:0:0:0:0:0:1")), names);
        assertEquals(certificate.getIssuerX500Principal(), certificate.getSubjectX500Principal());
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity();
        Duration valid = Duration.between(certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
        assertTrue(valid.compareTo(Duration.ofDays(398)) <= 0, "no longer than browsers take: " + valid);
        assertTrue(certificate.getSerialNumber().signum() > 0 && certificate.getSerialNumber().bitLength() > 64);
    }
}
