package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a client says early is filled up as well, as far as the server would pass over it where it does not take it (RFC 8446, section 4.2.10).
class EarlyPaddingTest extends EarlyPair {
    private static final int AROUND = Wire.RECORD_HEADER_BYTES + Aead.TAG_BYTES;

    /// {@return bytes that are protected in each record of a client's first words}
    private static List<Integer> inner(byte[] first) {
        return KeyLogTest.records(first).stream().filter(record -> record[0] == Wire.APPLICATION_DATA).map(record -> record.length - AROUND).toList();
    }

    private List<Integer> said(byte[] text, boolean taken) {
        mayEarly = false;  // it brings tickets for the next one
        resumable();
        mayEarly = true;
        if (!taken) {
            place.context().replayGuard(null);  // which has given tickets that say that it would
        }
        begin(text);
        byte[] first = said(client);
        hear(server, first);
        assertEquals(taken, server.isEarly(), text.length + " octets: " + inner(first));
        converse();
        assertTrue(client.isOpen() && server.isOpen(), client + ", " + server);
        assertEquals(taken, client.isEarlyTaken());
        assertArrayEquals(text, ear.heard.toByteArray());
        assertArrayEquals(text, speaker.heard.toByteArray());
        end();
        return inner(first);
    }

    private static byte[] text(int bytes) {
        byte[] text = new byte[bytes];
        Arrays.fill(text, (byte) 'x');
        return text;
    }

    @Test
    void whatIsSaidEarlyIsAMultiple() throws Exception {
        open(SERVER, CLIENT.withPaddingBytes(512));
        for (int bytes : new int[] {1, 100, 511, 512, 513, 5000}) {
            List<Integer> inner = said(text(bytes), true);
            assertFalse(inner.isEmpty());
            assertTrue(inner.stream().allMatch(length -> length % 512 == 0), bytes + ": " + inner);
        }
        assertEquals(List.of(512), said(text(100), false), "and is passed over with its zeros");
    }

    @Test
    void zerosAndContentAreNoMoreThanTheServerAllows() throws Exception {
        open(SERVER.withTickets(new TicketConfig(2, 1000, 1000)), CLIENT.withCarriedOutputBytesMin(64).withPaddingBytes(512));
        assertEquals(List.of(512), said(text(400), true));
        assertEquals(List.of(1001), said(text(700), true), "as many zeros as there is room for");
        assertEquals(List.of(1001), said(text(1000), true));
        assertEquals(List.of(512), said(text(511), true));
        List<Integer> inner = said(text(2000), true);
        assertEquals(1000, inner.stream().mapToInt(length -> length - 1).sum(), inner.toString());
    }

    @Test
    void aPartThatIsLongerThanTheRoomIsCut() throws Exception {
        open(SERVER, CLIENT.withPaddingBytes(16_384));
        assertEquals(List.of(16_384), said(text(10), true));
        assertEquals(List.of(16_384), said(text(16_000), true));
    }
}
