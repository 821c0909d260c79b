package dev.coffer.http.http2;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.Pace;
import dev.coffer.http.internal.Priority;
import dev.coffer.http.internal.ReceivedAnswer;
import dev.coffer.http.internal.ReceivedFields;
import dev.coffer.http.internal.ReceivedSection;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One stream (RFC 9113, section 5.1) in a place of [Http2Streams]: what has come of the peer's message, and where ours stands: a server's
/// answer, a client's request. While it is lent, one of open, half-closed (remote) and half-closed (local), or a client's that has yet to go
/// out: idle and closed ones hold nothing.
final class Stream {
    /// Where our message stands. EXPECTING: a client's content waits for 100.
    enum Answer { NONE, HEAD, EXPECTING, CONTENT, TRAILERS, SENT }

    static final long NEVER = Long.MAX_VALUE;

    final MemorySegment memory;
    final long headAt;
    private final @Nullable ReceivedFields request;  // a server's, else null
    private @Nullable ReceivedAnswer response;       // a client's, else null: the head that comes next, or has come last
    private @Nullable ReceivedAnswer information;    // likewise: the interim head that came last
    final FieldEntries trailers;
    final Pace receivePace;
    final Pace sendPace;
    private final long fieldsAt;
    private final Http2Config config;

    @Nullable
    Stream next;                // of the connection's, in the order of their numbers
    @Nullable
    Stream nextReady;           // of those that may have something to tell
    boolean isReady;
    @Nullable
    Stream lingersBehind;       // of those that linger: who began before
    @Nullable
    Stream lingersBefore;       // and after it

    int id;                     // 0 for a client's that has yet to go out
    long number;                // by which the application knows it
    boolean remoteEnded;        // END_STREAM has come
    boolean open;               // the application knows of it and has not heard its end
    boolean requestDue;         // events that are due
    boolean trailersDue;
    boolean endDue;
    boolean sentDue;
    boolean abortedDue;
    boolean skipping;           // content is no longer told but passed by
    boolean isDoomed;           // reset by either side: it is closed when the application has heard of it
    boolean recalled;           // reset by the peer: no frame of it comes any more (section 5.1)
    long lingersUntil;          // a server's that is over but for the client's side: until when it waits for that; NEVER where it does not

    // A client's.
    boolean localEnded;         // END_STREAM was written
    boolean informationDue;
    boolean informing;          // it was the last thing told
    boolean responseDue;
    boolean answered;           // the last head has come
    boolean heard;              // something of an answer has come
    boolean endTold;
    boolean sentTold;
    boolean toHead;             // the request is HEAD
    int informations;
    long asked;                 // since when the answer's head is awaited
    @Nullable
    Refusal cut;                // ABORTED follows what has come, and that is why; null where it does not

    int headDirty;              // bytes from the front of the head's place that were written

    // Content that comes.
    long windowAt = Http2Streams.NONE;
    int windowDirty;            // bytes from the front of the window that were written
    int first;                  // of the bytes that are there, in the window
    int length;                 // bytes that are there
    int shown;                  // of these, what DATA announced
    long received;              // in all
    int allowed;                // bytes that the peer may send
    int credit;                 // bytes that it may send more, and has yet to hear of
    boolean awaits100;          // it holds content back until we ask for it
    boolean interimDue;         // 100
    boolean tunnel;             // content has neither size nor pace (RFC 8441)
    int informStatus;           // of another interim answer
    @Nullable
    Consumer<HeadWriter> inform;    // its fields, null where there is none

    // The answer.
    Answer answer = Answer.NONE;
    @Nullable
    MessageSource source;
    @Nullable
    Refusal refusal;            // of ours, in place of a source
    int refusalTold;            // bytes of its words
    long left;                  // of content of known length, or UNKNOWN
    boolean blocked;            // the source has nothing now
    long window;                // bytes that we may send, below zero after a change of settings
    int urgency;
    boolean incremental;
    long served;                // ordinal of its last DATA frame

    Stream(Http2Config config, MemorySegment memory, long headAt, long fieldsAt, boolean client) {
        this.config = config;
        this.memory = memory;
        this.headAt = headAt;
        this.fieldsAt = fieldsAt;
        this.request = client ? null : new ReceivedFields(memory, fieldsAt, config.limits(), 20);
        this.response = client ? new ReceivedAnswer(memory, fieldsAt, config.limits(), 20) : null;
        this.information = client ? new ReceivedAnswer(memory, fieldsAt, config.limits(), 20) : null;
        this.trailers = new FieldEntries(memory, fieldsAt, config.limits().fieldsMax());
        this.receivePace = new Pace(config.limits());
        this.sendPace = new Pace(config.limits());
    }

    void open(int newId, long newNumber, long sendWindow) {
        id = newId;
        number = newNumber;
        next = null;
        remoteEnded = false;
        open = false;
        requestDue = false;
        trailersDue = false;
        endDue = false;
        sentDue = false;
        abortedDue = false;
        skipping = false;
        isDoomed = false;
        recalled = false;
        lingersUntil = NEVER;
        localEnded = false;
        informationDue = false;
        informing = false;
        responseDue = false;
        answered = false;
        heard = false;
        endTold = false;
        sentTold = false;
        toHead = false;
        informations = 0;
        cut = null;
        windowDirty = 0;
        first = 0;
        length = 0;
        shown = 0;
        received = 0;
        allowed = config.windowBytes();
        credit = 0;
        awaits100 = false;
        interimDue = false;
        tunnel = false;
        inform = null;
        answer = Answer.NONE;
        source = null;
        refusal = null;
        blocked = false;
        window = sendWindow;
        urgency = Priority.URGENCY;
        incremental = false;
        served = 0;
        receivePace.stop();
        sendPace.stop();
        forgetHeads();
    }

    /// {@return the head of the peer's message}
    ReceivedSection section() {
        return request != null ? request : response();
    }

    /// {@return a server's: what is asked}
    ReceivedFields request() {
        return Objects.requireNonNull(request, "a server's");
    }

    /// {@return a client's: the head that comes next, or has come last}
    ReceivedAnswer response() {
        return Objects.requireNonNull(response, "a client's");
    }

    /// {@return a client's: the interim head that came last}
    ReceivedAnswer information() {
        return Objects.requireNonNull(information, "a client's");
    }

    /// {@return what our message is pulled from, while there is one}
    MessageSource source() {
        return Objects.requireNonNull(source, "of a message of ours");
    }

    /// {@return a client's: why its exchange is cut, where it is}
    Refusal cut() {
        return Objects.requireNonNull(cut, "of an exchange that is cut");
    }

    /// {@return a server's: why it is refused, where it is}
    Refusal refusal() {
        return Objects.requireNonNull(refusal, "of a request that is refused");
    }

    /// Wipes all heads.
    private void forgetHeads() {
        Wipe.bytes(memory, headAt, headDirty);
        headDirty = 0;
        int entries = Math.max(section().end(), trailers.end());
        if (information != null) {
            entries = Math.max(entries, information.end());
            information.clear(headAt, 0);
        }
        Wipe.bytes(memory, fieldsAt, (long) entries * FieldEntries.ENTRY_BYTES);
        section().clear(headAt, 0);
        trailers.clear(headAt, 0);
    }

    /// A client's: an answer's head begins, behind an interim one that is yet to be told, else in its place.
    void beginHead() {
        if (informationDue) {
            response().clear(headAt, information().end());
        } else {
            forgetHeads();
        }
    }

    /// A client's: the head that has come is an interim one.
    void inform() {
        ReceivedAnswer came = response();
        response = information();
        information = came;
        response.clear(headAt, 0);
        informationDue = true;
    }

    void wipe() {
        forgetHeads();
        source = null;
        refusal = null;
        id = 0;
    }

    /// {@return what of the peer's message behind its head is to be told next, or null}
    @Nullable
    HttpEvent contentDue() {
        return skipping || shown > 0 ? null : length > 0 ? HttpEvent.DATA : trailersDue ? HttpEvent.TRAILERS : endDue ? HttpEvent.END : null;
    }

    /// {@return whether content may come: behind a head}
    boolean takesContent() {
        return request != null || answered;
    }

    /// {@return whether the peer knows of it and has not had its end in both directions}
    boolean isOnWire() {
        return id != 0 && !(remoteEnded && localEnded);
    }

    /// Takes content that fits.
    void put(MemorySegment input, long at, int bytes) {
        int capacity = config.windowBytes();
        int to = first + length;
        to = to >= capacity ? to - capacity : to;
        int part = Math.min(bytes, capacity - to);
        windowDirty = Math.max(windowDirty, to + part);  // first: what is read may fail half-way
        MemorySegment.copy(input, at, memory, windowAt + to, part);
        if (part < bytes) {
            MemorySegment.copy(input, at + part, memory, windowAt, bytes - part);
        }
        length += bytes;
    }

    /// Shows what lies in one piece.
    void show() {
        shown = Math.min(length, config.windowBytes() - first);
    }

    void consume(int bytes) {
        first += bytes;
        if (first == config.windowBytes()) {
            first = 0;
        }
        length -= bytes;
        shown -= bytes;
        credit += bytes;
    }

    /// Passes by what is there and what is still to come.
    void skip() {
        skipping = true;
        credit += length;
        first = 0;
        length = 0;
        shown = 0;
    }

    /// {@return whether it is over but for the client's side, whose end is awaited}
    boolean lingers() {
        return lingersUntil != NEVER;
    }

    /// {@return whether so little of the window is left that a peer that has more to say must hear something}
    boolean isNearlyShut() {
        return allowed < config.windowBytes() / 2;
    }

    /// {@return whether content waits for the application and not for the peer}
    boolean holdsContent() {
        return allowed == 0 && credit < config.windowBytes() / 2 || awaits100;
    }

    /// {@return whether something of the answer is due that only lacks room or window}
    boolean isPending() {
        return switch (answer) {
            case NONE, EXPECTING, SENT -> false;
            case HEAD -> true;
            case CONTENT, TRAILERS -> !blocked;
        };
    }

    /// Sets how urgent it is, and whether it is sent bit by bit beside others (RFC 9218).
    void priority(int priority) {
        urgency = Priority.urgency(priority);
        incremental = Priority.isIncremental(priority);
    }

    byte octet(long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    @Override
    public String toString() {
        return "Stream[" + id + ", ours " + answer + (remoteEnded ? ", theirs complete" : "") + (isDoomed ? ", reset" : "") + "]";
    }
}
