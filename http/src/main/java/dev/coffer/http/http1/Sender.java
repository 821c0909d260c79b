package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Passage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sending half of a connection: one message at a time, pulled from its source into the output. Holds no bytes.
final class Sender {
    /// A chunk's framing: four hexadecimal digits and CRLF before, CRLF after. Leading zeros are legal (RFC 9112,
    /// section 7.1), and let the source write before the length is known.
    static final int CHUNK_HEAD_BYTES = 4 + 2;
    static final int CHUNK_BYTES = CHUNK_HEAD_BYTES + 2;
    private static final int CHUNK_CONTENT_BYTES_MAX = 0xffff;
    /// Room below which no further chunk is begun: its framing would be an eighth of it.
    private static final int CHUNK_ROOM_MIN = 64;

    private static final Ascii PLAIN_TEXT = Ascii.of("text/plain; charset=utf-8");
    private static final Ascii LAST_CHUNK = Ascii.of("0\r\n");

    /// What comes next.
    enum Phase { IDLE, INTERIM, HEAD, WAITING, LENGTH, PASSING, CHUNKED, UNTIL_CLOSE, TRAILERS, SENT, FAILED }

    private final HeadText head = new HeadText();
    private final @Nullable DateField date;  // of a server
    private final int headBytesMax;
    private final boolean isServer;

    private Phase phase = Phase.IDLE;
    private Phase afterInterim = Phase.IDLE;
    private boolean continueDue;        // INTERIM: 100 is to be sent
    private int informStatus;           // INTERIM: of another one
    private @Nullable Consumer<HeadWriter> inform;  // its fields, null where there is none
    private @Nullable MessageSource source;
    private @Nullable Refusal refusal;  // what a response of our own says, null if the source writes it
    private int told;            // bytes of its words that are written
    private long left;           // of content of known length
    private boolean blocked;     // the source has nothing now
    private final Passage passage = new Passage();  // set while PASSING
    private boolean passes;      // the driver can send from where bytes lie
    private boolean asksToPass;  // the source has not said whether it has such bytes
    boolean oldPeer;             // speaks HTTP/1.0
    boolean bodiless;            // server: the request was HEAD
    boolean tunnels;             // server: the exchange was made a tunnel
    boolean closes;              // the connection ends with this message
    boolean expects;             // client: waits for 100 before content
    @Nullable
    Method method;               // client: of the request written last

    Sender(@Nullable DateField date, int headBytesMax, boolean isServer) {
        this.date = date;
        this.headBytesMax = headBytesMax;
        this.isServer = isServer;
    }

    private MessageSource source() {
        return Objects.requireNonNull(source, "begun");
    }

    void reset() {
        phase = Phase.IDLE;
        source = null;
        refusal = null;
        left = 0;
        blocked = false;
        passes = false;
        passage.clear();
        oldPeer = false;
        bodiless = false;
        tunnels = false;
        closes = false;
        expects = false;
        method = null;
        continueDue = false;
        inform = null;
    }

    /// Pulls the next message from `newSource`.
    void begin(@Nullable MessageSource newSource) {
        source = newSource;
        refusal = null;
        blocked = false;
        if (phase == Phase.INTERIM) {
            afterInterim = Phase.HEAD;
        } else {
            phase = Phase.HEAD;
        }
    }

    /// Sends a response of our own that says why in words, and ends the connection with it.
    void refuse(Refusal why) {
        begin(null);
        phase = Phase.HEAD;
        refusal = why;
        told = 0;
        closes = true;
    }

    /// Writes the next words of a refusal.
    private long words(Refusal why, MemorySegment output, long at, long room) {
        int count = (int) Math.min(room, why.wordsLength() - told);
        why.writeWords(told, output, at, count);
        told += count;
        return count;
    }

    /// Sends `100 Continue` before anything else.
    void interim() {
        continueDue = true;
        beginInterim();
    }

    /// Sends another interim response before the answer.
    ///
    /// @return whether there was room for it
    boolean inform(int status, Consumer<HeadWriter> fields) {
        if (oldPeer || inform != null || !isUnanswered()) {
            return false;
        }
        informStatus = status;
        inform = fields;
        beginInterim();
        return true;
    }

    private void beginInterim() {
        assert isUnanswered() : phase;
        afterInterim = Phase.IDLE;
        phase = Phase.INTERIM;
    }

    /// Goes on with a tunnel whose head has gone.
    void reopen(MessageSource newSource) {
        begin(newSource);
        closes = true;
        phase = Phase.UNTIL_CLOSE;
    }

    /// The client's wait for 100 is over.
    void proceed() {
        if (phase == Phase.WAITING) {
            phase = afterInterim;
        }
    }

    /// The client has its answer without having been asked for its content, and does not send it any more.
    void stopShort() {
        if (phase == Phase.WAITING) {
            phase = Phase.SENT;
            closes = true;
        }
    }

    /// The message is done with; another may begin.
    void end() {
        phase = Phase.IDLE;
        source = null;
    }

    void fail() {
        phase = Phase.FAILED;
        source = null;
        passage.clear();
    }

    void allowPassages(boolean allowed) {
        passes = allowed;
    }

    /// {@return what comes next and is sent from where it lies, or null}
    @Nullable
    Passage passage() {
        return phase == Phase.PASSING ? passage : null;
    }

    /// The first bytes of the passage have gone.
    void passed(long bytes) {
        passage.advance(bytes);
        left -= bytes;
        source().passed(bytes);
        if (passage.left() == 0) {
            endPassage(left > 0);
        }
    }

    void refusePassage() {
        endPassage(false);
    }

    private void endPassage(boolean asksAgain) {
        passage.clear();
        asksToPass = asksAgain;
        phase = left == 0 ? Phase.SENT : Phase.LENGTH;
    }

    void resume() {
        blocked = false;
    }

    boolean isBlocked() {
        return blocked || phase == Phase.WAITING;
    }

    boolean isIdle() {
        return phase == Phase.IDLE;
    }

    /// {@return whether a tunnel has nothing to say}
    boolean isTunnelIdle() {
        return phase == Phase.UNTIL_CLOSE && blocked;
    }

    /// {@return whether not one byte of the message, interim responses aside, is written}
    boolean isUnbegun() {
        return phase == Phase.IDLE || phase == Phase.INTERIM || phase == Phase.HEAD;
    }

    /// {@return whether no source has been given}
    boolean isUnanswered() {
        return phase == Phase.IDLE || phase == Phase.INTERIM && afterInterim == Phase.IDLE;
    }

    boolean isSent() {
        return phase == Phase.SENT;
    }

    boolean isFailed() {
        return phase == Phase.FAILED;
    }

    boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    /// {@return whether bytes are due that only lack room}
    boolean isPending() {
        return !isBlocked() && phase != Phase.IDLE && phase != Phase.SENT && phase != Phase.FAILED;
    }

    /// Writes what is pending and fits; returns bytes written. Where the source throws none are: nobody is told of them.
    long poll(MemorySegment output, long at, long length) {
        long wrote = 0;
        boolean done = false;
        try {
            while (isPending()) {
                long bytes = one(output, at + wrote, length - wrote);
                if (bytes < 0) {
                    break;
                }
                wrote += bytes;
            }
            done = true;
        } finally {
            if (!done) {
                Wipe.bytes(output, at, wrote);
            }
        }
        return wrote;
    }

    /// Writes one piece; -1 for no room or nothing now, 0 for a change of phase alone.
    private long one(MemorySegment output, long at, long room) {
        return switch (phase) {
            case INTERIM -> interim(output, at, room);
            case HEAD -> head(output, at, room);
            case LENGTH, UNTIL_CLOSE -> content(output, at, room);
            case CHUNKED -> chunk(output, at, room);
            case PASSING -> -1;
            case TRAILERS -> trailers(output, at, room);
            default -> throw new AssertionError(phase);
        };
    }

    private long interim(MemorySegment output, long at, long room) {
        head.begin(output, at, Math.min(room, headBytesMax), true);
        if (continueDue) {
            head.anyStatus(Status.CONTINUE);
        } else {
            informing();
        }
        long bytes = head.finish();
        if (bytes < 0) {
            return noRoomInterim(room);
        }
        if (continueDue) {
            continueDue = false;
        } else {
            inform = null;
        }
        if (inform == null) {
            phase = afterInterim;
        }
        return bytes;
    }

    private long noRoomInterim(long room) {
        if (room >= headBytesMax) {
            inform = null;  // the answer goes on without
            phase = afterInterim;
        }
        return noRoom(room, "interim head");
    }

    private void informing() {
        boolean done = false;
        try {
            head.anyStatus(informStatus);
            Objects.requireNonNull(inform, "due").accept(head);
            done = true;
        } finally {
            if (!done) {
                inform = null;  // the answer goes on without
                phase = afterInterim;
                head.drop();
            }
        }
    }

    private long head(MemorySegment output, long at, long room) {
        head.begin(output, at, Math.min(room, headBytesMax), isServer);  // whatever room there happens to be
        long bytes;
        boolean done = false;
        try {
            if (refusal != null) {
                head.status(refusal.status()).field(FieldName.CONTENT_TYPE, PLAIN_TEXT).content(refusal.wordsLength());
            } else {
                source().head(head);
                head.requireTunnelOnly(tunnels);
            }
            bytes = head.finishMessage(date, isServer, oldPeer, closes);
            done = true;
        } finally {
            if (!done) {
                head.drop();
            }
        }
        if (bytes < 0) {
            return noRoom(room, "head");
        }
        closes |= head.closes();
        method = head.method();
        expects = head.expects();
        boolean tunnel = head.tunnel() != null;
        closes |= tunnel;
        boolean silent = !tunnel && isServer && (bodiless || Status.isBodiless(head.status()));
        left = head.content();
        Phase body = tunnel ? Phase.UNTIL_CLOSE : silent || left == HeadText.NO_CONTENT || left == 0 ? Phase.SENT : left > 0 ? Phase.LENGTH
                : oldPeer ? Phase.UNTIL_CLOSE : Phase.CHUNKED;
        asksToPass = passes && refusal == null;
        afterInterim = body;
        phase = expects && body != Phase.SENT ? Phase.WAITING : body;
        return bytes;
    }

    private long noRoom(long room, String what) {
        if (room >= headBytesMax) {
            throw new IllegalStateException(what + ": does not fit in " + headBytesMax + " bytes (sentHeadBytesMax)");
        }
        return -1;
    }

    private long content(MemorySegment output, long at, long room) {
        if (asksToPass && phase == Phase.LENGTH) {
            asksToPass = false;
            if (offersPassage()) {
                phase = Phase.PASSING;
                return 0;
            }
        }
        long most = phase == Phase.LENGTH ? Math.min(room, left) : room;
        if (most <= 0) {
            return -1;
        }
        long bytes = pull(output, at, most);
        if (bytes > 0 && phase == Phase.LENGTH) {
            left -= bytes;
            if (left == 0) {
                phase = Phase.SENT;
            }
        } else if (bytes == MessageSource.END) {
            phase = phase == Phase.UNTIL_CLOSE ? Phase.SENT : Phase.FAILED;  // short of what was announced
            return 0;
        }
        return bytes > 0 ? bytes : -1;
    }

    private boolean offersPassage() {
        boolean offers = source().pass(passage, left);
        if (offers && (passage.left() == 0 || passage.left() > left)) {
            long offered = passage.left();
            passage.clear();
            throw new IllegalStateException("source offers " + offered + " bytes (expected 1.." + left + ")");
        }
        return offers;
    }

    private long chunk(MemorySegment output, long at, long room) {
        long most = Math.min(room - CHUNK_BYTES, CHUNK_CONTENT_BYTES_MAX);
        if (room < CHUNK_ROOM_MIN) {
            return -1;
        }
        long bytes = pull(output, at + CHUNK_HEAD_BYTES, most);
        if (bytes == MessageSource.END) {
            phase = Phase.TRAILERS;
            return 0;
        }
        if (bytes <= 0) {
            return -1;
        }
        for (int i = 0; i < 4; i++) {
            int digit = (int) (bytes >>> 12 - 4 * i) & 0xf;
            put(output, at + i, digit < 10 ? '0' + digit : 'a' + digit - 10);
        }
        put(output, at + 4, '\r');
        put(output, at + 5, '\n');
        put(output, at + CHUNK_HEAD_BYTES + bytes, '\r');
        put(output, at + CHUNK_HEAD_BYTES + bytes + 1, '\n');
        return CHUNK_BYTES + bytes;
    }

    private long pull(MemorySegment output, long at, long most) {
        long bytes = MessageSource.FAILED;
        try {
            bytes = refusal != null ? words(refusal, output, at, most) : source().body(output, at, most);
            if (bytes > most || bytes < MessageSource.FAILED) {
                long told = bytes;
                bytes = MessageSource.FAILED;
                throw new IllegalStateException("source wrote " + told + " bytes (room was " + most + ")");
            }
        } finally {
            if (bytes == MessageSource.FAILED) {  // it may have begun; nobody will be told of these bytes
                Wipe.bytes(output, at, most);
            }
        }
        blocked = bytes == 0;
        if (bytes == MessageSource.FAILED) {
            phase = Phase.FAILED;
        }
        return bytes;
    }

    private long trailers(MemorySegment output, long at, long room) {
        head.beginTrailers(output, at, Math.min(room, headBytesMax));
        head.raw(LAST_CHUNK);
        boolean done = false;
        try {
            source().trailers(head);
            done = true;
        } finally {
            if (!done) {
                head.drop();
            }
        }
        long bytes = head.finish();
        if (bytes < 0) {
            return noRoom(room, "trailers");
        }
        phase = Phase.SENT;
        return bytes;
    }

    private static void put(MemorySegment output, long at, int b) {
        output.set(ValueLayout.JAVA_BYTE, at, (byte) b);
    }
}
