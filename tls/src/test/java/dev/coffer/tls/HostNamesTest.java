package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HostNamesTest {
    @Test
    void aStarStandsForOneWholeLabel() {
        assertTrue(HostNames.matches("Coffer.Test", "coffer.test."));
        assertTrue(HostNames.matches("*.coffer.test", "a.coffer.test"));
        assertFalse(HostNames.matches("*.coffer.test", "coffer.test"));
        assertFalse(HostNames.matches("*.coffer.test", "a.b.coffer.test"));
        assertFalse(HostNames.matches("*.coffer.test", ".coffer.test"));
        assertFalse(HostNames.matches("*.test", "coffer.test"), "a star for everything below a top level");
        assertFalse(HostNames.matches("a*.coffer.test", "ab.coffer.test"));
        assertFalse(HostNames.matches("coffer.test", "xcoffer.test"));
    }

    @Test
    void addressesAreTheSameHoweverTheyAreSpelt() {
        assertTrue(HostNames.isSameAddress("0:0:0:0:0:0:0:1", "::1"));
        assertTrue(HostNames.isSameAddress("2001:DB8::", "2001:db8:0:0:0:0:0:0"));
        assertFalse(HostNames.isSameAddress("::1", "::2"));
        for (String none : new String[] {"1.2.3", "1.2.3.256", "01.2.3.4", "1:2:3:4:5:6:7", "1::2::3", "1:2:3:4:5:6:7:8:9", "12345::", ":1:2:3:4:5:6:7",
                "1.2.3.4.", "::g", ""}) {
            assertFalse(HostNames.isSameAddress(none, none), none);
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            byte[] octets = new byte[i % 2 == 0 ? 4 : 16];
            for (int j = 0; j < octets.length; j++) {
                octets[j] = (byte) (random.nextInt(3) == 0 ? 0 : random.nextInt(256));
            }
            String text = address(octets);
            assertTrue(HostNames.isAddress(text), text);
            assertTrue(HostNames.isSameAddress(text, text), text);
        }
        assertEquals(true, HostNames.isAddress("127.0.0.1"));
        assertFalse(HostNames.isAddress("a.1"));
    }

    /// RFC 5952, section 4.2: the longest run, the first of those, and no single group.
    @Test
    void anAddressInAUrlLeavesOutItsLongestRunOfZeros() {
        assertEquals("[::1]", HostNames.literal("0:0:0:0:0:0:0:1"));
        assertEquals("[::]", HostNames.literal("0:0:0:0:0:0:0:0"));
        assertEquals("[2001:db8::]", HostNames.literal("2001:db8:0:0:0:0:0:0"));
        assertEquals("[2001:db8::1:0:0:1]", HostNames.literal("2001:db8:0:0:1:0:0:1"));
        assertEquals("[2001:0:0:1::1]", HostNames.literal("2001:0:0:1:0:0:0:1"));
        assertEquals("[2001:db8:0:1:1:1:1:1]", HostNames.literal("2001:db8:0:1:1:1:1:1"));
        assertEquals("[10:20::]", HostNames.literal("10:20:0:0:0:0:0:0"));
    }

    private static String address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets).getHostAddress();
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
