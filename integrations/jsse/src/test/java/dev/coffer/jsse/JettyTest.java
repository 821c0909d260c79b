package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientConnectionFactory;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
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
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
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
        return serve(true, hosts);
    }

    private static Server serve(boolean speaksTwo, String... hosts) throws Exception {
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
        SslConnectionFactory ssl = new SslConnectionFactory(tls, alpn.getProtocol());
        ServerConnector connector = speaksTwo ? new ServerConnector(server, 1, 1, ssl, alpn, two, one) : new ServerConnector(server, 1, 1, ssl, alpn, one);
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
        ClientConnector connector = connector(side);
        return started(new HttpClient(two ? new HttpClientTransportOverHTTP2(new HTTP2Client(connector)) : new HttpClientTransportOverHTTP(connector)));
    }

    /// {@return a client that offers both and takes what is agreed on}
    private static HttpClient clientOfBoth(Side side) throws Exception {
        ClientConnector connector = connector(side);
        return started(new HttpClient(new HttpClientTransportDynamic(connector, new ClientConnectionFactoryOverHTTP2.HTTP2(new HTTP2Client(connector)),
                HttpClientConnectionFactory.HTTP11)));
    }

    private static ClientConnector connector(Side side) throws Exception {
        ClientConnector connector = new ClientConnector();
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setSslContext(side.client());
        connector.setSslContextFactory(tls);
        return connector;
    }

    /// {@return the client, for which every host is this one}
    private static HttpClient started(HttpClient client) throws Exception {
        client.setSocketAddressResolver(new SocketAddressResolver() {
            @Override
            public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
                try {
                    promise.succeeded(List.of(new InetSocketAddress(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}), port)));
                } catch (UnknownHostException e) {
                    promise.failed(e);
                }
            }
        });
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
            URI at = URI.create("https://localhost:" + port(server) + "/");
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
            int port = port(server);
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

    private static int port(Server server) {
        return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    /// Which protocol it is, ALPN alone decides: of the peer's the server takes its own, the client what the server took.
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whoOffersBothSpeaksWhatTheServerHas(boolean speaksTwo) throws Exception {
        Server server = serve(speaksTwo, "localhost");
        HttpClient client = clientOfBoth(Side.OURS);
        try {
            ContentResponse answer = client.GET("https://localhost:" + port(server) + "/");
            assertEquals(200, answer.getStatus());
            assertEquals(speaksTwo ? "HTTP/2.0" : "HTTP/1.1", answer.getVersion().asString());
        } finally {
            client.stop();
            server.stop();
        }
    }

    @Test
    void aClientOfOtherProtocolsIsRefusedAndOneOfNoneIsServed() throws Exception {
        Server server = serve("localhost");
        try {
            for (String[] offered : new String[][] {{"spdy/1"}, {"spdy/1", "http/1.1"}, {}}) {
                try (SSLSocket socket = (SSLSocket) Side.JDK.client().getSocketFactory().createSocket("127.0.0.1", port(server))) {
                    SSLParameters asks = socket.getSSLParameters();
                    asks.setApplicationProtocols(offered);
                    socket.setSSLParameters(asks);
                    if (offered.length == 1) {
                        SSLException no = assertThrows(SSLException.class, socket::startHandshake);
                        assertTrue(no.getMessage().contains("no_application_protocol"), no::getMessage);  // RFC 7301, section 3.2
                        continue;
                    }
                    socket.startHandshake();
                    assertEquals(offered.length == 0 ? "" : "http/1.1", socket.getApplicationProtocol());
                    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes());
                    String answer = new String(socket.getInputStream().readAllBytes());
                    assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
                }
            }
        } finally {
            server.stop();
        }
    }

    /// The server has a key for each name, and none answers for another: a client that asked for no name would trust one of three at the most.
    @Test
    void jettysClientAsksForTheNameInTheAddressAndTrustsNoOther() throws Exception {
        Server server = serve("one.example", "two.example", "three.example");
        HttpClient client = client(Side.OURS, false);
        try {
            for (String host : List.of("two.example", "one.example", "three.example")) {
                assertEquals(200, client.GET("https://" + host + ":" + port(server) + "/").getStatus(), host);
            }
            ExecutionException no = assertThrows(ExecutionException.class, () -> client.GET("https://four.example:" + port(server) + "/"));
            assertInstanceOf(SSLHandshakeException.class, no.getCause());
        } finally {
            client.stop();
            server.stop();
        }
    }
}
