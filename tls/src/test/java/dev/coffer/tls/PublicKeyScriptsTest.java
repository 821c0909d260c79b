package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The other scripts of tlsfuzzer, as [PublicScriptsTest]: of shares, of what a second hello may change, of tickets.
class PublicKeyScriptsTest extends HostileClient {
    private static final int X25519_MLKEM768 = 0x11ec;
    private static final int SECP256R1_MLKEM768 = 0x11eb;
    private static final int ENCAPSULATION_KEY_BYTES = 1184;
    private static final byte[] GENERATOR = TestClient.hex("04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    private static byte[] hello(TestClient c, int group, byte[] share) {
        return c.hello(with(with(c.extensions(), Wire.SUPPORTED_GROUPS, TestClient.list16(TestClient.u16(group))), Wire.KEY_SHARE,
                TestClient.list16(TestClient.concat(TestClient.u16(group), TestClient.list16(share)))));
    }

    private static byte[] nine() {
        byte[] point = new byte[32];
        point[0] = 9;
        return point;
    }

    @Test
    void mlkem() {
        byte[] key = new byte[ENCAPSULATION_KEY_BYTES];
        byte[] past = new byte[ENCAPSULATION_KEY_BYTES];
        past[1] = (byte) 0xff;      // a coefficient of 3,840 and more
        byte[] wrongPoint = GENERATOR.clone();
        wrongPoint[2] ^= (byte) 0xff;
        byte[] first = TestClient.concat(key, nine());
        byte[] second = TestClient.concat(GENERATOR, key);
        for (byte[] share : new byte[][] {TestClient.concat(key, new byte[32]), TestClient.concat(past, nine()), Arrays.copyOf(first, first.length - 1),
                Arrays.copyOf(first, first.length + 1)}) {
            expect(Alert.ILLEGAL_PARAMETER, c -> c.say(Wire.HANDSHAKE, hello(c, X25519_MLKEM768, share)));
        }
        for (byte[] share : new byte[][] {TestClient.concat(wrongPoint, key), TestClient.concat(GENERATOR, past), Arrays.copyOf(second, second.length - 1),
                Arrays.copyOf(second, second.length + 1)}) {
            expect(Alert.ILLEGAL_PARAMETER, c -> c.say(Wire.HANDSHAKE, hello(c, SECP256R1_MLKEM768, share)));
        }
        expect(Alert.HANDSHAKE_FAILURE, c -> c.say(Wire.HANDSHAKE, hello(c, 0x11ed, new byte[1665])));  // SecP384R1MLKEM1024
        for (boolean one : new boolean[] {true, false}) {
            begin();
            client.say(Wire.HANDSHAKE, hello(client, one ? X25519_MLKEM768 : SECP256R1_MLKEM768, one ? first : second));
            assertTrue(server.alertSent() == null && client.output(20_000, TestClient.NOW) > 0, "what these are made of is taken");
            end();
        }
    }

    /// `record-size-limit`: a limit that comes with the second hello, goes with it, or is another there.
    @Test
    void aLimitThatASecondHelloChanges() {
        byte[] most = TestClient.u16((1 << 14) + 1);
        for (byte[][] limits : new byte[][][] {{most, TestClient.u16(1 << 14)}, {most, null}, {null, most}}) {
            expect(Alert.ILLEGAL_PARAMETER, c -> {
                first(c, with(limited(c, limits[0]), Wire.KEY_SHARE, new byte[2]));
                assertEquals(1, c.messages.size(), "a retry");
                c.say(Wire.HANDSHAKE, c.hello(limited(c, limits[1])));
            });
        }
        begin();
        first(client, with(limited(client, most), Wire.KEY_SHARE, new byte[2]));
        first(client, limited(client, most));
        assertArrayEquals(TestClient.hex("0800 0008 0006 001c 0002 4001"), client.messages.get(2), "and else it is told, and nothing more");
        end();
    }

    private static List<byte[]> limited(TestClient c, byte[] limit) {
        List<byte[]> extensions = new ArrayList<>(c.extensions());
        if (limit != null) {
            extensions.add(TestClient.extension(Wire.RECORD_SIZE_LIMIT, limit));
        }
        return extensions;
    }

    private static void first(TestClient c, List<byte[]> extensions) {
        byte[] hello = c.hello(extensions);
        c.remember(hello);
        c.say(Wire.HANDSHAKE, hello);
        c.listen();
    }

    /// `count-tickets`, whose hello says no psk_key_exchange_modes: none comes; `session-resumption`, which says both: one comes at least.
    @Test
    void tickets() {
        TicketKeys keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        try (keys) {
            for (String modes : new String[] {"", "0201 00", "0100"}) {
                begin();
                place.context().ticketKeys(keys);
                List<byte[]> extensions = new ArrayList<>(client.extensions());
                if (!modes.isEmpty()) {
                    extensions.add(TestClient.extension(Wire.PSK_MODES, TestClient.hex(modes)));
                }
                first(client, extensions);
                client.finish();
                client.listen();
                assertTrue(server.isOpen());
                long tickets = client.messages.stream().filter(message -> message[0] == Wire.NEW_SESSION_TICKET).count();
                assertEquals(modes.startsWith("02") ? 2 : 0, tickets, modes);
                server.close();
            }
        }
        place.close();
        open();
    }

    /// `serverhello-random`: neither a random nor a share comes twice.
    @Test
    void serverHelloRandom() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 64; i++) {
            begin();
            first(client, client.extensions());
            byte[] hello = client.messages.getFirst();
            assertTrue(seen.add(java.util.HexFormat.of().formatHex(hello, 6, 38)));
            assertTrue(seen.add(java.util.HexFormat.of().formatHex(hello, hello.length - 32, hello.length)));
            end();
        }
        begin();
    }

    /// `ccs` and `multiple-ccs-messages`, as far as they are taken: one, and more of them, before the hello's answer and behind it.
    @Test
    void multipleCcsMessages() {
        byte[] change = TestClient.hex("14 0303 0001 01");
        for (int count : new int[] {1, 2}) {
            begin();
            first(client, client.extensions());
            for (int i = 0; i < count; i++) {
                client.raw(change);
            }
            assertNull(client.alert());
            client.finish();
            client.listen();
            assertTrue(server.isOpen());
            end();
        }
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            first(c, c.extensions());
            c.raw(TestClient.hex("14 0303 0002 0101"));  // two in one record
        });
        begin();
    }
}
