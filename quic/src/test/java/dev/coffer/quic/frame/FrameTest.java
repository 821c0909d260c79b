package dev.coffer.quic.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.quic.packet.Hex;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Frames: what is written is read; each limit at it and one past; where each type may stand.
class FrameTest {
    private static final long VALUE_MAX = QuicVarint.VALUE_MAX;

    private final Arena arena = Arena.ofConfined();
    private final FrameReader reader = new FrameReader();
    private final MemorySegment out = arena.allocate(1500);
    private final MemorySegment bytes = arena.allocate(1500).fill((byte) 0x5a);

    @AfterEach
    void close() {
        arena.close();
    }

    private int read(String digits) {
        return read(digits, PacketType.ONE_RTT, false);
    }

    private int read(String digits, PacketType in, boolean fromClient) {
        MemorySegment frames = Hex.of(arena, digits);
        reader.begin(frames, 0, frames.byteSize(), in, fromClient);
        return reader.next();
    }

    private void wrong(long error, String digits) {
        assertEquals(FrameReader.END, read(digits), digits);
        assertEquals(error, reader.error(), digits);
        assertEquals(FrameReader.END, reader.next());
    }

    /// Begins the frame that was written up to `end`, and steps to it.
    private void written(long end, int type) {
        reader.begin(out, 3, end, PacketType.ONE_RTT, false);
        assertEquals(type, reader.next());
        assertEquals(end - 3, reader.frameBytes());
        assertEquals(FrameReader.END, reader.next());
        assertEquals(TransportError.NO_ERROR, reader.error());
        reader.begin(out, 3, end, PacketType.ONE_RTT, false);
        reader.next();
    }

    private static long number(SplittableRandom random) {
        return random.nextLong(VALUE_MAX >>> random.nextInt(62));
    }

    @Test
    void framesOfIntegersAreReadAsTheyWereWritten() {
        Seeds.forEach(1, 500, random -> {
            long a = number(random);
            long b = number(random);
            long c = number(random);
            long end = 1500;
            written(FrameWriter.ping(out, 3, end), FrameType.PING);
            written(FrameWriter.handshakeDone(out, 3, end), FrameType.HANDSHAKE_DONE);
            written(FrameWriter.resetStream(out, 3, end, a, b, c), FrameType.RESET_STREAM);
            assertEquals(List.of(a, b, c), List.of(reader.streamId(), reader.code(), reader.finalSize()));
            written(FrameWriter.stopSending(out, 3, end, a, b), FrameType.STOP_SENDING);
            assertEquals(List.of(a, b), List.of(reader.streamId(), reader.code()));
            written(FrameWriter.maxData(out, 3, end, a), FrameType.MAX_DATA);
            assertEquals(a, reader.maximum());
            written(FrameWriter.maxStreamData(out, 3, end, a, b), FrameType.MAX_STREAM_DATA);
            assertEquals(List.of(a, b), List.of(reader.streamId(), reader.maximum()));
            written(FrameWriter.dataBlocked(out, 3, end, a), FrameType.DATA_BLOCKED);
            assertEquals(a, reader.maximum());
            written(FrameWriter.streamDataBlocked(out, 3, end, a, b), FrameType.STREAM_DATA_BLOCKED);
            assertEquals(List.of(a, b), List.of(reader.streamId(), reader.maximum()));
            long streams = Math.min(a, FrameReader.STREAMS_MAX);
            written(FrameWriter.maxStreams(out, 3, end, true, streams), FrameType.MAX_STREAMS_BIDIRECTIONAL);
            written(FrameWriter.maxStreams(out, 3, end, false, streams), FrameType.MAX_STREAMS_UNIDIRECTIONAL);
            written(FrameWriter.streamsBlocked(out, 3, end, true, streams), FrameType.STREAMS_BLOCKED_BIDIRECTIONAL);
            written(FrameWriter.streamsBlocked(out, 3, end, false, streams), FrameType.STREAMS_BLOCKED_UNIDIRECTIONAL);
            assertEquals(streams, reader.maximum());
            written(FrameWriter.retireConnectionId(out, 3, end, a), FrameType.RETIRE_CONNECTION_ID);
            assertEquals(a, reader.sequence());
        });
    }

    @Test
    void framesWithBytesAreReadAsTheyWereWritten() {
        Seeds.forEach(1, 500, random -> {
            long a = number(random);
            int length = 1 + random.nextInt(300);
            long end = 1500;
            written(FrameWriter.newToken(out, 3, end, bytes, 0, length), FrameType.NEW_TOKEN);
            bytes(length);
            written(FrameWriter.pathChallenge(out, 3, end, bytes, 0), FrameType.PATH_CHALLENGE);
            bytes(8);
            written(FrameWriter.pathResponse(out, 3, end, bytes, 0), FrameType.PATH_RESPONSE);
            bytes(8);
            written(FrameWriter.connectionClose(out, 3, end, a, a / 2, bytes, 0, length), FrameType.CONNECTION_CLOSE);
            bytes(length);
            assertEquals(List.of(a, a / 2), List.of(reader.code(), reader.closedFor()));
            written(FrameWriter.applicationClose(out, 3, end, a, bytes, 0, length), FrameType.CONNECTION_CLOSE_APPLICATION);
            bytes(length);
            assertEquals(a, reader.code());
            int id = 1 + random.nextInt(20);
            MemorySegment place = Hex.id(arena, "c1".repeat(id));
            written(FrameWriter.newConnectionId(out, 3, end, a, a / 2, place, 0, bytes, 0), FrameType.NEW_CONNECTION_ID);
            assertEquals(List.of(a, a / 2, (long) id), List.of(reader.sequence(), reader.retirePriorTo(), (long) reader.idLength()));
            assertEquals("c1".repeat(id), Hex.of(out, reader.idAt(), id));
            bytes(16);
        });
    }

    private void bytes(int length) {
        assertEquals(length, reader.dataLength());
        assertTrue(out.asSlice(reader.dataAt(), length).mismatch(bytes.asSlice(0, length)) < 0);
    }

    @Test
    void framesWithDataAreReadAsTheyWereWritten() {
        Seeds.forEach(1, 1_000, random -> {
            long stream = number(random);
            int length = random.nextInt(300);
            long offset = random.nextBoolean() ? 0 : Math.min(number(random), VALUE_MAX - length);
            boolean fin = random.nextBoolean();
            boolean measured = random.nextBoolean();
            long end = measured ? 1500 : 3 + FrameWriter.streamBytes(stream, offset, -1) + length;
            long at = FrameWriter.stream(out, 3, end, stream, offset, length, fin, measured);
            assertEquals(3 + FrameWriter.streamBytes(stream, offset, measured ? length : -1), at);
            written(at + length, FrameType.STREAM | (fin ? 1 : 0) | (measured ? 2 : 0) | (offset > 0 ? 4 : 0));
            assertEquals(List.of(stream, offset, at, (long) length), List.of(reader.streamId(), reader.offset(), reader.dataAt(), reader.dataLength()));
            assertEquals(fin, reader.isFin());
            at = FrameWriter.crypto(out, 3, 1500, offset, length);
            assertEquals(3 + FrameWriter.cryptoBytes(offset, length), at);
            written(at + length, FrameType.CRYPTO);
            assertEquals(List.of(offset, at, (long) length), List.of(reader.offset(), reader.dataAt(), reader.dataLength()));
            assertFalse(reader.isFin());
            at = FrameWriter.datagram(out, 3, 1500, length);
            assertEquals(3 + FrameWriter.datagramBytes(length), at);
            written(at + length, FrameType.DATAGRAM_LENGTH);
            assertEquals(List.of(at, (long) length), List.of(reader.dataAt(), reader.dataLength()));
        });
        assertEquals(FrameType.DATAGRAM, read("30aabb"));
        assertEquals(2, reader.dataLength());
        assertThrows(IllegalArgumentException.class, () -> FrameWriter.stream(out, 0, 100, 0, 0, 5, false, false));
    }

    @Test
    void noFrameIsWrittenPastItsRoom() {
        MemorySegment id = Hex.id(arena, "aabb");
        for (int room = 0; room < 64; room++) {
            long end = room;
            out.fill((byte) 0);
            long[] ends = {FrameWriter.ping(out, 0, end), FrameWriter.resetStream(out, 0, end, 100, 20_000, 3),
                    FrameWriter.stopSending(out, 0, end, 1, 1 << 20),
                    FrameWriter.maxData(out, 0, end, 1L << 40), FrameWriter.newToken(out, 0, end, bytes, 0, 30),
                    FrameWriter.pathResponse(out, 0, end, bytes, 0),
                    FrameWriter.newConnectionId(out, 0, end, 7, 0, id, 0, bytes, 0), FrameWriter.connectionClose(out, 0, end, 1, 2, bytes, 0, 40),
                    FrameWriter.applicationClose(out, 0, end, 300, bytes, 0, 40), FrameWriter.crypto(out, 0, end, 70, 20),
                    FrameWriter.stream(out, 0, end, 4, 70, 20, true, true), FrameWriter.datagram(out, 0, end, 20), FrameWriter.handshakeDone(out, 0, end)};
            int[] needs = {1, 8, 6, 9, 32, 9, 22, 4, 4, 24, 25, 22, 1};
            int[] data = {0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 20, 20, 0};
            for (int i = 0; i < ends.length; i++) {
                assertEquals(room >= needs[i], ends[i] != FrameWriter.NO_ROOM, "frame " + i + " in " + room);
                assertTrue(ends[i] == FrameWriter.NO_ROOM || ends[i] + data[i] <= room, "frame " + i + " in " + room);
            }
            assertEquals(0, out.get(java.lang.foreign.ValueLayout.JAVA_BYTE, room), "room " + room);
        }
    }

    @Test
    void theRoomThatIsToldHoldsTheDataAndNoMore() {
        for (long room = 0; room < 70_000; room = room < 200 || room > 16_300 && room < 16_500 ? room + 1 : room + 97) {
            long crypto = FrameWriter.cryptoRoom(5, room);
            assertTrue(crypto < 1 || FrameWriter.cryptoBytes(5, (int) crypto) + crypto <= room, "room " + room);
            assertTrue(FrameWriter.cryptoBytes(5, (int) Math.max(crypto, 0) + 1) + Math.max(crypto, 0) + 1 > room, "room " + room);
            long stream = FrameWriter.streamRoom(4, 70, room);
            assertTrue(stream < 1 || FrameWriter.streamBytes(4, 70, (int) stream) + stream <= room, "room " + room);
            assertTrue(FrameWriter.streamBytes(4, 70, (int) Math.max(stream, 0) + 1) + Math.max(stream, 0) + 1 > room, "room " + room);
        }
    }

    @Test
    void acksSayEveryRange() {
        Seeds.forEach(1, 2_000, random -> {
            List<long[]> ranges = new ArrayList<>();
            long high = number(random);
            boolean many = random.nextInt(50) == 0;
            while (high >= 0 && ranges.size() < (many ? 400 : 20)) {
                long low = Math.max(0, high - random.nextLong(1L << random.nextInt(1, 20)));
                ranges.add(new long[] {low, high});
                high = low - 2 - random.nextLong(1L << random.nextInt(1, 20));
            }
            long delay = number(random);
            boolean ecn = random.nextBoolean();
            long end = 1500;
            AckWriter ack = new AckWriter();
            long[] first = ranges.getFirst();
            assertTrue(ecn ? ack.begin(out, 3, end, first[1], first[0], delay, 7, 1 << 20, 9) : ack.begin(out, 3, end, first[1], first[0], delay));
            int said = 1;
            while (said < ranges.size() && ack.add(ranges.get(said)[1], ranges.get(said)[0])) {
                said++;
            }
            assertEquals(ranges.get(said - 1)[0], ack.lowest());
            long behind = ack.end();
            assertTrue(behind <= end);
            written(behind, ecn ? FrameType.ACK_ECN : FrameType.ACK);
            assertEquals(List.of(first[1], delay), List.of(reader.largest(), reader.delay()));
            for (int i = 0; i < said; i++) {
                assertTrue(reader.nextRange());
                assertEquals(Arrays.toString(ranges.get(i)), Arrays.toString(new long[] {reader.rangeLow(), reader.rangeHigh()}));
            }
            assertFalse(reader.nextRange());
            if (ecn) {
                assertEquals(List.of(7L, 1L << 20, 9L), List.of(reader.ecnCount(DatagramHeader.ECT_0), reader.ecnCount(DatagramHeader.ECT_1),
                        reader.ecnCount(DatagramHeader.CE)));
                assertThrows(IllegalArgumentException.class, () -> reader.ecnCount(0));
            }
        });
    }

    @Test
    void anAckEndsWhereItsRoomDoesAndWithItsCounts() {
        for (int room = 0; room < 40; room++) {
            out.fill((byte) 0xee);
            AckWriter ack = new AckWriter();
            if (!ack.begin(out, 0, room, 1000, 990, 5, 1, 2, 3)) {
                assertTrue(room < 10, "room " + room);
                continue;
            }
            int said = 1;
            for (long high = 980; high > 0 && ack.add(high, high - 3); high -= 10) {
                said++;
            }
            long end = ack.end();
            assertTrue(end <= room && end + 2 > room, "room " + room + ", " + said + " ranges end at " + end);
            assertEquals((byte) 0xee, out.get(java.lang.foreign.ValueLayout.JAVA_BYTE, room));
        }
        AckWriter ack = new AckWriter();
        assertThrows(IllegalArgumentException.class, () -> ack.begin(out, 0, 100, 5, 6, 0));
        assertTrue(ack.begin(out, 0, 100, 100, 90, 0));
        assertThrows(IllegalArgumentException.class, () -> ack.add(89, 80), "no gap");
        assertTrue(ack.add(88, 80));
        assertThrows(IllegalArgumentException.class, () -> ack.add(70, 71));
    }

    @Test
    void noRangeOfAnAckGoesBelowZero() {
        assertEquals(FrameType.ACK, read("0205000005"));
        wrong(TransportError.FRAME_ENCODING_ERROR, "0205000006");
        assertEquals(FrameType.ACK, read("020500010201" + "00"), "5..3, 1..1");
        assertEquals(FrameType.ACK, read("020500010200" + "01"), "5..3, 1..0");
        wrong(TransportError.FRAME_ENCODING_ERROR, "020500010200" + "02");
        wrong(TransportError.FRAME_ENCODING_ERROR, "020500010202" + "00");
        wrong(TransportError.FRAME_ENCODING_ERROR, "02ffffffffffffffff00010000ffffffffffffffffffffffffffffffff".substring(0, 56));
        wrong(TransportError.FRAME_ENCODING_ERROR, "0205" + "00" + "ffffffffffffffff" + "00");
        wrong(TransportError.FRAME_ENCODING_ERROR, "0305000005" + "0000");
    }

    @Test
    void everyLimitIsOneOfItsFrames() {
        String most = "ffffffffffffffff";
        assertEquals(FrameType.STREAM | 6, read("0e" + "00" + "fffffffffffffffe" + "01" + "aa"));
        wrong(TransportError.FRAME_ENCODING_ERROR, "0e" + "00" + most + "01" + "aa");
        wrong(TransportError.FRAME_ENCODING_ERROR, "0c" + "00" + most + "aa");
        assertEquals(FrameType.CRYPTO, read("06" + "fffffffffffffffe" + "01" + "aa"));
        wrong(TransportError.FRAME_ENCODING_ERROR, "06" + most + "01" + "aa");
        for (String type : new String[] {"12", "13", "16", "17"}) {
            assertEquals(Integer.parseInt(type, 16), read(type + "d000000000000000"));
            wrong(TransportError.FRAME_ENCODING_ERROR, type + "d000000000000001");
        }
        assertEquals(FrameType.NEW_TOKEN, read("0701aa"));
        wrong(TransportError.FRAME_ENCODING_ERROR, "0700");
        assertEquals(FrameType.NEW_CONNECTION_ID, read("180505" + "01aa" + "bb".repeat(16)));
        assertEquals(FrameType.NEW_CONNECTION_ID, read("180505" + "14" + "aa".repeat(20) + "bb".repeat(16)));
        wrong(TransportError.FRAME_ENCODING_ERROR, "180506" + "01aa" + "bb".repeat(16));
        wrong(TransportError.FRAME_ENCODING_ERROR, "180505" + "00" + "bb".repeat(16));
        wrong(TransportError.FRAME_ENCODING_ERROR, "180505" + "15" + "aa".repeat(21) + "bb".repeat(16));
        wrong(TransportError.FRAME_ENCODING_ERROR, "180505" + "01aa" + "bb".repeat(15));
        wrong(TransportError.FRAME_ENCODING_ERROR, "0a" + "00" + "03" + "aabb");
        wrong(TransportError.FRAME_ENCODING_ERROR, "31" + "03" + "aabb");
        wrong(TransportError.FRAME_ENCODING_ERROR, "1b" + "aa".repeat(7));
        assertThrows(IllegalArgumentException.class, () -> FrameWriter.maxStreams(out, 0, 100, true, FrameReader.STREAMS_MAX + 1));
        assertThrows(IllegalArgumentException.class, () -> FrameWriter.maxData(out, 0, 100, VALUE_MAX + 1));
        assertThrows(IllegalArgumentException.class, () -> FrameWriter.newConnectionId(out, 0, 100, 1, 2, Hex.id(arena, "aa"), 0, bytes, 0));
        assertThrows(IllegalArgumentException.class, () -> FrameWriter.newConnectionId(out, 0, 100, 1, 0, Hex.id(arena, ""), 0, bytes, 0));
    }

    @Test
    void aFrameThatIsCutAnywhereIsMalformed() {
        String[] frames = {"020a05010101" + "02", "030a000005010240ff", "04010203", "050102", "060103aabbcc", "0702aabb", "0e0105" + "02aabb", "1005", "110105",
                "1205", "1405", "150105", "1605", "180100" + "02aabb" + "cc".repeat(16), "1901", "1a" + "dd".repeat(8), "1c0a0102aabb", "1d0a02aabb",
                "3102aabb"};
        for (String frame : frames) {
            assertEquals(Integer.parseInt(frame.substring(0, 2), 16), read(frame), frame);
            for (int bytes = 1; bytes < frame.length() / 2; bytes++) {
                wrong(TransportError.FRAME_ENCODING_ERROR, frame.substring(0, 2 * bytes));
                assertEquals(Integer.parseInt(frame.substring(0, 2), 16), reader.errorType());
            }
        }
    }

    @Test
    void typesAreInTheirShortestForm() {
        for (String type : new String[] {"4001", "80000001", "c000000000000001", "4000", "403f"}) {
            wrong(TransportError.PROTOCOL_VIOLATION, type);
        }
        wrong(TransportError.FRAME_ENCODING_ERROR, "40");
        wrong(TransportError.FRAME_ENCODING_ERROR, "4040");
    }

    @Test
    void typesThatNobodyKnowsAreMalformed() {
        for (int type = 0; type < 64; type++) {
            boolean known = type <= 0x1e || type == 0x30 || type == 0x31;
            assertEquals(known, FrameType.isKnown(type));
            if (!known) {
                wrong(TransportError.FRAME_ENCODING_ERROR, "%02x".formatted(type) + "00".repeat(30));
                assertEquals(type, reader.errorType());
            }
        }
        assertFalse(FrameType.isKnown(64));
        assertFalse(FrameType.isKnown(VALUE_MAX));
    }

    /// Table 3 of RFC 9000 as it is printed, with RETIRE_CONNECTION_ID as the text below it says, and DATAGRAM.
    @Test
    void everyTypeStandsWhereTheTableSays() {
        String[] table =
                {"IH01", "IH01", "IH_1", "IH_1", "__01", "__01", "IH_1", "___1", "__01", "__01", "__01", "__01", "__01", "__01", "__01", "__01", "__01",
                        "__01", "__01", "__01", "__01", "__01", "__01", "__01", "__01", "___1", "__01", "___1", "IH01", "__01", "___1"};
        PacketType[] types = {PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ZERO_RTT, PacketType.ONE_RTT};
        for (int type = 0; type <= 0x31; type = type == 0x1e ? 0x30 : type + 1) {
            String row = type < table.length ? table[type] : "__01";
            for (int i = 0; i < 4; i++) {
                assertEquals(row.charAt(i) != '_', FrameType.isAllowed(type, types[i]), "type " + type + " in " + types[i]);
                if (row.charAt(i) == '_') {
                    assertEquals(FrameReader.END, read("%02x".formatted(type) + "00".repeat(30), types[i], false));
                    assertEquals(TransportError.PROTOCOL_VIOLATION, reader.error());
                    assertEquals(type, reader.errorType());
                }
            }
        }
        assertFalse(FrameType.isAllowed(FrameType.PING, PacketType.RETRY));
    }

    @Test
    void clientsSendNoTokensAndNoHandshakeDone() {
        for (String frame : new String[] {"0701aa", "1e"}) {
            assertTrue(read(frame, PacketType.ONE_RTT, false) > 0);
            assertEquals(FrameReader.END, read(frame, PacketType.ONE_RTT, true));
            assertEquals(TransportError.PROTOCOL_VIOLATION, reader.error());
        }
    }

    @Test
    void aPacketWithoutFramesIsAnError() {
        wrong(TransportError.PROTOCOL_VIOLATION, "");
    }

    @Test
    void paddingIsOneFrame() {
        assertEquals(FrameType.PADDING, read("00".repeat(1000) + "01"));
        assertEquals(1000, reader.frameBytes());
        assertFalse(reader.isEliciting());
        assertEquals(FrameType.PING, reader.next());
        assertTrue(reader.isEliciting());
        assertFalse(reader.isProbing());
        assertEquals(FrameReader.END, reader.next());
        out.fill((byte) 1);
        assertEquals(20, FrameWriter.padding(out, 10, 20));
        assertEquals("01" + "00".repeat(10) + "01", Hex.of(out, 9, 12));
    }

    @Test
    void whatElicitsAndWhatProbesIsAsTheStandardSays() {
        for (int type = 0; type <= 0x31; type = type == 0x1e ? 0x30 : type + 1) {
            assertEquals(!List.of(0, 2, 3, 0x1c, 0x1d).contains(type), FrameType.isEliciting(type), "type " + type);
            assertEquals(List.of(0, 0x18, 0x1a, 0x1b).contains(type), FrameType.isProbing(type), "type " + type);
        }
    }
}
