package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One handshake of either side (RFC 8446, section 2), over a slot that is lent from its first message to its last and wiped then: puts the
/// peer's messages together, and hands out our own piece by piece, each made when its turn comes. The connection's thread alone; 0 heap bytes.
///
/// ```
///   secrets, transcript  |  a message of the peer's, as it comes  |  a message of ours, as it goes
///   0                    inputAt                                  pieceAt
/// ```
///
/// A server's has both in one place, ours at the end of it, where it can.
abstract sealed class Handshake permits ServerHandshake, ServerFinish, ClientHandshakeParts {
    static final int SECRET_ROOM = KeySchedule.SECRET_BYTES_MAX;

    final MemorySegment memory;
    final long at;
    final long inputAt;
    final long pieceAt;
    final int inputBytesMax;

    private int heard;                   // bytes of the peer's message under way
    private MemorySegment heardIn;       // where it lies: in the slot, but for one that is too long for that
    private long heardAt;
    private MemorySegment pieceMemory;   // of what goes now
    private long pieceFrom;
    private int pieceLeft;
    private @Nullable TrafficKeys keys;
    @Nullable
    QuicTransport quic;          // who carries it without records, or null
    private long now;                    // as the connection was told last
    private boolean violation;           // of QUIC's own rules
    private boolean robbed;              // the peer's message under way has no place any more

    /// @param inputAt        offset in the slot of the peer's messages
    /// @param inputBytesMax  the longest of them, its header included
    /// @param pieceAt        offset of ours, with room for the longest
    Handshake(MemorySegment memory, long at, long inputAt, int inputBytesMax, long pieceAt) {
        this.memory = memory;
        this.at = at;
        this.inputAt = at + inputAt;
        this.inputBytesMax = inputBytesMax;
        this.pieceAt = at + pieceAt;
        this.pieceMemory = memory;
        this.heardIn = memory;
        this.heardAt = this.inputAt;
    }

    /// Begins for a connection with those keys.
    void begin(TrafficKeys of) {
        keys = of;
        quic = of.quic();
        heard = 0;
        hearIn(memory, inputAt);
        pieceLeft = 0;
        violation = false;
        robbed = false;
    }

    /// What has come of the peer's message under way is another's place now: the handshake makes way, with CLOSE_NOTIFY, when more of it comes. It is the peer that was slow.
    final void loseMessage() {
        robbed = true;
        hearIn(memory, inputAt);
    }

    /// The peer's message under way lies there from here on.
    final void hearIn(MemorySegment in, long inAt) {
        heardIn = in;
        heardAt = inAt;
    }

    /// {@return the memory that the peer's message lies in}
    final MemorySegment heardIn() {
        return heardIn;
    }

    /// {@return where it begins there, its header included}
    final long heardAt() {
        return heardAt;
    }

    /// A message begins that is longer than the slot has room for; its header lies there.
    ///
    /// @param bytes  its header included
    /// @return null where it has room elsewhere ([#hearIn]), or why the handshake fails
    @Nullable
    Alert onLong(int bytes) {
        return Alert.DECODE_ERROR;
    }

    /// Asks for room for a message of that length.
    ///
    /// @param bytes  its header included
    /// @return whether there is none now, but will be later: then it stands in a line for it
    boolean mustWaitForRoom(int bytes) {
        return false;
    }

    /// What is refused is a fault by a rule of QUIC's own, if that carries it, and no alert (RFC 9001, section 4).
    final Alert violates(Alert refused) {
        violation = true;
        return refused;
    }

    final boolean isViolation() {
        return violation;
    }

    /// It is over, or comes to nothing: what it holds that is not its slot's is let go. Twice is harmless.
    abstract void end();

    /// The time, of the connection's clock; before anything that it may matter to.
    final void tell(long nowNanos) {
        now = nowNanos;
    }

    final long nowNanos() {
        return now;
    }

    final TrafficKeys keys() {
        return Objects.requireNonNull(keys, "begun");
    }

    /// {@return whether both sides have proven that they heard each other}
    abstract boolean isDone();

    /// {@return whether there is something to say}
    abstract boolean hasOutput();

    /// {@return whether a message may be heard now: whoever has yet to speak has said nothing that it could answer}
    boolean mayHear() {
        return !hasOutput();
    }

    /// {@return whether the next bytes go without protection}
    abstract boolean isPlain();

    /// {@return whether the peer has what it needs to open what we protect, so that an alert goes protected (section 6)}
    abstract boolean isKeyed();

    /// {@return whether what goes next is a ChangeCipherSpec}
    abstract boolean isChange();

    /// {@return whether what goes next is content, which was said early in vain}
    boolean isContent() {
        return false;
    }

    /// {@return the type of the record for the next bytes}
    final int contentType() {
        return isChange() ? Wire.CHANGE_CIPHER_SPEC : isContent() ? Wire.APPLICATION_DATA : Wire.HANDSHAKE;
    }

    /// {@return whether a message of the peer's has begun and not ended: nothing else may come between its records (section 5.1)}
    final boolean isMidMessage() {
        return heard > 0;
    }

    /// {@return the application protocol that was agreed on, by its place in the configuration; below 0 for none}
    abstract int protocol();

    /// {@return whether an earlier session is resumed}
    abstract boolean isResumed();

    /// {@return the suite that was agreed on, by its place in the configuration}
    abstract int suiteIndex();

    /// {@return the group that was agreed on}
    @Nullable
    abstract NamedGroup group();

    /// {@return bytes of what is protected in a record that the peer takes at most (RFC 8449), once it is agreed on that both sides keep to what the other
    /// takes; 0 before, and where it is not}
    abstract int recordSizeLimit();

    /// {@return bytes of records that may be passed over from here on if they cannot be opened (section 4.2.10)}
    int earlyBytes() {
        return 0;
    }

    /// {@return what became of early data}
    abstract EarlyData earlyData();

    /// {@return whether content may come that the peer says early (section 2.3)}
    boolean takesEarly() {
        return false;
    }

    /// Content came early.
    ///
    /// @return whether it is no more than may come
    boolean takeEarly(int bytes) {
        return false;
    }

    /// {@return bytes of content that may yet be said early, now}
    int earlyRoom() {
        return 0;
    }

    /// Content is said early: it is kept, to be said again where the peer does not take it.
    ///
    /// @param bytes  [#earlyRoom] at most
    /// @param zeros  that are wished for behind it
    /// @return those that go
    int keepEarly(MemorySegment from, long fromAt, int bytes, int zeros) {
        throw new IllegalStateException("nothing is said early here");
    }

    /// {@return where a verified client's key is, as of [ClientVerifier#key]; below 0 where nobody was verified}
    long peerAt() {
        return -1;
    }

    /// {@return whether the last byte of our last flight was just written}
    abstract boolean isFlightOver();

    /// Our last flight was sealed under the keys of the handshake: what follows is the application's (section 4.4.4).
    abstract void flightSealed();

    /// {@return whether a message of that type may come now}
    abstract boolean expects(int type);

    /// {@return whether keys change with a message of that type, so that nothing may follow it in its record (section 5.1)}
    abstract boolean endsItsRecord(int type);

    /// A message of the peer's lies at [#heardAt], which is `inputAt` but for long ones.
    ///
    /// @param bytes  its header included
    /// @return null, or why the handshake fails
    @Nullable
    abstract Alert onMessage(int type, int bytes);

    /// Takes the content of a handshake record.
    ///
    /// @return null, or why the handshake fails
    final @Nullable Alert take(MemorySegment from, long fromAt, int length) {
        for (int done = 0; done < length;) {
            if (robbed) {
                return Alert.CLOSE_NOTIFY;
            }
            if (isDone() || !mayHear()) {
                return Alert.UNEXPECTED_MESSAGE;
            }
            int wanted = heard < Wire.MESSAGE_HEADER_BYTES ? Wire.MESSAGE_HEADER_BYTES : messageBytes();
            int part = Math.min(length - done, wanted - heard);
            MemorySegment.copy(from, fromAt + done, heardIn, heardAt + heard, part);
            heard += part;
            done += part;
            if (heard < Wire.MESSAGE_HEADER_BYTES) {
                continue;
            }
            Alert refused = heard == Wire.MESSAGE_HEADER_BYTES ? checkHeader() : null;
            if (refused == null && heard == messageBytes()) {
                refused = whole(done == length);
            }
            if (refused != null) {
                return refused;
            }
        }
        return null;
    }

    /// Looks at bytes that come next.
    ///
    /// @return whether they are better not taken yet: with them a header is whole whose message has no room now, but will have some later, for which it stands in a line
    final boolean mustWait(MemorySegment from, long fromAt, int length) {
        if (robbed || heard >= Wire.MESSAGE_HEADER_BYTES || heard + length < Wire.MESSAGE_HEADER_BYTES) {
            return false;
        }
        int header = 0;
        for (int i = 0; i < Wire.MESSAGE_HEADER_BYTES; i++) {
            header = header << 8 | (i < heard ? Wire.u8(heardIn, heardAt + i) : Wire.u8(from, fromAt + i - heard));
        }
        int bytes = Wire.MESSAGE_HEADER_BYTES + (header & 0xffffff);
        return expects(header >>> 24) && bytes > inputBytesMax && mustWaitForRoom(bytes);
    }

    private int messageBytes() {
        return Wire.MESSAGE_HEADER_BYTES + BigEndian.u24(heardIn, heardAt + 1);
    }

    private @Nullable Alert checkHeader() {
        if (!expects(Wire.u8(heardIn, heardAt))) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        return messageBytes() > inputBytesMax ? onLong(messageBytes()) : null;
    }

    /// @param last  whether nothing of the record is left behind it
    private @Nullable Alert whole(boolean last) {
        int type = Wire.u8(heardIn, heardAt);
        if (!last && endsItsRecord(type)) {
            return violates(Alert.UNEXPECTED_MESSAGE);  // RFC 9001, section 4.1.3
        }
        int bytes = heard;
        heard = 0;
        return onMessage(type, bytes);
    }

    /// A message of ours is whole, from `pieceAt` on: its length goes into its header, and all of it into the transcript.
    ///
    /// @param end  behind its last byte
    final void said(Transcript transcript, long end) {
        int bytes = (int) (end - pieceAt);
        BigEndian.u24(memory, pieceAt + 1, bytes - Wire.MESSAGE_HEADER_BYTES);
        transcript.add(memory, pieceAt, bytes);
        start(memory, pieceAt, bytes);
    }

    /// Begins to hand bytes out.
    final void start(MemorySegment from, long fromAt, int bytes) {
        pieceMemory = from;
        pieceFrom = fromAt;
        pieceLeft = bytes;
    }

    /// {@return whether nothing is left to go but tickets, of which none has begun: nobody misses them}
    boolean owesTicketsAlone() {
        return false;
    }

    /// {@return whether no byte has gone of what is under way, which lies at `pieceAt`}
    final boolean isPieceWhole() {
        return pieceFrom == pieceAt;
    }

    final boolean isPieceEmpty() {
        return pieceLeft == 0;
    }

    /// The piece under way has gone: the next one begins, or none.
    abstract void nextPiece();

    /// Writes bytes of our flight: of one message where that goes without protection, else of as many as have room.
    ///
    /// @return bytes written, 1 or more where there is room
    final int fill(MemorySegment output, long outputAt, int room) {
        boolean plain = isPlain();
        int written = 0;
        do {
            int part = Math.min(room - written, pieceLeft);
            MemorySegment.copy(pieceMemory, pieceFrom, output, outputAt + written, part);
            written += part;
            pieceFrom += part;
            pieceLeft -= part;
            if (pieceLeft == 0) {
                nextPiece();
            }
        } while (written < room && hasOutput() && !plain && isPlain() == plain);
        return written;
    }

    /// Writes a ChangeCipherSpec's one byte to go next, or nothing.
    final void change(boolean due) {
        Wire.u8(memory, pieceAt, 1);
        start(memory, pieceAt, due ? 1 : 0);
    }
}
