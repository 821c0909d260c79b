package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Jetty 12 on our context by its provider's name, server and client, HTTP/1.1 and HTTP/2 by ALPN.
final class JettyTest {
    private static final long MINUTES = 5;
    private static final int REQUESTS = 50;
    private static final int CONNECTIONS = 8;

    @BeforeAll
    static void begin() {
        Security.addProvider(Certificates.COFFER);
    }

    @AfterAll
    static void end() {
        Security.removeProvider(CofferJsseProvider.NAME);
    }

    private static KeyStore store(String... hosts) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (String host : hosts) {
            KeyPair pair = Certificates.pair("EC");
            Certificates.add(store, host, pair.getPrivate(), Certificates.certificate(pair, host, "CN=" + host, 0));
        }
        return store;
    }

    /// {@return a server that says back what it hears}
    private static Server serve(String... hosts) throws Exception {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setProvider(CofferJsseProvider.NAME);
        tls.setKeyStore(store(hosts));
        tls.setKeyStorePassword(new String(Certificates.PASSWORD));
        Server server = new Server(new QueuedThreadPool(24));
        HttpConfiguration http = new HttpConfiguration();
        http.addCustomizer(new SecureRequestCustomizer());
        HttpConnectionFactory one = new HttpConnectionFactory(http);
        HTTP2ServerConnectionFactory two = new HTTP2ServerConnectionFactory(http);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(one.getProtocol());
        ServerConnector connector = new ServerConnector(server, 1, 1, new SslConnectionFactory(tls, alpn.getProtocol()), alpn, two, one);
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(TimeUnit.MINUTES.toMillis(MINUTES));  // half a minute is little on a busy machine
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Content.copy(request, response, callback);
                return true;
            }
        });
        server.start();
        return server;
    }

    private static HttpClient client(Side side, boolean two) throws Exception {
        ClientConnector connector = new ClientConnector();
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setSslContext(side.client());
        connector.setSslContextFactory(tls);
        HttpClient client = new HttpClient(two ? new HttpClientTransportOverHTTP2(new HTTP2Client(connector)) : new HttpClientTransportOverHTTP(connector));
        client.setConnectTimeout(TimeUnit.MINUTES.toMillis(MINUTES));
        client.setMaxConnectionsPerDestination(CONNECTIONS);
        client.setMaxRequestsQueuedPerDestination(REQUESTS);
        client.start();
        return client;
    }

    @ParameterizedTest
    @CsvSource({"OURS,false", "OURS,true", "JDK,false"})
    void questionsAndUploadsComeBackOverManyConnections(Side side, boolean two) throws Exception {
        Server server = serve("localhost");
        HttpClient client = client(side, two);
        try {
            URI at = URI.create("https://localhost:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort() + "/");
            Random random = new Random(12);
            List<byte[]> said = new ArrayList<>();
            List<CompletableFuture<ContentResponse>> heard = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                byte[] body = new byte[i == 25 ? 1 << 20 : 1 + random.nextInt(5000)];
                random.nextBytes(body);
                said.add(body);
                heard.add(new CompletableResponseListener(client.POST(at).body(new BytesRequestContent(body))).send());
            }
            for (int i = 0; i < REQUESTS; i++) {
                ContentResponse answer = heard.get(i).get(MINUTES, TimeUnit.MINUTES);
                assertEquals(200, answer.getStatus());
                assertEquals(two ? "HTTP/2.0" : "HTTP/1.1", answer.getVersion().asString());
                assertArrayEquals(said.get(i), answer.getContent());
            }
        } finally {
            client.stop();
            server.stop();
        }
    }

    @Test
    void jettysKeyManagerChoosesByTheNameThatIsAskedFor() throws Exception {
        Server server = serve("one.example", "two.example", "three.example");
        try {
            int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
            for (String host : List.of("two.example", "one.example", "three.example")) {
                try (SSLSocket socket = (SSLSocket) Side.JDK.client().getSocketFactory().createSocket("127.0.0.1", port)) {
                    SSLParameters asks = socket.getSSLParameters();
                    asks.setServerNames(List.of(new SNIHostName(host)));
                    socket.setSSLParameters(asks);
                    socket.startHandshake();
                    X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
                    assertEquals("CN=" + host, shown.getSubjectX500Principal().getName());
                    socket.getOutputStream().write(("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").getBytes());
                    String answer = new String(socket.getInputStream().readAllBytes());
                    assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
                }
            }
        } finally {
            server.stop();
        }
    }
}
