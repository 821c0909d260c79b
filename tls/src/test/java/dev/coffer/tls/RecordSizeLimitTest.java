package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Records no longer than their receiver takes (RFC 8449): told, heeded and enforced, by both sides.
class RecordSizeLimitTest {
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final int ABSENT = -1;

    private ServerIdentity identity;
    private TicketKeys keys;
    private Place place;
    private Echo echo;
    private TlsServer<Echo.Event> server;
    private TestClient client;

    @BeforeEach
    void open() throws Exception {
        identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        place(Wire.INNER_BYTES_MAX);
    }

    private void place(int limit) {
        closePlace();
        place = Place.of(TlsServerConfig.defaults().withCounts(1, 1, 1).withRecordSizeLimit(limit), identity);
        place.context().ticketKeys(keys);
    }

    @AfterEach
    void closePlace() {
        if (place != null) {
            assertEquals(0, place.context().pool().usedBytes(), "lent at the end");
            place.context().close();
            assertEquals(0, RawMemory.nonZero(place.memory()), "left in the region");
            place.close();
            place = null;
        }
    }

    /// A client that tells such a limit, up to the server's answer.
    private void hello(byte[] limit) {
        echo = new Echo(100_000);
        server = new TlsServer<>(place.context(), 0, (connection, now) -> echo);
        client = new TestClient(server, SUITE);
        List<byte[]> extensions = client.extensions();
        extensions.add(TestClient.extension(Wire.PSK_MODES, TestClient.hex("0101")));
        if (limit.length > 0) {
            extensions.add(TestClient.extension(Wire.RECORD_SIZE_LIMIT, limit));
        }
        byte[] hello = client.hello(extensions);
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        client.listen();
    }

    private void shaken(int limit) {
        hello(limit == ABSENT ? new byte[0] : TestClient.u16(limit));
        client.finish();
        client.listen();
        assertTrue(server.isOpen(), server.toString());
    }

    /// {@return the limit that the server tells in its EncryptedExtensions}
    private int told() {
        byte[] message = client.messages.get(1);
        assertEquals(Wire.ENCRYPTED_EXTENSIONS, message[0]);
        for (int p = 6; p < message.length; p += 4 + (message[p + 2] << 8 | message[p + 3] & 0xff)) {
            if ((message[p] << 8 | message[p + 1]) == Wire.RECORD_SIZE_LIMIT) {
                return (message[p + 4] & 0xff) << 8 | message[p + 5] & 0xff;
            }
        }
        return ABSENT;
    }

    private Alert ends(byte[] limit) {
        hello(limit);
        Alert alert = client.alert();
        server.close();
        return alert;
    }

    @Test
    void aServerTellsItsOwnToWhoTells() {
        for (int own : new int[] {64, 1000, 16_385}) {
            place(own);
            for (int limit : new int[] {ABSENT, 64, 16_385, 65_535}) {
                shaken(limit);
                assertEquals(limit == ABSENT ? ABSENT : own, told());
                server.close();
            }
        }
    }

    @Test
    void lessThan64AndWhatIsNoNumberHaveTheirAlerts() {
        assertEquals(null, ends(TestClient.u16(64)));
        assertEquals(Alert.ILLEGAL_PARAMETER, ends(TestClient.u16(63)));
        assertEquals(Alert.ILLEGAL_PARAMETER, ends(TestClient.u16(0)));
        assertEquals(Alert.DECODE_ERROR, ends(new byte[] {64}));
        assertEquals(Alert.DECODE_ERROR, ends(new byte[3]));
        assertThrows(IllegalArgumentException.class, () -> TlsServerConfig.defaults().withRecordSizeLimit(63));
        assertThrows(IllegalArgumentException.class, () -> TlsClientConfig.defaults().withRecordSizeLimit(63));
        assertEquals(64, TlsClientConfig.defaults().withRecordSizeLimit(64).recordSizeLimit());
        assertThrows(IllegalArgumentException.class, () -> TlsServerConfig.defaults().withRecordSizeLimit(16_386));
        assertEquals(16_385, TlsServerConfig.defaults().withRecordSizeLimit(16_385).recordSizeLimit());
    }

    /// The flight, tickets and content alike; and as long as they may be.
    @Test
    void noProtectedRecordOfAServersIsLongerThanItsClientTakes() {
        byte[] text = new byte[50_000];
        new SplittableRandom(3).nextBytes(text);
        for (int limit : new int[] {64, 65, 127, 500, 16_384, 16_385, 40_000, ABSENT}) {
            shaken(limit);
            for (int at = 0; at < text.length; at += 10_000) {
                client.say(Wire.APPLICATION_DATA, Arrays.copyOfRange(text, at, at + 10_000));
            }
            client.listen();
            assertArrayEquals(text, client.content.toByteArray(), "limit " + limit);
            int most = limit == ABSENT ? 16_385 : Math.min(limit, 16_385);
            assertEquals(most, Collections.max(client.innerBytes), "limit " + limit);
            server.close();
        }
    }

    @Test
    void aServerRefusesLongerOnesFromWhoWasToldAndFromNobodyElse() {
        place(100);
        for (int padding : new int[] {0, 1, 50, 99}) {
            shaken(16_385);
            client.raw(client.record(Wire.APPLICATION_DATA, new byte[99 - padding], padding));
            client.listen();
            assertEquals(99 - padding, client.content.size(), "at the limit, padding among it");
            client.raw(client.record(Wire.APPLICATION_DATA, new byte[100 - padding], padding));
            client.listen();
            assertEquals(Alert.RECORD_OVERFLOW, client.alert());
            assertEquals(99 - padding, client.content.size(), "nothing of it was heard");
            server.close();
        }
        shaken(ABSENT);
        client.say(Wire.APPLICATION_DATA, new byte[16_384]);
        client.listen();
        assertEquals(16_384, client.content.size());
        server.close();
    }

    /// What goes before there are keys is not limited (section 4).
    @Test
    void aHelloMayBeLongerThanTheLimit() {
        place(64);
        shaken(64);
        assertFalse(client.messages.getFirst().length <= 64);
        server.close();
    }

    /// A driver that has the room of one record alone, as when all large buffers are lent.
    @Test
    void whatHasNoRoomInPiecesEndsTheConnectionAndIsWiped() {
        MemorySegment output = Arena.ofAuto().allocate(4096);
        long least = TlsConnection.OVERHEAD_BYTES + place.context().config().carriedOutputBytesMin();
        for (int content : new int[] {1500, 2048}) {
            shaken(64);
            assertEquals(2048 + 33L * TlsConnection.OVERHEAD_BYTES, server.outputBytesMin());
            client.say(Wire.APPLICATION_DATA, new byte[content]);
            output.fill((byte) 0x55);
            assertEquals(0, server.pollOutput(output, 0, least - 1, TestClient.NOW));
            long wrote = server.pollOutput(output, 0, least, TestClient.NOW);
            if (content == 1500) {
                assertEquals(content + 24L * TlsConnection.OVERHEAD_BYTES, wrote, "it has room");
                assertFalse(server.isEnded());
            } else {
                assertEquals(Alert.INTERNAL_ERROR, server.alertSent());
                assertEquals(0, RawMemory.nonZero(output, wrote, (int) (5 + content - wrote)), "what was to be said is wiped");
                assertTrue(server.isEnded());
            }
            server.close();
        }
    }

    private void converse(int ofServer, int ofClient, PeerVerifier verifier) {
        place(ofServer);
        byte[] text = new byte[40_000];
        new SplittableRandom(ofServer).nextBytes(text);
        try (ClientPlace clients = ClientPlace.of(TlsClientConfig.defaults().withCounts(1, 1, 1).withRecordSizeLimit(ofClient), verifier)) {
            Echo each = new Echo(20_000);
            Speaker speaker = new Speaker(text);
            server = new TlsServer<>(place.context(), 0, (connection, now) -> each);
            TlsClient<Speaker.Event> ours = new TlsClient<Speaker.Event>(clients.context(), 0, (connection, now) -> speaker).to("coffer.test");
            server.reset(TestClient.NOW);
            ours.reset(TestClient.NOW);
            TlsClientTest.converse(ours, server, ofClient);
            assertArrayEquals(text, speaker.heard.toByteArray(), ours + ", " + server);
            ours.close();
            server.close();
            clients.context().close();
            assertEquals(0, RawMemory.nonZero(clients.memory()), "left by the client");
        }
    }

    @Test
    void bothOfOursKeepToWhatTheOtherTakes() {
        for (int ofServer : new int[] {64, 65, 1000, 16_385}) {
            for (int ofClient : new int[] {64, 777, 16_384, 16_385}) {
                converse(ofServer, ofClient, new MutationTest.Trusting());
            }
        }
    }

    /// What a client whose limit is 100 says to a server's record of content or, before it, of the EncryptedExtensions.
    private static Alert said(Consumer<List<Script.Line>> change) throws Exception {
        try (Subject subject = new Subject(SUITE, new MutationTest.Trusting(), false, 100)) {
            List<Script.Line> lines = new ArrayList<>(subject.toClient.lines);
            change.accept(lines);
            TlsClient<Echo.Event> client = subject.client(new Subject.Ear());
            subject.said(client);
            for (byte[] record : subject.toClient.seal(lines)) {
                subject.feed(client, record, 0, record.length);
                subject.said(client);
            }
            Alert alert = client.alertSent();
            client.close();
            subject.checkNothingLeft();
            return alert;
        }
    }

    private static void replace(List<Script.Line> lines, Script.Level level, int content, int padding) {
        for (int i = 0; i < lines.size(); i++) {
            Script.Line line = lines.get(i);
            if (line.level() == level) {
                lines.set(i, new Script.Line(level, line.type(), content < 0 ? line.content() : new byte[content], padding));
                return;
            }
        }
        throw new AssertionError("no line of " + level);
    }

    @Test
    void aClientRefusesLongerOnesThanItTold() throws Exception {
        assertEquals(Alert.CLOSE_NOTIFY, said(lines -> replace(lines, Script.Level.APPLICATION, 99, 0)));
        assertEquals(Alert.CLOSE_NOTIFY, said(lines -> replace(lines, Script.Level.APPLICATION, 0, 99)));
        assertEquals(Alert.RECORD_OVERFLOW, said(lines -> replace(lines, Script.Level.APPLICATION, 100, 0)));
        assertEquals(Alert.RECORD_OVERFLOW, said(lines -> replace(lines, Script.Level.APPLICATION, 1, 99)));
        assertEquals(Alert.RECORD_OVERFLOW, said(lines -> replace(lines, Script.Level.HANDSHAKE, -1, 1)), "the one that brings the limit");
    }
}
