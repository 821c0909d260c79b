package dev.coffer.http.http2;

import dev.coffer.http.DateField;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What the connections of one loop lend their streams: places for heads, windows for content; and the one place in which a head
/// that is written is put together.
///
/// **When full** a new stream is refused with REFUSED_STREAM, so that its client may ask again. One thread at a time; the accounts may
/// be read from any. 0 heap bytes after construction.
public final class Http2Streams {
    static final long NONE = -1;

    private final Http2Config config;
    private final MemorySegment memory;
    private final HeadFields head;
    private final Stream[] free;        // stacks
    private int freeCount;
    private final long[] freeWindows;
    private int freeWindowCount;
    private final SlotAccount streams;
    private final SlotAccount windows;

    /// @param streams  of all connections at a time
    /// @param windows  of these, whose requests have content
    /// @param memory   the caller's; must outlive the connections
    /// @param at       offset of [#plan] bytes, all zero
    /// @param date     the loop's Date, or null for responses without one
    public Http2Streams(Http2Config config, int streams, int windows, MemorySegment memory, long at, DateField date) {
        MemoryPlan plan = plan(config, streams, windows);
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("streams: " + plan.totalBytes() + " bytes at " + at + " of " + memory.byteSize());
        }
        this.config = config;
        this.memory = memory;
        this.free = new Stream[streams];
        this.freeWindows = new long[windows];
        int streamBytes = config.headBytes() + config.fieldBytes();
        for (int i = streams - 1; i >= 0; i--) {
            long headAt = at + plan.offsetOf("stream") + (long) i * streamBytes;
            free[freeCount++] = new Stream(config, memory, headAt, headAt + config.headBytes());
        }
        for (int i = windows - 1; i >= 0; i--) {
            freeWindows[freeWindowCount++] = at + plan.offsetOf("window") + (long) i * config.windowSlotBytes();
        }
        this.head = new HeadFields(memory, at + plan.offsetOf("head written"), config.sentHeadBytesMax(), date);
        this.streams = new SlotAccount("stream", streamBytes, streams);
        this.windows = new SlotAccount("window", config.windowSlotBytes(), windows);
    }

    /// {@return what so many streams and windows hold}
    public static MemoryPlan plan(Http2Config config, int streams, int windows) {
        return config.streamsPlan(streams, windows);
    }

    /// {@return accounts of the plan's rows: heads with their fields, and windows}
    public List<Account> accounts() {
        return List.of(streams, windows);
    }

    MemorySegment memory() {
        return memory;
    }

    HeadFields head() {
        return head;
    }

    /// {@return a stream that nobody has, null if there is none}
    Stream tryLend() {
        if (freeCount == 0) {
            return null;
        }
        streams.taken();
        return free[--freeCount];
    }

    /// {@return offset of a window that nobody has, or NONE}
    long tryLendWindow() {
        if (freeWindowCount == 0) {
            return NONE;
        }
        windows.taken();
        return freeWindows[--freeWindowCount];
    }

    /// Takes a stream back with its window, and wipes what it dirtied.
    void release(Stream stream) {
        if (stream.windowAt != NONE) {
            Wipe.bytes(memory, stream.windowAt, stream.windowDirty);
            freeWindows[freeWindowCount++] = stream.windowAt;
            windows.released();
            stream.windowAt = NONE;
        }
        stream.wipe();
        free[freeCount++] = stream;
        streams.released();
    }

    Http2Config config() {
        return config;
    }
}
