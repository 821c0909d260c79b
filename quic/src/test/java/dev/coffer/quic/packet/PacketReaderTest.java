package dev.coffer.quic.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.packet.PacketReader.Found;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Headers: what is written is read; each limit at it and one past; packets that lie together; other versions.
class PacketReaderTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final Arena arena = Arena.ofConfined();
    private final PacketReader reader = new PacketReader();

    @AfterEach
    void close() {
        arena.close();
    }

    private Found read(String digits, int ownIdBytes) {
        MemorySegment datagram = Hex.of(arena, digits);
        reader.begin(datagram, 0, datagram.byteSize(), ownIdBytes);
        return reader.next();
    }

    /// A long header of these IDs, by hand.
    private static String header(int first, String version, int destination, int source) {
        return "%02x".formatted(first) + version + "%02x".formatted(destination) + "d1".repeat(destination) + "%02x".formatted(source)
                + "51".repeat(source);
    }

    @Test
    void whatIsWrittenIsRead() {
        Seeds.forEach(1, 2_000, random -> {
            Version version = random.nextBoolean() ? Version.V1 : Version.V2;
            int destination = random.nextInt(ConnectionId.LENGTH_MAX + 1);
            int source = random.nextInt(ConnectionId.LENGTH_MAX + 1);
            MemorySegment ids = arena.allocate(2 * ConnectionId.BYTES);
            MemorySegment bytes = arena.allocate(2000).fill((byte) random.nextInt());
            ConnectionId.set(ids, 0, bytes, 0, destination);
            ConnectionId.set(ids, ConnectionId.BYTES, bytes, 0, source);
            long number = random.nextLong(PacketNumber.MAX);
            int numberBytes = 1 + random.nextInt(4);
            int token = random.nextInt(3) == 0 ? 0 : random.nextInt(200);
            int frames = 20 + random.nextInt(1000);
            MemorySegment out = arena.allocate(2000);
            PacketType type = PacketType.values()[random.nextInt(3)];
            long at = random.nextInt(100);
            long numberAt = type == PacketType.INITIAL
                    ? PacketWriter.initial(out, at, version, ids, 0, ConnectionId.BYTES, bytes, 0, token, number, numberBytes)
                    : PacketWriter.longHeader(out, at, version, type, ids, 0, ConnectionId.BYTES, number, numberBytes);
            assertEquals(PacketWriter.longBytes(destination, source, type == PacketType.INITIAL ? token : -1, numberBytes), numberAt + numberBytes - at);
            long end = numberAt + numberBytes + frames;
            PacketWriter.length(out, numberAt, end);
            reader.begin(out, at, end + 16 - at, 0);
            assertEquals(Found.PACKET, reader.next());
            assertEquals(type, reader.type());
            assertEquals(version, reader.version());
            assertEquals(version.code(), reader.versionCode());
            assertTrue(reader.isLong());
            assertTrue(ConnectionId.matches(ids, 0, out, reader.destinationAt(), reader.destinationLength()));
            assertTrue(ConnectionId.matches(ids, ConnectionId.BYTES, out, reader.sourceAt(), reader.sourceLength()));
            assertEquals(type == PacketType.INITIAL ? token : 0, reader.tokenLength());
            assertEquals(numberAt, reader.numberAt());
            assertEquals(end + 16, reader.end());
            assertEquals(number, PacketNumber.read(out, numberAt, numberBytes, number - 1));
            assertEquals(Found.END, reader.next());
        });
    }

    @Test
    void aShortHeaderHasAsManyBytesOfAnIdAsWeGive() {
        MemorySegment id = Hex.id(arena, "0102030405060708");
        MemorySegment out = arena.allocate(30);
        long numberAt = PacketWriter.shortHeader(out, 0, id, 0, 0x1234, 2, true);
        assertEquals(PacketWriter.shortBytes(8, 2), numberAt + 2);
        assertEquals("6101020304050607081234", Hex.of(out, 0, numberAt + 2));
        reader.begin(out, 0, 30, 8);
        assertEquals(Found.PACKET, reader.next());
        assertEquals(PacketType.ONE_RTT, reader.type());
        assertNull(reader.version());
        assertFalse(reader.isLong());
        assertEquals(9, reader.numberAt());
        assertEquals(30, reader.end());
        assertEquals(0, reader.sourceLength());
        reader.begin(out, 0, 9, 8);
        assertEquals(Found.PACKET, reader.next(), "nothing behind the ID: too short to be opened, but a header");
        reader.begin(out, 0, 8, 8);
        assertEquals(Found.INVALID, reader.next(), "an ID that is cut");
    }

    @Test
    void idsOfAVersionThatIsSpokenHaveTwentyBytesAtMost() {
        assertEquals(Found.PACKET, read(header(0xe0, "00000001", 20, 20) + "01aa", 0));
        assertEquals(Found.INVALID, read(header(0xe0, "00000001", 21, 20) + "01aa", 0));
        assertEquals(Found.INVALID, read(header(0xe0, "00000001", 20, 21) + "01aa", 0));
    }

    @Test
    void idsOfAnotherVersionHave255BytesAtMost() {
        assertEquals(Found.UNKNOWN, read(header(0xc0, "0a1a2a3a", 255, 255), 0));
        assertEquals(255, reader.destinationLength());
        assertEquals(255, reader.sourceLength());
        assertEquals(0x0a1a2a3a, reader.versionCode());
        assertEquals(Found.END, reader.next());
        assertEquals(Found.UNKNOWN, read(header(0x80, "ff00001d", 0, 0), 0), "whatever its fixed bit");
        String whole = header(0xc0, "0a1a2a3a", 4, 3);
        for (int bytes = 1; bytes < whole.length() / 2; bytes++) {
            assertEquals(Found.INVALID, read(whole.substring(0, 2 * bytes), 0), bytes + " bytes");
        }
    }

    @Test
    void aPacketThatIsCutAnywhereIsNone() {
        String whole = header(0xc0, "00000001", 4, 3) + "03" + "aabbcc" + "4004" + "01020304";
        assertEquals(Found.PACKET, read(whole, 0));
        for (int bytes = 1; bytes < whole.length() / 2; bytes++) {
            assertEquals(Found.INVALID, read(whole.substring(0, 2 * bytes), 0), bytes + " bytes");
        }
    }

    @Test
    void noLengthLeadsOutOfTheDatagram() {
        assertEquals(Found.INVALID, read(header(0xe0, "00000001", 0, 0) + "ffffffffffffffff" + "00", 0), "a length of 2^62 - 1");
        assertEquals(Found.INVALID, read(header(0xc0, "00000001", 0, 0) + "ffffffffffffffff" + "00", 0), "a token of 2^62 - 1");
        assertEquals(Found.PACKET, read(header(0xe0, "00000001", 0, 0) + "02" + "0000", 0));
        assertEquals(Found.INVALID, read(header(0xe0, "00000001", 0, 0) + "03" + "0000", 0));
        assertEquals(Found.PACKET, read(header(0xe0, "00000001", 0, 0) + "00", 0), "nothing in it: there it ends");
    }

    @Test
    void typesOfVersion2AreOneFurther() {
        PacketType[] types = {PacketType.RETRY, PacketType.INITIAL, PacketType.ZERO_RTT, PacketType.HANDSHAKE};
        for (int bits = 0; bits < 4; bits++) {
            assertEquals(types[bits], Version.V2.type(bits));
            assertEquals(bits, Version.V2.bits(types[bits]));
            assertEquals(PacketType.values()[bits], Version.V1.type(bits));
            assertEquals(bits, Version.V1.bits(PacketType.values()[bits]));
        }
    }

    @Test
    void packetsThatLieTogetherAreWalkedOver() {
        String initial = header(0xc0, "00000001", 2, 1) + "00" + "02" + "0102";
        String handshake = header(0xe0, "00000001", 2, 1) + "01" + "03";
        String oneRtt = "40d1d1" + "ff".repeat(25);
        assertEquals(Found.PACKET, read(initial + handshake + oneRtt, 2));
        assertEquals(PacketType.INITIAL, reader.type());
        assertEquals(Found.PACKET, reader.next());
        assertEquals(PacketType.HANDSHAKE, reader.type());
        assertEquals(Found.PACKET, reader.next());
        assertEquals(PacketType.ONE_RTT, reader.type());
        assertEquals(Found.END, reader.next());
        assertEquals(Found.END, reader.next());
    }

    @Test
    void whatLiesBehindAPacketOfAnotherConnectionIsDropped() {
        String initial = header(0xc0, "00000001", 2, 1) + "00" + "02" + "0102";
        String[] others = {"40d1d2" + "ff".repeat(25), header(0xe0, "00000001", 3, 1) + "0103", header(0xc0, "0a1a2a3a", 2, 1) + "00",
                header(0x80, "00000000", 2, 1) + "00000001", header(0xf0, "00000001", 2, 1) + "aa".repeat(20)};
        for (String other : others) {
            assertEquals(Found.PACKET, read(initial + other + initial, 2));
            assertEquals(Found.INVALID, reader.next());
            assertEquals(Found.END, reader.next());
        }
    }

    @Test
    void aFixedBitOfZeroIsTakenOrNot() {
        for (String packet : new String[] {header(0xa0, "00000001", 0, 0) + "0101", "00" + "aa".repeat(30)}) {
            assertEquals(Found.PACKET, read(packet, 0));
            MemorySegment datagram = Hex.of(arena, packet);
            reader.begin(datagram, 0, datagram.byteSize(), 0, true);
            assertEquals(Found.INVALID, reader.next());
        }
        MemorySegment out = arena.allocate(30);
        PacketWriter.shortHeader(out, 0, Hex.id(arena, ""), 0, 1, 1, false);
        PacketWriter.clearFixedBit(out, 0);
        assertEquals(0, out.get(BYTE, 0));
    }

    @Test
    void aRetryHasATokenAndATag() {
        String head = header(0xf0, "00000001", 2, 1);
        assertEquals(Found.INVALID, read(head + "aa".repeat(16), 0), "an empty token");
        assertEquals(Found.RETRY, read(head + "aa".repeat(17), 0));
        assertEquals(1, reader.tokenLength());
        assertThrows(IllegalArgumentException.class, () -> PacketWriter.retry(arena.allocate(100), 0, Version.V1, 0, Hex.id(arena, ""), 0, 0,
                arena.allocate(1), 0, 0));
    }

    @Test
    void versionNegotiationSaysTheIdsBackExchanged() {
        assertEquals(Found.UNKNOWN, read(header(0xc0, "7a8a9aaa", 255, 200) + "ff".repeat(100), 0));
        MemorySegment out = arena.allocate(VersionNegotiation.BYTES_MAX);
        long end = VersionNegotiation.write(out, 0, reader, 0x7f8f9faf, new Version[] {Version.V2, Version.V1});
        PacketReader answer = new PacketReader();
        answer.begin(out, 0, end, 0, true);
        assertEquals(Found.NEGOTIATION, answer.next());
        assertEquals(PacketType.VERSION_NEGOTIATION, answer.type());
        assertEquals(200, answer.destinationLength());
        assertEquals(255, answer.sourceLength());
        assertEquals("51".repeat(200), Hex.of(out, answer.destinationAt(), 200));
        assertEquals("d1".repeat(255), Hex.of(out, answer.sourceAt(), 255));
        assertEquals(3, VersionNegotiation.count(answer));
        assertEquals(0x0a0a0a0a, VersionNegotiation.code(answer, 0) & 0x0f0f0f0f, "reserved");
        assertFalse(VersionNegotiation.code(answer, 0) == 0x7a8a9aaa, "not that which was not spoken");
        assertEquals(Version.V2.code(), VersionNegotiation.code(answer, 1));
        assertTrue(VersionNegotiation.contains(answer, Version.V1));
        assertEquals(Found.END, answer.next());
        long twoEach = VersionNegotiation.write(arena.allocate(VersionNegotiation.BYTES_MAX), 0, reader, 0, new Version[] {Version.V1, Version.V2});
        assertEquals(VersionNegotiation.BYTES_MAX - 55, twoEach, "the longest has two IDs of 255 bytes");
    }

    @Test
    void versionNegotiationOfNoOrHalfAVersionIsMalformed() {
        String head = header(0x80, "00000000", 1, 1);
        int[] counts = {0, 0, 0, 0, 1, 0};
        for (int bytes = 0; bytes <= 5; bytes++) {
            assertEquals(Found.NEGOTIATION, read(head + "00".repeat(bytes), 0));
            assertEquals(counts[bytes], VersionNegotiation.count(reader), bytes + " bytes");
        }
    }

    @Test
    void lengthsOfOurOwnPacketsHaveTwoBytes() {
        MemorySegment out = arena.allocate(100);
        long numberAt = PacketWriter.longHeader(out, 0, Version.V1, PacketType.HANDSHAKE, Hex.id(arena, ""), 0, 0, 1, 1);
        PacketWriter.length(out, numberAt, numberAt + PacketWriter.LENGTH_MAX - 16);
        assertEquals(0x7fff, BigEndian.u16(out, numberAt - 2));
        assertThrows(IllegalArgumentException.class, () -> PacketWriter.length(out, numberAt, numberAt + PacketWriter.LENGTH_MAX - 15));
        assertThrows(IllegalArgumentException.class, () -> PacketWriter.length(out, numberAt, numberAt));
        assertThrows(IllegalArgumentException.class, () -> PacketWriter.longHeader(out, 0, Version.V1, PacketType.INITIAL, Hex.id(arena, ""), 0, 0, 1, 1));
    }

    @Test
    void numbersAreCutSoThatTheyAreFoundAgain() {
        Seeds.forEach(1, 20_000, random -> {
            MemorySegment place = arena.allocate(8);
            long largest = random.nextInt(10) == 0 ? PacketNumber.NONE : random.nextLong(PacketNumber.MAX >>> random.nextInt(62));
            long number = Math.min(PacketNumber.MAX, largest + 1 + random.nextLong(1L << random.nextInt(1, 31)));
            int bytes = PacketNumber.bytes(number, largest);
            PacketNumber.write(place, 0, number, bytes);
            long received = largest < 0 ? PacketNumber.NONE : random.nextLong(largest, number);
            assertEquals(number, PacketNumber.read(place, 0, bytes, received), number + " after " + largest + ", received " + received);
        });
    }

    @Test
    void numbersHaveAnEnd() {
        MemorySegment place = arena.allocate(8);
        assertEquals(1, PacketNumber.bytes(127, 0));
        assertEquals(2, PacketNumber.bytes(128, 0));
        assertEquals(4, PacketNumber.bytes((1L << 31) - 1, 0));
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.bytes(1L << 31, 0));
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.bytes(5, 5));
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.bytes(PacketNumber.MAX + 1, PacketNumber.MAX));
        for (int bytes = 1; bytes <= 4; bytes++) {
            for (long low : new long[] {0, 1, 0x7f, 0x80, 0xff, -1}) {
                PacketNumber.write(place, 0, low, bytes);
                for (long largest : new long[] {PacketNumber.NONE, 0, 1, PacketNumber.MAX - 1, PacketNumber.MAX}) {
                    long found = PacketNumber.read(place, 0, bytes, largest);
                    assertTrue(found >= 0 && found <= PacketNumber.MAX, found + " after " + largest);
                }
            }
        }
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.write(place, 0, 0, 5));
        assertThrows(IllegalArgumentException.class, () -> PacketNumber.read(place, 0, 0, 0));
    }

    @Test
    void aPlaceOfAnIdRefusesOneThatIsTooLong() {
        MemorySegment place = arena.allocate(ConnectionId.BYTES);
        MemorySegment bytes = arena.allocate(30).fill((byte) 7);
        ConnectionId.set(place, 0, bytes, 0, 20);
        assertEquals(20, ConnectionId.length(place, 0));
        assertThrows(IllegalArgumentException.class, () -> ConnectionId.set(place, 0, bytes, 0, 21));
        assertThrows(IllegalArgumentException.class, () -> ConnectionId.set(place, 0, bytes, 0, -1));
        assertEquals(20, ConnectionId.length(place, 0));
        ConnectionId.set(place, 0, bytes, 0, 3);
        assertEquals("0307070700", Hex.of(place, 0, 5), "what was longer is gone");
        assertFalse(ConnectionId.matches(place, 0, bytes, 0, 2));
        assertTrue(ConnectionId.matches(place, 0, bytes, 0, 3));
    }
}
