package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.FieldEntries;
import dev.coffer.http.internal.Pace;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One stream (RFC 9113, section 5.1) in a place of [Http2Streams]: what has come of its request, and where its answer stands. While it
/// is lent, one of open, half-closed (remote) and half-closed (local): idle and closed ones hold nothing.
final class Stream {
    /// Where the answer stands.
    enum Answer { NONE, HEAD, CONTENT, TRAILERS, SENT }

    final MemorySegment memory;
    final long headAt;
    final ReceivedFields request;
    final FieldEntries trailers;
    final Pace receivePace;
    final Pace sendPace;
    private final long fieldsAt;
    private final Http2Config config;

    Stream next;                // of the connection's, in the order of their numbers
    Stream nextReady;           // of those that may have something to tell
    boolean isReady;

    int id;
    long number;                // by which the application knows it
    boolean remoteEnded;        // END_STREAM has come
    boolean told;               // the application knows of it
    boolean open;               // and has not heard its end
    boolean requestDue;         // events that are due
    boolean trailersDue;
    boolean endDue;
    boolean sentDue;
    boolean abortedDue;
    boolean skipping;           // content is no longer told but passed by
    boolean isDoomed;           // reset by either side: it is closed when the application has heard of it

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
    boolean interimDue;

    // The answer.
    Answer answer = Answer.NONE;
    MessageSource source;
    Refusal refusal;            // of ours, in place of a source
    int refusalTold;            // bytes of its words
    long left;                  // of content of known length, or UNKNOWN
    boolean blocked;            // the source has nothing now
    long window;                // bytes that we may send, below zero after a change of settings
    int urgency;
    boolean incremental;
    long served;                // ordinal of its last DATA frame

    Stream(Http2Config config, MemorySegment memory, long headAt, long fieldsAt) {
        this.config = config;
        this.memory = memory;
        this.headAt = headAt;
        this.fieldsAt = fieldsAt;
        this.request = new ReceivedFields(memory, fieldsAt, config.limits());
        this.trailers = new FieldEntries(memory, fieldsAt, config.limits().fieldsMax());
        this.receivePace = new Pace(config.limits());
        this.sendPace = new Pace(config.limits());
    }

    void open(int newId, long newNumber, long sendWindow) {
        id = newId;
        number = newNumber;
        next = null;
        remoteEnded = false;
        told = false;
        open = false;
        requestDue = false;
        trailersDue = false;
        endDue = false;
        sentDue = false;
        abortedDue = false;
        skipping = false;
        isDoomed = false;
        windowDirty = 0;
        first = 0;
        length = 0;
        shown = 0;
        received = 0;
        allowed = config.windowBytes();
        credit = 0;
        awaits100 = false;
        interimDue = false;
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
        request.clear(headAt, 0);
        trailers.clear(headAt, 0);
    }

    void wipe() {
        Wipe.bytes(memory, headAt, headDirty);
        headDirty = 0;
        Wipe.bytes(memory, fieldsAt, (long) (request.count() + trailers.count()) * FieldEntries.ENTRY_BYTES);
        source = null;
        refusal = null;
        id = 0;
    }

    /// {@return the event that is due, in the order of their kind, or null; an end of the exchange before anything that follows it}
    HttpEvent due() {
        if (requestDue) {
            return HttpEvent.REQUEST;
        }
        if (!open) {
            return null;
        }
        if (abortedDue) {
            return HttpEvent.ABORTED;
        }
        if (!skipping && shown == 0) {
            if (length > 0) {
                return HttpEvent.DATA;
            }
            if (trailersDue) {
                return HttpEvent.TRAILERS;
            }
            if (endDue) {
                return HttpEvent.END;
            }
        }
        return sentDue ? HttpEvent.SENT : null;
    }

    /// Takes content that fits.
    void put(MemorySegment input, long at, int bytes) {
        int capacity = config.windowBytes();
        int to = first + length;
        to = to >= capacity ? to - capacity : to;
        int part = Math.min(bytes, capacity - to);
        MemorySegment.copy(input, at, memory, windowAt + to, part);
        windowDirty = Math.max(windowDirty, to + part);
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

    /// {@return whether the peer's content is awaited, so that its pace counts}
    boolean awaitsContent() {
        return !remoteEnded && !isDoomed;
    }

    /// {@return whether content waits for the application and not for the peer}
    boolean holdsContent() {
        return allowed == 0 && credit < config.windowBytes() / 2 || awaits100;
    }

    /// {@return whether something of the answer is due that only lacks room or window}
    boolean isPending() {
        return switch (answer) {
            case NONE, SENT -> false;
            case HEAD -> true;
            case CONTENT, TRAILERS -> !blocked;
        };
    }

    byte octet(long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    @Override
    public String toString() {
        return "Stream[" + id + ", answer " + answer + (remoteEnded ? ", request complete" : "") + (isDoomed ? ", reset" : "") + "]";
    }
}
