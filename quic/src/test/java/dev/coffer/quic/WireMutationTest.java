package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.FrameReader;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.Hex;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.PacketNumber;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.packet.VersionNegotiation;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.parameter.TransportParametersReader;
import dev.coffer.quic.token.AddressTokens;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Seeds;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random and mutated inputs to every decoder: nothing is thrown, no answer leads out of the input, what is read has its limits.
class WireMutationTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int ROOM = 160;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment input = arena.allocate(ROOM);
    private final PacketReader packets = new PacketReader();
    private final FrameReader frames = new FrameReader();
    private final MemorySegment place = arena.allocate(TransportParameters.BYTES);
    private final MemorySegment path = arena.allocate(NetworkPath.BYTES);
    private final AddressTokens tokens = new AddressTokens(arena.allocate(AddressTokens.MEMORY_BYTES), 0, new SeededEntropy(1));
    private final RetryTag tag = new RetryTag(arena.allocate(RetryTag.WORKSPACE_BYTES), 0);
    private final OpeningKeys keys = opening();
    private final MemorySegment id = Hex.id(arena, "aabb");
    private final MemorySegment[] datagrams =
            all("c00000000102aabb01cc03aabbcc0a" + "01".repeat(10), "e06b3343cf02aabb01cc05" + "01".repeat(5) + "40aabb" + "11".repeat(30),
                    "f00000000102aabb01cc746f6b656e" + "22".repeat(16), "800000000002aabb01cc000000016b3343cf", "c00a1a2a3a02aabb01cc0102030405",
                    "41aabb" + "33".repeat(40));
    private final MemorySegment[] contents =
            all("020a05030101000203" + "01", "030a050105000340ff80001000", "0601030504aabbccdd" + "00", "0e04030241aabb" + "12052001",
                    "18050204aabbccdd" + "cc".repeat(16) + "1903", "1a" + "dd".repeat(8) + "1b" + "ee".repeat(8), "1c0a0604aabbccdd", "0703aabbcc1e",
                    "3103aabbcc30aabb",
                    "0401020305010210051102061303140515010216031704");
    private final MemorySegment[] parameters =
            all("0001cc0f02aabb01020500", "0f02aabb0302440004048001000005048001000006048001000007048001000008010309010a0a01030b0119",
                    "0001cc0f02aabb0d2a" + "00".repeat(24) + "01aa" + "00".repeat(16), "0f02aabb110c000000016b3343cf0000000120048000ffff6ab200",
                    "0001cc0f02aabb0210" + "dd".repeat(16) + "1002aabb0c000e0104");
    private final MemorySegment token;

    WireMutationTest() {
        tokens.keys(TicketKeys.fresh(arena.allocate(TicketKeys.BYTES), new SeededEntropy(2), 3600));
        token = arena.allocate(AddressTokens.BYTES);
        assertTrue(tokens.another(path, 0, Version.V1.code(), 1000, 1_000_000, token, 0));
    }

    @AfterEach
    void close() {
        arena.close();
    }

    private MemorySegment[] all(String... digits) {
        MemorySegment[] made = new MemorySegment[digits.length];
        for (int i = 0; i < digits.length; i++) {
            made[i] = Hex.of(arena, digits[i]);
        }
        return made;
    }

    private OpeningKeys opening() {
        CipherSuite suite = CipherSuite.CHACHA20_POLY1305_SHA256;
        OpeningKeys made = new OpeningKeys(Version.V1, suite, arena.allocate(OpeningKeys.workspaceBytes(suite)), 0);
        made.at(arena.allocate(OpeningKeys.STATE_BYTES), 0, arena.allocate(OpeningKeys.keyBytes(suite)), 0, arena.allocate(OpeningKeys.lateBytes(suite)), 0);
        made.load(arena.allocate(32).fill((byte) 7), 0);
        return made;
    }

    /// Writes an input at the end of the room, so that what is read behind it is no memory: one of the examples with changes, or anything.
    ///
    /// @return where it begins
    private int draw(SplittableRandom random, MemorySegment[] examples) {
        MemorySegment example = examples[random.nextInt(examples.length)];
        int length = random.nextInt(4) == 0 ? random.nextInt(64) : (int) example.byteSize();
        if (random.nextInt(4) == 0) {
            length = Math.max(0, length - 1 - random.nextInt(8));
        }
        int at = ROOM - length;
        for (int i = 0; i < length; i++) {
            input.set(BYTE, at + i, i < example.byteSize() ? example.get(BYTE, i) : (byte) random.nextInt());
        }
        for (int changes = random.nextInt(4); changes > 0 && length > 0; changes--) {
            int where = at + random.nextInt(length);
            int kind = random.nextInt(4);
            input.set(BYTE, where, (byte) (kind == 0 ? random.nextInt() : kind == 1 ? 0xff : kind == 2 ? 0 : input.get(BYTE, where) ^ 1 << random.nextInt(8)));
        }
        return at;
    }

    private static void within(long from, long length, long at, long end) {
        if (from < at || length < 0 || from + length > end) {
            throw new AssertionError(from + ", " + length + " bytes: not in " + at + ".." + end);
        }
    }

    private void datagram(SplittableRandom random) {
        int at = draw(random, datagrams);
        packets.begin(input, at, ROOM - at, random.nextInt(3), random.nextBoolean());
        long next = at;
        int steps = 0;
        for (PacketReader.Found found = packets.next(); found != PacketReader.Found.END; found = packets.next()) {
            assertEquals(next, packets.at());
            next = packets.end();
            within(packets.at(), packets.end() - packets.at(), at, ROOM);
            if (found == PacketReader.Found.INVALID) {
                continue;
            }
            within(packets.destinationAt(), packets.destinationLength(), packets.at(), packets.end());
            if (packets.isLong()) {
                within(packets.sourceAt(), packets.sourceLength(), packets.at(), packets.end());
                within(packets.tokenLength() == 0 ? packets.at() : packets.tokenAt(), packets.tokenLength(), packets.at(), packets.end());
            }
            if (found == PacketReader.Found.NEGOTIATION) {
                VersionNegotiation.contains(packets, Version.V1);
            } else if (found == PacketReader.Found.PACKET) {
                within(packets.numberAt(), 0, packets.at(), packets.end());
                assertTrue(++steps <= ROOM);
            }
        }
    }

    private void frames(SplittableRandom random) {
        int at = draw(random, contents);
        PacketType in = random.nextInt(4) > 0 ? PacketType.ONE_RTT : random.nextBoolean() ? PacketType.INITIAL : PacketType.ZERO_RTT;
        frames.begin(input, at, ROOM, in, random.nextInt(4) == 0);
        for (int type = frames.next(); type >= 0; type = frames.next()) {
            within(frames.frameAt(), frames.frameBytes(), at, ROOM);
            assertTrue(frames.frameBytes() > 0 && FrameType.isAllowed(type, in));
            if (type == FrameType.ACK || type == FrameType.ACK_ECN) {
                long below = frames.largest() + 2;
                while (frames.nextRange()) {
                    assertTrue(frames.rangeLow() >= 0 && frames.rangeLow() <= frames.rangeHigh() && frames.rangeHigh() <= below - 2);
                    below = frames.rangeLow();
                }
                assertTrue(type == FrameType.ACK || frames.ecnCount(1) >= 0 && frames.ecnCount(2) >= 0 && frames.ecnCount(3) >= 0);
            } else if (FrameType.isStream(type) || type == FrameType.CRYPTO || type == FrameType.NEW_TOKEN || type >= FrameType.DATAGRAM) {
                within(frames.dataAt(), frames.dataLength(), frames.frameAt(), frames.frameAt() + frames.frameBytes());
            } else if (type == FrameType.NEW_CONNECTION_ID) {
                within(frames.idAt(), frames.idLength(), frames.frameAt(), frames.frameAt() + frames.frameBytes());
            }
        }
        long error = frames.error();
        assertTrue(error == TransportError.NO_ERROR || error == TransportError.FRAME_ENCODING_ERROR || error == TransportError.PROTOCOL_VIOLATION);
    }

    private void parameters(SplittableRandom random) {
        int at = draw(random, parameters);
        boolean server = random.nextBoolean();
        long error = TransportParametersReader.read(input, at, ROOM - at, server, place, 0);
        if (error == TransportError.NO_ERROR) {
            assertTrue(TransportParameters.udpPayloadBytesMax(place, 0) >= 1200 && TransportParameters.activeIdsMax(place, 0) >= 2
                    && TransportParameters.ackDelayExponent(place, 0) <= 20 && TransportParameters.ackDelayMaxMillis(place, 0) < 1 << 14
                    && TransportParameters.streamsMax(place, 0, true) <= 1L << 60 && TransportParameters.dataMax(place, 0) >= 0);
        } else {
            assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, error);
        }
    }

    /// What costs an AEAD each: protected packets, the tag of a Retry, tokens.
    private void sealed(SplittableRandom random) {
        int at = draw(random, datagrams);
        packets.begin(input, at, ROOM - at, 2);
        PacketReader.Found found = packets.next();
        if (found == PacketReader.Found.PACKET) {
            long answer =
                    keys.open(input, packets.at(), packets.numberAt(), packets.end(), random.nextBoolean() ? PacketNumber.NONE : random.nextLong(1L << 62));
            assertEquals(OpeningKeys.DROPPED, answer);
        } else if (found == PacketReader.Found.RETRY) {
            assertTrue(!tag.verify(id, 0, packets));
        }
        int bit = random.nextInt(8 * AddressTokens.BYTES);
        token.set(BYTE, bit / 8, (byte) (token.get(BYTE, bit / 8) ^ 1 << bit % 8));
        assertTrue(tokens.open(token, 0, AddressTokens.BYTES, path, 0, Version.V1.code(), input, at, Math.min(20, ROOM - at), 1000) <= AddressTokens.WRONG);
        token.set(BYTE, bit / 8, (byte) (token.get(BYTE, bit / 8) ^ 1 << bit % 8));
    }

    @Test
    void noInputOfAMillionDoesMoreThanTheDecodersSay() {
        Seeds.forEach(1, 330_000, this::datagram);
        Seeds.forEach(1, 330_000, this::frames);
        Seeds.forEach(1, 330_000, this::parameters);
        Seeds.forEach(1, 10_000, this::sealed);
    }

    @Test
    @Tag("long")
    void datagramsForLong() {
        LongRun.of("datagrams", this::datagram);
    }

    @Test
    @Tag("long")
    void framesForLong() {
        LongRun.of("frames", this::frames);
    }

    @Test
    @Tag("long")
    void parametersForLong() {
        LongRun.of("transport parameters", this::parameters);
    }

    @Test
    @Tag("long")
    void sealedForLong() {
        LongRun.of("sealed packets, retries and tokens", 1_000_000, this::sealed);
    }
}
