package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ServerKeysTest {
    @TempDir
    private Path folder;

    /// A server that is told to read its files again must not wait for a pipe that nobody writes to: its end would wait too.
    @Test
    @Timeout(600)
    void aPipeIsReadOnce() throws Exception {
        Path certificate = folder.resolve("certificate");
        Path key = folder.resolve("key");
        DevelopmentCertificate.make(certificate, key);
        try (ServerKeys keys = ServerKeys.of(certificate, key, numbers -> {
            throw new AssertionError("no RSA key");
        }, (file, room) -> {
            throw new AssertionError("no passphrase");
        })) {
            keys.again().close();
            for (Path each : new Path[] {certificate, key}) {
                Path kept = Files.move(each, folder.resolve("kept"));
                assertEquals(0, new ProcessBuilder("mkfifo", each.toString()).start().waitFor());
                UnusableKeysException refused = assertThrows(UnusableKeysException.class, keys::again);
                assertTrue(refused.getMessage().startsWith(each + ": a stream or device"), refused.getMessage());
                Files.delete(each);
                refused = assertThrows(UnusableKeysException.class, keys::again);
                assertEquals(each + ": no such file", refused.getMessage());
                Files.move(kept, each);
            }
            keys.again().close();
        }
    }
}
