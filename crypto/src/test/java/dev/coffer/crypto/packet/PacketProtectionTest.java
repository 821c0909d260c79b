package dev.coffer.crypto.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.KeySpentException;
import dev.coffer.crypto.Memory;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Records and packets byte for byte as the RFCs print them and as the JDK makes them; numbers, limits, updates, rest, and the end.
class PacketProtectionTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment workspace = arena.allocate(4096);

    @AfterEach
    void endsWithAWorkspaceOfZeros() {
        assertEquals(0, RawMemory.nonZero(workspace, 0, 4096), "workspace");
        arena.close();
    }

    static List<CipherSuite> suites() {
        return List.of(CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256);
    }

    private PacketProtection loaded(PacketProtocol protocol, CipherSuite suite, MemorySegment secret) {
        PacketProtection keys = new PacketProtection(protocol, suite, workspace, 0);
        keys.at(arena.allocate(PacketProtection.bytes(suite)), 0).load(secret, 0);
        return keys;
    }

    private static MemorySegment hex(String text) {
        return Memory.of(PacketVectors.bytes(text));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aNumberSealsOnce(CipherSuite suite) {
        MemorySegment secret = Memory.zeros(suite.secretBytes());
        MemorySegment packet = arena.allocate(100);
        PacketProtection sender = loaded(PacketProtocol.QUIC_1, suite, secret);
        sender.seal(5, packet, 0, 10, 20);
        assertEquals(6, sender.nextNumber());
        for (long passed : new long[] {5, 4, 0, -1, Long.MIN_VALUE, 1L << 62}) {
            assertThrows(IllegalArgumentException.class, () -> sender.seal(passed, packet, 0, 10, 20), "number " + passed);
        }
        assertEquals(6, sender.nextNumber());
        sender.seal((1L << 62) - 1, packet, 0, 10, 20);
        assertThrows(IllegalArgumentException.class, () -> sender.seal(1L << 62, packet, 0, 10, 20), "one past the last");

        PacketProtection records = loaded(PacketProtocol.TLS_1_3, suite, secret);
        records.seal(Long.MAX_VALUE - 1, packet, 0, 10, 20);
        assertThrows(IllegalArgumentException.class, () -> records.seal(Long.MAX_VALUE, packet, 0, 10, 20), "one past the last");
    }

    @Test
    void aRefusedPacketUsesNoNumberAndAFaultDoes() {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        PacketProtection sender = loaded(PacketProtocol.TLS_1_3, suite, Memory.zeros(32));
        MemorySegment packet = arena.allocate(100);
        long left = sender.sealsLeft();
        assertThrows(IndexOutOfBoundsException.class, () -> sender.seal(0, packet, 0, 5, 80));
        assertThrows(IllegalArgumentException.class, () -> sender.seal(0, packet, 0, 5, packet, 10, 20, packet, 11));
        assertThrows(IllegalArgumentException.class, () -> sender.seal(0, packet.asReadOnly(), 0, 5, 20));
        assertEquals(0, sender.nextNumber());
        assertEquals(left, sender.sealsLeft());
        Arena closed = Arena.ofConfined();
        MemorySegment gone = closed.allocate(100);
        closed.close();
        assertThrows(IllegalStateException.class, () -> sender.seal(0, packet, 0, 5, gone, 10, 20, packet, 5));
        assertEquals(1, sender.nextNumber());
        assertEquals(left - 1, sender.sealsLeft());
    }

    @Test
    void limitsAreThoseOfTheProtocols() {
        for (CipherSuite suite : suites()) {
            boolean gcm = suite != CipherSuite.CHACHA20_POLY1305_SHA256;
            PacketProtection quic = loaded(PacketProtocol.QUIC_1, suite, Memory.zeros(48));
            assertEquals(gcm ? 1L << 23 : 1L << 62, quic.sealsLeft(), "RFC 9001, section 6.6");
            assertEquals(gcm ? 1L << 52 : 1L << 36, quic.forgeriesLeft(), "RFC 9001, section 6.6");
            PacketProtection tls = loaded(PacketProtocol.TLS_1_3, suite, Memory.zeros(48));
            assertEquals(gcm ? 23_726_566 : Long.MAX_VALUE, tls.sealsLeft(), "RFC 8446, section 5.5");
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void countsThatWereLostWithAKeysPlaceDoNotComeBack(CipherSuite suite) {
        MemorySegment state = arena.allocate(PacketProtection.STATE_BYTES);
        MemorySegment place = arena.allocate(suite.aead().scheduleBytes());
        MemorySegment packet = arena.allocate(100);
        PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0).at(state, 0, place, 0);
        keys.load(Memory.zeros(suite.secretBytes()), 0);
        keys.rest();
        keys.resume();
        keys.seal(0, packet, 0, 10, 20);
        assertFalse(keys.open(9, packet, 0, 10, 36));
        place.fill((byte) 0);  // lent to somebody else, without rest
        keys.resume();
        assertEquals(0, keys.sealsLeft());
        assertEquals(0, keys.forgeriesLeft());
        assertThrows(KeySpentException.class, () -> keys.seal(1, packet, 0, 10, 20));
        assertFalse(keys.open(0, packet, 0, 10, 36));
        keys.update();
        keys.seal(1, packet, 0, 10, 20);
        assertEquals(0, keys.forgeriesLeft(), "these are counted over all keys");
    }

    @Test
    void keysAtRestDoNotTakeTheKeyThatLiesInTheirPlaceNowForTheirOwn() {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        MemorySegment place = arena.allocate(suite.aead().scheduleBytes());
        MemorySegment packet = arena.allocate(100);
        PacketProtection one = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0)
                .at(arena.allocate(PacketProtection.STATE_BYTES), 0, place, 0);
        PacketProtection other = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0)
                .at(arena.allocate(PacketProtection.STATE_BYTES), 0, place, 0);
        one.load(Memory.zeros(32), 0);
        one.seal(0, packet, 0, 10, 20);
        one.rest();
        other.load(Memory.zeros(32).fill((byte) 1), 0);
        assertFalse(one.isActive());
        assertThrows(IllegalStateException.class, () -> one.seal(1, packet, 0, 10, 20));
        assertThrows(IllegalStateException.class, () -> one.open(1, packet, 0, 10, 36));
        assertThrows(IllegalStateException.class, one::update);
        assertThrows(IllegalStateException.class, one::resume);
        one.rest();
        assertTrue(other.isActive(), "rest of the other");
        assertEquals(1 << 23, other.sealsLeft());
        other.rest();
        one.resume();
        assertEquals((1 << 23) - 1, one.sealsLeft());
        one.seal(1, packet, 0, 10, 20);
        one.rest();
        other.resume();
        one.wipe();
        assertTrue(other.isActive(), "the end of the other");
        other.rest();
        one.load(Memory.zeros(32), 0);
        one.rest();
        other.load(Memory.zeros(32), 0);
        one.close();
        assertTrue(other.isActive(), "the end of the other");
    }

    /// The state at rest holds the counts: edited there, a key is near its end without 2^23 packets.
    @Test
    void aSpentKeyRefusesUntilItIsUpdated() {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        MemorySegment memory = arena.allocate(PacketProtection.bytes(suite));
        PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0).at(memory, 0);
        keys.load(Memory.zeros(32), 0);
        keys.rest();
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 88, 2);
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 96, 3);
        keys.resume();
        MemorySegment packet = arena.allocate(100);
        keys.seal(0, packet, 0, 10, 20);
        keys.seal(1, packet, 0, 10, 20);
        assertThrows(KeySpentException.class, () -> keys.seal(2, packet, 0, 10, 20));
        assertEquals(2, keys.nextNumber(), "the number is not used");
        assertFalse(keys.open(0, packet, 0, 10, 36));
        assertEquals(2, keys.forgeriesLeft());
        keys.update();
        assertEquals(1 << 23, keys.sealsLeft());
        assertEquals(2, keys.forgeriesLeft(), "counted over all keys (RFC 9001, section 6.6)");
        keys.seal(2, packet, 0, 10, 20);
        assertFalse(keys.open(9, packet, 0, 10, 36));
        assertFalse(keys.open(9, packet, 0, 10, 36));
        assertEquals(0, keys.forgeriesLeft());
        assertFalse(keys.open(2, packet, 0, 10, 36), "authentic, but the connection is over");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void anUpdateStepsToTheNextSecretAndNumbersGoOnOrBeginAnew(CipherSuite suite) {
        MemorySegment secret = Memory.zeros(suite.secretBytes()).fill((byte) 3);
        MemorySegment packet = arena.allocate(100);
        for (PacketProtocol protocol : PacketProtocol.values()) {
            PacketProtection sender = loaded(protocol, suite, secret);
            PacketProtection receiver = loaded(protocol, suite, secret);
            sender.seal(4, packet, 0, 10, 20);
            String before = Memory.hex(packet);
            assertTrue(receiver.open(4, packet, 0, 10, 36));
            sender.update();
            assertEquals(1, sender.generation());
            assertEquals(protocol == PacketProtocol.TLS_1_3 ? 0 : 5, sender.nextNumber(), protocol.toString());
            packet.fill((byte) 0);
            sender.seal(5, packet, 0, 10, 20);
            assertNotEquals(before, Memory.hex(packet));
            assertFalse(receiver.open(5, packet, 0, 10, 36), "the generation before");
            receiver.update();
            assertTrue(receiver.open(5, packet, 0, 10, 36));
        }
    }

    @Test
    void protocolsHaveLabelsOfTheirOwn() {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        MemorySegment packet = arena.allocate(100);
        for (PacketProtocol sends : PacketProtocol.values()) {
            for (PacketProtocol receives : PacketProtocol.values()) {
                packet.fill((byte) 0);
                loaded(sends, suite, Memory.zeros(32)).seal(0, packet, 0, 10, 20);
                assertEquals(sends == receives, loaded(receives, suite, Memory.zeros(32)).open(0, packet, 0, 10, 36));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new HeaderProtection(PacketProtocol.TLS_1_3, suite, workspace, 0));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void bothGenerationsOpenUntilTheOlderIsWiped(CipherSuite suite) {
        MemorySegment secret = Memory.zeros(suite.secretBytes()).fill((byte) 8);
        MemorySegment first = arena.allocate(100);
        MemorySegment second = arena.allocate(100);
        PacketProtection sender = loaded(PacketProtocol.QUIC_1, suite, secret);
        sender.seal(0, first, 0, 10, 20);
        sender.update();
        sender.seal(1, second, 0, 10, 20);

        long bytes = PacketProtection.bytes(suite);
        MemorySegment places = arena.allocate(2 * bytes);
        PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0).at(places, 0);
        keys.load(secret, 0);
        long forgeries = keys.forgeriesLeft();
        keys.at(places, bytes).follow(places, 0);
        assertEquals(1, keys.generation());
        assertEquals(forgeries - PacketProtection.LATE_FORGERIES_MAX, keys.forgeriesLeft());
        assertTrue(keys.open(1, second, 0, 10, 36));
        keys.at(places, 0);
        assertEquals(0, RawMemory.nonZero(places, 0, 80), "the older secret leads to the newer keys");
        assertEquals(0, keys.generation());
        assertTrue(keys.open(0, first, 0, 10, 36), "a late packet");
        assertThrows(IllegalStateException.class, keys::update, "no secret to step from");
        assertThrows(IllegalStateException.class, keys::rest, "no secret to resume from");
        keys.at(places, bytes);
        assertThrows(IllegalStateException.class, () -> keys.follow(places, 0), "followed already");
        keys.at(places, bytes).update();
        keys.at(places, 0).wipe();
        assertEquals(0, RawMemory.nonZero(places, 0, (int) bytes));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void keysOfTheGenerationToComeAreTriedAndTheseStayAsTheyAre(CipherSuite suite) {
        MemorySegment secret = Memory.zeros(suite.secretBytes()).fill((byte) 9);
        PacketProtection sender = loaded(PacketProtocol.QUIC_1, suite, secret);
        PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0);
        MemorySegment place = arena.allocate(PacketProtection.bytes(suite));
        keys.at(place, 0).load(secret, 0);
        byte[] before = Memory.bytes(place);
        sender.update();
        MemorySegment packet = arena.allocate(46).fill((byte) 0x5a);
        sender.seal(3, packet, 0, 10, 20);
        PacketProtection trial = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0);
        trial.at(arena.allocate(PacketProtection.bytes(suite)), 0).anticipate(place, 0);
        assertEquals(1, trial.generation());
        assertEquals(1, trial.forgeriesLeft(), "for one packet");
        assertFalse(trial.open(4, packet, 0, 10, 36));
        assertFalse(trial.open(3, packet, 0, 10, 36), "after one that was forged");
        trial.wipe();
        trial.anticipate(place, 0);
        assertTrue(trial.open(3, packet, 0, 10, 36));
        assertArrayEquals(before, Memory.bytes(place));
        long left = keys.forgeriesLeft();
        keys.forged();
        assertEquals(left - 1, keys.forgeriesLeft());
        assertThrows(IllegalStateException.class, () -> trial.anticipate(arena.allocate(PacketProtection.STATE_BYTES), 0), "no keys there");
        assertThrows(IllegalArgumentException.class, () -> keys.anticipate(place, 0), "its own");
        trial.wipe();
        assertThrows(IllegalStateException.class, trial::forged);
        keys.rest();
        assertThrows(IllegalStateException.class, keys::forged);
        trial.anticipate(place, 0);
        assertTrue(trial.isActive(), "of keys at rest, too");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void keysAtRestTakeEightyEightBytesAndGoOnAnywhere(CipherSuite suite) {
        MemorySegment state = arena.allocate(PacketProtection.STATE_BYTES);
        MemorySegment place = arena.allocate(suite.aead().scheduleBytes());
        MemorySegment other = arena.allocate(suite.aead().scheduleBytes());
        MemorySegment packet = arena.allocate(100);
        MemorySegment expected = arena.allocate(100);
        PacketProtection plain = loaded(PacketProtocol.TLS_1_3, suite, Memory.zeros(suite.secretBytes()));
        PacketProtection keys = new PacketProtection(PacketProtocol.TLS_1_3, suite, workspace, 0).at(state, 0, place, 0);
        keys.load(Memory.zeros(suite.secretBytes()), 0);
        keys.seal(0, packet, 0, 10, 20);
        assertFalse(keys.open(0, packet, 0, 9, 36));
        long seals = keys.sealsLeft();
        long forgeries = keys.forgeriesLeft();
        keys.rest();
        keys.rest();
        assertEquals(120, PacketProtection.STATE_BYTES);
        assertEquals(0, RawMemory.nonZero(place), "an expanded key at rest");
        assertTrue(keys.isLoaded() && !keys.isActive());
        assertEquals(seals, keys.sealsLeft());
        assertThrows(IllegalStateException.class, () -> keys.seal(1, packet, 0, 10, 20));
        assertThrows(IllegalStateException.class, () -> keys.open(1, packet, 0, 10, 36));
        assertThrows(IllegalStateException.class, keys::update);
        keys.at(state, 0, other, 0).resume();
        keys.resume();
        assertEquals(seals, keys.sealsLeft());
        assertEquals(forgeries, keys.forgeriesLeft());
        assertEquals(1, keys.nextNumber());
        packet.fill((byte) 0);
        keys.seal(1, packet, 0, 10, 20);
        plain.seal(1, expected, 0, 10, 20);
        assertEquals(-1, packet.mismatch(expected));
        keys.close();
        keys.close();
        assertEquals(0, RawMemory.nonZero(state, 0, 120) + RawMemory.nonZero(other));
    }

    @Test
    void zerosAreNoKeysAndAFailedLoadLeavesNone() {
        CipherSuite suite = CipherSuite.AES_256_GCM_SHA384;
        MemorySegment memory = arena.allocate(PacketProtection.bytes(suite));
        MemorySegment packet = arena.allocate(100);
        PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_2, suite, workspace, 0);
        assertThrows(IllegalStateException.class, () -> keys.load(packet, 0), "no place");
        keys.at(memory, 0);
        assertThrows(IllegalStateException.class, () -> keys.seal(0, packet, 0, 10, 20));
        assertThrows(IllegalStateException.class, () -> keys.open(0, packet, 0, 10, 36));
        assertThrows(IllegalStateException.class, keys::update);
        assertThrows(IllegalStateException.class, keys::rest);
        assertThrows(IllegalStateException.class, keys::resume);
        keys.load(packet, 0);
        Arena closed = Arena.ofConfined();
        MemorySegment gone = closed.allocate(48);
        closed.close();
        assertThrows(IllegalStateException.class, () -> keys.load(gone, 0));
        assertFalse(keys.isLoaded());
        assertEquals(0, RawMemory.nonZero(memory));
    }

    @Test
    void whatLiesInTheKeysOwnMemoryIsRefused() {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        MemorySegment memory = arena.allocate(4000);
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_1, suite, workspace, 0).at(memory, 100);
        keys.load(Memory.zeros(32), 0);
        long end = 100 + PacketProtection.bytes(suite);
        for (long at : new long[] {100, 140, 187, 190, end - 1}) {
            assertThrows(refused, () -> keys.load(memory, at), "secret at " + at);
            assertThrows(refused, () -> keys.seal(0, memory, at, 5, 20), "packet at " + at);
            assertThrows(refused, () -> keys.open(0, memory, at, 5, 36), "packet at " + at);
            assertThrows(refused, () -> keys.follow(memory, at), "state at " + at);
        }
        for (long at : new long[] {0, 15, 40, PacketProtection.workspaceBytes(suite) - 1}) {
            assertThrows(refused, () -> keys.load(workspace, at), "secret at " + at);
            assertThrows(refused, () -> keys.seal(0, workspace, at, 5, 20), "packet at " + at);
            assertThrows(refused, () -> keys.at(workspace, at), "place at " + at);
        }
        assertThrows(refused, () -> keys.at(memory, 0, memory, 87), "key in the state");
        assertThrows(refused, () -> keys.load(MemorySegment.ofArray(new byte[32]), 0), "a secret on the heap");
        keys.seal(0, memory, end, 5, 20);
        keys.at(memory, 0, memory, 120);
    }

    @Test
    void suitesTakeAnotherFormOfTheirAlgorithmsAndNoOther() {
        CipherSuite suite = CipherSuite.AES_256_GCM_SHA384;
        MemorySegment packet = arena.allocate(100);
        loaded(PacketProtocol.QUIC_1, suite.withAead(Aead.accelerated(32)), Memory.zeros(48)).seal(0, packet, 0, 10, 20);
        assertTrue(loaded(PacketProtocol.QUIC_1, suite, Memory.zeros(48)).open(0, packet, 0, 10, 36));
        assertThrows(IllegalArgumentException.class, () -> suite.withAead(Aead.AES_128_GCM));
        for (CipherSuite each : suites()) {
            assertEquals(each, CipherSuite.of(each.code()));
        }
        assertEquals(null, CipherSuite.of(0x1304));
    }
}
