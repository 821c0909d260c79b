package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// Where the plan has no room for datagrams: none is spoken, and nothing is paid for them.
class NoDatagramFramesTest extends Talk {
    NoDatagramFramesTest() {
        super(QuicConfig.tight());
    }

    @Test
    void nothingIsPaidForThemAndSizesHaveTheirRange() {
        QuicConfig with = QuicConfig.tight().withDatagrams(256);
        long more = ConnectionLayout.coreBytes(with) - ConnectionLayout.coreBytes(QuicConfig.tight());
        assertTrue(more >= 2 * 256 && more <= 2 * 256 + 96, more + " bytes");
        assertEquals(0, DatagramFrames.bytes(QuicConfig.tight()));
        assertEquals(ConnectionLayout.coreBytes(with), ConnectionLayout.corePlan(with).totalBytes());
        assertEquals(ConnectionLayout.coreBytes(QuicConfig.tight()), ConnectionLayout.corePlan(QuicConfig.tight()).totalBytes());
        for (int wrong : new int[] {-8, 8, 56, 68, 1 << 16}) {
            assertThrows(IllegalArgumentException.class, () -> QuicConfig.tight().withDatagrams(wrong));
        }
        QuicConfig.tight().withDatagrams(64);
        QuicConfig.tight().withDatagrams((1 << 16) - 8);
    }

    @Test
    void oneThatComesIsAViolationAndNoneCanBeSent() {
        converse();
        assertEquals(0, ends.client.datagramBytesMax());
        assertFalse(ends.client.sendDatagram(MemorySegment.ofArray(new byte[1]), 0, 1));
        assertEquals(-1, ends.client.datagramLength());
        assertEquals(0, ends.client.datagramsLost() + ends.client.datagramsDropped());
        feed(ends.server, packet(ends.client, (byte) 0x31, (byte) 1, (byte) 7), 0x0a000002, 5000);
        assertEquals(TransportError.PROTOCOL_VIOLATION, ends.server.closeCode());
    }
}
