package dev.coffer.http.http2;

import dev.coffer.http.internal.Priority;
import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// Frames of control that are yet to be sent, in places that are counted: a peer that makes us owe it more than that, and does not
/// read, is answered with ENHANCE_YOUR_CALM. What may come at once ([Floods]) has its places, as it may come in one piece; of resets those of
/// streams one behind the other for one reason share one, and all streams that may be open have one each, as they may end in one turn. Also the streams that were reset last, whose frames may still be on their way to us.
final class Controls {
    private static final int PINGS = Floods.PINGS_AT_ONCE;
    private static final int RESETS_MIN = 128;
    private static final int RESETS_REFUSED = 28;           // of streams that are none of those that are open
    private static final int FURTHER_SHIFT = 8;
    private static final int FURTHER_MAX = 0xff_ffff;
    private static final int RECENT = 128;
    private static final int SETTINGS_ACKS_MAX = Floods.SETTINGS_AT_ONCE;
    private static final int SETTINGS_MAX = 6;              // that we say
    static final int PINGS_BYTES = PINGS * Long.BYTES;
    static final int RECENT_BYTES = RECENT * Integer.BYTES;
    private static final int EARLY = 8;                     // priorities of requests that have yet to come; of more the oldest is forgotten
    static final int EARLY_BYTES = EARLY * Long.BYTES;
    static final int PAYLOAD_BYTES = 64;                    // of a frame that is read: its head, and as much as we look at
    /// Opaque data of the ping that asks whether the first GOAWAY has been heard.
    static final long FAREWELL = 0x6661726577656c6cL;

    private final Http2Config config;
    private final int resetsMax;
    private final MemorySegment memory;
    private final long pingsAt;
    private final long resetsAt;
    private final long recentAt;
    private final long payloadAt;
    private final long earlyAt;

    private final boolean client;
    private boolean settingsDue;
    private int settingsAcks;
    private int pings;
    private int resets;
    private int recent;             // that were ever noted
    private int early;              // priorities that were ever kept ahead
    private int credit;             // of the connection's window
    private boolean farewellDue;
    private boolean goAwayDue;
    private int goAwayLast;
    private ErrorCode goAwayCode = ErrorCode.NO_ERROR;

    Controls(Http2Config config, MemorySegment memory, long at, boolean client) {
        this.client = client;
        this.config = config;
        this.memory = memory;
        this.pingsAt = at;
        this.resetsAt = pingsAt + PINGS_BYTES;
        this.resetsMax = resetsMax(config);
        this.recentAt = resetsAt + (long) resetsMax * Long.BYTES;
        this.payloadAt = recentAt + RECENT_BYTES;
        this.earlyAt = payloadAt + PAYLOAD_BYTES;
    }

    private static int resetsMax(Http2Config config) {
        return Math.max(RESETS_MIN, config.streamsMax() + RESETS_REFUSED);
    }

    /// {@return of resets that are owed: stream, how many further ones in steps of two, u24, and code, u8}
    static int resetsBytes(Http2Config config) {
        return resetsMax(config) * Long.BYTES;
    }

    static long bytes(Http2Config config) {
        return Align.up((long) PINGS_BYTES + resetsBytes(config) + RECENT_BYTES + PAYLOAD_BYTES + EARLY_BYTES, Align.CACHE_LINE_BYTES);
    }

    void reset() {
        settingsDue = true;
        settingsAcks = 0;
        pings = 0;
        resets = 0;
        recent = 0;
        early = 0;
        credit = 0;
        farewellDue = false;
        goAwayDue = false;
        goAwayCode = ErrorCode.NO_ERROR;
    }

    /// {@return whether nothing is to be sent}
    boolean isIdle() {
        return !settingsDue && settingsAcks == 0 && pings == 0 && resets == 0 && !goAwayDue && !farewellDue && credit < window() / 2;
    }

    /// {@return bytes that [#keep] writes}
    int keptBytes() {
        return (2 + Math.min(recent, RECENT)) * Integer.BYTES;
    }

    void keep(RestBlocks rest) {
        int count = Math.min(recent, RECENT);
        rest.putInt(credit);
        rest.putInt(count);
        for (int i = recent - count; i < recent; i++) {
            rest.putInt(BigEndian.i32(memory, recentAt + (long) (i % RECENT) * Integer.BYTES));
        }
    }

    void resume(RestBlocks rest) {
        settingsDue = false;
        credit = rest.getInt();
        for (int left = rest.getInt(); left > 0; left--) {
            note(rest.getInt());
        }
    }

    void wipe() {
        Wipe.bytes(memory, pingsAt, bytes(config));
    }

    MemorySegment memory() {
        return memory;
    }

    long payloadAt() {
        return payloadAt;
    }

    /// {@return whether nothing has been said yet}
    boolean isFirstDue() {
        return settingsDue;
    }

    boolean settingsAck() {
        return ++settingsAcks <= SETTINGS_ACKS_MAX;
    }

    /// A ping is to be answered.
    boolean ping(long opaque) {
        if (pings == PINGS) {
            return false;
        }
        BigEndian.i64(memory, pingsAt + (long) pings++ * Long.BYTES, opaque);
        return true;
    }

    /// A stream is to be reset.
    ///
    /// @return whether there is a place for that
    boolean reset(int stream, ErrorCode code) {
        note(stream);
        long lastAt = resetsAt + (resets - 1L) * Long.BYTES;
        if (resets > 0 && follows(BigEndian.i64(memory, lastAt), stream, code)) {
            BigEndian.i64(memory, lastAt, BigEndian.i64(memory, lastAt) + (1 << FURTHER_SHIFT));
            return true;
        }
        if (resets == resetsMax) {
            return false;
        }
        BigEndian.i64(memory, resetsAt + (long) resets++ * Long.BYTES, (long) stream << 32 | code.code());
        return true;
    }

    private static boolean follows(long reset, int stream, ErrorCode code) {
        int further = (int) reset >>> FURTHER_SHIFT;
        return (reset & 0xff) == code.code() && further < FURTHER_MAX && (reset >>> 32) + 2L * further + 2 == stream;
    }

    private void note(int stream) {
        BigEndian.i32(memory, recentAt + (long) (recent % RECENT) * Integer.BYTES, stream);
        recent++;
    }

    /// The peer has reset it as well: frames of it are a fault now.
    void forget(int stream) {
        for (int i = Math.min(recent, RECENT) - 1; i >= 0; i--) {
            long at = recentAt + (long) i * Integer.BYTES;
            if (BigEndian.i32(memory, at) == stream) {
                BigEndian.i32(memory, at, 0);
            }
        }
    }

    /// {@return whether a stream was reset by us not long ago, so that frames of it are no fault}
    boolean isRecent(int stream) {
        for (int i = Math.min(recent, RECENT) - 1; i >= 0; i--) {
            if (BigEndian.i32(memory, recentAt + (long) i * Integer.BYTES) == stream) {
                return true;
            }
        }
        return false;
    }

    // Priorities ahead of their requests (RFC 9218, section 7.1): the stream, and 8 bits of what was said.

    private long earlyAt(int index) {
        return earlyAt + (long) index * Long.BYTES;
    }

    /// Keeps what is said of a stream that has yet to begin; the last word counts.
    void early(int stream, int priority) {
        int index = early % EARLY;
        for (int i = 0; i < EARLY; i++) {
            index = BigEndian.i64(memory, earlyAt(i)) >>> Byte.SIZE == stream ? i : index;
        }
        early += index == early % EARLY ? 1 : 0;
        BigEndian.i64(memory, earlyAt(index), (long) stream << Byte.SIZE | priority);
    }

    /// {@return what was said of a stream that begins, which is forgotten; or [Priority#NONE]}
    int early(int stream) {
        for (int i = 0; i < EARLY && early > 0; i++) {
            long kept = BigEndian.i64(memory, earlyAt(i));
            if (kept >>> Byte.SIZE == stream) {
                BigEndian.i64(memory, earlyAt(i), 0);
                return (int) kept & 0xff;
            }
        }
        return Priority.NONE;
    }

    /// {@return streams past one of which something is kept}
    int earlyPast(int last) {
        int count = 0;
        for (int i = 0; i < EARLY && early > 0; i++) {
            count += BigEndian.i64(memory, earlyAt(i)) >>> Byte.SIZE > last ? 1 : 0;
        }
        return count;
    }

    /// {@return bytes of content that have come and that the peer has yet to hear of}
    int credit() {
        return credit;
    }

    void credit(int bytes) {
        credit += bytes;
    }

    void goAway(int lastStream, ErrorCode code) {
        goAwayDue = true;
        goAwayLast = lastStream;
        goAwayCode = code;
    }

    void farewell() {
        farewellDue = true;
    }

    /// {@return whether a stream's end is yet to be said}
    boolean isResetDue() {
        return resets > 0;
    }

    boolean isGoAwayDue() {
        return goAwayDue;
    }

    /// Writes what fits.
    ///
    /// @param alone  only GOAWAY counts any more
    /// @return bytes written
    int write(MemorySegment output, long at, long room, boolean alone) {
        long to = at;
        long end = at + room;
        if (settingsDue) {
            if (beginBytes() > end - to) {
                return 0;
            }
            to = begin(output, to);
            settingsDue = false;
        }
        if (!alone) {
            to = owed(output, to, end);
        }
        if (goAwayDue && end - to >= Frame.GOAWAY_BYTES) {
            goAwayDue = false;
            Frame.head(output, to, 8, Frame.GOAWAY, 0, 0);
            BigEndian.i32(output, to + Frame.HEAD_BYTES, goAwayLast);
            BigEndian.i32(output, to + Frame.HEAD_BYTES + 4, goAwayCode.code());
            to += Frame.GOAWAY_BYTES;
        }
        if (farewellDue && end - to >= Frame.PING_BYTES) {
            farewellDue = false;
            ping(output, to, 0, FAREWELL);
            to += Frame.PING_BYTES;
        }
        return (int) (to - at);
    }

    private long owed(MemorySegment output, long from, long end) {
        long to = from;
        for (; settingsAcks > 0 && end - to >= Frame.HEAD_BYTES; settingsAcks--) {
            Frame.head(output, to, 0, Frame.SETTINGS, Frame.ACK, 0);
            to += Frame.HEAD_BYTES;
        }
        int done = 0;
        for (; done < pings && end - to >= Frame.PING_BYTES; done++) {
            ping(output, to, Frame.ACK, BigEndian.i64(memory, pingsAt + (long) done * Long.BYTES));
            to += Frame.PING_BYTES;
        }
        pings = shift(pingsAt, pings, done);
        for (done = 0; done < resets && end - to >= Frame.RST_STREAM_BYTES;) {
            long place = resetsAt + (long) done * Long.BYTES;
            long reset = BigEndian.i64(memory, place);
            Frame.head(output, to, 4, Frame.RST_STREAM, 0, (int) (reset >>> 32));
            BigEndian.i32(output, to + Frame.HEAD_BYTES, (int) reset & 0xff);
            to += Frame.RST_STREAM_BYTES;
            if ((int) reset >>> FURTHER_SHIFT > 0) {
                BigEndian.i64(memory, place, reset + (2L << 32) - (1 << FURTHER_SHIFT));
            } else {
                done++;
            }
        }
        resets = shift(resetsAt, resets, done);
        if (credit >= window() / 2 && end - to >= Frame.WINDOW_UPDATE_BYTES) {
            update(output, to, 0, credit);
            credit = 0;
            to += Frame.WINDOW_UPDATE_BYTES;
        }
        return to;
    }

    private int shift(long at, int count, int done) {
        if (done > 0) {
            MemorySegment.copy(memory, at + (long) done * Long.BYTES, memory, at, (long) (count - done) * Long.BYTES);
        }
        return count - done;
    }

    private static void ping(MemorySegment output, long at, int flags, long opaque) {
        Frame.head(output, at, 8, Frame.PING, flags, 0);
        BigEndian.i64(output, at + Frame.HEAD_BYTES, opaque);
    }

    static void update(MemorySegment output, long at, int stream, int bytes) {
        Frame.head(output, at, 4, Frame.WINDOW_UPDATE, 0, stream);
        BigEndian.i32(output, at + Frame.HEAD_BYTES, bytes);
    }

    /// {@return bytes that may come of all streams together before the peer hears of more: what a stream may have at least, so that it holds
    /// nobody back}
    int window() {
        return Math.max(Frame.WINDOW_BYTES_INITIAL, config.windowBytes());
    }

    /// {@return bytes of [#begin], at most}
    private int beginBytes() {
        return (client ? FrameReader.PREFACE.length() : 0) + Frame.HEAD_BYTES + SETTINGS_MAX * Frame.SETTING_BYTES + Frame.WINDOW_UPDATE_BYTES;
    }

    /// Writes what is said first: a client's preface, settings, and how much larger the connection's window is than the least.
    private long begin(MemorySegment output, long at) {
        long from = at;
        if (client) {
            FrameReader.PREFACE.write(output, at);
            from += FrameReader.PREFACE.length();
        }
        long to = from + Frame.HEAD_BYTES;
        if (client) {
            to = setting(output, to, Frame.ENABLE_PUSH, 0);
        } else {
            to = setting(output, to, Frame.MAX_CONCURRENT_STREAMS, config.streamsMax());
            to = setting(output, to, Frame.ENABLE_CONNECT_PROTOCOL, 1);  // RFC 8441, section 3
        }
        to = setting(output, to, Frame.MAX_HEADER_LIST_SIZE, config.limits().headBytesMax());
        to = setting(output, to, Frame.NO_RFC7540_PRIORITIES, 1);
        if (config.windowBytes() != Frame.WINDOW_BYTES_INITIAL) {
            to = setting(output, to, Frame.INITIAL_WINDOW_SIZE, config.windowBytes());
        }
        if (config.decoderTableBytes() != 4096) {
            to = setting(output, to, Frame.HEADER_TABLE_SIZE, config.decoderTableBytes());
        }
        Frame.head(output, from, (int) (to - from) - Frame.HEAD_BYTES, Frame.SETTINGS, 0, 0);
        if (window() > Frame.WINDOW_BYTES_INITIAL) {
            update(output, to, 0, window() - Frame.WINDOW_BYTES_INITIAL);
            to += Frame.WINDOW_UPDATE_BYTES;
        }
        return to;
    }

    private static long setting(MemorySegment output, long at, int name, int value) {
        Frame.setting(output, at, name, value);
        return at + Frame.SETTING_BYTES;
    }
}
