package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.testkit.Eventually;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `serve --tls` as a process of its own, with a configuration folder of its own.
@Timeout(600)
class ServeTlsTest extends TlsServing {
    @Test
    void theDevelopmentCertificateIsMadeOnceAndItsKeyIsItsOwnersAlone() throws Exception {
        start();
        Path certificate = folder.resolve("config/coffer/localhost.pem");
        Path key = folder.resolve("config/coffer/localhost-key.pem");
        assertTrue(text("out").startsWith("development certificate " + certificate), text("out"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
        try (SSLSocket socket = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(socket));
        }
        Cli cli = new Cli(folder);
        String file = "https://localhost:" + url.getPort() + "/a.txt";
        Cli.Answer got = cli.run("get", "--cacert", certificate.toString(), file);
        assertEquals(0, got.exitCode(), got.toString());
        assertEquals("hello", got.out());
        got = cli.run("get", "--cacert", certificate.toString(), file.replace("localhost", "127.0.0.1"));
        assertEquals("hello", got.out(), "the address is in the certificate too");
        refuse(GetExit.UNTRUSTED, "the server's certificate is not trusted", cli.run("get", file));
        refuse(GetExit.AUTHORITIES, "none", cli.run("get", "--cacert", folder.resolve("none").toString(), file));
        process.destroy();
        Eventually.ended(process);
        assertFalse(text("err").contains("vectors"), () -> "nobody asked for vectors: " + text("err"));
        byte[] first = Files.readAllBytes(key);
        start();
        assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(key)), "made once");
    }

    /// To a client that asks, which the JDK's does; read again on SIGHUP; over, of another certificate or no response at all it is not sent.
    @Test
    void aResponseOfTheAuthorityIsSentAsLongAsItHolds() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        MadeCertificate.write(folder.resolve("other.pem"), folder.resolve("other-key.pem"));
        Path response = folder.resolve("good.der");
        MadeCertificate.write(certificate, key);
        MadeCertificate.writeOcsp(response, certificate, 3600, true);
        start("--cert", certificate.toString(), "--key", key.toString(), "--ocsp", response.toString());
        assertTrue(text("out").contains("OCSP response " + response + " is sent until "), text("out"));
        try (SSLSocket socket = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(socket));
            List<byte[]> responses = ((ExtendedSSLSession) socket.getSession()).getStatusResponses();
            assertEquals(1, responses.size());
            assertArrayEquals(Files.readAllBytes(response), responses.getFirst());
        }
        MadeCertificate.writeOcsp(response, certificate, -60, true);
        hangup();
        await("OCSP response is over and not sent");
        try (SSLSocket socket = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(socket));
            assertEquals(List.of(), ((ExtendedSSLSession) socket.getSession()).getStatusResponses());
        }
        MadeCertificate.writeOcsp(response, folder.resolve("other.pem"), 3600, true);
        hangup();
        await("OCSP response not read again: " + response + ": a response about another certificate");
        Cli cli = new Cli(folder);
        String site = folder.resolve("site").toString();
        String[] serve = {"serve", "--tls", "--cert", certificate.toString(), "--key", key.toString(), "--ocsp", response.toString(), site};
        refuse(ExitCode.WRONG_FORMAT, "about another certificate", cli.run(serve));
        MadeCertificate.writeOcsp(response, certificate, 3600, false);
        refuse(ExitCode.WRONG_FORMAT, "does not say that the certificate is good", cli.run(serve));
        Files.write(response, new byte[] {0x30, 3, 0x0a, 1, 6});
        refuse(ExitCode.WRONG_FORMAT, "no answer, status 6", cli.run(serve));
        Files.writeString(response, "no response");
        refuse(ExitCode.WRONG_FORMAT, "no OCSP response in DER", cli.run(serve));
        refuse(2, "--ocsp without --cert", cli.run("serve", "--tls", "--ocsp", response.toString(), site));
    }

    /// By the explicit wish alone, into a file that is its owner's; both sides write the same.
    @Test
    void secretsAreWrittenWhereThatIsAskedForAndThatIsSaid() throws Exception {
        Path log = folder.resolve("secrets.log");
        start("--key-log", log.toString());
        assertTrue(text("err").contains("serve: warning: the secrets of every TLS connection are written to " + log), text("err"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(log)));
        assertEquals("", Files.readString(log), "the rehearsal's are nobody's");
        Path certificate = folder.resolve("config/coffer/localhost.pem");
        Cli cli = new Cli(folder);
        String file = "https://localhost:" + url.getPort() + "/a.txt";
        Path own = Files.writeString(folder.resolve("own.log"), "# mine\n");
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-------"));
        Cli.Answer got = cli.run("get", "--cacert", certificate.toString(), "--key-log", own.toString(), file);
        assertEquals("hello", got.out(), got.toString());
        assertTrue(got.err().contains("get: warning: the secrets"), got.err());
        List<String> lines = Files.readAllLines(own);
        assertEquals(5, lines.size(), "behind what was there: " + lines.size());
        assertEquals("# mine", lines.getFirst());
        assertEquals(lines.subList(1, 5), Files.readAllLines(log));
        for (String line : lines.subList(1, 5)) {
            assertTrue(line.matches("(CLIENT|SERVER)_(HANDSHAKE_TRAFFIC_SECRET|TRAFFIC_SECRET_0) [0-9a-f]{64} ([0-9a-f]{64}|[0-9a-f]{96})"),
                    "the form of a line");
        }
        assertEquals(4, lines.subList(1, 5).stream().map(line -> line.substring(0, line.indexOf(' '))).distinct().count());
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-r-----"));
        refuse(ExitCode.FAILED, "others than its owner", cli.run("get", "--cacert", certificate.toString(), "--key-log", own.toString(), file));
        refuse(ExitCode.FAILED, "no regular file", cli.run("get", "--cacert", certificate.toString(), "--key-log", folder.toString(), file));
        refuse(ExitCode.USAGE, certificate.toString(), cli.run("get", "--cacert", certificate.toString(), "--key-log", certificate.toString(), file));
        refuse(2, "--key-log without --tls", cli.run("serve", "--key-log", own.toString(), folder.toString()));
        refuse(2, "for https alone", cli.run("get", "--key-log", own.toString(), "http://localhost:1/"));
        Path served = folder.resolve("site/secrets.log");
        refuse(ExitCode.USAGE, "would be served", cli.run("serve", "--tls", "--key-log", served.toString(), folder.resolve("site").toString()));
        assertFalse(Files.exists(served));
    }

    /// As on a disk that is full: the secrets that are lost are told of, of a server when it ends at the latest. Files may not grow past what these are.
    @Test
    void secretsThatCannotBeWrittenAreToldOf() throws Exception {
        Path log = full("secrets.log");
        Path own = full("own.log");
        within = new String[] {"sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"};
        start("--key-log", log.toString());
        List<String> command = new ArrayList<>(List.of(within));
        command.addAll(java("get", "--cacert", folder.resolve("config/coffer/localhost.pem").toString(), "--key-log", own.toString(),
                "https://localhost:" + url.getPort() + "/a.txt"));
        Process get = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(get.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, get.waitFor(), said);
        assertTrue(said.contains("hello"), "it is got all the same: " + said);
        assertTrue(said.contains("get: secrets not written, and lost: " + own + ": "), said);
        process.destroy();
        process.waitFor();
        assertTrue(text("err").contains("serve: secrets not written, and lost: " + log + ": "), text("err"));
    }

    private Path full(String name) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "# full\n".repeat(20_000));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /// Whatever is answered says it, once.
    @Test
    void browsersAreToldToComeByHttpsAloneWhereThatIsAskedFor() throws Exception {
        start("--hsts", "300", "--crypto", "fast");
        List<String> absent = text("err").lines().filter(line -> line.contains("vectors")).toList();
        assertEquals(List.of("coffer: ChaCha20: scalar code, not vectors: module dev.coffer.crypto.vector (artifact coffer-crypto-vector) was not found"),
                absent, "one line to who asked for vectors");
        assertEquals(absent, text("err").lines().filter(line -> line.contains("dev.coffer") || line.contains("ChaCha20")).toList(), "and no other");
        Path certificate = folder.resolve("config/coffer/localhost.pem");
        Cli cli = new Cli(folder);
        for (String path : new String[] {"a.txt", "none"}) {
            Cli.Answer got = cli.run("get", "-i", "--cacert", certificate.toString(), "https://localhost:" + url.getPort() + "/" + path);
            assertEquals(2, got.out().toLowerCase(Locale.ROOT).split("\r\nstrict-transport-security: max-age=300\r\n", -1).length, got.toString());
        }
        String site = folder.toString();
        refuse(2, "--hsts without --tls", cli.run("serve", "--hsts", "300", site));
        refuse(2, "--hsts -1 (expected 0..63072000)", cli.run("serve", "--tls", "--hsts", "-1", site));
        refuse(2, "--hsts 63072001 (expected 0..63072000)", cli.run("serve", "--tls", "--hsts", "63072001", site));
        refuse(2, "beside --hsts", cli.run("serve", "--tls", "--hsts", "63072000", "--header", "strict-transport-security: max-age=1", site));
    }

    @Test
    void filesOfOnesOwnAreReadAgainOnSighupAndNoConnectionIsDropped() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        MadeCertificate.write(certificate, key);
        Path other = folder.resolve("other.pem");  // to be put in the place of the first later
        Path otherKey = folder.resolve("other-key.pem");
        MadeCertificate.write(other, otherKey);
        start("--cert", certificate.toString(), "--key", key.toString());
        try (SSLSocket before = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(before));
            Certificate first = before.getSession().getPeerCertificates()[0];
            Files.copy(other, certificate, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(otherKey, key, StandardCopyOption.REPLACE_EXISTING);
            hangup();
            Eventually.holds("the certificate is read again", () -> text("err").contains("certificate read again"));
            assertEquals("HTTP/1.1 200 OK", get(before));
            try (SSLSocket after = connect(certificate)) {
                assertEquals("HTTP/1.1 200 OK", get(after));
                assertNotEquals(first, after.getSession().getPeerCertificates()[0]);
            }
        }
    }

    /// By the system's libcrypto, at the start and read again; `get` shows one too; and without that library it is refused at once.
    @Test
    void rsaKeysSignWhereTheLibraryIsAndAreReadAgain() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        MadeCertificate.writeRsa(certificate, key);
        Cli cli = new Cli(folder);
        String site = Files.createDirectories(folder.resolve("site")).toString();
        refuse(1, "own-key.pem: an RSA key, and --crypto strict does not sign with it", cli.run("serve", "--tls", "--crypto", "strict", "--cert",
                certificate.toString(), "--key", key.toString(), site));
        try (Libcrypto there = Libcrypto.find(LibcryptoConfig.defaults()).orElse(null)) {
            assumeTrue(there != null, "no libcrypto here");
        }
        start("--cert", certificate.toString(), "--key", key.toString(), "--client-ca", certificate.toString(), "--client-auth", "optional");
        try (SSLSocket socket = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(socket));
            assertEquals("RSA", socket.getSession().getPeerCertificates()[0].getPublicKey().getAlgorithm());
        }
        String file = "https://localhost:" + url.getPort() + "/a.txt";
        Cli.Answer answer = cli.run("get", "--cacert", certificate.toString(), "--cert", certificate.toString(), "--key", key.toString(), file);
        assertEquals("hello", answer.out(), answer.toString());
        for (boolean rsa : new boolean[] {true, false, true}) {
            int before = text("err").split("certificate read again", -1).length;
            if (rsa) {
                MadeCertificate.writeRsa(certificate, key);
            } else {
                MadeCertificate.write(certificate, key);
            }
            hangup();
            Eventually.holds("the certificate is read again", () -> text("err").split("certificate read again", -1).length > before);
            try (SSLSocket socket = connect(certificate)) {
                assertEquals("HTTP/1.1 200 OK", get(socket));
                assertEquals(rsa ? "RSA" : "EC", socket.getSession().getPeerCertificates()[0].getPublicKey().getAlgorithm());
            }
        }
    }

    @Test
    void aBadFileOnSighupNeitherEndsNorChangesTheServer() throws Exception {
        Path made = folder.resolve("made.pem");
        Path key = folder.resolve("own-key.pem");
        MadeCertificate.write(made, key);
        Path certificate = Files.copy(made, folder.resolve("own.pem"));
        start("--cert", certificate.toString(), "--key", key.toString());
        Files.delete(certificate);
        Files.createSymbolicLink(certificate, Path.of("/dev/zero"));
        hangup();
        await("certificate not read again, the old one stays: " + certificate + ": a stream or device");
        Files.delete(certificate);
        Files.createDirectory(certificate);
        hangup();
        await("stays: " + certificate + ": Is a directory");
        Files.delete(certificate);
        Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
        hangup();
        for (int i = 0; text("err").split("the old one stays", -1).length < 4; i++) {
            assertTrue(process.isAlive(), () -> text("err"));
            Thread.sleep(5);
        }
        assertEquals(3, text("err").lines().filter(line -> line.startsWith("serve: certificate not read again")).count(), text("err"));
        try (SSLSocket socket = connect(made)) {
            assertEquals("HTTP/1.1 200 OK", get(socket));
        }
    }

    @Test
    void ofManyFirstStartsAtOnceOneMakesTheCertificateAndAllUseIt() throws Exception {
        List<Process> children = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ProcessBuilder builder = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-Xmx64m", "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", String.join(File.pathSeparator, places()),
                    FirstStart.class.getName()).redirectError(folder.resolve("err" + i).toFile()).redirectOutput(folder.resolve("out" + i).toFile());
            builder.environment().put("XDG_CONFIG_HOME", folder.resolve("config").toString());
            children.add(builder.start());
        }
        Set<String> seen = new LinkedHashSet<>();
        for (int i = 0; i < children.size(); i++) {
            assertEquals(0, children.get(i).waitFor(), text("err" + i));
            seen.add(text("out" + i));
        }
        assertEquals(1, seen.size(), seen.toString());
    }

    @Test
    void ticketKeysOfAFileAreMadeAndTurnedAndReadAgainOnSighup() throws Exception {
        Path keys = folder.resolve("tickets");
        start("--ticket-keys", keys.toString());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)));
        assertEquals(80 + 40, Files.size(keys));
        Cli cli = new Cli(folder);
        Cli.Answer turned = cli.run("ticket-keys", "--in", "60", keys.toString());
        assertEquals(0, turned.exitCode(), turned.toString());
        assertTrue(turned.out().contains(": 2 keys"), turned.toString());
        try (var names = Files.list(folder)) {
            assertFalse(names.anyMatch(file -> file.getFileName().toString().endsWith(".lock")), "what is locked meanwhile goes");
        }
        hangup();
        await("ticket keys read again: " + keys);
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
        hangup();
        await("ticket keys not read again, the old ones stay: " + keys + ": ticket keys that others than their owner may use");
        try (SSLSocket socket = connect(folder.resolve("config/coffer/localhost.pem"))) {
            assertEquals("HTTP/1.1 200 OK", get(socket));
        }
        String site = folder.resolve("site").toString();
        refuse(1, "that others than their owner may use", cli.run("serve", "--tls", "--check", "--port", "0", "--ticket-keys", keys.toString(), site));
        refuse(2, "--ticket-keys without --tls", cli.run("serve", "--ticket-keys", keys.toString(), site));
        refuse(2, "--ticket-keys and no tickets", cli.run("serve", "--tls", "--ticket-seconds", "0", "--ticket-keys", keys.toString(), site));
        refuse(2, "--ticket-seconds: 0 to 604800", cli.run("serve", "--tls", "--ticket-seconds", "604801", site));
        refuse(2, "--lifetime: 1 to 604800", cli.run("ticket-keys", "--lifetime", "604801", keys.toString()));
        refuse(1, "no ticket keys", cli.run("ticket-keys", Files.setPosixFilePermissions(Files.writeString(folder.resolve("text"), "text"),
                PosixFilePermissions.fromString("rw-------")).toString()));
    }

    /// `-` is standard output, as in every command.
    @Test
    void ticketKeysGoToStandardOutputAsAFileOfOneKey() throws Exception {
        Path keys = Files.createFile(folder.resolve("piped"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Cli cli = new Cli(folder);
        Cli.Answer made = cli.with(Path.of("/dev/null"), keys, null, "ticket-keys", "-");
        assertEquals("exit 0, out: , err: ", made.toString());
        assertEquals(80 + 40, Files.size(keys));
        Cli.Answer turned = cli.run("ticket-keys", keys.toString());
        assertEquals("exit 0, out: " + keys + ": 2 keys\n, err: ", turned.toString());
        assertFalse(Files.exists(Path.of("-")), "no file of that name");
        Cli.Answer caught = cli.run("ticket-keys", "-");
        assertEquals(80 + 40, caught.bytes().length, caught.err());
        refuse(2, "standard input is not to be written", cli.run("ticket-keys", "/dev/stdin"));
    }

    /// A permission that comes later than the file is no change that anybody sees: it is read when the machine lets it be.
    @Test
    void whatWasRefusedForAMomentIsReadAtALaterLook() throws Exception {
        Path keys = folder.resolve("tickets");
        start("--ticket-keys", keys.toString(), "--watch-seconds", "1");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
        hangup();
        String refused = "ticket keys not read again, the old ones stay: " + keys;
        await(refused);
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
        await("serve: ticket keys read again: " + keys);
        assertEquals(text("err").indexOf(refused), text("err").lastIndexOf(refused), () -> "told once: " + text("err"));
    }

    /// As below `nohup`, without a look of its own: whoever counts on the signal is told.
    @Test
    void whereNeitherASignalNorALookReadsThemAgainItIsSaid() throws Exception {
        startWith("ignore", "--watch-seconds", "0");
        await("serve: SIGHUP is ignored here (nohup does that): certificates and keys are not read again");
    }

    @Test
    void clientsShowWhoTheyAre() throws Exception {
        Path certificate = folder.resolve("config/coffer/localhost.pem");
        String key = folder.resolve("config/coffer/localhost-key.pem").toString();
        Files.createDirectories(certificate.getParent());
        MadeCertificate.write(certificate, Path.of(key));
        start("--client-ca", certificate.toString());
        Cli cli = new Cli(folder);
        String file = "https://localhost:" + url.getPort() + "/a.txt";
        Cli.Answer got = cli.run("get", "--cacert", certificate.toString(), "--cert", certificate.toString(), "--key", key, file);
        assertEquals("hello", got.out(), got.toString());
        assertEquals(GetExit.BROKEN, cli.run("get", "--cacert", certificate.toString(), file).exitCode());
        refuse(GetExit.CERTIFICATE, "no PKCS#12 file", cli.run("get", "--cert", certificate.toString(), file));
        refuse(2, "--key without --cert", cli.run("get", "--key", key, file));
        refuse(2, "--cert: for https alone", cli.run("get", "--cert", certificate.toString(), "--key", key, "http://localhost/"));
        refuse(2, "a redirect could show", cli.run("get", "-L", "--cert", certificate.toString(), "--key", key, file));
        refuse(2, "--client-ca without --tls", cli.run("serve", "--client-ca", certificate.toString(), folder.toString()));
        refuse(ExitCode.WRONG_FORMAT, "no certificates in it", cli.run("serve", "--tls", "--client-ca", key, folder.toString()));
    }

    @Test
    void whatMakesNoSenseIsRefusedInWords() throws Exception {
        Cli cli = new Cli(folder);
        String site = Files.createDirectory(folder.resolve("site")).toString();
        refuse(2, "--cert without --tls", cli.run("serve", "--cert", "a.pem", folder.toString()));
        refuse(1, "none.p12: no such file", cli.run("serve", "--tls", "--key", "none.p12", folder.toString()));
        refuse(1, "none: no such file", cli.run("serve", "--tls", "--cert", "none.pem", "--key", folder.resolve("none").toString(), site));
        Path text = Files.writeString(folder.resolve("text"), "no key");
        refuse(ExitCode.WRONG_FORMAT, "text: no private key", cli.run("serve", "--tls", "--cert", "none.pem", "--key", text.toString(), site));
    }
}
