package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What a client's hello gets wrong, each with the alert that it earns, and what it may say in any form.
class HostileHelloTest extends HostileClient {
    private void refuseHello(Alert alert, int kind, String body) {
        expect(alert, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), kind, TestClient.hex(body)))));
    }

    @Test
    void whatAHelloMustHave() {
        for (int kind : new int[] {Wire.SUPPORTED_GROUPS, Wire.SIGNATURE_ALGORITHMS, Wire.KEY_SHARE}) {
            expect(Alert.MISSING_EXTENSION, c -> c.say(Wire.HANDSHAKE, c.hello(without(c.extensions(), kind))));
        }
        expect(Alert.PROTOCOL_VERSION, c -> c.say(Wire.HANDSHAKE, c.hello(without(c.extensions(), Wire.SUPPORTED_VERSIONS))));
        refuseHello(Alert.PROTOCOL_VERSION, Wire.SUPPORTED_VERSIONS, "020303");
        refuseHello(Alert.HANDSHAKE_FAILURE, Wire.SIGNATURE_ALGORITHMS, "0002 0401");
        refuseHello(Alert.NO_APPLICATION_PROTOCOL, Wire.ALPN, "0003 02 6832");
    }

    @Test
    void lengthsThatDoNotFit() {
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_VERSIONS, "0103");
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_VERSIONS, "040304");
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_GROUPS, "0000");
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_GROUPS, "0003001d00");
        refuseHello(Alert.DECODE_ERROR, Wire.SIGNATURE_ALGORITHMS, "0004 0807");
        refuseHello(Alert.DECODE_ERROR, Wire.KEY_SHARE, "0004 001d 0001");
        refuseHello(Alert.DECODE_ERROR, Wire.KEY_SHARE, "0004 001d 0000");
        refuseHello(Alert.DECODE_ERROR, Wire.KEY_SHARE, "0003 001d 00");
        refuseHello(Alert.DECODE_ERROR, Wire.ALPN, "0002 00 61");
        refuseHello(Alert.DECODE_ERROR, Wire.ALPN, "0003 03 6161");
        refuseHello(Alert.DECODE_ERROR, Wire.SERVER_NAME, "0000");
        refuseHello(Alert.DECODE_ERROR, Wire.SERVER_NAME, "0003 00 0001");
        refuseHello(Alert.DECODE_ERROR, Wire.SERVER_NAME, "0003 00 0000");
        refuseHello(Alert.DECODE_ERROR, Wire.EARLY_DATA, "00");
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, c.hello(new byte[33], c.extensions())));
        expect(Alert.DECODE_ERROR, c -> {
            byte[] hello = c.hello(c.extensions());
            hello[3]--;  // one byte shorter than its lists say
            c.say(Wire.HANDSHAKE, java.util.Arrays.copyOf(hello, hello.length - 1));
        });
    }

    @Test
    void fieldsThatContradictEachOther() {
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "0005 0017 0001 04");  // of a group that is not offered
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "0005 001d 0001 04");  // of another length than the group's
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "0024 001d 0020" + "00".repeat(32));  // of low order
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "000a 001d 0001 04 001d 0001 04");  // twice
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "00a5" + "001d000104".repeat(33));  // too many
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.SERVER_NAME, "0008 00 0001 61 00 0001 62");
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            List<byte[]> twice = new ArrayList<>(c.extensions());
            twice.add(TestClient.extension(0x1234, new byte[0]));
            twice.add(TestClient.extension(0x1234, new byte[0]));
            c.say(Wire.HANDSHAKE, c.hello(twice));
        });
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            List<byte[]> early = new ArrayList<>(c.extensions());
            early.add(0, TestClient.extension(Wire.PRE_SHARED_KEY, new byte[9]));
            c.say(Wire.HANDSHAKE, c.hello(early));
        });
    }

    @Test
    void aHelloInAnyPieces() {
        for (int cut = 1; cut < 200; cut += 7) {
            begin();
            byte[] hello = client.hello(client.extensions());
            client.remember(hello);
            for (int at = 0; at < hello.length; at += cut) {
                client.say(Wire.HANDSHAKE, java.util.Arrays.copyOfRange(hello, at, Math.min(hello.length, at + cut)));
            }
            client.listen();
            client.finish();
            assertTrue(server.isOpen(), "cut at " + cut);
            end();
        }
    }

    @Test
    void aHelloWithAnyByteChangedIsAnsweredOrRefusedAndNothingIsHeld() {
        SplittableRandom random = new SplittableRandom(7);
        begin();
        byte[] good = client.record(Wire.HANDSHAKE, client.hello(client.extensions()));
        for (int i = 0; i < good.length; i++) {
            begin();
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 + random.nextInt(255));
            client.raw(bad);
            byte[] said = poll();
            assertNull(server.pollEvent());
            assertTrue(said.length > 0 || server.alertSent() == null, "byte " + i);
            end();
        }
    }

    private byte[] poll() {
        java.lang.foreign.MemorySegment out = java.lang.foreign.Arena.ofAuto().allocate(1 << 15);
        long wrote = server.pollOutput(out, 0, 1 << 15, TestClient.NOW);
        return out.asSlice(0, wrote).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Test
    void earlyDataIsPassedOverUpToABound() {
        begin();
        List<byte[]> extensions = new ArrayList<>(client.extensions());
        extensions.add(TestClient.extension(Wire.EARLY_DATA, new byte[0]));
        byte[] hello = client.hello(extensions);
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        byte[] early = TestClient.concat(TestClient.hex("17 03 03 00 40"), new byte[64]);
        client.raw(early);
        client.raw(early);
        client.listen();
        client.finish();
        assertTrue(server.isOpen());
        end();
        expect(Alert.BAD_RECORD_MAC, c -> {
            byte[] again = c.hello(extensions);
            c.say(Wire.HANDSHAKE, again);
            for (int i = 0; i < 5; i++) {
                c.raw(TestClient.concat(TestClient.hex("17 03 03 40 00"), new byte[1 << 14]));
            }
        });
    }

    /// Says a hello without a share, which earns a retry, and a second one.
    ///
    /// @param name     that the second one asks for
    /// @param schemes  that it verifies
    private void again(TestClient c, String name, String schemes) {
        List<byte[]> first = with(with(c.extensions(), Wire.KEY_SHARE, new byte[2]), Wire.SERVER_NAME, name("coffer.test"));
        first(c, first);
        assertEquals(1, c.messages.size(), "a retry");
        List<byte[]> second = with(with(c.extensions(), Wire.SERVER_NAME, name(name)), Wire.SIGNATURE_ALGORITHMS, TestClient.hex(schemes));
        c.say(Wire.HANDSHAKE, c.hello(second));
    }

    private static void first(TestClient c, List<byte[]> extensions) {
        byte[] hello = c.hello(extensions);
        c.remember(hello);
        c.say(Wire.HANDSHAKE, hello);
        c.listen();
    }

    private static byte[] name(String name) {
        byte[] ascii = name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return TestClient.list16(TestClient.concat(new byte[1], TestClient.list16(ascii)));
    }

    @Test
    void aSecondHelloIsTheFirstOneButForItsShare() {
        String schemes = "0004 0807 0403";
        again(client, "coffer.test", schemes);
        assertTrue(server.alertSent() == null && client.output(20_000, TestClient.NOW) > 0, "it is answered");
        end();
        expect(Alert.ILLEGAL_PARAMETER, c -> again(c, "coffer.tesu", schemes));
        expect(Alert.ILLEGAL_PARAMETER, c -> again(c, "coffer.test", "0002 0807"));
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            first(c, with(c.extensions(), Wire.KEY_SHARE, new byte[2]));
            c.random[7] ^= 1;
            c.say(Wire.HANDSHAKE, c.hello(c.extensions()));
        });
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            first(c, with(c.extensions(), Wire.KEY_SHARE, new byte[2]));
            c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.ALPN, TestClient.hex("000a 04 6563686f 04 6d696e65"))));
        });
    }

    /// The share that was asked for alone (section 4.1.2).
    @Test
    void aSecondHelloHasOneShare() {
        byte[] groups = TestClient.hex("0004 001d 0017");
        byte[] point = TestClient.hex("0017 0041 04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
        for (boolean two : new boolean[] {false, true}) {
            begin();
            first(client, with(with(client.extensions(), Wire.SUPPORTED_GROUPS, groups), Wire.KEY_SHARE, new byte[2]));
            byte[] asked = TestClient.concat(TestClient.u16(0x001d), TestClient.list16(client.share));
            client.say(Wire.HANDSHAKE, client.hello(with(with(client.extensions(), Wire.SUPPORTED_GROUPS, groups), Wire.KEY_SHARE,
                    TestClient.list16(two ? TestClient.concat(asked, point) : asked))));
            client.output(20_000, TestClient.NOW);
            assertEquals(two ? Alert.ILLEGAL_PARAMETER : null, server.alertSent());
            end();
        }
        begin();
    }

    @Test
    void theProtocolThatBothHaveIsSaid() {
        byte[] hello = client.hello(with(client.extensions(), Wire.ALPN, TestClient.hex("000a 04 6563686f 04 6d696e65")));
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        client.listen();
        assertArrayEquals(TestClient.hex("0800000d 000b 0010 0007 0005 04 6563686f"), client.messages.get(1));
        client.finish();
        assertEquals("echo", server.protocol());
    }
}
