package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.instruments.Mapping;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Keys under a passphrase, PKCS#12 among them, and files that are read again when they change.
@Timeout(600)
class ServeKeysTest extends TlsServing {
    private static final String PASSPHRASE = "correct horse";

    private Path passphrase() throws Exception {
        return Files.writeString(folder.resolve("passphrase"), PASSPHRASE + "\n");
    }

    private static PrivateKey key(Path pem, String algorithm) throws Exception {
        return KeyFactory.getInstance(algorithm).generatePrivate(
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(Files.readString(pem).replaceAll("-----.*-----", ""))));
    }

    private static Certificate certificate(Path pem) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(Files.readAllBytes(pem)));
    }

    /// Writes what keytool would.
    private static void pkcs12(Path file, String passphrase, PrivateKey key, Certificate... chain) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, passphrase.toCharArray(), chain);
        Path fresh = file.resolveSibling("fresh");
        try (OutputStream out = Files.newOutputStream(fresh)) {
            store.store(out, passphrase.toCharArray());
        }
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /// As the server's own and as a client's; another file in its place, under another passphrase in that one's place, without a signal.
    @Test
    void aFileOfPkcs12IsServedAndReadAgainWhenItChanges() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        Path bundle = folder.resolve("own.p12");
        MadeCertificate.write(certificate, key);
        pkcs12(bundle, PASSPHRASE, key(key, "EC"), certificate(certificate));
        start("--key", bundle.toString(), "--passphrase-file", passphrase().toString(), "--client-ca", certificate.toString(), "--client-auth", "optional",
                "--watch-seconds", "1", "--idle-seconds", "600");
        try (SSLSocket before = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(before));
            Certificate first = before.getSession().getPeerCertificates()[0];
            Cli cli = new Cli(folder);
            String file = "https://localhost:" + url.getPort() + "/a.txt";
            Cli.Answer got = cli.run("get", "--cacert", certificate.toString(), "--cert", bundle.toString(), "--passphrase-file",
                    folder.resolve("passphrase").toString(), file);
            assertEquals("hello", got.out(), got.toString());
            Path other = folder.resolve("other.pem");
            Path otherKey = folder.resolve("other-key.pem");
            Path fresh = folder.resolve("other.p12");
            MadeCertificate.write(other, otherKey);
            pkcs12(fresh, "another one", key(otherKey, "EC"), certificate(other));
            Files.writeString(folder.resolve("passphrase"), "another one");  // with which the old one does not open, should that be tried
            Files.move(fresh, bundle, StandardCopyOption.REPLACE_EXISTING);
            await("serve: certificate read again: " + bundle);
            assertEquals("HTTP/1.1 200 OK", get(before), "no connection is dropped");
            try (SSLSocket after = connect(other)) {
                assertEquals("HTTP/1.1 200 OK", get(after));
                assertNotEquals(first, after.getSession().getPeerCertificates()[0]);
            }
        }
    }

    @Test
    void whatDoesNotOpenSaysWhyAndOtherFormsWork() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        Path bundle = folder.resolve("own.p12");
        MadeCertificate.write(certificate, key);
        pkcs12(bundle, PASSPHRASE, key(key, "EC"), certificate(certificate));
        String site = Files.createDirectories(folder.resolve("site")).toString();
        String phrase = passphrase().toString();
        Path wrong = Files.writeString(folder.resolve("wrong"), "another");
        Cli cli = new Cli(folder);
        String[] both =
                {"serve", "--tls", "--check", "--port", "0", "--cert", bundle.toString(), "--key", bundle.toString(), "--passphrase-file", phrase, site};
        assertEquals(0, cli.run(both).exitCode(), "named twice it is one");
        assertEquals(0, cli.run("serve", "--tls", "--check", "--port", "0", "--cert", bundle.toString(), "--passphrase-file", phrase, site).exitCode());
        assertEquals(0, cli.run("serve", "--tls", "--check", "--port", "0", "--cert", certificate.toString(), "--key", bundle.toString(), "--passphrase-file",
                phrase, site).exitCode(), "with certificates of another file");
        refuse(ExitCode.WRONG_KEY, "own.p12: not opened: the passphrase is another one, or the file was changed",
                cli.run("serve", "--tls", "--key", bundle.toString(), "--passphrase-file", wrong.toString(), site));
        refuse(GetExit.CERTIFICATE, "the passphrase is another one", cli.run("get", "--cert", bundle.toString(), "--passphrase-file", wrong.toString(),
                "https://localhost:1/"));
        refuse(ExitCode.WRONG_FORMAT, "own-key.pem: no PKCS#12 file", cli.run("serve", "--tls", "--key", key.toString(), site));
        byte[] cut = Files.readAllBytes(bundle);
        Path half = Files.write(folder.resolve("half.p12"), java.util.Arrays.copyOf(cut, cut.length / 2));
        refuse(ExitCode.WRONG_FORMAT, "half.p12: no private key: key: a PKCS#12 file that is cut",
                cli.run("serve", "--tls", "--key", half.toString(), "--passphrase-file", phrase, site));
        refuse(2, "--passphrase-file without --key", cli.run("serve", "--tls", "--passphrase-file", phrase, site));
        refuse(2, "--passphrase-file without --cert", cli.run("get", "--passphrase-file", phrase, "https://localhost:1/"));
        refuse(2, "--watch-seconds 86401", cli.run("serve", "--tls", "--watch-seconds", "86401", site));
        refuse(ExitCode.MISSING, "none: no such file", cli.run("serve", "--tls", "--key", bundle.toString(), "--passphrase-file",
                folder.resolve("none").toString(), site));
        Path served = Files.writeString(folder.resolve("site/phrase"), PASSPHRASE);
        refuse(ExitCode.USAGE, "would be served", cli.run("serve", "--tls", "--key", bundle.toString(), "--passphrase-file", served.toString(), site));
    }

    @Test
    void anEncryptedKeyBesideItsCertificateIsRead() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        MadeCertificate.write(certificate, key);
        Path encrypted = folder.resolve("encrypted.pem");
        String site = Files.createDirectories(folder.resolve("site")).toString();
        Process process = new ProcessBuilder("sh", "-c", "command -v openssl > /dev/null || exit 9; openssl pkcs8 -topk8 -in '" + key + "' -passout 'pass:"
                + PASSPHRASE + "' -out '" + encrypted + "'").redirectErrorStream(true).start();
        assumeTrue(process.waitFor() == 0, "no openssl here");
        Cli cli = new Cli(folder);
        assertEquals(0,
                cli.run("serve", "--tls", "--check", "--port", "0", "--cert", certificate.toString(), "--key", encrypted.toString(), "--passphrase-file",
                        passphrase().toString(), site).exitCode());
        refuse(ExitCode.WRONG_KEY, "encrypted.pem: not opened", cli.run("serve", "--tls", "--cert", certificate.toString(), "--key", encrypted.toString(),
                "--passphrase-file", Files.writeString(folder.resolve("wrong"), "another").toString(), site));
    }

    /// A pipe that nobody writes to stands for a terminal where nobody sits.
    @Test
    void aKeyThatComesUnderAPassphraseWhileTheServerRunsIsWaitedForByNobody() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo here");
        MadeCertificate.write(certificate, key);
        start("--cert", certificate.toString(), "--key", key.toString(), "--passphrase-file", pipe.toString(), "--watch-seconds", "1");
        pkcs12(key, PASSPHRASE, key(key, "EC"), certificate(certificate));
        await("serve: certificate not read again, the old one stays: " + certificate + ": a key under a passphrase");
        try (SSLSocket after = connect(certificate)) {
            assertEquals("HTTP/1.1 200 OK", get(after));
        }
        process.destroy();
        assertEquals(0, process.waitFor(), "it ends when it is told to");
    }

    /// With a key of RSA, which takes memory of the library's, early data and the log of secrets.
    @Test
    void thePlanIsWhatTheKernelSaysIsMapped() throws Exception {
        Path certificate = folder.resolve("own.pem");
        Path key = folder.resolve("own-key.pem");
        MadeCertificate.writeRsa(certificate, key);
        try (Libcrypto there = Libcrypto.find(LibcryptoConfig.defaults()).orElse(null)) {
            assumeTrue(there != null, "no libcrypto here");
        }
        String[] options = {"--cert", certificate.toString(), "--key", key.toString(), "--early-data", "4096", "--key-log", folder.resolve("log").toString()};
        start(options);
        List<String> plan = new ArrayList<>(List.of("plan", "--tls", "--json"));
        plan.addAll(List.of(options));
        plan.add(folder.resolve("site").toString());
        Cli.Answer planned = new Cli(folder).run(plan.toArray(String[]::new));
        assertEquals(0, planned.exitCode(), planned.toString());
        JsonObject all = JsonParser.parseString(planned.out()).getAsJsonObject();
        List<Mapping> ours = Mapping.of(process.pid()).stream().filter(mapping -> mapping.flags().contains("wf")).toList();  // the JVM wipes nothing on fork
        assumeTrue(!ours.isEmpty(), "this kernel wipes nothing on fork");
        assertEquals(all.get("totalBytes").getAsLong() - guards(all), ours.stream().mapToLong(Mapping::bytes).sum(), () -> ours + " " + planned.out());
    }

    /// {@return bytes of guard pages, which have no flags, in a plan}
    private static long guards(JsonObject plan) {
        long bytes = plan.get("name").getAsString().startsWith("guard ") ? plan.get("totalBytes").getAsLong() : 0;
        JsonArray children = plan.getAsJsonArray("children");
        for (int i = 0; children != null && i < children.size(); i++) {
            bytes += guards(children.get(i).getAsJsonObject());
        }
        return bytes;
    }
}
