package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Point evaluation: a proof that holds, and everything that may be wrong with one. The first vector is go-ethereum's.
class KzgTest {
    private static final byte[] GOOD = HexFormat.of().parseHex("01e798154708fe7789429634053cbf9f99b619f9f084048927333fce637f549b"
            + "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306" + "24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1"
            + "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7"
            + "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a");
    private static final byte[] CONSTANTS = HexFormat.of()
            .parseHex("00".repeat(30) + "1000" + "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    private static final String ORDER = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

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
        assertArrayEquals(CONSTANTS, Kzg.evaluate(GOOD));
        // The polynomial that is 0 everywhere: its commitment and its proof are the point at infinity.
        byte[] zero = new byte[192];
        zero[31 + 32] = 7;
        zero[96] = (byte) 0xc0;
        zero[144] = (byte) 0xc0;
        assertArrayEquals(CONSTANTS, Kzg.evaluate(hashed(zero)));
        zero[95] = 1;
        assertNull(Kzg.evaluate(zero), "and nowhere 1");
    }

    @Test
    void whatIsWrongIsRefused() throws Exception {
        assertNull(Kzg.evaluate(flipped(0)), "version");
        assertNull(Kzg.evaluate(flipped(31)), "hash");
        assertNull(Kzg.evaluate(flipped(63)), "another z");
        assertNull(Kzg.evaluate(flipped(95)), "another y");
        assertNull(Kzg.evaluate(with(32, HexFormat.of().parseHex(ORDER))), "z of the order");
        assertNull(Kzg.evaluate(with(64, HexFormat.of().parseHex(ORDER))), "y of the order");
        assertNull(Kzg.evaluate(hashed(with(96, Arrays.copyOfRange(GOOD, 144, 192)))), "another commitment");
        assertNull(Kzg.evaluate(with(144, Arrays.copyOfRange(GOOD, 96, 144))), "another proof");
        byte[] none = new byte[48];
        assertNull(Kzg.evaluate(hashed(with(96, none))), "a commitment that is not compressed");
        Arrays.fill(none, (byte) 0xff);
        assertNull(Kzg.evaluate(with(144, none)), "a proof past the field");
        for (int x = 0; x < 4; x++) {                       // small x: no point, or one of another group
            byte[] small = new byte[48];
            small[0] = (byte) 0x80;
            small[47] = (byte) x;
            assertNull(Kzg.evaluate(with(144, small)), "x = " + x);
        }
        assertNull(Kzg.evaluate(Arrays.copyOf(GOOD, 191)));
        assertNull(Kzg.evaluate(Arrays.copyOf(GOOD, 193)));
    }
}
