package dev.coffer.crypto.ed25519;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.testkit.HeapBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Ed25519StreamTest {
    private static final long BYTES = Ed25519Stream.MEMORY_BYTES;

    private final MemorySegment memory = Memory.zeros((int) BYTES);
    private final Ed25519Stream stream = new Ed25519Stream(memory, 0);
    private final MemorySegment workspace =
            Memory.zeros((int) Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES));
    private final MemorySegment seed = Memory.of(random(32));
    private final MemorySegment publicKey = Memory.zeros(32);
    private final MemorySegment signature = Memory.zeros(64);

    Ed25519StreamTest() {
        Ed25519.publicKey(seed, 0, publicKey, 0, workspace, 0);
    }

    private static byte[] random(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }

    private void feed(MemorySegment message, int piece) {
        for (long from = 0; from < message.byteSize(); from += piece) {
            stream.update(message, from, Math.min(piece, message.byteSize() - from));
        }
    }

    private boolean sign(MemorySegment first, MemorySegment second, int piece) {
        stream.startSigning(seed, 0, publicKey, 0);
        feed(first, piece);
        stream.readAgain();
        feed(second, piece + 1);
        return stream.sign(signature, 0);
    }

    private boolean verify(MemorySegment message, int piece) {
        stream.startVerifying(publicKey, 0, signature, 0);
        feed(message, piece);
        return stream.verify();
    }

    @Test
    void inAnyPiecesTheSignatureIsThatOfTheWhole() {
        for (int length : new int[] {0, 1, 127, 128, 129, 4096, 10_000}) {
            MemorySegment message = Memory.of(random(length));
            MemorySegment whole = Memory.zeros(64);
            Ed25519.sign(seed, 0, message, 0, length, whole, 0, workspace, 0);
            for (int piece : new int[] {1, 64, 127, 128, 4096}) {
                assertTrue(sign(message, message, piece));
                assertArrayEquals(Memory.bytes(whole), Memory.bytes(signature), length + " in " + piece);
                assertTrue(verify(message, piece));
            }
        }
    }

    @Test
    void twoReadingsThatDifferReleaseNothing() {
        byte[] content = random(1000);
        MemorySegment message = Memory.of(content);
        for (int at : new int[] {0, 500, 999}) {
            byte[] changed = content.clone();
            changed[at] ^= 1;
            assertFalse(sign(message, Memory.of(changed), 64), "byte " + at);
        }
        assertFalse(sign(message, message.asSlice(0, 999), 64), "shrunk");
        assertFalse(sign(message.asSlice(0, 999), message, 64), "grown");
        assertFalse(sign(message, message.asSlice(0, 0), 64), "emptied");
        assertArrayEquals(new byte[64], Memory.bytes(signature), "nothing was written");
        assertTrue(sign(message, message, 64), "and the next attempt is not spoiled");
    }

    @Test
    void whatIsNotTheSignatureOfTheMessageDoesNotVerify() {
        MemorySegment message = Memory.of(random(1000));
        assertTrue(sign(message, message, 100));
        assertFalse(verify(message.asSlice(1), 100));
        byte[] good = Memory.bytes(signature);
        for (int at = 0; at < 64; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 16;
            MemorySegment.copy(MemorySegment.ofArray(bad), 0, signature, 0, 64);
            assertFalse(verify(message, 100), "byte " + at);
        }
        MemorySegment.copy(MemorySegment.ofArray(good), 0, signature, 0, 64);
        signature.asSlice(32).fill((byte) 0xff);  // S past L: never valid, whatever the rest
        assertFalse(verify(message, 100));
        MemorySegment.copy(MemorySegment.ofArray(good), 0, signature, 0, 64);
        publicKey.fill((byte) 0xfb);
        publicKey.set(ValueLayout.JAVA_BYTE, 31, (byte) 0x7f);
        assertFalse(verify(message, 100), "no point");
    }

    @Test
    void memoryIsZeroAfterEveryEnd() {
        MemorySegment message = Memory.of(random(200));
        sign(message, message, 100);
        assertArrayEquals(new byte[(int) BYTES], Memory.bytes(memory), "signed");
        sign(message, message.asSlice(1), 100);
        assertArrayEquals(new byte[(int) BYTES], Memory.bytes(memory), "refused");
        verify(message, 100);
        assertArrayEquals(new byte[(int) BYTES], Memory.bytes(memory), "verified");
        stream.startSigning(seed, 0, publicKey, 0);
        stream.close();
        assertArrayEquals(new byte[(int) BYTES], Memory.bytes(memory), "closed half-way");
    }

    @Test
    void whatLiesInTheStreamsOwnMemoryIsRefused() {
        long last = BYTES - 64;
        for (long at : new long[] {0, last}) {
            assertThrows(IllegalArgumentException.class, () -> stream.startSigning(memory, at, publicKey, 0));
            assertThrows(IllegalArgumentException.class, () -> stream.startSigning(seed, 0, memory, at));
            assertThrows(IllegalArgumentException.class, () -> stream.startVerifying(memory, at, signature, 0));
            assertThrows(IllegalArgumentException.class, () -> stream.startVerifying(publicKey, 0, memory, at));
        }
        stream.startSigning(seed, 0, publicKey, 0);
        assertThrows(IllegalArgumentException.class, () -> stream.update(memory, last, 1));
        stream.readAgain();
        assertThrows(IllegalArgumentException.class, () -> stream.sign(memory, last));
        assertTrue(stream.sign(signature, 0), "refused before anything changed");
        assertTrue(verify(memory.asSlice(0, 0), 1), "the empty message was signed");
    }

    @Test
    void aSignatureNeverTakesThePlaceOfItsKey() {
        MemorySegment key = Memory.zeros(96);
        MemorySegment.copy(seed, 0, key, 32, 32);
        byte[] before = key.toArray(ValueLayout.JAVA_BYTE);
        MemorySegment space = Memory.zeros((int) Math.max(Ed25519.SIGN_WORKSPACE_BYTES,
                EcdsaP256.SIGN_WORKSPACE_BYTES));
        for (long at : new long[] {0, 32}) {
            assertThrows(IllegalArgumentException.class, () -> Ed25519.sign(key, 32, signature, 0, 1, key, at, space, 0));
            assertThrows(IllegalArgumentException.class, () -> EcdsaP256.sign(key, 32, signature, 0, 1,
                    key, at, space, 0));
            assertThrows(IllegalArgumentException.class, () -> EcdsaP256.signDigest(key, 32, signature, 0,
                    signature, 0, 0, key, at, space, 0));
        }
        assertArrayEquals(before, key.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void stepsOutOfTurnAreRefused() {
        MemorySegment message = Memory.of(random(10));
        assertThrows(IllegalStateException.class, () -> stream.update(message, 0, 10));
        assertThrows(IllegalStateException.class, () -> stream.sign(signature, 0));
        assertThrows(IllegalStateException.class, stream::verify);
        stream.startSigning(seed, 0, publicKey, 0);
        assertThrows(IllegalStateException.class, () -> stream.sign(signature, 0), "after one reading");
        assertThrows(IllegalStateException.class, stream::verify);
        stream.readAgain();
        assertThrows(IllegalStateException.class, stream::readAgain);
        assertThrows(IndexOutOfBoundsException.class, () -> stream.sign(Memory.zeros(63), 0));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.update(message, 0, 11));
        assertThrows(IndexOutOfBoundsException.class, () -> new Ed25519Stream(memory, 1));
        assertTrue(stream.sign(signature, 0));
        stream.startVerifying(publicKey, 0, signature, 0);
        assertThrows(IllegalStateException.class, () -> stream.sign(signature, 0));
        assertEquals("Ed25519Stream[VERIFYING]", stream.toString());
    }

    @Test
    void aBeginningThatIsRefusedLeavesWhatWasBegun() {
        MemorySegment message = Memory.of(random(10));
        assertTrue(sign(message, message, 3));
        stream.startVerifying(publicKey, 0, signature, 0);
        stream.update(message, 0, 10);
        assertThrows(IndexOutOfBoundsException.class, () -> stream.startVerifying(publicKey, 0, signature, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.startVerifying(publicKey, 1, signature, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.startSigning(seed, 1, publicKey, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.startSigning(seed, 0, publicKey, 1));
        assertTrue(stream.verify());
    }

    @Test
    void allocatesNoHeapBytes() {
        MemorySegment message = Memory.of(random(300));
        assertEquals(0, HeapBytes.of(300, () -> {
            if (!sign(message, message, 100) || !verify(message, 100)) {
                throw new AssertionError();
            }
        }));
    }

    @Test
    void aKeyWhoseMemoryIsGoneLeavesNothingAndBeginsNothing() {
        MemorySegment memory = Memory.zeros(Ed25519Stream.MEMORY_BYTES);
        MemorySegment key = Memory.hex("11".repeat(64));
        MemorySegment gone;
        try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
            gone = arena.allocate(64);
        }
        try (Ed25519Stream stream = new Ed25519Stream(memory, 0)) {
            Runnable[] begins = {() -> stream.startSigning(key, 0, gone, 0), () -> stream.startSigning(gone, 0, key, 0),
                    () -> stream.startVerifying(key, 0, gone, 0), () -> stream.startVerifying(gone, 0, key, 0)};
            for (int i = 0; i < begins.length; i++) {
                stream.startSigning(key, 0, key, 32);  // what was begun before is forgotten, whatever comes of this
                assertThrows(IllegalStateException.class, begins[i]::run);
                if (i < 2) {
                    assertEquals(0, dev.coffer.testkit.RawMemory.nonZero(memory), "begin " + i);
                }
                assertThrows(IllegalStateException.class, () -> stream.update(key, 0, 1), "begin " + i);
            }
        }
    }
}
