package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Records that are filled up (RFC 8446, section 5.4): every protected one to a multiple, the peer's limit permitting (RFC 8449).
class RecordPaddingTest {
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final int[] MULTIPLES = {2, 16, 255, 512, 4096, 16_384};

    private ServerIdentity identity;

    @BeforeEach
    void open() throws Exception {
        identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
    }

    private static TlsServerConfig config(int padding) {
        return TlsServerConfig.defaults().withCounts(1, 1, 1).withPaddingBytes(padding);
    }

    private static TestClient shaken(TlsServer<?> server, int limit) {
        TestClient client = new TestClient(server, SUITE);
        List<byte[]> extensions = client.extensions();
        extensions.add(TestClient.extension(Wire.RECORD_SIZE_LIMIT, TestClient.u16(limit)));
        byte[] hello = client.hello(extensions);
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        client.listen();
        client.finish();
        client.listen();
        assertTrue(server.isOpen(), server.toString());
        return client;
    }

    /// The flight of the handshake, content of lengths beside each multiple and beside the limit, and the last alert.
    @Test
    void everyProtectedRecordIsAMultipleOrAsLongAsThePeerTakes() {
        for (int padding : MULTIPLES) {
            for (int limit : new int[] {64, 100, 512, 1000, 16_385}) {
                try (Place place = Place.of(config(padding), identity)) {
                    Echo echo = new Echo(200_000);
                    TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> echo);
                    TestClient client = shaken(server, limit);
                    ByteArrayOutputStream said = new ByteArrayOutputStream();
                    for (int edge : new int[] {1, padding, limit, 2 * limit, 16_384}) {
                        for (int length = Math.max(1, edge - 2); length <= Math.min(edge + 1, 16_384); length++) {
                            byte[] text = new byte[length];
                            Arrays.fill(text, (byte) length);  // of which zeros end some: they are content
                            client.say(Wire.APPLICATION_DATA, text);
                            client.listen();
                            said.writeBytes(text);
                        }
                    }
                    assertArrayEquals(said.toByteArray(), client.content.toByteArray(), "to a multiple of " + padding + ", limit " + limit);
                    client.say(Wire.ALERT, new byte[] {1, 0});
                    client.listen();
                    assertEquals(Alert.CLOSE_NOTIFY, client.alert());
                    for (int inner : client.innerBytes) {
                        assertTrue(inner == limit || inner < limit && inner % padding == 0, inner + " bytes, to a multiple of " + padding + ", limit " + limit);
                    }
                    server.close();
                    place.context().close();
                    assertEquals(0, RawMemory.nonZero(place.memory()), "left");
                }
            }
        }
    }

    @Test
    void whatIsShorterThanAMultipleLooksAlike() {
        try (Place place = Place.of(config(512), identity)) {
            Echo echo = new Echo(200_000);
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> echo);
            TestClient client = shaken(server, 16_385);
            int before = client.innerBytes.size();
            for (int length : new int[] {1, 2, 100, 511}) {
                client.say(Wire.APPLICATION_DATA, new byte[length]);
                client.listen();
            }
            assertEquals(List.of(512, 512, 512, 512), client.innerBytes.subList(before, client.innerBytes.size()));
            client.say(Wire.APPLICATION_DATA, new byte[512]);
            client.listen();
            assertEquals(1024, client.innerBytes.getLast(), "its type is in it");
            server.close();
        }
    }

    /// With the room that is asked for at the least one record of the longest that is carried fits, and with a byte less nothing is tried.
    @Test
    void noRecordIsLongerThanItsRoom() {
        MemorySegment output = Arena.ofAuto().allocate(40_000);
        for (int padding : MULTIPLES) {
            for (int limit : new int[] {64, 16_385}) {
                try (Place place = Place.of(config(padding), identity)) {
                    Echo echo = new Echo(200_000);
                    TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> echo);
                    TestClient client = shaken(server, limit);
                    int least = place.context().carriedOutputBytesMin() + TlsConnection.OVERHEAD_BYTES + Math.min(padding, limit) - 1;
                    assertTrue(server.outputBytesMin() >= least);
                    client.say(Wire.APPLICATION_DATA, new byte[1]);
                    assertEquals(0, server.pollOutput(output, 0, least - 1, TestClient.NOW));
                    assertTrue(server.pollOutput(output, 0, least, TestClient.NOW) > 0);
                    for (int length : new int[] {5000}) {
                        for (long room = server.outputBytesMin(); room < server.outputBytesMin() + padding + 2; room += Math.max(1, padding / 3)) {
                            client.say(Wire.APPLICATION_DATA, new byte[length]);
                            for (long wrote = 1; wrote > 0;) {
                                output.fill((byte) 0x55);
                                wrote = server.pollOutput(output, 0, room, TestClient.NOW);
                                for (long i = room; i < room + 64; i++) {
                                    assertEquals(0x55, output.get(ValueLayout.JAVA_BYTE, i), "behind its room");
                                }
                                while (server.pollEvent() != null) {
                                    // what was heard
                                }
                            }
                        }
                    }
                    assertTrue(server.isOpen() && server.alertSent() == null, server.toString());
                    server.close();
                }
            }
        }
    }

    @Test
    void bothOfOursFillUpAndHearEachOther() {
        byte[] text = new byte[40_000];
        new SplittableRandom(5).nextBytes(text);
        for (int padding : MULTIPLES) {
            try (Place place = Place.of(config(padding).withRecordSizeLimit(777), identity);
                    ClientPlace clients =
                            ClientPlace.of(TlsClientConfig.defaults().withCounts(1, 1, 1).withPaddingBytes(padding), new MutationTest.Trusting())) {
                Echo each = new Echo(20_000);
                Speaker speaker = new Speaker(text);
                TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> each);
                TlsClient<Speaker.Event> ours = new TlsClient<Speaker.Event>(clients.context(), 0, (connection, now) -> speaker).to("coffer.test");
                server.reset(TestClient.NOW);
                ours.reset(TestClient.NOW);
                TlsClientTest.converse(ours, server, padding);
                assertArrayEquals(text, speaker.heard.toByteArray(), ours + ", " + server);
                ours.close();
                server.close();
            }
        }
    }

    @Test
    void multiplesAreCheckedInPairs() {
        assertEquals(TlsConnection.OVERHEAD_BYTES, config(0).recordOverheadBytes());
        assertEquals(TlsConnection.OVERHEAD_BYTES, config(1).recordOverheadBytes());
        assertEquals(TlsConnection.OVERHEAD_BYTES + 16_383, config(16_384).recordOverheadBytes());
        assertThrows(IllegalArgumentException.class, () -> config(-1));
        assertThrows(IllegalArgumentException.class, () -> config(16_385));
        TlsClientConfig client = TlsClientConfig.defaults().withPaddingBytes(16_384);
        assertEquals(TlsConnection.OVERHEAD_BYTES + 16_383, client.recordOverheadBytes());
        assertThrows(IllegalArgumentException.class, () -> client.withPaddingBytes(-1));
        assertThrows(IllegalArgumentException.class, () -> client.withPaddingBytes(16_385));
    }
}
