package dev.coffer.client;

import static dev.coffer.client.Http2Wire.DATA;
import static dev.coffer.client.Http2Wire.END_HEADERS;
import static dev.coffer.client.Http2Wire.END_STREAM;
import static dev.coffer.client.Http2Wire.GOAWAY;
import static dev.coffer.client.Http2Wire.HEADERS;
import static dev.coffer.client.Http2Wire.RST_STREAM;
import static dev.coffer.client.Http2Wire.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Method;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that a server has not answered because it wants them otherwise: in the other version, or on another connection. The application hears of one
/// answer, the others on the connection of nothing.
@Timeout(600)
class SentAgainTest {
    private static final int HTTP_1_1_REQUIRED = 13;
    private static final byte[] STATUS_421 = {8, 3, '4', '2', '1'};  // a literal whose name is in the static table
    private static final byte[] WORDS = "not here".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private static Path folder;
    private static Localhost localhost;

    private final List<String> heard = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void make() throws Exception {
        localhost = Localhost.in(folder);
    }

    private static Client open(Http2Asking asking) throws Exception {
        return Client.open(localhost.client(0).withHttp2(asking));
    }

    /// A server that speaks what was agreed on.
    private Peer peer(Peer.Script second) throws Exception {
        return new Peer(localhost.listener("h2", "http/1.1"), (socket, n) -> {
            SSLSocket secure = (SSLSocket) socket;
            secure.startHandshake();
            if (secure.getApplicationProtocol().equals("h2")) {
                second.run(socket, n);
            } else {
                first(socket);
            }
        });
    }

    /// HTTP/1.1: everything is answered.
    private void first(Socket socket) throws IOException {
        for (String head = Peer.readHead(socket); head != null; head = Peer.readHead(socket)) {
            int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
            int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
            heard.add(head.substring(0, head.indexOf(" HTTP/")) + " " + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8));
            Peer.write(socket, Peer.OK);
        }
    }

    private static Asked once(Method method, String uri) {
        return new Asked(method, uri, "some") {
            @Override
            public boolean isRepeatable() {
                return false;
            }
        };
    }

    /// A connection that has carried a call, so that the next ones go out on it at once.
    private static void settle(Client client, Peer peer) {
        assertNull(Asked.get(peer.secureUri("/first")).by(client).await().failure);
    }

    @Test
    void aRequestThatIsWantedInHttp11GoesOnAConnectionOfItsOwnAndTheOthersStay() throws Exception {
        try (Peer peer = peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            wire.heads(1);
            wire.answer(1);
            wire.heads(1);
            wire.send(RST_STREAM, 0, 3, ints(HTTP_1_1_REQUIRED));
            wire.answerAllBut(0);
        }); Client client = open(Http2Asking.defaults())) {
            settle(client, peer);
            Asked other = new Asked(Method.POST, peer.secureUri("/other"), "some").by(client).await();
            assertNull(other.failure);
            assertEquals(List.of("POST /other some"), heard);
            assertEquals("ok", other.text());
            assertEquals(2, other.begins);
            settle(client, peer);
            assertEquals(1, client.count(Count.REPEATED));
            assertEquals(2, client.count(Count.CONNECTIONS), "the first goes on");
            assertEquals(1, heard.size());
        }
    }

    @Test
    void whatIsLeftOutByAConnectionThatWantsHttp11GoesThereAndLaterOnesAskAnew() throws Exception {
        try (Peer peer = peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            wire.heads(1);
            wire.answer(1);
            if (n == 0) {
                wire.heads(2);
                wire.send(GOAWAY, 0, 0, ints(1, HTTP_1_1_REQUIRED));
            }
            wire.answerAllBut(0);
        }); Client client = open(Http2Asking.defaults())) {
            settle(client, peer);
            Asked one = new Asked(Method.POST, peer.secureUri("/one"), "1").by(client);
            Asked two = new Asked(Method.PUT, peer.secureUri("/two"), "2").by(client);
            assertEquals("ok", one.await().text());
            assertEquals("ok", two.await().text());
            assertEquals(List.of("POST /one 1", "PUT /two 2"), heard.stream().sorted().toList());
            settle(client, peer);
            assertEquals(2, heard.size());
        }
    }

    @Test
    void whoSpeaksHttp2AloneOrCannotRepeatHearsThatTheServerDoesNot() throws Exception {
        Peer.Script wants = (socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            while (true) {
                wire.heads(1);
                wire.send(RST_STREAM, 0, wire.stream, ints(HTTP_1_1_REQUIRED));
            }
        };
        try (Peer peer = peer(wants); Client client = open(Http2Asking.defaults().withAlone(true))) {
            Asked asked = Asked.get(peer.secureUri("/")).by(client).await();
            assertEquals(Failure.NO_HTTP2, asked.failure);
            assertEquals(1, asked.begins);
        }
        try (Peer peer = new Peer(wants); Client client = open(Http2Asking.defaults().withAlone(true))) {
            assertEquals(Failure.NO_HTTP2, Asked.get(peer.uri("/")).by(client).await().failure, "in the clear");
        }
        try (Peer peer = peer(wants); Client client = open(Http2Asking.defaults())) {
            Asked asked = once(Method.PUT, peer.secureUri("/")).by(client).await();
            assertEquals(Failure.NO_HTTP2, asked.failure);
            assertEquals(1, asked.begins);
        }
        assertEquals(List.of(), heard);
    }

    private static void misdirect(Http2Wire wire, int stream) throws IOException {
        wire.send(HEADERS, END_HEADERS, stream, STATUS_421);
        wire.send(DATA, END_STREAM, stream, WORDS);
    }

    @Test
    void aMisdirectedRequestGoesElsewhereAndWhatIsUnderWayBesideItIsAnswered() throws Exception {
        try (Peer peer = peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            if (n == 0) {
                wire.heads(1);
                wire.answer(1);
                wire.heads(2);
                misdirect(wire, 5);
                while (wire.type != GOAWAY) {
                    wire.next();
                }
                wire.answer(3);
            }
            wire.answerAllBut(0);
        }); Client client = open(Http2Asking.defaults())) {
            settle(client, peer);
            Asked beside = Asked.get(peer.secureUri("/beside")).by(client);
            Asked misdirected = new Asked(Method.POST, peer.secureUri("/misdirected"), "some").by(client);
            assertNull(misdirected.await().failure);
            assertEquals(200, misdirected.status);
            assertEquals(0, misdirected.got.size(), "of the first answer nothing is told");
            assertEquals(2, misdirected.begins);
            assertNull(beside.await().failure);
            assertEquals(1, beside.begins);
            settle(client, peer);
            assertEquals(2, client.count(Count.CONNECTIONS), "later ones go where that went");
        }
    }

    @Test
    void theSecondTimeItIsAnAnswer() throws Exception {
        try (Peer peer = peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            while (true) {
                wire.heads(1);
                misdirect(wire, wire.stream);
            }
        }); Client client = open(Http2Asking.defaults())) {
            Asked asked = Asked.get(peer.secureUri("/")).by(client).await();
            assertNull(asked.failure);
            assertEquals(421, asked.status);
            assertEquals("not here", asked.text());
            assertEquals(2, asked.begins);
            assertEquals(2, peer.connections.get());
            Asked unrepeatable = once(Method.POST, peer.secureUri("/")).by(client).await();
            assertEquals(421, unrepeatable.status);
            assertEquals(1, unrepeatable.begins);
        }
    }

    @Test
    void inHttp11TooOnOneThatIsThereOrAnother() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            if (n == 0) {
                Peer.readHead(socket);
                Peer.write(socket, "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 8\r\n\r\nnot here");
                Peer.awaitEnd(socket);
            } else {
                first(socket);
            }
        }); Client client = Client.open(localhost.client(0))) {
            Asked asked = new Asked(Method.POST, peer.uri("/"), "some").by(client).await();
            assertNull(asked.failure);
            assertEquals("ok", asked.text());
            assertEquals(2, asked.begins);
            assertEquals(List.of("POST / some"), heard);
            assertEquals(2, client.count(Count.CONNECTIONS));
        }
    }

    /// In HTTP/2 the head ends the stream, in HTTP/1.1 there is no content: the answer is whole before it can be given up.
    @Test
    void anAnswerThatIsAHeadAloneIsNotToldEither() throws Exception {
        try (Peer peer = peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            if (n == 0) {
                wire.heads(1);
                wire.send(HEADERS, END_HEADERS | END_STREAM, wire.stream, STATUS_421);
            }
            wire.answerAllBut(n == 0 ? wire.stream : 0);
        }); Peer clear = new Peer((socket, n) -> {
            if (n == 0) {
                Peer.readHead(socket);
                Peer.write(socket, "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n");
                Peer.awaitEnd(socket);
            } else {
                first(socket);
            }
        }); Client client = open(Http2Asking.defaults())) {
            for (String uri : List.of(peer.secureUri("/"), clear.uri("/"))) {
                Asked asked = Asked.get(uri).by(client).await();
                assertNull(asked.failure, uri);
                assertEquals(200, asked.status, uri);
                assertEquals(2, asked.begins, uri);
            }
        }
    }
}
