package dev.coffer.http.http3;

import dev.coffer.http.internal.Priority;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The frames of the peer's control stream (RFC 9114, sections 6.2.1, 7.2): settings first and once, then what concerns the connection.
///
/// A priority of a request that has yet to come is kept for it, of as many as may be open at a time, [#EARLY_MAX] at most (RFC 9218, section 7.2); of more the oldest is forgotten.
final class ControlReader {
    /// Settings, in octets: more than any peer has to say.
    private static final long SETTINGS_BYTES_MAX = 4096;
    static final int PRIORITY_BYTES_MAX = 64;       // of one that is looked at
    static final int EARLY_MAX = 8;
    private static final long NONE = -1;            // also of an early priority, though the very last stream, most urgent and in parts, would be the same: it is not remembered
    private static final int PRIORITY_BITS = 4;
    private static final int KIND_BITS = 2;

    private final Http3Engine engine;
    private final FrameHead frame = new FrameHead();        // and numbers of its payload
    private final MemorySegment memory;
    private final long priorityAt;
    private final long[] early;                             // a stream's number without the two bits of its kind, and its priority
    private int earlyNext;

    private boolean settled;        // SETTINGS have come
    private long left;              // of the frame's payload
    private long setting = NONE;    // whose value comes
    private int said;               // settings that mean something, as bits
    private long tableBytes;
    private int blockedStreams;     // and what is more than anybody has
    private int sectionBytesMax;    // of a field section that the peer takes
    private long id = NONE;         // of GOAWAY and the like
    private int priorityLength;
    private long pushMax;           // as the peer said
    private long goneAway;          // as the peer said last

    ControlReader(Http3Engine engine, MemorySegment memory, long at) {
        this.engine = engine;
        this.memory = memory;
        this.priorityAt = at;
        this.early = new long[places(engine.config.streamsMax())];
    }

    /// {@return priorities that are kept}
    private static int places(int streamsMax) {
        return Math.min(EARLY_MAX, streamsMax);
    }

    static long heapBytes(int streamsMax) {
        return HeapLayout.instance(ControlReader.class) + HeapLayout.instance(FrameHead.class) + HeapLayout.array(long.class, places(streamsMax));
    }

    void reset() {
        Wipe.bytes(memory, priorityAt, PRIORITY_BYTES_MAX);
        frame.reset();
        java.util.Arrays.fill(early, NONE);
        earlyNext = 0;
        settled = false;
        setting = NONE;
        said = 0;
        tableBytes = 0;
        blockedStreams = 0;
        sectionBytesMax = Integer.MAX_VALUE;
        pushMax = NONE;
        goneAway = Long.MAX_VALUE;
    }

    boolean isSettled() {
        return settled;
    }

    /// {@return the largest field section that the peer takes, as far as it has said (RFC 9114, section 4.2.2)}
    int sectionBytesMax() {
        return sectionBytesMax;
    }

    /// {@return the priority that was said of a stream before it came, or below zero}
    int early(long stream) {
        for (int i = 0; i < early.length; i++) {
            if (early[i] != NONE && early[i] >>> PRIORITY_BITS == stream >>> KIND_BITS) {
                int priority = (int) early[i] & (1 << PRIORITY_BITS) - 1;
                early[i] = NONE;
                return priority;
            }
        }
        return -1;
    }

    /// Takes bytes, up to an error of the connection or to its end by what a frame has brought about.
    ErrorCode feed(MemorySegment input, long at, long length, long now) {
        long from = at;
        long last = at + length;
        ErrorCode error = ErrorCode.H3_NO_ERROR;
        while (from < last && error == ErrorCode.H3_NO_ERROR && !engine.isOver()) {
            if (!frame.isWhole()) {
                from += frame.take(input, from, last - from);
                error = frame.isWhole() ? begin(now) : ErrorCode.H3_NO_ERROR;
            } else {
                long bytes = Math.min(left, last - from);
                error = payload(input, from, bytes);
                from += bytes;
                left -= bytes;
            }
            if (error == ErrorCode.H3_NO_ERROR && frame.isWhole() && left == 0) {
                error = end();
                frame.reset();
            }
        }
        return error;
    }

    private ErrorCode begin(long now) {
        long type = frame.type();
        left = frame.length();
        engine.traced(false, type, engine.peerStreams.control(), left);
        frame.resetNumber();
        id = NONE;
        priorityLength = 0;
        setting = NONE;
        if (!settled && type != Frame.SETTINGS) {
            return ErrorCode.H3_MISSING_SETTINGS;   // section 6.2.1
        }
        if (type == Frame.SETTINGS) {
            return settled ? ErrorCode.H3_FRAME_UNEXPECTED : left > SETTINGS_BYTES_MAX ? ErrorCode.H3_EXCESSIVE_LOAD : ErrorCode.H3_NO_ERROR;
        }
        if (type == Frame.DATA || type == Frame.HEADERS || type == Frame.PUSH_PROMISE || Frame.isReserved(type)
                || engine.isClient() && (type == Frame.MAX_PUSH_ID || isPriority(type))) {
            return ErrorCode.H3_FRAME_UNEXPECTED;   // section 7.2; RFC 9218, section 7.2
        }
        if (!engine.floods.takeFrame(now)) {
            return ErrorCode.H3_EXCESSIVE_LOAD;
        }
        boolean isNumber = type == Frame.CANCEL_PUSH || type == Frame.GOAWAY || type == Frame.MAX_PUSH_ID;
        return isNumber && (left == 0 || left > Frame.NUMBER_BYTES_MAX) || isPriority(type) && left == 0 ? ErrorCode.H3_FRAME_ERROR : ErrorCode.H3_NO_ERROR;
    }

    private static boolean isPriority(long type) {
        return type == Frame.PRIORITY_UPDATE || type == Frame.PRIORITY_UPDATE_PUSH;
    }

    private ErrorCode payload(MemorySegment input, long at, long bytes) {
        long type = frame.type();
        if (type == Frame.SETTINGS) {
            return settings(input, at, bytes);
        }
        boolean isNumber = type == Frame.CANCEL_PUSH || type == Frame.GOAWAY || type == Frame.MAX_PUSH_ID || isPriority(type);
        long taken = 0;
        if (isNumber && id == NONE) {
            taken = frame.takeNumber(input, at, bytes);
            if (frame.isNumberWhole()) {
                id = frame.number();
            }
        }
        if (isPriority(type)) {
            for (; taken < bytes && priorityLength < PRIORITY_BYTES_MAX; taken++) {
                memory.set(ValueLayout.JAVA_BYTE, priorityAt + priorityLength++, input.get(ValueLayout.JAVA_BYTE, at + taken));
            }
            priorityLength += taken < bytes ? 1 : 0;
            return ErrorCode.H3_NO_ERROR;
        }
        return isNumber && taken < bytes ? ErrorCode.H3_FRAME_ERROR : ErrorCode.H3_NO_ERROR;  // more than a number
    }

    private ErrorCode settings(MemorySegment input, long at, long bytes) {
        for (long taken = 0; taken < bytes;) {
            taken += frame.takeNumber(input, at + taken, bytes - taken);
            if (!frame.isNumberWhole()) {
                break;
            }
            long value = frame.number();
            frame.resetNumber();
            if (setting == NONE) {
                setting = value;
            } else {
                ErrorCode error = setting(setting, value);
                if (error != ErrorCode.H3_NO_ERROR) {
                    return error;
                }
                setting = NONE;
            }
        }
        return ErrorCode.H3_NO_ERROR;
    }

    private ErrorCode setting(long name, long value) {
        if (Frame.isReservedSetting(name)) {
            return ErrorCode.H3_SETTINGS_ERROR;
        }
        int bit;
        switch ((int) Math.min(name, Integer.MAX_VALUE)) {
            case Frame.QPACK_MAX_TABLE_CAPACITY -> {
                bit = 1;
                tableBytes = value;
            }
            case Frame.QPACK_BLOCKED_STREAMS -> {
                bit = 2;
                blockedStreams = (int) Math.min(value, Integer.MAX_VALUE);
            }
            case Frame.MAX_FIELD_SECTION_SIZE -> {
                bit = 4;
                sectionBytesMax = (int) Math.min(value, Integer.MAX_VALUE);
            }
            case Frame.ENABLE_CONNECT_PROTOCOL -> bit = value > 1 ? 0 : 8;
            case Frame.H3_DATAGRAM -> bit = value > 1 ? 0 : 16;
            default -> {
                return ErrorCode.H3_NO_ERROR;  // ignored (section 7.2.4.1)
            }
        }
        engine.heard(name, value);
        boolean good = bit != 0 && (said & bit) == 0;  // once each (section 7.2.4)
        said |= bit;
        return good ? ErrorCode.H3_NO_ERROR : ErrorCode.H3_SETTINGS_ERROR;
    }

    private ErrorCode end() {
        long type = frame.type();
        if (type == Frame.SETTINGS) {
            settled = true;
            if (setting != NONE || !frame.isNumberFresh()) {
                return ErrorCode.H3_FRAME_ERROR;  // cut in a pair
            }
            engine.encoder.settings(tableBytes, blockedStreams);
            return engine.settled();
        }
        if (type == Frame.CANCEL_PUSH) {
            return id == NONE ? ErrorCode.H3_FRAME_ERROR : ErrorCode.H3_ID_ERROR;  // none was promised, nor allowed (section 7.2.3)
        }
        if (type == Frame.GOAWAY) {
            return id == NONE ? ErrorCode.H3_FRAME_ERROR : goAway();
        }
        if (type == Frame.MAX_PUSH_ID) {
            boolean down = id < pushMax;
            pushMax = id;
            return id == NONE ? ErrorCode.H3_FRAME_ERROR : down ? ErrorCode.H3_ID_ERROR : ErrorCode.H3_NO_ERROR;  // section 7.2.7
        }
        return isPriority(type) ? priority() : ErrorCode.H3_NO_ERROR;
    }

    /// Of a server: a request that it has not taken, as all of higher numbers. Of a client: a push, which there is none of.
    private ErrorCode goAway() {
        if (engine.isClient() && (id & 3) != 0 || id > goneAway) {
            return ErrorCode.H3_ID_ERROR;   // sections 5.2, 7.2.6
        }
        goneAway = id;
        engine.goneAway(id);
        return ErrorCode.H3_NO_ERROR;
    }

    private ErrorCode priority() {
        if (id == NONE) {
            return ErrorCode.H3_FRAME_ERROR;
        }
        if (frame.type() == Frame.PRIORITY_UPDATE_PUSH || (id & 3) != 0 || !engine.transport().isWithinLimits(id)) {
            return ErrorCode.H3_ID_ERROR;   // RFC 9218, section 7.2: no push was promised, and a request is a client's stream of both directions, which it may open
        }
        int value = priorityLength > PRIORITY_BYTES_MAX ? Priority.NONE : Priority.read(memory, priorityAt, priorityLength);
        Stream stream = engine.streams.byId(id);
        if (value == Priority.NONE) {
            return ErrorCode.H3_NO_ERROR;  // what is no priority changes none
        }
        if (stream != null) {
            stream.priority(value);
            stream.isPrioritized = true;
        } else {  // it has yet to come, perhaps behind others of higher numbers, or is long over
            early[earlyNext] = id >>> KIND_BITS << PRIORITY_BITS | value;
            earlyNext = (earlyNext + 1) % early.length;
        }
        return ErrorCode.H3_NO_ERROR;
    }
}
