package dev.coffer.quic.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Hex;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tokens of addresses and of resets: to whom, how long, by which keys; and that nobody else's are taken.
class TokensTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final long NOW = 1_800_000_000_000L;
    private static final long SECONDS = 10_000;
    private static final int V1 = Version.V1.code();

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment path = path(0x7f000001, 4433);
    private final MemorySegment ids = arena.allocate(2 * ConnectionId.BYTES);
    private final MemorySegment chosen = Hex.of(arena, "a1a2a3a4a5a6a7a8");
    private final MemorySegment token = arena.allocate(AddressTokens.BYTES);

    TokensTest() {
        ConnectionId.copy(Hex.id(arena, "8394c8f03e515708"), 0, ids, 0);
        ConnectionId.set(ids, ConnectionId.BYTES, chosen, 0, 8);
    }

    @AfterEach
    void close() {
        arena.close();
    }

    private MemorySegment path(int remote, int port) {
        MemorySegment place = arena.allocate(NetworkPath.BYTES);
        NetworkPath.ipv4(place, 0, remote, port, 0x0a000001, 443);
        return place;
    }

    private AddressTokens tokens(TicketKeys keys, long seed) {
        AddressTokens made = new AddressTokens(arena.allocate(AddressTokens.MEMORY_BYTES + 3), 3, new SeededEntropy(seed));
        made.keys(keys);
        return made;
    }

    private TicketKeys fresh() {
        return TicketKeys.fresh(arena.allocate(TicketKeys.BYTES), new SeededEntropy(3), 3600);
    }

    private int open(AddressTokens with, MemorySegment from, int version, MemorySegment destination, long now) {
        return with.open(token, 0, AddressTokens.BYTES, from, 0, version, destination, 0, (int) destination.byteSize(), now);
    }

    @Test
    void theTokenOfARetryGivesTheFirstDestinationBack() {
        AddressTokens tokens = tokens(fresh(), 1);
        assertTrue(tokens.isOn(NOW));
        assertTrue(tokens.retry(path, 0, V1, ids, 0, ConnectionId.BYTES, NOW, SECONDS, token, 0));
        assertEquals(AddressTokens.RETRY, open(tokens, path, V1, chosen, NOW));
        assertTrue(ConnectionId.equal(tokens.memory(), tokens.originalAt(), ids, 0));
        assertEquals(AddressTokens.RETRY, open(tokens, path, V1, chosen, NOW + SECONDS - 1));
        assertEquals(AddressTokens.WRONG, open(tokens, path, V1, chosen, NOW + SECONDS), "too old");
        assertEquals(0, ConnectionId.length(tokens.memory(), tokens.originalAt()), "nothing of it is left");
        assertEquals(AddressTokens.WRONG, open(tokens, path(0x7f000002, 4433), V1, chosen, NOW), "of another address");
        assertEquals(AddressTokens.WRONG, open(tokens, path(0x7f000001, 4434), V1, chosen, NOW), "of another port");
        assertEquals(AddressTokens.WRONG, open(tokens, path, Version.V2.code(), chosen, NOW), "of another version");
        assertEquals(AddressTokens.WRONG, open(tokens, path, V1, Hex.of(arena, "a1a2a3a4a5a6a7a9"), NOW), "to another ID than the Retry said");
        assertEquals(AddressTokens.WRONG, open(tokens, path, V1, Hex.of(arena, ""), NOW));
        assertEquals(AddressTokens.UNKNOWN, open(tokens, path, V1, Hex.of(arena, "00".repeat(21)), NOW));
    }

    @Test
    void aTokenForAnotherTimeIsOfTheAddressAlone() {
        AddressTokens tokens = tokens(fresh(), 1);
        assertTrue(tokens.another(path, 0, V1, NOW, 1_000_000, token, 0));
        assertEquals(AddressTokens.EARLIER, open(tokens, path(0x7f000001, 9), V1, Hex.of(arena, "0011"), NOW + 999_999));
        assertEquals(0, ConnectionId.length(tokens.memory(), tokens.originalAt()));
        assertEquals(AddressTokens.UNKNOWN, open(tokens, path, V1, chosen, NOW + 1_000_000));
        assertEquals(AddressTokens.UNKNOWN, open(tokens, path(0x7f000002, 4433), V1, chosen, NOW));
        assertEquals(AddressTokens.UNKNOWN, open(tokens, path, Version.V2.code(), chosen, NOW));
        MemorySegment zoned = path(0x7f000001, 4433);
        zoned.set(BYTE, NetworkPath.ZONE, (byte) 1);
        assertEquals(AddressTokens.UNKNOWN, open(tokens, zoned, V1, chosen, NOW), "of another link");
    }

    @Test
    void noBitOfATokenMayChange() {
        AddressTokens tokens = tokens(fresh(), 1);
        for (boolean retry : new boolean[] {true, false}) {
            boolean given = retry ? tokens.retry(path, 0, V1, ids, 0, ConnectionId.BYTES, NOW, SECONDS, token, 0)
                    : tokens.another(path, 0, V1, NOW, SECONDS, token, 0);
            assertTrue(given);
            for (int bit = 0; bit < 8 * AddressTokens.BYTES; bit++) {
                token.set(BYTE, bit / 8, (byte) (token.get(BYTE, bit / 8) ^ 1 << bit % 8));
                assertTrue(open(tokens, path, V1, chosen, NOW) <= AddressTokens.WRONG, "bit " + bit);
                token.set(BYTE, bit / 8, (byte) (token.get(BYTE, bit / 8) ^ 1 << bit % 8));
            }
            assertTrue(open(tokens, path, V1, chosen, NOW) > AddressTokens.WRONG);
            for (int bytes : new int[] {0, 1, AddressTokens.BYTES - 1}) {
                assertEquals(AddressTokens.UNKNOWN, tokens.open(token, 0, bytes, path, 0, V1, chosen, 0, 8, NOW), bytes + " bytes");
            }
        }
    }

    @Test
    void twoTokensOfOneClientHaveNothingInCommonButTheirKeysName() {
        AddressTokens tokens = tokens(fresh(), 1);
        tokens.another(path, 0, V1, NOW, SECONDS, token, 0);
        String one = Hex.of(token, 17, AddressTokens.BYTES - 17);
        tokens.another(path, 0, V1, NOW, SECONDS, token, 0);
        String other = Hex.of(token, 17, AddressTokens.BYTES - 17);
        int same = 0;
        for (int i = 0; i < one.length(); i += 2) {
            same += one.substring(i, i + 2).equals(other.substring(i, i + 2)) ? 1 : 0;
        }
        assertTrue(same < 6, same + " bytes alike");
    }

    /// Keys from one file, in two processes: what one gives the other takes, also when a fresh key seals.
    @Test
    void processesThatShareAFileOfKeysTakeEachOthersTokens() {
        MemorySegment file = arena.allocate(TicketKeys.FILE_BYTES_MAX);
        long now = NOW / 1000;
        int bytes = TicketKeys.turn(file, 0, 0, new SeededEntropy(4), now, now, 3600);
        TicketKeys ours = TicketKeys.shared(arena.allocate(TicketKeys.BYTES));
        TicketKeys theirs = TicketKeys.shared(arena.allocate(TicketKeys.BYTES));
        AddressTokens here = tokens(ours, 1);
        AddressTokens there = tokens(theirs, 2);
        assertFalse(here.isOn(NOW), "no keys yet");
        assertFalse(here.another(path, 0, V1, NOW, SECONDS, token, 0));
        assertTrue(ours.take(file, 0, bytes) && theirs.take(file, 0, bytes));
        assertTrue(here.retry(path, 0, V1, ids, 0, ConnectionId.BYTES, NOW, SECONDS, token, 0));
        assertEquals(AddressTokens.RETRY, open(there, path, V1, chosen, NOW));
        bytes = TicketKeys.turn(file, 0, bytes, new SeededEntropy(5), now, now + 10, 3600);
        assertTrue(ours.take(file, 0, bytes));
        long later = NOW + 10_000;
        assertEquals(AddressTokens.RETRY, open(here, path, V1, chosen, later - 1), "the key before opens still");
        String name = Hex.of(token, 1, 16);
        assertTrue(here.another(path, 0, V1, later, SECONDS, token, 0));
        assertNotEquals(name, Hex.of(token, 1, 16), "the fresh key seals");
        assertEquals(AddressTokens.UNKNOWN, open(there, path, V1, chosen, later), "there the file was not read yet");
        assertTrue(theirs.take(file, 0, bytes));
        assertEquals(AddressTokens.EARLIER, open(there, path, V1, chosen, later));
        theirs.close();
        assertEquals(AddressTokens.UNKNOWN, open(there, path, V1, chosen, later), "keys that are closed open nothing");
        here.keys(null);
        assertFalse(here.isOn(later));
        assertEquals(AddressTokens.UNKNOWN, open(here, path, V1, chosen, later));
    }

    @Test
    void nothingOfTheKeysIsLeft() {
        MemorySegment memory = arena.allocate(AddressTokens.MEMORY_BYTES);
        AddressTokens tokens = new AddressTokens(memory, 0, new SeededEntropy(1));
        tokens.keys(fresh());
        assertTrue(tokens.retry(path, 0, V1, ids, 0, ConnectionId.BYTES, NOW, SECONDS, token, 0));
        assertEquals(AddressTokens.RETRY, tokens.open(token, 0, AddressTokens.BYTES, path, 0, V1, chosen, 0, 8, NOW));
        tokens.wipe();
        assertEquals(-1, memory.mismatch(arena.allocate(AddressTokens.MEMORY_BYTES)), "not zero");
        assertEquals(AddressTokens.RETRY, tokens.open(token, 0, AddressTokens.BYTES, path, 0, V1, chosen, 0, 8, NOW), "copied anew");
    }

    @Test
    void resetTokensAreHmacOfTheIdAndThePlaceUnderTheKey() throws Exception {
        MemorySegment key = Hex.of(arena, "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
        MemorySegment memory = arena.allocate(ResetTokens.MEMORY_BYTES);
        ResetTokens resets = new ResetTokens(memory, 0, key, 0, "");
        MemorySegment out = arena.allocate(16);
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.toArray(BYTE), "HmacSHA256"));
        for (int length = 0; length <= 20; length++) {
            MemorySegment id = Hex.id(arena, "c7".repeat(length));
            resets.write(id, 0, 0xa1b2, out, 0);
            mac.update(id.asSlice(0, 1 + length).toArray(BYTE));
            byte[] expected = mac.doFinal(new byte[] {(byte) 0xa1, (byte) 0xb2});
            assertEquals(Hex.of(MemorySegment.ofArray(expected), 0, 16), Hex.of(out, 0, 16), "length " + length);
        }
        resets.wipe();
        assertEquals(-1, memory.mismatch(arena.allocate(ResetTokens.MEMORY_BYTES)));
        assertThrows(IllegalStateException.class, () -> resets.write(ids, 0, 0, out, 0));
    }

    @Test
    void aResetIsShorterThanWhatItAnswersAndEndsWithTheToken() {
        ResetTokens resets = new ResetTokens(arena.allocate(ResetTokens.MEMORY_BYTES), 0, arena.allocate(32), 0, "");
        MemorySegment out = arena.allocate(100);
        MemorySegment expected = arena.allocate(16);
        resets.write(ids, 0, 7, expected, 0);
        for (int received = 0; received < 2000; received++) {
            int bytes = resets.reset(received, ids, 0, 7, new SeededEntropy(received), out, 0);
            assertEquals(received < 22 ? 0 : Math.min(received - 1, 43), bytes, "for " + received);
            if (bytes > 0) {
                assertEquals(0x40, out.get(BYTE, 0) & 0xc0);
                assertTrue(ResetTokens.isReset(out, 0, bytes, expected, 0));
                assertFalse(ResetTokens.isReset(out, 0, bytes - 1, expected, 0));
            }
        }
        MemorySegment.copy(expected, 0, out, 4, 16);
        assertFalse(ResetTokens.isReset(out, 0, 20, expected, 0), "shorter than any reset");
        MemorySegment.copy(expected, 0, out, 5, 16);
        assertTrue(ResetTokens.isReset(out, 0, 21, expected, 0));
    }
}
