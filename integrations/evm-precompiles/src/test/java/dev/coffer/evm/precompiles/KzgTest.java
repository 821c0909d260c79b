package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Point evaluation: a proof that holds, and everything that may be wrong with one. The first vector is go-ethereum's.
class KzgTest {
    static final String GENERATOR =
            "0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
                    + "0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
    static final String GOOD_TEXT = "01e798154708fe7789429634053cbf9f99b619f9f084048927333fce637f549b"
            + "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306" + "24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1"
            + "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7"
            + "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a";
    private static final byte[] GOOD = HexFormat.of().parseHex(GOOD_TEXT);
    private static final byte[] CONSTANTS = HexFormat.of()
            .parseHex("00".repeat(30) + "1000" + "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    private static final String ORDER = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

    /// Of both libraries.
    private static byte[] evaluate(byte[] in) {
        byte[] out = Kzg.evaluate(in);
        try (Arena arena = Arena.ofConfined()) {
            assertArrayEquals(out, CurveLibrariesTest.run(new BlstCurve(arena.allocate(BlstCurve.BYTES, 64)), 10, in));
        }
        return out;
    }

    private static byte[] with(int at, byte[] bytes) {
        byte[] in = GOOD.clone();
        System.arraycopy(bytes, 0, in, at, bytes.length);
        return in;
    }

    private static byte[] flipped(int at) {
        byte[] in = GOOD.clone();
        in[at] ^= 1;
        return in;
    }

    /// With the hash that belongs to its commitment.
    private static byte[] hashed(byte[] in) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOfRange(in, 96, 144));
        hash[0] = 1;
        System.arraycopy(hash, 0, in, 0, 32);
        return in;
    }

    @Test
    void aProofThatHoldsGivesTheTwoConstants() throws Exception {
        assertArrayEquals(CONSTANTS, evaluate(GOOD));
        // The polynomial that is 0 everywhere: its commitment and its proof are the point at infinity.
        byte[] zero = new byte[192];
        zero[31 + 32] = 7;
        zero[96] = (byte) 0xc0;
        zero[144] = (byte) 0xc0;
        assertArrayEquals(CONSTANTS, evaluate(hashed(zero)));
        zero[95] = 1;
        assertNull(evaluate(zero), "and nowhere 1");
    }

    @Test
    void whatIsWrongIsRefused() throws Exception {
        assertNull(evaluate(flipped(0)), "version");
        assertNull(evaluate(flipped(31)), "hash");
        assertNull(evaluate(flipped(63)), "another z");
        assertNull(evaluate(flipped(95)), "another y");
        assertNull(evaluate(with(32, HexFormat.of().parseHex(ORDER))), "z of the order");
        assertNull(evaluate(with(64, HexFormat.of().parseHex(ORDER))), "y of the order");
        assertNull(evaluate(hashed(with(96, Arrays.copyOfRange(GOOD, 144, 192)))), "another commitment");
        assertNull(evaluate(with(144, Arrays.copyOfRange(GOOD, 96, 144))), "another proof");
        byte[] none = new byte[48];
        assertNull(evaluate(hashed(with(96, none))), "a commitment that is not compressed");
        Arrays.fill(none, (byte) 0xff);
        assertNull(evaluate(with(144, none)), "a proof past the field");
        for (int x = 0; x < 4; x++) {                       // small x: no point, or one of another group
            byte[] small = new byte[48];
            small[0] = (byte) 0x80;
            small[47] = (byte) x;
            assertNull(evaluate(with(144, small)), "x = " + x);
        }
        assertNull(evaluate(Arrays.copyOf(GOOD, 191)));
        assertNull(evaluate(Arrays.copyOf(GOOD, 193)));
    }
}
