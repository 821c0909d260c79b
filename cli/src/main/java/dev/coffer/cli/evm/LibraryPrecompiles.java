package dev.coffer.cli.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.Precompiles;
import dev.coffer.evm.gas.PrecompileGas;
import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/// Precompiles 1, 3 and 5 to 10 (Yellow Paper, appendix E; EIP-152, EIP-196, EIP-197, EIP-198, EIP-4844): secp256k1, RIPEMD-160 and BLS12-381
/// from Bouncy Castle, the others on `BigInteger` and longs. Stateless, thread-safe.
public final class LibraryPrecompiles implements Precompiles {
    private static final X9ECParameters SECP256K1 = CustomNamedCurves.getByName("secp256k1");
    private static final int WORD = 32;
    /// Bytes of each number of MODEXP: what the library takes as bits of an int, with room.
    private static final long MODEXP_BYTES_MAX = 1 << 24;

    @Override
    public boolean has(int number, Fork fork) {
        return number == 1 || number == 3 || number >= 5 && number <= 10;
    }

    @Override
    public long outputBytesMax(int number, MemorySegment input, long at, long length) {
        return switch (number) {
            case 5 -> modexpBytes(input, at, length);
            case 6, 7, 9, 10 -> 2 * WORD;
            default -> WORD;
        };
    }

    @Override
    public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output,
            long outputAt) {
        byte[] in = number == 5 ? new byte[0] : input.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        byte[] out = switch (number) {
            case 1 -> recover(in);
            case 3 -> ripemd(in);
            case 5 -> modexp(input, at, length);
            case 6 -> Bn254.add(in);
            case 7 -> Bn254.multiply(in);
            case 8 -> Bn254Pairing.check(in);
            case 9 -> Blake2F.compress(in);
            default -> Kzg.evaluate(in);
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

    /// The address that signed; nothing where the signature is none.
    private static byte[] recover(byte[] in) {
        BigInteger v = number(in, WORD, WORD);
        BigInteger r = number(in, 2 * WORD, WORD);
        BigInteger s = number(in, 3 * WORD, WORD);
        BigInteger n = SECP256K1.getN();
        boolean odd = v.equals(BigInteger.valueOf(28));
        if (!odd && !v.equals(BigInteger.valueOf(27)) || r.signum() == 0 || s.signum() == 0 || r.compareTo(n) >= 0
                || s.compareTo(n) >= 0) {
            return new byte[0];
        }
        byte[] compressed = new byte[WORD + 1];
        compressed[0] = (byte) (odd ? 3 : 2);
        System.arraycopy(bytes(r, WORD), 0, compressed, 1, WORD);
        ECPoint point;
        try {
            point = SECP256K1.getCurve().decodePoint(compressed);
        } catch (IllegalArgumentException e) {
            return new byte[0];  // no point of the curve has that x
        }
        BigInteger inverse = r.modInverse(n);
        BigInteger e = number(in, 0, WORD).negate().multiply(inverse).mod(n);
        ECPoint key = ECAlgorithms.sumOfTwoMultiplies(SECP256K1.getG(), e, point, s.multiply(inverse).mod(n)).normalize();
        if (key.isInfinity()) {
            return new byte[0];
        }
        byte[] encoded = key.getEncoded(false);
        byte[] digest = new byte[WORD];
        try (Arena arena = Arena.ofConfined()) {
            Hash.KECCAK_256.hash(arena.allocate(Hash.STATE_BYTES_MAX), 0, MemorySegment.ofArray(encoded), 1,
                    encoded.length - 1, MemorySegment.ofArray(digest), 0);
        }
        Arrays.fill(digest, 0, WORD - 20, (byte) 0);
        return digest;
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
