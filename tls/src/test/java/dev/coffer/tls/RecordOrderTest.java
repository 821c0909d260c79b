package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.RawMemory;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a client may send between the records of one message, which is nothing (RFC 8446, section 5.1), and how often it may say what means
/// nothing.
class RecordOrderTest {
    private static final byte[] CANCELED = {1, 90};
    private static final byte[] CLOSED = {1, 0};
    private static final byte[] CHANGE = {1};

    private Place place;
    private TlsServer<Echo.Event> server;
    private TestClient client;

    @BeforeEach
    void open() throws Exception {
        place = Place.of(TlsServerConfig.defaults().withCounts(2, 2, 2), Identities.of(KeyAlgorithm.ED25519, "coffer.test"));
        begin();
    }

    private void begin() {
        server = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(1000));
        client = new TestClient(server, CipherSuite.CHACHA20_POLY1305_SHA256);
    }

    @AfterEach
    void close() {
        place.close();
    }

    private void expect(Alert alert, Consumer<TestClient> wrong) {
        begin();
        wrong.accept(client);
        client.listen();
        assertEquals(alert, client.alert(), server.toString());
        assertTrue(server.isEnded());
        server.close();
        assertEquals(0, RawMemory.nonZero(place.memory()), "left in the region");
    }

    private static byte[] head(byte[] message) {
        return Arrays.copyOf(message, 10);
    }

    /// Says the first ten bytes of its hello.
    private static void halfAHello(TestClient c) {
        c.say(Wire.HANDSHAKE, head(c.hello(c.extensions())));
    }

    /// Says the first ten bytes of its Finished.
    private static void halfAFinished(TestClient c) {
        byte[] hello = c.hello(c.extensions());
        c.remember(hello);
        c.say(Wire.HANDSHAKE, hello);
        c.listen();
        c.say(Wire.HANDSHAKE, head(c.finished()));
    }

    private static byte[] plain(int type, byte[] body) {
        return TestClient.concat(new byte[] {(byte) type, 3, 3, 0, (byte) body.length}, body);
    }

    @Test
    void nothingComesInTheMiddleOfAHello() {
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            halfAHello(c);
            c.say(Wire.ALERT, CANCELED);
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            halfAHello(c);
            c.say(Wire.ALERT, CLOSED);
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            halfAHello(c);
            c.say(Wire.CHANGE_CIPHER_SPEC, CHANGE);
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            halfAHello(c);
            c.say(Wire.APPLICATION_DATA, new byte[20]);
        });
    }

    @Test
    void nothingComesInTheMiddleOfAFinished() {
        for (byte[] alert : new byte[][] {CANCELED, CLOSED}) {
            expect(Alert.UNEXPECTED_MESSAGE, c -> {
                halfAFinished(c);
                c.say(Wire.ALERT, alert);
            });
        }
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            halfAFinished(c);
            c.raw(plain(Wire.CHANGE_CIPHER_SPEC, CHANGE));
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            halfAFinished(c);
            c.say(Wire.APPLICATION_DATA, new byte[20]);
        });
    }

    @Test
    void nothingComesInTheMiddleOfAKeyUpdate() {
        for (byte[] alert : new byte[][] {CANCELED, CLOSED}) {
            expect(Alert.UNEXPECTED_MESSAGE, c -> {
                c.handshake();
                c.say(Wire.HANDSHAKE, TestClient.hex("180000"));
                c.say(Wire.ALERT, alert);
            });
        }
    }

    @Test
    void aFatalAlertEndsAMessageThatNobodyWillEnd() {
        halfAHello(client);
        client.say(Wire.ALERT, new byte[] {2, 80});
        assertEquals(Alert.INTERNAL_ERROR, server.alertReceived());
        assertTrue(server.isEnded());
        server.close();
    }

    @Test
    void whoHasGivenUpSaysSoFourTimesAtMost() {
        client.handshake();
        for (int i = 0; i < 4; i++) {
            client.say(Wire.ALERT, CANCELED);
        }
        client.say(Wire.APPLICATION_DATA, new byte[] {7});
        client.listen();
        assertArrayEquals(new byte[] {7}, client.content.toByteArray());
        client.say(Wire.ALERT, CANCELED);
        client.listen();
        assertEquals(Alert.UNEXPECTED_MESSAGE, client.alert(), "content in between changes nothing");
        server.close();
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            for (int i = 0; i < 5; i++) {
                c.say(Wire.ALERT, CANCELED);  // before a hello
            }
        });
    }

    @Test
    void changeCipherSpecsArePassedOverSixteenTimesAtMost() {
        byte[] hello = client.hello(client.extensions());
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        client.listen();
        for (int i = 0; i < 16; i++) {
            client.raw(plain(Wire.CHANGE_CIPHER_SPEC, CHANGE));
        }
        client.finish();
        assertTrue(server.isOpen());
        server.close();
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            byte[] again = c.hello(c.extensions());
            c.remember(again);
            c.say(Wire.HANDSHAKE, again);
            c.listen();
            for (int i = 0; i < 17; i++) {
                c.raw(plain(Wire.CHANGE_CIPHER_SPEC, CHANGE));
            }
        });
    }
}
