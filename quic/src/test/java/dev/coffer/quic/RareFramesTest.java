package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.QuicVarint;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Version;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Frames that no peer of good will says, one or more packets of them, to a server and to a client, and the error that ends the connection (RFC 9000, sections 3 to 5 and 19). `#` is
/// an integer in its shortest form, `x` so many zeros, `|` ends a packet, the rest are octets.
class RareFramesTest extends Talk {
    private static final long STREAMS_MAX = 1L << 60;

    RareFramesTest() {
        super(QuicConfig.tight());  // 4 streams of both directions, 3 of one, windows of 256 and 1,024 bytes
    }

    private static byte[] frames(String said) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String word : said.trim().split(" +")) {
            if (word.startsWith("#")) {
                byte[] bytes = new byte[8];
                long value = Long.decode(word.substring(1));
                QuicVarint.set(MemorySegment.ofArray(bytes), 0, value, QuicVarint.bytes(value));
                all.write(bytes, 0, QuicVarint.bytes(value));
            } else if (word.startsWith("x")) {
                all.writeBytes(new byte[Integer.parseInt(word.substring(1))]);
            } else {
                all.writeBytes(HexFormat.of().parseHex(word));
            }
        }
        return all.toByteArray();
    }

    private void hear(QuicConnection target, String said) {
        QuicConnection peer = target == ends.server ? ends.client : ends.server;
        for (String packet : said.split("\\|")) {
            feed(target, packet(peer, frames(packet)), target == ends.server ? 0x0a000002 : 0x0a000001, target == ends.server ? 5000 : 443);
        }
    }

    private void endsWith(QuicConnection target, long code) {
        assertEquals(code < 0 ? Connection.OPEN : Connection.CLOSING, target.c.phase, target::toString);
        assertEquals(Math.max(0, code), target.closeCode());
    }

    @ParameterizedTest
    @CsvSource({
            // only servers say these (sections 19.7 and 19.20)
            "0x0a, 1e", "0x0a, 07 01 00",
            // directions: streams 2, 3 and 1, which is not open (sections 19.4, 19.5, 19.8, 19.10, 19.13)
            "5, 08 03", "5, 04 03 00 00", "5, 15 03 00", "5, 05 02 00", "5, 11 02 00", "5, 08 01", "5, 04 01 00 00", "5, 15 01 00", "5, 05 01 00",
            "5, 11 01 00",
            "5, 05 03 00", "5, 11 03 00",
            // a fifth stream, and a fourth of one direction, whatever names it (section 4.6)
            "4, 08 10", "4, 04 10 00 00", "4, 05 10 00", "4, 11 10 00", "4, 15 10 00", "4, 08 0e", "4, 15 0e 00", "-1, 08 0c", "-1, 15 0c 00", "-1, 08 0a",
            // the stream's window and the connection's (section 4.1)
            "3, 0e 00 #256 01 00", "-1, 0e 00 #255 01 00", "3, 04 00 00 #257", "-1, 04 00 00 #256",
            "3, 0a 00 #256 x256 | 0a 04 #256 x256 | 0a 08 #256 x256 | 0a 0c #256 x256 | 0a 02 01 00",
            "-1, 0a 00 #256 x256 | 0a 04 #256 x256 | 0a 08 #256 x256 | 0a 0c #255 x255 | 0a 02 01 00",
            // final sizes in each order (section 4.5)
            "6, 0f 00 00 03 x3 | 0e 00 03 01 00", "6, 0f 00 00 03 x3 | 0f 00 00 02 x2", "6, 0f 00 00 03 x3 | 04 00 00 04", "6, 0f 00 00 03 x3 | 04 00 00 02",
            "6, 04 00 00 03 | 0e 00 03 01 00", "6, 04 00 00 03 | 0f 00 00 02 x2", "6, 04 00 00 03 | 04 00 00 04", "6, 04 00 00 03 | 04 00 00 02",
            "6, 0a 00 05 x5 | 0f 00 00 03 x3", "6, 0a 00 05 x5 | 04 00 00 03", "6, 0e 00 05 01 00 | 0f 00 00 05 x5", "6, 0f 00 04 01 00 | 0e 00 05 01 00",
            "-1, 0f 00 00 03 x3 | 0f 00 00 03 x3 | 0a 00 02 x2 | 04 00 00 03", "-1, 04 00 00 03 | 04 00 07 03 | 0a 00 03 x3 | 0f 00 03 00",
            // limits of streams and their ends past what an integer holds (sections 19.8, 19.11, 19.14)
            "7, 12 #0x1000000000000001", "7, 13 #0x1000000000000001", "7, 16 #0x1000000000000001", "7, 17 #0x1000000000000001",
            "7, 0e 00 #0x3fffffffffffffff 01 00", "7, 06 #0x3fffffffffffffff 01 00",
            // IDs (sections 19.15 and 19.16)
            "7, 18 02 03 08 x24", "7, 18 02 00 00 x16", "7, 18 02 00 15 x37", "9, 18 02 00 08 x24", "-1, 18 02 01 08 x24", "0x0a, 18 00 00 08 x24",
            "0x0a, 19 02", "0x0a, 19 #0x3fffffffffffffff", "0x0a, 19 00", "-1, 19 01",
            // what nobody knows, longer types, no frame but padding, ACKs (sections 12.4, 13.1, 19.3.1)
            "7, 1f", "7, 21", "7, #0x1234", "0x0a, 4001", "0x0a, 800000001e", "-1, 00", "0x0a, 02 #0x3fffffffffffffff 00 00 00", "7, 02 00 00 00 01",
            "7, 02 03 00 01 00 02 00",
            // the handshake's words past what is kept (section 7.5), an answer to nothing (section 19.18), a reserved kind of close
            "0x0d, 06 #4096 01 00", "-1, 06 #4095 01 00", "-1, 1b x8", "-1, 14 00", "-1, 16 00"})
    void aServerHears(String code, String said) {
        converse();
        hear(ends.server, said);
        endsWith(ends.server, Long.decode(code));
    }

    @ParameterizedTest
    @CsvSource({
            "7, 07 00", "-1, 07 01 00", "-1, 1e",
            "5, 08 02", "5, 04 02 00 00", "5, 15 02 00", "5, 05 03 00", "5, 11 03 00", "5, 08 00", "5, 04 00 00 00", "5, 15 00 00", "5, 05 00 00",
            "5, 11 00 00", "5, 05 02 00", "5, 11 02 00",
            "4, 08 11", "4, 04 11 00 00", "4, 05 11 00", "4, 11 11 00", "4, 15 11 00", "4, 08 0f", "-1, 08 0d", "-1, 15 0d 00",
            "3, 0e 01 #256 01 00", "3, 04 01 00 #257", "6, 0f 01 00 03 x3 | 0e 01 03 01 00", "6, 04 01 00 03 | 0e 01 03 01 00",
            "6, 0a 01 05 x5 | 0f 01 00 03 x3",
            "7, 12 #0x1000000000000001", "7, 17 #0x1000000000000001",
            "7, 18 02 03 08 x24", "7, 18 02 00 00 x16", "9, 18 02 00 08 x24", "-1, 18 02 01 08 x24", "-1, 18 02 02 08 x24", "0x0a, 18 00 00 08 x24",
            "0x0a, 19 02", "0x0a, 19 00",
            "7, 1f", "0x0a, 4001", "0x0a, 02 #0x3fffffffffffffff 00 00 00", "0x0d, 06 #4096 01 00", "-1, 1b x8"})
    void aClientHears(String code, String said) {
        converse();
        hear(ends.client, said);
        endsWith(ends.client, Long.decode(code));
    }

    /// Section 4.6: what is at the limit is taken.
    @Test
    void asManyStreamsAsThereAreNumbersMayBeAllowed() {
        converse();
        hear(ends.server, "12 #" + STREAMS_MAX + " 13 #" + STREAMS_MAX + " 16 #" + STREAMS_MAX + " 17 #" + STREAMS_MAX);
        endsWith(ends.server, -1);
        assertTrue(ends.server.open(true) >= 0);
    }

    /// Sections 19.15 and 19.16: who has no ID gives none, and none is given back to who has none.
    @Test
    void whoHasNoIdGivesNoneAndHasNoneBack() {
        ends.client.reset(now);
        ends.clientLoop.ids.alone(0);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        converse();
        assertEquals(0, ConnectionId.length(ends.client.c.memory, LocalIds.at(ends.client.c, 0)));
        hear(ends.server, "18 01 00 08 x24");
        endsWith(ends.server, TransportError.PROTOCOL_VIOLATION);
        hear(ends.client, "19 00");
        endsWith(ends.client, TransportError.PROTOCOL_VIOLATION);
    }
}
