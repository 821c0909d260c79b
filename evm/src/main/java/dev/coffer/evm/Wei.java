package dev.coffer.evm;

import dev.coffer.evm.word.Word;

/// Amounts that may pass 2^256 on the way: words of an array as in [Word], with the carry told. Stateless.
final class Wei {
    private Wei() {}

    /// Writes `a` times a number of units of gas.
    ///
    /// @param units  0 or more
    /// @return whether it is below 2^256; if not, the word means nothing
    static boolean times(long[] s, int a, long units, int r) {
        long carry = 0;
        for (int i = 0; i < Word.LONGS; i++) {
            long digit = s[a + i];
            long low = digit * units;
            long high = Math.unsignedMultiplyHigh(digit, units);
            long sum = low + carry;
            carry = high + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
            s[r + i] = sum;
        }
        return carry == 0;
    }

    /// Adds `b` to `r`.
    ///
    /// @return whether it is below 2^256; if not, the word means nothing
    static boolean add(long[] s, int b, int r) {
        Word.add(s, r, b, r);
        return !Word.less(s, r, s, b);
    }
}
