package dev.coffer.server.log;

import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.server.net.Notice;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Takes the lines of one loop to the file, on a thread of its own: some 50 times a second while there are any, so that a busy loop
/// need not wake it for each, and asleep while there are none.
///
/// A file that refuses (a full disk, a pipe without a reader) loses the lines in hand, which are counted; what comes later is tried
/// again. A line that was cut so, by whichever writer or by a process before, is ended before the next begins.
final class LogWriter implements Runnable, AutoCloseable {
    /// How long lines are gathered.
    private static final long GATHER_NANOS = 20_000_000L;
    /// How long the last lines may take when the server ends.
    private static final long CLOSE_MILLIS = 2_000;

    private final LogFile file;
    private final CircularBuffer ring;
    private final MemorySegment memory;
    private final ByteBuffer view;      // of all of it
    private final ByteBuffer lineEnd = ByteBuffer.allocateDirect(1).put(0, (byte) '\n');
    private final Thread thread;
    private @Nullable FileChannel channel;        // null: nothing is kept
    private int generation;
    private LogEnd end;                 // of what the channel leads to
    private boolean failing;
    private volatile boolean asleep;
    private volatile boolean closing;
    private volatile long refused;      // lines; written by this thread
    private @Nullable Runnable lost;    // told when there are more of them

    /// Opens the file; nothing runs before [#start].
    ///
    /// @throws IOException  it cannot be opened; nothing is held
    LogWriter(LogFile file, CircularBuffer ring, int loop) throws IOException {
        this(file, file.generation(), null, ring, loop);
        channel = file.open(false);  // last: behind it nothing is refused
        end = file.end();
    }

    private FileChannel channel() {
        return Objects.requireNonNull(channel, "something is kept");
    }

    /// @param channel  of the file as it was in that generation, or null for nothing; closed with the writer
    LogWriter(LogFile file, int generation, @Nullable FileChannel channel, CircularBuffer ring, int loop) {
        this.file = file;
        this.ring = ring;
        this.memory = Objects.requireNonNull(ring.segment(), "of a ring with memory of its own");
        this.view = memory.asByteBuffer();
        this.generation = generation;
        this.channel = channel;
        this.end = file.end();
        this.thread = Thread.ofPlatform().name("coffer-log-" + loop).daemon().unstarted(this);
    }

    /// Starts its thread.
    ///
    /// @param told  called by the writer's thread after it has lost lines
    void start(Runnable told) {
        lost = told;
        file.add(this);
        thread.start();
    }

    /// {@return lines that the file did not take}
    long refused() {
        return refused;
    }

    /// Something was written into the ring. The loop's; makes no object.
    ///
    /// @param before  bytes that there was room for, and now
    void tell(long before, long now) {
        VarHandle.fullFence();  // what was written is seen by whoever falls asleep, or that it sleeps is seen here
        if (asleep || isHalfFull(before, now)) {
            LockSupport.unpark(thread);
        }
    }

    /// {@return whether the ring has become so: a writer that gathers is woken once on the way}
    boolean isHalfFull(long before, long now) {
        long half = ring.capacityBytes() / 2;
        return before >= half && now < half;
    }

    /// Has it look around. From any thread.
    void wake() {
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        while (true) {
            if (generation != file.generation()) {
                reopen();
            }
            if (ring.readable() > 0) {
                long before = refused;
                write();
                if (refused != before) {
                    Objects.requireNonNull(lost, "started").run();
                }
                if (!closing) {
                    LockSupport.parkNanos(this, GATHER_NANOS);
                }
            } else if (closing) {
                return;
            } else {
                sleep();
            }
        }
    }

    private void sleep() {
        asleep = true;
        VarHandle.fullFence();
        if (ring.readable() == 0 && !closing && generation == file.generation()) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    private void reopen() {
        generation = file.generation();
        if (!file.isFile()) {
            return;
        }
        try {
            FileChannel fresh = file.open(true);
            FileChannel old = channel;
            channel = fresh;
            end = file.end();
            if (old != null) {
                old.close();
            }
        } catch (IOException e) {
            Notice.tell(Level.WARNING, e.getMessage() + "; the old file goes on");
        }
    }

    /// Writes what is there now.
    void write() {
        long first = ring.firstReadableBytes();
        long second = ring.secondReadableBytes();
        if (channel != null) {
            file.writing().lock();
            try {
                long behind = ring.firstReadableAt() + first;
                boolean begun = first > 0 && memory.get(ValueLayout.JAVA_BYTE, behind - 1) != '\n';
                if (write(ring.firstReadableAt(), first, false)) {
                    write(ring.secondReadableAt(), second, begun);
                } else {
                    refused += linesIn(ring.secondReadableAt(), second);  // the first of them begins in what was lost
                }
            } finally {
                file.writing().unlock();
            }
        }
        ring.consume(first + second);
    }

    /// @param begun  whether a line goes on there that was begun just before
    /// @return whether all of it was taken
    private boolean write(long at, long length, boolean begun) {
        if (length == 0) {
            return true;
        }
        view.limit((int) (at + length)).position((int) at);
        try {
            if (!begun && end.isCut()) {
                put(lineEnd.clear());
                end.wrote((byte) '\n');
            }
            put(view);
            failing = false;
        } catch (IOException e) {
            lose(at, at + length, begun, e);
        }
        if (view.position() > at) {
            end.wrote(memory.get(ValueLayout.JAVA_BYTE, view.position() - 1));
        }
        return !view.hasRemaining();
    }

    private void put(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel().write(bytes);
        }
    }

    /// Counts the lines that end in what is left: each is lost whole or in part. One that lacks nothing but its end is there, and gets it
    /// before the next.
    private void lose(long from, long to, boolean begun, IOException why) {
        long at = view.position();
        boolean isBegun = at > from ? memory.get(ValueLayout.JAVA_BYTE, at - 1) != '\n' : begun;
        boolean lacksItsEnd = isBegun && memory.get(ValueLayout.JAVA_BYTE, at) == '\n';
        refused += linesIn(at, to - at) - (lacksItsEnd ? 1 : 0);
        if (!failing) {
            failing = true;
            Notice.tell(Level.WARNING, "the access log cannot be written: " + why.getMessage());
        }
    }

    /// {@return lines that end there}
    private long linesIn(long at, long length) {
        long lines = 0;
        for (long i = at; i < at + length; i++) {
            lines += memory.get(ValueLayout.JAVA_BYTE, i) == '\n' ? 1 : 0;
        }
        return lines;
    }

    /// Writes what is left, for two seconds at the most as long as the system lets go of what it was given, and ends. Safe to call twice.
    @Override
    public void close() {
        closing = true;
        if (thread.getState() != Thread.State.NEW) {
            boolean interrupted = false;
            wake();
            long patience = CLOSE_MILLIS;
            while (thread.isAlive()) {
                try {
                    thread.join(patience);
                    if (thread.isAlive()) {
                        thread.interrupt();  // closes the channel under a write that hangs
                        patience = 0;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        file.remove(this);
        if (channel != null && file.isFile()) {
            try {
                channel.close();
            } catch (IOException e) {
                Notice.tell(Level.WARNING, "the access log was not closed: " + e.getMessage());
            }
        }
    }
}
