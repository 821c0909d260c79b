package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.testkit.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server of several names, each with a certificate of its own.
@Timeout(600)
class ServeNamesTest extends TlsServing {
    private Path made(String name, String... names) throws Exception {
        Path certificate = folder.resolve(name + ".pem");
        MadeCertificate.write("EC", certificate, folder.resolve(name + ".key"), names);
        return certificate;
    }

    private String key(String name) {
        return folder.resolve(name + ".key").toString();
    }

    /// {@return the names of the certificate that openssl is shown}
    private String shown(String... name) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "command -v openssl > /dev/null || exit 9; openssl s_client -connect localhost:" + url.getPort() + " "
                + String.join(" ", name) + " < /dev/null 2> /dev/null | openssl x509 -noout -ext subjectAltName").redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(process.waitFor() != 9, "no openssl here");
        return text.replaceAll("(?s).*:\\s*\n", "").strip();
    }

    /// The JDK's client trusts the one certificate alone that it is to see, under the name that it asks for; what is read again is read for each pair of files by itself.
    @Test
    void aClientIsShownTheCertificateOfTheHostThatItAsksForAndEachIsReadAgain() throws Exception {
        Path first = made("first", "localhost", "first.test");
        Path star = made("star", "*.wild.test");
        Path exact = made("exact", "www.wild.test", "exact.test");
        start("--cert", first.toString(), "--key", key("first"), "--cert", star.toString(), "--key", key("star"), "--cert", exact.toString(), "--key",
                key("exact"));
        try (SSLSocket byDefault = connect(first); SSLSocket named = connect(exact, "exact.test")) {
            assertEquals("HTTP/1.1 200 OK", get(byDefault));
            assertEquals("HTTP/1.1 200 OK", get(named));
            connect(star, "a.wild.test").close();
            connect(exact, "www.wild.test").close();  // exactly, though the other stands before it
            connect(first, "FIRST.test").close();
            assertEquals("DNS:*.wild.test", shown("-servername", "b.wild.test"));
            assertEquals("DNS:localhost, DNS:first.test", shown("-servername", "a.b.wild.test"));
            assertEquals("DNS:localhost, DNS:first.test", shown("-noservername"));
            Certificate before = named.getSession().getPeerCertificates()[0];
            made("exact", "exact.test");
            Files.writeString(star, "no certificate");
            hangup();
            await("serve: certificate read again: " + first + "; certificate not read again, the old one stays: " + star + ": ");
            Eventually.holds("the other is read", () -> text("err").contains("certificate read again: " + exact));
            try (SSLSocket after = connect(exact, "exact.test")) {
                assertEquals("HTTP/1.1 200 OK", get(after));
                assertTrue(!before.equals(after.getSession().getPeerCertificates()[0]), "another certificate");
            }
            assertEquals("DNS:*.wild.test", shown("-servername", "www.wild.test"), "whose name is no other's any more");
            assertEquals("HTTP/1.1 200 OK", get(byDefault), "no connection is dropped");
            assertEquals("HTTP/1.1 200 OK", get(named));
            made("exact", "exact.test", "first.test");
            hangup();
            await("serve: certificates not read again, the old ones stay: " + exact + ": a certificate for first.test, as that of " + first + " is");
            connect(first, "first.test").close();
        }
    }

    @Test
    void whatDoesNotBelongTogetherIsRefusedInWords() throws Exception {
        String first = made("first", "a.test").toString();
        String second = made("second", "b.test", "A.test", "c.test").toString();
        String nobody = made("nobody").toString();
        Cli cli = new Cli(folder);
        String site = Files.createDirectories(folder.resolve("site")).toString();
        refuse(2, "--cert 2 times and --key 1 times", cli.run("serve", "--tls", "--cert", first, "--key", key("first"), "--cert", second, site));
        refuse(ExitCode.WRONG_FORMAT, "first.pem: the key is not that of the first certificate",
                cli.run("serve", "--tls", "--cert", second, "--cert", first, "--key", key("second"), "--key", key("second"), site));
        refuse(ExitCode.WRONG_FORMAT, "second.pem: a certificate for a.test, as that of " + first + " is",
                cli.run("serve", "--tls", "--cert", first, "--key", key("first"), "--cert", second, "--key", key("second"), site));
        refuse(ExitCode.WRONG_FORMAT, "nobody.pem: a certificate for no name of a host",
                cli.run("serve", "--tls", "--cert", first, "--key", key("first"), "--cert", nobody, "--key", key("nobody"), site));
        refuse(ExitCode.WRONG_FORMAT, "first.key: no PKCS#12 file", cli.run("serve", "--tls", "--key", key("first"), "--key", key("second"), site));
        refuse(ExitCode.FAILED, "none.key: no such file",
                cli.run("serve", "--tls", "--cert", first, "--key", key("first"), "--cert", second, "--key", key("none"), site));
    }

    /// As the plan has it too: a place for each key, and clients choose by what they verify where keys are of two kinds.
    @Test
    void keysOfTwoKindsMayBeForOneName() throws Exception {
        Path ec = made("ec", "localhost");
        Path rsa = folder.resolve("rsa.pem");
        MadeCertificate.write("RSA", rsa, folder.resolve("rsa.key"), "localhost");
        Cli cli = new Cli(folder);
        String site = Files.createDirectories(folder.resolve("site")).toString();
        long one = places(cli.run("plan", "--json", "--tls", "--cert", ec.toString(), "--key", key("ec"), site));
        Cli.Answer both = cli.run("plan", "--json", "--tls", "--cert", ec.toString(), "--key", key("ec"), "--cert", rsa.toString(), "--key", key("rsa"), site);
        assumeTrue(!both.err().contains("libcrypto 3 signs with it, which does not serve"), "no libcrypto here");
        assertEquals(2 * one, places(both));
        start("--cert", ec.toString(), "--key", key("ec"), "--cert", rsa.toString(), "--key", key("rsa"));
        connect(ec).close();
        assertEquals("DNS:localhost", shown("-sigalgs", "RSA-PSS+SHA256"));
        assertTrue(peerKey("-sigalgs RSA-PSS+SHA256").contains("rsaEncryption") && peerKey("").contains("id-ecPublicKey"));
    }

    private String peerKey(String options) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "openssl s_client -connect localhost:" + url.getPort() + " " + options
                + " < /dev/null 2> /dev/null | openssl x509 -noout -text").redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static long places(Cli.Answer plan) {
        assertEquals(0, plan.exitCode(), plan.toString());
        long bytes = keys(JsonParser.parseString(plan.out()).getAsJsonObject());
        assertTrue(bytes > 0, plan.toString());
        return bytes;
    }

    /// {@return bytes of rows of that name}
    private static long keys(JsonObject row) {
        if (row.get("name").getAsString().equals("server-key")) {
            return row.get("totalBytes").getAsLong();
        }
        long bytes = 0;
        JsonArray children = row.getAsJsonArray("children");
        for (int i = 0; children != null && i < children.size(); i++) {
            bytes += keys(children.get(i).getAsJsonObject());
        }
        return bytes;
    }
}
