package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Xof;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// HashToPoint (algorithm 3): a polynomial of salt and message. Stateless, thread-safe; 0 heap bytes.
///
/// Candidates of 16 bits are taken where they are below 5q. No branch depends on one: each is written, and counted where it is taken, so
/// only how many were rejected shows in time, and where each came to lie in memory; of what the message is that says less than the
/// signature, by which anyone can check a guess of it.
final class HashToPoint {
    private static final int RATE = 136;
    /// Bytes of a block, and the room of the candidate behind the last coefficient.
    static final int BLOCK_BYTES = RATE;
    private static final int LIMIT = 5 * Ntt.Q;

    private HashToPoint() {}

    /// @param state  SHAKE256 over salt and message, to be squeezed
    /// @param block  [#BLOCK_BYTES] of scratch
    /// @param to     n coefficients, canonical
    static void point(MemorySegment w, long state, long block, int n, long to) {
        int count = 0;
        while (true) {
            Xof.SHAKE_256.squeeze(w, state, w, block, RATE);
            for (int i = 0; i < RATE; i += Long.BYTES) {
                long four = Long.reverseBytes(LittleEndian.i64(w, block + i));
                for (int bit = 48; bit >= 0; bit -= 16) {
                    int x = (int) (four >>> bit) & 0xffff;
                    Ntt.store(w, to, count, Ntt.reduce(x));
                    count += x - LIMIT >>> 31;
                    if (count == n) {
                        return;
                    }
                }
            }
        }
    }
}
