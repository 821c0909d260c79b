package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.Xof;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The internal functions of FIPS 204, section 6, over a workspace, and the encodings of section 7.2. The matrix is never
/// whole: four entries are sampled as they are needed, or a row is read from an expanded key. Ranges are checked and the
/// workspace is wiped by [MlDsa]. Stateless, thread-safe; 0 heap bytes.
final class Lattice {
    /// Bytes of rho and of K (section 7.2).
    static final int SEED_BYTES = 32;
    /// Bytes of tr and of mu (section 4).
    static final int TR_BYTES = 64;
    private static final int RHO_PRIME_BYTES = 64;
    private static final int T1_BITS = 23 - Polynomial.D;
    private static final int RND_BYTES = 32;
    private static final int C_TILDE_BYTES_MAX = 64;

    final Parameters p;
    private final MlDsaLayout small;
    private final MlDsaLayout whole;

    Lattice(Parameters p, MlDsaLayout small, MlDsaLayout whole) {
        this.p = p;
        this.small = small;
        this.whole = whole;
    }

    // Offsets within a private key (algorithm 24).

    private static final int TR = 2 * SEED_BYTES;

    private long s1At(int i) {
        return TR + TR_BYTES + 32L * p.etaBits() * i;
    }

    private long s2At(int i) {
        return s1At(p.l() + i);
    }

    private long t0At(int i) {
        return s2At(p.k()) + 32L * Polynomial.D * i;
    }

    long privateKeyBytes() {
        return t0At(p.k());
    }

    /// ML-DSA.KeyGen_internal (algorithm 6) from xi in the workspace's seeds.
    void generate(MemorySegment pk, long pkAt, MemorySegment sk, long skAt, MemorySegment w, long at) {
        long seeds = at + small.seeds;
        w.set(ValueLayout.JAVA_BYTE, seeds + SEED_BYTES, (byte) p.k());
        w.set(ValueLayout.JAVA_BYTE, seeds + SEED_BYTES + 1, (byte) p.l());
        Xof.SHAKE_256.expand(w, at + small.hash, w, seeds, SEED_BYTES + 2, w, seeds, 2 * SEED_BYTES + RHO_PRIME_BYTES);
        long rhoPrime = seeds + SEED_BYTES;
        MemorySegment.copy(w, seeds, pk, pkAt, SEED_BYTES);
        MemorySegment.copy(w, seeds, sk, skAt, SEED_BYTES);
        MemorySegment.copy(w, rhoPrime + RHO_PRIME_BYTES, sk, skAt + SEED_BYTES, SEED_BYTES);
        for (int i = 0; i < p.l(); i++) {
            secret(w, rhoPrime, i, at + small.vector(i), sk, skAt + s1At(i), at);
            Ntt.forward(w, at + small.vector(i));
        }
        long t = at + small.row;
        for (int i = 0; i < p.k(); i++) {
            row(pk, pkAt, false, i, w, at, small, t);
            Ntt.inverse(w, t);
            Polynomial.canonical(w, t);
            secret(w, rhoPrime, p.l() + i, at + small.term, sk, skAt + s2At(i), at);
            Polynomial.add(w, at + small.term, t);
            Polynomial.power2Round(w, t, at + small.term);
            Polynomial.pack(w, at + small.term, T1_BITS, pk, pkAt + SEED_BYTES + 32L * T1_BITS * i);
            Polynomial.subtractFrom(w, 1 << Polynomial.D - 1, t);
            Polynomial.pack(w, t, Polynomial.D, sk, skAt + t0At(i));
        }
        Xof.SHAKE_256.expand(w, at + small.hash, pk, pkAt, p.publicKeyBytes(), w, at + small.mu, TR_BYTES);
        MemorySegment.copy(w, at + small.mu, sk, skAt + TR, TR_BYTES);
    }

    /// The public key of a private one: t1 of t = A s1 + s2.
    ///
    /// @return whether s1 and s2 are in their range, and t0 and tr are theirs
    boolean publicKey(MemorySegment sk, long skAt, MemorySegment pk, long pkAt, MemorySegment w, long at) {
        long term = at + small.term;
        if (checkPrivateKey(sk, skAt, w, term) < 0) {
            return false;
        }
        MemorySegment.copy(sk, skAt, pk, pkAt, SEED_BYTES);
        for (int i = 0; i < p.l(); i++) {
            term(sk, skAt + s1At(i), p.etaBits(), p.eta(), w, at + small.vector(i));
        }
        long t = at + small.row;
        long difference = 0;
        for (int i = 0; i < p.k(); i++) {
            row(pk, pkAt, false, i, w, at, small, t);
            Ntt.inverse(w, t);
            Polynomial.canonical(w, t);
            Polynomial.unpack(sk, skAt + s2At(i), p.etaBits(), w, term);
            Polynomial.subtractFrom(w, p.eta(), term);
            Polynomial.add(w, term, t);
            Polynomial.power2Round(w, t, term);
            Polynomial.pack(w, term, T1_BITS, pk, pkAt + SEED_BYTES + 32L * T1_BITS * i);
            Polynomial.subtractFrom(w, 1 << Polynomial.D - 1, t);
            Polynomial.pack(w, t, Polynomial.D, w, at + small.states);  // of which nothing is kept between rows
            difference |= ConstantTime.difference(w, at + small.states, sk, skAt + t0At(i), 32L * Polynomial.D);
        }
        Xof.SHAKE_256.expand(w, at + small.hash, pk, pkAt, p.publicKeyBytes(), w, at + small.mu, TR_BYTES);
        difference |= ConstantTime.difference(w, at + small.mu, sk, skAt + TR, TR_BYTES);
        return difference == 0;
    }

    /// Samples one polynomial of s1 or s2 and writes it to the key.
    private void secret(MemorySegment w, long rhoPrime, int number, long to, MemorySegment sk, long skAt, long at) {
        Sampling.bounded(w, rhoPrime, number, p.eta(), to, at + small.states);
        Polynomial.subtractFrom(w, p.eta(), to);
        Polynomial.pack(w, to, p.etaBits(), sk, skAt);
        Polynomial.subtractFrom(w, p.eta(), to);
    }

    /// Row i of the matrix times the workspace's vector, below 2q. Rows are asked for in order.
    private void row(MemorySegment key, long keyAt, boolean expanded, int i, MemorySegment w, long at, MlDsaLayout layout,
            long to) {
        int l = p.l();
        if (expanded) {
            Polynomial.multiplyAdd(key, keyAt + ExpandedLayout.row(l, i), w, at + layout.vector, l, true, to);
            return;
        }
        int run;
        for (int j = 0; j < l; j += run) {
            int entry = i * l + j;
            int held = entry & MlDsaLayout.ENTRIES - 1;
            if (held == 0) {
                Sampling.matrix(key, keyAt, l, entry, Math.min(MlDsaLayout.ENTRIES, p.k() * l - entry), w, at + layout.entries, w,
                        at + layout.states);
            }
            run = Math.min(MlDsaLayout.ENTRIES - held, l - j);
            Polynomial.multiplyAdd(w, at + layout.entries + (long) held * Polynomial.BYTES, w, at + layout.vector(j), run, j == 0,
                    to);
        }
    }

    /// {@return negative where a coefficient of s1 or s2 is encoded as more than 2 eta, which no key has (algorithm 25)}
    long checkPrivateKey(MemorySegment sk, long skAt, MemorySegment w, long term) {
        long above = 0;
        for (int i = 0; i < p.l() + p.k(); i++) {
            Polynomial.unpack(sk, skAt + s1At(i), p.etaBits(), w, term);
            above |= Polynomial.above(w, term, 2 * p.eta());
        }
        return above;
    }

    /// Reads a polynomial of a private key, transformed.
    private static void term(MemorySegment sk, long from, int bits, long most, MemorySegment w, long to) {
        Polynomial.unpack(sk, from, bits, w, to);
        Polynomial.subtractFrom(w, most, to);
        Ntt.forward(w, to);
    }

    /// Begins mu = H(tr || M') (section 6.2) in a state of SHAKE256: the message follows.
    ///
    /// @param prefix  0 for the pure form, 1 for pre-hashing, negative where M' is all the caller's
    static void beginMu(MemorySegment tr, long trAt, int prefix, MemorySegment context, long contextAt, int contextLength,
            MemorySegment state, long hash, long scratch) {
        Xof.SHAKE_256.init(state, hash);
        Xof.SHAKE_256.absorb(state, hash, tr, trAt, TR_BYTES);
        if (prefix >= 0) {
            state.set(ValueLayout.JAVA_BYTE, scratch, (byte) prefix);
            state.set(ValueLayout.JAVA_BYTE, scratch + 1, (byte) contextLength);
            Xof.SHAKE_256.absorb(state, hash, state, scratch, 2);
            Xof.SHAKE_256.absorb(state, hash, context, contextAt, contextLength);
        }
    }

    /// ML-DSA.Sign_internal (algorithm 7) from mu and rnd in the workspace.
    ///
    /// @param sk  a private key as the standard encodes it, or an expanded one
    void sign(MemorySegment sk, long skAt, boolean expanded, MemorySegment signature, long signatureAt, MemorySegment w, long at) {
        begin(sk, skAt, expanded, w, at);
        for (int kappa = 0; kappa < 1 << 16 - 3; kappa += p.l()) {
            if (attempt(sk, skAt, expanded, kappa, w, at)) {
                write(signature, signatureAt, w, at);
                return;
            }
        }
        throw new IllegalStateException(p.name() + ": no signature in " + (1 << 16 - 3) + " numbers of a mask, which has a"
                + " chance below 2^-256: a fault of the machine");
    }

    /// What precedes the loop: the seed of the masks, of K, rnd and mu.
    void begin(MemorySegment sk, long skAt, boolean expanded, MemorySegment w, long at) {
        long message = at + whole.coded;  // K || rnd || mu
        MemorySegment.copy(sk, skAt + (expanded ? ExpandedLayout.seed(p.k(), p.l()) : SEED_BYTES), w, message, SEED_BYTES);
        MemorySegment.copy(w, at + whole.rnd, w, message + SEED_BYTES, RND_BYTES);
        MemorySegment.copy(w, at + whole.mu, w, message + SEED_BYTES + RND_BYTES, TR_BYTES);
        Xof.SHAKE_256.expand(w, at + whole.hash, w, message, SEED_BYTES + RND_BYTES + TR_BYTES, w, at + whole.maskSeed,
                RHO_PRIME_BYTES);
    }

    /// One turn of algorithm 7's loop.
    ///
    /// @return whether z, the hints and c~ in the workspace may be shown
    boolean attempt(MemorySegment sk, long skAt, boolean expanded, int kappa, MemorySegment w, long at) {
        for (int i = 0; i < p.l(); i++) {
            Sampling.mask(w, at + whole.maskSeed, kappa + i, p.gamma1Bits(), at + whole.vector(i), at + whole.states, at + whole.coded);
            Ntt.forward(w, at + whole.vector(i));
        }
        Xof.SHAKE_256.init(w, at + whole.hash);
        Xof.SHAKE_256.absorb(w, at + whole.hash, w, at + whole.mu, TR_BYTES);
        for (int i = 0; i < p.k(); i++) {
            row(sk, skAt, expanded, i, w, at, whole, at + whole.row(i));
            Ntt.inverse(w, at + whole.row(i));
            Polynomial.canonical(w, at + whole.row(i));
            Polynomial.highBits(w, at + whole.row(i), p.gamma2(), at + whole.term);
            absorbHighBits(w, at, whole);
        }
        Xof.SHAKE_256.squeeze(w, at + whole.hash, w, at + whole.seeds, p.cTildeBytes());
        ball(w, at, whole);
        if (expanded) {
            Ntt.forward(w, at + whole.challenge);
            return answerExpanded(sk, skAt, w, at) && hints(sk, skAt, true, w, at);
        }
        if (answer(sk, skAt, w, at)) {
            Ntt.forward(w, at + whole.challenge);
            return hints(sk, skAt, false, w, at);
        }
        return false;
    }

    /// w1Encode (algorithm 28) of one polynomial in the term.
    private void absorbHighBits(MemorySegment w, long at, MlDsaLayout layout) {
        Polynomial.pack(w, at + layout.term, p.highBits(), w, at + layout.coded);
        Xof.SHAKE_256.absorb(w, at + layout.hash, w, at + layout.coded, 32L * p.highBits());
    }

    /// c from c~ in the seeds.
    private void ball(MemorySegment w, long at, MlDsaLayout layout) {
        Sampling.ball(w, at + layout.seeds, p.cTildeBytes(), p.tau(), at + layout.challenge, at + layout.hash, at + layout.coded);
    }

    /// w - c s2 in place of w, then z = y + c s1 in place of y; the first is too long in two attempts of three, the second in one.
    ///
    /// @return whether both are short enough; the first polynomial that is not ends the attempt, which says nothing of the key, as it is
    ///         thrown away with its mask, and how often and where is a matter of chance alone; which coefficient was not shows in nothing
    private boolean answer(MemorySegment sk, long skAt, MemorySegment w, long at) {
        long copies = at + whole.entries;  // of which none is needed any more
        long shifts = at + whole.coded;
        ShiftedSums.shifts(w, at + whole.challenge, shifts);
        for (int i = 0; i < p.k(); i++) {
            ShiftedSums.copies(sk, skAt + s2At(i), p.etaBits(), p.eta(), w, copies);
            ShiftedSums.add(w, copies, shifts, p.tau(), p.eta(), -1, at + whole.row(i));
            if (rowReaches(w, at, i)) {
                return false;
            }
        }
        for (int i = 0; i < p.l(); i++) {
            long z = at + whole.vector(i);
            Polynomial.reduce(w, z);
            Ntt.inverse(w, z);
            Polynomial.canonical(w, z);
            ShiftedSums.copies(sk, skAt + s1At(i), p.etaBits(), p.eta(), w, copies);
            ShiftedSums.add(w, copies, shifts, p.tau(), p.eta(), 1, z);
            if (Polynomial.reaches(w, z, p.gamma1() - p.beta()) < 0) {
                return false;
            }
        }
        return true;
    }

    private boolean rowReaches(MemorySegment w, long at, int i) {
        return Polynomial.lowBitsReach(w, at + whole.row(i), p.gamma2(), p.gamma2() - p.beta()) < 0;
    }

    /// The same by polynomials that are transformed already: a product is an inverse transform then, of z one that is needed anyway.
    private boolean answerExpanded(MemorySegment sk, long skAt, MemorySegment w, long at) {
        long c = at + whole.challenge;
        for (int i = 0; i < p.k(); i++) {
            product(sk, skAt + ExpandedLayout.s2(p.k(), p.l(), i), w, at);
            Polynomial.subtract(w, at + whole.term, at + whole.row(i));
            if (rowReaches(w, at, i)) {
                return false;
            }
        }
        for (int i = 0; i < p.l(); i++) {
            long z = at + whole.vector(i);
            Polynomial.multiplyAdd(sk, skAt + ExpandedLayout.s1(p.k(), p.l(), i), w, c, 1, false, z);
            Ntt.inverse(w, z);
            Polynomial.canonical(w, z);
            if (Polynomial.reaches(w, z, p.gamma1() - p.beta()) < 0) {
                return false;
            }
        }
        return true;
    }

    /// The term = c times a polynomial, both transformed, which may be the term itself; canonical.
    private void product(MemorySegment segment, long polynomial, MemorySegment w, long at) {
        long term = at + whole.term;
        Polynomial.multiplyAdd(segment, polynomial, w, at + whole.challenge, 1, true, term);
        Ntt.inverse(w, term);
        Polynomial.canonical(w, term);
    }

    /// MakeHint(-c t0, w - c s2 + c t0), which asks whether adding c t0 changes the high bits of w - c s2.
    ///
    /// @return whether c t0 is short enough and the hints are few enough
    private boolean hints(MemorySegment sk, long skAt, boolean expanded, MemorySegment w, long at) {
        long above = 0;
        int count = 0;
        for (int i = 0; i < p.k(); i++) {
            if (expanded) {
                product(sk, skAt + ExpandedLayout.t0(p.k(), p.l(), i), w, at);
            } else {
                term(sk, skAt + t0At(i), Polynomial.D, 1 << Polynomial.D - 1, w, at + whole.term);
                product(w, at + whole.term, w, at);
            }
            above |= Polynomial.reaches(w, at + whole.term, p.gamma2());
            count += Polynomial.makeHint(w, at + whole.row(i), at + whole.term, p.gamma2(), at + whole.hints(i));
        }
        return (above | p.omega() - count) >= 0;
    }

    /// sigEncode (algorithm 26). All of it may be seen from here on.
    private void write(MemorySegment signature, long signatureAt, MemorySegment w, long at) {
        MemorySegment.copy(w, at + whole.seeds, signature, signatureAt, p.cTildeBytes());
        long to = signatureAt + p.cTildeBytes();
        for (int i = 0; i < p.l(); i++) {
            Polynomial.subtractFrom(w, p.gamma1(), at + whole.vector(i));
            Polynomial.pack(w, at + whole.vector(i), p.gamma1Bits(), signature, to);
            to += 32L * p.gamma1Bits();
        }
        int index = 0;  // HintBitPack (algorithm 20)
        for (int i = 0; i < p.k(); i++) {
            for (int word = 0; word < Polynomial.N; word += Integer.SIZE) {
                int bits = LittleEndian.i32(w, at + whole.hints(i) + (word >> 3));
                for (; bits != 0; bits &= bits - 1) {
                    signature.set(ValueLayout.JAVA_BYTE, to + index++, (byte) (word + Integer.numberOfTrailingZeros(bits)));
                }
            }
            signature.set(ValueLayout.JAVA_BYTE, to + p.omega() + i, (byte) index);
        }
        for (; index < p.omega(); index++) {
            signature.set(ValueLayout.JAVA_BYTE, to + index, (byte) 0);
        }
    }

    /// ML-DSA.Verify_internal (algorithm 8) from mu in the workspace. All of it is public.
    ///
    /// @param pk  a public key as the standard encodes it, or an expanded one
    boolean verify(MemorySegment pk, long pkAt, boolean expanded, MemorySegment signature, long signatureAt, MemorySegment w,
            long at) {
        long zAt = signatureAt + p.cTildeBytes();
        if (!readHints(signature, zAt + 32L * p.gamma1Bits() * p.l(), w, at)) {
            return false;
        }
        for (int i = 0; i < p.l(); i++) {
            Polynomial.unpack(signature, zAt + 32L * p.gamma1Bits() * i, p.gamma1Bits(), w, at + small.vector(i));
            Polynomial.subtractFrom(w, p.gamma1(), at + small.vector(i));
            if (Polynomial.reaches(w, at + small.vector(i), p.gamma1() - p.beta()) < 0) {
                return false;
            }
            Ntt.forward(w, at + small.vector(i));
        }
        MemorySegment.copy(signature, signatureAt, w, at + small.seeds, p.cTildeBytes());
        ball(w, at, small);
        Ntt.forward(w, at + small.challenge);
        Xof.SHAKE_256.init(w, at + small.hash);
        Xof.SHAKE_256.absorb(w, at + small.hash, w, at + small.mu, TR_BYTES);
        long row = at + small.row;
        for (int i = 0; i < p.k(); i++) {
            row(pk, pkAt, expanded, i, w, at, small, row);
            if (expanded) {
                Polynomial.multiplySubtract(pk, pkAt + ExpandedLayout.t1(p.k(), p.l(), i), w, at + small.challenge, row);
            } else {
                t1(pk, pkAt, i, w, at + small.term);
                Polynomial.multiplySubtract(w, at + small.term, w, at + small.challenge, row);
            }
            Ntt.inverse(w, row);
            Polynomial.canonical(w, row);
            Polynomial.useHint(w, row, p.gamma2(), at + small.hints(i), at + small.term);
            absorbHighBits(w, at, small);
        }
        Xof.SHAKE_256.squeeze(w, at + small.hash, w, at + small.seeds + C_TILDE_BYTES_MAX, p.cTildeBytes());
        return ConstantTime.equal(w, at + small.seeds, w, at + small.seeds + C_TILDE_BYTES_MAX, p.cTildeBytes());
    }

    /// t1 times 2^d, transformed.
    private static void t1(MemorySegment pk, long pkAt, int i, MemorySegment w, long to) {
        Polynomial.unpack(pk, pkAt + SEED_BYTES + 32L * T1_BITS * i, T1_BITS, w, to);
        Polynomial.shift(w, to);
        Ntt.forward(w, to);
    }

    /// HintBitUnpack (algorithm 21): false where the encoding is not the one of its hints.
    private boolean readHints(MemorySegment signature, long from, MemorySegment w, long at) {
        Wipe.bytes(w, at + small.hints, 32L * p.k());
        int index = 0;
        for (int i = 0; i < p.k(); i++) {
            int end = signature.get(ValueLayout.JAVA_BYTE, from + p.omega() + i) & 0xff;
            if (end < index || end > p.omega()) {
                return false;
            }
            for (int before = -1; index < end; index++) {
                int place = signature.get(ValueLayout.JAVA_BYTE, from + index) & 0xff;
                if (place <= before) {
                    return false;
                }
                long word = at + small.hints(i) + (place >> 5) * 4L;
                LittleEndian.i32(w, word, LittleEndian.i32(w, word) | 1 << (place & 31));
                before = place;
            }
        }
        for (; index < p.omega(); index++) {
            if (signature.get(ValueLayout.JAVA_BYTE, from + index) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Expands a public key: matrix, tr, t1.
    void expandPublic(MemorySegment pk, long pkAt, MemorySegment expanded, long expandedAt, MemorySegment w, long at) {
        matrix(pk, pkAt, expanded, expandedAt, w, at + small.states);
        for (int i = 0; i < p.k(); i++) {
            t1(pk, pkAt, i, expanded, expandedAt + ExpandedLayout.t1(p.k(), p.l(), i));
        }
        Xof.SHAKE_256.expand(w, at + small.hash, pk, pkAt, p.publicKeyBytes(), expanded, expandedAt + ExpandedLayout.tr(p.k(), p.l()),
                TR_BYTES);
    }

    /// Expands a private key: matrix, tr, K, s1, s2, t0.
    void expandPrivate(MemorySegment sk, long skAt, MemorySegment expanded, long expandedAt, MemorySegment w, long at) {
        int k = p.k();
        int l = p.l();
        matrix(sk, skAt, expanded, expandedAt, w, at + whole.states);
        MemorySegment.copy(sk, skAt + TR, expanded, expandedAt + ExpandedLayout.tr(k, l), TR_BYTES);
        MemorySegment.copy(sk, skAt + SEED_BYTES, expanded, expandedAt + ExpandedLayout.seed(k, l), SEED_BYTES);
        for (int i = 0; i < l; i++) {
            term(sk, skAt + s1At(i), p.etaBits(), p.eta(), expanded, expandedAt + ExpandedLayout.s1(k, l, i));
        }
        for (int i = 0; i < k; i++) {
            term(sk, skAt + s2At(i), p.etaBits(), p.eta(), expanded, expandedAt + ExpandedLayout.s2(k, l, i));
            term(sk, skAt + t0At(i), Polynomial.D, 1 << Polynomial.D - 1, expanded, expandedAt + ExpandedLayout.t0(k, l, i));
        }
    }

    private void matrix(MemorySegment rhoSegment, long rho, MemorySegment expanded, long expandedAt, MemorySegment w, long states) {
        int entries = p.k() * p.l();
        for (int first = 0; first < entries; first += MlDsaLayout.ENTRIES) {
            Sampling.matrix(rhoSegment, rho, p.l(), first, Math.min(MlDsaLayout.ENTRIES, entries - first), expanded,
                    expandedAt + (long) first * Polynomial.BYTES, w, states);
        }
    }

    /// {@return where tr lies in a private key, encoded or expanded}
    long trAt(boolean expanded) {
        return expanded ? ExpandedLayout.tr(p.k(), p.l()) : TR;
    }
}
