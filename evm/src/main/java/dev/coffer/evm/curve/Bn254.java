package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;
import java.math.BigInteger;

/// alt_bn128, y^2 = x^3 + 3: sums and multiples of its points (EIP-196) and whether a product of pairings is one (EIP-197), as precompiles 6, 7 and 8 need them.
/// Coordinates are plain words of an array, as in [Word]; zeros are the neutral element. For public data: it takes time by its values. Makes no object after its
/// constructor; one thread at a time.
public final class Bn254 {
    static final BigInteger P = new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16);
    static final Residues FIELD = new Residues(Word.of(P));

    /// Longs of a pair as it comes: x and y of the first point, of the second the coefficients of i before the others.
    public static final int PAIR_LONGS = 6 * Word.LONGS;

    // Places in the working space, by the index of their first long.
    private static final int FIRST = 0;                                    // x, y, z
    private static final int SECOND = Jacobian.LONGS;
    private static final int TWISTED = 2 * Jacobian.LONGS;                 // x, y of the quadratic field
    private static final int THREE = TWISTED + 2 * Field2.LONGS;
    private static final int TERM = THREE + Word.LONGS;
    private static final int POWERS = TERM + 2 * Word.LONGS;
    private static final int TABLE = POWERS + 2 * Word.LONGS + Residues.POWER_LONGS;
    private static final int LONGS = TABLE + Jacobian.TABLE_LONGS;

    /// Bytes of heap that each holds, and no more.
    public static final long HEAP_BYTES = 8L * (LONGS + 7 * Word.LONGS + Bn254Pairing.WORKING_LONGS) + 11 * 16 + 6 * 48;

    private final Jacobian curve = new Jacobian(FIELD);
    private final Bn254Pairing pairing = new Bn254Pairing(FIELD);
    private final long[] w = new long[LONGS];

    /// With working space of its own.
    public Bn254() {
        Word.set(w, THREE, 3);
        FIELD.enter(w, THREE, w, THREE);
    }

    /// Writes the sum of the points at `p` and `q`, x and y of each.
    ///
    /// @return whether both are points; where not, nothing is written
    public boolean add(long[] m, int p, int q, long[] to, int r) {
        if (!enter(m, p, FIRST) || !enter(m, q, SECOND)) {
            return false;
        }
        curve.add(w, FIRST, w, SECOND, w, FIRST);
        leave(to, r);
        return true;
    }

    /// Writes the multiple of the point at `p` by a number of any size, `k`.
    ///
    /// @return whether that is a point; where not, nothing is written
    public boolean multiply(long[] m, int p, int k, long[] to, int r) {
        if (!enter(m, p, FIRST)) {
            return false;
        }
        curve.table(w, FIRST, w, TABLE);
        curve.multiple(m, k, w, TABLE, w, FIRST);
        leave(to, r);
        return true;
    }

    /// Begins a product of pairings, with none.
    public void begin() {
        pairing.begin();
    }

    /// Takes one pair more, of [#PAIR_LONGS] from `at`.
    ///
    /// @return whether both are points of their groups
    public boolean pair(long[] m, int at) {
        boolean neutral = true;
        for (int i = 0; i < 2 * Field2.LONGS; i += Field2.LONGS) {
            int im = at + 2 * Word.LONGS + i;
            int re = im + Word.LONGS;
            if (!FIELD.isBelow(m, im) || !FIELD.isBelow(m, re)) {
                return false;
            }
            neutral &= Word.isZero(m, im) && Word.isZero(m, re);
            FIELD.enter(m, re, w, TWISTED + i);
            FIELD.enter(m, im, w, TWISTED + i + Word.LONGS);
        }
        if (!enter(m, at, FIRST) || !neutral && !pairing.second(w, TWISTED)) {
            return false;
        }
        if (!neutral && !Jacobian.isNeutral(w, FIRST)) {
            pairing.pair(w, FIRST);
        }
        return true;
    }

    /// {@return whether the product of the pairs since [#begin] is one; the product is used up}
    public boolean isOne() {
        return pairing.isOne();
    }

    /// Brings a point to Montgomery's form, if it is one.
    private boolean enter(long[] m, int p, int to) {
        if (!FIELD.isBelow(m, p) || !FIELD.isBelow(m, p + Word.LONGS)) {
            return false;
        }
        if (Word.isZero(m, p) && Word.isZero(m, p + Word.LONGS)) {
            Jacobian.neutral(w, to);
            return true;
        }
        FIELD.enter(m, p, w, to);
        FIELD.enter(m, p + Word.LONGS, w, to + Word.LONGS);
        FIELD.one(w, to + 2 * Word.LONGS);
        FIELD.multiply(w, to, w, to, w, TERM);
        FIELD.multiply(w, TERM, w, to, w, TERM);
        FIELD.add(w, TERM, w, THREE, w, TERM);
        FIELD.multiply(w, to + Word.LONGS, w, to + Word.LONGS, w, TERM + Word.LONGS);
        return Word.equal(w, TERM, w, TERM + Word.LONGS);
    }

    private void leave(long[] to, int r) {
        if (Jacobian.isNeutral(w, FIRST)) {
            Word.set(to, r, 0);
            Word.set(to, r + Word.LONGS, 0);
        } else {
            curve.leave(w, FIRST, to, r, w, POWERS);
        }
    }
}
