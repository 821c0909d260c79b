package dev.coffer.testkit.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/// One end of a simulated TCP connection: bytes in order, cut and joined anyhow, partial writes, a window, half-close and reset. What a
/// socket in non-blocking mode answers, this answers. See [Network#stream].
///
/// ```
///   OPEN --finish--> our half has ended --(peer's too)--> both
///     '--reset, or the peer's reset arrives--> BROKEN        close: a FIN, or a reset where something was unread
/// ```
public final class StreamEnd implements AutoCloseable {
    /// [#read]: the peer has finished and all its bytes are read.
    public static final int FINISHED = -1;
    /// The connection was reset: by the peer, or here.
    public static final int BROKEN = -2;

    /// Bytes between two ends that nobody has read, at most: what both systems' buffers hold.
    private static final int WINDOW_BYTES_MIN = 1;
    private static final int WINDOW_BYTES_MAX = 1 << 16;
    private static final long RETRANSMISSION_NANOS = 200_000_000L;  // what a loss costs, and the same again if it is lost again

    private final VirtualClock clock;
    private final SplittableRandom random;
    private final int windowBytes;
    private final String name;
    private StreamEnd peer;
    private Conditions conditions;      // of what leaves here

    private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
    private int firstAt;                // read of the first of them
    private int arrivedBytes;
    private int unread;                 // that left the peer and were not read here: its window
    private long lastArrival;           // at the peer, of what left here
    private long linkFree;              // when the rate lets the next byte leave
    private boolean finished;           // by us
    private boolean peerFinished;       // and it has arrived
    private boolean broken;
    private boolean closed;
    private boolean truncated;          // by a box in the middle
    private long written;
    private long read;

    StreamEnd(String name, VirtualClock clock, SplittableRandom random, Conditions conditions) {
        this.name = name;
        this.clock = clock;
        this.random = random;
        this.conditions = conditions;
        this.windowBytes = WINDOW_BYTES_MIN + random.nextInt(random.nextInt(3) == 0 ? 600 : WINDOW_BYTES_MAX);
        this.lastArrival = clock.nanos();
        this.linkFree = clock.nanos();
    }

    void join(StreamEnd other) {
        peer = other;
    }

    /// Changes what happens to bytes that leave from now on.
    public void conditions(Conditions now) {
        conditions = now;
    }

    /// Sends what the system takes: often less than is offered.
    ///
    /// @return bytes taken, 0..length; 0 for none now; [#BROKEN]
    /// @throws IllegalStateException  after [#finish] or [#close] (caller's fault)
    public int write(MemorySegment source, long at, int length) {
        if (finished || closed) {
            throw new IllegalStateException(name + ": write after its end");
        }
        if (broken) {
            return BROKEN;
        }
        int room = Math.min(length, windowBytes - peer.unread);
        if (room <= 0) {
            return 0;
        }
        int taken = random.nextInt(3) == 0 ? 1 + random.nextInt(room) : room;
        if (truncated) {
            vanish();
            return taken;
        }
        for (int done = 0; done < taken;) {
            int most = Math.min(taken - done, conditions.mtuBytes());
            int bytes = random.nextInt(4) == 0 ? 1 + random.nextInt(most) : most;
            byte[] segment = new byte[bytes];
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at + done, segment, 0, bytes);
            send(segment);
            done += bytes;
        }
        written += taken;
        return taken;
    }

    private void vanish() {
        clock.after(conditions.delayNanos(), () -> {
            if (!broken) {
                broken = true;
                drop();
            }
        });
    }

    private void send(byte[] segment) {
        if (random.nextDouble() < conditions.corrupt()) {
            segment[random.nextInt(segment.length)] ^= (byte) (1 << random.nextInt(8));
        }
        peer.unread += segment.length;
        clock.at(arrival(segment.length), () -> peer.arrive(segment));
    }

    /// {@return when `bytes` that leave now arrive: never before what left earlier}
    private long arrival(int bytes) {
        linkFree = Math.max(linkFree, clock.nanos());
        if (conditions.bytesPerSecond() > 0) {
            linkFree += bytes * 1_000_000_000L / conditions.bytesPerSecond();
        }
        long at = linkFree + conditions.delayNanos()
                + (conditions.jitterNanos() > 0 ? random.nextLong(conditions.jitterNanos()) : 0);
        for (long again = RETRANSMISSION_NANOS; random.nextDouble() < conditions.loss() && again < 1L << 36; again *= 2) {
            at += again;
        }
        lastArrival = Math.max(lastArrival, at);
        return lastArrival;
    }

    private void arrive(byte[] segment) {
        if (broken || closed) {
            unread -= segment.length;
            if (closed && !broken) {  // nobody reads here any more: what a system answers is a reset
                broken = true;
                resetPeer();
            }
            return;
        }
        arrived.add(segment);
        arrivedBytes += segment.length;
    }

    /// Reads what has arrived.
    ///
    /// @return bytes, 0..length; 0 for none now; [#FINISHED] or [#BROKEN]
    /// @throws IllegalStateException  after [#close] (caller's fault)
    public int read(MemorySegment target, long at, int length) {
        if (closed) {
            throw new IllegalStateException(name + ": read after close");
        }
        int done = 0;
        while (done < length && arrivedBytes > 0) {
            byte[] first = arrived.peek();
            int bytes = Math.min(length - done, first.length - firstAt);
            MemorySegment.copy(first, firstAt, target, ValueLayout.JAVA_BYTE, at + done, bytes);
            done += bytes;
            firstAt += bytes;
            arrivedBytes -= bytes;
            if (firstAt == first.length) {
                arrived.poll();
                firstAt = 0;
            }
        }
        unread -= done;
        read += done;
        return done > 0 || length == 0 ? done : broken ? BROKEN : peerFinished ? FINISHED : 0;
    }

    /// {@return whether [#read] has an answer other than "none now"}
    public boolean isReadable() {
        return arrivedBytes > 0 || peerFinished || broken;
    }

    /// {@return whether [#write] has an answer other than "none now"}
    public boolean isWritable() {
        return broken || !finished && peer.unread < windowBytes;
    }

    /// {@return whether the connection was reset}
    public boolean isBroken() {
        return broken;
    }

    /// {@return whether [#close] was called}
    public boolean isClosed() {
        return closed;
    }

    /// {@return bytes that were taken to be sent}
    public long written() {
        return written;
    }

    /// {@return bytes that were read}
    public long bytesRead() {
        return read;
    }

    /// Ends our half: the peer reads what was written and then the end. A second call does nothing.
    public void finish() {
        if (finished || broken || closed) {
            return;
        }
        finished = true;
        clock.at(arrival(0), () -> {
            if (!peer.broken) {
                peer.peerFinished = true;
            }
        });
    }

    /// A box in the middle ends our half: the peer reads an end behind what was written till now. We do not notice before we write on,
    /// and then by a reset.
    public void truncate() {
        if (!finished && !broken && !closed && !truncated) {
            truncated = true;
            clock.at(arrival(0), () -> {
                if (!peer.broken) {
                    peer.peerFinished = true;
                }
            });
        }
    }

    /// Breaks the connection at once. What is on its way to the peer may or may not still be read there.
    public void reset() {
        if (!broken) {
            broken = true;
            drop();
            resetPeer();
        }
    }

    private void resetPeer() {
        // a reset is not queued behind data: it overtakes what has not arrived, or what has been lost and waits to be sent again
        long at = random.nextBoolean() ? lastArrival : clock.nanos() + conditions.delayNanos();
        boolean discards = random.nextBoolean();  // what arrived and was not read: some systems keep it, some do not
        clock.at(at, () -> {
            if (!peer.broken) {
                peer.broken = true;
                if (discards) {
                    peer.drop();
                }
            }
        });
    }

    private void drop() {
        unread -= arrivedBytes;
        arrived.clear();
        firstAt = 0;
        arrivedBytes = 0;
    }

    /// Gives the connection up, as `close(2)` does: a FIN, or a reset if something that arrived was not read, or arrives later.
    /// Safe to call twice.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (arrivedBytes > 0) {
            reset();
        } else {
            finish();
        }
        closed = true;
        drop();
    }

    @Override
    public String toString() {
        return name + "[" + written + " written, " + read + " read, " + arrivedBytes + " arrived, " + peer.unread + " of "
                + windowBytes + " on their way" + (finished ? ", finished" : "") + (peerFinished ? ", peer finished" : "")
                + (broken ? ", broken" : "") + (closed ? ", closed" : "") + "]";
    }
}
