package dev.coffer.evm.precompiles;

import dev.coffer.evm.Precompiles;
import dev.coffer.evm.gas.PrecompileGas;
import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;

/// The precompiles that stand on other libraries, for [dev.coffer.evm.Interpreter#open]: 3, 5 and 9 to 17 (Yellow Paper, appendix E; EIP-152, EIP-198,
/// EIP-2537, EIP-4844). RIPEMD-160 and BLS12-381 are Bouncy Castle's, the others are computed on `BigInteger` and longs. 1, 2, 4, 6 to 8 and 0x100 are
/// the machine's own.
///
/// Each call makes objects, which are garbage when it ends. Inputs are taken as they come: what the protocol refuses is [#FAILED]. Stateless, thread-safe.
public final class LibraryPrecompiles implements Precompiles {
    private static final int WORD = 32;
    /// Bytes of each number of MODEXP: what the library takes as bits of an int, with room.
    private static final long MODEXP_BYTES_MAX = 1 << 24;

    /// Holds nothing.
    public LibraryPrecompiles() {}

    @Override
    public boolean has(int number, Fork fork) {
        return number == 3 || number == 5 || number >= 9 && number <= 17;
    }

    @Override
    public long outputBytesMax(int number, MemorySegment input, long at, long length) {
        return switch (number) {
            case 5 -> modexpBytes(input, at, length);
            case 9, 10 -> 2 * WORD;
            case 11, 12, 16 -> Bls12381.POINT1;
            case 13, 14, 17 -> Bls12381.POINT2;
            default -> WORD;
        };
    }

    @Override
    public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output,
            long outputAt) {
        byte[] in = number == 5 ? new byte[0] : input.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        byte[] out = switch (number) {
            case 3 -> ripemd(in);
            case 5 -> modexp(input, at, length);
            case 9 -> Blake2F.compress(in);
            case 10 -> Kzg.evaluate(in);
            case 11 -> Bls12381.addG1(in);
            case 12 -> Bls12381.multiplyG1(in);
            case 13 -> Bls12381.addG2(in);
            case 14 -> Bls12381.multiplyG2(in);
            case 15 -> Bls12381.pairing(in);
            case 16 -> Bls12381.mapG1(in);
            case 17 -> Bls12381.mapG2(in);
            default -> throw new IllegalArgumentException("precompile " + number + " (expected 3, 5 or 9..17)");
        };
        if (out == null) {
            return FAILED;
        }
        MemorySegment.copy(out, 0, output, ValueLayout.JAVA_BYTE, outputAt, out.length);
        return out.length;
    }

    /// {@return the number of `length` bytes at `from`, zeros past the end}
    static BigInteger number(byte[] in, int from, int length) {
        byte[] bytes = new byte[length];
        if (from < in.length) {
            System.arraycopy(in, from, bytes, 0, Math.min(length, in.length - from));
        }
        return new BigInteger(1, bytes);
    }

    /// {@return a number as `length` bytes from the left}
    static byte[] bytes(BigInteger value, int length) {
        byte[] out = new byte[length];
        byte[] raw = value.toByteArray();
        int used = Math.min(length, raw.length);
        System.arraycopy(raw, raw.length - used, out, length - used, used);
        return out;
    }

    private static byte[] ripemd(byte[] in) {
        RIPEMD160Digest digest = new RIPEMD160Digest();
        digest.update(in, 0, in.length);
        byte[] out = new byte[WORD];
        digest.doFinal(out, WORD - 20);
        return out;
    }

    /// {@return bytes of the modulus; more than any memory where a number is longer than [#MODEXP_BYTES_MAX], for which
    /// only gas past that of any block pays}
    private static long modexpBytes(MemorySegment input, long at, long length) {
        long modulusBytes = PrecompileGas.modexpLength(input, at, length, 2 * WORD);
        long longest = Math.max(PrecompileGas.modexpLength(input, at, length, 0),
                PrecompileGas.modexpLength(input, at, length, WORD));
        return modulusBytes != 0 && Math.max(longest, modulusBytes) > MODEXP_BYTES_MAX ? Long.MAX_VALUE : modulusBytes;
    }

    /// The lengths are bounded by [#modexpBytes].
    private static byte[] modexp(MemorySegment input, long at, long length) {
        long baseBytes = PrecompileGas.modexpLength(input, at, length, 0);
        long exponentBytes = PrecompileGas.modexpLength(input, at, length, WORD);
        int modulusBytes = (int) PrecompileGas.modexpLength(input, at, length, 2 * WORD);
        if (modulusBytes == 0) {
            return new byte[0];
        }
        BigInteger modulus = part(input, at, length, 3 * WORD + baseBytes + exponentBytes, modulusBytes);
        if (modulus.signum() == 0) {
            return new byte[modulusBytes];
        }
        BigInteger base = part(input, at, length, 3 * WORD, (int) baseBytes);
        BigInteger exponent = part(input, at, length, 3 * WORD + baseBytes, (int) exponentBytes);
        return bytes(base.modPow(exponent, modulus), modulusBytes);
    }

    private static BigInteger part(MemorySegment input, long at, long length, long from, int bytes) {
        if (from >= length) {
            return BigInteger.ZERO;
        }
        int there = (int) Math.min(bytes, length - from);
        byte[] present = input.asSlice(at + from, there).toArray(ValueLayout.JAVA_BYTE);
        return new BigInteger(1, present).shiftLeft(8 * (bytes - there));
    }
}
