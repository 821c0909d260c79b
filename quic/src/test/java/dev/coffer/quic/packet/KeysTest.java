package dev.coffer.quic.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.KeySpentException;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys of a level: packets both ways, key updates in and out of order, forgeries, keys at rest, and that nothing of them is left.
class KeysTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final Arena arena = Arena.ofConfined();

    static List<CipherSuite> suites() {
        return List.of(CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256);
    }

    @AfterEach
    void close() {
        arena.close();
    }

    /// One direction: who seals and who opens, with all their places in memory of their own.
    private final class Pair {
        final CipherSuite suite;
        final MemorySegment workspace;
        final MemorySegment secret;
        final MemorySegment sealedHome = arena.allocate(SealingKeys.STATE_BYTES);
        final MemorySegment openedHome = arena.allocate(OpeningKeys.STATE_BYTES);
        final MemorySegment sealedKeys;
        final MemorySegment openedKeys;
        final MemorySegment late;
        final SealingKeys seals;
        final OpeningKeys opens;
        final MemorySegment packet = arena.allocate(200);
        private final MemorySegment id = Hex.id(arena, "c1c2c3c4");
        private final PacketReader reader = new PacketReader();
        long end;

        Pair(Version version, CipherSuite suite, boolean keepLate) {
            this.suite = suite;
            this.workspace = arena.allocate(OpeningKeys.workspaceBytes(suite));
            this.secret = arena.allocate(suite.secretBytes());
            new SeededEntropy(7).fill(secret, 0, suite.secretBytes());
            this.sealedKeys = arena.allocate(SealingKeys.keyBytes(suite));
            this.openedKeys = arena.allocate(OpeningKeys.keyBytes(suite));
            this.late = keepLate ? arena.allocate(OpeningKeys.lateBytes(suite)) : MemorySegment.NULL;
            this.seals = new SealingKeys(version, suite, workspace, 0).at(sealedHome, 0, sealedKeys, 0);
            this.opens = new OpeningKeys(version, suite, workspace, 0);
            point();
            seals.load(secret, 0);
            opens.load(secret, 0);
        }

        void point() {
            if (late.byteSize() == 0) {
                opens.at(openedHome, 0, openedKeys, 0);
            } else {
                opens.at(openedHome, 0, openedKeys, 0, late, 0);
            }
        }

        /// A packet as it goes out.
        MemorySegment seal(long number) {
            long numberAt = PacketWriter.shortHeader(packet, 0, id, 0, number, 2, false);
            packet.asSlice(numberAt + 2, 40).fill((byte) 1);
            end = seals.seal(packet, 0, numberAt, number, numberAt + 2 + 40);
            return arena.allocate(end).copyFrom(packet.asSlice(0, end));
        }

        long open(MemorySegment sealed, long largest) {
            MemorySegment copy = arena.allocate(sealed.byteSize()).copyFrom(sealed);
            reader.begin(copy, 0, copy.byteSize(), 4);
            assertEquals(PacketReader.Found.PACKET, reader.next());
            long number = opens.open(copy, reader.at(), reader.numberAt(), reader.end(), largest);
            if (number >= 0) {
                assertEquals("01".repeat(40), Hex.of(copy, opens.textAt(), opens.textEnd() - opens.textAt()));
            }
            return number;
        }

        boolean isAllZero() {
            return isZero(sealedHome) && isZero(openedHome) && isZero(sealedKeys) && isZero(openedKeys) && isZero(late) && isZero(workspace);
        }
    }

    private static boolean isZero(MemorySegment memory) {
        for (long i = 0; i < memory.byteSize(); i++) {
            if (memory.get(BYTE, i) != 0) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @MethodSource("suites")
    void packetsAreOpenedInEveryOrderAndNothingOfTheKeysIsLeft(CipherSuite suite) {
        for (Version version : Version.values()) {
            Pair pair = new Pair(version, suite, true);
            MemorySegment first = pair.seal(0);
            MemorySegment second = pair.seal(1);
            assertEquals(1, pair.open(second, PacketNumber.NONE));
            assertEquals(0, pair.open(first, 1));
            assertEquals(2, pair.seals.nextNumber());
            assertThrows(IllegalArgumentException.class, () -> pair.seal(1), "a number is used once");
            assertTrue(isZero(pair.workspace), "the workspace is zero between calls");
            pair.seals.close();
            pair.opens.close();
            assertTrue(pair.isAllZero());
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void keysThatRestAreExpandedAgainAnywhere(CipherSuite suite) {
        Pair pair = new Pair(Version.V1, suite, true);
        MemorySegment first = pair.seal(0);
        assertEquals(0, pair.open(first, PacketNumber.NONE));
        for (int round = 0; round < 3; round++) {
            long sealsLeft = pair.seals.sealsLeft();
            long forgeriesLeft = pair.opens.forgeriesLeft();
            pair.seals.rest();
            pair.opens.rest();
            assertTrue(isZero(pair.sealedKeys) && isZero(pair.openedKeys) && isZero(pair.late), "round " + round);
            assertEquals(sealsLeft, pair.seals.sealsLeft());
            pair.seals.at(pair.sealedHome, 0, arena.allocate(SealingKeys.keyBytes(suite)), 0);
            MemorySegment sealed = pair.seal(30 * round + 10);
            assertEquals(30 * round + 10, pair.open(sealed, 30 * round));
            assertEquals(forgeriesLeft, pair.opens.forgeriesLeft());
            pair.seals.rest();
            pair.seals.at(pair.sealedHome, 0, pair.sealedKeys, 0);
            pair.seals.update();
            assertEquals(30 * round + 20, pair.open(pair.seal(30 * round + 20), 30 * round + 10), "a key update after a rest");
            assertEquals(round + 1, pair.opens.generation());
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aKeyUpdateIsFollowedAndWhatItOvertookIsStillOpened(CipherSuite suite) {
        Pair pair = new Pair(Version.V1, suite, true);
        long largest = -1;
        for (int generation = 0; generation < 5; generation++) {
            MemorySegment before = pair.seal(10L * generation);
            MemorySegment overtaken = pair.seal(10L * generation + 1);
            largest = pair.open(before, largest);
            assertEquals(10L * generation, largest);
            pair.seals.update();
            assertEquals(generation + 1, pair.seals.generation());
            MemorySegment after = pair.seal(10L * generation + 5);
            largest = pair.open(after, largest);
            assertEquals(10L * generation + 5, largest);
            assertEquals(generation + 1, pair.opens.generation());
            assertTrue(pair.opens.isLate());
            assertEquals(10L * generation + 1, pair.open(overtaken, largest));
            assertEquals(10L * generation + 6, pair.open(pair.seal(10L * generation + 6), largest));
            pair.opens.forgetLate();
            assertEquals(OpeningKeys.DROPPED, pair.open(overtaken, largest));
        }
        pair.seals.update();
        assertEquals(100, pair.open(pair.seal(100), largest));
        assertTrue(pair.opens.isLate());
        pair.opens.wipe();
        pair.seals.wipe();
        assertTrue(pair.isAllZero());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void withoutAPlaceForLateKeysWhatWasOvertakenIsDropped(CipherSuite suite) {
        Pair pair = new Pair(Version.V2, suite, false);
        MemorySegment before = pair.seal(0);
        MemorySegment overtaken = pair.seal(1);
        assertEquals(0, pair.open(before, -1));
        pair.seals.update();
        assertEquals(2, pair.open(pair.seal(2), 0));
        assertEquals(OpeningKeys.DROPPED, pair.open(overtaken, 2));
        assertEquals(3, pair.open(pair.seal(3), 2));
        assertFalse(pair.opens.isLate());
        pair.opens.close();
        pair.seals.close();
        assertTrue(pair.isAllZero());
    }

    @Test
    void oldKeysForANewerNumberAreAnError() {
        Pair pair = new Pair(Version.V1, CipherSuite.CHACHA20_POLY1305_SHA256, true);
        Pair stays = new Pair(Version.V1, CipherSuite.CHACHA20_POLY1305_SHA256, true);
        assertEquals(0, pair.open(pair.seal(0), -1));
        pair.seals.update();
        assertEquals(5, pair.open(pair.seal(5), 0));
        assertEquals(OpeningKeys.OLD_KEYS, pair.open(stays.seal(6), 5));
        assertEquals(9, pair.open(pair.seal(9), 5));
        assertEquals(OpeningKeys.OLD_KEYS, pair.open(stays.seal(7), 9), "the lowest of this phase counts");
        assertEquals(4, pair.open(stays(4), 5));
    }

    private MemorySegment stays(long number) {
        return new Pair(Version.V1, CipherSuite.CHACHA20_POLY1305_SHA256, true).seal(number);
    }

    @Test
    void anUpdateIsOursOnlyWhenAPacketOfThisPhaseWasAcknowledged() {
        Pair pair = new Pair(Version.V1, CipherSuite.CHACHA20_POLY1305_SHA256, true);
        assertFalse(pair.seals.mayUpdate());
        pair.seal(7);
        assertTrue(pair.seals.isUsed());
        pair.seals.acknowledged(6);
        assertFalse(pair.seals.mayUpdate(), "one of before");
        pair.seals.acknowledged(7);
        assertTrue(pair.seals.mayUpdate());
        pair.seals.update();
        assertFalse(pair.seals.mayUpdate());
        assertFalse(pair.seals.isUsed());
        pair.seals.acknowledged(7);
        assertFalse(pair.seals.mayUpdate(), "nothing of this phase was sent");
        pair.seal(8);
        pair.seals.acknowledged(7);
        assertFalse(pair.seals.mayUpdate(), "what is acknowledged again is of the phase before");
        pair.seals.acknowledged(9);
        assertTrue(pair.seals.mayUpdate());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatIsForgedIsDroppedAndCounted(CipherSuite suite) {
        Pair pair = new Pair(Version.V1, suite, true);
        MemorySegment sealed = pair.seal(3);
        long left = pair.opens.forgeriesLeft();
        assertEquals(suite == CipherSuite.CHACHA20_POLY1305_SHA256 ? 1L << 36 : 1L << 52, left);
        int dropped = 0;
        for (long bit = 8; bit < 8 * sealed.byteSize(); bit++) {
            if (bit >= 8 && bit < 8 * 5) {
                continue;  // the ID: whoever has another one does not ask these keys
            }
            flip(sealed, bit);
            assertEquals(OpeningKeys.DROPPED, pair.open(sealed, 2), "bit " + bit);
            flip(sealed, bit);
            dropped++;
            assertEquals(left - dropped, pair.opens.forgeriesLeft(), "bit " + bit);
        }
        for (int bit = 0; bit < 5; bit++) {  // the key phase among them: a trial counts as well
            flip(sealed, bit);
            assertEquals(OpeningKeys.DROPPED, pair.open(sealed, 2), "bit " + bit);
            flip(sealed, bit);
            assertTrue(pair.opens.forgeriesLeft() < left - dropped);
            dropped++;
        }
        assertEquals(0, pair.opens.generation(), "nobody updated");
        assertEquals(3, pair.open(sealed, 2));
        pair.opens.close();
        pair.seals.close();
        assertTrue(pair.isAllZero());
    }

    private static void flip(MemorySegment segment, long bit) {
        segment.set(BYTE, bit / 8, (byte) (segment.get(BYTE, bit / 8) ^ 1 << bit % 8));
    }

    /// The counts of a state at rest are set by hand, as nobody waits for 2^36 packets: seals left at 88, forgeries left at 96.
    @ParameterizedTest
    @MethodSource("suites")
    void atTheLimitsNothingIsSealedAndNothingOpened(CipherSuite suite) {
        Pair pair = new Pair(Version.V1, suite, true);
        MemorySegment sealed = pair.seal(0);
        MemorySegment forged = arena.allocate(sealed.byteSize()).copyFrom(sealed);
        flip(forged, 8 * forged.byteSize() - 1);
        pair.seals.rest();
        pair.sealedHome.set(ValueLayout.JAVA_LONG_UNALIGNED, 88, 1);
        pair.seal(1);
        assertEquals(0, pair.seals.sealsLeft());
        assertThrows(KeySpentException.class, () -> pair.seal(2));
        pair.seals.update();
        MemorySegment turned = pair.seal(3);
        pair.opens.rest();
        pair.openedHome.set(ValueLayout.JAVA_LONG_UNALIGNED, 96, 2);
        assertEquals(0, pair.open(sealed, -1));
        assertEquals(OpeningKeys.DROPPED, pair.open(forged, 0));
        assertEquals(0, pair.open(sealed, -1), "one may still fail");
        assertEquals(OpeningKeys.SPENT, pair.open(forged, 0));
        assertEquals(OpeningKeys.SPENT, pair.open(sealed, -1), "not even what is authentic");
        assertEquals(OpeningKeys.SPENT, pair.open(turned, 0), "nor under the keys to come");
        assertEquals(0, pair.opens.forgeriesLeft());
    }

    @Test
    void trialsOfTheNextPhaseCountTowardsTheLimitToo() {
        Pair pair = new Pair(Version.V1, CipherSuite.CHACHA20_POLY1305_SHA256, true);
        assertEquals(0, pair.open(pair.seal(0), -1));
        pair.seals.update();
        MemorySegment turned = pair.seal(1);
        flip(turned, 8 * turned.byteSize() - 1);
        pair.opens.rest();
        pair.openedHome.set(ValueLayout.JAVA_LONG_UNALIGNED, 96, 2);
        assertEquals(OpeningKeys.DROPPED, pair.open(turned, 0));
        assertEquals(OpeningKeys.SPENT, pair.open(turned, 0));
    }

    @Test
    void reservedBitsThatAreAuthenticAreAnError() {
        for (int bits : new int[] {0x08, 0x10, 0x18}) {
            Pair pair = new Pair(Version.V1, CipherSuite.AES_128_GCM_SHA256, false);
            long numberAt = PacketWriter.shortHeader(pair.packet, 0, pair.id, 0, 1, 1, false);
            pair.packet.set(BYTE, 0, (byte) (pair.packet.get(BYTE, 0) | bits));
            long end = pair.seals.seal(pair.packet, 0, numberAt, 1, numberAt + 1 + 40);
            assertEquals(OpeningKeys.RESERVED_BITS, pair.opens.open(pair.packet, 0, numberAt, end, 0));
        }
        Pair pair = new Pair(Version.V1, CipherSuite.AES_128_GCM_SHA256, false);
        MemorySegment ids = arena.allocate(2 * ConnectionId.BYTES);
        long numberAt = PacketWriter.longHeader(pair.packet, 0, Version.V1, PacketType.HANDSHAKE, ids, 0, ConnectionId.BYTES, 1, 1);
        PacketWriter.length(pair.packet, numberAt, numberAt + 30);
        pair.packet.set(BYTE, 0, (byte) (pair.packet.get(BYTE, 0) | 0x04));
        long end = pair.seals.seal(pair.packet, 0, numberAt, 1, numberAt + 30);
        assertEquals(OpeningKeys.RESERVED_BITS, pair.opens.open(pair.packet, 0, numberAt, end, 0));
    }

    @Test
    void aPacketTooShortForASampleIsPaddedFirstAndDroppedWhenItComes() {
        Pair pair = new Pair(Version.V1, CipherSuite.CHACHA20_POLY1305_SHA256, false);
        for (int numberBytes = 1; numberBytes <= 4; numberBytes++) {
            int number = numberBytes;
            long numberAt = PacketWriter.shortHeader(pair.packet, 0, pair.id, 0, number, numberBytes, false);
            assertThrows(IllegalArgumentException.class, () -> pair.seals.seal(pair.packet, 0, numberAt, number, numberAt + 3));
            assertEquals(numberAt + 20, pair.seals.seal(pair.packet, 0, numberAt, number, numberAt + 4), "a refusal uses no number");
            long left = pair.opens.forgeriesLeft();
            assertEquals(OpeningKeys.DROPPED, pair.opens.open(pair.packet, 0, numberAt, numberAt + 19, 0));
            assertEquals(left, pair.opens.forgeriesLeft(), "nothing was tried");
            assertEquals(number, pair.opens.open(pair.packet, 0, numberAt, numberAt + 20, 0));
        }
    }

    @Test
    void everyOrderOfUpdatesAndPacketsOpensWhatItMay() {
        Seeds.forEach(1, 40, random -> {
            boolean keepLate = random.nextBoolean();
            Pair pair = new Pair(random.nextBoolean() ? Version.V1 : Version.V2, suites().get(random.nextInt(3)), keepLate);
            long number = 0;
            long largest = -1;
            MemorySegment held = null;
            long heldNumber = 0;
            int heldGeneration = 0;
            for (int step = 0; step < 30; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> {
                        if (pair.seals.isUsed() && pair.opens.generation() == pair.seals.generation()) {
                            pair.seals.update();
                        }
                    }
                    case 1 -> {
                        held = pair.seal(number);
                        heldNumber = number++;
                        heldGeneration = pair.seals.generation();
                    }
                    case 2 -> {
                        if (held != null) {
                            int ago = pair.opens.generation() - heldGeneration;
                            long answer = pair.open(held, largest);
                            boolean may = ago <= 0 || ago == 1 && pair.opens.isLate();
                            assertEquals(may ? heldNumber : OpeningKeys.DROPPED, answer, "generations ago: " + ago);
                            largest = Math.max(largest, answer);
                            held = null;
                        }
                    }
                    case 3 -> {
                        pair.opens.rest();
                        pair.seals.rest();
                    }
                    default -> {
                        long answer = pair.open(pair.seal(number), largest);
                        assertEquals(number, answer);
                        largest = number++;
                    }
                }
            }
            pair.opens.close();
            pair.seals.close();
            assertTrue(pair.isAllZero());
        });
    }

    @Test
    void aStateOfZerosHoldsNoKeys() {
        Pair pair = new Pair(Version.V1, CipherSuite.AES_128_GCM_SHA256, false);
        pair.seals.wipe();
        pair.opens.wipe();
        assertFalse(pair.seals.isLoaded() || pair.opens.isLoaded() || pair.seals.mayUpdate() || pair.seals.isUsed());
        assertThrows(IllegalStateException.class, () -> pair.seal(1));
        assertThrows(IllegalStateException.class, () -> pair.opens.open(pair.packet, 0, 5, 100, 0));
        pair.seals.rest();
        pair.opens.rest();
        pair.opens.wipe();
    }

    /// What a connection holds for keys: the numbers that a plan stands on.
    @Test
    void aLevelRestsIn320Bytes() {
        assertEquals(320, SealingKeys.STATE_BYTES + OpeningKeys.STATE_BYTES);
        assertEquals(1992, SealingKeys.keyBytes(CipherSuite.AES_256_GCM_SHA384));
        assertEquals(1480, SealingKeys.keyBytes(CipherSuite.AES_128_GCM_SHA256));
        assertEquals(88, SealingKeys.keyBytes(CipherSuite.CHACHA20_POLY1305_SHA256));
        assertEquals(168, OpeningKeys.lateBytes(CipherSuite.CHACHA20_POLY1305_SHA256));
    }
}
