package dev.coffer.crypto.aead;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// ChaCha20 (RFC 8439, section 2.3 and 2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2): scalar, the sixteen
/// words in locals. Stateless, thread-safe; ranges are checked by the callers.
public final class ChaCha20 {
    /// Bytes of a key (section 2.3).
    public static final int KEY_BYTES = 32;
    /// Bytes of a nonce (section 2.3).
    public static final int NONCE_BYTES = 12;
    /// Bytes of a block (section 2.3): 16 words.
    public static final int BLOCK_BYTES = 16 * Integer.BYTES;

    // Section 2.3: "expand 32-byte k", little-endian.
    private static final int C0 = 0x61707865;
    private static final int C1 = 0x3320646e;
    private static final int C2 = 0x79622d32;
    private static final int C3 = 0x6b206574;

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ChaCha20() {}

    /// Adds key stream to any number of bytes.
    ///
    /// @param counter  number of the first block
    /// @param output   may be the input at the same offset
    /// @param block    [#BLOCK_BYTES] of scratch for a last block that is not whole; the caller wipes it
    static void xor(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int counter, MemorySegment input,
            long inputAt, long length, MemorySegment output, long outputAt, MemorySegment block, long blockAt) {
        long whole = length & -BLOCK_BYTES;
        xorBlocks(key, keyAt, nonce, nonceAt, counter, input, inputAt, whole, output, outputAt);
        long rest = length - whole;
        if (rest != 0) {
            MemorySegment.copy(input, inputAt + whole, block, blockAt, rest);
            xorBlocks(key, keyAt, nonce, nonceAt, counter + (int) (whole / BLOCK_BYTES), block, blockAt, BLOCK_BYTES,
                    block, blockAt);
            MemorySegment.copy(block, blockAt, output, outputAt + whole, rest);
        }
    }

    /// Writes one block of key stream.
    public static void block(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int counter, MemorySegment block,
            long blockAt) {
        Wipe.bytes(block, blockAt, BLOCK_BYTES);
        xorBlocks(key, keyAt, nonce, nonceAt, counter, block, blockAt, BLOCK_BYTES, block, blockAt);
    }

    /// Derives the key of a part of the nonces: HChaCha20. It is the block function without the last addition, whose
    /// summands are known: they are taken off again.
    ///
    /// @param nonce   16 bytes: the first four stand where the counter does
    /// @param subkey  receives [#KEY_BYTES]
    /// @param block   scratch as in [#xor]
    static void subkey(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, MemorySegment subkey,
            long subkeyAt, MemorySegment block, long blockAt) {
        block(key, keyAt, nonce, nonceAt + Integer.BYTES, nonce.get(WORD, nonceAt), block, blockAt);
        subkey.set(WORD, subkeyAt, block.get(WORD, blockAt) - C0);
        subkey.set(WORD, subkeyAt + 4, block.get(WORD, blockAt + 4) - C1);
        subkey.set(WORD, subkeyAt + 8, block.get(WORD, blockAt + 8) - C2);
        subkey.set(WORD, subkeyAt + 12, block.get(WORD, blockAt + 12) - C3);
        for (long i = 0; i < 4 * Integer.BYTES; i += Integer.BYTES) {
            subkey.set(WORD, subkeyAt + 16 + i, block.get(WORD, blockAt + 48 + i) - nonce.get(WORD, nonceAt + i));
        }
    }

    private static void xorBlocks(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int firstCounter,
            MemorySegment input, long inputAt, long length, MemorySegment output, long outputAt) {
        int k0 = key.get(WORD, keyAt);
        int k1 = key.get(WORD, keyAt + 4);
        int k2 = key.get(WORD, keyAt + 8);
        int k3 = key.get(WORD, keyAt + 12);
        int k4 = key.get(WORD, keyAt + 16);
        int k5 = key.get(WORD, keyAt + 20);
        int k6 = key.get(WORD, keyAt + 24);
        int k7 = key.get(WORD, keyAt + 28);
        int n0 = nonce.get(WORD, nonceAt);
        int n1 = nonce.get(WORD, nonceAt + 4);
        int n2 = nonce.get(WORD, nonceAt + 8);
        int counter = firstCounter;
        for (long done = 0; done < length; done += BLOCK_BYTES, counter++) {
            // @formatter:off
            int x0 = C0; int x1 = C1; int x2 = C2; int x3 = C3;
            int x4 = k0; int x5 = k1; int x6 = k2; int x7 = k3;
            int x8 = k4; int x9 = k5; int x10 = k6; int x11 = k7;
            int x12 = counter; int x13 = n0; int x14 = n1; int x15 = n2;
            for (int i = 0; i < 10; i++) {  // section 2.3.1: four columns, four diagonals
                x0 += x4; x12 = Integer.rotateLeft(x12 ^ x0, 16);
                x8 += x12; x4 = Integer.rotateLeft(x4 ^ x8, 12);
                x0 += x4; x12 = Integer.rotateLeft(x12 ^ x0, 8);
                x8 += x12; x4 = Integer.rotateLeft(x4 ^ x8, 7);
                x1 += x5; x13 = Integer.rotateLeft(x13 ^ x1, 16);
                x9 += x13; x5 = Integer.rotateLeft(x5 ^ x9, 12);
                x1 += x5; x13 = Integer.rotateLeft(x13 ^ x1, 8);
                x9 += x13; x5 = Integer.rotateLeft(x5 ^ x9, 7);
                x2 += x6; x14 = Integer.rotateLeft(x14 ^ x2, 16);
                x10 += x14; x6 = Integer.rotateLeft(x6 ^ x10, 12);
                x2 += x6; x14 = Integer.rotateLeft(x14 ^ x2, 8);
                x10 += x14; x6 = Integer.rotateLeft(x6 ^ x10, 7);
                x3 += x7; x15 = Integer.rotateLeft(x15 ^ x3, 16);
                x11 += x15; x7 = Integer.rotateLeft(x7 ^ x11, 12);
                x3 += x7; x15 = Integer.rotateLeft(x15 ^ x3, 8);
                x11 += x15; x7 = Integer.rotateLeft(x7 ^ x11, 7);
                x0 += x5; x15 = Integer.rotateLeft(x15 ^ x0, 16);
                x10 += x15; x5 = Integer.rotateLeft(x5 ^ x10, 12);
                x0 += x5; x15 = Integer.rotateLeft(x15 ^ x0, 8);
                x10 += x15; x5 = Integer.rotateLeft(x5 ^ x10, 7);
                x1 += x6; x12 = Integer.rotateLeft(x12 ^ x1, 16);
                x11 += x12; x6 = Integer.rotateLeft(x6 ^ x11, 12);
                x1 += x6; x12 = Integer.rotateLeft(x12 ^ x1, 8);
                x11 += x12; x6 = Integer.rotateLeft(x6 ^ x11, 7);
                x2 += x7; x13 = Integer.rotateLeft(x13 ^ x2, 16);
                x8 += x13; x7 = Integer.rotateLeft(x7 ^ x8, 12);
                x2 += x7; x13 = Integer.rotateLeft(x13 ^ x2, 8);
                x8 += x13; x7 = Integer.rotateLeft(x7 ^ x8, 7);
                x3 += x4; x14 = Integer.rotateLeft(x14 ^ x3, 16);
                x9 += x14; x4 = Integer.rotateLeft(x4 ^ x9, 12);
                x3 += x4; x14 = Integer.rotateLeft(x14 ^ x3, 8);
                x9 += x14; x4 = Integer.rotateLeft(x4 ^ x9, 7);
            }
            // @formatter:on
            long from = inputAt + done;
            long to = outputAt + done;
            xorWord(input, from, output, to, 0, x0 + C0);
            xorWord(input, from, output, to, 1, x1 + C1);
            xorWord(input, from, output, to, 2, x2 + C2);
            xorWord(input, from, output, to, 3, x3 + C3);
            xorWord(input, from, output, to, 4, x4 + k0);
            xorWord(input, from, output, to, 5, x5 + k1);
            xorWord(input, from, output, to, 6, x6 + k2);
            xorWord(input, from, output, to, 7, x7 + k3);
            xorWord(input, from, output, to, 8, x8 + k4);
            xorWord(input, from, output, to, 9, x9 + k5);
            xorWord(input, from, output, to, 10, x10 + k6);
            xorWord(input, from, output, to, 11, x11 + k7);
            xorWord(input, from, output, to, 12, x12 + counter);
            xorWord(input, from, output, to, 13, x13 + n0);
            xorWord(input, from, output, to, 14, x14 + n1);
            xorWord(input, from, output, to, 15, x15 + n2);
        }
    }

    /// Adds one word of key stream to the text.
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: as many inlined accesses as this class has are more
    /// than its registers can name, see [dev.coffer.crypto.keccak.Keccak]. C2 inlines it, at no cost.
    private static void xorWord(MemorySegment input, long from, MemorySegment output, long to, int i, int stream) {
        assert 0 <= i && i < 16 : "word " + i;
        output.set(WORD, to + (long) Integer.BYTES * i, input.get(WORD, from + (long) Integer.BYTES * i) ^ stream);
    }
}
