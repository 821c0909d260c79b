package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Xof;
import dev.coffer.crypto.aead.ChaCha20;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Random bytes for the sampler: ChaCha20 with a key and a nonce of SHAKE256, eight blocks at a time whose words are interleaved, as in the
/// submission's code, on which its known answers rest. Where a byte is taken from is no secret. Stateless, thread-safe; 0 heap bytes.
final class Generator {
    private static final int BLOCKS = 8;
    private static final int BUFFER_BYTES = BLOCKS * ChaCha20.BLOCK_BYTES;
    private static final int SEED_WORDS = 14;
    private static final long BUFFER = 0;
    private static final long POSITION = BUFFER + BUFFER_BYTES;           // i32, of the next byte
    private static final long KEY = POSITION + Integer.BYTES;             // 32 bytes, a word of counter, three of nonce
    private static final long COUNTER = KEY + 12 * Integer.BYTES;         // i64, of the next block
    private static final long NONCE = COUNTER + Long.BYTES;               // of one block
    private static final long BLOCK = NONCE + ChaCha20.NONCE_BYTES;
    private static final long FAILED = BLOCK + ChaCha20.BLOCK_BYTES;      // i32, whether a sample was given up
    /// Bytes of all.
    static final long BYTES = FAILED + Integer.BYTES;

    private Generator() {}

    /// Begins with a key that is squeezed.
    ///
    /// @param state  SHAKE256
    static void begin(MemorySegment w, long at, long state) {
        Xof.SHAKE_256.squeeze(w, state, w, at + KEY, SEED_WORDS * Integer.BYTES);
        LittleEndian.i32(w, at + FAILED, 0);
        refill(w, at);
    }

    /// Remembers that a sample was given up.
    static void fail(MemorySegment w, long at) {
        LittleEndian.i32(w, at + FAILED, 1);
    }

    /// {@return whether one was since [#begin]}
    static boolean failed(MemorySegment w, long at) {
        return LittleEndian.i32(w, at + FAILED) != 0;
    }

    private static void refill(MemorySegment w, long at) {
        long counter = LittleEndian.i64(w, at + COUNTER);
        for (int block = 0; block < BLOCKS; block++) {
            LittleEndian.i32(w, at + NONCE, LittleEndian.i32(w, at + KEY + 36));
            LittleEndian.i32(w, at + NONCE + 4, LittleEndian.i32(w, at + KEY + 40) ^ (int) counter);
            LittleEndian.i32(w, at + NONCE + 8, LittleEndian.i32(w, at + KEY + 44) ^ (int) (counter >>> 32));
            ChaCha20.block(w, at + KEY, w, at + NONCE, LittleEndian.i32(w, at + KEY + 32), w, at + BLOCK);
            for (int word = 0; word < 16; word++) {
                LittleEndian.i32(w, at + BUFFER + 4L * (block + BLOCKS * word), LittleEndian.i32(w, at + BLOCK + 4L * word));
            }
            counter++;
        }
        LittleEndian.i64(w, at + COUNTER, counter);
        LittleEndian.i32(w, at + POSITION, 0);
    }

    /// {@return a byte, 0..255}
    static int u8(MemorySegment w, long at) {
        int position = LittleEndian.i32(w, at + POSITION);
        int value = w.get(ValueLayout.JAVA_BYTE, at + BUFFER + position) & 0xff;
        LittleEndian.i32(w, at + POSITION, position + 1);
        if (position + 1 == BUFFER_BYTES) {
            refill(w, at);
        }
        return value;
    }

    /// {@return eight bytes; the last nine of a buffer are not taken for it}
    static long i64(MemorySegment w, long at) {
        int position = LittleEndian.i32(w, at + POSITION);
        if (position >= BUFFER_BYTES - 9) {
            refill(w, at);
            position = 0;
        }
        LittleEndian.i32(w, at + POSITION, position + Long.BYTES);
        return LittleEndian.i64(w, at + BUFFER + position);
    }
}
