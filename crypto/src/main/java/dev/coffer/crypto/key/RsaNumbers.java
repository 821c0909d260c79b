package dev.coffer.crypto.key;

import dev.coffer.memory.ConstantTime;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Whether the numbers of an RSA key belong together, found in constant time where they do: nothing but the length of the modulus decides how long it takes.
/// Numbers are limbs of 32 bits, the least first, in the caller's memory. Slow, some milliseconds: it is asked once a key. One key's; 0 heap bytes.
///
/// ```
///   p q = n      d = dP mod (p - 1) = dQ mod (q - 1)      e dP = 1 mod (p - 1)      e dQ = 1 mod (q - 1)      q qInv = 1 mod p
/// ```
///
/// That the primes are prime is not looked at: a key whose signatures verify, as each is asked to, has what it needs.
final class RsaNumbers {
    private static final ValueLayout.OfInt LIMB = ValueLayout.JAVA_INT_UNALIGNED;
    private static final long LIMB_BYTES = Integer.BYTES;
    private static final long MASK = 0xffff_ffffL;
    private static final int HALF_MAX = EncodedRsaKey.HALF_BYTES / Integer.BYTES;
    private static final int SHORT = EncodedRsaKey.EXPONENT_BYTES / Integer.BYTES;

    // The scratch.
    private static final long WIDE = 0;                                // a whole number, or a product of two halves
    private static final long LEFT = WIDE + 2 * HALF_MAX * LIMB_BYTES;        // halves
    private static final long RIGHT = LEFT + HALF_MAX * LIMB_BYTES;
    private static final long MODULUS = RIGHT + HALF_MAX * LIMB_BYTES;
    private static final long REST = MODULUS + HALF_MAX * LIMB_BYTES;      // one limb longer, as the next
    private static final long TRIED = REST + (HALF_MAX + 1) * LIMB_BYTES;
    private static final long WANTED = TRIED + (HALF_MAX + 1) * LIMB_BYTES;
    static final long SCRATCH_BYTES = WANTED + 2 * HALF_MAX * LIMB_BYTES;

    private final MemorySegment w;
    private final long key;
    private final long scratch;
    private final int half;   // limbs of half a modulus
    private final int whole;

    /// @param w     the numbers as [EncodedRsaKey] holds them from `key`, and a scratch
    /// @param bits  of the modulus
    RsaNumbers(MemorySegment w, long key, long scratch, int bits) {
        this.w = w;
        this.key = key;
        this.scratch = scratch;
        this.half = (bits + 2 * Integer.SIZE - 1) / (2 * Integer.SIZE);
        this.whole = 2 * half;
    }

    /// {@return whether the primes are no longer than half the modulus, and what is computed with them either}
    boolean haveLengths() {
        long spare = EncodedRsaKey.HALF_BYTES - half * LIMB_BYTES;
        return ConstantTime.isZero(w, key + EncodedRsaKey.PRIME_1, spare) && ConstantTime.isZero(w, key + EncodedRsaKey.PRIME_2, spare);
    }

    /// {@return whether all of it holds; of primes that [#haveLengths]}
    boolean belongTogether() {
        long p = key + EncodedRsaKey.PRIME_1;
        long q = key + EncodedRsaKey.PRIME_2;
        return fit() && isProduct(p, q) && isExponent(p, key + EncodedRsaKey.EXPONENT_1) && isExponent(q, key + EncodedRsaKey.EXPONENT_2) && isInverse(p, q);
    }

    /// Of a key whose numbers are right none is longer than these.
    private boolean fit() {
        long spare = EncodedRsaKey.HALF_BYTES - half * LIMB_BYTES;
        return ConstantTime.isZero(w, key + EncodedRsaKey.PRIVATE_EXPONENT, 2 * spare) && ConstantTime.isZero(w, key + EncodedRsaKey.EXPONENT_1, spare)
                && ConstantTime.isZero(w, key + EncodedRsaKey.EXPONENT_2, spare) && ConstantTime.isZero(w, key + EncodedRsaKey.COEFFICIENT, spare);
    }

    private boolean isProduct(long p, long q) {
        load(p, EncodedRsaKey.HALF_BYTES, half, scratch + LEFT);
        load(q, EncodedRsaKey.HALF_BYTES, half, scratch + RIGHT);
        product(half);
        load(key + EncodedRsaKey.MODULUS, 2 * EncodedRsaKey.HALF_BYTES, whole, scratch + WANTED);
        return ConstantTime.equal(w, scratch + WIDE, w, scratch + WANTED, whole * LIMB_BYTES);
    }

    /// {@return whether an exponent is d modulo a prime less one, and the inverse of e there}
    private boolean isExponent(long prime, long exponent) {
        load(prime, EncodedRsaKey.HALF_BYTES, half, scratch + MODULUS);
        w.set(LIMB, scratch + MODULUS, w.get(LIMB, scratch + MODULUS) & ~1);  // it is odd
        load(exponent, EncodedRsaKey.HALF_BYTES, half, scratch + LEFT);
        load(key + EncodedRsaKey.PRIVATE_EXPONENT, 2 * EncodedRsaKey.HALF_BYTES, whole, scratch + WIDE);
        reduce(whole);
        if (!ConstantTime.equal(w, scratch + REST, w, scratch + LEFT, half * LIMB_BYTES)) {
            return false;
        }
        load(key + EncodedRsaKey.PUBLIC_EXPONENT, EncodedRsaKey.EXPONENT_BYTES, SHORT, scratch + RIGHT);
        product(SHORT);
        reduce(half + SHORT);
        return isOne();
    }

    private boolean isInverse(long p, long q) {
        load(q, EncodedRsaKey.HALF_BYTES, half, scratch + LEFT);
        load(key + EncodedRsaKey.COEFFICIENT, EncodedRsaKey.HALF_BYTES, half, scratch + RIGHT);
        product(half);
        load(p, EncodedRsaKey.HALF_BYTES, half, scratch + MODULUS);
        reduce(whole);
        if (!isOne()) {
            return false;
        }
        load(key + EncodedRsaKey.COEFFICIENT, EncodedRsaKey.HALF_BYTES, half, scratch + WIDE);
        reduce(half);
        return ConstantTime.equal(w, scratch + REST, w, scratch + RIGHT, half * LIMB_BYTES);  // below p
    }

    private boolean isOne() {
        w.set(LIMB, scratch + REST, w.get(LIMB, scratch + REST) ^ 1);
        return ConstantTime.isZero(w, scratch + REST, (half + 1) * LIMB_BYTES);
    }

    /// Turns the last big-endian bytes of a number's room into limbs.
    private void load(long number, int room, int limbs, long out) {
        for (int i = 0; i < limbs; i++) {
            w.set(LIMB, out + i * LIMB_BYTES, Integer.reverseBytes(w.get(LIMB, number + room - (i + 1) * LIMB_BYTES)));
        }
    }

    /// WIDE = LEFT times as many limbs of RIGHT.
    private void product(int limbs) {
        long out = scratch + WIDE;
        for (int i = 0; i < half + limbs; i++) {
            w.set(LIMB, out + i * LIMB_BYTES, 0);
        }
        for (int i = 0; i < half; i++) {
            long factor = w.get(LIMB, scratch + LEFT + i * LIMB_BYTES) & MASK;
            long carry = 0;
            for (int j = 0; j < limbs; j++) {
                long p = out + (i + j) * LIMB_BYTES;
                carry += factor * (w.get(LIMB, scratch + RIGHT + j * LIMB_BYTES) & MASK) + (w.get(LIMB, p) & MASK);  // below 2^64
                w.set(LIMB, p, (int) carry);
                carry >>>= Integer.SIZE;
            }
            w.set(LIMB, out + (i + limbs) * LIMB_BYTES, (int) carry);
        }
    }

    /// REST = as many limbs of WIDE modulo MODULUS, bit by bit, each of which takes the same steps.
    private void reduce(int limbs) {
        long rest = scratch + REST;
        long tried = scratch + TRIED;
        for (int i = 0; i <= half; i++) {
            w.set(LIMB, rest + i * LIMB_BYTES, 0);
        }
        for (int bit = limbs * Integer.SIZE - 1; bit >= 0; bit--) {
            long in = w.get(LIMB, scratch + WIDE + (bit >>> 5) * LIMB_BYTES) >>> (bit & 31) & 1;
            long borrow = 0;
            for (int i = 0; i <= half; i++) {
                long doubled = (w.get(LIMB, rest + i * LIMB_BYTES) & MASK) << 1 | in;
                in = doubled >>> Integer.SIZE;
                w.set(LIMB, rest + i * LIMB_BYTES, (int) doubled);
                long less = (doubled & MASK) - (i < half ? w.get(LIMB, scratch + MODULUS + i * LIMB_BYTES) & MASK : 0) + borrow;
                w.set(LIMB, tried + i * LIMB_BYTES, (int) less);
                borrow = less >> Integer.SIZE;
            }
            int keep = (int) borrow;  // all ones where the modulus is larger
            for (int i = 0; i <= half; i++) {
                long p = rest + i * LIMB_BYTES;
                w.set(LIMB, p, w.get(LIMB, p) & keep | w.get(LIMB, tried + i * LIMB_BYTES) & ~keep);
            }
        }
    }
}
