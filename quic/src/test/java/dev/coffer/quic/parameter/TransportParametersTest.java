package dev.coffer.quic.parameter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Hex;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Transport parameters: what is written is read; each limit at it and one past; who may say what.
class TransportParametersTest {
    private static final String SOURCE = "0f02aabb";           // initial_source_connection_id
    private static final String ORIGINAL = "0001cc";           // original_destination_connection_id

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment place = arena.allocate(TransportParameters.BYTES);

    @AfterEach
    void close() {
        arena.close();
    }

    private boolean reads(String digits, boolean fromServer) {
        MemorySegment wire = Hex.of(arena, digits);
        place.fill((byte) 0x5a);
        long error = TransportParametersReader.read(wire, 0, (int) wire.byteSize(), fromServer, place, 0);
        if (error != TransportError.NO_ERROR) {
            assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, error);
            assertEquals(-1, place.mismatch(arena.allocate(TransportParameters.BYTES)), "after an error it says nothing");
        }
        return error == TransportError.NO_ERROR;
    }

    private boolean ofServer(String digits) {
        return reads(ORIGINAL + SOURCE + digits, true);
    }

    private boolean ofClient(String digits) {
        return reads(SOURCE + digits, false);
    }

    @Test
    void whatIsWrittenIsRead() {
        MemorySegment read = arena.allocate(TransportParameters.BYTES);
        MemorySegment wire = arena.allocate(TransportParametersWriter.BYTES_MAX);
        Seeds.forEach(1, 2_000, random -> {
            boolean server = random.nextBoolean();
            TransportParameters.clear(place, 0);
            MemorySegment id = Hex.id(arena, "d5".repeat(random.nextInt(21)));
            TransportParameters.initialSource(place, 0, id, 0);
            if (random.nextBoolean()) {
                TransportParameters.idleTimeoutMillis(place, 0, random.nextLong(1L << 62));
            }
            TransportParameters.udpPayloadBytesMax(place, 0, 1200 + random.nextInt(70_000));
            TransportParameters.dataMax(place, 0, random.nextLong(1L << random.nextInt(1, 62)));
            TransportParameters.streamDataMaxLocal(place, 0, random.nextInt(1 << 20));
            TransportParameters.streamDataMaxRemote(place, 0, random.nextInt(1 << 20));
            TransportParameters.streamDataMaxUnidirectional(place, 0, random.nextInt(1 << 20));
            TransportParameters.streamsMax(place, 0, true, random.nextLong((1L << 60) + 1));
            TransportParameters.streamsMax(place, 0, false, random.nextInt(100));
            TransportParameters.ackDelayExponent(place, 0, random.nextInt(21));
            TransportParameters.ackDelayMaxMillis(place, 0, random.nextInt(1 << 14));
            TransportParameters.activeIdsMax(place, 0, 2 + random.nextInt(9));
            TransportParameters.datagramFrameBytesMax(place, 0, random.nextInt(65_536));
            if (random.nextBoolean()) {
                TransportParameters.disableMigration(place, 0);
                TransportParameters.freeFixedBit(place, 0);
                TransportParameters.versions(place, 0, random.nextBoolean() ? Version.V1 : Version.V2, true, true);
            }
            if (server) {
                TransportParameters.originalDestination(place, 0, id, 0);
                TransportParameters.retrySource(place, 0, id, 0);
                new SeededEntropy(1).fill(wire, 0, 16);
                TransportParameters.resetToken(place, 0, wire, 0);
                new SeededEntropy(2).fill(place, TransportParameters.preferredIpv4At(0), 24);
                ConnectionId.copy(Hex.id(arena, "e6".repeat(1 + random.nextInt(20))), 0, place, TransportParameters.preferredIdAt(0));
                new SeededEntropy(3).fill(place, TransportParameters.preferredTokenAt(0), 16);
                TransportParameters.prefer(place, 0);
            }
            long end = TransportParametersWriter.write(place, 0, server, wire, 0);
            assertEquals(TransportError.NO_ERROR, TransportParametersReader.read(wire, 0, (int) end, server, read, 0));
            assertEquals(-1, read.mismatch(place));
            assertTrue(TransportParameters.isInitialSource(read, 0, id, 0));
            assertEquals(server, TransportParameters.isOriginalDestination(read, 0, id, 0));
            assertEquals(server, TransportParameters.isRetrySource(read, 0, id, 0) && TransportParameters.hasRetrySource(read, 0));
            for (long cut = random.nextInt(20); cut < end; cut += 20) {  // a part of them is whole only where one ends
                TransportParametersReader.read(wire, 0, (int) cut, server, read, 0);
            }
        });
    }

    @Test
    void whatIsNotSaidHasItsUsualValue() {
        assertTrue(ofClient(""));
        assertEquals(0, TransportParameters.idleTimeoutMillis(place, 0));
        assertEquals(65_527, TransportParameters.udpPayloadBytesMax(place, 0));
        assertEquals(0, TransportParameters.dataMax(place, 0));
        assertEquals(0, TransportParameters.streamsMax(place, 0, true));
        assertEquals(3, TransportParameters.ackDelayExponent(place, 0));
        assertEquals(25, TransportParameters.ackDelayMaxMillis(place, 0));
        assertEquals(2, TransportParameters.activeIdsMax(place, 0));
        assertEquals(0, TransportParameters.datagramFrameBytesMax(place, 0));
        assertEquals(0, TransportParameters.chosenVersion(place, 0));
        assertFalse(TransportParameters.isMigrationDisabled(place, 0) || TransportParameters.isFixedBitFree(place, 0)
                || TransportParameters.hasResetToken(place, 0) || TransportParameters.hasPreferred(place, 0)
                || TransportParameters.hasRetrySource(place, 0) || TransportParameters.isAvailable(place, 0, Version.V1));
    }

    @Test
    void everyIntegerHasItsLimits() {
        assertTrue(ofClient("0302" + "44b0"));       // max_udp_payload_size 1200
        assertFalse(ofClient("0302" + "44af"));
        assertTrue(ofClient("0808" + "d000000000000000") && ofClient("0908" + "d000000000000000"));
        assertFalse(ofClient("0808" + "d000000000000001"));
        assertFalse(ofClient("0908" + "d000000000000001"));
        assertTrue(ofClient("0a01" + "14"));
        assertFalse(ofClient("0a01" + "15"));
        assertTrue(ofClient("0b02" + "7fff"));
        assertFalse(ofClient("0b04" + "80004000"));
        assertTrue(ofClient("0e01" + "02"));
        assertFalse(ofClient("0e01" + "01"));
        assertTrue(ofClient("0108" + "ffffffffffffffff"));
        assertFalse(ofClient("0102" + "05"), "cut");
        assertFalse(ofClient("0102" + "0505"), "more than one integer");
        assertFalse(ofClient("0100"), "none");
        assertTrue(ofClient("0102" + "4005"), "a longer form of one");
        assertEquals(5, TransportParameters.idleTimeoutMillis(place, 0));
        assertTrue(ofClient("20" + "0480010000"));
        assertEquals(65_536, TransportParameters.datagramFrameBytesMax(place, 0));
        assertThrows(IllegalArgumentException.class, () -> TransportParameters.udpPayloadBytesMax(place, 0, 1199));
        assertThrows(IllegalArgumentException.class, () -> TransportParameters.ackDelayExponent(place, 0, 21));
        assertThrows(IllegalArgumentException.class, () -> TransportParameters.ackDelayMaxMillis(place, 0, 1 << 14));
        assertThrows(IllegalArgumentException.class, () -> TransportParameters.streamsMax(place, 0, true, (1L << 60) + 1));
        assertThrows(IllegalArgumentException.class, () -> TransportParameters.activeIdsMax(place, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> TransportParameters.dataMax(place, 0, 1L << 62));
    }

    @Test
    void nothingIsSaidTwice() {
        assertFalse(ofClient("0101050101" + "05"));
        assertFalse(ofClient(SOURCE));
        assertTrue(ofClient("1b00" + "1a00"));
        assertFalse(ofClient("1b00" + "0a0103" + "1b00"), "one that nobody knows, too");
        assertFalse(ofClient("1b00" + "401b00"), "in another form");
        assertTrue(ofClient("6ab200"), "grease_quic_bit");
        assertFalse(ofClient("6ab200" + "6ab200"));
    }

    @Test
    void thereIsAnEndToHowManyAreTaken() {
        StringBuilder many = new StringBuilder();
        for (int i = 1; i < TransportParametersReader.PARAMETERS_MAX; i++) {
            many.append("%08x00".formatted(0x80001000 + i));
        }
        assertTrue(ofClient(many.toString()));
        assertFalse(ofClient(many + "8000200000"));
    }

    @Test
    void clientsDoNotSayWhatServersDo() {
        String[] servers = {"0001cc", "0210" + "00".repeat(16), "1002aabb", "0d2a" + "00".repeat(24) + "01aa" + "00".repeat(16)};
        for (int i = 0; i < servers.length; i++) {
            assertFalse(ofClient(servers[i]), servers[i]);
            assertTrue(reads(SOURCE + (i == 0 ? "" : ORIGINAL) + servers[i], true), servers[i]);
        }
        TransportParameters.clear(place, 0);
        TransportParameters.resetToken(place, 0, arena.allocate(16), 0);
        assertThrows(IllegalArgumentException.class, () -> TransportParametersWriter.write(place, 0, false, arena.allocate(400), 0));
    }

    @Test
    void eachSideSaysItsIds() {
        assertTrue(reads(SOURCE, false));
        assertFalse(reads("", false));
        assertFalse(reads(SOURCE, true));
        assertFalse(reads(ORIGINAL, true));
        assertTrue(reads("0f00", false), "an ID of no bytes");
        assertTrue(reads("0f14" + "aa".repeat(20), false));
        assertFalse(reads("0f15" + "aa".repeat(21), false));
    }

    @Test
    void valuesOfAFixedSizeHaveIt() {
        assertTrue(ofServer("0c00"));
        assertTrue(TransportParameters.isMigrationDisabled(place, 0));
        assertFalse(ofServer("0c0100"));
        assertFalse(ofServer("6ab20100"));
        assertFalse(ofServer("020f" + "00".repeat(15)));
        assertFalse(ofServer("0211" + "00".repeat(17)));
        String addresses = "00".repeat(24);
        assertTrue(ofServer("0d3d" + addresses + "14" + "aa".repeat(20) + "bb".repeat(16)));
        assertFalse(ofServer("0d29" + addresses + "00" + "bb".repeat(16)), "no ID");
        assertFalse(ofServer("0d3e" + addresses + "15" + "aa".repeat(21) + "bb".repeat(16)));
        assertFalse(ofServer("0d29" + addresses + "01aa" + "bb".repeat(15)));
        assertFalse(ofServer("0d18" + addresses));
    }

    @Test
    void versionsAreThoseOfRfc9368() {
        String v1 = "00000001";
        String v2 = "6b3343cf";
        assertTrue(ofClient("110c" + v2 + v1 + v2));
        assertEquals(Version.V2.code(), TransportParameters.chosenVersion(place, 0));
        assertTrue(TransportParameters.isAvailable(place, 0, Version.V1) && TransportParameters.isAvailable(place, 0, Version.V2));
        assertTrue(ofClient("1110" + v1 + v1 + "0a1a2a3a" + "ff00001d"));
        assertFalse(TransportParameters.isAvailable(place, 0, Version.V2));
        assertFalse(ofClient("1108" + v1 + v2), "a client has available what it chose");
        assertTrue(ofServer("1108" + v1 + v2), "a server need not");
        assertTrue(ofServer("1104" + v1));
        assertFalse(ofServer("1100"));
        assertFalse(ofServer("1103" + "000001"));
        assertFalse(ofServer("1107" + v1 + "000001"));
        assertFalse(ofServer("1104" + "00000000"));
        assertFalse(ofServer("1108" + v1 + "00000000"));
    }

    @Test
    void lengthsDoNotLeadOut() {
        assertFalse(ofClient("01"));
        assertFalse(ofClient("0101"));
        assertFalse(ofClient("40"));
        assertFalse(ofClient("1b05aabb"));
        assertFalse(ofClient("1bffffffffffffffffaa"));
        assertFalse(ofClient("ffffffffffffffff"));
    }
}
