package dev.coffer.crypto.aead;

import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// AES-128-GCM and AES-256-GCM (SP 800-38D, section 7) with nonces of 12 bytes and tags of 16, on the bitsliced [Aes] and
/// [Ghash]. Users reach it through [dev.coffer.crypto.Aead].
///
/// Four counter blocks are encrypted at a time. The first four are the one that hides the tag (J0, section 7.1) and the
/// three that follow it, so a text of up to 48 bytes takes one encryption.
public final class AesGcm extends AeadFunction {
    private static final int NONCE_BYTES = 12;  // the form that section 5.2.1.1 recommends, and the only one here
    private static final int STREAM_BYTES = Aes.LANES * Aes.BLOCK_BYTES;
    private static final int FIRST_BYTES = STREAM_BYTES - Aes.BLOCK_BYTES;  // of the first stream, behind the tag's mask

    // The workspace: planes, four blocks of key stream (kept apart for the first four), GHASH's sum, a block, the tag.
    private static final long PLANES = 0;
    private static final long FIRST = PLANES + Aes.PLANES_BYTES;
    private static final long STREAM = FIRST + STREAM_BYTES;
    private static final long NONCE = STREAM + STREAM_BYTES;
    private static final long SUM = NONCE + Aes.PACKED_BYTES;
    private static final long BLOCK = SUM + Ghash.BLOCK_BYTES;
    private static final long WORKSPACE_BYTES = BLOCK + Ghash.BLOCK_BYTES;  // more than the expansion of a key takes

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final long LENGTH_MAX = (1L << 36) - 32;  // section 5.2.1.1: 2^39 - 256 bits

    private final int rounds;
    private final long hashKey;  // offset in the schedule, behind the round keys

    /// Made once for each key size, by [dev.coffer.crypto.Aead].
    ///
    /// @param keyBytes  16 or 32
    public AesGcm(int keyBytes) {
        super(Family.AES_GCM, "AES-" + keyBytes * Byte.SIZE + "-GCM", keyBytes, NONCE_BYTES,
                AesKey.scheduleBytes(keyBytes) + Ghash.KEY_BYTES, WORKSPACE_BYTES, LENGTH_MAX);
        this.rounds = AesKey.rounds(keyBytes);
        this.hashKey = AesKey.scheduleBytes(keyBytes);
    }

    @Override
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long at, MemorySegment work, long workAt) {
        AesKey.expand(key, keyAt, keyBytes(), schedule, at, work, workAt);
        // H is the zero block encrypted (section 7.1, step 1). The four zero blocks are zero planes.
        Wipe.bytes(work, workAt + PLANES, Aes.PLANES_BYTES);
        Aes.rounds(work, workAt + PLANES, schedule, at, rounds);
        Aes.unpack(work, workAt + PLANES, work, workAt + PLANES);
        Ghash.key(work, workAt + PLANES, schedule, at + hashKey);
    }

    @Override
    public void seal(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
            MemorySegment output, long outputAt) {
        begin(schedule, scheduleAt, work, at, nonce, nonceAt);
        cipher(schedule, scheduleAt, work, at, text, textAt, length, output, outputAt);
        tag(schedule, scheduleAt, work, at, aad, aadAt, aadLength, output, outputAt, length);
        MemorySegment.copy(work, at + SUM, output, outputAt + length, TAG_BYTES);
    }

    @Override
    public boolean open(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt,
            long length, MemorySegment output, long outputAt) {
        begin(schedule, scheduleAt, work, at, nonce, nonceAt);
        tag(schedule, scheduleAt, work, at, aad, aadAt, aadLength, sealed, sealedAt, length);
        if (!ConstantTime.equal(work, at + SUM, sealed, sealedAt + length, TAG_BYTES)) {
            return false;
        }
        cipher(schedule, scheduleAt, work, at, sealed, sealedAt, length, output, outputAt);
        return true;
    }

    /// Places the nonce and makes the first four blocks of the stream: counters 1 to 4.
    private void begin(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt) {
        Aes.packNonce(nonce, nonceAt, work, at + NONCE);
        stream(schedule, scheduleAt, work, at, 1, at + FIRST);
    }

    /// Encrypts the nonce with four counters that follow each other (GCTR, section 6.5).
    private void stream(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, int counter, long to) {
        Aes.pack(work, at + NONCE, counter, work, at + PLANES);
        Aes.rounds(work, at + PLANES, schedule, scheduleAt, rounds);
        Aes.unpack(work, at + PLANES, work, to);
    }

    private void cipher(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment input,
            long inputAt, long length, MemorySegment output, long outputAt) {
        long done = Math.min(length, FIRST_BYTES);
        xor(work, at + FIRST + Aes.BLOCK_BYTES, input, inputAt, done, output, outputAt);
        for (int counter = 1 + Aes.LANES; done < length; counter += Aes.LANES) {
            stream(schedule, scheduleAt, work, at, counter, at + STREAM);
            long part = Math.min(length - done, STREAM_BYTES);
            xor(work, at + STREAM, input, inputAt + done, part, output, outputAt + done);
            done += part;
        }
    }

    static void xor(MemorySegment stream, long at, MemorySegment input, long inputAt, long length,
            MemorySegment output, long outputAt) {
        long i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            LittleEndian.i64(output, outputAt + i, LittleEndian.i64(input, inputAt + i) ^ LittleEndian.i64(stream, at + i));
        }
        for (; i < length; i++) {
            output.set(BYTE, outputAt + i, (byte) (input.get(BYTE, inputAt + i) ^ stream.get(BYTE, at + i)));
        }
    }

    /// Section 7.1, steps 4 to 6: the tag, left in the place of the sum.
    private void tag(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment aad, long aadAt,
            long aadLength, MemorySegment ciphertext, long ciphertextAt, long length) {
        long key = scheduleAt + hashKey;
        Wipe.bytes(work, at + SUM, Ghash.BLOCK_BYTES);
        Ghash.update(schedule, key, work, at + SUM, aad, aadAt, aadLength, work, at + BLOCK);
        Ghash.update(schedule, key, work, at + SUM, ciphertext, ciphertextAt, length, work, at + BLOCK);
        BigEndian.i64(work, at + BLOCK, aadLength * Byte.SIZE);
        BigEndian.i64(work, at + BLOCK + 8, length * Byte.SIZE);
        Ghash.update(schedule, key, work, at + SUM, work, at + BLOCK, Ghash.BLOCK_BYTES, work, at + BLOCK);
        xor(work, at + FIRST, work, at + SUM, TAG_BYTES, work, at + SUM);
    }
}
