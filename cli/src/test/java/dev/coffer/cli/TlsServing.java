package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Eventually;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
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

/// `serve --tls` as a process of its own, with a configuration folder of its own; files are looked at when that is asked for.
abstract class TlsServing {
    static {
        FirstLibrary.opened();
    }

    @TempDir
    Path folder;
    Process process;
    String[] within = {};  // what it is run by
    URI url;
    int port;               // that it listens at; 0 for a free one

    static Set<String> places() {
        Set<String> places = new LinkedHashSet<>();
        ChildJvm.place(Main.class).ifPresent(place -> places.add(place.toString()));
        places.add(Path.of("target/classes").toAbsolutePath().toString());
        places.add(Path.of("target/test-classes").toAbsolutePath().toString());
        for (String property : new String[] {"jdk.module.path", "java.class.path"}) {
            places.addAll(List.of(System.getProperty(property, "").split(File.pathSeparator)));
        }
        places.remove("");
        return places;
    }

    /// {@return the command as a process of its own}
    static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx64m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED", "-cp", String.join(File.pathSeparator, places()),
                "dev.coffer.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    final void start(String... options) throws Exception {
        startWith("default", options);
    }

    /// @param meaning  of SIGHUP, see [Hangups]
    final void startWith(String meaning, String... options) throws Exception {
        Path site = Files.createDirectories(folder.resolve("site"));
        Files.writeString(site.resolve("a.txt"), "hello");
        List<String> command = new ArrayList<>(Hangups.meaning(meaning));
        command.addAll(List.of(within));
        command.addAll(java("serve", "--port", Integer.toString(port), "--tls"));
        if (!List.of(options).contains("--watch-seconds")) {
            command.addAll(List.of("--watch-seconds", "0"));
        }
        command.addAll(List.of(options));
        command.add(site.toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("out").toFile());
        builder.environment().put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        process = builder.start();
        url = Eventually.found("its address", () -> {
            if (!process.isAlive()) {
                throw new IOException("ended: " + text("err"));
            }
            String text = text("out");
            int at = text.indexOf("https://");
            return at >= 0 && text.indexOf('\n', at) > 0 ? URI.create(text.substring(at, text.indexOf('\n', at))) : null;
        });
    }

    final String text(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            return "";
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    final SSLSocket connect(Path trusted) throws Exception {
        return connect(trusted, "localhost");
    }

    /// @param trusted  the one certificate that is
    /// @param host     that is asked for, and has to be the certificate's
    final SSLSocket connect(Path trusted, String host) throws Exception {
        return connect(trusted, host, new Socket("localhost", url.getPort()));
    }

    /// @param wire  to the server
    final SSLSocket connect(Path trusted, String host, Socket wire) throws Exception {
        Certificate certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(trusted)));
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("server", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(wire, host, url.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(Eventually.MILLIS);
        socket.startHandshake();
        assertEquals("http/1.1", socket.getApplicationProtocol());
        return socket;
    }

    static String get(SSLSocket socket) throws Exception {
        OutputStream out = socket.getOutputStream();
        out.write("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("hello")) {
            int c = in.read();
            assertTrue(c >= 0, () -> "the end after " + text);
            text.append((char) c);
        }
        return text.substring(0, text.indexOf("\r"));
    }

    final void await(String words) throws InterruptedException {
        Eventually.holds(words, () -> {
            assertTrue(process.isAlive(), () -> text("err"));
            return text("err").contains(words);
        });
    }

    final void hangup() throws Exception {
        Hangups.send(process);
    }

    static void refuse(int exitCode, String words, Cli.Answer answer) {
        assertEquals(exitCode, answer.exitCode(), answer.toString());
        assertTrue(answer.err().contains(words), answer.toString());
    }
}
