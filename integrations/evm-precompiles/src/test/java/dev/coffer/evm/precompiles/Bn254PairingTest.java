package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The pairing of EIP-197: its bilinear law at the generators, both answers, and inputs that are none.
class Bn254PairingTest {
    private static final String P = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    private static final String ONE = word("1");
    private static final String TWO = word("2");
    private static final String G1 = ONE + TWO;
    private static final String MINUS_G1 = ONE + word(new BigInteger(P, 16).subtract(BigInteger.TWO).toString(16));
    private static final String G2 = "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
            + "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
            + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
            + "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
    private static final String NOWHERE = word("0").repeat(2);

    private static String word(String hex) {
        return "0".repeat(64 - hex.length()) + hex;
    }

    private static byte[] check(String... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String part : parts) {
            all.writeBytes(HexFormat.of().parseHex(part));
        }
        return Bn254Pairing.check(all.toByteArray());
    }

    private static void answers(String expected, String... parts) {
        byte[] answer = check(parts);
        assertNotNull(answer);
        assertEquals(word(expected), HexFormat.of().formatHex(answer));
    }

    @Test
    void theProductIsOneWhereTheExponentsCancelAndElseNot() {
        answers("1");
        answers("0", G1, G2);
        answers("1", G1, G2, MINUS_G1, G2);
        answers("0", G1, G2, G1, G2);
        answers("1", NOWHERE, G2, G1, NOWHERE + NOWHERE);
        answers("0", NOWHERE, G2, G1, G2);
    }

    @Test
    void whatIsNoListOfPointsOfBothGroupsIsRefusedWhereverItStands() {
        assertNull(Bn254Pairing.check(new byte[191]));
        assertNull(Bn254Pairing.check(new byte[193]));
        String offTheTwist = G2.substring(0, 255) + "b";
        for (String first : new String[] {"", G1 + G2}) {
            assertNull(check(first, ONE + ONE, G2), "off the curve");
            assertNull(check(first, ONE + P, G2), "not below p");
            assertNull(check(first, G1, offTheTwist), "off the twist");
            assertNull(check(first, G1, G2.substring(0, 192) + P), "not below p");
        }
    }
}
