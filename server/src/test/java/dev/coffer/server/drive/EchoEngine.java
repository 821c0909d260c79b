package dev.coffer.server.drive;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Sends each datagram back after a time, along the path and with the codepoint that it came with: runs of one size and path as one
/// output. A ring of fixed places; when it is full the newest is dropped and counted. An empty datagram is told and not sent back, as an output cannot be
/// empty.
final class EchoEngine implements DatagramEngine<EchoEngine.Event> {
    enum Event { ARRIVED, EMPTY, DROPPED, SENT_BACK, ENDED }

    static final int PLACES = 1024;
    private static final int BYTES_MAX = 1472;
    private static final long PLACE_BYTES = DatagramHeader.BYTES + BYTES_MAX;
    private static final long NEVER = Long.MAX_VALUE;
    private static final Event[] EVENTS = Event.values();

    /// Bytes of its memory.
    static final long BYTES = PLACES * PLACE_BYTES;

    private final MemorySegment memory;
    private final long delayNanos;
    private final int runMax;               // datagrams of an output
    private final int[] lengths = new int[PLACES];
    private final long[] due = new long[PLACES];
    private final long[] events = new long[EVENTS.length];  // not told yet
    private final long[] told = new long[EVENTS.length];
    long deadlineAt = NEVER;                // one of a test's own, which nothing but onDeadline ends
    int deadlines;                          // such that were told
    long fedBefore;                         // datagrams that the last one of them found fed
    int throwsLeft;                         // of what it is fed, or told of time
    boolean acknowledges;                   // calls what it says an acknowledgement that had waited
    private long first;
    private long next;
    private long now;
    private boolean shut;
    private boolean ended;
    private boolean released = true;

    EchoEngine(MemorySegment memory, long delayNanos, int runMax) {
        this.memory = memory;
        this.delayNanos = delayNanos;
        this.runMax = runMax;
    }

    private void fail() {
        if (throwsLeft > 0) {
            throwsLeft--;
            throw new IllegalStateException("an engine's fault");
        }
    }

    private static long place(long number) {
        return number % PLACES * PLACE_BYTES;
    }

    @Override
    public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        check(nowNanos);
        fail();
        if (ended || length > BYTES_MAX || next - first == PLACES) {
            events[Event.DROPPED.ordinal()]++;
            return;
        }
        if (length == 0) {
            events[Event.EMPTY.ordinal()]++;
            return;
        }
        long place = place(next);
        MemorySegment.copy(header, headerAt, memory, place, DatagramHeader.BYTES);
        MemorySegment.copy(input, at, memory, place + DatagramHeader.BYTES, length);
        lengths[(int) (next % PLACES)] = (int) length;
        due[(int) (next % PLACES)] = nowNanos + delayNanos;
        next++;
        events[Event.ARRIVED.ordinal()]++;
    }

    @Override
    public int feedBytesMax() {
        return BYTES_MAX;
    }

    @Override
    public int outputBytesMin() {
        return BYTES_MAX;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        check(nowNanos);
        if (length < BYTES_MAX) {
            return 0;
        }
        long wrote = 0;
        int size = 0;
        for (int segments = 0; segments < runMax && first < next && due[(int) (first % PLACES)] <= nowNanos; segments++) {
            long place = place(first);
            int bytes = lengths[(int) (first % PLACES)];
            if (size == 0) {
                size = bytes;
                MemorySegment.copy(memory, place, header, headerAt, DatagramHeader.BYTES);
                DatagramHeader.segmentBytes(header, headerAt, size);
            } else if (bytes > size || length - wrote < bytes || !NetworkPath.equal(memory, place, header, headerAt)
                    || DatagramHeader.ecn(memory, place) != DatagramHeader.ecn(header, headerAt)) {
                break;
            }
            MemorySegment.copy(memory, place + DatagramHeader.BYTES, output, at + wrote, bytes);
            Wipe.bytes(memory, place, PLACE_BYTES);
            wrote += bytes;
            first++;
            events[Event.SENT_BACK.ordinal()]++;
            if (bytes < size) {
                break;
            }
        }
        end();
        return wrote;
    }

    private void end() {
        if (shut && !ended && first == next) {
            ended = true;
            events[Event.ENDED.ordinal()]++;
        }
    }

    @Override
    public Event pollEvent() {
        for (int i = 0; i < EVENTS.length; i++) {
            if (events[i] > 0) {
                events[i]--;
                told[i]++;
                return EVENTS[i];
            }
        }
        return null;
    }

    @Override
    public boolean hasAcknowledgedAlone() {
        return acknowledges;
    }

    @Override
    public long deadlineNanos() {
        if (deadlineAt != NEVER) {
            return deadlineAt;
        }
        if (first == next) {
            return NEVER;
        }
        long nanos = due[(int) (first % PLACES)];
        return nanos > now ? nanos : NEVER;  // what is to be said now waits for the driver, and for no time
    }

    @Override
    public void onDeadline(long nowNanos) {
        check(nowNanos);
        if (throwsLeft > 0) {
            deadlineAt = NEVER;
        }
        fail();
        deadlines += deadlineAt <= nowNanos ? 1 : 0;
        fedBefore = next;
        deadlineAt = NEVER;
    }

    @Override
    public void shutdown(long nowNanos) {
        check(nowNanos);
        shut = true;
        end();
    }

    @Override
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void reset(long nowNanos) {
        close();
        released = false;
        now = nowNanos;
        shut = false;
        ended = false;
    }

    @Override
    public void close() {
        Wipe.bytes(memory, 0, BYTES);
        first = 0;
        next = 0;
        released = true;
    }

    private void check(long nowNanos) {
        if (released || nowNanos < now) {
            throw new IllegalStateException(released ? "closed, or never reset" : "time went back");
        }
        now = nowNanos;
    }

    long told(Event event) {
        return told[event.ordinal()];
    }

    boolean isWiped() {
        for (long at = 0; at < BYTES; at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "EchoEngine[" + first + " of " + next + (ended ? ", ended" : "") + "]";
    }
}
