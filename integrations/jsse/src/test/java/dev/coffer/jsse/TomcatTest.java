package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.jsse.Certificates.Side;
import dev.coffer.tls.NamedGroup;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocket;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tomcat 11 on our provider, which stands first in the list, as `java.security` would have it: asked by the JDK's clients over HTTP/1.1 and HTTP/2, and by
/// sockets of ours.
final class TomcatTest {
    private static final long MINUTES = 5;
    private static final int REQUESTS = 40;
    private static final int CLIENTS = 3;  // a connection each of HTTP/2, and as many as there are questions at once of HTTP/1.1

    private static final Logger LOGGER = Logger.getLogger("org.apache");
    private static Tomcat tomcat;
    private static int port;

    @TempDir
    static Path folder;

    @BeforeAll
    static void begin() throws Exception {
        LOGGER.setLevel(Level.SEVERE);
        Security.insertProviderAt(Certificates.COFFER, 1);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        KeyPair pair = Certificates.pair("EC");
        Certificates.add(store, "localhost", pair.getPrivate(), Certificates.certificate(pair, "localhost", "CN=tomcat", 0));
        Path keys = folder.resolve("keys.p12");
        try (OutputStream out = Files.newOutputStream(keys)) {
            store.store(out, Certificates.PASSWORD);
        }
        tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("SSLEnabled", "true");
        connector.setMaxPostSize(-1);
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
        certificate.setCertificateKeystoreFile(keys.toString());
        certificate.setCertificateKeystorePassword(new String(Certificates.PASSWORD));
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
        connector.addUpgradeProtocol(new Http2Protocol());
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", folder.toString());
        Tomcat.addServlet(context, "echo", new Echo()).addMapping("/");
        tomcat.start();
        port = connector.getLocalPort();
    }

    @AfterAll
    static void end() throws Exception {
        try {
            tomcat.stop();
            tomcat.destroy();
        } finally {
            Security.removeProvider(CofferJsseProvider.NAME);
        }
    }

    private static final class Echo extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void doPost(HttpServletRequest asked, HttpServletResponse answer) throws IOException {
            asked.getInputStream().transferTo(answer.getOutputStream());
        }
    }

    private static byte[] body(Random random, int i) {
        byte[] body = new byte[i == 25 ? 1 << 20 : 1 + random.nextInt(5000)];
        random.nextBytes(body);
        return body;
    }

    @ParameterizedTest
    @CsvSource({"OURS,HTTP_2", "JDK,HTTP_1_1"})
    void questionsAndUploadsComeBackOverManyConnections(Side side, HttpClient.Version version) throws Exception {
        URI at = URI.create("https://localhost:" + port + "/");
        List<HttpClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(HttpClient.newBuilder().sslContext(side.client()).version(version).build());
            }
            Random random = new Random(11);
            List<byte[]> said = new ArrayList<>();
            List<CompletableFuture<HttpResponse<byte[]>>> heard = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                said.add(body(random, i));
                heard.add(clients.get(i % CLIENTS).sendAsync(HttpRequest.newBuilder(at).POST(HttpRequest.BodyPublishers.ofByteArray(said.get(i))).build(),
                        HttpResponse.BodyHandlers.ofByteArray()));
                if (i % 20 == 19) {
                    heard.get(i).get(MINUTES, TimeUnit.MINUTES);  // so many at once, and no more
                }
            }
            for (int i = 0; i < REQUESTS; i++) {
                HttpResponse<byte[]> answer = heard.get(i).get(MINUTES, TimeUnit.MINUTES);
                assertEquals(version, answer.version());
                assertArrayEquals(said.get(i), answer.body());
            }
        } finally {
            clients.forEach(HttpClient::close);
        }
    }

    @Test
    void urlConnectionsGoOverOurSockets() throws Exception {
        Random random = new Random(10);
        for (int i = 22; i < 27; i++) {
            byte[] body = body(random, i);
            HttpsURLConnection connection = (HttpsURLConnection) URI.create("https://localhost:" + port + "/").toURL().openConnection();
            connection.setSSLSocketFactory(Side.OURS.client().getSocketFactory());
            connection.setDoOutput(true);
            connection.getOutputStream().write(body);
            assertArrayEquals(body, connection.getInputStream().readAllBytes());
            assertEquals("CN=tomcat", connection.getPeerPrincipal().getName());
        }
    }

    @Test
    void theHybridIsAgreedOnWithWhoeverHasIt() throws Exception {
        try (SSLSocket socket = (SSLSocket) Side.OURS.client().getSocketFactory().createSocket("localhost", port)) {
            socket.startHandshake();
            assertEquals(NamedGroup.X25519MLKEM768, ((TlsSocket) socket).engine().group());
        }
    }
}
