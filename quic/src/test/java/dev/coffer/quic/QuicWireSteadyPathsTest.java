package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.AckWriter;
import dev.coffer.quic.frame.FrameReader;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Hex;
import dev.coffer.quic.packet.InitialSecrets;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.packet.VersionNegotiation;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.parameter.TransportParametersReader;
import dev.coffer.quic.parameter.TransportParametersWriter;
import dev.coffer.quic.token.AddressTokens;
import dev.coffer.quic.token.ConnectionIdSource;
import dev.coffer.quic.token.ResetTokens;
import dev.coffer.quic.token.StatelessAnswers;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// QUIC's wire in both directions: 0 heap bytes, whoever executes it; packets that are forged, keys that rest and key updates among it.
class QuicWireSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noPacketMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Packets.class, Beginnings.class));
    }

    private static void expect(boolean right) {
        if (!right) {
            throw new AssertionError("not as the first time");
        }
    }

    /// A 1-RTT packet with an ACK and a STREAM, sealed, sent, opened, read; one forged; a key update; a rest.
    private static final class Packets implements SteadyPath {
        private static final CipherSuite SUITE = CipherSuite.AES_128_GCM_SHA256;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment workspace = arena.allocate(OpeningKeys.workspaceBytes(SUITE));
        private final MemorySegment secret = arena.allocate(32).fill((byte) 3);
        private final SealingKeys seals = new SealingKeys(Version.V1, SUITE, workspace, 0).at(arena.allocate(SealingKeys.STATE_BYTES), 0,
                arena.allocate(SealingKeys.keyBytes(SUITE)), 0);
        private final OpeningKeys opens = new OpeningKeys(Version.V1, SUITE, workspace, 0).at(arena.allocate(OpeningKeys.STATE_BYTES), 0,
                arena.allocate(OpeningKeys.keyBytes(SUITE)), 0, arena.allocate(OpeningKeys.lateBytes(SUITE)), 0);
        private final MemorySegment id = Hex.id(arena, "0102030405060708");
        private final MemorySegment out = arena.allocate(1500);
        private final PacketReader packets = new PacketReader();
        private final FrameReader frames = new FrameReader();
        private final AckWriter ack = new AckWriter();
        private long number;

        @Override
        public void run() {
            if (!seals.isLoaded()) {
                seals.load(secret, 0);
                opens.load(secret, 0);
            }
            packet(false);
            packet(true);
            seals.update();
            packet(false);
            opens.forgetLate();
            opens.rest();
            seals.rest();
        }

        private void packet(boolean forged) {
            long numberAt = PacketWriter.shortHeader(out, 0, id, 0, number, 2, true);
            long at = numberAt + 2;
            expect(ack.begin(out, at, 1200, 1000, 990, 5, 1, 2, 3) && ack.add(980, 970));
            at = ack.end();
            at = FrameWriter.stream(out, at, 1200, 4, 5000, 100, false, true) + 100;
            long end = seals.seal(out, 0, numberAt, number, at);
            if (forged) {
                out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, end - 1, (byte) ~out.get(java.lang.foreign.ValueLayout.JAVA_BYTE, end - 1));
            }
            packets.begin(out, 0, end, 8);
            expect(packets.next() == PacketReader.Found.PACKET);
            long opened = opens.open(out, packets.at(), packets.numberAt(), packets.end(), number - 1);
            expect(opened == (forged ? OpeningKeys.DROPPED : number));
            number++;
            if (!forged) {
                frames.begin(out, opens.textAt(), opens.textEnd(), PacketType.ONE_RTT, true);
                expect(frames.next() == 0x03 && frames.nextRange() && frames.nextRange() && frames.rangeLow() == 970 && frames.ecnCount(3) == 3);
                expect(frames.next() == 0x0e && frames.dataLength() == 100 && frames.next() == FrameReader.END && frames.error() == 0);
            }
        }

        @Override
        public int operations() {
            return 20;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /// What begins a connection: Initial keys, tokens and a Retry, Version Negotiation, transport parameters, IDs and resets.
    private static final class Beginnings implements SteadyPath {
        private static final Version[] VERSIONS = {Version.V1, Version.V2};
        private static final CipherSuite SUITE = CipherSuite.AES_128_GCM_SHA256;
        private final Arena arena = Arena.ofConfined();
        private final SeededEntropy entropy = new SeededEntropy(1);
        private final MemorySegment workspace = arena.allocate(OpeningKeys.workspaceBytes(SUITE));
        private final SealingKeys seals = new SealingKeys(Version.V2, SUITE, workspace, 0).at(arena.allocate(SealingKeys.STATE_BYTES), 0,
                arena.allocate(SealingKeys.keyBytes(SUITE)), 0);
        private final MemorySegment secret = arena.allocate(32);
        private final MemorySegment ids = arena.allocate(2 * ConnectionId.BYTES);
        private final MemorySegment path = arena.allocate(NetworkPath.BYTES);
        private final MemorySegment token = arena.allocate(AddressTokens.BYTES);
        private final MemorySegment out = arena.allocate(1500);
        private final MemorySegment place = arena.allocate(TransportParameters.BYTES);
        private final MemorySegment reset = arena.allocate(16);
        private final AddressTokens tokens = new AddressTokens(arena.allocate(AddressTokens.MEMORY_BYTES), 0, entropy);
        private final RetryTag tag = new RetryTag(arena.allocate(RetryTag.WORKSPACE_BYTES), 0);
        private final ResetTokens resets = new ResetTokens(arena.allocate(ResetTokens.MEMORY_BYTES), 0, arena.allocate(32), 0, "");
        private final ConnectionIdSource source =
                ConnectionIdSource.routable(arena.allocate(ConnectionIdSource.MEMORY_BYTES), 0, entropy, 1, arena.allocate(3), 0,
                        3, 6, arena.allocate(16), 0);
        private final PacketReader packets = new PacketReader();
        private final StatelessAnswers answers =
                new StatelessAnswers(arena.allocate(StatelessAnswers.MEMORY_BYTES), 0, VERSIONS, tokens, resets, source, entropy);
        private final MemorySegment answer = arena.allocate(StatelessAnswers.ANSWER_BYTES_MAX);

        Beginnings() {
            tokens.keys(TicketKeys.fresh(arena.allocate(TicketKeys.BYTES), entropy, 3600));
        }

        @Override
        public void run() {
            expect(source.next(ids, 0) && source.next(ids, ConnectionId.BYTES));
            InitialSecrets.write(Version.V2, true, ids, ConnectionId.VALUE, 10, workspace, 0, secret, 0);
            seals.load(secret, 0);
            expect(tokens.retry(path, 0, 1, ids, 0, ConnectionId.BYTES, 1000, 1000, token, 0));
            long end = PacketWriter.retry(out, 0, Version.V1, 5, ids, 0, ConnectionId.BYTES, token, 0, AddressTokens.BYTES);
            end = tag.write(Version.V1, ids, 0, out, 0, end);
            packets.begin(out, 0, end, 0);
            expect(packets.next() == PacketReader.Found.RETRY && tag.verify(ids, 0, packets));
            expect(tokens.open(out, packets.tokenAt(), packets.tokenLength(), path, 0, 1, ids, ConnectionId.BYTES + ConnectionId.VALUE, 10,
                    1500) == AddressTokens.RETRY);
            long numberAt = PacketWriter.initial(out, 0, Version.V2, ids, 0, ConnectionId.BYTES, token, 0, AddressTokens.BYTES, 0, 1);
            end = FrameWriter.padding(out, numberAt + 1, 1184);
            PacketWriter.length(out, numberAt, end);
            expect(seals.seal(out, 0, numberAt, 0, end) == 1200);
            seals.wipe();
            packets.begin(out, 0, 1200, 10);
            PacketReader.Found found = packets.next();
            expect(answers.look(packets, found, 1200, path, 0, true, true, 3000, 1000, answer, 0) == StatelessAnswers.ANSWERED);  // too late with its token
            parameters();
            resets.write(ids, 0, 0, reset, 0);
            int bytes = resets.reset(100, ids, 0, 0, entropy, out, 0);
            expect(ResetTokens.isReset(out, 0, bytes, reset, 0));
            out.set(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED, 1, 0x3a2a1a0a);
            out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 0xc0);
            out.set(java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED, 5, (short) 0);
            packets.begin(out, 0, 43, 0);
            expect(packets.next() == PacketReader.Found.UNKNOWN);
            end = VersionNegotiation.write(out, 100, packets, 7, VERSIONS);
            packets.begin(out, 100, end - 100, 0);
            expect(packets.next() == PacketReader.Found.NEGOTIATION && VersionNegotiation.contains(packets, Version.V2));
        }

        private void parameters() {
            TransportParameters.clear(place, 0);
            TransportParameters.initialSource(place, 0, ids, 0);
            TransportParameters.dataMax(place, 0, 100_000);
            TransportParameters.versions(place, 0, Version.V1, true, true);
            long end = TransportParametersWriter.write(place, 0, false, out, 0);
            expect(TransportParametersReader.read(out, 0, (int) end, false, place, 0) == 0 && TransportParameters.dataMax(place, 0) == 100_000);
            expect(TransportParametersReader.read(out, 0, (int) end, true, place, 0) != 0);
        }

        @Override
        public int operations() {
            return 20;
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
