package dev.coffer.http.http1;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Octets;
import dev.coffer.http.internal.Trailers;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The receiving half of a connection: raw input in one range of memory, parsed in place.
///
/// ```
/// start           pinned             dataAt      cursor              end          capacity
///   | head, trailers |  consumed, free  | content   | not yet parsed    | free          |
/// ```
///
/// Head and trailers stay where they are until the next message; what lies behind `pinned` moves up when room is needed
/// and no content is shown. All offsets are relative to `base`.
final class Receiver {
    /// What [#step] came upon.
    enum Step {
        /// Nothing: more input is needed, or shown content must be consumed first.
        NEED,
        /// A head is complete and judged; tell the framing with [#body].
        HEAD,
        /// Content is shown.
        DATA,
        /// Trailers are complete.
        TRAILERS,
        /// The message is complete; [#next] begins another.
        END,
        /// The peer broke a rule: [#refusal].
        REFUSED
    }

    enum Phase { BEFORE, START_LINE, FIELDS, JUDGED, LENGTH, CHUNKED, UNTIL_CLOSE, TRAILERS, ENDING, ENDED, FAILED }

    private final MemorySegment memory;
    private final long base;
    private final int capacity;
    private final Http1Config config;
    final ReceivedHead head;
    final FieldTable trailers;
    private final ChunkDecoder chunks = new ChunkDecoder();

    private Phase phase = Phase.BEFORE;
    private int start;
    private int pinned;
    private int cursor;
    private int end;
    private int line;       // first byte of the line being parsed
    private int section;    // first byte of the head, or of the trailers
    private int dataAt;
    private int dataLength;
    private int dirty;      // no byte at or past it was written since the last wipe
    private int entries;    // most field entries ever in use
    private long left;      // LENGTH: bytes to come
    private long taken;     // bytes of content so far
    private boolean skippedEmptyLine;
    private boolean inputEnded;
    private Refusal refusal = Refusal.NONE;

    Receiver(MemorySegment memory, long base, Http1Config config, ReceivedHead head, FieldTable trailers) {
        this.memory = memory;
        this.base = base;
        this.capacity = config.inputBytes();
        this.config = config;
        this.head = head;
        this.trailers = trailers;
        reset();
    }

    /// Forgets everything and wipes what was dirtied.
    void reset() {
        Wipe.bytes(memory, base, dirty);
        Wipe.bytes(memory, base + capacity, (long) entries * FieldTable.ENTRY_BYTES);
        cursor = 0;
        end = 0;
        dirty = 0;
        entries = 0;
        inputEnded = false;
        refusal = Refusal.NONE;
        begin();
    }

    private void begin() {
        phase = Phase.BEFORE;
        skippedEmptyLine = false;
        start = cursor;
        pinned = cursor;
        dataLength = 0;
        taken = 0;
        head.clear(base + start, 0);
        trailers.clear(base + start, 0);
    }

    /// Ends the message and begins the next with what lies behind it; wipes the memory if nothing does.
    void next() {
        assert phase == Phase.ENDED : phase;
        if (cursor == end) {
            Wipe.bytes(memory, base, dirty);
            cursor = 0;
            end = 0;
            dirty = 0;
        }
        begin();
    }

    /// {@return bytes that [#feed] takes at once}
    int room() {
        return capacity - end + reclaimable();
    }

    /// {@return whether it is the application's turn: content is shown, or bytes lie behind a head or a message that it is not done with}
    boolean isHolding() {
        return dataLength > 0 || (phase == Phase.JUDGED || phase == Phase.ENDED) && cursor < end;
    }

    /// {@return bytes that moving would free; 0 while content is shown or trailers lie behind the head}
    private int reclaimable() {
        return dataLength > 0 || phase == Phase.TRAILERS ? 0
                : phase.ordinal() < Phase.JUDGED.ordinal() ? start : cursor - pinned;
    }

    /// Copies what fits. Returns bytes taken.
    int feed(MemorySegment input, long at, long length) {
        if (capacity - end < length && reclaimable() > 0) {
            moveUp();
        }
        int bytes = (int) Math.min(length, capacity - end);
        dirty = Math.max(dirty, end + bytes);  // first: what is read may fail half-way
        MemorySegment.copy(input, at, memory, base + end, bytes);
        end += bytes;
        return bytes;
    }

    private void moveUp() {
        boolean inHead = phase.ordinal() < Phase.JUDGED.ordinal();
        int from = inHead ? start : cursor;
        int to = inHead ? 0 : pinned;
        MemorySegment.copy(memory, base + from, memory, base + to, end - from);
        int shift = from - to;
        end -= shift;
        cursor -= shift;
        if (inHead) {
            line -= shift;
            section -= shift;
            start = 0;
            pinned = 0;
            head.moveTo(base);
            trailers.moveTo(base);
        }
    }

    /// Parses on.
    Step step() {
        while (true) {
            switch (phase) {
                case BEFORE -> {
                    if (!firstOctet()) {
                        return phase == Phase.FAILED ? Step.REFUSED : Step.NEED;
                    }
                }
                case START_LINE, FIELDS, TRAILERS -> {
                    Step step = line();
                    if (step != null) {
                        return step;
                    }
                }
                case LENGTH, UNTIL_CLOSE -> {
                    if (dataLength == 0 && cursor == end && phase == Phase.UNTIL_CLOSE && inputEnded) {
                        phase = Phase.ENDING;
                        continue;
                    }
                    if (dataLength > 0 || cursor == end) {
                        return Step.NEED;
                    }
                    return show(phase == Phase.LENGTH ? left : Long.MAX_VALUE);
                }
                case CHUNKED -> {
                    Step step = chunk();
                    if (step != null) {
                        return step;
                    }
                }
                case ENDING -> {
                    phase = Phase.ENDED;
                    return Step.END;
                }
                case JUDGED, ENDED, FAILED -> {
                    return Step.NEED;
                }
            }
        }
    }

    /// Looks at the first octet of a message; one empty line before it is skipped (RFC 9112, section 2.2).
    private boolean firstOctet() {
        if (cursor == end) {
            return false;
        }
        byte b = octet(cursor);
        if (b == '\r' && !skippedEmptyLine) {
            if (end - cursor < 2) {
                return false;
            }
            if (octet(cursor + 1) == '\n') {
                skippedEmptyLine = true;
                cursor += 2;
                start = cursor;
                pinned = cursor;
                return firstOctet();
            }
        }
        if (!Octets.is(b, Octets.TOKEN)) {
            fail(b == '\r' || b == '\n' ? Refusal.BARE_CR_OR_LF : b == ' ' || b == '\t' || Octets.is(b, Octets.VALUE)
                    ? Refusal.START_LINE : Refusal.CONTROL);
            return false;
        }
        head.clear(base + start, 0);
        line = cursor;
        section = cursor;
        phase = Phase.START_LINE;
        return true;
    }

    /// Parses one line of a head or of trailers. Returns null to go on.
    private @Nullable Step line() {
        int lineMax = phase == Phase.START_LINE ? config.limits().startLineBytesMax() : config.limits().fieldBytesMax();
        int sectionMax = phase == Phase.TRAILERS ? config.bodyWindowBytes() - 1 : config.limits().headBytesMax();
        int newline = Octets.indexOf(memory, base, cursor, end, '\n');
        // limits are judged by the position of the octet that breaks them, so that every split gives the same answer
        int last = newline < 0 ? end - 1 : newline;
        int linePast = line + lineMax + 1;
        int sectionPast = section + sectionMax;
        if (last > linePast || last == linePast && newline < 0 || last >= sectionPast) {
            boolean lineFirst = linePast <= sectionPast && (last > linePast || newline < 0);
            return fail(!lineFirst ? Refusal.HEAD_TOO_LONG : phase == Phase.START_LINE ? Refusal.START_LINE_TOO_LONG
                    : Refusal.FIELD_TOO_LONG);
        }
        if (newline < 0) {
            cursor = end;
            return Step.NEED;
        }
        int length = newline - 1 - line;
        if (length < 0 || octet(newline - 1) != '\r') {
            return fail(Refusal.BARE_CR_OR_LF);
        }
        Refusal fault;
        if (phase == Phase.START_LINE) {
            fault = head.startLine(base + line, length);
            phase = Phase.FIELDS;
        } else if (length == 0) {
            cursor = newline + 1;
            return sectionEnds();
        } else {
            fault = (phase == Phase.FIELDS ? head : trailers).add(base + line, length);
            entries = Math.max(entries, head.count() + trailers.count());
            if (fault == Refusal.NONE && phase == Phase.TRAILERS) {
                fault = Trailers.judge(trailers.name(trailers.count() - 1));
            }
        }
        if (fault != Refusal.NONE) {
            return fail(fault);
        }
        cursor = newline + 1;
        line = cursor;
        return null;
    }

    private @Nullable Step sectionEnds() {
        if (phase == Phase.TRAILERS) {
            pinned = cursor;
            phase = Phase.ENDING;
            return trailers.count() > 0 ? Step.TRAILERS : null;
        }
        Refusal fault = head.complete();
        if (fault != Refusal.NONE) {
            return fail(fault);
        }
        phase = Phase.JUDGED;
        pinned = cursor;
        if (capacity - pinned < config.bodyWindowBytes()) {
            slideToFront();
        }
        return Step.HEAD;
    }

    /// Moves the head and all behind it to the front, so that a whole window follows it.
    private void slideToFront() {
        MemorySegment.copy(memory, base + start, memory, base, end - start);
        pinned -= start;
        cursor -= start;
        end -= start;
        start = 0;
        head.moveTo(base);
    }

    /// Says how the content after a head is framed: `length` bytes, -1 for chunks, -2 until the connection ends.
    void body(long length) {
        assert phase == Phase.JUDGED : phase;
        left = length;
        phase = length == 0 ? Phase.ENDING : length > 0 ? Phase.LENGTH : length == -1 ? Phase.CHUNKED
                : Phase.UNTIL_CLOSE;
        if (phase == Phase.CHUNKED) {
            chunks.begin(config.chunkExtensionBytesMax());
        }
    }

    /// What lies behind a head without content is content until the connection ends.
    void tunnel() {
        assert isComplete() && dataLength == 0 : phase;
        phase = Phase.UNTIL_CLOSE;
    }

    /// Goes on with such content, of which nothing is here: no head is.
    void reopen() {
        assert isAtRest() : phase;
        phase = Phase.UNTIL_CLOSE;
    }

    /// {@return whether content lasts until the connection ends, and nothing of it is here}
    boolean isTunnelEmpty() {
        return phase == Phase.UNTIL_CLOSE && cursor == end && dataLength == 0;
    }

    private @Nullable Step chunk() {
        while (!chunks.inData() && !chunks.isLast()) {
            if (dataLength > 0 || cursor == end) {
                return Step.NEED;
            }
            Refusal fault = chunks.octet(octet(cursor++), config.limits().bodyBytesMax() - taken);
            if (fault != Refusal.NONE) {
                return fail(fault);
            }
        }
        if (chunks.isLast()) {
            beginTrailers();
            return null;
        }
        return dataLength > 0 || cursor == end ? Step.NEED : show(chunks.left());
    }

    /// Trailers need the whole window, so what is not yet parsed moves up behind the head.
    private void beginTrailers() {
        if (cursor > pinned) {
            moveUp();
        }
        trailers.clear(head.messageAt(), head.count());
        phase = Phase.TRAILERS;
        line = cursor;
        section = cursor;
    }

    private Step show(long most) {
        dataAt = cursor;
        dataLength = (int) Math.min(most, end - cursor);
        cursor += dataLength;
        taken += dataLength;
        if (phase == Phase.LENGTH) {
            left -= dataLength;
        } else if (phase == Phase.CHUNKED) {
            chunks.took(dataLength);
        }
        return Step.DATA;
    }

    /// Gives shown content back, from the front.
    void consume(int bytes) {
        dataAt += bytes;
        dataLength -= bytes;
        if (dataLength == 0 && phase == Phase.LENGTH && left == 0) {
            phase = Phase.ENDING;
        }
    }

    /// The peer's stream has ended in good order: what lies here is all there is, and ends content that lasts until then.
    void feedEnd() {
        inputEnded = true;
    }

    private Step fail(Refusal fault) {
        refusal = fault;
        phase = Phase.FAILED;
        return Step.REFUSED;
    }

    /// {@return whether some, but not all, octets of a head have come}
    boolean inHead() {
        return phase == Phase.START_LINE || phase == Phase.FIELDS || phase == Phase.BEFORE && end > cursor;
    }

    /// {@return whether no octet of the next message has come}
    boolean isBetween() {
        return phase == Phase.BEFORE && end == cursor;
    }

    /// {@return whether no octet has come since the last message, so that nothing is remembered}
    boolean isAtRest() {
        return isBetween() && !skippedEmptyLine;
    }

    /// {@return whether a head is complete and its framing not yet told}
    boolean isJudged() {
        return phase == Phase.JUDGED;
    }

    /// {@return whether END was told}
    boolean isEnded() {
        return phase == Phase.ENDED;
    }

    boolean isComplete() {
        return phase == Phase.ENDED || phase == Phase.ENDING;
    }

    /// {@return whether content is still to come or to be consumed}
    boolean inBody() {
        return phase == Phase.LENGTH || phase == Phase.CHUNKED || phase == Phase.UNTIL_CLOSE
                || phase == Phase.TRAILERS;
    }

    /// {@return bytes of content still to come where that is known, else 0}
    long left() {
        return phase == Phase.LENGTH ? left : 0;
    }

    /// {@return bytes of content shown so far}
    long taken() {
        return taken;
    }

    long dataAt() {
        return base + dataAt;
    }

    int dataLength() {
        return dataLength;
    }

    Refusal refusal() {
        return refusal;
    }

    private byte octet(int at) {
        return memory.get(ValueLayout.JAVA_BYTE, base + at);
    }

    void checkInvariants() {
        assert 0 <= start && start <= pinned : start + ", " + pinned;
        assert pinned <= cursor || phase.ordinal() < Phase.JUDGED.ordinal() : pinned + ", " + cursor;
        assert cursor <= end && end <= capacity : cursor + ", " + end + ", " + capacity;
        assert end <= dirty && dirty <= capacity : end + ", " + dirty;
        assert dataLength >= 0;
        assert dataLength == 0 || pinned <= dataAt && dataAt + dataLength == cursor : dataAt + ", " + dataLength;
    }
}
