package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;

/// Recovery of the public key from an ECDSA signature on secp256k1 (SEC 1, section 4.1.6; SEC 2, section 2.4.1), as transactions, authorizations and precompile
/// 1 need it (Yellow Paper, appendices E and F). For public data: it takes time by its values. Makes no object after its constructor; one thread at a time.
public final class Secp256k1 {
    private static final Residues FIELD =
            new Residues(0xfffffffefffffc2fL, 0xffffffffffffffffL, 0xffffffffffffffffL, 0xffffffffffffffffL);
    private static final Residues ORDER =
            new Residues(0xbfd25e8cd0364141L, 0xbaaedce6af48a03bL, 0xfffffffffffffffeL, 0xffffffffffffffffL);
    /// Half the order, rounded down: the highest s since EIP-2.
    private static final long[] HALF = {0xdfe92f46681b20a0L, 0x5d576e7357a4501dL, 0xffffffffffffffffL, 0x7fffffffffffffffL};
    /// (p + 1) / 4: the exponent of a square root, since p is 3 modulo 4.
    private static final long[] ROOT = {0xffffffffbfffff0cL, 0xffffffffffffffffL, 0xffffffffffffffffL, 0x3fffffffffffffffL};
    private static final long[] BASE = {
            0x59f2815b16f81798L, 0x029bfcdb2dce28d9L, 0x55a06295ce870b07L, 0x79be667ef9dcbbacL,
            0x9c47d08ffb10d4b8L, 0xfd17b448a6855419L, 0x5da4fbfc0e1108a8L, 0x483ada7726a3c465L,
            1, 0, 0, 0};
    private static final long[] SEVEN = {7, 0, 0, 0};
    private static final long[] BASE_TABLE = baseTable();

    // Places in the working space, by the index of their first long.
    private static final int POINT = 0;                                    // x, y, z
    private static final int INVERSE = Jacobian.LONGS;
    private static final int OF_BASE = INVERSE + Word.LONGS;
    private static final int OF_POINT = OF_BASE + Word.LONGS;
    private static final int TERM = OF_POINT + Word.LONGS;
    private static final int SUM = TERM + Word.LONGS;
    private static final int POWERS = SUM + Jacobian.LONGS;
    private static final int TABLE = POWERS + 2 * Word.LONGS + Residues.POWER_LONGS;
    private static final int LONGS = TABLE + Jacobian.TABLE_LONGS;

    /// Bytes of heap that each holds, and no more.
    public static final long HEAP_BYTES = 8L * LONGS + 8L * 7 * Word.LONGS + 5 * 16 + 32;

    private final Jacobian curve = new Jacobian(FIELD);
    private final long[] w = new long[LONGS];

    /// With working space of its own.
    public Secp256k1() {}

    private static long[] baseTable() {
        long[] base = new long[Jacobian.LONGS];
        for (int i = 0; i < Jacobian.LONGS; i += Word.LONGS) {
            FIELD.enter(BASE, i, base, i);
        }
        long[] table = new long[Jacobian.TABLE_LONGS];
        new Jacobian(FIELD).table(base, 0, table, 0);
        return table;
    }

    /// {@return whether a number is in 1..n-1, as r and s of a signature are}
    public static boolean isInRange(long[] s, int a) {
        return !Word.isZero(s, a) && ORDER.isBelow(s, a);
    }

    /// {@return whether a signature's s is at most half the order (EIP-2)}
    public static boolean isLow(long[] s, int a) {
        return !Word.less(HALF, 0, s, a);
    }

    /// Writes the public key whose signature this is: x, then y, eight longs; nothing where there is none.
    ///
    /// @param e    index of the digest, any number
    /// @param r    index of r, which also is the x of the point that the signer drew
    /// @param s    index of s
    /// @param odd  whether that point's y is odd: the recovery id's last bit
    /// @return whether there is such a key: r and s are in 1..n-1, r is the x of a point, and the key is not the neutral element
    public boolean recover(long[] m, int e, int r, int s, boolean odd, long[] to, int key) {
        if (!isInRange(m, r) || !isInRange(m, s) || !point(m, r, odd)) {
            return false;
        }
        ORDER.enter(m, r, w, INVERSE);
        ORDER.invert(w, INVERSE, w, INVERSE, w, POWERS);
        ORDER.enter(m, s, w, OF_POINT);
        ORDER.multiply(w, OF_POINT, w, INVERSE, w, OF_POINT);              // s / r
        ORDER.leave(w, OF_POINT, w, OF_POINT);
        ORDER.enter(m, e, w, OF_BASE);
        ORDER.multiply(w, OF_BASE, w, INVERSE, w, OF_BASE);
        Word.set(w, TERM, 0);
        ORDER.subtract(w, TERM, w, OF_BASE, w, OF_BASE);                   // -e / r
        ORDER.leave(w, OF_BASE, w, OF_BASE);
        curve.table(w, POINT, w, TABLE);
        curve.twoMultiples(w, OF_BASE, BASE_TABLE, 0, w, OF_POINT, w, TABLE, w, SUM);
        if (Jacobian.isNeutral(w, SUM)) {
            return false;
        }
        curve.leave(w, SUM, to, key, w, POWERS);
        return true;
    }

    /// Finds the point of an x below p, which each below n is.
    private boolean point(long[] m, int x, boolean odd) {
        FIELD.enter(m, x, w, POINT);
        FIELD.multiply(w, POINT, w, POINT, w, TERM);
        FIELD.multiply(w, TERM, w, POINT, w, TERM);
        FIELD.enter(SEVEN, 0, w, INVERSE);
        FIELD.add(w, TERM, w, INVERSE, w, TERM);
        FIELD.power(w, TERM, ROOT, w, POINT + 4, w, POWERS);
        FIELD.multiply(w, POINT + 4, w, POINT + 4, w, INVERSE);
        if (!Word.equal(w, INVERSE, w, TERM)) {
            return false;
        }
        FIELD.leave(w, POINT + 4, w, TERM);
        if ((w[TERM] & 1) != (odd ? 1 : 0)) {
            Word.set(w, TERM, 0);
            FIELD.subtract(w, TERM, w, POINT + 4, w, POINT + 4);           // y is never 0: the order is odd
        }
        FIELD.one(w, POINT + 8);
        return true;
    }
}
