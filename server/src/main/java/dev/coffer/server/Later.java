package dev.coffer.server;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The other end of an exchange that is answered later, for any thread: a virtual thread, an executor, another loop.
///
/// ```java
/// Later later = exchange.later();
/// long ticket = later.ticket();                       // on the loop's thread: this exchange and no other
/// Thread.ofVirtual().start(() -> later.respond(ticket, Status.OK, MediaType.JSON, result, 0, length));
/// ```
///
/// An exchange can end before its answer is there: the peer went away, the time was over, the server stops. The answer then
/// comes to nothing, and the methods say so with `false`. A second answer is the caller's fault. What belongs to the request
/// must not be read from another thread: copy it first.
///
/// Lock-free; 0 heap bytes. One object an exchange, made at start and used for one after another; the ticket tells them apart.
public final class Later {
    private static final VarHandle WORD;
    private static final VarHandle QUEUED;

    // Phases of a ticket, the lower bits of the word.
    private static final int CLOSED = 0;        // not to be answered later, or not any more
    private static final int PENDING = 1;       // may be answered
    private static final int CLAIMED = 2;       // someone is writing the answer down
    private static final int READY = 3;         // it is written
    private static final int PHASE_BITS = 2;
    private static final int PHASE = (1 << PHASE_BITS) - 1;
    private static final int REMEMBERED = 64;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Later.class, "word", long.class);
            QUEUED = MethodHandles.lookup().findVarHandle(Later.class, "queued", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Course course;
    private final Completions completions;
    private volatile long word = 1L << PHASE_BITS | CLOSED;     // ticket << 2 | phase
    private volatile long answered;     // bit i: of the last 63 tickets the one that is i modulo 64 was answered here
    private volatile boolean queued;    // stands in the queue, or is about to
    @Nullable
    Later next;               // link of that queue
    private volatile boolean resumed;
    private boolean given;              // the loop's: the answer was given to the exchange

    // The answer, written between CLAIMED and READY.
    private int status;
    private @Nullable Ascii mediaType;
    private @Nullable MemorySegment segment;
    private long at;
    private long length;
    private @Nullable Answer answer;

    Later(Course course, Completions completions) {
        this.course = course;
        this.completions = completions;
    }

    /// {@return the number of the exchange that is being handled. On the loop's thread, before its end}
    public long ticket() {
        return word >>> PHASE_BITS;
    }

    /// Answers with a status and its words, as [Exchange#respond(int)] does.
    ///
    /// @return whether the exchange was still there
    /// @throws IllegalStateException  it has its answer (caller's fault)
    public boolean respond(long ticket, int newStatus) {
        Exchange.checkStatus(newStatus);
        return claim(ticket) && ready(ticket, newStatus, null, null, 0, 0, null);
    }

    /// Answers with bytes, as [Exchange#respond(int, Ascii, MemorySegment, long, long)] does.
    ///
    /// @param newSegment  native, or on the heap; not to be changed until the exchange is over, which [Exchange#onEnd] tells
    /// @return whether the exchange was still there
    /// @throws IllegalStateException  it has its answer (caller's fault)
    public boolean respond(long ticket, int newStatus, Ascii newMediaType, MemorySegment newSegment, long newAt,
            long newLength) {
        Exchange.checkStatus(newStatus);
        Exchange.checkBytes(newMediaType, newSegment, newAt, newLength);
        return claim(ticket) && ready(ticket, newStatus, newMediaType, newSegment, newAt, newLength, null);
    }

    /// Answers in full, as [Exchange#respond(int, Answer)] does. The answer is pulled on the loop's thread. Where the exchange has
    /// gone, [Answer#ended] is not called: it stays the caller's.
    ///
    /// @return whether the exchange was still there
    /// @throws IllegalStateException  it has its answer (caller's fault)
    public boolean respond(long ticket, int newStatus, Answer newAnswer) {
        Exchange.checkStatus(newStatus);
        java.util.Objects.requireNonNull(newAnswer);
        return claim(ticket) && ready(ticket, newStatus, null, null, 0, 0, newAnswer);
    }

    /// Has [Exchange#resume] called: what held the exchange back is over. An exchange need not be deferred for this.
    ///
    /// @return whether the exchange was still there
    public boolean resume(long ticket) {
        if (ticket() != ticket) {
            return false;
        }
        resumed = true;  // a ticket that is used up meanwhile makes the next exchange look once for nothing
        queue();
        return true;
    }

    private boolean claim(long ticket) {
        long pending = ticket << PHASE_BITS | PENDING;
        if (WORD.compareAndSet(this, pending, pending + (CLAIMED - PENDING))) {
            return true;
        }
        if (wasAnswered(ticket)) {
            throw new IllegalStateException("ticket " + ticket + " has its answer");
        }
        return false;
    }

    /// {@return whether that ticket was answered here, as far back as is remembered}
    private boolean wasAnswered(long ticket) {
        long now = word;
        long before = (now >>> PHASE_BITS) - ticket;
        return before == 0 ? (now & PHASE) >= CLAIMED
                : before > 0 && before < REMEMBERED && (answered >>> (ticket & REMEMBERED - 1) & 1) != 0;
    }

    private boolean ready(long ticket, int newStatus, @Nullable Ascii newMediaType, @Nullable MemorySegment newSegment, long newAt,
            long newLength, @Nullable Answer newAnswer) {
        status = newStatus;
        mediaType = newMediaType;
        segment = newSegment;
        at = newAt;
        length = newLength;
        answer = newAnswer;
        word = ticket << PHASE_BITS | READY;
        queue();
        return true;
    }

    private void queue() {
        if (QUEUED.compareAndSet(this, false, true)) {
            completions.push(this);
        }
    }

    // What follows is the loop's.

    /// The exchange is deferred.
    void open() {
        assert (word & PHASE) == CLOSED : "phase " + (word & PHASE);
        word = word & ~PHASE | PENDING;
    }

    /// No answer is taken any more.
    ///
    /// @return whether that is so: not where somebody is writing one down at this moment, who will be heard of by the queue
    boolean close() {
        long now = word;
        int phase = (int) now & PHASE;
        return phase == CLOSED || given
                || phase == PENDING && WORD.compareAndSet(this, now, now & ~PHASE);
    }

    /// Taken from the queue.
    ///
    /// @return whether an answer is there, for [#give] or [#drop]
    boolean taken() {
        queued = false;
        return (word & PHASE) == READY && !given;
    }

    /// {@return whether [#resume] was called since this was asked last}
    boolean isResumed() {
        if (!resumed) {
            return false;
        }
        resumed = false;
        return true;
    }

    /// Gives the answer that is there to the exchange.
    void give() {
        given = true;
        Answer given = answer;
        if (given != null) {
            course.begin(status, given);
        } else if (segment != null) {
            course.begin(status, Objects.requireNonNull(mediaType, "of bytes"), segment, at, length);
        } else {
            course.begin(status);
        }
        forget();
    }

    /// The exchange that the answer is for has gone meanwhile.
    void drop() {
        given = true;
        Answer given = answer;
        forget();
        if (given != null) {
            given.ended(false);
        }
    }

    private void forget() {
        answer = null;
        segment = null;
        mediaType = null;
    }

    /// The next exchange has another ticket. Nobody is writing an answer down.
    void renew() {
        long now = word;
        assert (now & PHASE) != CLAIMED : "an answer is being written down";
        long bit = 1L << (now >>> PHASE_BITS & REMEMBERED - 1);
        answered = (now & PHASE) == READY ? answered | bit : answered & ~bit;
        given = false;
        word = (now >>> PHASE_BITS) + 1 << PHASE_BITS | CLOSED;
    }
}
