package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.Refusal;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.sockets.Sockets;
import java.lang.foreign.MemorySegment;

/// One slot of the connection table: the engine, the answer in flight, and what was written but not yet taken by the
/// system. Made at start, reused for one connection after another.
///
/// ```
///   FREE --accept--> OPEN --engine closed--> CLOSING --all sent--> FREE
///                      |                        '--refused peer--> LINGERING --end or time--> FREE
///                      '--broken, too slow--> FREE
/// ```
///
/// While output waits for room nothing is received: a peer that does not read cannot make us write.
final class Connection {
    enum State { FREE, OPEN, CLOSING, LINGERING }

    /// Bytes sent for one connection before the others have their turn.
    private static final long TURN_BYTES_MAX = 1 << 18;
    /// How long we listen to a peer that was refused, or whose content nobody wants, so that our answer reaches it before
    /// a reset does (RFC 9112, section 9.6).
    private static final long LINGER_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long SECOND = 1_000_000_000L;

    private final Loop loop;
    private final Sockets sockets;
    private final HttpServer engine;
    private final Exchange exchange;
    private final int slot;
    private final MemorySegment own;    // output buffer for when all blocks are lent
    private final long ownAt;

    private State state = State.FREE;
    private boolean ended;              // the peer has finished sending
    private boolean broken;             // by a reset, or an answer was cut
    private boolean sendsContent;       // the last request announced content, some of which may be unread
    private int awaited;                // what the sockets were told
    private long block;                 // the one on loan, or NONE
    private long outAt;                 // of the pending output in `out()`
    private int outSent;                // bytes of it that are gone
    private int outLength;              // bytes written there
    private long stuckUntil;            // when a peer that leaves pending output waiting is given up, else NEVER
    private long lingerUntil;

    Connection(Loop loop, int slot, HttpServer engine, Exchange exchange, MemorySegment own, long ownAt) {
        this.loop = loop;
        this.sockets = loop.sockets();
        this.slot = slot;
        this.engine = engine;
        this.exchange = exchange;
        this.own = own;
        this.ownAt = ownAt;
        this.block = SlotPool.NONE;
    }

    /// {@return bytes of the Java objects of one slot, beside the engine's}
    static long heapBytes() {
        return HeapLayout.instance(Connection.class) + HeapLayout.instance(Exchange.class);
    }

    State state() {
        return state;
    }

    int slot() {
        return slot;
    }

    /// A connection was accepted into the slot.
    void open(long now) {
        assert state == State.FREE : "slot " + slot + " is " + state;
        engine.reset(now);
        state = State.OPEN;
        ended = false;
        broken = false;
        sendsContent = false;
        awaited = Sockets.READ;
        stuckUntil = NEVER;
        lingerUntil = NEVER;
    }

    /// The socket is ready.
    void ready(int operations, long now) {
        if ((operations & Sockets.WRITE) != 0 && outLength > 0) {
            turn(now);
        } else if ((operations & Sockets.READ) != 0) {
            receive(now);
        } else {
            turn(now);
        }
    }

    private void receive(long now) {
        if (state == State.LINGERING) {
            int result = sockets.receive(slot, loop.received(), 0, loop.receivedBytesMax());
            if (result < 0) {
                close(now);
            } else {
                Wipe.bytes(loop.received(), 0, result);
            }
            return;
        }
        if (ended || outLength > 0) {  // nothing was awaited but trouble, and here it is
            broken(now);
            return;
        }
        int room = (int) Math.min(engine.feedRoom(), loop.receivedBytesMax());
        if (room == 0) {
            turn(now);
            return;
        }
        int result = sockets.receive(slot, loop.received(), 0, room);
        if (result > 0) {
            long taken = engine.feed(loop.received(), 0, result, now);
            assert taken == result : "fed " + result + " of room " + room + ", taken " + taken;
            Wipe.bytes(loop.received(), 0, result);
            turn(now);
        } else if (result == Sockets.FINISHED) {
            ended = true;
            engine.feedEnd(now);
            turn(now);
        } else if (result == Sockets.BROKEN) {
            broken(now);
        }
    }

    /// Moves everything that can move: what is pending to the socket, what the engine has to say to the buffer, what it
    /// has to tell to the exchange.
    void turn(long now) {
        long budget = TURN_BYTES_MAX;
        while (state == State.OPEN || state == State.CLOSING) {
            if (outLength > 0) {
                int sent = flush(now);
                if (sent < 0) {
                    broken(now);
                    return;
                }
                if (outLength > 0) {
                    await(Sockets.WRITE);
                    return;
                }
                budget -= sent;
                if (budget <= 0) {
                    await(Sockets.WRITE);  // there is room: the next wait returns at once, after the others
                    return;
                }
            }
            if (!fill(now)) {
                break;
            }
        }
        rest(now);
    }

    /// Nothing is left to be written now.
    private void rest(long now) {
        if (state == State.CLOSING) {
            if ((engine.refusal().status() != 0 || sendsContent) && !ended) {
                sockets.finish(slot);
                state = State.LINGERING;
                lingerUntil = now + LINGER_NANOS;
                await(Sockets.READ);
            } else {
                close(now);
            }
        } else if (state == State.OPEN) {
            await(ended || engine.feedRoom() == 0 ? 0 : Sockets.READ);
        }
    }

    private void await(int operations) {
        if (operations != awaited) {
            sockets.interest(slot, operations);
            awaited = operations;
        }
        loop.deadline(deadline());
    }

    /// Polls the engine into a buffer until it has nothing more or the buffer no room.
    ///
    /// @return whether anything was written
    private boolean fill(long now) {
        assert outLength == 0 && block == SlotPool.NONE : "output is pending";
        block = loop.lent().tryLend(Loop.OUTPUT, slot);
        boolean lent = block != SlotPool.NONE;
        MemorySegment out = lent ? loop.lent().segment() : own;
        outAt = lent ? loop.lent().at(block) : ownAt;
        int room = lent ? loop.blockBytes() : loop.ownBytes();
        outSent = 0;
        boolean more;
        do {
            long wrote = outLength < room ? engine.pollOutput(out, outAt + outLength, room - outLength, now) : 0;
            outLength += (int) wrote;
            more = wrote > 0;
            for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
                handle(event, now);
            }
        } while (more);
        if (outLength == 0) {
            drop();
            return false;
        }
        return true;
    }

    private void handle(HttpEvent event, long now) {
        switch (event) {
            case REQUEST -> {
                long stream = engine.stream();
                loop.statistics().add(Count.REQUESTS);
                sendsContent = engine.request(stream).contentLength() != 0;
                if (exchange.plan(engine.request(stream), sockets.isLoopback(slot), loop.now()) >= 400) {
                    loop.statistics().add(Count.ERRORS);
                }
                engine.discard(stream);
                engine.respond(stream, exchange);
            }
            case DATA -> engine.consume(engine.stream(), engine.dataLength(engine.stream()));
            case SENT -> exchange.release();
            case ABORTED -> {
                exchange.release();
                broken = true;
            }
            case REFUSED -> {
                if (engine.refusal() != Refusal.IDLE) {
                    loop.statistics().add(Count.REFUSED);
                }
            }
            case CLOSED -> state = State.CLOSING;
            default -> {}  // END and TRAILERS of content that nobody wants
        }
    }

    /// Sends what is pending.
    ///
    /// @return bytes sent, or below zero if the connection is broken
    private int flush(long now) {
        MemorySegment out = block != SlotPool.NONE ? loop.lent().segment() : own;
        int total = 0;
        while (outSent < outLength) {
            int sent = sockets.send(slot, out, outAt + outSent, outLength - outSent);
            if (sent < 0) {
                return sent;
            }
            if (sent == 0) {
                stuckUntil = patience(stuckUntil, total, now, loop.limits().graceNanos(), loop.limits().bytesPerSecondMin());
                return total;
            }
            outSent += sent;
            total += sent;
        }
        stuckUntil = NEVER;
        drop();
        return total;
    }

    /// Gives the output buffer back, wiped.
    private void drop() {
        if (block != SlotPool.NONE) {
            loop.lent().release(block, outLength);
            block = SlotPool.NONE;
        } else if (outLength > 0) {
            Wipe.bytes(own, ownAt, outLength);
        }
        outLength = 0;
        outSent = 0;
    }

    /// {@return when [#onDeadline] has something to do}
    long deadline() {
        long engines = state == State.OPEN ? engine.deadlineNanos() : NEVER;
        long own = state == State.LINGERING ? lingerUntil : stuckUntil;
        return Math.min(engines, own);
    }

    /// {@return until when a peer that leaves output waiting is waited for: the grace at first; later each byte that it took
    /// puts that off by its share of the slowest rate, never past the grace from now. What went before it began to wait buys
    /// no time: a system's buffers take a megabyte at once}
    ///
    /// @param before         what this answered last, or NEVER where nothing waited till now
    /// @param sent           bytes that went since, 0..2^30
    /// @param bytesASecond   the slowest rate, 1 or more
    static long patience(long before, long sent, long now, long graceNanos, long bytesASecond) {
        long most = now + graceNanos;
        return before == NEVER ? most : Math.min(most, before + sent * SECOND / bytesASecond);
    }

    /// A time limit may have passed.
    void onDeadline(long now) {
        if (state == State.LINGERING && now >= lingerUntil) {
            close(now);
        } else if (now >= stuckUntil) {
            loop.statistics().add(Count.REFUSED);
            close(now);
        } else if (state == State.OPEN && now >= engine.deadlineNanos()) {
            engine.onDeadline(now);
            if (outLength > 0) {
                events(now);
                if (state == State.CLOSING) {  // it does not read what is pending, so it would read no answer either
                    close(now);
                }
            } else {
                turn(now);
            }
        }
    }

    private void events(long now) {
        for (HttpEvent event; (event = engine.pollEvent()) != null;) {
            handle(event, now);
        }
    }

    /// Finishes what is in flight and takes no more requests.
    void shutdown(long now) {
        if (state == State.OPEN) {
            engine.shutdown(now);
            if (outLength == 0) {
                turn(now);
            }
        }
    }

    private void broken(long now) {
        broken = true;
        close(now);
    }

    /// Ends the connection now: every byte it dirtied is wiped, the slot is free.
    void close(long now) {
        if (state == State.FREE) {
            return;
        }
        if (broken || outLength > 0 || exchange.isAnswering()) {  // whoever ends it, a stop included
            loop.statistics().add(Count.BROKEN);
        }
        drop();
        exchange.release();
        engine.reset(now);
        sockets.close(slot);
        state = State.FREE;
        stuckUntil = NEVER;
        loop.closed(this);
    }
}
