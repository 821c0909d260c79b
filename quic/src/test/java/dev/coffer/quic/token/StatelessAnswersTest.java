package dev.coffer.quic.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.FrameReader;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Hex;
import dev.coffer.quic.packet.InitialSecrets;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketReader.Found;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.packet.VersionNegotiation;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a server says to who is nobody's yet, as a client that knows the standard hears it.
class StatelessAnswersTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final int OWN_BYTES = 8;

    private final Arena arena = Arena.ofConfined();
    private final SeededEntropy entropy = new SeededEntropy(5);
    private final MemorySegment path = arena.allocate(NetworkPath.BYTES);
    private final MemorySegment in = arena.allocate(1500);
    private final MemorySegment out = arena.allocate(StatelessAnswers.ANSWER_BYTES_MAX);
    private final MemorySegment ids = arena.allocate(3 * ConnectionId.BYTES);
    private final AddressTokens tokens = new AddressTokens(arena.allocate(AddressTokens.MEMORY_BYTES), 0, entropy);
    private final ResetTokens resets = new ResetTokens(arena.allocate(ResetTokens.MEMORY_BYTES), 0, arena.allocate(32), 0, "");
    private final ConnectionIdSource source = ConnectionIdSource.random(arena.allocate(ConnectionIdSource.MEMORY_BYTES), 0, entropy, OWN_BYTES);
    private final StatelessAnswers answers = answers(resets, Version.V1, Version.V2);
    private final PacketReader reader = new PacketReader();
    private final PacketReader answer = new PacketReader();

    StatelessAnswersTest() {
        tokens.keys(TicketKeys.fresh(arena.allocate(TicketKeys.BYTES), entropy, 3600));
        NetworkPath.ipv4(path, 0, 0x7f000001, 5000, 0, 443);
        ConnectionId.copy(Hex.id(arena, "d1d2d3d4d5d6d7d8"), 0, ids, 0);
        ConnectionId.copy(Hex.id(arena, "51525354"), 0, ids, ConnectionId.BYTES);
    }

    @AfterEach
    void close() {
        arena.close();
    }

    private StatelessAnswers answers(ResetTokens with, Version... versions) {
        return new StatelessAnswers(arena.allocate(StatelessAnswers.MEMORY_BYTES), 0, versions, tokens, with, source, entropy);
    }

    private boolean may = true;   // answer

    private int look(StatelessAnswers by, long length, boolean wantRetry) {
        reader.begin(in, 0, length, OWN_BYTES);
        int verdict = by.look(reader, reader.next(), length, path, 0, may, wantRetry, NOW, 5_000, out, 0);
        assertEquals(verdict == StatelessAnswers.ANSWERED, by.answerBytes() > 0);
        assertTrue(by.answerBytes() <= 3 * length);
        return verdict;
    }

    private void initial(Version version, MemorySegment token, int tokenLength) {
        long numberAt = PacketWriter.initial(in, 0, version, ids, 0, ConnectionId.BYTES, token, 0, tokenLength, 0, 1);
        PacketWriter.length(in, numberAt, 1200 - 16);
    }

    @Test
    void whoHasNoTokenIsTakenOrAskedToComeAgainWithOne() {
        for (Version version : Version.values()) {
            ConnectionId.copy(Hex.id(arena, "d1d2d3d4d5d6d7d8"), 0, ids, 0);
            initial(version, in, 0);
            assertEquals(StatelessAnswers.ACCEPTED, look(answers, 1200, false));
            assertFalse(answers.isValidated() || answers.isRetried());
            assertTrue(ConnectionId.equal(answers.memory(), answers.originalAt(), ids, 0));
            assertEquals(StatelessAnswers.ANSWERED, look(answers, 1200, true));
            answer.begin(out, 0, answers.answerBytes(), 4);
            assertEquals(Found.RETRY, answer.next());
            assertTrue(new RetryTag(arena.allocate(RetryTag.WORKSPACE_BYTES), 0).verify(ids, 0, answer));
            assertTrue(ConnectionId.matches(ids, ConnectionId.BYTES, out, answer.destinationAt(), answer.destinationLength()));
            MemorySegment first = arena.allocate(ConnectionId.BYTES);
            ConnectionId.copy(ids, 0, first, 0);
            ConnectionId.set(ids, 0, out, answer.sourceAt(), answer.sourceLength());
            MemorySegment token = arena.allocate(200);
            MemorySegment.copy(out, answer.tokenAt(), token, 0, answer.tokenLength());
            initial(version, token, answer.tokenLength());
            assertEquals(StatelessAnswers.ACCEPTED, look(answers, 1200, true));
            assertTrue(answers.isValidated() && answers.isRetried());
            assertTrue(ConnectionId.equal(answers.memory(), answers.originalAt(), first, 0));
        }
    }

    /// Whatever would be answered is dropped where no answer may go; who needs none begins all the same.
    @Test
    void whereNoAnswerMayGoNoneIsMade() {
        may = false;
        initial(Version.V1, in, 0);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1200, true));
        assertEquals(StatelessAnswers.ACCEPTED, look(answers, 1200, false));
        MemorySegment token = arena.allocate(AddressTokens.BYTES);
        assertTrue(tokens.retry(path, 0, Version.V1.code(), ids, 0, ConnectionId.BYTES, NOW - 10_000, 5_000, token, 0));
        initial(Version.V1, token, AddressTokens.BYTES);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1200, true));
    }

    @Test
    void whoWasHereBeforeIsAskedForNoRetryAndHasTheLimitOfThreeTimesAllTheSame() {
        MemorySegment token = arena.allocate(AddressTokens.BYTES);
        assertTrue(tokens.another(path, 0, Version.V1.code(), NOW, 1_000_000, token, 0));
        initial(Version.V1, token, AddressTokens.BYTES);
        assertEquals(StatelessAnswers.ACCEPTED, look(answers, 1200, true));
        assertFalse(answers.isValidated() || answers.isRetried());
        assertTrue(ConnectionId.equal(answers.memory(), answers.originalAt(), ids, 0));
    }

    @Test
    void theTokenOfARetryThatIsNotRightIsToldSoUnderTheClientsOwnKeys() {
        for (Version version : Version.values()) {
            MemorySegment token = arena.allocate(AddressTokens.BYTES);
            assertTrue(tokens.retry(path, 0, version.code(), ids, 0, ConnectionId.BYTES, NOW - 10_000, 5_000, token, 0));
            initial(version, token, AddressTokens.BYTES);
            assertEquals(StatelessAnswers.ANSWERED, look(answers, 1200, true));
            CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
            MemorySegment work = arena.allocate(OpeningKeys.workspaceBytes(suite));
            MemorySegment secret = arena.allocate(32);
            InitialSecrets.write(version, false, ids, ConnectionId.VALUE, 8, work, 0, secret, 0);
            OpeningKeys keys = new OpeningKeys(version, suite, work, 0).at(arena.allocate(OpeningKeys.STATE_BYTES), 0,
                    arena.allocate(OpeningKeys.keyBytes(suite)), 0);
            keys.load(secret, 0);
            answer.begin(out, 0, answers.answerBytes(), 4);
            assertEquals(Found.PACKET, answer.next());
            assertEquals(PacketType.INITIAL, answer.type());
            assertEquals(version, answer.version());
            assertTrue(ConnectionId.matches(ids, ConnectionId.BYTES, out, answer.destinationAt(), answer.destinationLength()));
            assertEquals(0, keys.open(out, answer.at(), answer.numberAt(), answer.end(), -1));
            FrameReader frames = new FrameReader();
            frames.begin(out, keys.textAt(), keys.textEnd(), PacketType.INITIAL, false);
            assertEquals(FrameType.CONNECTION_CLOSE, frames.next());
            assertEquals(TransportError.INVALID_TOKEN, frames.code());
            assertEquals(FrameReader.END, frames.next());
        }
    }

    @Test
    void anotherVersionIsToldWhichAreSpoken() {
        initial(Version.V1, in, 0);
        in.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 1, (byte) 0x1a);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1199, false));
        assertEquals(StatelessAnswers.ANSWERED, look(answers, 1200, false));
        answer.begin(out, 0, answers.answerBytes(), 4);
        assertEquals(Found.NEGOTIATION, answer.next());
        assertTrue(VersionNegotiation.contains(answer, Version.V1) && VersionNegotiation.contains(answer, Version.V2));
    }

    @Test
    void whatCannotBeginAConnectionIsDropped() {
        initial(Version.V1, in, 0);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1199, false), "cut, too");
        long numberAt = PacketWriter.initial(in, 0, Version.V1, ids, 0, ConnectionId.BYTES, in, 0, 0, 0, 1);
        PacketWriter.length(in, numberAt, 1199 - 16);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1199, false), "a datagram below 1,200 bytes");
        assertEquals(StatelessAnswers.ACCEPTED, look(answers, 1200, false), "with one byte of anything behind");
        initial(Version.V2, in, 0);
        assertEquals(StatelessAnswers.DROPPED, look(answers(null, Version.V1), 1200, false), "a version that is known and not spoken");
        ConnectionId.copy(Hex.id(arena, "d1d2d3d4d5d6d7"), 0, ids, 0);
        initial(Version.V1, in, 0);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1200, false), "a first destination of seven bytes");
        numberAt = PacketWriter.longHeader(in, 0, Version.V1, PacketType.HANDSHAKE, ids, 0, ConnectionId.BYTES, 0, 1);
        PacketWriter.length(in, numberAt, 1200 - 16);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1200, true));
        tokens.keys(null);
        ConnectionId.copy(Hex.id(arena, "d1d2d3d4d5d6d7d8"), 0, ids, 0);
        initial(Version.V1, in, 0);
        assertEquals(StatelessAnswers.DROPPED, look(answers, 1200, true), "no keys for the token of a Retry");
    }

    @Test
    void whoSpeaksOfAConnectionThatIsNotHereIsReset() {
        PacketWriter.shortHeader(in, 0, ids, 0, 77, 2, false);
        MemorySegment token = arena.allocate(16);
        resets.write(ids, 0, resets.place(path, 0), token, 0);
        assertEquals(StatelessAnswers.ANSWERED, look(answers, 100, true));
        assertTrue(ResetTokens.isReset(out, 0, answers.answerBytes(), token, 0));
        assertEquals(StatelessAnswers.DROPPED, look(answers, 21, true), "too short to be answered");
        assertEquals(StatelessAnswers.DROPPED, look(answers(null, Version.V1), 100, true), "no key");
    }
}
