package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Eight chains at a time, or four, one permutation of as many states a step (FIPS 205, section 11.1). A group's states are made once; a step puts values and number into
/// them and permutes to another place. Stateless, thread-safe.
final class ShakeLanes extends LaneChains {
    private static final long FRESH = KeccakBatch.WIDE_BYTES;  // offset of the states before they are permuted
    static final long BYTES = LINE_BYTES + FRESH + KeccakBatch.WIDE_STATES_BYTES;

    private static final int RATE_LANES = (Keccak.STATE_BYTES - 2 * 32) / Long.BYTES;
    private static final long SUFFIX = 0b11111;

    private final boolean wide;
    private final int count;
    private final int row;    // bytes of a row: a lane of each state
    private final int adrs;   // offsets of rows in the states: ADRS behind PK.seed, the value, what follows it
    private final int value;
    private final int rest;

    /// @param wide  whether there are eight
    ShakeLanes(HashFunctions functions, boolean wide) {
        super(functions);
        this.wide = wide;
        this.count = wide ? KeccakBatch.WIDE_STATES : KeccakBatch.STATES;
        this.row = count * Long.BYTES;
        this.adrs = (n >> 3) * row;
        this.value = adrs + (int) (Adrs.BYTES >> 3) * row;
        this.rest = value + adrs;
    }

    @Override
    int count() {
        return count;
    }

    private void permute(MemorySegment w, long lanes) {
        if (wide) {
            KeccakBatch.permuteWide(w, lanes + FRESH, lanes);
        } else {
            KeccakBatch.permute(w, lanes + FRESH, lanes);
        }
    }

    @Override
    void secrets(MemorySegment w, long at, int first) {
        fresh(w, at, first, at + l.secretAdrs);
        long lanes = lanes(w, at);
        broadcast(w, at + l.skSeed, n, lanes + FRESH + value);
        permute(w, lanes);
    }

    @Override
    void begin(MemorySegment w, long at, int first) {
        fresh(w, at, first, at + l.adrs);
    }

    private void fresh(MemorySegment w, long at, int first, long address) {
        long fresh = lanes(w, at) + FRESH;
        HashFunctions.zero(w, fresh, count * Keccak.STATE_BYTES);
        broadcast(w, at + l.pkSeed, n, fresh);
        broadcast(w, address, (int) Adrs.BYTES, fresh + adrs);
        for (int j = 0; j < count; j++) {
            LittleEndian.i64(w, fresh + value - row + 8L * j, Integer.reverseBytes(first + j) & 0xffffffffL);  // CHAIN, HASH
            LittleEndian.i64(w, fresh + rest + 8L * j, SUFFIX);
            LittleEndian.i64(w, fresh + (RATE_LANES - 1L) * row + 8L * j, 0x80L << 56);
        }
    }

    private void broadcast(MemorySegment w, long from, int length, long rows) {
        for (int i = 0; i < length; i += Long.BYTES) {
            long lane = LittleEndian.i64(w, from + i);
            for (int j = 0; j < row; j += Long.BYTES) {
                LittleEndian.i64(w, rows + (long) (i >> 3) * row + j, lane);
            }
        }
    }

    /// Values move from the front of the permuted states to their place in the others.
    @Override
    void step(MemorySegment w, long at, int j) {
        long lanes = lanes(w, at);
        long fresh = lanes + FRESH;
        for (int i = 0; i < adrs; i += Long.BYTES) {  // as many rows as PK.seed has, which has n bytes too
            LittleEndian.i64(w, fresh + value + i, LittleEndian.i64(w, lanes + i));
        }
        for (int i = 0; i < count; i++) {
            LittleEndian.i32(w, fresh + value - row + 8L * i + Integer.BYTES, j << 24);  // HASH, big-endian, below 256
        }
        permute(w, lanes);
    }

    @Override
    void take(MemorySegment w, long at, int lane, MemorySegment out, long outAt) {
        long from = lanes(w, at) + 8L * lane;
        for (int i = 0; i < n; i += Long.BYTES) {
            LittleEndian.i64(out, outAt + i, LittleEndian.i64(w, from + (long) (i >> 3) * row));
        }
    }

    @Override
    void put(MemorySegment in, long inAt, MemorySegment w, long at, int lane) {
        long to = lanes(w, at) + 8L * lane;
        for (int i = 0; i < n; i += Long.BYTES) {
            LittleEndian.i64(w, to + (long) (i >> 3) * row, LittleEndian.i64(in, inAt + i));
        }
    }
}
