package dev.coffer.crypto.aead;

import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// AES-GCM (SP 800-38D, section 7) with the JDK's AES, which uses the processor's instructions, for the counter blocks, and
/// our [Ghash]. Users reach it through [dev.coffer.crypto.Aead#accelerated].
///
/// Not strict: the JDK keeps the key and its schedule in heap arrays of its own, and the key stream passes through one of
/// ours, wiped after every call. Nothing wipes the JDK's copies; they wait for the collector.
///
/// It holds the one cipher object that it needs, so unlike the others it has state: one key at a time, one thread at a
/// time. A schedule names the key that it was made with.
public final class JdkAesGcm extends AeadFunction {
    private static final int NONCE_BYTES = 12;
    private static final int BLOCK_BYTES = 16;
    private static final int BATCH_BYTES = 128 * BLOCK_BYTES;  // the JDK's instructions want many blocks at a time
    private static final long LENGTH_MAX = (1L << 36) - 32;    // section 5.2.1.1

    // The schedule: GHASH's key, and which expansion made it, of all in this process.
    private static final long GENERATION = Ghash.KEY_BYTES;
    private static final long SCHEDULE_BYTES = GENERATION + Long.BYTES;

    // The workspace: the mask of the tag, GHASH's sum, one block.
    private static final long MASK = 0;
    private static final long SUM = MASK + BLOCK_BYTES;
    private static final long BLOCK = SUM + Ghash.BLOCK_BYTES;
    private static final long WORKSPACE_BYTES = BLOCK + BLOCK_BYTES;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final AtomicLong EXPANSIONS = new AtomicLong();

    private final Cipher cipher;
    private final byte[] counters = new byte[BATCH_BYTES];  // public
    private final byte[] stream = new byte[BATCH_BYTES];    // secret while a call runs
    private final MemorySegment counterMemory = MemorySegment.ofArray(counters);
    private final MemorySegment streamMemory = MemorySegment.ofArray(stream);
    private long generation;                                // of the key in the cipher; 0 for none

    /// Made for each owner, by [dev.coffer.crypto.Aead].
    ///
    /// @param keyBytes  16 or 32
    public JdkAesGcm(int keyBytes) {
        super(Family.AES_GCM, "AES-" + keyBytes * Byte.SIZE + "-GCM", keyBytes, NONCE_BYTES, SCHEDULE_BYTES, WORKSPACE_BYTES, LENGTH_MAX);
        try {
            this.cipher = Cipher.getInstance("AES/ECB/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/ECB/NoPadding: no provider has it", e);
        }
    }

    @Override
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long at, MemorySegment work, long workAt) {
        byte[] copy = new byte[keyBytes()];
        try {
            MemorySegment.copy(key, BYTE, keyAt, copy, 0, copy.length);
            generation = EXPANSIONS.incrementAndGet();
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(copy, "AES"));
            Arrays.fill(counters, 0, BLOCK_BYTES, (byte) 0);
            encrypt(BLOCK_BYTES);
            Ghash.key(streamMemory, 0, schedule, at);
            LittleEndian.i64(schedule, at + GENERATION, generation);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/ECB/NoPadding: the provider refused a key of its size", e);
        } finally {
            Arrays.fill(copy, (byte) 0);
            Arrays.fill(stream, 0, BLOCK_BYTES, (byte) 0);
        }
    }

    @Override
    public void seal(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
            MemorySegment output, long outputAt) {
        begin(schedule, scheduleAt, work, at, nonce, nonceAt);
        cipher(text, textAt, length, output, outputAt);
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
        cipher(sealed, sealedAt, length, output, outputAt);
        return true;
    }

    /// Lays the nonce into every counter block and keeps the mask of the tag.
    private void begin(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt) {
        if (LittleEndian.i64(schedule, scheduleAt + GENERATION) != generation) {
            throw new IllegalStateException(name() + ": the schedule is of another key than the one that the JDK's cipher"
                    + " holds (expected the last one expanded by this object)");
        }
        for (int block = 0; block < BATCH_BYTES; block += BLOCK_BYTES) {
            MemorySegment.copy(nonce, nonceAt, counterMemory, block, NONCE_BYTES);
        }
        BigEndian.i32(counterMemory, NONCE_BYTES, 1);
        try {
            encrypt(BLOCK_BYTES);
            MemorySegment.copy(streamMemory, 0, work, at + MASK, BLOCK_BYTES);
        } finally {
            Arrays.fill(stream, 0, BLOCK_BYTES, (byte) 0);
        }
    }

    private void encrypt(int bytes) {
        try {
            int done = cipher.update(counters, 0, bytes, stream, 0);
            assert done == bytes : "ECB wrote " + done + " of " + bytes;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/ECB/NoPadding: the provider refused whole blocks", e);
        }
    }

    private void cipher(MemorySegment input, long inputAt, long length, MemorySegment output, long outputAt) {
        int used = (int) Math.min(length, BATCH_BYTES);
        try {
            int counter = 2;
            for (long done = 0; done < length; done += BATCH_BYTES) {
                int part = (int) Math.min(length - done, BATCH_BYTES);
                int blocks = (part + BLOCK_BYTES - 1) / BLOCK_BYTES;
                for (int block = 0; block < blocks; block++) {
                    BigEndian.i32(counterMemory, (long) block * BLOCK_BYTES + NONCE_BYTES, counter++);
                }
                encrypt(blocks * BLOCK_BYTES);
                AesGcm.xor(streamMemory, 0, input, inputAt + done, part, output, outputAt + done);
            }
        } finally {
            Arrays.fill(stream, 0, (used + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES, (byte) 0);
        }
    }

    private static void tag(MemorySegment key, long keyAt, MemorySegment work, long at, MemorySegment aad, long aadAt,
            long aadLength, MemorySegment ciphertext, long ciphertextAt, long length) {
        Wipe.bytes(work, at + SUM, Ghash.BLOCK_BYTES);
        Ghash.update(key, keyAt, work, at + SUM, aad, aadAt, aadLength, work, at + BLOCK);
        Ghash.update(key, keyAt, work, at + SUM, ciphertext, ciphertextAt, length, work, at + BLOCK);
        BigEndian.i64(work, at + BLOCK, aadLength * Byte.SIZE);
        BigEndian.i64(work, at + BLOCK + 8, length * Byte.SIZE);
        Ghash.update(key, keyAt, work, at + SUM, work, at + BLOCK, Ghash.BLOCK_BYTES, work, at + BLOCK);
        AesGcm.xor(work, at + MASK, work, at + SUM, TAG_BYTES, work, at + SUM);
    }
}
