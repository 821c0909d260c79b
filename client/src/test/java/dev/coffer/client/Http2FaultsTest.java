package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Method;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Calls that share a connection of HTTP/2, against servers that fail some of them: the others must not suffer, and nothing is done twice.
@Timeout(600)
class Http2FaultsTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_HEADERS = 4;
    private static final int END_STREAM = 1;
    private static final byte[] STATUS_200 = {(byte) 0x88};  // RFC 7541, appendix A

    /// A server's side of one connection, frame by frame.
    private static final class Wire {
        final DataInputStream in;
        private final Socket socket;
        int type;
        int stream;

        Wire(Socket socket, byte... settings) throws IOException {
            this.socket = socket;
            in = new DataInputStream(socket.getInputStream());
            in.readFully(new byte[24]);
            send(SETTINGS, 0, 0, settings);
        }

        void send(int newType, int newFlags, int newStream, byte... payload) throws IOException {
            socket.getOutputStream().write(frame(newType, newFlags, newStream, payload));
        }

        void next() throws IOException {
            int head = in.readInt();
            type = head & 0xff;
            in.skipNBytes(1);
            stream = in.readInt();
            in.skipNBytes(head >>> 8);
        }

        /// Waits until heads of so many requests have come.
        void heads(int count) throws IOException {
            for (int seen = 0; seen < count; seen += type == HEADERS ? 1 : 0) {
                next();
            }
        }

        void answer(int to) throws IOException {
            send(HEADERS, END_HEADERS | END_STREAM, to, STATUS_200);
        }

        /// Answers all that comes, but for one stream.
        void answerAllBut(int silent) throws IOException {
            try {
                while (true) {
                    next();
                    if (type == HEADERS && stream != silent) {
                        answer(stream);
                    }
                }
            } catch (EOFException e) {
                // the client has gone
            }
        }
    }

    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length).putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload).array();
    }

    private static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    private static byte[] setting(int name, int value) {
        return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
    }

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
            Wire wire = new Wire(socket, setting(4, 10));  // INITIAL_WINDOW_SIZE
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
            Wire wire = new Wire(socket);
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
            Wire wire = new Wire(socket);
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
            Wire wire = new Wire(socket);
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
            Wire wire = new Wire(socket);
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
