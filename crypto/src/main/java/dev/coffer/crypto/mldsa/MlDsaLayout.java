package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.Xof;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.memory.MemoryPlan;

/// Where everything lies in a workspace of ML-DSA: for signing, whose w is whole, and for all else, which works row by row.
/// Immutable, thread-safe.
final class MlDsaLayout {
    /// Entries of the matrix that are held.
    static final int ENTRIES = KeccakBatch.STATES;
    private static final int MASK_BYTES = 5 * 136;        // five blocks of SHAKE256 hold 256 numbers of 20 bits
    private static final int CODED_BYTES = 6 * 32;        // the longest encoding of w1; a block of SHAKE256 fits too
    private static final int HINT_BYTES = Polynomial.N / 8;
    private static final int SEEDS_BYTES = 32 + 64 + 32;  // rho, rho', K; or c~ of up to 64, twice
    private static final int MU_BYTES = 64;
    private static final int RHO_BYTES = 64;
    private static final int RND_BYTES = 32;

    private final int k;
    private final int l;
    private final int rows;
    private final int codedBytes;
    /// y, z or s1: l polynomials.
    final long vector;
    /// w, or one row of it, or one of t.
    final long row;
    /// Entries of the matrix: four polynomials.
    final long entries;
    /// c.
    final long challenge;
    /// One polynomial of the key, or what is made of it.
    final long term;
    /// States of Keccak: four that are interleaved, or one.
    final long states;
    /// The state of a running SHAKE256.
    final long hash;
    /// Encoded polynomials, blocks of random bytes.
    final long coded;
    /// A bit for each coefficient of k polynomials.
    final long hints;
    /// rho, rho' and K; or c~ and what it is compared with.
    final long seeds;
    /// mu.
    final long mu;
    /// rho''.
    final long maskSeed;
    /// rnd.
    final long rnd;
    /// Bytes of all.
    final long bytes;

    /// @param whole  whether w is held whole: for signing
    MlDsaLayout(int k, int l, boolean whole) {
        this.k = k;
        this.l = l;
        this.rows = whole ? k : 1;
        this.codedBytes = whole ? MASK_BYTES : CODED_BYTES;
        this.vector = 0;
        this.row = vector + (long) l * Polynomial.BYTES;
        this.entries = row + (long) rows * Polynomial.BYTES;
        this.challenge = entries + (long) ENTRIES * Polynomial.BYTES;
        this.states = challenge + Polynomial.BYTES;
        this.term = states + KeccakBatch.STATES_BYTES;  // vectors' scratch, while the matrix is sampled: nothing is in it then
        this.hash = term + Polynomial.BYTES;
        assert states + KeccakBatch.BYTES <= hash;
        this.coded = hash + Xof.STATE_BYTES;
        this.hints = coded + codedBytes;
        this.seeds = hints + (long) k * HINT_BYTES;
        this.mu = seeds + SEEDS_BYTES;
        this.maskSeed = mu + MU_BYTES;
        this.rnd = maskSeed + RHO_BYTES;
        this.bytes = rnd + RND_BYTES;
    }

    long vector(int i) {
        return vector + (long) i * Polynomial.BYTES;
    }

    long row(int i) {
        return row + (long) i * Polynomial.BYTES;
    }

    long hints(int i) {
        return hints + (long) i * HINT_BYTES;
    }

    /// {@return the same as a plan: a row for each name, in this order}
    MemoryPlan plan(String name) {
        return MemoryPlan.group(name, MemoryPlan.block("vector", Polynomial.BYTES, l, "y, z or s1"),
                MemoryPlan.block("row", Polynomial.BYTES, rows, rows == k ? "w" : "a row of w or t"),
                MemoryPlan.block("entries", Polynomial.BYTES, ENTRIES, "of A"),
                MemoryPlan.block("challenge", Polynomial.BYTES, 1, "c"),
                MemoryPlan.block("states", KeccakBatch.STATES_BYTES, 1, "four of Keccak"),
                MemoryPlan.block("term", Polynomial.BYTES, 1, "one of s1, s2, t0, t1"),
                MemoryPlan.block("hash", Xof.STATE_BYTES, 1, "SHAKE256 over pieces"),
                MemoryPlan.block("coded", codedBytes), MemoryPlan.block("hints", HINT_BYTES, k, ""),
                MemoryPlan.block("strings", bytes - seeds, 1, "seeds, mu, rho'', rnd"));
    }
}
