package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The end of a server's handshake (RFC 8446, sections 4.4.4, 4.5 and 4.6.1): its flight has gone, nothing that the client will say is unknown but whether it says it, and
/// tickets follow. So little is needed that it has a small place of its own while it waits, where there is one; where there is none it lies in its
/// [ServerHandshake]'s slot.
///
/// ```
///   EARLY --EndOfEarlyData--> FINISHED --Finished--> DONE       said: NewSessionTicket, as many as are configured
/// ```
///
/// The connection's thread alone; 0 heap bytes.
final class ServerFinish extends Handshake {
    private enum Step { EARLY, FINISHED, DONE }

    private static final int SECRET_BYTES = KeySchedule.SECRET_BYTES_MAX;
    private static final int FINISHED_BYTES = Wire.MESSAGE_HEADER_BYTES + SECRET_BYTES;

    // The place.
    static final long EXPECTED = 0;                          // what the client's Finished must say
    static final long CLIENT = EXPECTED + SECRET_BYTES;      // its handshake secret, until it has said what it says early
    static final long NEXT = CLIENT + SECRET_BYTES;          // its first application secret
    static final long TICKETS = NEXT + SECRET_BYTES;         // the resumption secret
    static final long RESUMPTION = TICKETS + SECRET_BYTES;   // what tickets will say
    static final long INPUT = RESUMPTION + ServerResumption.SLOT_BYTES;  // a message of the client's; after the last one, tickets
    /// Bytes of it.
    static final long BYTES = Align.up(INPUT + Math.max(FINISHED_BYTES, ServerResumption.MESSAGE_BYTES), Align.CACHE_LINE_BYTES);

    private @Nullable ServerContext loop;
    private boolean begun;
    private Step step = Step.DONE;
    private int suite;
    private int protocol;
    private @Nullable NamedGroup group;
    private boolean resumed;
    private boolean resumes;     // the client does, with a key exchange: it may have tickets
    private int limit;           // of records, as the client told it; 0: it did not
    private EarlyData early = EarlyData.NONE;
    private int earlyLeft;
    private boolean owes;        // a ticket is under way
    private int ticket;          // its ordinal
    private int tickets;         // how many there will be

    ServerFinish(MemorySegment memory, long at) {
        super(memory, at, INPUT, FINISHED_BYTES, INPUT);
    }

    /// Begins where a handshake has said all that it says: what is to be known lies in the memory already.
    ///
    /// @param endsEarly  whether an EndOfEarlyData has yet to come, and content before it
    void begin(ServerContext of, TrafficKeys keys, ServerChoice choice, boolean isResumed, boolean mayResume, int recordSizeLimit, EarlyData earlyData,
            boolean endsEarly, int earlyBytesLeft) {
        begin(keys);
        begun = true;
        loop = of;
        step = endsEarly ? Step.EARLY : Step.FINISHED;
        suite = choice.suite();
        protocol = choice.protocol();
        group = choice.group();
        resumed = isResumed;
        resumes = mayResume;
        limit = recordSizeLimit;
        early = earlyData;
        earlyLeft = earlyBytesLeft;
        owes = false;
        ticket = 0;
        tickets = 0;
    }

    /// Goes on with another, which waits, in a place of its own.
    void goOn(ServerFinish from) {
        begin(from.keys());
        begun = true;
        loop = from.loop;
        step = from.step;
        suite = from.suite;
        protocol = from.protocol;
        group = from.group;
        resumed = from.resumed;
        resumes = from.resumes;
        limit = from.limit;
        early = from.early;
        earlyLeft = from.earlyLeft;
        owes = false;
        ticket = 0;
        tickets = 0;
        MemorySegment.copy(from.memory, from.at, memory, at, INPUT);
        from.end();
    }

    /// {@return whether a handshake has come here, and has not ended}
    boolean isBegun() {
        return begun;
    }

    /// {@return whether it waits for the client, of whose message no octet has come}
    boolean isWaiting() {
        return step != Step.DONE && !isMidMessage();
    }

    private ServerContext context() {
        return Objects.requireNonNull(loop, "begun");
    }

    private KeySchedule schedule() {
        return context().schedule(suite);
    }

    @Override
    void end() {
        begun = false;
    }

    @Override
    boolean isDone() {
        return step == Step.DONE;
    }

    @Override
    boolean hasOutput() {
        return owes;
    }

    @Override
    boolean owesTicketsAlone() {
        return owes && isPieceWhole();
    }

    @Override
    boolean isPlain() {
        return false;
    }

    @Override
    boolean isKeyed() {
        return true;
    }

    @Override
    boolean isChange() {
        return false;
    }

    @Override
    int protocol() {
        return protocol;
    }

    @Override
    boolean isResumed() {
        return resumed;
    }

    @Override
    int suiteIndex() {
        return suite;
    }

    @Override
    @Nullable
    NamedGroup group() {
        return group;
    }

    @Override
    int recordSizeLimit() {
        return limit;
    }

    @Override
    EarlyData earlyData() {
        return early;
    }

    @Override
    boolean takesEarly() {
        return step == Step.EARLY;
    }

    @Override
    boolean takeEarly(int bytes) {
        earlyLeft -= bytes;
        return earlyLeft >= 0;
    }

    @Override
    long peerAt() {
        return ServerResumption.isVerifiedIn(memory, at + RESUMPTION) ? ServerResumption.peerAt(at + RESUMPTION) : -1;
    }

    @Override
    boolean isFlightOver() {
        return isDone() && !owes;
    }

    @Override
    void flightSealed() {}  // tickets go under the application's key already

    @Override
    boolean expects(int type) {
        return type == (step == Step.EARLY ? Wire.END_OF_EARLY_DATA : Wire.FINISHED);
    }

    @Override
    boolean endsItsRecord(int type) {
        return true;
    }

    @Override
    @Nullable
    Alert onMessage(int type, int bytes) {
        return type == Wire.FINISHED ? onFinished(bytes) : onEndOfEarlyData(bytes);
    }

    private @Nullable Alert onEndOfEarlyData(int bytes) {
        if (bytes != Wire.MESSAGE_HEADER_BYTES) {
            return Alert.DECODE_ERROR;
        }
        keys().read(memory, at + CLIENT);
        Wipe.bytes(memory, at + CLIENT, SECRET_BYTES);
        step = Step.FINISHED;
        return null;
    }

    private @Nullable Alert onFinished(int bytes) {
        int expected = schedule().secretBytes();
        if (bytes != Wire.MESSAGE_HEADER_BYTES + expected) {
            return Alert.DECODE_ERROR;
        }
        if (!ConstantTime.equal(memory, inputAt + Wire.MESSAGE_HEADER_BYTES, memory, at + EXPECTED, expected)) {
            return Alert.DECRYPT_ERROR;
        }
        keys().read(memory, at + NEXT);
        Wipe.bytes(memory, at + EXPECTED, SECRET_BYTES);
        Wipe.bytes(memory, at + NEXT, SECRET_BYTES);
        step = Step.DONE;
        tickets = resumes ? context().resumption().count(nowNanos()) : 0;
        nextPiece();
        return null;
    }

    /// The next ticket is made to go, or none is left.
    @Override
    void nextPiece() {
        owes = false;
        if (ticket < tickets) {
            CipherSuite of = context().suite(suite);
            long end = context().resumption().write(ticket++, of, schedule(), protocol, memory, at + RESUMPTION, at + TICKETS, pieceAt, quic, nowNanos());
            int bytes = (int) (end - pieceAt);
            if (bytes > 0) {
                BigEndian.u24(memory, pieceAt + 1, bytes - Wire.MESSAGE_HEADER_BYTES);
                owes = true;
                start(memory, pieceAt, bytes);
            }
        }
    }
}
