package dev.coffer.evm.precompiles;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/// Inputs of precompiles 10 to 17, from a seed: valid ones, and such with one thing wrong.
final class CurveInputs {
    private static final BigInteger P = new BigInteger("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16);
    private static final BigInteger R = Bls12381.ORDER;
    private static final int ELEMENT = 64;
    private static final int WORD = 32;

    private final Random random;
    private final byte[][] ones = new byte[8][];                            // points of G1, then some outside: of order 3 the last two
    private final byte[][] twos = new byte[8][];                            // of G2

    CurveInputs(long seed, CurvePrecompiles curve) {
        random = new Random(seed);
        for (int i = 0; i < 4; i++) {
            ones[i] = CurveLibrariesTest.run(curve, 16, element());
            twos[i] = CurveLibrariesTest.run(curve, 17, join(element(), element()));
        }
        ones[4] = outside();
        ones[5] = outside();
        ones[6] = join(bytes(BigInteger.ZERO, ELEMENT), bytes(BigInteger.TWO, ELEMENT));
        ones[7] = join(bytes(BigInteger.ZERO, ELEMENT), bytes(P.subtract(BigInteger.TWO), ELEMENT));
        for (int i = 4; i < 8; i++) {
            twos[i] = outsideTwo();
        }
    }

    /// {@return an input of a precompile}
    ///
    /// @param right  whether it should be a valid one, of few points
    byte[] next(int number, boolean right) {
        byte[] in = switch (number) {
            case 10 -> proof();
            case 11 -> join(one(true), one(true));
            case 12 -> multiples(12, 1 + random.nextInt(3));
            case 13 -> join(two(true), two(true));
            case 14 -> multiples(14, 1 + random.nextInt(2));
            case 15 -> pairs(2 * random.nextInt(2) + 2);
            case 16 -> element();
            default -> join(element(), element());
        };
        return right ? in : spoil(number, in);
    }

    /// One thing is wrong with it, at most.
    private byte[] spoil(int number, byte[] in) {
        byte[] out = in.clone();
        int at = random.nextInt(in.length);
        int element = at / ELEMENT * ELEMENT;
        switch (random.nextInt(12)) {
            case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> out = Arrays.copyOf(in, in.length - 1);
            case 2 -> out = Arrays.copyOf(in, in.length + 1);
            case 3 -> out = Arrays.copyOf(in, random.nextInt(in.length));
            case 4 -> out = new byte[0];
            case 5 -> put(P, out, element);
            case 6 -> put(P.add(BigInteger.valueOf(random.nextInt(3) - 1)), out, element);
            case 7 -> put(new BigInteger(8 * ELEMENT, random), out, element);
            case 8 -> out[Math.min(element + random.nextInt(16), in.length - 1)] = 1;
            case 9 -> Arrays.fill(out, element, Math.min(element + ELEMENT, in.length), (byte) 0xff);
            case 10 -> out = outside(number, in);
            default -> random.nextBytes(out);
        }
        return out;
    }

    /// With a point outside the group, where that matters; or an element plus p.
    private byte[] outside(int number, byte[] in) {
        byte[] out = in.clone();
        int which = 4 + random.nextInt(4);
        switch (number) {
            case 12, 15 -> System.arraycopy(ones[which], 0, out, 0, ones[which].length);
            case 14 -> System.arraycopy(twos[which], 0, out, 0, twos[which].length);
            case 11 -> System.arraycopy(ones[which], 0, out, 128, 128);
            case 13 -> System.arraycopy(twos[which], 0, out, 256, 256);
            default -> put(new BigInteger(1, Arrays.copyOf(in, ELEMENT)).add(P), out, 0);
        }
        if (number == 15 && random.nextBoolean()) {
            System.arraycopy(in, 0, out, 0, 128);
            System.arraycopy(twos[which], 0, out, 128, 256);
        }
        return out;
    }

    private static void put(BigInteger value, byte[] out, int at) {
        byte[] bytes = bytes(value, ELEMENT);
        System.arraycopy(bytes, 0, out, at, Math.min(ELEMENT, out.length - at));
    }

    /// {@return points with numbers, some of them infinite, zero, or the one before once more}
    byte[] multiples(int number, int count) {
        return multiples(number, count, true);
    }

    /// @param infinite  whether some points may be
    byte[] multiples(int number, int count, boolean infinite) {
        byte[][] points = new byte[count][];
        for (int i = 0; i < count; i++) {
            points[i] = i > 0 && random.nextInt(5) == 0 ? points[i - 1] : point(number, infinite);
        }
        int pair = (number == 12 ? 128 : 256) + WORD;
        byte[] all = new byte[count * pair];
        for (int i = 0; i < count; i++) {
            System.arraycopy(points[i], 0, all, i * pair, pair - WORD);
            System.arraycopy(scalar(), 0, all, (i + 1) * pair - WORD, WORD);
        }
        return all;
    }

    /// {@return pairs whose product is one: each has its opposite half of them further on; no point of the last is infinite}
    byte[] pairs(int count) {
        byte[] all = new byte[384 * count];
        int half = count / 2;
        for (int i = 0; i < half; i++) {
            boolean last = i == half - 1;
            byte[] p = last ? ones[random.nextInt(4)] : one(false);
            byte[] q = last ? twos[random.nextInt(4)] : two(false);
            byte[] opposite = p.clone();
            BigInteger y = new BigInteger(1, Arrays.copyOfRange(p, ELEMENT, 2 * ELEMENT));
            put(y.negate().mod(P), opposite, ELEMENT);
            System.arraycopy(join(p, q), 0, all, 384 * i, 384);
            System.arraycopy(join(opposite, q), 0, all, 384 * (half + i), 384);
        }
        return all;
    }

    private byte[] point(int number, boolean infinite) {
        if (infinite) {
            return number == 12 ? one(false) : two(false);
        }
        return (number == 12 ? ones : twos)[random.nextInt(4)];
    }

    private byte[] scalar() {
        BigInteger[] edges =
                {BigInteger.ZERO, BigInteger.ONE, R, R.subtract(BigInteger.ONE), R.add(BigInteger.ONE), BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)};
        return bytes(random.nextInt(4) == 0 ? edges[random.nextInt(edges.length)] : new BigInteger(256, random), WORD);
    }

    private byte[] one(boolean any) {
        return random.nextInt(8) == 0 ? new byte[128] : ones[random.nextInt(any ? 8 : 4)];
    }

    private byte[] two(boolean any) {
        return random.nextInt(8) == 0 ? new byte[256] : twos[random.nextInt(any ? 8 : 4)];
    }

    private byte[] element() {
        BigInteger[] edges = {BigInteger.ZERO, BigInteger.ONE, P.subtract(BigInteger.ONE)};
        return bytes(random.nextInt(8) == 0 ? edges[random.nextInt(edges.length)] : new BigInteger(400, random).mod(P), ELEMENT);
    }

    /// A point of the curve; of 2^125 of them not one is in the group.
    private byte[] outside() {
        for (;;) {
            BigInteger x = new BigInteger(400, random).mod(P);
            BigInteger square = x.pow(3).add(BigInteger.valueOf(4)).mod(P);
            BigInteger y = square.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
            if (y.multiply(y).mod(P).equals(square)) {
                return join(bytes(x, ELEMENT), bytes(y, ELEMENT));
            }
        }
    }

    private byte[] outsideTwo() {
        return Bls12381.mapWithoutClearing(join(element(), element()));
    }

    /// The polynomial that is y everywhere: its commitment is y G1, its proof the infinite point; or a known proof.
    private byte[] proof() {
        byte[] known = HexFormat.of().parseHex(KzgTest.GOOD_TEXT);
        if (random.nextInt(3) == 0) {
            return known;
        }
        byte[] y = bytes(new BigInteger(300, random).mod(R), WORD);
        byte[] point = Bls12381.multiplyG1(join(HexFormat.of().parseHex(KzgTest.GENERATOR), y));
        byte[] in = new byte[192];
        System.arraycopy(bytes(new BigInteger(300, random).mod(R), WORD), 0, in, WORD, WORD);
        System.arraycopy(y, 0, in, 2 * WORD, WORD);
        System.arraycopy(point, 16, in, 3 * WORD, 48);
        BigInteger top = new BigInteger(1, Arrays.copyOfRange(point, ELEMENT, 2 * ELEMENT));
        in[3 * WORD] |= (byte) (top.compareTo(P.shiftRight(1)) > 0 ? 0xa0 : 0x80);
        in[144] = (byte) 0xc0;
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOfRange(in, 3 * WORD, 144));
            hash[0] = 1;
            System.arraycopy(hash, 0, in, 0, WORD);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        return in;
    }

    private static byte[] bytes(BigInteger value, int length) {
        return LibraryPrecompiles.bytes(value, length);
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
