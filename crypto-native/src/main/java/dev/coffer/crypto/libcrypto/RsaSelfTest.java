package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.key.EncodedRsaKey.Component;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;

/// Computes with an RSA key of 128 bits that is nobody's, so that what the library makes for RSA and keeps, a generator for its blinding before all, is made at its
/// start; and asks whether it computes as `BigInteger` does.
final class RsaSelfTest {
    private static final int BYTES = 16;
    private static final BigInteger P = BigInteger.TWO.pow(64).subtract(BigInteger.valueOf(59));
    private static final BigInteger Q = BigInteger.TWO.pow(64).subtract(BigInteger.valueOf(83));
    private static final BigInteger E = BigInteger.valueOf(65_537);

    private RsaSelfTest() {}

    /// @return whether it could, and was right
    static boolean fetch() {
        BigInteger p1 = P.subtract(BigInteger.ONE);
        BigInteger q1 = Q.subtract(BigInteger.ONE);
        BigInteger d = E.modInverse(p1.multiply(q1));
        BigInteger n = P.multiply(Q);
        BigInteger[] numbers = {n, E, d, P, Q, d.mod(p1), d.mod(q1), Q.modInverse(P)};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((long) BYTES * (numbers.length + 3));
            for (Component number : Component.values()) {
                put(numbers[number.ordinal()], memory, (long) BYTES * number.ordinal());
            }
            long input = (long) BYTES * numbers.length;
            BigInteger asked = n.shiftRight(1);
            put(asked, memory, input);
            long key = RsaCalls.key(memory, number -> (long) BYTES * number.ordinal(), number -> BYTES);
            try {
                return key != 0 && RsaCalls.privately(key, BYTES, memory, input, memory, input + BYTES)
                        && RsaCalls.publicly(key, BYTES, memory, input + BYTES, memory, input + 2 * BYTES)
                        && new BigInteger(1, memory.asSlice(input + BYTES, BYTES).toArray(ValueLayout.JAVA_BYTE)).equals(asked.modPow(d, n))
                        && MemorySegment.mismatch(memory, input, input + BYTES, memory, input + 2 * BYTES, input + 3 * BYTES) < 0;
            } finally {
                RsaCalls.free(key);
            }
        }
    }

    private static void put(BigInteger number, MemorySegment memory, long at) {
        for (int i = 0; i < BYTES; i++) {
            memory.set(ValueLayout.JAVA_BYTE, at + i, number.shiftRight(Byte.SIZE * (BYTES - 1 - i)).byteValue());
        }
    }
}
