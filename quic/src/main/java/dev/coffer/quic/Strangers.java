package dev.coffer.quic;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketReader.Found;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.token.AddressTokens;
import dev.coffer.quic.token.ConnectionIdSource;
import dev.coffer.quic.token.ResetTokens;
import dev.coffer.quic.token.StatelessAnswers;
import java.lang.foreign.MemorySegment;

/// What an endpoint says to those who have no connection, until it is sent: a ring of datagrams with their paths.
///
/// **When full**, and past so many answers a second, nothing is said: a stranger asks again. One thread at a time; 0 heap bytes after construction.
final class Strangers {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000;
    private static final Version[] VERSIONS = {Version.V1, Version.V2};
    private static final long LENGTH = 0;                                      // u32
    private static final long PATH = 8;
    private static final long TEXT = PATH + NetworkPath.BYTES;
    private static final long SLOT_BYTES = Align.up(TEXT + StatelessAnswers.ANSWER_BYTES_MAX, Long.BYTES);

    private final EndpointConfig config;
    private final MemorySegment memory;
    private final long slots;
    private final StatelessAnswers stateless;
    final AddressTokens tokens;
    private int first;
    private int count;
    private long epochMillis;                    // at 0 of the engines' clock
    private long answersUntil = Long.MIN_VALUE;  // until when what was said is paid for
    private long resetsUntil = Long.MIN_VALUE;

    /// @param memory  off the heap, locked, zero; [#bytes] from `at`
    Strangers(EndpointConfig config, MemorySegment memory, long at, ResetTokens resets, ConnectionIdSource ids, Entropy entropy) {
        this.config = config;
        this.memory = memory;
        this.tokens = new AddressTokens(memory, at, entropy);
        this.stateless = new StatelessAnswers(memory, at + AddressTokens.MEMORY_BYTES, VERSIONS, tokens, resets, ids, entropy);
        this.slots = at + AddressTokens.MEMORY_BYTES + StatelessAnswers.MEMORY_BYTES;
    }

    static long bytes(EndpointConfig config) {
        return AddressTokens.MEMORY_BYTES + StatelessAnswers.MEMORY_BYTES + Align.up((config.answers() + 1) * SLOT_BYTES, Align.CACHE_LINE_BYTES);
    }

    private long slot(int index) {
        return slots + index % (config.answers() + 1) * SLOT_BYTES;  // one more than wait, for what is not said in the end
    }

    /// Tells the time of day.
    void clock(long nowNanos, long millis) {
        epochMillis = millis - nowNanos / MILLI;
    }

    private long millis(long nowNanos) {
        return epochMillis + nowNanos / MILLI;
    }

    /// Writes a token for another time.
    ///
    /// @return its bytes; 0 where none is given
    int token(MemorySegment path, long pathAt, Version version, long nowNanos, MemorySegment out, long outAt) {
        return config.tokenMillis() > 0
                && tokens.another(path, pathAt, version.code(), millis(nowNanos), config.tokenMillis(), out, outAt) ? AddressTokens.BYTES : 0;
    }

    /// {@return whether strangers may be asked to come again}
    boolean mayRetry(long nowNanos) {
        return tokens.isOn(millis(nowNanos));
    }

    /// Looks at the first packet of a datagram that is nobody's.
    ///
    /// @param wantRetry  whether who begins a connection is to come again
    /// @return whether a connection begins with it
    boolean look(PacketReader reader, Found found, long length, MemorySegment header, long headerAt, boolean wantRetry, long nowNanos) {
        boolean resets = found == Found.PACKET && stateless.isReset(reader);
        boolean may = mayAnswer(resets, nowNanos);
        long slot = slot(first + count);
        int verdict =
                stateless.look(reader, found, length, header, headerAt + DatagramHeader.PATH, may, wantRetry, millis(nowNanos), config.retryMillis(), memory,
                        slot + TEXT);
        if (verdict == StatelessAnswers.ANSWERED) {
            say(slot, stateless.answerBytes(), resets, header, headerAt, nowNanos);
        }
        return verdict == StatelessAnswers.ACCEPTED;
    }

    /// Tells who would begin a connection that there is no place for it (RFC 9000, section 5.2.2).
    void refuse(PacketReader reader, MemorySegment header, long headerAt, long nowNanos) {
        if (!mayAnswer(false, nowNanos)) {
            return;
        }
        long slot = slot(first + count);
        say(slot, stateless.refuse(reader, TransportError.CONNECTION_REFUSED, memory, slot + TEXT), false, header, headerAt, nowNanos);
    }

    /// {@return whether there is a place for an answer, and it is not one too many in this second}
    private boolean mayAnswer(boolean reset, long nowNanos) {
        return count < config.answers() && Math.max(reset ? resetsUntil : answersUntil, nowNanos) - nowNanos <= SECOND;
    }

    private void say(long slot, int bytes, boolean reset, MemorySegment header, long headerAt, long nowNanos) {
        long until = Math.max(reset ? resetsUntil : answersUntil, nowNanos);
        until += SECOND / (reset ? config.resetsPerSecond() : config.answersPerSecond());
        resetsUntil = reset ? until : resetsUntil;
        answersUntil = reset ? answersUntil : until;
        LittleEndian.i32(memory, slot + LENGTH, bytes);
        NetworkPath.copy(header, headerAt + DatagramHeader.PATH, memory, slot + PATH);
        count++;
    }

    /// {@return whether the one that begins a connection has a token that was given to its address, now or another time}
    boolean isShown() {
        return stateless.isShown();
    }

    /// {@return whether the one that begins a connection has shown that it is where it says}
    boolean isValidated() {
        return stateless.isValidated();
    }

    boolean isRetried() {
        return stateless.isRetried();
    }

    MemorySegment originalIn() {
        return stateless.memory();
    }

    long originalAt() {
        return stateless.originalAt();
    }

    boolean isEmpty() {
        return count == 0;
    }

    /// Writes the oldest answer.
    ///
    /// @return its bytes, 0 for none
    long poll(MemorySegment output, long at, MemorySegment header, long headerAt) {
        if (count == 0) {
            return 0;
        }
        long slot = slot(first);
        int bytes = LittleEndian.i32(memory, slot + LENGTH);
        MemorySegment.copy(memory, slot + TEXT, output, at, bytes);
        NetworkPath.copy(memory, slot + PATH, header, headerAt + DatagramHeader.PATH);
        DatagramHeader.ecn(header, headerAt, DatagramHeader.NOT_ECT);
        DatagramHeader.segmentBytes(header, headerAt, bytes);
        first = (first + 1) % (config.answers() + 1);
        count--;
        return bytes;
    }

    /// Forgets what waits.
    void clear() {
        first = 0;
        count = 0;
        answersUntil = Long.MIN_VALUE;
        resetsUntil = Long.MIN_VALUE;
        Wipe.bytes(memory, slots, (config.answers() + 1) * SLOT_BYTES);
    }
}
