package dev.coffer.server.net;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What is to be sent: runs of datagrams, one behind the other in one piece of memory, each run with the header of all its datagrams
/// as [dev.coffer.memory.engine.DatagramEngine#pollOutput] writes them. A run that goes on where the one before ended (same path, ECN
/// codepoint and size, nothing shorter between) becomes part of it, so that an engine that writes one datagram at a time is sent
/// like one that writes many.
///
/// ```java
/// long wrote = engine.pollOutput(queue.memory(), queue.at(), queue.room(), queue.memory(), queue.headerAt(), now);
/// if (wrote > 0) {
///     queue.add((int) wrote);
/// }
/// ```
///
/// Filled from the front, and emptied as a whole: room comes back, wiped, when everything was sent. One thread at a time.
///
/// ```
///   output   | run | run | run |        room          |
///   runs     | header 48, offset 4, bytes 4 | ...             one each
/// ```
public final class DatagramQueue implements Account {
    /// Bytes of one run's row.
    private static final long RUN_BYTES = DatagramHeader.BYTES + 2 * Integer.BYTES;
    private static final long RUN_AT = DatagramHeader.BYTES;
    private static final long RUN_LENGTH = RUN_AT + Integer.BYTES;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int NONE = -1;
    private static final VarHandle USED;
    private static final VarHandle PEAK;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(DatagramQueue.class, "used", int.class);
            PEAK = MethodHandles.lookup().findVarHandle(DatagramQueue.class, "peak", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MemorySegment memory;
    private final long outputAt;
    private final int outputBytes;
    private final long runsAt;
    private final int runs;
    private int used;       // bytes of the output
    private int peak;
    private int count;      // runs that are queued or were sent
    private int first;      // the first of them that is not wholly sent
    private int done;       // bytes of it that are
    private int single = NONE;  // the run that is not sent by one message, as the system refuses that

    /// @param memory  in which everything lies
    /// @param at      of the rows of [#plan], one behind the other
    DatagramQueue(DatagramConfig config, MemorySegment memory, long at) {
        this.memory = memory;
        this.outputBytes = config.outputBytes();
        this.runs = config.outputs();
        this.outputAt = at;
        this.runsAt = at + Align.up(outputBytes, Align.CACHE_LINE_BYTES);
    }

    /// {@return its rows}
    static MemoryPlan[] plan(DatagramConfig config) {
        return new MemoryPlan[] {MemoryPlan.block("output", Align.up(config.outputBytes(), Align.CACHE_LINE_BYTES), 1,
                "queued to be sent, then wiped"),
                MemoryPlan.block("output headers", Align.up(config.outputs() * RUN_BYTES, Align.CACHE_LINE_BYTES), 1,
                        config.outputs() + " x " + RUN_BYTES)};
    }

    /// {@return the memory to write to}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return where the next output goes}
    public long at() {
        return outputAt + used;
    }

    /// {@return bytes that there are for it; 0 where no run is left}
    public int room() {
        return count == runs ? 0 : outputBytes - used;
    }

    /// {@return where its header goes, [DatagramHeader#BYTES] bytes. Only where there is [#room]}
    public long headerAt() {
        return row(count);
    }

    private long row(int run) {
        return runsAt + run * RUN_BYTES;
    }

    /// Queues what was written at [#at], with its header at [#headerAt].
    ///
    /// @param bytes  of it, 0..[#room]; 0 is one empty datagram
    /// @throws IllegalArgumentException  more than there is room for, a segment size that is not in 1..65,507, or more than
    ///                                   [DatagramEngine#SEGMENTS_MAX] segments (caller's fault); nothing is queued
    public void add(int bytes) {
        if (bytes < 0 || count == runs || bytes > outputBytes - used) {
            throw new IllegalArgumentException("output: " + bytes + " bytes (expected 0.." + room() + ")");
        }
        long row = headerAt();
        int segment = bytes == 0 ? 1 : DatagramHeader.segmentBytes(memory, row);
        if (segment < 1 || segment > DatagramEngine.DATAGRAM_BYTES_MAX || segments(bytes, segment) > DatagramEngine.SEGMENTS_MAX) {
            throw new IllegalArgumentException("output: " + bytes + " bytes in segments of " + segment + " (expected 1.."
                    + DatagramEngine.SEGMENTS_MAX + " of 1.." + DatagramEngine.DATAGRAM_BYTES_MAX + ")");
        }
        if (continues(bytes, segment, row)) {
            memory.set(I32, row(count - 1) + RUN_LENGTH, length(count - 1) + bytes);
        } else {
            DatagramHeader.segmentBytes(memory, row, segment);
            memory.set(I32, row + RUN_AT, used);
            memory.set(I32, row + RUN_LENGTH, bytes);
            count++;
        }
        USED.setOpaque(this, used + bytes);
        PEAK.setOpaque(this, Math.max(peak, used));
    }

    /// {@return datagrams in so many bytes}
    static int segments(int bytes, int segment) {
        return bytes == 0 ? 1 : (bytes + segment - 1) / segment;
    }

    /// {@return whether what was written belongs to the run before it: that one has no shorter datagram at its end, and what comes has the
    /// same size, or is one datagram that is shorter}
    private boolean continues(int bytes, int segment, long row) {
        if (first == count || bytes == 0) {
            return false;
        }
        long before = row(count - 1);
        int length = length(count - 1);
        int size = DatagramHeader.segmentBytes(memory, before);
        return length > 0 && length % size == 0 && (segment == size || bytes <= segment && bytes < size)
                && segments(length + bytes, size) <= DatagramEngine.SEGMENTS_MAX
                && DatagramHeader.ecn(memory, before) == DatagramHeader.ecn(memory, row)
                && NetworkPath.equal(memory, before + DatagramHeader.PATH, memory, row + DatagramHeader.PATH);
    }

    private int length(int run) {
        return memory.get(I32, row(run) + RUN_LENGTH);
    }

    /// {@return whether nothing waits}
    public boolean isEmpty() {
        return first == count;
    }

    // What follows is for the socket that sends.

    /// {@return the first run that is not wholly sent}
    int first() {
        return first;
    }

    /// {@return bytes of the first run that are sent}
    int done() {
        return done;
    }

    /// {@return the run behind the last}
    int end() {
        return count;
    }

    /// {@return where a run's header lies}
    long header(int run) {
        return row(run);
    }

    /// {@return where a run's bytes lie}
    long bytesAt(int run) {
        return outputAt + memory.get(I32, row(run) + RUN_AT);
    }

    /// {@return bytes of a run}
    int bytes(int run) {
        return length(run);
    }

    /// {@return bytes of the message that begins there}
    ///
    /// @param from       bytes of the run before it
    /// @param segmented  whether it may hold as many datagrams as an IP packet has bytes for
    int message(int run, int from, boolean segmented) {
        int rest = length(run) - from;
        int segment = DatagramHeader.segmentBytes(memory, row(run));
        return Math.min(rest,
                segmented && run != single ? DatagramEngine.DATAGRAM_BYTES_MAX / segment * segment : segment);
    }

    /// {@return datagrams in that many bytes of a run, from a boundary on}
    int datagrams(int run, int bytes) {
        return segments(bytes, DatagramHeader.segmentBytes(memory, row(run)));
    }

    /// The first run's datagrams are sent one by one from here on.
    void singly() {
        single = first;
    }

    /// The first so many bytes that wait were sent or dropped: one message.
    void take(int bytes) {
        done += bytes;
        if (done == length(first)) {
            first++;
            done = 0;
            if (first == count) {
                clear();
            }
        }
    }

    /// Forgets and wipes everything.
    void clear() {
        Wipe.bytes(memory, outputAt, used);
        Wipe.bytes(memory, runsAt, Math.min(count + 1, runs) * RUN_BYTES);
        USED.setOpaque(this, 0);
        count = 0;
        first = 0;
        done = 0;
        single = NONE;
    }

    @Override
    public String name() {
        return "output";
    }

    @Override
    public long capacityBytes() {
        return Align.up(outputBytes, Align.CACHE_LINE_BYTES);
    }

    @Override
    public long usedBytes() {
        return (int) USED.getOpaque(this);
    }

    @Override
    public long peakBytes() {
        return (int) PEAK.getOpaque(this);
    }

    @Override
    public String toString() {
        return "DatagramQueue[" + (count - first) + " runs of " + runs + ", " + used + " bytes of " + outputBytes + "]";
    }
}
