package dev.coffer.quic.token;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.InitialSecrets;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.packet.VersionNegotiation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a server says to a datagram that belongs to no connection, without keeping anything of its sender:
///
/// | it begins with | answer |
/// |---|---|
/// | another version, in 1,200 bytes or more | Version Negotiation (RFC 9000, section 6.1) |
/// | an Initial packet in 1,200 bytes or more, with a token that is right | [#ACCEPTED], address validated |
/// | with no token, or one that is nobody's | Retry where the caller wants it (section 8.1.2), else [#ACCEPTED]; CONNECTION_REFUSED where it is wanted and there are no more IDs |
/// | with the token of a Retry that is not right | CONNECTION_CLOSE with INVALID_TOKEN (section 8.1.3) |
/// | a short header, or a Handshake packet to an ID as long as ours: its client may be done, and be waiting for us | stateless reset (section 10.3), where there is a key |
/// | anything else | none: dropped |
///
/// No answer is longer than three times what it answers, and a reset is shorter. How often it answers is the caller's to bound.
///
/// One object serves a loop. One thread at a time; 0 heap bytes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class StatelessAnswers {
    /// Verdict: nothing is to be said.
    public static final int DROPPED = 0;
    /// Verdict: [#answerBytes] are to be sent back.
    public static final int ANSWERED = 1;
    /// Verdict: a connection begins with this packet, where there is room for one.
    public static final int ACCEPTED = 2;

    /// Bytes of a client's first datagram at least (section 14.1).
    public static final int DATAGRAM_BYTES_MIN = 1200;
    /// Bytes of an answer at most.
    public static final int ANSWER_BYTES_MAX = VersionNegotiation.BYTES_MAX;

    private static final CipherSuite SUITE = CipherSuite.AES_128_GCM_SHA256;
    private static final int ORIGINAL_BYTES_MIN = 8;  // section 7.2

    // The memory.
    private static final long TAG = 0;
    private static final long INITIAL = TAG + Align.up(RetryTag.WORKSPACE_BYTES, Long.BYTES);
    private static final long SECRET = INITIAL + Align.up(Math.max(InitialSecrets.WORKSPACE_BYTES, SealingKeys.workspaceBytes(SUITE)), Long.BYTES);
    private static final long STATE = SECRET + InitialSecrets.BYTES;
    private static final long KEY = STATE + Align.up(SealingKeys.STATE_BYTES, Long.BYTES);
    private static final long TOKEN = KEY + Align.up(SealingKeys.keyBytes(SUITE), Long.BYTES);
    private static final long IDS = TOKEN + Align.up(AddressTokens.BYTES, Long.BYTES);  // the client's, its first destination, ours
    private static final long PEER = IDS;
    private static final long ORIGINAL = PEER + ConnectionId.BYTES;
    private static final long CHOSEN = ORIGINAL + ConnectionId.BYTES;
    /// Bytes of the memory.
    public static final long MEMORY_BYTES = Align.up(CHOSEN + ConnectionId.BYTES, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final long at;
    private final Version[] versions;
    private final AddressTokens tokens;
    private final @Nullable ResetTokens resets;
    private final ConnectionIdSource ids;
    private final Entropy entropy;
    private final RetryTag tag;
    private final SealingKeys[] sealing = new SealingKeys[Version.values().length];
    private int answerBytes;
    private boolean shown;
    private boolean retried;

    /// @param memory    [#MEMORY_BYTES] from `at`, off the heap
    /// @param versions  that are spoken, in the order of preference
    /// @param tokens    of the loop
    /// @param resets    null: no connection is reset
    /// @param ids       the source of the loop's IDs, whose length the packets are read with
    /// @throws IndexOutOfBoundsException  less memory (caller's fault)
    public StatelessAnswers(MemorySegment memory, long at, Version[] versions, AddressTokens tokens, @Nullable ResetTokens resets, ConnectionIdSource ids,
            Entropy entropy) {
        Objects.checkFromIndexSize(at, MEMORY_BYTES, memory.byteSize());
        this.memory = memory;
        this.at = at;
        this.versions = versions.clone();
        this.tokens = tokens;
        this.resets = resets;
        this.ids = ids;
        this.entropy = entropy;
        this.tag = new RetryTag(memory, at + TAG);
        for (Version version : Version.values()) {
            sealing[version.ordinal()] = new SealingKeys(version, SUITE, memory, at + INITIAL).at(memory, at + STATE, memory, at + KEY);
        }
    }

    /// Looks at the first packet of a datagram.
    ///
    /// @param found      what the reader's first [PacketReader#next] said
    /// @param length     bytes of the datagram
    /// @param path       a [dev.coffer.memory.engine.NetworkPath]: from whom
    /// @param mayAnswer  whether an answer may go now: where not it is [#DROPPED], before anything is sealed for it
    /// @param wantRetry  whether who has no token is asked to come again with one
    /// @param nowMillis  since 1970
    /// @param retryMillis  how long the token of a Retry holds
    /// @param out        room for [#ANSWER_BYTES_MAX]; apart from the datagram
    /// @return [#DROPPED], [#ANSWERED] or [#ACCEPTED]
    public int look(PacketReader reader, PacketReader.Found found, long length, MemorySegment path, long pathAt, boolean mayAnswer, boolean wantRetry,
            long nowMillis, long retryMillis, MemorySegment out, long outAt) {
        answerBytes = 0;
        shown = false;
        retried = false;
        if (found == PacketReader.Found.UNKNOWN) {
            return length < DATAGRAM_BYTES_MIN || !mayAnswer ? DROPPED : answered(VersionNegotiation.write(out, outAt, reader, random(), versions) - outAt);
        }
        if (found != PacketReader.Found.PACKET) {
            return DROPPED;
        }
        if (isReset(reader)) {
            return resets == null || !mayAnswer ? DROPPED : reset(resets, reader, length, path, pathAt, out, outAt);
        }
        Version version = reader.version();
        if (version == null || reader.type() != PacketType.INITIAL || length < DATAGRAM_BYTES_MIN || reader.destinationLength() < ORIGINAL_BYTES_MIN
                || !isSpoken(version)) {
            return DROPPED;
        }
        MemorySegment in = reader.segment();
        ConnectionId.set(memory, at + PEER, in, reader.sourceAt(), reader.sourceLength());
        ConnectionId.set(memory, at + ORIGINAL, in, reader.destinationAt(), reader.destinationLength());
        return switch (tokens.open(in, reader.tokenAt(), reader.tokenLength(), path, pathAt, version.code(), in, reader.destinationAt(),
                reader.destinationLength(), nowMillis)) {
            case AddressTokens.RETRY -> {
                ConnectionId.copy(tokens.memory(), tokens.originalAt(), memory, at + ORIGINAL);
                retried = true;
                shown = true;
                yield ACCEPTED;
            }
            case AddressTokens.EARLIER -> {
                shown = true;  // spares the Retry, and lets it say something early, no more: whoever shares the address may have it, any number of times
                yield ACCEPTED;
            }
            case AddressTokens.WRONG -> mayAnswer ? answered(refuse(version, TransportError.INVALID_TOKEN, out, outAt) - outAt) : DROPPED;
            default -> wantRetry ? mayAnswer ? retry(version, path, pathAt, nowMillis, retryMillis, out, outAt) : DROPPED : ACCEPTED;
        };
    }

    /// {@return whether what is answered to a packet is a reset: of 1-RTT, or of a handshake, with an ID as ours are}
    ///
    /// @param reader  at a packet
    public boolean isReset(PacketReader reader) {
        return reader.type() == PacketType.ONE_RTT || reader.type() == PacketType.HANDSHAKE && reader.destinationLength() == ids.length();
    }

    private boolean isSpoken(Version version) {
        for (int i = 0; i < versions.length; i++) {
            if (versions[i] == version) {
                return true;
            }
        }
        return false;
    }

    private int answered(long bytes) {
        answerBytes = (int) bytes;
        return bytes == 0 ? DROPPED : ANSWERED;
    }

    private int random() {
        entropy.fill(memory, at + TOKEN, Integer.BYTES);
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + TOKEN);
    }

    private int reset(ResetTokens with, PacketReader reader, long length, MemorySegment path, long pathAt, MemorySegment out, long outAt) {
        ConnectionId.set(memory, at + ORIGINAL, reader.segment(), reader.destinationAt(), reader.destinationLength());
        return answered(with.reset(length, memory, at + ORIGINAL, with.place(path, pathAt), entropy, out, outAt));
    }

    private int retry(Version version, MemorySegment path, long pathAt, long nowMillis, long retryMillis, MemorySegment out, long outAt) {
        int random = random();
        ids.passing(memory, at + CHOSEN);
        if (!tokens.retry(path, pathAt, version.code(), memory, at + ORIGINAL, at + CHOSEN, nowMillis, retryMillis, memory,
                at + TOKEN)) {
            return DROPPED;  // without keys nobody could come again
        }
        long end = PacketWriter.retry(out, outAt, version, random, memory, at + PEER, at + CHOSEN, memory, at + TOKEN, AddressTokens.BYTES);
        return answered(tag.write(version, memory, at + ORIGINAL, out, outAt, end) - outAt);
    }

    /// Writes a refusal of a packet that was [#ACCEPTED]: there is no place for its connection after all.
    ///
    /// @param reader  as of [#look], at that packet
    /// @param code    CONNECTION_REFUSED (section 5.2.2)
    /// @param out     as of [#look]
    /// @return its bytes
    public int refuse(PacketReader reader, long code, MemorySegment out, long outAt) {
        ConnectionId.set(memory, at + PEER, reader.segment(), reader.sourceAt(), reader.sourceLength());
        ConnectionId.set(memory, at + ORIGINAL, reader.segment(), reader.destinationAt(), reader.destinationLength());
        return (int) (refuse(Objects.requireNonNull(reader.version(), "of a packet"), code, out, outAt) - outAt);
    }

    /// An Initial packet that closes: under keys that the client's packet gives to everybody.
    private long refuse(Version version, long code, MemorySegment out, long outAt) {
        SealingKeys keys = sealing[version.ordinal()];
        try {
            InitialSecrets.write(version, false, memory, at + ORIGINAL + ConnectionId.VALUE, ConnectionId.length(memory, at + ORIGINAL), memory,
                    at + INITIAL, memory, at + SECRET);
            keys.load(memory, at + SECRET);
            long numberAt = PacketWriter.initial(out, outAt, version, memory, at + PEER, at + ORIGINAL, memory, at + TOKEN, 0, 0, 1);
            long end = FrameWriter.connectionClose(out, numberAt + 1, outAt + ANSWER_BYTES_MAX, code, 0, memory, at, 0);
            PacketWriter.length(out, numberAt, end);
            return keys.seal(out, outAt, numberAt, 0, end);
        } finally {
            try {
                keys.wipe();
            } finally {
                Wipe.bytes(memory, at + SECRET, InitialSecrets.BYTES);
            }
        }
    }

    /// {@return bytes of the answer, after [#ANSWERED]}
    public int answerBytes() {
        return answerBytes;
    }

    /// {@return whether the sender has a token that was given to its address, by a Retry or another time, after [#ACCEPTED]: who only says that it is there has none}
    public boolean isShown() {
        return shown;
    }

    /// {@return whether the sender has shown that it is where it says, after [#ACCEPTED]: no limit of three times (section 8). Only a Retry's token shows that, which is of this port and
    /// of some seconds; one of NEW_TOKEN may be shown again and again by whoever shares the address (section 8.1.4)}
    public boolean isValidated() {
        return retried;
    }

    /// {@return whether it came again after a Retry, after [#ACCEPTED]: then the destination of its packet is what the Retry chose, to be said as
    /// retry_source_connection_id}
    public boolean isRetried() {
        return retried;
    }

    /// {@return the memory of [#originalAt]}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return offset of the [ConnectionId] that was the destination of the client's very first packet, after [#ACCEPTED]; until the next call}
    public long originalAt() {
        return at + ORIGINAL;
    }
}
