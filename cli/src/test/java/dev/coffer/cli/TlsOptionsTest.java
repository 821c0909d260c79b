package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ClientVerifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// The files of `serve --tls`, read again while they are in use.
class TlsOptionsTest {
    static {
        FirstLibrary.opened();
    }

    @TempDir
    private Path folder;

    @Command
    private static final class Holder {
        @Mixin
        private TlsOptions options;
    }

    private Path pem(String label, byte[] der) throws Exception {
        return Files.writeString(folder.resolve(label.replace(' ', '-') + ".pem"), "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n", StandardCharsets.US_ASCII);
    }

    @Test
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)  // who waits at a FIFO is not to be interrupted
    void whatIsInUseIsNeverWhatIsWipedLater() throws Exception {
        Path store = folder.resolve("store.p12");
        assertEquals(0, new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-keyalg", "EC", "-groupname",
                "secp256r1", "-alias", "server", "-dname", "CN=test", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass",
                "changeit").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor(), "keytool");
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        Path certificate = pem("CERTIFICATE", keys.getCertificate("server").getEncoded());
        Path key = pem("PRIVATE KEY", keys.getKey("server", "changeit".toCharArray()).getEncoded());
        Path authorities = Files.copy(certificate, folder.resolve("authorities.pem"));
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs("--tls", "--cert", certificate.toString(), "--key", key.toString(), "--client-ca", authorities.toString());
        CommandLine serve = Main.commandLine(Standard.ofProcess()).getSubcommands().get("serve");
        try (CommandFiles files = CommandFiles.of(serve.getCommandSpec())) {
            holder.options.readElsewhere(files);
        }
        Tls running = holder.options.open(null, false, true, false, 1);
        ClientVerifier first = running.clients();
        for (int round = 0; round < 10; round++) {
            CyclicBarrier together = new CyclicBarrier(4);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        together.await();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    holder.options.reload(running);
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(holder.options.identities(), running.identities(), "in round " + round);
        }
        ClientVerifier last = running.clients();
        assertNotSame(first, last, "the authorities of clients were read again");
        Files.writeString(authorities, "nothing");
        String told = holder.options.reload(running);
        assertTrue(told.contains("authorities not read again, the old ones stay"), told);
        assertSame(last, running.clients());
        Files.delete(authorities);
        assertEquals(0, new ProcessBuilder("mkfifo", authorities.toString()).start().waitFor());
        told = holder.options.reload(running);
        assertTrue(told.contains("authorities not read again, the old ones stay: " + authorities + ": a stream or device"), told);
        assertSame(last, running.clients());
        holder.options.close();
    }
}
