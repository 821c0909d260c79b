package dev.coffer.crypto.mlkem;

import static dev.coffer.crypto.mlkem.MlKemLayout.SYMBYTES;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The encryption scheme K-PKE below ML-KEM (FIPS 203, section 5), over a workspace. The matrix is never whole: rows are
/// sampled as they are needed, or read from an expanded key. Ranges are checked and the workspace is wiped by [MlKem].
/// Stateless, thread-safe; 0 heap bytes.
final class KPke {
    private static final int SHAKE256_RATE = 136;

    private final int k;
    private final int eta1;
    private final int du;
    private final int dv;
    private final MlKemLayout layout;

    KPke(int k, int eta1, int du, int dv, MlKemLayout layout) {
        this.k = k;
        this.eta1 = eta1;
        this.du = du;
        this.dv = dv;
        this.layout = layout;
    }

    /// Algorithm 13, from d in the workspace's message: writes ek, and s to the front of dk.
    void generate(MemorySegment ek, long ekAt, MemorySegment dk, long dkAt, MemorySegment w, long at) {
        w.set(ValueLayout.JAVA_BYTE, at + layout.message + SYMBYTES, (byte) k);
        Hash.SHA3_512.hash(w, at + layout.states, w, at + layout.message, SYMBYTES + 1, w, at + layout.derived);
        long sHat = at + layout.vector;
        for (int i = 0; i < k; i++) {
            noise(w, at, i, eta1, sHat + (long) i * Polynomial.BYTES);
            Ntt.forward(w, sHat + (long) i * Polynomial.BYTES);
        }
        long tHat = at + layout.product;
        long eHat = at + layout.noise;
        int sampled = 0;
        for (int i = 0; i < k; i++) {
            sampled = sample(w, at + layout.derived, false, i, sampled, w, at);
            Polynomial.multiplyAdd(w, sHat, w, rowAt(at, i), k, w, tHat);
            noise(w, at, k + i, eta1, eHat);
            Ntt.forward(w, eHat);
            Polynomial.reduce(w, eHat);
            Polynomial.add(w, tHat, eHat);
            Polynomial.encode12(w, tHat, ek, ekAt + (long) i * Polynomial.ENCODED_12_BYTES);
        }
        MemorySegment.copy(w, at + layout.derived, ek, ekAt + (long) k * Polynomial.ENCODED_12_BYTES, SYMBYTES);
        for (int i = 0; i < k; i++) {
            Polynomial.reduce(w, sHat + (long) i * Polynomial.BYTES);
            Polynomial.encode12(w, sHat + (long) i * Polynomial.BYTES, dk, dkAt + (long) i * Polynomial.ENCODED_12_BYTES);
        }
    }

    /// Samples what row i still lacks.
    ///
    /// @return entries that were sampled, this row's among them
    private int sample(MemorySegment rhoSegment, long rho, boolean transposed, int i, int sampled, MemorySegment w,
            long at) {
        int have = sampled;
        while (have < (i + 1) * k) {
            int count = Math.min(layout.slots, k * k - have);
            Matrix.sample(rhoSegment, rho, k, transposed, have, count, layout.slots, w, at + layout.row,
                    at + layout.states);
            have += count;
        }
        return have;
    }

    private long rowAt(long at, int i) {
        return at + layout.row + (long) Matrix.slot(i * k, layout.slots) * Polynomial.BYTES;
    }

    /// SamplePolyCBD of PRF (sections 4.1 and 4.2.2) from the workspace's coins.
    private void noise(MemorySegment w, long at, int nonce, int eta, long to) {
        long state = at + layout.states;
        Wipe.bytes(w, state, Keccak.STATE_BYTES);
        for (int i = 0; i < SYMBYTES; i += Long.BYTES) {
            LittleEndian.i64(w, state + i, LittleEndian.i64(w, at + layout.coins + i));
        }
        LittleEndian.i64(w, state + SYMBYTES, nonce | 0b11111L << 8);            // SHAKE's suffix, the padding's first bit
        LittleEndian.i64(w, state + SHAKE256_RATE - Long.BYTES, 0x80L << 56);  // and its last
        Keccak.permute(w, state);
        if (eta == 2) {
            Polynomial.sampleCbd2(w, state, to);  // 128 bytes of one block
            return;
        }
        long coded = at + layout.coded;
        copy(w, state, coded, SHAKE256_RATE);
        Keccak.permute(w, state);
        copy(w, state, coded + SHAKE256_RATE, 64 * eta - SHAKE256_RATE);
        Polynomial.sampleCbd3(w, coded, to);
    }

    private static void copy(MemorySegment w, long from, long to, int bytes) {
        for (int i = 0; i < bytes; i += Long.BYTES) {
            LittleEndian.i64(w, to + i, LittleEndian.i64(w, from + i));
        }
    }

    /// Algorithm 14, from the message and the coins in the workspace.
    ///
    /// @param key         an encapsulation key as the standard encodes it, or an expanded one
    /// @param ciphertext  where it is written, or what it is compared with
    /// @param compare     whether to compare only
    /// @return 0 where all was written or is equal; negative where the key is none, and then nothing was written
    ///         (`compare` off), else a number that says nothing else than that it differs
    long encrypt(MemorySegment key, long keyAt, boolean expanded, MemorySegment ciphertext, long ciphertextAt,
            boolean compare, MemorySegment w, long at) {
        long rHat = at + layout.vector;
        for (int i = 0; i < k; i++) {
            noise(w, at, i, eta1, rHat + (long) i * Polynomial.BYTES);
            Ntt.forward(w, rHat + (long) i * Polynomial.BYTES);
        }
        long product = at + layout.product;
        long noise = at + layout.noise;

        // v first: it reads all of t, and a key that is none is refused before anything is written
        if (expanded) {
            Polynomial.multiplyAdd(w, rHat, key, keyAt + ExpandedLayout.t(k), k, w, product);
        } else {
            long above = 0;
            for (int i = 0; i < k; i++) {
                above |= Polynomial.decode12(key, keyAt + (long) i * Polynomial.ENCODED_12_BYTES, w,
                        at + layout.row + (long) i * Polynomial.BYTES);
            }
            if (above != 0 && !compare) {
                return -1;
            }
            Polynomial.multiplyAdd(w, rHat, w, at + layout.row, k, w, product);
        }
        Ntt.inverse(w, product);
        noise(w, at, 2 * k, 2, noise);
        Polynomial.decodeDecompress(w, at + layout.message, 1, at + layout.spoken);
        Polynomial.add(w, noise, at + layout.spoken);
        Polynomial.add(w, product, noise);
        long difference = emit(dv, ciphertext, ciphertextAt + 32L * du * k, compare, w, at);

        int sampled = 0;
        for (int i = 0; i < k; i++) {
            if (expanded) {
                Polynomial.multiplyAdd(w, rHat, key, keyAt + ExpandedLayout.row(k, i), k, w, product);
            } else {
                sampled = sample(key, keyAt + (long) k * Polynomial.ENCODED_12_BYTES, true, i, sampled, w, at);
                Polynomial.multiplyAdd(w, rHat, w, rowAt(at, i), k, w, product);
            }
            Ntt.inverse(w, product);
            noise(w, at, k + i, 2, noise);
            Polynomial.add(w, product, noise);
            difference |= emit(du, ciphertext, ciphertextAt + 32L * du * i, compare, w, at);
        }
        return difference;
    }

    private long emit(int d, MemorySegment ciphertext, long to, boolean compare, MemorySegment w, long at) {
        Polynomial.compressEncode(w, at + layout.product, d, at + layout.coded);
        if (compare) {
            return ConstantTime.difference(w, at + layout.coded, ciphertext, to, 32L * d);
        }
        MemorySegment.copy(w, at + layout.coded, ciphertext, to, 32L * d);
        return 0;
    }

    /// Algorithm 15: writes m to the workspace's message.
    ///
    /// @param key  s as the standard encodes it, or an expanded one
    void decrypt(MemorySegment key, long keyAt, boolean expanded, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment w, long at) {
        long uHat = at + layout.vector;
        for (int i = 0; i < k; i++) {
            decompress(du, ciphertext, ciphertextAt + 32L * du * i, uHat + (long) i * Polynomial.BYTES, w, at);
            Ntt.forward(w, uHat + (long) i * Polynomial.BYTES);
        }
        long product = at + layout.product;
        if (expanded) {
            Polynomial.multiplyAdd(w, uHat, key, keyAt + ExpandedLayout.s(k), k, w, product);
        } else {
            for (int i = 0; i < k; i++) {
                Polynomial.decode12(key, keyAt + (long) i * Polynomial.ENCODED_12_BYTES, w,
                        at + layout.row + (long) i * Polynomial.BYTES);
            }
            Polynomial.multiplyAdd(w, uHat, w, at + layout.row, k, w, product);
        }
        Ntt.inverse(w, product);
        decompress(dv, ciphertext, ciphertextAt + 32L * du * k, at + layout.noise, w, at);
        Polynomial.subtractFrom(w, at + layout.noise, product);
        Polynomial.compressEncode(w, product, 1, at + layout.coded);
        copy(w, at + layout.coded, at + layout.message, SYMBYTES);
    }

    private void decompress(int d, MemorySegment ciphertext, long from, long to, MemorySegment w, long at) {
        MemorySegment.copy(ciphertext, from, w, at + layout.coded, 32L * d);
        Polynomial.decodeDecompress(w, at + layout.coded, d, to);
    }

    /// Expands an encapsulation key: A as encapsulation walks it, and t.
    ///
    /// @return whether it is a key: every coefficient below q
    boolean expandPublic(MemorySegment ek, long ekAt, MemorySegment expanded, long expandedAt, MemorySegment w, long at) {
        long above = 0;
        for (int i = 0; i < k; i++) {
            above |= Polynomial.decode12(ek, ekAt + (long) i * Polynomial.ENCODED_12_BYTES, expanded,
                    expandedAt + ExpandedLayout.t(k) + (long) i * Polynomial.BYTES);
        }
        int sampled = 0;
        for (int i = 0; i < k; i++) {
            sampled = sample(ek, ekAt + (long) k * Polynomial.ENCODED_12_BYTES, true, i, sampled, w, at);
            MemorySegment.copy(w, rowAt(at, i), expanded, expandedAt + ExpandedLayout.row(k, i),
                    (long) k * Polynomial.BYTES);
        }
        return above == 0;
    }

    /// Expands s, of a decapsulation key.
    void expandSecret(MemorySegment dk, long dkAt, MemorySegment expanded, long expandedAt) {
        for (int i = 0; i < k; i++) {
            Polynomial.decode12(dk, dkAt + (long) i * Polynomial.ENCODED_12_BYTES, expanded,
                    expandedAt + ExpandedLayout.s(k) + (long) i * Polynomial.BYTES);
        }
    }
}
