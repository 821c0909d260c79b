package dev.coffer.crypto.mlkem;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.keccak.KeccakBatch;
import dev.coffer.memory.MemoryPlan;

/// Where everything lies in a workspace of ML-KEM: one layout for key generation, encapsulation and decapsulation of a
/// parameter set. Immutable, thread-safe.
final class MlKemLayout {
    /// Bytes of a seed, a message, a hash, a shared secret.
    static final int SYMBYTES = 32;
    private static final int CODED_BYTES = 11 * Polynomial.N / 8 + Polynomial.SLACK_BYTES;

    // Within the strings.
    private static final int MESSAGE = 0;                        // d of key generation, m
    private static final int HASH = MESSAGE + SYMBYTES;          // H(ek), right behind m: G takes both
    private static final int DERIVED = HASH + SYMBYTES;          // K and r, or rho and sigma: what G gives
    private static final int REJECTED = DERIVED + 2 * SYMBYTES;  // J(z || c)
    private static final int STRINGS_BYTES = REJECTED + SYMBYTES;

    private final int k;
    /// Entries of the matrix that are held, and sampled at a time: whole rows, four at most.
    final int slots;
    /// s, r or u: k polynomials in the transformed domain.
    final long vector;
    /// Entries of the matrix, then of t or s. The first of each row has done its part when noise is made.
    final long row;
    /// A product.
    final long product;
    /// Noise, v: where the first entries of the matrix were.
    final long noise;
    /// The message.
    final long spoken;
    /// States of Keccak: four that are interleaved, or one of a hash.
    final long states;
    /// An encoded polynomial, or the bytes that noise is made of.
    final long coded;
    private final long strings;
    /// d or m.
    final long message;
    /// H(ek).
    final long hash;
    /// K, or rho.
    final long derived;
    /// r, or sigma.
    final long coins;
    /// What a rejected ciphertext gives.
    final long rejected;
    /// Bytes of all.
    final long bytes;

    MlKemLayout(int k) {
        this.k = k;
        this.slots = k == 3 ? 3 : 4;  // multiples of k, as a row must not wrap; three times three of nine are no more turns of Keccak than four, four and one
        this.vector = 0;
        this.row = vector + (long) k * Polynomial.BYTES;
        this.states = row + (long) slots * Polynomial.BYTES;
        this.product = states + KeccakBatch.STATES_BYTES;  // vectors' scratch, while the matrix is sampled: nothing is in them then
        this.noise = row;
        this.spoken = row + Polynomial.BYTES;
        this.coded = product + Polynomial.BYTES;
        this.strings = states + Math.max(KeccakBatch.BYTES, KeccakBatch.STATES_BYTES + Polynomial.BYTES + CODED_BYTES);
        this.message = strings + MESSAGE;
        this.hash = strings + HASH;
        this.derived = strings + DERIVED;
        this.coins = derived + SYMBYTES;
        this.rejected = strings + REJECTED;
        this.bytes = strings + STRINGS_BYTES;
        assert slots >= k && k >= 2 : "noise and the message would lie on a row that is in use";
        assert Hash.STATE_BYTES_MAX <= KeccakBatch.STATES_BYTES && Xof.STATE_BYTES <= KeccakBatch.STATES_BYTES;
    }

    /// {@return where the strings begin}
    long strings() {
        return strings;
    }

    /// {@return the same as a plan: a row for each name, in this order}
    MemoryPlan plan(String name) {
        return MemoryPlan.group(name, MemoryPlan.block("vector", Polynomial.BYTES, k, "s, r or u, transformed"),
                MemoryPlan.block("row", Polynomial.BYTES, slots, "entries of A; t or s; then noise"),
                MemoryPlan.block("states", KeccakBatch.STATES_BYTES, 1, "four of Keccak"),
                MemoryPlan.block("product", Polynomial.BYTES),
                MemoryPlan.block("coded", strings - coded, 1,
                        "an encoded polynomial, 11 bits each, " + CODED_BYTES + "; with the product the scratch of vectors"),
                MemoryPlan.block("strings", STRINGS_BYTES, 1, "m, H(ek), K, r, J(z || c)"));
    }
}
