package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is read as certificates, and that a private key beside them is refused before the JDK's reader has the file.
class CertificateFileTest {
    private static final int BYTES_MAX = 1 << 16;

    @TempDir
    Path folder;
    private String certificate;
    private String key;

    @BeforeEach
    void make() throws Exception {
        certificate = pem("CERTIFICATE", Identities.certificate(Identities.pair(KeyAlgorithm.ED25519), "a.example").getEncoded());
        key = pem("PRIVATE KEY", KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded());
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("file.pem"), text);
    }

    @Test
    void certificatesAreReadInTheirOrderUpToTheBound() throws Exception {
        Path two = file(certificate + certificate);
        int bytes = (int) Files.size(two);
        assertEquals(2, CertificateFile.read(two, bytes).size());
        assertThrows(FileSystemException.class, () -> CertificateFile.read(two, bytes - 1));
        assertEquals(0, CertificateFile.read(file(""), BYTES_MAX).size());
    }

    @Test
    void aPrivateKeyBesideThemIsRefusedInWords() throws Exception {
        for (String label : new String[] {"PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"}) {
            Path both = file(certificate + key.replace("PRIVATE KEY", label));
            String said = assertThrows(CertificateException.class, () -> CertificateFile.read(both, BYTES_MAX)).getMessage();
            assertEquals("a private key among the certificates; it goes into a file of its own", said);
        }
        Path first = file(key + certificate);
        String said = assertThrows(CertificateException.class, () -> CertificateFile.read(first, BYTES_MAX)).getMessage();
        assertEquals("no certificates in it: a private or public key", said);
    }
}
