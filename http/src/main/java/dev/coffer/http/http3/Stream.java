package dev.coffer.http.http3;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.Priority;
import dev.coffer.http.internal.ReceivedAnswer;
import dev.coffer.http.internal.ReceivedFields;
import dev.coffer.http.internal.ReceivedSection;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One request stream (RFC 9114, section 4.1) in a place of [Http3Streams]: what has come of the peer's message, and where ours stands: a server's answer, a
/// client's request. Content lies with the transport, in both directions.
final class Stream {
    /// Where our message stands. EXPECTING: a client's content waits for 100.
    enum Answer { NONE, HEAD, EXPECTING, CONTENT, TRAILERS, SENT }

    /// What of the peer's message has come. IN_HEAD, IN_TRAILERS: a field section is under way. ENDED: nothing more is taken.
    enum Part { NOTHING, IN_HEAD, CONTENT, IN_TRAILERS, TRAILERS, ENDED }

    final MemorySegment memory;
    final @Nullable ReceivedFields request;     // a server's, else null
    private final @Nullable AnswerAwaited awaited;  // a client's, else null
    final FieldEntries trailers;
    final FrameHead frame = new FrameHead();
    @Nullable
    SectionDecoder section;           // while a section is under way
    @Nullable
    Http3Engine holder;               // a server's, while it is lent
    @Nullable
    Stream waitsBefore;               // who waits for a place in front of it, and behind, see Http3Streams
    @Nullable
    Stream waitsBehind;
    long headAt = -1;           // where the head lies, below 0 for nowhere; its trailers lie behind it, or in a place of theirs
    long fieldsAt = -1;         // the head's entries, and the trailers' behind them
    long trailersAt = -1;       // the place of theirs
    int headBytes;              // of the places, where they are shared
    int trailersBytes;

    long id = -1;               // of the transport; below 0 for a client's that has yet to go out
    long number;                // by which the application knows it
    boolean open;               // the application knows of it and has not heard its end
    boolean isReady;            // it may have something to tell
    boolean isUnread;           // there may be something of it to be read
    boolean requestDue;         // events that are due
    boolean trailersDue;
    boolean endDue;
    boolean sentDue;
    boolean abortedDue;
    boolean skipping;           // content is no longer told but passed by
    boolean isDoomed;           // given up by either side: it is given back when the application has heard of it
    boolean isBlocked;          // its section waits for entries of QPACK's table, or for room to acknowledge it

    boolean localEnded;         // our side has ended on the wire

    // What comes.
    Part part = Part.NOTHING;
    boolean inFrame;            // the head of a frame is whole, and its payload is under way
    long payload;               // bytes of it that have yet to come
    boolean malformed;          // trailers
    boolean tooLong;            // a section
    int headDirty;              // bytes from the front of the head's place that were written
    int trailersDirty;          // likewise of the trailers' own
    boolean awaitsPlace;        // a section has begun, and has yet to have a place
    boolean isWaiting;          // for one, as there was none
    boolean isLate;             // and has waited for long, and is there whole
    long sectionBytes;          // decoded, of the section that is under way
    long began;                 // when the head's first byte came
    long shown;                 // of the content that is there, what DATA announced
    long received;              // content as its frames announce it
    long receiveUntil = Paces.NEVER;  // its pace, see Pace
    boolean remoteEnded;        // the peer's message is complete
    boolean awaits100;          // it holds content back until we ask for it
    boolean interimDue;         // 100
    boolean tunnel;             // content has neither size nor pace (RFC 9220)
    short informStatus;          // of another interim answer
    @Nullable
    Consumer<HeadWriter> inform;      // its fields

    // What goes.
    Answer answer = Answer.NONE;
    @Nullable
    MessageSource source;
    @Nullable
    Refusal refusal;  // of ours, in place of a source
    short refusalTold;          // bytes of its words
    long left;                  // of content of known length, or UNKNOWN
    int owed;                   // of a head that was written and that the peer did not let go when it was asked last
    boolean dataHeadDue;        // the frame of content of known length has yet to begin
    boolean blocked;            // the source has nothing now
    boolean isFull;             // there was no room for content when the transport was asked last, and it has not named the stream since
    byte urgency;
    boolean incremental;
    boolean isPrioritized;      // by a frame, which says more than the field (RFC 9218, section 7)
    long served;                // ordinal of its last content
    long sendUntil = Paces.NEVER;  // its pace

    Stream(Http3Config config, MemorySegment memory, boolean client) {
        this.memory = memory;
        this.request = client ? null : new ReceivedFields(memory, -1, config.limits(), 30);
        this.awaited = client ? new AnswerAwaited(memory, config.limits()) : null;
        this.trailers = new FieldEntries(memory, -1, config.limits().fieldsMax());
    }

    void open(long newId, long newNumber, long now) {
        id = newId;
        number = newNumber;
        began = now;
        open = false;
        isReady = false;
        isUnread = false;
        requestDue = false;
        trailersDue = false;
        endDue = false;
        sentDue = false;
        abortedDue = false;
        skipping = false;
        isDoomed = false;
        isBlocked = false;
        localEnded = false;
        if (awaited != null) {
            awaited.open();
        }
        part = Part.NOTHING;
        inFrame = false;
        awaitsPlace = false;
        isLate = false;
        payload = 0;
        malformed = false;
        tooLong = false;
        shown = 0;
        received = 0;
        remoteEnded = false;
        awaits100 = false;
        interimDue = false;
        tunnel = false;
        inform = null;
        answer = Answer.NONE;
        source = null;
        refusal = null;
        dataHeadDue = false;
        blocked = false;
        isFull = false;
        urgency = Priority.URGENCY;
        incremental = false;
        isPrioritized = false;
        served = 0;
        owed = 0;
        frame.reset();
        receiveUntil = Paces.NEVER;
        sendUntil = Paces.NEVER;
        forgetHeads();
    }

    SectionDecoder section() {
        return java.util.Objects.requireNonNull(section, "under way");
    }

    Http3Engine holder() {
        return java.util.Objects.requireNonNull(holder, "open");
    }

    ReceivedFields request() {
        return java.util.Objects.requireNonNull(request, "a server's");
    }

    AnswerAwaited awaited() {
        return java.util.Objects.requireNonNull(awaited, "a client's");
    }

    MessageSource source() {
        return java.util.Objects.requireNonNull(source, "answered by a source");
    }

    /// {@return the head of the peer's message}
    ReceivedSection head() {
        return request != null ? request : awaited().response;
    }

    /// Has a place for its head, zero: for as long as there is this object, or until it is given back.
    void place(long at, long entriesAt) {
        headAt = at;
        fieldsAt = entriesAt;
        head().entriesTo(entriesAt);
        head().clear(at, 0);
        trailers.entriesTo(entriesAt);
        if (awaited != null) {
            awaited.information.entriesTo(entriesAt);
        }
    }

    /// Wipes where heads lie; what is known of them without that stays.
    void wipeHeads() {
        if (headAt >= 0) {
            Wipe.bytes(memory, headAt, headDirty);
            int entries = trailersAt >= 0 ? head().end() : Math.max(head().end(), trailers.end());
            if (awaited != null) {
                entries = Math.max(entries, awaited.information.end());
            }
            Wipe.bytes(memory, fieldsAt, (long) entries * FieldEntries.ENTRY_BYTES);
        }
        if (trailersAt >= 0) {
            Wipe.bytes(memory, trailersAt, trailersDirty);
            trailers.wipeEntries();
            trailersDirty = 0;
        }
        headDirty = 0;
    }

    /// Wipes all heads.
    private void forgetHeads() {
        wipeHeads();
        if (awaited != null) {
            awaited.information.clear(headAt, 0);
        }
        head().clear(headAt, 0);
        trailers.clear(headAt, 0);
    }

    /// A client's: an answer's head begins, behind an interim one that is yet to be told, else in its place.
    void beginHead() {
        AnswerAwaited of = awaited();
        if (of.informationDue) {
            of.response.clear(headAt, of.information.end());
        } else {
            forgetHeads();
        }
    }

    /// A client's: the head that has come is an interim one.
    void inform() {
        AnswerAwaited of = awaited();
        ReceivedAnswer came = of.response;
        of.response = of.information;
        of.information = came;
        of.response.clear(headAt, 0);
        of.informationDue = true;
    }

    void wipe() {
        forgetHeads();
        source = null;
        refusal = null;
        inform = null;
        holder = null;
        id = -1;
    }

    /// {@return what of the peer's message behind its head is to be told next, or null}
    @Nullable
    HttpEvent contentDue(long readable) {
        return skipping || shown > 0 ? null : part == Part.CONTENT && inFrame && readable > 0 ? HttpEvent.DATA
                : trailersDue ? HttpEvent.TRAILERS : endDue ? HttpEvent.END : null;
    }

    void priority(int priority) {
        urgency = (byte) Priority.urgency(priority);
        incremental = Priority.isIncremental(priority);
    }

    /// Passes by what is there and what is still to come.
    void skip() {
        skipping = true;
        shown = 0;
        isUnread = true;
    }

    /// {@return whether these are trailers behind a head that was given back: they are told to nobody}
    boolean isUntold() {
        return part == Part.IN_TRAILERS && headAt < 0;
    }

    /// {@return whether content is awaited, or the stream's end behind trailers: neither is waited for without a limit}
    boolean awaitsRest() {
        return part == Part.CONTENT || part == Part.TRAILERS;
    }

    /// {@return whether a field section is under way}
    boolean inSection() {
        return part == Part.IN_HEAD || part == Part.IN_TRAILERS;
    }

    /// {@return whether something of our message is due that only lacks room or window}
    boolean isPending() {
        return switch (answer) {
            case NONE, EXPECTING, SENT -> false;
            case HEAD -> true;
            case CONTENT, TRAILERS -> !blocked;
        };
    }

    @Override
    public String toString() {
        return "Stream[" + id + ", theirs " + part + ", ours " + answer + (isDoomed ? ", given up" : "") + "]";
    }
}
