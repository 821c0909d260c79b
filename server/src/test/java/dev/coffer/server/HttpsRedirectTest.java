package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Limits;
import dev.coffer.http.Status;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who comes in the clear to a server of TLS with an annex that sends him on, beside one with pages.
class HttpsRedirectTest {
    private static final Site CREATED = Site.of(exchange -> exchange.respond(Status.CREATED));
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private ServerConfig config;
    private Tls tls;
    private Server server;

    private static Annex[] annexes(ServerConfig config) {
        return new Annex[] {Annex.local(0, LedgerPage.before(StatusPages.before(Site.of(exchange -> exchange.respond(Status.NOT_FOUND))))),
                Annex.redirect(ANY, config.http().limits())};
    }

    @BeforeEach
    void open() throws Exception {
        tls = Tls.of(Certified.patient(), Certified.make(KeyAlgorithm.P256, "coffer.test").identity());
        config = ServerConfig.standard().withTls(tls);
        server = Server.open(config, CREATED, annexes(config));
        server.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /// {@return head and content, to the connection's end}
    private String ask(int annex, String request) throws IOException {
        InetSocketAddress address = server.annexAddress(annex);
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String location(String answer) {
        return answer.lines().filter(line -> line.startsWith("Location: ")).map(line -> line.substring(10)).reduce("", String::concat);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "GET / HTTP/1.1|coffer.test|coffer.test#/",
            "GET /a//b/../%2e?c=d&e=/?? HTTP/1.1|coffer.test|coffer.test#/a//b/../%2e?c=d&e=/??",
            "GET /? HTTP/1.1|coffer.test:80|coffer.test#/?",
            "GET //elsewhere.test/\\x HTTP/1.1|COFFER.test:|COFFER.test#//elsewhere.test/\\x",
            "HEAD /h HTTP/1.1|coffer.test.|coffer.test.#/h",
            "POST /p HTTP/1.1|coffer.test|coffer.test#/p",
            "BREW /tea HTTP/1.1|coffer.test|coffer.test#/tea",
            "GET /.well-known/acme-challenge/x HTTP/1.1|coffer.test|coffer.test#/.well-known/acme-challenge/x",
            "OPTIONS * HTTP/1.1|coffer.test|coffer.test#",
            "GET http://coffer.test:81/abs?q HTTP/1.1|elsewhere.test|coffer.test#/abs?q",
            "GET http://coffer.test?q HTTP/1.1|coffer.test|coffer.test#?q",
            "GET /old HTTP/1.0|coffer.test|coffer.test#/old"})
    void everyRequestGoesToTheSamePlaceOverHttps(String line, String host, String place) throws IOException {
        String answer = ask(1, line + "\r\nHost: " + host + "\r\nContent-Length: 6\r\nX-Secret: planted\r\nConnection: close\r\n\r\nplant!");
        assertTrue(answer.startsWith("HTTP/1.1 308 "), answer);
        assertEquals("https://" + place.replace("#", ":" + server.address().getPort()), location(answer), answer);
        assertFalse(answer.contains("plant"), "nothing of fields or content is told again");
        assertFalse(answer.toLowerCase(Locale.ROOT).contains("strict-transport-security"), answer);
        assertEquals(line.startsWith("HEAD"), answer.endsWith("\r\n\r\n"), "content but for HEAD: " + answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "GET / HTTP/1.1|elsewhere.test|421", "GET / HTTP/1.1|xcoffer.test|421", "GET / HTTP/1.1|coffer.test.elsewhere.test|421",
            "GET http://elsewhere.test/ HTTP/1.1|coffer.test|421", "GET / HTTP/1.1|127.0.0.1|421", "GET / HTTP/1.1|[::1]:80|421",
            "GET / HTTP/1.1|coffer.test@elsewhere.test|400", "GET / HTTP/1.1|coffer.test/elsewhere|400", "GET / HTTP/1.1|''|400",
            "GET / HTTP/1.0|''|400", "CONNECT coffer.test:443 HTTP/1.1|coffer.test|501"})
    void whoAsksForAnotherHostOrNoneIsSentNowhere(String line, String host, int status) throws IOException {
        String answer = ask(1, line + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        assertEquals("", location(answer));
        assertFalse(answer.contains("elsewhere"), answer);
    }

    @Test
    void whoNamesNoHostIsAtFault() throws IOException {
        assertTrue(ask(1, "GET / HTTP/1.0\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(ask(1, "GET / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(ask(1, "GET / HTTP/1.1\r\nHost: coffer.test\r\nHost: coffer.test\r\n\r\n").startsWith("HTTP/1.1 400 "));
    }

    @Test
    void whatTheServerTakesCanBeAskedForHereAndNoMore() throws IOException {
        int most = config.http().limits().startLineBytesMax() - "GET / HTTP/1.1".length();
        String longest = "x".repeat(most);
        String answer = ask(1, "GET /" + longest + " HTTP/1.1\r\nHost: coffer.test\r\nConnection: close\r\n\r\n");
        assertEquals("https://coffer.test:" + server.address().getPort() + "/" + longest, location(answer));
        answer = ask(1, "GET /x" + longest + " HTTP/1.1\r\nHost: coffer.test\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 414 "), answer);
    }

    @Test
    void theCertificatesOfTheMomentDecide() throws Exception {
        tls.identities(List.of(Certified.make(KeyAlgorithm.P256, "*.other.test").identity()));
        String other = "GET / HTTP/1.1\r\nConnection: close\r\nHost: ";
        assertTrue(ask(1, other + "a.other.test\r\n\r\n").startsWith("HTTP/1.1 308 "));
        assertTrue(ask(1, other + "coffer.test\r\n\r\n").startsWith("HTTP/1.1 421 "));
    }

    @Test
    void manyOnOneConnectionHaveAnAnswerEach() throws IOException {
        int count = 3 * Annex.REDIRECT_ACTIVE;
        String one = "GET /x HTTP/1.1\r\nHost: coffer.test\r\n\r\n";
        String all = ask(1, one.repeat(count - 1) + one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        assertEquals(count + 1, all.split("HTTP/1.1 308 ", -1).length);
    }

    @Test
    void planRegionAndLedgerAreOneAndThePagesTellOfIt() throws IOException {
        assertEquals(config.loops() + 2, server.regions().size());
        assertEquals("redirect", server.regions().getLast().plan().name());
        assertEquals(server.plan().totalBytes(), server.ledger().regionBytes());
        assertEquals(server.plan().totalBytes(), Server.plan(config, CREATED, annexes(config)).totalBytes());
        String ledger = ask(0, "GET /-/ledger.json HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        assertTrue(ledger.contains("\"planBytes\":" + server.plan().totalBytes()), ledger);
        assertTrue(ledger.contains("\"redirect\""), ledger);
    }

    @Test
    void pagesOfAsManyLoopsAsThereMayBeHaveRoomForBothAnnexes() throws IOException {
        ServerConfig many = ServerConfig.tight().withSize(64, 64, 64);
        try (Server wide = Server.open(many, CREATED, Annex.local(0, LedgerPage.before(CREATED)), Annex.redirect(ANY, Limits.tight()))) {
            assertEquals(66, wide.regions().size());
        }
    }
}
