package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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

    private Set<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    /// A full disk, a folder in the place of a file: whatever cannot be written, both files are as they were.
    @Test
    void whatCannotBeMadeWholeLeavesThePairThatIsThere() throws Exception {
        Path certificate = folder.resolve("localhost.pem");
        Path key = folder.resolve("localhost-key.pem");
        DevelopmentCertificate.make(certificate, key, Duration.ofDays(3));
        byte[] oldCertificate = Files.readAllBytes(certificate);
        byte[] oldKey = Files.readAllBytes(key);
        String mine = ".coffer-" + ProcessHandle.current().pid() + "-localhost";
        for (String taken : List.of(mine + "-key.pem.partial", mine + ".pem.partial", mine + "-key.pem.kept")) {
            Path inside = Files.createDirectories(folder.resolve(taken)).resolve("x");
            Files.createFile(inside);
            assertThrows(UnusableKeysException.class, () -> DevelopmentCertificate.make(certificate, key), taken);
            try (ServerKeys still = ServerKeys.development(folder)) {
                assertEquals(certificate, still.certificate(), "three days are left of it");
            }
            assertArrayEquals(oldCertificate, Files.readAllBytes(certificate));
            assertArrayEquals(oldKey, Files.readAllBytes(key));
            assertEquals(Set.of("localhost.pem", "localhost-key.pem", taken), names());
            Files.delete(inside);
            Files.delete(folder.resolve(taken));
        }
        try (ServerKeys made = ServerKeys.development(folder)) {
            assertTrue(made.identity().certificate().getNotAfter().toInstant().isAfter(Instant.now().plus(Duration.ofDays(300))));
            assertFalse(Arrays.equals(oldKey, Files.readAllBytes(key)));
        }
    }

    @Test
    void aKeyWhoseCertificateFindsNoPlaceIsTakenBack() throws Exception {
        Path certificate = folder.resolve("localhost.pem");
        Path key = folder.resolve("localhost-key.pem");
        Files.createFile(Files.createDirectory(certificate).resolve("x"));
        assertThrows(UnusableKeysException.class, () -> DevelopmentCertificate.make(certificate, key));
        assertEquals(Set.of("localhost.pem"), names(), "no key that was not there");
        Files.writeString(key, "old");
        assertThrows(UnusableKeysException.class, () -> DevelopmentCertificate.make(certificate, key));
        assertEquals("old", Files.readString(key));
        assertEquals(Set.of("localhost.pem", "localhost-key.pem"), names());
    }

    /// Each is written whole beside its place; a power cut, or another's hand, may leave either cut short, or of another pair.
    @Test
    void whatIsLeftOfAPairThatWasCutShortIsMadeAnew() throws Exception {
        Path certificate = folder.resolve("localhost.pem");
        Path key = folder.resolve("localhost-key.pem");
        for (Path file : List.of(certificate, key)) {
            for (int part : new int[] {0, 4, 7}) {
                DevelopmentCertificate.make(certificate, key);
                byte[] there = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(there, there.length * part / 8));
                try (ServerKeys again = ServerKeys.development(folder)) {
                    assertFalse(Arrays.equals(there, Files.readAllBytes(file)), file + " " + part);
                    assertTrue(again.identity().certificate().getNotAfter().toInstant().isAfter(Instant.now()));
                }
            }
        }
        byte[] old = Files.readAllBytes(certificate);
        DevelopmentCertificate.make(certificate, key);
        Files.write(certificate, old);  // the key was in its place, and this not yet
        ServerKeys.development(folder).close();
        assertFalse(Arrays.equals(old, Files.readAllBytes(certificate)));
        assertEquals(Set.of("localhost.pem", "localhost-key.pem"), names());
    }

    @Test
    void aPairWhoseTimeIsOverIsNotGoneOnWith() throws Exception {
        Path certificate = folder.resolve("localhost.pem");
        DevelopmentCertificate.make(certificate, folder.resolve("localhost-key.pem"), Duration.ofSeconds(-1));
        Files.createFile(Files.createDirectory(folder.resolve(".coffer-" + ProcessHandle.current().pid() + "-localhost.pem.partial")).resolve("x"));
        assertThrows(UnusableKeysException.class, () -> ServerKeys.development(folder));
    }
}
