package dev.coffer.http.http2;

import dev.coffer.http.DateField;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the connections of one loop lend their streams: places for heads, windows for content; and the one place in which a head
/// that is written is put together.
///
/// **Shares.** A connection that has none is given one while there is any; one that has some is given another only while that leaves others a
/// quarter of what it has, and one at least. So whoever takes all that is given leaves a fifth, as does the next of what is left, and the last
/// one always goes to a connection that has none. A client's own connections are given all there is.
///
/// **When full** a new stream is refused with REFUSED_STREAM, so that its client may ask again. One thread at a time; the accounts may
/// be read from any. 0 heap bytes after construction.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Http2Streams {
    static final long NONE = -1;
    /// What a connection may have of a thing, in parts of what is free for others then.
    private static final int SHARE = 4;

    private final Http2Config config;
    private final MemorySegment memory;
    private final boolean shared;       // among connections whose peers are not ours
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
    public Http2Streams(Http2Config config, int streams, int windows, MemorySegment memory, long at, @Nullable DateField date) {
        this(config, streams, windows, memory, at, date, false);
    }

    private Http2Streams(Http2Config config, int streams, int windows, MemorySegment memory, long at, @Nullable DateField date, boolean client) {
        MemoryPlan plan = config.streamsPlan(streams, windows, client);
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("streams: " + plan.totalBytes() + " bytes at " + at + " of " + memory.byteSize());
        }
        this.config = config;
        this.shared = !client;
        this.memory = memory;
        this.free = new Stream[streams];
        this.freeWindows = new long[windows];
        int streamBytes = config.headBytes() + config.fieldBytes();
        for (int i = streams - 1; i >= 0; i--) {
            long headAt = at + plan.offsetOf("stream") + (long) i * streamBytes;
            free[freeCount++] = new Stream(config, memory, headAt, headAt + config.headBytes(), client);
        }
        for (int i = windows - 1; i >= 0; i--) {
            freeWindows[freeWindowCount++] = at + plan.offsetOf("window") + (long) i * config.windowSlotBytes();
        }
        this.head = new HeadFields(memory, at + plan.offsetOf("head written"), config.sentHeadBytesMax(), date);
        this.streams = new SlotAccount("stream", streamBytes, streams);
        this.windows = new SlotAccount("window", config.windowSlotBytes(), windows);
    }

    /// Those of clients' connections: an answer may always have content, so each has a window.
    ///
    /// @param streams  of all connections at a time
    /// @param memory   the caller's; must outlive the connections
    /// @param at       offset of [#planOfClient] bytes, all zero
    public static Http2Streams ofClient(Http2Config config, int streams, MemorySegment memory, long at) {
        return new Http2Streams(config, streams, streams, memory, at, null, true);
    }

    /// {@return what so many streams and windows of a server's hold}
    public static MemoryPlan plan(Http2Config config, int streams, int windows) {
        return config.streamsPlan(streams, windows, false);
    }

    /// {@return what so many streams of a client's hold}
    public static MemoryPlan planOfClient(Http2Config config, int streams) {
        return config.streamsPlan(streams, streams, true);
    }

    /// {@return accounts of the plan's rows: heads with their fields, and windows}
    public List<Account> accounts() {
        return List.of(streams, windows);
    }

    /// {@return whether a stream's place is free}
    public boolean hasFree() {
        return freeCount > 0;
    }

    MemorySegment memory() {
        return memory;
    }

    HeadFields head() {
        return head;
    }

    /// {@return whether a connection that has so many of a thing is given another, of those that are free}
    private boolean isGiven(int held, int free) {
        return shared && held > 0 ? held < SHARE * (free - 1) : free > 0;
    }

    /// {@return a stream that nobody has, null if there is none for a connection that has so many}
    @Nullable
    Stream tryLend(int held) {
        if (!isGiven(held, freeCount)) {
            return null;
        }
        streams.taken();
        return free[--freeCount];
    }

    /// {@return whether a connection that has so many streams would be given another, with a window}
    boolean hasFor(int held) {
        return isGiven(held, freeCount) && isGiven(held, freeWindowCount);
    }

    /// {@return offset of a window that nobody has, or NONE where there is none for a connection that has so many}
    long tryLendWindow(int held) {
        if (!isGiven(held, freeWindowCount)) {
            return NONE;
        }
        windows.taken();
        return freeWindows[--freeWindowCount];
    }

    /// Takes a stream's window back, and wipes what it dirtied.
    void releaseWindow(Stream stream) {
        Wipe.bytes(memory, stream.windowAt, stream.windowDirty);
        freeWindows[freeWindowCount++] = stream.windowAt;
        windows.released();
        stream.windowAt = NONE;
        stream.windowDirty = 0;
    }

    /// Takes a stream back with its window, and wipes what it dirtied.
    void release(Stream stream) {
        if (stream.windowAt != NONE) {
            releaseWindow(stream);
        }
        stream.wipe();
        free[freeCount++] = stream;
        streams.released();
    }

    Http2Config config() {
        return config;
    }
}
