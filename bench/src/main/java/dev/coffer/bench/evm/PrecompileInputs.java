package dev.coffer.bench.evm;

import dev.coffer.evm.Precompiles;
import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/// Inputs of each precompile that it answers, seeded: random numbers, and points that are random multiples or what random elements are mapped to.
final class PrecompileInputs {
    private static final int WORD = 32;
    private static final int ELEMENT = 64;
    private static final int G1 = 2 * ELEMENT;
    private static final int G2 = 4 * ELEMENT;
    private static final int RECOVER = 4 * WORD;
    private static final int BLAKE = 213;
    private static final String TWIST_BASE =
            "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
                    + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
    /// Of the Wycheproof vectors.
    private static final String SIGNED =
            "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bfefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                    + "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda860fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                    + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    /// Of go-ethereum.
    private static final String PROOF =
            "01e798154708fe7789429634053cbf9f99b619f9f084048927333fce637f549b564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306"
                    + "24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a18f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca2"
                    + "5f26936857bc3a7c2539ea8ec3a952b7873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a";

    private final Random random = new Random(7883);
    private final Precompiles core;
    private final Precompiles library;

    PrecompileInputs(Precompiles core, Precompiles library) {
        this.core = core;
        this.library = library;
    }

    private static byte[] run(Precompiles computes, int number, byte[] in) {
        byte[] out = new byte[1024];
        long written = computes.run(number, Fork.OSAKA, MemorySegment.ofArray(in), 0, in.length, MemorySegment.ofArray(out), 0);
        return Arrays.copyOf(out, (int) Math.max(written, 0));
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /// Any r that is a point's x, and any s, are somebody's signature.
    byte[] recover() {
        byte[] in;
        do {
            in = bytes(RECOVER);
            Arrays.fill(in, WORD, 2 * WORD - 1, (byte) 0);
            in[2 * WORD - 1] = 27;
            in[2 * WORD] = 1;
            in[3 * WORD] = 1;
        } while (run(core, 1, in).length == 0);
        return in;
    }

    byte[] power(int bytes, int exponentBytes, boolean odd) {
        byte[] in = bytes(3 * WORD + 2 * bytes + exponentBytes);
        Arrays.fill(in, 0, 3 * WORD, (byte) 0);
        length(in, 0, bytes);
        length(in, WORD, exponentBytes);
        length(in, 2 * WORD, bytes);
        int exponent = 3 * WORD + bytes;
        int modulus = exponent + exponentBytes;
        if (exponentBytes <= 3) {                                          // 65537, or 2
            Arrays.fill(in, exponent, modulus, (byte) 0);
            in[exponent] = 1;
            in[modulus - 1] = (byte) (exponentBytes == 1 ? 2 : 1);
        } else {
            in[exponent] |= (byte) 0x80;
        }
        in[modulus] |= (byte) 0x80;
        in[in.length - 1] = (byte) (in[in.length - 1] & ~7 | (odd ? 1 : 4));
        return in;
    }

    private static void length(byte[] in, int word, int value) {
        in[word + WORD - 2] = (byte) (value >> 8);
        in[word + WORD - 1] = (byte) value;
    }

    private byte[] point254() {
        byte[] in = bytes(3 * WORD);
        Arrays.fill(in, 0, 2 * WORD, (byte) 0);
        in[WORD - 1] = 1;
        in[2 * WORD - 1] = 2;
        return run(core, 7, in);
    }

    byte[] sum254() {
        return join(point254(), point254());
    }

    byte[] multiple254() {
        byte[] number = bytes(WORD);
        number[0] |= (byte) 0x80;
        return join(point254(), number);
    }

    byte[] pairs254(int count) {
        byte[] all = {};
        for (int i = 0; i < count; i++) {
            all = join(all, join(point254(), HexFormat.of().parseHex(TWIST_BASE)));
        }
        return all;
    }

    byte[] blake(int rounds) {
        byte[] in = bytes(BLAKE);
        for (int i = 0; i < 4; i++) {
            in[i] = (byte) (rounds >>> 24 - 8 * i);
        }
        in[BLAKE - 1] = 1;
        return in;
    }

    byte[] evaluation() {
        return HexFormat.of().parseHex(PROOF);
    }

    byte[] signature() {
        return HexFormat.of().parseHex(SIGNED);
    }

    byte[] element() {
        byte[] in = bytes(ELEMENT);
        Arrays.fill(in, 0, 17, (byte) 0);                                  // below p
        return in;
    }

    byte[] elements() {
        return join(element(), element());
    }

    private byte[] pointG1() {
        return run(library, 16, element());
    }

    private byte[] pointG2() {
        return run(library, 17, elements());
    }

    byte[] sumG1() {
        return join(pointG1(), pointG1());
    }

    byte[] sumG2() {
        return join(pointG2(), pointG2());
    }

    byte[] multiplesG1(int count) {
        return multiples(count, G1);
    }

    byte[] multiplesG2(int count) {
        return multiples(count, G2);
    }

    private byte[] multiples(int count, int point) {
        byte[] all = bytes(count * (point + WORD));
        for (int i = 0; i < count; i++) {
            System.arraycopy(point == G1 ? pointG1() : pointG2(), 0, all, i * (point + WORD), point);
        }
        return all;
    }

    byte[] pairsBls(int count) {
        byte[] all = {};
        for (int i = 0; i < count; i++) {
            all = join(all, join(pointG1(), pointG2()));
        }
        return all;
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
