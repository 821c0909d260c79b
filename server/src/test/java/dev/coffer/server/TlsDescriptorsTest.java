package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Eventually;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// File descriptors that strangers took before the first handshake of TLS, and during others: nothing is loaded, opened or linked for the first time there.
@Timeout(600)
class TlsDescriptorsTest {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    @TempDir
    Path folder;

    /// Trusts whoever is there: the certificate is the child's own.
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static Socket connect(int port) throws Exception {
        Socket socket = new Socket();
        socket.setSoTimeout(Eventually.MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    /// {@return the connection with a handshake done on it}
    private static SSLSocket secured(SSLContext context, Socket plain, String protocol) throws Exception {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertEquals(protocol, socket.getApplicationProtocol());
        return socket;
    }

    /// {@return the status of an answer that was read to its end}
    private static String get(SSLSocket socket) throws Exception {
        socket.getOutputStream().write("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int c = in.read();
            assertTrue(c >= 0, () -> "the end after " + head);
            head.append((char) c);
        }
        String length = head.toString().toLowerCase(Locale.ROOT).split("content-length: ")[1];
        in.readNBytes(Integer.parseInt(length.substring(0, length.indexOf('\r'))));
        return head.substring(9, 12);
    }

    @Test
    void theFirstHandshakeWorksWithoutADescriptorLeft() throws Exception {
        pressed(false);
    }

    @Test
    @Tag("long")
    void soItDoesOverTheJdksSockets() throws Exception {
        pressed(true);
    }

    private void pressed(boolean portable) throws Exception {
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.writeString(root.resolve("a.txt"), "0123456789");
        Path log = folder.resolve("classes.log");
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new Trusting()}, null);
        try (ChildJvm child = ChildJvm.start(List.of("prlimit", "--nofile=160"),
                List.of("-ea", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:class+load:file=" + log), PressedServer.class,
                List.of(Server.class, dev.coffer.http.Ascii.class, dev.coffer.memory.MemoryPlan.class, dev.coffer.crypto.Hash.class,
                        dev.coffer.tls.Alert.class, org.bouncycastle.asn1.x500.X500Name.class, org.bouncycastle.cert.X509v3CertificateBuilder.class),
                root.toString(), Boolean.toString(portable), "tls")) {
            int port = Integer.parseInt(child.await("ready"));
            int loaded = Files.readAllLines(log).size();
            try (Socket one = connect(port); Socket two = connect(port)) {
                child.resume();
                assertTrue(Integer.parseInt(child.await("exhausted")) > 20);
                try (SSLSocket first = secured(context, one, "http/1.1"); SSLSocket second = secured(context, two, "h2")) {
                    String status = get(first);
                    assertTrue(status.equals("200") || status.equals("503"), "the file may want a descriptor: " + status);
                    second.getOutputStream().write(PREFACE);
                    byte[] settings = second.getInputStream().readNBytes(9);
                    assertEquals(4, settings[3], "SETTINGS");
                    child.resume();
                    assertEquals("false", child.await("freed"));
                    assertEquals("200", get(first));
                    try (SSLSocket third = secured(context, connect(port), "http/1.1")) {
                        assertEquals("200", get(third));
                    }
                    child.resume();
                    child.await("exhausted-again");
                    child.resume();
                    child.await("closed");
                }
            }
            List<String> late = Files.readAllLines(log).stream().skip(loaded)
                    .filter(line -> line.contains("dev.coffer") || line.contains("source: jrt:/") || line.contains("source: file:")).toList();
            assertEquals(List.of(), late, "loaded after the doors were open");
            child.resume();
            assertEquals(0, child.exitCode(), child.output());
        }
    }
}
