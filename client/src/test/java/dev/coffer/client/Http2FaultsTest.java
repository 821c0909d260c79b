package dev.coffer.client;

import static dev.coffer.client.Http2Wire.DATA;
import static dev.coffer.client.Http2Wire.END_HEADERS;
import static dev.coffer.client.Http2Wire.GOAWAY;
import static dev.coffer.client.Http2Wire.HEADERS;
import static dev.coffer.client.Http2Wire.RST_STREAM;
import static dev.coffer.client.Http2Wire.STATUS_200;
import static dev.coffer.client.Http2Wire.WINDOW_UPDATE;
import static dev.coffer.client.Http2Wire.frame;
import static dev.coffer.client.Http2Wire.ints;
import static dev.coffer.client.Http2Wire.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Method;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Calls that share a connection of HTTP/2, against servers that fail some of them: the others must not suffer, and nothing is done twice.
@Timeout(600)
class Http2FaultsTest {
    private static Client open() throws IOException {
        return Client.open(ClientConfig.standard().withHttp2(Http2Asking.defaults().withAlone(true)));
    }

    /// A connection that has carried a call, so that the next ones go out on it at once.
    private static void settle(Client client, Peer peer) {
        assertNull(Asked.get(peer.uri("/first")).by(client).await().failure);
    }

    @Test
    void aCallWhoseRequestAndSinkBothFailEndsAloneAndOnce() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket, setting(4, 10));  // INITIAL_WINDOW_SIZE
            if (n > 0) {
                wire.answerAllBut(0);
            }
            wire.heads(1);
            wire.answer(1);
            wire.heads(2);
            wire.next();
            while (wire.type != DATA) {
                wire.next();
            }
            ByteBuffer both = ByteBuffer.allocate(64);  // in one piece: content goes before the answer is looked at
            both.put(frame(WINDOW_UPDATE, 0, 5, ints(100))).put(frame(HEADERS, END_HEADERS, 5, STATUS_200));
            socket.getOutputStream().write(both.array(), 0, both.position());
            while (wire.type != RST_STREAM) {
                wire.next();
            }
            wire.answer(3);
            wire.answerAllBut(0);
        }); Client client = open()) {
            settle(client, peer);
            Asked other = Asked.get(peer.uri("/other")).by(client);
            Asked bad = new Asked(Method.POST, peer.uri("/bad"), "c".repeat(100)) {
                private int pulls;

                @Override
                public long body(MemorySegment output, long at, long room) {
                    if (++pulls == 3) {
                        throw new IllegalStateException("the source");
                    }
                    return super.body(output, at, Math.min(room, 10));
                }

                @Override
                public void head(Call call) {
                    throw new IllegalStateException("the sink");
                }
            }.by(client);
            assertEquals(Failure.APPLICATION, bad.await().failure);
            assertNull(other.await().failure);
            settle(client, peer);
            assertEquals(1, bad.ends);
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }

    @Test
    void aCallThatTakesTooLongLeavesTheOthersTheirConnection() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            wire.answerAllBut(3);
        }); Client client = open()) {
            settle(client, peer);
            Asked slow = new Asked(Method.GET, peer.uri("/slow"), null) {
                @Override
                public long nanosMax() {
                    return 20_000_000;
                }
            }.by(client);
            assertNull(Asked.get(peer.uri("/beside")).by(client).await().failure);
            assertEquals(Failure.TIMED_OUT, slow.await().failure);
            settle(client, peer);
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }

    /// One that holds its content back, and whose server has ended it: nothing comes any more, but the time does.
    @Test
    void aCallThatHoldsContentBackIsEndedByItsTimeThoughTheServerHasCutIt() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            wire.heads(1);
            wire.send(HEADERS, END_HEADERS, 1, STATUS_200);
            wire.send(DATA, 0, 1, new byte[5]);
            wire.send(RST_STREAM, 0, 1, ints(2));
            wire.answerAllBut(0);
        }); Client client = open()) {
            Asked held = new Asked(Method.GET, peer.uri("/held"), null) {
                @Override
                public long nanosMax() {
                    return 20_000_000;
                }

                @Override
                public long take(Call call, MemorySegment segment, long at, long length) {
                    return 0;
                }
            }.by(client);
            assertEquals(Failure.TIMED_OUT, held.await().failure);
        }
    }

    @Test
    void whatAGoAwayLeavesOutIsSentAgainWhateverItsMethodAndWhatWasAnsweredIsNot() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            if (n == 0) {
                wire.heads(1);
                wire.answer(1);
                wire.heads(2);
                wire.send(HEADERS, END_HEADERS, 3, STATUS_200);
                wire.send(DATA, 0, 3, new byte[5]);
                wire.send(GOAWAY, 0, 0, ints(0, 0));
            }
            wire.answerAllBut(0);
        }); Client client = open()) {
            settle(client, peer);
            Asked answered = new Asked(Method.POST, peer.uri("/answered"), "some").by(client);
            Asked leftOut = new Asked(Method.POST, peer.uri("/left"), "some").by(client);
            assertNull(leftOut.await().failure);
            assertEquals(200, leftOut.status);
            assertEquals(2, leftOut.begins);
            assertEquals(Failure.RESET, answered.await().failure);
            assertEquals(1, answered.begins, "its sink has heard of an answer");
            assertEquals(5, answered.got.size());
            assertEquals(1, client.count(Count.REPEATED));
        }
    }

    /// A server that ends a new connection would end the next one too.
    @Test
    void ofCallsWhoseNewConnectionDiesNoneIsSentAgain() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Http2Wire wire = new Http2Wire(socket);
            wire.heads(3);
        }); Client client = open()) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(Asked.get(peer.uri("/" + i)).by(client));
            }
            for (Asked asked : all) {
                assertEquals(1, asked.await().begins);
            }
            assertEquals(0, client.count(Count.REPEATED));
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }
}
