package dev.coffer.memory.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// The header that travels beside a datagram, and the path in it: bytes as they are drawn in the documentation.
class DatagramHeaderTest {
    private static final int REMOTE = 0xc0000201;  // 192.0.2.1
    private static final int LOCAL = 0xc6336402;   // 198.51.100.2
    private final MemorySegment memory = MemorySegment.ofArray(new byte[120]);

    @Test
    void liesAsItIsDrawn() {
        NetworkPath.ipv4(memory, 3, REMOTE, 4433, LOCAL, 65_535);
        DatagramHeader.ecn(memory, 3, DatagramHeader.CE);
        DatagramHeader.segmentBytes(memory, 3, 1200);
        assertEquals("000000" + "00000000000000000000ffffc0000201" + "00000000000000000000ffffc6336402" + "1151" + "ffff"
                + "00000000" + "03" + "00" + "04b0" + "00000000",
                HexFormat.of().formatHex(memory.asSlice(0, 3 + DatagramHeader.BYTES).toArray(ValueLayout.JAVA_BYTE)));
        assertEquals(4433, NetworkPath.remotePort(memory, 3));
        assertEquals(65_535, NetworkPath.localPort(memory, 3));
        assertTrue(NetworkPath.isIpv4(memory, 3));
        assertEquals(3, DatagramHeader.ecn(memory, 3));
        assertEquals(1200, DatagramHeader.segmentBytes(memory, 3));
    }

    @Test
    void anUnknownLocalAddressIsAllZeros() {
        memory.fill((byte) -1);
        NetworkPath.ipv4(memory, 0, REMOTE, 1, 0, 2);
        for (long i = 0; i < NetworkPath.ADDRESS_BYTES; i++) {
            assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, NetworkPath.LOCAL + i));
        }
    }

    @Test
    void isEqualOnlyWhereEveryByteIs() {
        NetworkPath.ipv4(memory, 0, REMOTE, 4433, LOCAL, 443);
        for (int i = 0; i < NetworkPath.BYTES; i++) {
            NetworkPath.copy(memory, 0, memory, 48);
            assertTrue(NetworkPath.equal(memory, 0, memory, 48));
            assertTrue(NetworkPath.isSameRemoteHost(memory, 0, memory, 48));
            memory.set(ValueLayout.JAVA_BYTE, 48 + i, (byte) ~memory.get(ValueLayout.JAVA_BYTE, 48 + i));
            assertFalse(NetworkPath.equal(memory, 0, memory, 48), "byte " + i);
            boolean host = i < NetworkPath.ADDRESS_BYTES || i >= NetworkPath.ZONE;
            assertEquals(!host, NetworkPath.isSameRemoteHost(memory, 0, memory, 48), "byte " + i);
        }
    }

    @Test
    void whatLayThereBeforeDoesNotMatter() {
        memory.fill((byte) -1);
        NetworkPath.ipv4(memory, 0, REMOTE, 1, LOCAL, 2);
        assertEquals(0, memory.get(ValueLayout.JAVA_INT_UNALIGNED, NetworkPath.ZONE), "an IPv4 address has no zone");
        assertEquals(DatagramHeader.CE, DatagramHeader.ecn(memory, 0), "the other bits of the octet are not ECN's");
    }

    @Test
    void countsSegmentsOfWhichTheLastMayBeShorter() {
        DatagramHeader.segmentBytes(memory, 0, 1200);
        assertEquals(0, DatagramHeader.segments(memory, 0, 0));
        assertEquals(1, DatagramHeader.segments(memory, 0, 1));
        assertEquals(1, DatagramHeader.segments(memory, 0, 1200));
        assertEquals(2, DatagramHeader.segments(memory, 0, 1201));
        assertEquals(0, DatagramHeader.segments(memory, 48, 1200), "a size that was never written");
    }

    @Test
    void refusesWhatCannotBe() {
        byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
        for (int wrong : new int[] {-1, 4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> DatagramHeader.ecn(memory, 0, wrong));
        }
        for (int wrong : new int[] {-1, 0, 65_508, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> DatagramHeader.segmentBytes(memory, 0, wrong));
        }
        for (int wrong : new int[] {-1, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> NetworkPath.ipv4(memory, 0, REMOTE, wrong, LOCAL, 1));
            assertThrows(IllegalArgumentException.class, () -> NetworkPath.ipv4(memory, 0, REMOTE, 1, LOCAL, wrong));
        }
        assertEquals(HexFormat.of().formatHex(before), HexFormat.of().formatHex(memory.toArray(ValueLayout.JAVA_BYTE)));
        for (long at : new long[] {-1000, 120, Long.MAX_VALUE - 100, Long.MIN_VALUE}) {
            List<Executable> calls = List.of(() -> DatagramHeader.ecn(memory, at), () -> DatagramHeader.ecn(memory, at, 1),
                    () -> DatagramHeader.segmentBytes(memory, at), () -> DatagramHeader.segmentBytes(memory, at, 1),
                    () -> DatagramHeader.segments(memory, at, 1), () -> NetworkPath.remotePort(memory, at),
                    () -> NetworkPath.localPort(memory, at), () -> NetworkPath.isIpv4(memory, at),
                    () -> NetworkPath.ipv4(memory, at, 1, 1, 1, 1), () -> NetworkPath.copy(memory, at, memory, 0),
                    () -> NetworkPath.copy(memory, 0, memory, at), () -> NetworkPath.equal(memory, at, memory, 0),
                    () -> NetworkPath.equal(memory, 0, memory, at), () -> NetworkPath.isSameRemoteHost(memory, at, memory, 0),
                    () -> NetworkPath.isSameRemoteHost(memory, 0, memory, at));
            for (int i = 0; i < calls.size(); i++) {
                assertThrows(IndexOutOfBoundsException.class, calls.get(i), "call " + i + " at " + at);
            }
        }
    }
}
