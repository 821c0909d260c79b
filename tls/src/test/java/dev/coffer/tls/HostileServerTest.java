package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a server says to a client of ours, right or wrong, and what that one answers.
class HostileServerTest {
    private static final long NOW = 1_000;
    private static final int COOKIE_BYTES = 41;

    private ClientPlace place;
    private Place servers;
    private TlsClient<Speaker.Event> client;
    private TlsServer<Echo.Event> server;
    private final MemorySegment wire = Arena.ofAuto().allocate(1 << 16);

    @BeforeEach
    void open() throws Exception {
        servers = Place.of(TlsServerConfig.defaults().withCounts(1, 1, 1), Identities.of(KeyAlgorithm.ED25519, "coffer.test"));
        place = ClientPlace.of(TlsClientConfig.defaults().withCounts(1, 1, 1), JdkVerifier.ofSystem());
        begin();
    }

    private void begin() {
        client = new TlsClient<Speaker.Event>(place.context(), 0, (connection, now) -> new Speaker(new byte[10])).to("coffer.test");
        server = new TlsServer<>(servers.context(), 0, (connection, now) -> new Echo(100));
        client.reset(NOW);
        server.reset(NOW);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        assertEquals(0, RawMemory.nonZero(place.memory()), "left in the region");
        place.close();
        servers.close();
    }

    private byte[] said() {
        return wire.asSlice(0, client.pollOutput(wire, 0, 20_000, NOW)).toArray(ValueLayout.JAVA_BYTE);
    }

    private void say(byte[] record) {
        MemorySegment.copy(record, 0, wire, ValueLayout.JAVA_BYTE, 0, record.length);
        assertEquals(record.length, client.feed(wire, 0, record.length, NOW));
    }

    /// A record of a retry that brings a cookie, and asks for a share or not.
    private static byte[] retry(byte[] hello, byte[] share) {
        byte[] random = new byte[32];
        MemorySegment.copy(ServerHello.RETRY_RANDOM, ValueLayout.JAVA_BYTE, 0, random, 0, 32);
        byte[] session = Arrays.copyOfRange(hello, 5 + 4 + 2 + 32, 5 + 4 + 2 + 32 + 33);
        byte[] suite = Arrays.copyOfRange(hello, 5 + 4 + 2 + 32 + 33 + 2, 5 + 4 + 2 + 32 + 33 + 4);
        byte[] cookie = new byte[COOKIE_BYTES];
        Arrays.fill(cookie, (byte) 0xc0);
        byte[] body = TestClient.concat(TestClient.u16(Wire.TLS_1_2), random, session, suite, new byte[1], TestClient.list16(TestClient.concat(
                TestClient.extension(Wire.SUPPORTED_VERSIONS, TestClient.u16(Wire.TLS_1_3)), share,
                TestClient.extension(Wire.COOKIE, TestClient.list16(cookie)))));
        byte[] message = TestClient.message(Wire.SERVER_HELLO, body);
        return TestClient.concat(new byte[] {Wire.HANDSHAKE, 3, 3}, TestClient.u16(message.length), message);
    }

    /// {@return an extension of a hello in one record, its header aside; empty where there is none}
    private static byte[] extension(byte[] record, int kind) {
        MemorySegment hello = MemorySegment.ofArray(record);
        long p = 5 + 4 + 2 + 32;
        p += 1 + Wire.u8(hello, p);
        p += 2 + BigEndian.u16(hello, p);
        p += 1 + Wire.u8(hello, p);
        long end = p + 2 + BigEndian.u16(hello, p);
        assertEquals(record.length, end);
        for (p += 2; p < end; p += 4 + BigEndian.u16(hello, p + 2)) {
            if (BigEndian.u16(hello, p) == kind) {
                return Arrays.copyOfRange(record, (int) p + 4, (int) p + 4 + BigEndian.u16(hello, p + 2));
            }
        }
        return new byte[0];
    }

    private static byte[] without(byte[] hello, int from, int length) {
        return TestClient.concat(Arrays.copyOf(hello, from), Arrays.copyOfRange(hello, from + length, hello.length));
    }

    @Test
    void aRetryForItsCookieAloneHearsTheSameSharesAgain() {
        byte[] first = said();
        say(retry(first, new byte[0]));
        byte[] change = said();
        assertEquals(Wire.CHANGE_CIPHER_SPEC, change[0]);
        byte[] second = said();
        assertArrayEquals(extension(first, Wire.KEY_SHARE), extension(second, Wire.KEY_SHARE), "section 4.1.2");
        assertEquals(2 + COOKIE_BYTES, extension(second, Wire.COOKIE).length);
        int shares = 4 + extension(second, Wire.KEY_SHARE).length;
        byte[] same = without(second, second.length - shares - 6 - COOKIE_BYTES, 6 + COOKIE_BYTES);
        for (int at : new int[] {3, 4, 6, 7, 8}) {  // lengths, of the record and of the message
            same[at] = first[at];
        }
        int lengthAt = 5 + 4 + 2 + 32 + 33 + 2 + 2 * 3 + 2;
        same[lengthAt] = first[lengthAt];
        same[lengthAt + 1] = first[lengthAt + 1];
        assertArrayEquals(first, same, "all but the cookie");
        assertTrue(!client.isEnded());
    }

    @Test
    void aRetryForAnotherGroupHearsThatOneShare() {
        byte[] first = said();
        say(retry(first, TestClient.extension(Wire.KEY_SHARE, TestClient.u16(0x0017))));
        said();
        byte[] shares = extension(said(), Wire.KEY_SHARE);
        assertEquals(0x0017, (shares[2] & 0xff) << 8 | shares[3] & 0xff);
        assertEquals(2 + 4 + 65, shares.length);
        assertNotEquals(0, extension(first, Wire.KEY_SHARE).length);
    }

    /// Brings the server's hello to the client, and nothing behind it.
    private void hello() {
        long wrote = client.pollOutput(wire, 0, 20_000, NOW);
        server.feed(wire, 0, wrote, NOW);
        wrote = server.pollOutput(wire, 0, 20_000, NOW);
        assertEquals(Wire.HANDSHAKE, Wire.u8(wire, 0));
        client.feed(wire, 0, wrote, NOW);
    }

    @Test
    void anAlertBehindTheServersHelloGoesProtected() {
        hello();
        say(TestClient.concat(TestClient.hex("17 03 03 00 20"), new byte[32]));
        byte[] alert = said();
        assertEquals(Alert.BAD_RECORD_MAC, client.alertSent());
        assertEquals(Wire.APPLICATION_DATA, alert[0], "under the keys of the handshake (section 6)");
        MemorySegment.copy(alert, 0, wire, ValueLayout.JAVA_BYTE, 0, alert.length);
        server.feed(wire, 0, alert.length, NOW);
        assertEquals(Alert.BAD_RECORD_MAC, server.alertReceived());
    }

    @Test
    void anAlertOfTheServersBehindItsHelloGoesProtected() {
        hello();
        server.feed(MemorySegment.ofArray(new byte[] {23, 3, 3, 0x7f, 0}), 0, 5, NOW);
        long wrote = server.pollOutput(wire, 0, 20_000, NOW);
        assertEquals(Alert.RECORD_OVERFLOW, server.alertSent());
        assertEquals(Wire.APPLICATION_DATA, Wire.u8(wire, 0));
        client.feed(wire, 0, wrote, NOW);
        assertEquals(Alert.RECORD_OVERFLOW, client.alertReceived());
    }

    @Test
    void anAlertInTheClearBehindTheServersHelloIsNobodys() {
        hello();
        say(new byte[] {21, 3, 3, 0, 2, 2, 40});
        said();
        assertEquals(Alert.UNEXPECTED_MESSAGE, client.alertSent());
        assertFalse(client.alertReceived() == Alert.HANDSHAKE_FAILURE);
    }

    @Test
    void nothingComesInTheMiddleOfTheServersHello() {
        for (byte[] other : new byte[][] {{20, 3, 3, 0, 1, 1}, {21, 3, 3, 0, 2, 1, 90}, {21, 3, 3, 0, 2, 1, 0}}) {
            client.close();
            server.close();
            begin();
            said();
            say(new byte[] {22, 3, 3, 0, 3, 2, 0, 0});
            say(other);
            said();
            assertEquals(Alert.UNEXPECTED_MESSAGE, client.alertSent());
        }
    }

    /// Section 4.1.4: it must be one of those that the client named, and one for which it sent no share.
    @Test
    void aRetryForAGroupThatWasNotOfferedOrHasItsShareIsRefused() {
        byte[] shares = extension(said(), Wire.KEY_SHARE);
        int sent = (shares[2] & 0xff) << 8 | shares[3] & 0xff;
        for (int group : new int[] {0x0018, 0x0019, 0x0100, 0xffff, sent}) {
            client.close();
            begin();
            say(retry(said(), TestClient.extension(Wire.KEY_SHARE, TestClient.u16(group))));
            said();
            assertEquals(Alert.ILLEGAL_PARAMETER, client.alertSent(), "group " + group);
        }
    }
}
