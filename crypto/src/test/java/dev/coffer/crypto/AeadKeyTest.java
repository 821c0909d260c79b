package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.BufferBoundsException;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The object that a key is: its place, its counts, its end, and the forms that take whole segments and buffers.
class AeadKeyTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment secret = arena.allocate(32);
    private final MemorySegment text = arena.allocate(40);
    private final MemorySegment sealed = arena.allocate(56);
    private final MemorySegment out = arena.allocate(40);

    AeadKeyTest() {
        SeededEntropy entropy = new SeededEntropy(17);
        entropy.fill(secret, 0, 32);
        entropy.fill(text, 0, 40);
    }

    @AfterEach
    void end() {
        arena.close();
    }

    static java.util.stream.Stream<Aead> aeads() {
        return AeadTest.aeads();
    }

    private AeadKey key(Aead aead, AeadLimits limits) {
        AeadKey key = AeadKey.in(aead, arena.allocate(AeadKey.plan("key", aead).totalBytes()));
        key.load(secret, 0, limits);
        return key;
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void sealsAsOftenAsItMayAndNotOnceMore(Aead aead) {
        AeadKey key = key(aead, new AeadLimits(3, 1));
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        for (int i = 3; i > 0; i--) {
            assertEquals(i, key.sealsLeft());
            assertEquals(56, key.seal(nonce, text, sealed));
        }
        assertEquals(0, key.sealsLeft());
        byte[] before = sealed.toArray(ValueLayout.JAVA_BYTE);
        assertThrows(KeySpentException.class, () -> key.seal(nonce, text, sealed));
        assertThrows(KeySpentException.class, () -> key.seal(nonce, text, text, sealed));
        assertEquals(-1, sealed.mismatch(MemorySegment.ofArray(before)), "written to");
        assertTrue(key.open(nonce, sealed, out), "it opens all the same");
        assertThrows(IllegalStateException.class, () -> key.load(secret, 0), "the counts anew");
        assertEquals(0, key.sealsLeft());
        key.wipe();
        key.load(secret, 0);
        assertEquals(AeadLimits.quic(aead).seals(), key.sealsLeft());
        key.seal(nonce, text, sealed);
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void opensNothingMoreAfterItsForgeries(Aead aead) {
        AeadKey key = key(aead, new AeadLimits(9, 2));
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        key.seal(nonce, text, sealed);
        MemorySegment forged = arena.allocate(56).copyFrom(sealed);
        forged.set(ValueLayout.JAVA_BYTE, 55, (byte) ~forged.get(ValueLayout.JAVA_BYTE, 55));
        assertTrue(key.open(nonce, sealed, out));
        assertFalse(key.open(nonce, forged, out));
        assertEquals(1, key.forgeriesLeft());
        assertFalse(key.open(nonce, forged.asSlice(0, 15), out), "too short to be tried");
        assertEquals(1, key.forgeriesLeft(), "what was not tried does not count");
        assertTrue(key.open(nonce, sealed, out));
        assertFalse(key.open(nonce, forged, out));
        assertEquals(0, key.forgeriesLeft());
        out.fill((byte) 0);
        assertFalse(key.open(nonce, sealed, out), "an authentic one, too late");
        assertEquals(0, RawMemory.nonZero(out, 0, 40), "shown");
        assertTrue(key.isLoaded());
        key.seal(nonce, text, sealed);
    }

    @Test
    void aKeyThatWasUsedBeforeGoesOnWithItsCounts() {
        AeadKey key = AeadKey.in(Aead.AES_128_GCM, arena.allocate(AeadKey.plan("key", Aead.AES_128_GCM).totalBytes()));
        assertThrows(IllegalArgumentException.class, () -> key.load(secret, 0, -1, 7));
        assertThrows(IllegalArgumentException.class, () -> key.load(secret, 0, 7, -1));
        assertThrows(IllegalArgumentException.class, () -> key.load(secret, 0, 7, AeadLimits.FORGERIES_MAX + 1));
        assertFalse(key.isLoaded(), "a refused load changes nothing");
        key.load(secret, 0, 1, 7);
        assertEquals(7, key.forgeriesLeft());
        key.seal(arena.allocate(12), text, sealed);
        assertThrows(KeySpentException.class, () -> key.seal(arena.allocate(12), text, sealed));
        key.wipe();
        key.load(secret, 0, 0, 0);
        assertTrue(key.isLoaded());
        assertFalse(key.open(arena.allocate(12), sealed, out), "no forgeries left");
    }

    @Test
    void aMessageCountsBeforeItIsSealedWhateverHappensThen() {
        AeadKey key = key(Aead.AES_256_GCM, new AeadLimits(2, 2));
        MemorySegment nonce = arena.allocate(12);
        Arena closed = Arena.ofConfined();
        MemorySegment gone = closed.allocate(40);
        closed.close();
        assertThrows(IllegalStateException.class, () -> key.seal(nonce, gone, sealed));
        assertThrows(IllegalStateException.class, () -> key.open(nonce, gone, out));
        assertEquals(1, key.sealsLeft());
        assertEquals(2, key.forgeriesLeft(), "nobody learned whether it is authentic");
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void aPlaceThatIsZeroHoldsNoKey(Aead aead) {
        MemorySegment memory = arena.allocate(AeadKey.plan("key", aead).totalBytes());
        AeadKey key = AeadKey.in(aead, memory);
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        assertThrows(IllegalStateException.class, () -> key.seal(nonce, text, sealed), "never loaded");
        assertThrows(IllegalStateException.class, () -> key.open(nonce, sealed, out), "never loaded");
        key.load(secret, 0);
        assertEquals(0, RawMemory.nonZero(memory, aead.scheduleBytes(), (int) aead.workspaceBytes()), "workspace");
        key.seal(nonce, text, sealed);
        key.wipe();
        assertFalse(key.isLoaded());
        assertEquals(0, RawMemory.nonZero(memory), "left behind");
        assertThrows(IllegalStateException.class, () -> key.seal(nonce, text, sealed), "wiped");
        key.load(secret, 0);
        key.close();
        key.close();
        assertEquals(0, RawMemory.nonZero(memory), "left behind");
        assertThrows(IllegalStateException.class, () -> key.load(secret, 0), "closed");
        assertThrows(IllegalStateException.class, () -> new AeadKey(aead, memory, 0).seal(nonce, text, sealed), "no place");
    }

    @Test
    void aKeyThatCannotBeReadLeavesNoneBehind() {
        MemorySegment memory = arena.allocate(AeadKey.plan("key", Aead.AES_256_GCM).totalBytes());
        AeadKey key = AeadKey.in(Aead.AES_256_GCM, memory);
        Arena closed = Arena.ofConfined();
        MemorySegment gone = closed.allocate(32);
        closed.close();
        assertThrows(IllegalStateException.class, () -> key.load(gone, 0));
        assertFalse(key.isLoaded());
        assertEquals(0, RawMemory.nonZero(memory), "left behind");
    }

    @Test
    void closingAfterTheMemoryIsHarmless() {
        Arena own = Arena.ofConfined();
        AeadKey key = AeadKey.in(Aead.AES_128_GCM, own.allocate(AeadKey.plan("key", Aead.AES_128_GCM).totalBytes()));
        key.load(secret, 0);
        own.close();
        assertTrue(key.toString().contains("closed memory"), key.toString());
        key.close();
    }

    /// One object, many keys: what a loop with thousands of connections has.
    @Test
    void pointsToManyKeysEachWithItsCounts() {
        Aead aead = Aead.CHACHA20_POLY1305;
        MemorySegment places = arena.allocate(10 * aead.scheduleBytes());
        AeadKey key = new AeadKey(aead, arena.allocate(aead.workspaceBytes()), 0);
        MemorySegment nonce = arena.allocate(12);
        for (int i = 0; i < 10; i++) {
            secret.set(ValueLayout.JAVA_BYTE, 0, (byte) i);
            key.at(places, i * aead.scheduleBytes()).load(secret, 0, new AeadLimits(100 + i, 1));
        }
        String last = "";
        for (int i = 0; i < 10; i++) {
            key.at(places, i * aead.scheduleBytes()).seal(nonce, text, sealed);
            assertEquals(99 + i, key.sealsLeft());
            String now = VectorCases.hex(sealed);
            assertNotEquals(last, now);
            last = now;
        }
        assertThrows(IndexOutOfBoundsException.class, () -> key.at(places, 9 * aead.scheduleBytes() + 1));
        assertEquals(108, key.sealsLeft(), "still where it was");
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void theBufferFormsAskForTheKeyFirst(Aead aead) {
        AeadKey key = AeadKey.in(aead, arena.allocate(AeadKey.plan("key", aead).totalBytes()));
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        Buffer few = Buffer.over(arena.allocate(15));
        few.putZeros(15);
        Buffer room = Buffer.over(arena.allocate(64));
        assertThrows(IllegalStateException.class, () -> key.open(nonce, nonce, few, room), "too short, and no key to say so");
        assertThrows(IllegalStateException.class, () -> key.seal(nonce, nonce, few, room));
        assertEquals(0, room.length() + few.position());
        key.load(secret, 0);
        assertFalse(key.open(nonce, nonce, few, room));
        key.wipe();
        assertThrows(IllegalStateException.class, () -> key.open(nonce, nonce, few, room), "wiped");
    }

    @Test
    void forgeriesAreHandedOnAndNotCopied() {
        AeadKey key = key(Aead.CHACHA20_POLY1305, new AeadLimits(9, 20));
        assertThrows(IllegalArgumentException.class, () -> key.handForgeriesOn(-1));
        assertEquals(17, key.handForgeriesOn(3));
        assertEquals(3, key.forgeriesLeft());
        assertEquals(0, key.handForgeriesOn(4), "no more than there are");
        assertEquals(3, key.forgeriesLeft());
        assertEquals(9, key.sealsLeft());
        key.wipe();
        assertThrows(IllegalStateException.class, () -> key.handForgeriesOn(0));
    }

    @ParameterizedTest
    @MethodSource("aeads")
    void buffersMoveByWhatWasSealedAndOpenedAndNotAtAllOtherwise(Aead aead) {
        AeadKey key = key(aead, new AeadLimits(2, 9));
        MemorySegment nonce = arena.allocate(aead.nonceBytes());
        MemorySegment none = arena.allocate(0);
        try (Buffer from = Buffer.over(arena.allocate(100)); Buffer wire = Buffer.over(arena.allocate(100));
                Buffer to = Buffer.over(arena.allocate(100))) {
            from.putI64(7);
            from.putI64(42);
            from.skip(8);
            wire.putU8(1);
            wire.skip(1);
            key.seal(nonce, none, from, wire);
            assertEquals(0, from.remaining());
            assertEquals(8 + Aead.TAG_BYTES, wire.remaining());
            assertTrue(key.open(nonce, none, wire, to));
            assertEquals(0, wire.remaining());
            assertEquals(42, to.takeI64());

            from.putI64(9);
            wire.limit(wire.length() + 8 + Aead.TAG_BYTES - 1);
            assertThrows(BufferBoundsException.class, () -> key.seal(nonce, none, from, wire));
            assertThrows(IllegalArgumentException.class, () -> key.seal(none, none, from, wire));
            assertEquals(8, from.remaining());
            assertEquals(0, wire.remaining());
            wire.limit(wire.length() + 8 + Aead.TAG_BYTES);
            key.seal(nonce, none, from, wire);
            assertFalse(key.open(nonce, text, wire, to), "other associated data");
            assertEquals(8 + Aead.TAG_BYTES, wire.remaining());
            assertEquals(0, to.remaining());
            from.putI64(11);
            assertThrows(KeySpentException.class, () -> key.seal(nonce, none, from, to));
            assertEquals(8, from.remaining());
            assertEquals(0, to.remaining());
            wire.length(wire.position() + 15);
            assertFalse(key.open(nonce, none, wire, to), "shorter than a tag");
        }
    }

    @Test
    void theLimitsAreThoseOfTheStandards() {
        assertEquals(new AeadLimits(8_388_608, 1L << 52), AeadLimits.quic(Aead.AES_128_GCM));
        assertEquals(new AeadLimits(8_388_608, 1L << 52), AeadLimits.quic(Aead.AES_256_GCM));
        assertEquals(new AeadLimits(1L << 62, 1L << 36), AeadLimits.quic(Aead.CHACHA20_POLY1305));
        assertEquals((long) Math.pow(2, 24.5), AeadLimits.tls(Aead.AES_128_GCM).seals());
        assertEquals(1L << 36, AeadLimits.tls(Aead.AES_128_GCM).forgeries());
        assertThrows(IllegalArgumentException.class, () -> new AeadLimits(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new AeadLimits(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new AeadLimits(1, AeadLimits.FORGERIES_MAX + 1));
    }

    /// The schedule holds what the key needs for its life, nothing of its expansion: round keys, GHASH's key, two counts.
    @Test
    void aKeyTakesNoMoreThanItNeeds() {
        assertEquals(2 * 8 + 15 * 64 + 6 * 8, Aead.AES_256_GCM.scheduleBytes());
        assertEquals(2 * 8 + 11 * 64 + 6 * 8, Aead.AES_128_GCM.scheduleBytes());
        assertEquals(2 * 8 + 32, Aead.CHACHA20_POLY1305.scheduleBytes());
    }

    /// What a module with another library's code does: it is told when a key ends, and everything else is the same.
    @Test
    void aFunctionOfAnotherModuleIsToldWhenAKeyEnds() {
        int[] alive = {0};
        AeadFunction function = new AeadFunction(AeadFunction.Family.AES_GCM, "Other", 16, 12, 8, 8, 100) {
            @Override
            public void expand(MemorySegment key, long keyAt, MemorySegment place, long at, MemorySegment work, long workAt) {
                place.set(ValueLayout.JAVA_LONG_UNALIGNED, at, ++alive[0]);
            }

            @Override
            public void release(MemorySegment place, long at) {
                alive[0] -= place.get(ValueLayout.JAVA_LONG_UNALIGNED, at) == 0 ? 0 : 1;
            }

            @Override
            public void seal(MemorySegment place, long placeAt, MemorySegment work, long at, MemorySegment nonce, long nonceAt,
                    MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
                    MemorySegment output, long outputAt) {
                MemorySegment.copy(text, textAt, output, outputAt, length);
            }

            @Override
            public boolean open(MemorySegment place, long placeAt, MemorySegment work, long at, MemorySegment nonce, long nonceAt,
                    MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt, long length,
                    MemorySegment output, long outputAt) {
                return false;
            }
        };
        AeadKey key = AeadKey.in(Aead.of(function), arena.allocate(8 + 16 + 8));
        key.load(secret, 0);
        assertThrows(IllegalStateException.class, () -> key.load(secret, 0));
        assertEquals(1, alive[0], "a load that is refused expands nothing");
        key.wipe();
        key.load(secret, 0);
        assertEquals(1, alive[0], "the key before was given back");
        assertEquals(56, key.seal(arena.allocate(12), text, sealed));
        key.wipe();
        key.close();
        assertEquals(0, alive[0]);
    }
}
