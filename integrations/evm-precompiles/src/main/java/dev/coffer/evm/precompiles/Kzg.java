package dev.coffer.evm.precompiles;

import dev.coffer.crypto.Hash;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.bls.BLS12_381G1;
import org.bouncycastle.crypto.bls.BLS12_381G2;
import org.bouncycastle.crypto.bls.BLS12_381G2Point;
import org.bouncycastle.crypto.bls.BLS12_381Pairing;
import org.bouncycastle.crypto.bls.BLS12_381Serialization;
import org.bouncycastle.crypto.bls.Fp12Element;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/// Precompile 10, point evaluation (EIP-4844), on Bouncy Castle's BLS12-381: whether the polynomial that a commitment is of has the value y at z. About a third
/// of a second. Stateless, thread-safe.
final class Kzg {
    private static final int WORD = 32;
    private static final int POINT = 48;
    private static final int INPUT_BYTES = 3 * WORD + 2 * POINT;
    private static final int VERSION = 1;
    private static final BigInteger BLOB_ELEMENTS = BigInteger.valueOf(4096);
    private static final BigInteger ORDER = Bls12381.ORDER;
    private static final ECCurve G1 = Bls12381.G1;
    /// The secret of the main network's ceremony times the generator of G2: the setup's second point of that group.
    static final String TAU_COMPRESSED = "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72"
            + "185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2";

    /// Made by who needs it: the other form has the text alone.
    private static final class Setup {
        static final BLS12_381G2Point TAU = BLS12_381Serialization.decompressG2(HexFormat.of().parseHex(TAU_COMPRESSED));
    }

    private Kzg() {}

    /// {@return two constants where the proof holds, or null}
    static byte[] evaluate(byte[] in) {
        if (in.length != INPUT_BYTES) {
            return null;
        }
        byte[] commitment = Arrays.copyOfRange(in, 3 * WORD, 3 * WORD + POINT);
        BigInteger z = LibraryPrecompiles.number(in, WORD, WORD);
        BigInteger y = LibraryPrecompiles.number(in, 2 * WORD, WORD);
        if (!Arrays.equals(in, 0, WORD, versionedHash(commitment), 0, WORD) || z.compareTo(ORDER) >= 0 || y.compareTo(ORDER) >= 0) {
            return null;
        }
        ECPoint c;
        ECPoint proof;
        try {
            c = BLS12_381Serialization.decompressG1(commitment, G1);
            proof = BLS12_381Serialization.decompressG1(Arrays.copyOfRange(in, 3 * WORD + POINT, INPUT_BYTES), G1);
        } catch (IllegalArgumentException e) {
            return null;  // no points
        }
        if (!Bls12381.isInGroup(c) || !Bls12381.isInGroup(proof) || !holds(c, z, y, proof)) {
            return null;
        }
        byte[] out = Arrays.copyOf(LibraryPrecompiles.bytes(BLOB_ELEMENTS, WORD), 2 * WORD);
        System.arraycopy(LibraryPrecompiles.bytes(ORDER, WORD), 0, out, WORD, WORD);
        return out;
    }

    /// e(c - y G1, G2) = e(proof, (tau - z) G2).
    private static boolean holds(ECPoint c, BigInteger z, BigInteger y, ECPoint proof) {
        BLS12_381G2Point generator = BLS12_381G2.getGenerator();
        ECPoint left = c.subtract(BLS12_381G1.getGenerator(G1).multiply(y)).normalize();
        BLS12_381G2Point right = z.signum() == 0 ? Setup.TAU : Setup.TAU.add(generator.multiply(z).negate());
        return pair(left, generator).equals(pair(proof.normalize(), right));
    }

    private static Fp12Element pair(ECPoint p, BLS12_381G2Point q) {
        return p.isInfinity() || q.isInfinity() ? Fp12Element.ONE : BLS12_381Pairing.pair(p, q);
    }

    private static byte[] versionedHash(byte[] commitment) {
        byte[] hash = new byte[WORD];
        try (Arena arena = Arena.ofConfined()) {
            Hash.SHA_256.hash(arena.allocate(Hash.STATE_BYTES_MAX), 0, MemorySegment.ofArray(commitment), 0, POINT, MemorySegment.ofArray(hash), 0);
        }
        hash[0] = VERSION;
        return hash;
    }
}
