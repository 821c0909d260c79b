package dev.coffer.evm.precompiles;

import dev.coffer.evm.gas.PrecompileGas;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;

/// A power modulo a number (EIP-198), on `BigInteger`. The input is three lengths of 32 bytes, then base, exponent and modulus of these lengths, with zeros where it is
/// shorter. Gas is paid for the square of the longer one of base and modulus, so these two are bounded; an exponent costs by its length alone, and may be of any. Stateless.
final class Modexp {
    private static final int WORD = 32;
    private static final int NUMBERS = 3 * WORD;                           // where the base begins
    /// Bytes of base and modulus: what the library takes as bits of an int, with room. One byte more costs 8.8 * 10^11 gas before Berlin (EIP-198), 1.4 * 10^12 from
    /// Berlin on (EIP-2565).
    private static final long BYTES_MAX = 1 << 24;
    /// Bytes of the exponent that are taken at a time, the same.
    private static final int PART_BYTES = 1 << 24;

    private Modexp() {}

    /// {@return bytes of the modulus; more than any memory where it or the base is longer than [#BYTES_MAX]}
    static long outputBytes(MemorySegment input, long at, long length) {
        long modulusBytes = PrecompileGas.modexpLength(input, at, length, 2 * WORD);
        long longest = Math.max(PrecompileGas.modexpLength(input, at, length, 0), modulusBytes);
        return modulusBytes != 0 && longest > BYTES_MAX ? Long.MAX_VALUE : modulusBytes;
    }

    /// {@return the power, as many bytes as the modulus has}
    ///
    /// @param length  of an input of which [#outputBytes] bounds base and modulus
    static byte[] run(MemorySegment input, long at, long length) {
        return run(input, at, length, PART_BYTES);
    }

    static byte[] run(MemorySegment input, long at, long length, int partBytes) {
        long baseBytes = PrecompileGas.modexpLength(input, at, length, 0);
        long exponentBytes = PrecompileGas.modexpLength(input, at, length, WORD);
        int modulusBytes = (int) PrecompileGas.modexpLength(input, at, length, 2 * WORD);
        if (modulusBytes == 0) {
            return new byte[0];
        }
        long exponentAt = NUMBERS + baseBytes;
        BigInteger modulus = number(input, at, length, exponentAt + exponentBytes, modulusBytes);
        if (modulus.signum() == 0) {
            return new byte[modulusBytes];                                 // also wherever the input ends within the exponent
        }
        BigInteger base = number(input, at, length, NUMBERS, (int) baseBytes);
        BigInteger power = BigInteger.ONE.mod(modulus);
        for (long done = 0; done < exponentBytes;) {
            int bytes = (int) Math.min(partBytes, exponentBytes - done);
            if (done > 0 && power.bitLength() > 1) {                       // 0 and 1 stay what they are
                power = power.modPow(BigInteger.ONE.shiftLeft(8 * bytes), modulus);
            }
            BigInteger part = number(input, at, length, exponentAt + done, bytes);
            power = power.multiply(base.modPow(part, modulus)).mod(modulus);
            done += bytes;
        }
        return LibraryPrecompiles.bytes(power, modulusBytes);
    }

    /// {@return the number of `bytes` bytes at `from`, zeros past the input's end}
    private static BigInteger number(MemorySegment input, long at, long length, long from, int bytes) {
        if (from >= length) {
            return BigInteger.ZERO;
        }
        int there = (int) Math.min(bytes, length - from);
        byte[] present = input.asSlice(at + from, there).toArray(ValueLayout.JAVA_BYTE);
        return new BigInteger(1, present).shiftLeft(8 * (bytes - there));
    }
}
