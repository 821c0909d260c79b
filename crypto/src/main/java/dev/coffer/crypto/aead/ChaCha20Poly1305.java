package dev.coffer.crypto.aead;

import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.crypto.internal.kernel.Kernels;
import dev.coffer.crypto.internal.kernel.VectorKernels;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// AEAD_CHACHA20_POLY1305 (RFC 8439, section 2.8) and its form with a nonce of 24 bytes (draft-irtf-cfrg-xchacha-03,
/// section 2.3). Users reach it through [dev.coffer.crypto.Aead]. The schedule is the key itself.
public final class ChaCha20Poly1305 extends AeadFunction {
    private static final int XNONCE_BYTES = 24;
    private static final int HNONCE_BYTES = 16;  // of the long nonce, taken by HChaCha20

    // The workspace: nonce and key as ChaCha20 is called with them, Poly1305, one block, the tag.
    private static final long NONCE = 0;
    private static final long LONG_NONCE = NONCE + 16;
    private static final long SUBKEY = LONG_NONCE + XNONCE_BYTES;
    private static final long POLY = SUBKEY + ChaCha20.KEY_BYTES;
    private static final long BLOCK = POLY + Poly1305.STATE_BYTES;
    private static final long TAG = BLOCK + ChaCha20.BLOCK_BYTES;
    private static final long LANES = TAG + TAG_BYTES;  // of the fast profile: key stream, row by row
    private static final long WORKSPACE_BYTES = LANES;
    private static final long FAST_WORKSPACE_BYTES = LANES + VectorKernels.CHACHA20_SCRATCH_BYTES_MAX;

    // The counter starts at 1 and has 32 bits (section 2.8).
    private static final long LENGTH_MAX = ((1L << 32) - 1) * ChaCha20.BLOCK_BYTES;

    private final boolean extended;

    private final boolean vectors;

    /// Made once for each form, by [dev.coffer.crypto.Aead].
    ///
    /// @param extended  whether the nonce has 24 bytes
    /// @param vectors   whether ChaCha20 runs on vectors: the fast profile
    public ChaCha20Poly1305(boolean extended, boolean vectors) {
        super(Family.CHACHA20_POLY1305, extended ? "XChaCha20-Poly1305" : "ChaCha20-Poly1305", ChaCha20.KEY_BYTES,
                extended ? XNONCE_BYTES : ChaCha20.NONCE_BYTES, ChaCha20.KEY_BYTES,
                vectors ? FAST_WORKSPACE_BYTES : WORKSPACE_BYTES, LENGTH_MAX);
        this.extended = extended;
        this.vectors = vectors;
    }

    /// {@return whether the form on vectors serves, after a self-test beside the scalar one}
    public static boolean vectorsServe() {
        return Choice.VECTORS != null;
    }

    private static final class Choice {
        static final @Nullable VectorKernels VECTORS = Kernels.chaCha20(memory -> ChaCha20.xor(memory, 0, memory, 32,
                Kernels.CHACHA20_COUNTER, memory, 1024, 1024, memory, 2048, memory, 3072));
    }

    @Override
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long scheduleAt, MemorySegment work, long at) {
        MemorySegment.copy(key, keyAt, schedule, scheduleAt, ChaCha20.KEY_BYTES);
    }

    @Override
    public void seal(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
            MemorySegment output, long outputAt) {
        begin(schedule, scheduleAt, work, at, nonce, nonceAt);
        cipher(schedule, scheduleAt, work, at, text, textAt, length, output, outputAt);
        tag(work, at, aad, aadAt, aadLength, output, outputAt, length, output, outputAt + length);
    }

    @Override
    public boolean open(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt,
            long length, MemorySegment output, long outputAt) {
        begin(schedule, scheduleAt, work, at, nonce, nonceAt);
        tag(work, at, aad, aadAt, aadLength, sealed, sealedAt, length, work, at + TAG);
        if (!ConstantTime.equal(work, at + TAG, sealed, sealedAt + length, TAG_BYTES)) {
            return false;
        }
        cipher(schedule, scheduleAt, work, at, sealed, sealedAt, length, output, outputAt);
        return true;
    }

    /// Places the nonce, derives the subkey where there is one, and keys Poly1305 with block 0 (section 2.6).
    private void begin(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce,
            long nonceAt) {
        if (extended) {
            MemorySegment.copy(nonce, nonceAt, work, at + LONG_NONCE, XNONCE_BYTES);
            LittleEndian.i32(work, at + NONCE, 0);
            LittleEndian.i64(work, at + NONCE + 4, LittleEndian.i64(work, at + LONG_NONCE + HNONCE_BYTES));
            ChaCha20.subkey(schedule, scheduleAt, work, at + LONG_NONCE, work, at + SUBKEY, work, at + BLOCK);
            ChaCha20.block(work, at + SUBKEY, work, at + NONCE, 0, work, at + BLOCK);
        } else {
            MemorySegment.copy(nonce, nonceAt, work, at + NONCE, ChaCha20.NONCE_BYTES);
            ChaCha20.block(schedule, scheduleAt, work, at + NONCE, 0, work, at + BLOCK);
        }
        Poly1305.init(work, at + POLY, work, at + BLOCK);
    }

    private void cipher(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment input,
            long inputAt, long length, MemorySegment output, long outputAt) {
        MemorySegment key = extended ? work : schedule;
        long keyAt = extended ? at + SUBKEY : scheduleAt;
        long done = vectors ? Objects.requireNonNull(Choice.VECTORS, "asked").chaCha20(key, keyAt, work, at + NONCE, 1, input, inputAt, length, output,
                outputAt, work, at + LANES) : 0;
        ChaCha20.xor(key, keyAt, work, at + NONCE, 1 + (int) (done / ChaCha20.BLOCK_BYTES), input, inputAt + done,
                length - done, output, outputAt + done, work, at + BLOCK);
    }

    /// Section 2.8: associated data, ciphertext, both padded, and both lengths.
    private static void tag(MemorySegment work, long at, MemorySegment aad, long aadAt, long aadLength,
            MemorySegment ciphertext, long ciphertextAt, long length, MemorySegment tag, long tagAt) {
        Poly1305.update(work, at + POLY, aad, aadAt, aadLength, work, at + BLOCK);
        Poly1305.update(work, at + POLY, ciphertext, ciphertextAt, length, work, at + BLOCK);
        LittleEndian.i64(work, at + BLOCK, aadLength);
        LittleEndian.i64(work, at + BLOCK + 8, length);
        Poly1305.update(work, at + POLY, work, at + BLOCK, 16, work, at + BLOCK);
        Poly1305.tag(work, at + POLY, tag, tagAt);
    }
}
