package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What a client gets wrong once its hello is out, each with the alert that it earns.
class HostileClientTest extends HostileClient {
    @Test
    void aHandshakeAndAnEcho() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, "hello".getBytes(StandardCharsets.US_ASCII));
        client.listen();
        assertEquals("hello", client.content.toString(StandardCharsets.US_ASCII));
        assertTrue(server.isOpen());
        client.say(Wire.ALERT, new byte[] {1, 0});
        client.listen();
        assertEquals(Alert.CLOSE_NOTIFY, client.alert());
        assertTrue(server.isEnded());
        assertFalse(server.isTruncated());
    }

    @Test
    void messagesThatAreNotTheirs() {
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.FINISHED, new byte[32])));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, new byte[0]));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.APPLICATION_DATA, new byte[20]));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.CHANGE_CIPHER_SPEC, new byte[] {1}));  // before the hello
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, TestClient.concat(c.hello(c.extensions()), new byte[] {1})));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.raw("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)));
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.hex("01 00 20 01")));  // longer than a hello may be
        expect(Alert.RECORD_OVERFLOW, c -> c.raw(TestClient.hex("16 03 03 41 01")));
    }

    @Test
    void recordsThatAreWrongOnceKeysAreThere() {
        after(Alert.BAD_RECORD_MAC, c -> {
            byte[] record = c.record(Wire.APPLICATION_DATA, new byte[100]);
            record[60] ^= 1;
            c.raw(record);
        });
        after(Alert.BAD_RECORD_MAC, c -> {
            c.record(Wire.APPLICATION_DATA, new byte[1]);  // lost on the way
            c.say(Wire.APPLICATION_DATA, new byte[1]);
        });
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(TestClient.hex("160303000400000000")));  // in the clear
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(TestClient.hex("140303000101")));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(TestClient.hex("15030300020250")));  // an alert that anybody could have put in
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(c.record(0, new byte[30])));  // padding alone
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(99, new byte[3]));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.CHANGE_CIPHER_SPEC, new byte[] {1}));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, new byte[0]));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, c.hello(c.extensions())));
        after(Alert.RECORD_OVERFLOW, c -> c.raw(c.record(Wire.APPLICATION_DATA, new byte[(1 << 14) + 1])));
        after(Alert.RECORD_OVERFLOW, c -> c.raw(TestClient.hex("17 03 03 41 01")));
        after(Alert.DECODE_ERROR, c -> c.say(Wire.ALERT, new byte[] {1}));
        after(Alert.DECODE_ERROR, c -> c.say(Wire.ALERT, new byte[] {1, 0, 1, 0}));
    }

    @Test
    void aFinishedThatIsNotTheirs() {
        expect(Alert.DECRYPT_ERROR, c -> {
            byte[] hello = c.hello(c.extensions());
            c.remember(hello);
            c.say(Wire.HANDSHAKE, hello);
            c.listen();
            byte[] finished = c.finished();
            finished[20] ^= 0x10;
            c.say(Wire.HANDSHAKE, finished);
        });
        expect(Alert.DECODE_ERROR, c -> {
            byte[] hello = c.hello(c.extensions());
            c.remember(hello);
            c.say(Wire.HANDSHAKE, hello);
            c.listen();
            c.say(Wire.HANDSHAKE, TestClient.message(Wire.FINISHED, new byte[31]));
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            byte[] hello = c.hello(c.extensions());
            c.remember(hello);
            c.say(Wire.HANDSHAKE, hello);
            c.listen();
            c.say(Wire.APPLICATION_DATA, new byte[5]);
        });
    }

    @Test
    void keyUpdatesBothWays() {
        client.handshake();
        for (int i = 0; i < 40; i++) {
            client.say(Wire.HANDSHAKE, TestClient.hex(i % 2 == 0 ? "18000001 01" : "18000001 00"));
            client.updateWrite();
            byte[] said = ("again " + i).getBytes(StandardCharsets.US_ASCII);
            client.content.reset();
            client.say(Wire.APPLICATION_DATA, said);
            client.listen();
            assertArrayEquals(said, client.content.toByteArray());
        }
        assertEquals(20, client.messages.stream().filter(message -> message[0] == Wire.KEY_UPDATE).count());
    }

    @Test
    void keyUpdatesThatAreWrong() {
        after(Alert.ILLEGAL_PARAMETER, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000001 02")));
        after(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000002 00 00")));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000001 00 18000001 00")));
        after(Alert.UNEXPECTED_MESSAGE, c -> {
            c.say(Wire.HANDSHAKE, TestClient.hex("180000"));
            c.say(Wire.APPLICATION_DATA, new byte[1]);  // in the middle of a message
        });
        after(Alert.UNEXPECTED_MESSAGE, c -> {
            for (int i = 0; i < 33; i++) {
                c.say(Wire.HANDSHAKE, TestClient.hex("18000001 00"));
                c.updateWrite();
            }
        });
    }

    @Test
    void aKeyUpdateInTwoRecordsIsOne() {
        client.handshake();
        client.say(Wire.HANDSHAKE, TestClient.hex("180000"));
        client.say(Wire.HANDSHAKE, TestClient.hex("01 00"));
        client.updateWrite();
        client.say(Wire.APPLICATION_DATA, new byte[] {1, 2});
        client.listen();
        assertArrayEquals(new byte[] {1, 2}, client.content.toByteArray());
    }

    @Test
    void padding() {
        client.handshake();
        client.raw(client.record(Wire.APPLICATION_DATA, new byte[] {1}, 16_000));
        client.listen();
        assertArrayEquals(new byte[] {1}, client.content.toByteArray());
    }

    @Test
    void anEndWithoutACloseNotifyIsTold() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        server.feedEnd(client.now);
        client.listen();
        assertTrue(server.isTruncated());
        assertEquals(Alert.CLOSE_NOTIFY, client.alert());
        assertTrue(server.isEnded());
    }

    @Test
    void anAlertOfTheirsEndsIt() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        client.say(Wire.ALERT, new byte[] {2, 80});
        assertEquals(Alert.INTERNAL_ERROR, server.alertReceived());
        client.listen();
        assertTrue(server.isEnded() && echo.isEnded());
        assertNull(client.alert());
        begin();
        client.handshake();
        client.say(Wire.ALERT, new byte[] {1, 90});
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        client.listen();
        assertArrayEquals(new byte[] {1}, client.content.toByteArray(), "user_canceled says nothing yet");
    }
}
