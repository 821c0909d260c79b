package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One handshake of a server (RFC 8446, section 2): what it heard, what it will say, and the secrets that are made meanwhile. Over a slot
/// that is lent from the first record to the client's Finished, and wiped then.
///
/// ```
///   HELLO --ClientHello--> END, a ServerFinish                  its flight:  ServerHello | CCS | EncryptedExtensions, Certificate,
///     |                  |  ^                                                CertificateVerify, Finished
///     |                  '--|-> CERTIFICATE --> VERIFY --'      where it asks a client who that is; an empty one goes to END
///     '--no share--> AGAIN -'                                   or first:    HelloRetryRequest | CCS
///                                                               resumed:     without Certificate and CertificateVerify
/// ```
///
/// Nothing of the flight is kept but the message that is under way: the certificate comes from the one copy of its [ServerIdentity], and
/// each of the others is made when its turn comes. The connection's thread alone; 0 heap bytes.
final class ServerHandshake extends Handshake {
    enum Step { HELLO, AGAIN, CERTIFICATE, VERIFY, END }

    /// What is under way, in the order in which it goes.
    enum Piece { NONE, RETRY, RETRY_CHANGE, HELLO, CHANGE, EXTENSIONS, REQUEST, CERTIFICATE, VERIFY, FINISHED }

    // The slot: what the handshake's end needs lies together, before the client's messages, where it expects them too (ServerFinish).
    private static final long SECRET = 0;                         // of the key schedule, as far as it has come
    private static final long SERVER = SECRET + SECRET_ROOM;      // the server's handshake secret, then its first application secret
    private static final long HASH = SERVER + SECRET_ROOM;        // the transcript up to our Finished
    private static final long SHARED = HASH + SECRET_ROOM;
    private static final long TRANSCRIPT = SHARED + NamedGroup.SHARED_BYTES_MAX;
    private static final long END = TRANSCRIPT + Transcript.BYTES;
    private static final long EXPECTED = END + ServerFinish.EXPECTED;      // a place that is free until the end
    private static final long FIRST = EXPECTED;                            // digest of the hello that was answered by a retry
    private static final long CLIENT = END + ServerFinish.CLIENT;          // the client's handshake secret
    private static final long NEXT = END + ServerFinish.NEXT;              // the client's early secret, then its first application secret
    private static final long RESUMPTION = END + ServerFinish.RESUMPTION;  // what tickets will say
    private static final long INPUT = END + ServerFinish.INPUT;            // a message of the client's; then our pieces, behind

    /// Records of early data that is passed over (section 4.2.10): far more than we let a client say.
    private static final int EARLY_BYTES_MAX = 1 << 16;

    private final int index;                 // of its slot
    private final Transcript transcript;
    private final ServerFinish finish;
    private @Nullable ClientVerifier verifier;  // the slot's own, as it was when this began; null where clients are not asked who they are
    private int[] schemes = {};              // that it verifies
    private @Nullable ServerContext loop;    // the same for ever; known from the first use on

    private Step step = Step.HELLO;
    private Piece piece = Piece.NONE;
    private boolean changed;                 // a ChangeCipherSpec was said
    private final ServerChoice choice = new ServerChoice();
    private int resumed;                     // ordinal of the client's key that is taken; below 0 for none
    private boolean resumes;                 // the client does, with a key exchange: it may have tickets
    private int limit;                       // of records, as the client told it; 0: it did not
    private boolean offersEarly;             // a hello announced early data
    private boolean early;                   // the hello that was answered announces early data, and it is not taken
    private boolean takesEarly;              // it is
    private int earlyLeft;                   // bytes of it that may yet come

    /// @param index  of the slot
    ServerHandshake(TlsServerConfig config, int index, MemorySegment memory, long at) {
        super(memory, at, INPUT, inputBytes(config), INPUT + inputBytes(config));
        this.index = index;
        this.transcript = new Transcript(memory, at + TRANSCRIPT);
        this.finish = new ServerFinish(memory, at + END);
    }

    void of(ServerContext of) {
        loop = of;
    }

    private ServerContext context() {
        return Objects.requireNonNull(loop, "used by a connection");
    }

    /// {@return bytes of a slot}
    static long bytes(TlsServerConfig config) {
        return INPUT + inputBytes(config) + Math.max(Math.max(ServerHello.BYTES_MAX, EncryptedExtensions.BYTES_MAX),
                PeerProof.writeBytes(config.signatureBytesMax()));
    }

    private static int inputBytes(TlsServerConfig config) {
        return Wire.MESSAGE_HEADER_BYTES + config.helloBytesMax();
    }

    @Override
    void begin(TrafficKeys of) {
        super.begin(of);
        step = Step.HELLO;
        piece = Piece.NONE;
        changed = false;
        choice.begin();
        verifier = context().verifier(index);
        schemes = context().schemes();
        offersEarly = false;
        early = false;
        takesEarly = false;
        limit = 0;
        resumed = ServerResumption.NONE;
        resumes = false;
    }

    /// {@return who hears the client's next message: this, or its end}
    Handshake current() {
        return finish.isBegun() && !isMidMessage() ? finish : this;
    }

    @Override
    void end() {
        choice.letGo();
        finish.end();
    }

    @Override
    boolean isDone() {
        return finish.isBegun() && finish.isDone();
    }

    @Override
    boolean hasOutput() {
        return finish.isBegun() ? finish.hasOutput() : piece != Piece.NONE;
    }

    private boolean awaitsHello() {
        return step == Step.HELLO || step == Step.AGAIN;
    }

    @Override
    boolean isPlain() {
        return piece.compareTo(Piece.EXTENSIONS) < 0;
    }

    @Override
    boolean isKeyed() {
        return !awaitsHello() && piece != Piece.HELLO;
    }

    @Override
    boolean isChange() {
        return piece == Piece.CHANGE || piece == Piece.RETRY_CHANGE;
    }

    @Override
    boolean isResumed() {
        return resumed >= 0;
    }

    @Override
    int suiteIndex() {
        return choice.suite();
    }

    @Override
    NamedGroup group() {
        return choice.group();
    }

    @Override
    int protocol() {
        return choice.protocol();
    }

    @Override
    int recordSizeLimit() {
        return awaitsHello() ? 0 : limit;
    }

    @Override
    int earlyBytes() {
        return early && hasOutput() ? EARLY_BYTES_MAX : 0;
    }

    @Override
    EarlyData earlyData() {
        return takesEarly ? EarlyData.TAKEN : offersEarly ? EarlyData.REFUSED : EarlyData.NONE;
    }

    @Override
    boolean takesEarly() {
        return takesEarly && quic == null && step == Step.END;
    }

    @Override
    boolean takeEarly(int bytes) {
        earlyLeft -= bytes;
        return earlyLeft >= 0;
    }

    @Override
    boolean expects(int type) {
        return type == switch (step) {
            case HELLO, AGAIN -> Wire.CLIENT_HELLO;
            case CERTIFICATE -> Wire.CERTIFICATE;
            case VERIFY -> Wire.CERTIFICATE_VERIFY;
            default -> Wire.FINISHED;
        };
    }

    @Override
    boolean endsItsRecord(int type) {
        return type == Wire.CLIENT_HELLO || type == Wire.FINISHED;
    }

    @Override
    @Nullable
    Alert onMessage(int type, int bytes) {
        return switch (type) {
            case Wire.CLIENT_HELLO -> onHello(bytes);
            case Wire.CERTIFICATE -> onCertificate(bytes);
            case Wire.CERTIFICATE_VERIFY -> onVerify(bytes);
            default -> {  // behind what the client proves itself with; it lies where the end expects it
                finish.tell(nowNanos());
                yield finish.take(memory, inputAt, bytes);
            }
        };
    }

    private @Nullable Alert onHello(int bytes) {
        ClientHello hello = context().hello();
        Alert refused = hello.read(memory, inputAt + Wire.MESSAGE_HEADER_BYTES, bytes - Wire.MESSAGE_HEADER_BYTES);
        if (refused != null) {
            return refused;
        }
        refused = checkCarrier(hello);
        if (refused != null) {
            return refused;
        }
        if (hello.hasOddShare()) {
            return Alert.ILLEGAL_PARAMETER;
        }
        boolean again = step == Step.AGAIN;
        offersEarly |= hello.hasEarlyData();
        early = hello.hasEarlyData();
        limit = quic == null ? hello.recordSizeLimit() : 0;
        refused = again ? checkAgain(hello) : choice.choose(hello, context(), quic != null);
        if (refused != null) {
            return refused;
        }
        if (!again) {
            transcript.begin(schedule().hash());
        }
        NamedGroup group = choice.group();
        long share = hello.share(group.code());
        if (share < 0) {
            transcript.add(memory, inputAt, bytes);
            return retry(hello);
        }
        if (BigEndian.u16(memory, share) != group.clientShareBytes()) {
            return Alert.ILLEGAL_PARAMETER;
        }
        refused = resume(hello, bytes);
        return refused != null ? refused : answer(hello, share + 2);
    }

    /// What QUIC needs is there, and nowhere else (RFC 9001, section 8).
    private @Nullable Alert checkCarrier(ClientHello hello) {
        if (quic == null) {
            return hello.parametersAt() < 0 ? null : Alert.UNSUPPORTED_EXTENSION;
        }
        if (hello.parametersAt() < 0) {
            return Alert.MISSING_EXTENSION;
        }
        if (hello.sessionBytes() > 0) {
            return violates(Alert.ILLEGAL_PARAMETER);
        }
        return hello.offersProtocols() && context().protocols().length > 0 ? null : Alert.NO_APPLICATION_PROTOCOL;
    }

    /// The second hello is the first one with the share that was asked for (section 4.1.2): what was chosen of that must still be there.
    private @Nullable Alert checkAgain(ClientHello hello) {
        hello.digest(context().workspace(), context().operationAt(), memory, at + HASH);
        boolean same = MemorySegment.mismatch(memory, at + FIRST, at + FIRST + ClientHello.DIGEST_BYTES, memory, at + HASH,
                at + HASH + ClientHello.DIGEST_BYTES) < 0;
        return same && choice.isAnswered(hello) ? null : Alert.ILLEGAL_PARAMETER;
    }

    /// The hello goes into the transcript, up to its binders first, which say that the client has the key that it offers.
    private @Nullable Alert resume(ClientHello hello, int bytes) {
        ServerResumption resumption = context().resumption();
        resumes = hello.offersKeyExchange();
        resumption.begin(hello, memory, at + RESUMPTION);
        if (hello.keys().areThere()) {
            int covered = (int) (hello.keys().bindersAt() - inputAt);
            transcript.add(memory, inputAt, covered);
            transcript.digest(memory, at + HASH);
            transcript.add(memory, inputAt + covered, bytes - covered);
            resumed = resumption.choose(hello, suite(), schedule(), choice.protocol(), memory, at + RESUMPTION,
                    at + HASH, at + SECRET, quic, nowNanos());
        } else {
            transcript.add(memory, inputAt, bytes);
        }
        if (resumed == ServerResumption.FORGED) {
            return Alert.DECRYPT_ERROR;
        }
        if (resumed >= 0) {
            choice.letGo();
            takeEarly(resumption);
            return null;
        }
        return choice.hasIdentity() ? null : ServerChoice.nobody(hello);
    }

    /// What the client says early is taken: under a secret that covers its hello and nothing of ours (section 7.1).
    private void takeEarly(ServerResumption resumption) {
        if (resumption.takesEarly() && step == Step.HELLO) {
            takesEarly = true;
            early = false;
            earlyLeft = resumption.earlyBytes();
            transcript.digest(memory, at + HASH);
            schedule().derive(memory, at + SECRET, KeySchedule.CLIENT_EARLY, memory, at + HASH, memory, at + NEXT);
            context().log(KeyLog.Label.CLIENT_EARLY_TRAFFIC_SECRET, memory, inputAt + ClientHello.RANDOM_AT, at + NEXT, schedule().secretBytes());
        }
    }

    private CipherSuite suite() {
        return context().config().suites().get(choice.suite());
    }

    private KeySchedule schedule() {
        return context().schedule(choice.suite());
    }

    private @Nullable Alert retry(ClientHello hello) {
        transcript.retry();
        hello.digest(context().workspace(), context().operationAt(), memory, at + FIRST);
        piece = Piece.RETRY;
        said(transcript, ServerHello.writeRetry(memory, pieceAt, hello, suite(), choice.group()));
        step = Step.AGAIN;
        return null;
    }

    /// Makes the ServerHello and the keys of the handshake.
    private @Nullable Alert answer(ClientHello hello, long shareAt) {
        if (quic != null) {
            quic.onParameters(memory, hello.parametersAt(), hello.parametersBytes());
        }
        context().entropy().fill(memory, at + EXPECTED, Wire.RANDOM_BYTES);  // a place that is free yet
        NamedGroup group = choice.group();
        long p = ServerHello.write(memory, pieceAt, memory, at + EXPECTED, hello, suite(), resumed, group);
        if (!group.answer(context().entropy(), memory, shareAt, memory, p, memory, at + SHARED, context().workspace(),
                context().operationAt())) {
            return Alert.ILLEGAL_PARAMETER;
        }
        piece = Piece.HELLO;
        said(transcript, p + group.serverShareBytes() + ServerHello.keyBytes(resumed));
        step = verifier != null && resumed < 0 ? Step.CERTIFICATE : Step.END;
        handshakeKeys();
        Wipe.bytes(memory, inputAt, inputBytesMax);
        return null;
    }

    private void handshakeKeys() {
        KeySchedule schedule = schedule();
        transcript.digest(memory, at + HASH);
        if (resumed < 0) {
            schedule.early(memory, at + SECRET);
        }
        schedule.handshake(memory, at + SECRET, memory, at + SHARED, choice.group().sharedBytes());
        Wipe.bytes(memory, at + SHARED, NamedGroup.SHARED_BYTES_MAX);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, at + HASH, memory, at + CLIENT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_HANDSHAKE, memory, at + HASH, memory, at + SERVER);
        MemorySegment.copy(memory, inputAt + ClientHello.RANDOM_AT, memory, at + SHARED, Wire.RANDOM_BYTES);  // which is free now
        log(KeyLog.Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET, KeyLog.Label.SERVER_HANDSHAKE_TRAFFIC_SECRET, CLIENT);
        TrafficKeys of = keys();
        of.suite(choice.suite());
        if (takesEarly) {
            of.readEarly(memory, at + NEXT);
        }
        if (!takesEarly || quic != null) {  // there is no EndOfEarlyData (RFC 9001, section 8.3)
            of.read(memory, at + CLIENT);
        }
        Wipe.bytes(memory, at + NEXT, KeySchedule.SECRET_BYTES_MAX);
        of.write(memory, at + SERVER);
    }

    @Override
    void nextPiece() {
        switch (piece) {
            case RETRY -> change(Piece.RETRY_CHANGE);
            case RETRY_CHANGE, FINISHED, NONE -> piece = Piece.NONE;
            case HELLO -> change(Piece.CHANGE);
            case CHANGE -> extensions();
            case EXTENSIONS -> {
                if (resumed >= 0) {
                    finished();
                } else if (verifier != null) {
                    request();
                } else {
                    certificate();
                }
            }
            case REQUEST -> certificate();
            case CERTIFICATE -> verify();
            case VERIFY -> finished();
        }
        if (isChange() && isPieceEmpty()) {
            nextPiece();
        }
    }

    /// A ChangeCipherSpec for the sake of middleboxes (appendix D.4), once.
    private void change(Piece next) {
        boolean due = choice.wantsChange() && !changed;
        changed |= due;
        piece = next;
        change(due);
    }

    private void extensions() {
        piece = Piece.EXTENSIONS;
        said(transcript, EncryptedExtensions.write(memory, pieceAt, choice.protocol() < 0 ? null : context().protocols()[choice.protocol()],
                limit == 0 ? 0 : context().config().recordSizeLimit(), takesEarly, quic));
    }

    private void certificate() {
        ServerIdentity identity = choice.identity();
        MemorySegment message = choice.wantsStatus() ? identity.stapled(context().resumption().millis(nowNanos())) : identity.message();
        transcript.add(message, 0, message.byteSize());
        piece = Piece.CERTIFICATE;
        start(message, 0, (int) message.byteSize());
    }

    private void verify() {
        piece = Piece.VERIFY;
        said(transcript, PeerProof.write(choice.identity(), context(), memory, pieceAt, PeerProof.SERVER, transcript, schedule().secretBytes()));
        choice.letGo();
    }

    private void request() {
        piece = Piece.REQUEST;
        said(transcript, CertificateRequest.write(memory, pieceAt, schemes));
    }

    private ClientVerifier verifier() {
        return Objects.requireNonNull(verifier, "asked");
    }

    private @Nullable Alert onCertificate(int bytes) {
        int chain = PeerProof.chainBytes(memory, inputAt, bytes);
        if (chain < 0) {
            return Alert.DECODE_ERROR;
        }
        if (PeerProof.hasExtensions(memory, PeerProof.chainAt(inputAt), chain)) {
            return Alert.UNSUPPORTED_EXTENSION;
        }
        if (chain == 0 && context().config().clientAuthentication() == ClientAuthentication.REQUIRED) {
            return Alert.CERTIFICATE_REQUIRED;
        }
        Alert refused = chain == 0 ? null : PeerProof.trust(verifier(), memory, PeerProof.chainAt(inputAt), chain, "");
        transcript.add(memory, inputAt, bytes);
        step = Step.VERIFY;
        if (chain == 0) {
            conclude(false);
        }
        return refused;
    }

    private @Nullable Alert onVerify(int bytes) {
        Alert refused = PeerProof.verify(verifier(), schemes, memory, inputAt, bytes, PeerProof.CLIENT, transcript,
                schedule().secretBytes(), pieceAt);
        if (refused == null) {
            transcript.add(memory, inputAt, bytes);
            refused = ServerResumption.verified(verifier(), memory, at + RESUMPTION);
            conclude(false);
        }
        return refused;
    }

    @Override
    long peerAt() {
        return ServerResumption.isVerifiedIn(memory, at + RESUMPTION) ? ServerResumption.peerAt(at + RESUMPTION) : -1;
    }

    private void finished() {
        KeySchedule schedule = schedule();
        transcript.digest(memory, at + HASH);
        Wire.u8(memory, pieceAt, Wire.FINISHED);
        schedule.finished(memory, at + SERVER, memory, at + HASH, memory, pieceAt + Wire.MESSAGE_HEADER_BYTES);
        piece = Piece.FINISHED;
        said(transcript, pieceAt + Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes());
        transcript.digest(memory, at + HASH);
        schedule.master(memory, at + SECRET);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_APPLICATION, memory, at + HASH, memory, at + NEXT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_APPLICATION, memory, at + HASH, memory, at + SERVER);
        log(KeyLog.Label.CLIENT_TRAFFIC_SECRET_0, KeyLog.Label.SERVER_TRAFFIC_SECRET_0, NEXT);
    }

    /// For who hears secrets; ours is where it always is.
    private void log(KeyLog.Label ofClient, KeyLog.Label ofServer, long client) {
        context().log(ofClient, ofServer, memory, at + SHARED, at + client, at + SERVER, schedule().secretBytes());
    }

    @Override
    void flightSealed() {
        keys().write(memory, at + SERVER);
        Wipe.bytes(memory, at + SERVER, SECRET_ROOM);
        if (step == Step.END) {
            conclude(takesEarly && quic == null);
        }
    }

    @Override
    boolean isFlightOver() {
        return !awaitsHello() && piece == Piece.NONE;
    }

    /// All that the client has yet to say is known, and so are the secrets behind it: what is needed until it says it is made, and everything else wiped.
    ///
    /// @param endsEarly  whether an EndOfEarlyData comes first
    private void conclude(boolean endsEarly) {
        KeySchedule schedule = schedule();
        if (endsEarly) {
            BigEndian.i32(memory, pieceAt, Wire.END_OF_EARLY_DATA << 24);
            transcript.add(memory, pieceAt, Wire.MESSAGE_HEADER_BYTES);
        }
        transcript.digest(memory, at + HASH);
        schedule.finished(memory, at + CLIENT, memory, at + HASH, memory, at + EXPECTED);
        if (resumes) {
            int expected = schedule.secretBytes();
            BigEndian.i32(memory, pieceAt, Wire.FINISHED << 24 | expected);
            transcript.add(memory, pieceAt, Wire.MESSAGE_HEADER_BYTES);
            transcript.add(memory, at + EXPECTED, expected);
            transcript.digest(memory, at + HASH);
            schedule.derive(memory, at + SECRET, KeySchedule.RESUMPTION, memory, at + HASH, memory, at + END + ServerFinish.TICKETS);
        }
        if (!endsEarly) {
            Wipe.bytes(memory, at + CLIENT, KeySchedule.SECRET_BYTES_MAX);
        }
        Wipe.bytes(memory, at, END);
        finish.begin(context(), keys(), choice, resumed >= 0, resumes, limit, earlyData(), endsEarly, earlyLeft);
        step = Step.END;
    }
}
