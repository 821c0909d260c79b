package dev.coffer.bench.evm;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.precompiles.LibraryPrecompiles;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/// What a Java program would take for each precompile: Bouncy Castle, or `BigInteger`.
final class PrecompilePeers {
    private static final int WORD = 32;
    private static final int LIBRARY_BYTES_MAX = 5000;                       // what is longer takes seconds
    private static final X9ECParameters SECP256K1 = CustomNamedCurves.getByName("secp256k1");
    private static final X9ECParameters P256 = CustomNamedCurves.getByName("secp256r1");
    private static final BigInteger P254 = new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16);
    private static final BigInteger N254 = new BigInteger("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001", 16);
    private static final ECCurve BN254 = new ECCurve.Fp(P254, BigInteger.ZERO, BigInteger.valueOf(3), N254, BigInteger.ONE);

    private final LibraryPrecompiles bouncyCastle = new LibraryPrecompiles();
    private final byte[] out = new byte[1 << 12];

    /// A peer's computation.
    interface Peer {
        byte[] run();
    }

    /// {@return the peer of a precompile, for an input; null where there is none}
    Peer of(int number, byte[] in) {
        return switch (number) {
            case 1 -> () -> recover(in);
            case 2 -> () -> digest(new SHA256Digest(), in);
            case 3 -> () -> digest(new RIPEMD160Digest(), in);
            case 5 -> () -> power(in);
            case 6 -> () -> point(point(in, 0).add(point(in, 2 * WORD)));
            case 7 -> () -> point(point(in, 0).multiply(number(in, 2 * WORD)));
            case 10, 11, 12, 13, 14, 15, 16, 17 -> in.length > LIBRARY_BYTES_MAX ? null : () -> library(number, in);
            case 0x100 -> () -> verify(in);
            default -> null;
        };
    }

    private byte[] library(int number, byte[] in) {
        long written = bouncyCastle.run(number, Fork.OSAKA, MemorySegment.ofArray(in), 0, in.length, MemorySegment.ofArray(out), 0);
        return Arrays.copyOf(out, (int) written);
    }

    private static BigInteger number(byte[] in, int at) {
        return new BigInteger(1, in, at, WORD);
    }

    private static byte[] word(BigInteger value, int bytes) {
        byte[] raw = value.toByteArray();
        byte[] out = new byte[bytes];
        int used = Math.min(bytes, raw.length);
        System.arraycopy(raw, raw.length - used, out, bytes - used, used);
        return out;
    }

    private static byte[] digest(Digest digest, byte[] in) {
        digest.update(in, 0, in.length);
        byte[] out = new byte[WORD];
        digest.doFinal(out, WORD - digest.getDigestSize());
        return out;
    }

    private static byte[] recover(byte[] in) {
        BigInteger r = number(in, 2 * WORD);
        BigInteger inverse = r.modInverse(SECP256K1.getN());
        byte[] compressed = new byte[WORD + 1];
        compressed[0] = (byte) (2 + in[2 * WORD - 1] - 27);
        System.arraycopy(in, 2 * WORD, compressed, 1, WORD);
        ECPoint point = SECP256K1.getCurve().decodePoint(compressed);
        BigInteger ofBase = number(in, 0).negate().multiply(inverse).mod(SECP256K1.getN());
        BigInteger ofPoint = number(in, 3 * WORD).multiply(inverse).mod(SECP256K1.getN());
        byte[] key = ECAlgorithms.sumOfTwoMultiplies(SECP256K1.getG(), ofBase, point, ofPoint).normalize().getEncoded(false);
        byte[] hash = digest(new KeccakDigest(256), Arrays.copyOfRange(key, 1, key.length));
        Arrays.fill(hash, 0, 12, (byte) 0);
        return hash;
    }

    private static byte[] power(byte[] in) {
        int base = number(in, 0).intValueExact();
        int exponent = number(in, WORD).intValueExact();
        int modulus = number(in, 2 * WORD).intValueExact();
        BigInteger b = new BigInteger(1, in, 3 * WORD, base);
        BigInteger e = new BigInteger(1, in, 3 * WORD + base, exponent);
        BigInteger m = new BigInteger(1, in, 3 * WORD + base + exponent, modulus);
        return word(b.modPow(e, m), modulus);
    }

    private static ECPoint point(byte[] in, int at) {
        return BN254.createPoint(number(in, at), number(in, at + WORD));
    }

    private static byte[] point(ECPoint point) {
        ECPoint affine = point.normalize();
        byte[] out = Arrays.copyOf(word(affine.getAffineXCoord().toBigInteger(), WORD), 2 * WORD);
        System.arraycopy(word(affine.getAffineYCoord().toBigInteger(), WORD), 0, out, WORD, WORD);
        return out;
    }

    private static byte[] verify(byte[] in) {
        ECDSASigner signer = new ECDSASigner();
        ECPoint key = P256.getCurve().createPoint(number(in, 3 * WORD), number(in, 4 * WORD));
        signer.init(false, new ECPublicKeyParameters(key, new ECDomainParameters(P256)));
        boolean is = signer.verifySignature(Arrays.copyOf(in, WORD), number(in, WORD), number(in, 2 * WORD));
        return word(is ? BigInteger.ONE : BigInteger.ZERO, WORD);
    }
}
