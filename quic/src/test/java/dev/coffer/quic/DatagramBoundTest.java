package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.quic.frame.TransportError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What max_datagram_frame_size bounds is the frame, its type and its length among them (RFC 9221, section 3).
class DatagramBoundTest extends Talk {
    private static final int QUEUE = 1104;
    private static final int MOST = QUEUE - 2;

    DatagramBoundTest() {
        super(QuicConfig.defaults().withDatagrams(QUEUE));
    }

    @ParameterizedTest
    @CsvSource({"0x30, 1101, false", "0x30, 1102, true", "0x31, 1099, false", "0x31, 1100, true", "0x31, 1101, true"})
    void aFrameThatIsLongerThanWasSaidIsAViolation(int type, int data, boolean violates) {
        converse();
        assertEquals(MOST, DatagramFrames.ownMax(ends.server.c.loop.config));
        byte[] frame = new byte[type == 0x30 ? 1 + data : 3 + data];
        frame[0] = (byte) type;
        if (type != 0x30) {
            frame[1] = (byte) (0x40 | data >>> 8);
            frame[2] = (byte) data;
        }
        feed(ends.server, packet(ends.client, frame), 0x0a000002, 5000);
        assertEquals(violates ? Connection.CLOSING : Connection.OPEN, ends.server.c.phase);
        assertEquals(violates ? TransportError.PROTOCOL_VIOLATION : TransportError.NO_ERROR, ends.server.closeCode());
        assertEquals(violates ? -1 : data, ends.server.datagramLength());
    }
}
