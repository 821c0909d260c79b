package dev.coffer.crypto.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/// Whose key lies in a place: keys are made, used and wiped where their own or nobody's lie, and follow only their own kind.
class PacketPlacesTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment workspace = arena.allocate(4096);
    private final MemorySegment packet = arena.allocate(100);

    @AfterEach
    void endsWithAWorkspaceOfZeros() {
        assertEquals(0, RawMemory.nonZero(workspace, 0, 4096), "workspace");
        arena.close();
    }

    static List<CipherSuite> suites() {
        return List.of(CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256);
    }

    private PacketProtection finger(PacketProtocol protocol, CipherSuite suite) {
        return new PacketProtection(protocol, suite, workspace, 0);
    }

    private MemorySegment state() {
        return arena.allocate(PacketProtection.STATE_BYTES);
    }

    private MemorySegment place(CipherSuite suite) {
        return arena.allocate(suite.aead().scheduleBytes());
    }

    private static MemorySegment secret(int value) {
        return Memory.zeros(48).fill((byte) value);
    }

    /// The expanded key went with its memory; the secret that it was made of lies in the state, and does not outlive the close.
    @ParameterizedTest
    @MethodSource("suites")
    void keysThatAreClosedAfterTheirPlaceLeaveNoSecretInTheirState(CipherSuite suite) {
        MemorySegment state = state();
        PacketProtection keys;
        try (Arena lent = Arena.ofConfined()) {
            keys = finger(PacketProtocol.TLS_1_3, suite).at(state, 0, lent.allocate(suite.aead().scheduleBytes()), 0);
            keys.load(secret(1), 0);
        }
        assertTrue(RawMemory.nonZero(state) > 0, "a secret lies there");
        keys.close();
        assertEquals(0, RawMemory.nonZero(state), "left of it");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aPlaceWithAnothersKeyIsNotTakenOver(CipherSuite suite) {
        MemorySegment place = place(suite);
        MemorySegment elsewhere = arena.allocate(PacketProtection.bytes(suite));
        MemorySegment own = state();
        PacketProtection other = finger(PacketProtocol.QUIC_1, suite).at(state(), 0, place, 0);
        other.load(secret(1), 0);
        other.seal(0, packet, 0, 10, 20);
        MemorySegment before = Memory.of(Memory.bytes(place));
        PacketProtection keys = finger(PacketProtocol.QUIC_1, suite).at(own, 0, place, 0);
        assertThrows(IllegalStateException.class, () -> keys.load(secret(2), 0), "never loaded");
        keys.wipe();
        finger(PacketProtocol.QUIC_1, suite).at(elsewhere, 0).load(secret(3), 0);
        assertThrows(IllegalStateException.class, () -> keys.follow(elsewhere, 0), "to follow");
        keys.close();
        assertEquals(-1, place.mismatch(before), "the other's key and its counts");

        keys.at(own, 0, place(suite), 0).load(secret(2), 0);
        keys.rest();
        keys.at(own, 0, place, 0);
        assertThrows(IllegalStateException.class, () -> keys.load(secret(2), 0), "at rest");
        keys.at(own, 0, place(suite), 0).resume();
        keys.at(own, 0, place, 0);  // where it does not lie
        assertFalse(keys.isActive());
        assertEquals(0, keys.sealsLeft());
        assertThrows(IllegalStateException.class, () -> keys.load(secret(2), 0), "active elsewhere");
        assertThrows(IllegalStateException.class, () -> keys.seal(5, packet, 0, 10, 20), "sealed with another's key");
        assertThrows(IllegalStateException.class, () -> keys.open(5, packet, 0, 10, 36));
        assertThrows(IllegalStateException.class, keys::update);
        assertThrows(IllegalStateException.class, keys::resume);
        keys.rest();
        keys.wipe();
        assertEquals(-1, place.mismatch(before), "the other's key and its counts");
        assertTrue(other.isActive());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatIsLoadedAgainIsItsOwn(CipherSuite suite) {
        PacketProtection keys = finger(PacketProtocol.QUIC_1, suite).at(arena.allocate(PacketProtection.bytes(suite)), 0);
        keys.load(secret(1), 0);
        keys.seal(4, packet, 0, 10, 20);
        keys.load(secret(2), 0);
        assertEquals(0, keys.nextNumber());
        keys.update();
        keys.load(secret(3), 0);
        assertTrue(keys.isActive());
        keys.wipe();
        assertFalse(keys.isLoaded());
    }

    @Test
    void keysOfAnotherProtocolOrSuiteAreRefused() {
        for (PacketProtocol protocol : PacketProtocol.values()) {
            for (CipherSuite suite : suites()) {
                MemorySegment memory = arena.allocate(4096);
                finger(protocol, suite).at(memory, 0).load(secret(1), 0);
                for (PacketProtocol asProtocol : PacketProtocol.values()) {
                    for (CipherSuite asSuite : suites()) {
                        if (protocol != asProtocol || suite != asSuite) {
                            refuses(finger(asProtocol, asSuite), memory);
                        }
                    }
                }
                PacketProtection next = finger(protocol, suite).at(arena.allocate(PacketProtection.bytes(suite)), 0);
                next.follow(memory, 0);
                assertEquals(1, next.generation());
            }
        }
    }

    private void refuses(PacketProtection keys, MemorySegment memory) {
        MemorySegment home = arena.allocate(PacketProtection.bytes(keys.suite()));
        keys.at(home, 0);
        assertThrows(IllegalStateException.class, () -> keys.follow(memory, 0), keys.toString());
        assertEquals(0, RawMemory.nonZero(home));
        keys.at(memory, 0);
        assertFalse(keys.isLoaded(), keys.toString());
        assertThrows(IllegalStateException.class, () -> keys.seal(1, packet, 0, 10, 20), keys.toString());
        assertThrows(IllegalStateException.class, () -> keys.open(1, packet, 0, 10, 36), keys.toString());
        assertThrows(IllegalStateException.class, keys::update, keys.toString());
        assertThrows(IllegalStateException.class, keys::rest, keys.toString());
        assertThrows(IllegalStateException.class, keys::resume, keys.toString());
    }

    /// RFC 9001, section 6.6: over all keys of a connection, whatever they are used for in between.
    @ParameterizedTest
    @MethodSource("suites")
    void forgeriesAreDividedBetweenTheKeysThatFollowAndThoseBefore(CipherSuite suite) {
        MemorySegment first = state();
        MemorySegment firstKey = place(suite);
        MemorySegment second = state();
        MemorySegment secondKey = place(suite);
        PacketProtection keys = finger(PacketProtocol.QUIC_1, suite).at(first, 0, firstKey, 0);
        keys.load(secret(1), 0);
        keys.rest();
        first.set(ValueLayout.JAVA_LONG_UNALIGNED, 96, 5);
        keys.resume();
        assertFalse(keys.open(0, packet, 0, 10, 36));
        keys.at(second, 0, secondKey, 0);
        assertThrows(IllegalStateException.class, () -> keys.follow(first, 0, place(suite), 0), "where the key is not");
        assertEquals(0, RawMemory.nonZero(second, 0, (int) PacketProtection.STATE_BYTES));
        keys.follow(first, 0, firstKey, 0);
        assertEquals(2, keys.forgeriesLeft());
        keys.at(first, 0, firstKey, 0);
        assertEquals(2, keys.forgeriesLeft());
        assertFalse(keys.open(0, packet, 0, 10, 36));
        assertEquals(1, keys.forgeriesLeft());
        keys.at(second, 0, secondKey, 0);
        assertEquals(2, keys.forgeriesLeft());

        MemorySegment third = arena.allocate(PacketProtection.bytes(suite));
        keys.rest();
        keys.at(third, 0).follow(second, 0, secondKey, 0);
        assertEquals(2, keys.forgeriesLeft(), "keys at rest keep none, as they do not come back");
    }

    @Test
    void forgeriesOfTlsAreCountedAnew() {
        CipherSuite suite = CipherSuite.CHACHA20_POLY1305_SHA256;
        MemorySegment first = arena.allocate(PacketProtection.bytes(suite));
        PacketProtection keys = finger(PacketProtocol.TLS_1_3, suite).at(first, 0);
        keys.load(secret(1), 0);
        long forgeries = keys.forgeriesLeft();
        assertFalse(keys.open(0, packet, 0, 10, 36));
        keys.at(arena.allocate(PacketProtection.bytes(suite)), 0).follow(first, 0);
        assertEquals(forgeries, keys.forgeriesLeft());
        assertEquals(forgeries - 1, keys.at(first, 0).forgeriesLeft());
    }

    @Test
    void aHeaderKeyIsNotTakenOver() {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        MemorySegment memory = arena.allocate(HeaderProtection.bytes(suite));
        HeaderProtection headers = new HeaderProtection(PacketProtocol.QUIC_1, suite, workspace, 0).at(memory, 0);
        headers.load(secret(1), 0);
        MemorySegment before = Memory.of(Memory.bytes(memory));
        assertThrows(IllegalStateException.class, () -> headers.load(secret(2), 0));
        assertEquals(-1, memory.mismatch(before));
        headers.wipe();
        headers.load(secret(2), 0);
    }
}
