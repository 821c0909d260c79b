package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
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

    /// Records of early data that is passed over (section 4.2.10): far more than we let a client say.
    private static final int EARLY_BYTES_MAX = 1 << 16;
    /// Of a hello: its version, random and session's ID.
    private static final int FRONT_BYTES = Wire.MESSAGE_HEADER_BYTES + 2 + Wire.RANDOM_BYTES + 1 + Wire.SESSION_ID_BYTES_MAX;

    private final ServerSecrets secrets;
    private final Transcript transcript;     // theirs
    private final ServerFinish finish;       // and their end
    private final ClientProof client;
    final Line.Place<ServerHandshake> place = new Line.Place<>(this);  // among those that wait for the place of a long hello
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
        super(memory, at, ServerSecrets.BYTES, inputBytes(config), pieceAt(config));
        this.client = new ClientProof(index);
        this.secrets = new ServerSecrets(memory, at);
        this.transcript = secrets.transcript();
        this.finish = secrets.finish();
    }

    void of(ServerContext of) {
        loop = of;
        transcript.workIn(of.workspace(), of.operationAt());  // nothing else is made there while a message is taken in, or a digest made
    }

    private ServerContext context() {
        return Objects.requireNonNull(loop, "used by a connection");
    }

    /// {@return bytes of a slot}
    static long bytes(TlsServerConfig config) {
        return pieceAt(config) + pieceBytes(config);
    }

    private static int pieceBytes(TlsServerConfig config) {
        return Math.max(Math.max(ServerHello.BYTES_MAX, EncryptedExtensions.BYTES_MAX), PeerProof.writeBytes(config.signatureBytesMax()));
    }

    /// {@return offset of our messages in a slot: at the end of the hello's place, as nothing is heard while something is to be said. Behind it where that is too small for what
    /// a ServerHello is made from, or where certificates of clients come, which are proven with work in the place of ours}
    private static long pieceAt(TlsServerConfig config) {
        long behind = ServerSecrets.BYTES + inputBytes(config);
        boolean shared = config.clientAuthentication() == ClientAuthentication.NONE
                && inputBytes(config) - pieceBytes(config) >= FRONT_BYTES + NamedGroup.CLIENT_SHARE_BYTES_MAX;
        return shared ? behind - pieceBytes(config) : behind;
    }

    /// {@return the same, row by row}
    static MemoryPlan plan(TlsServerConfig config) {
        long input = inputBytes(config);
        long all = Align.up(bytes(config), Align.CACHE_LINE_BYTES);
        MemoryPlan secrets = MemoryPlan.block("secrets and transcript", ServerSecrets.BYTES);
        if (pieceAt(config) < ServerSecrets.BYTES + input) {
            return MemoryPlan.group("hello and answer", secrets,
                    MemoryPlan.block("message of the client's", all - ServerSecrets.BYTES, 1, "a hello as it comes; then ours, as they go"));
        }
        return MemoryPlan.group("hello and answer", secrets, MemoryPlan.block("message of the client's", input, 1, "a hello as it comes"),
                MemoryPlan.block("message of ours", all - ServerSecrets.BYTES - input, 1, "as it goes"));
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
        client.begin(context());
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
        forgetLong();
    }

    /// What did not lie in the slot goes.
    private void forgetLong() {
        context().longHello().release(this);
        hearIn(memory, inputAt);
    }

    @Override
    @Nullable
    Alert onLong(int bytes) {
        if (!awaitsHello()) {
            return Alert.DECODE_ERROR;
        }
        LongHello place = context().longHello();
        Alert refused = place.lend(this, bytes);
        if (refused == null) {
            MemorySegment.copy(memory, inputAt, place.memory(), 0, Wire.MESSAGE_HEADER_BYTES);
            hearIn(place.memory(), 0);
        }
        return refused;
    }

    @Override
    boolean mustWaitForRoom(int bytes) {
        return awaitsHello() && context().longHello().mustWait(this, bytes);
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
            case Wire.CLIENT_HELLO -> {
                try {
                    yield onHello(bytes);
                } finally {
                    forgetLong();
                }
            }
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
        Alert refused = hello.read(heardIn(), heardAt() + Wire.MESSAGE_HEADER_BYTES, bytes - Wire.MESSAGE_HEADER_BYTES);
        if (refused != null) {
            return refused;
        }
        if (bytes > inputBytesMax) {  // the random is asked for beside the secrets
            MemorySegment.copy(heardIn(), heardAt(), memory, inputAt, ClientHello.RANDOM_AT + Wire.RANDOM_BYTES);
        }
        refused = ServerChoice.checkCarrier(hello, context(), this);
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
            transcript.add(heardIn(), heardAt(), bytes);
            return retry(hello);
        }
        if (BigEndian.u16(hello.memory(), share) != group.clientShareBytes()) {
            return Alert.ILLEGAL_PARAMETER;
        }
        refused = resume(hello, bytes);
        return refused != null ? refused : answer(hello, share + 2, bytes);
    }

    /// The second hello is the first one with the share that was asked for (section 4.1.2): what was chosen of that must still be there.
    private @Nullable Alert checkAgain(ClientHello hello) {
        long first = secrets.spareAt();
        long second = secrets.otherAt();
        hello.digest(context().workspace(), context().operationAt(), memory, second);
        boolean same = MemorySegment.mismatch(memory, first, first + ClientHello.DIGEST_BYTES, memory, second, second + ClientHello.DIGEST_BYTES) < 0;
        return same && choice.isAnswered(hello) ? null : Alert.ILLEGAL_PARAMETER;
    }

    /// The hello goes into the transcript, up to its binders first, which say that the client has the key that it offers.
    private @Nullable Alert resume(ClientHello hello, int bytes) {
        ServerResumption resumption = context().resumption();
        resumes = hello.offersKeyExchange();
        resumption.begin(hello, memory, secrets.resumptionAt());
        if (hello.keys().areThere()) {
            int covered = (int) (hello.keys().bindersAt() - heardAt());
            transcript.add(heardIn(), heardAt(), covered);
            long truncated = secrets.hash();
            transcript.add(heardIn(), heardAt() + covered, bytes - covered);
            resumed = resumption.choose(hello, suite(), schedule(), choice.protocol(), memory, secrets.resumptionAt(), truncated, secrets.secretAt(), quic,
                    nowNanos());
        } else {
            transcript.add(heardIn(), heardAt(), bytes);
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
            secrets.early(context(), schedule(), inputAt + ClientHello.RANDOM_AT);
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
        hello.digest(context().workspace(), context().operationAt(), memory, secrets.spareAt());
        piece = Piece.RETRY;
        said(transcript, ServerHello.writeRetry(memory, pieceAt, hello, suite(), choice.group()));
        step = Step.AGAIN;
        return null;
    }

    /// Makes the ServerHello and the keys of the handshake.
    private @Nullable Alert answer(ClientHello hello, long shareSaidAt, int bytes) {
        if (quic != null) {
            quic.onParameters(hello.memory(), hello.parametersAt(), hello.parametersBytes());
        }
        context().entropy().fill(memory, secrets.spareAt(), Wire.RANDOM_BYTES);
        NamedGroup group = choice.group();
        long shareAt = bytes > inputBytesMax ? shareSaidAt : front(hello, shareSaidAt, group);  // a long one lies elsewhere
        long p = ServerHello.write(memory, pieceAt, memory, secrets.spareAt(), hello, suite(), resumed, group);
        if (!group.answer(context().entropy(), hello.memory(), shareAt, memory, p, memory, secrets.sharedAt(), context().workspace(),
                context().operationAt())) {
            return Alert.ILLEGAL_PARAMETER;
        }
        piece = Piece.HELLO;
        said(transcript, p + group.serverShareBytes() + ServerHello.keyBytes(resumed));
        step = client.isAsked() && resumed < 0 ? Step.CERTIFICATE : Step.END;
        secrets.handshake(context(), schedule(), resumed >= 0, group.sharedBytes(), inputAt + ClientHello.RANDOM_AT);
        secrets.tell(keys(), choice.suite(), takesEarly, quic != null);
        long end = p + group.serverShareBytes() + ServerHello.keyBytes(resumed);
        Wipe.bytes(memory, inputAt, Math.min(inputBytesMax, pieceAt - inputAt));
        Wipe.bytes(memory, end, Math.max(0, inputAt + inputBytesMax - end));
        return null;
    }

    /// Brings the client's share before the place of our messages, where it reaches into that; its random and its session's ID, which are needed too, lie before.
    ///
    /// @return where it is
    private long front(ClientHello hello, long shareAt, NamedGroup group) {
        if (shareAt + group.clientShareBytes() <= pieceAt) {
            return shareAt;
        }
        long to = inputAt + FRONT_BYTES;
        MemorySegment.copy(hello.memory(), shareAt, memory, to, group.clientShareBytes());
        return to;
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
                } else if (client.isAsked()) {
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
        said(transcript, client.request(memory, pieceAt));
    }

    private @Nullable Alert onCertificate(int bytes) {
        Alert refused = client.certificate(memory, inputAt, bytes, context().config().clientAuthentication());
        if (refused == null) {
            transcript.add(memory, inputAt, bytes);
            step = Step.VERIFY;
            if (ClientProof.isEmpty(memory, inputAt, bytes)) {
                conclude(false);
            }
        }
        return refused;
    }

    private @Nullable Alert onVerify(int bytes) {
        Alert refused = client.verify(memory, inputAt, bytes, transcript, schedule().secretBytes(), pieceAt);
        if (refused == null) {
            refused = client.remember(memory, secrets.resumptionAt());
        }
        if (refused == null) {
            transcript.add(memory, inputAt, bytes);
            conclude(false);
        }
        return refused;
    }

    @Override
    long peerAt() {
        return ServerResumption.isVerifiedIn(memory, secrets.resumptionAt()) ? ServerResumption.peerAt(secrets.resumptionAt()) : -1;
    }

    private void finished() {
        piece = Piece.FINISHED;
        said(transcript, secrets.finished(schedule(), pieceAt));
        secrets.application(context(), schedule());
    }

    @Override
    void flightSealed() {
        secrets.write(keys());
        if (step == Step.END) {
            conclude(takesEarly && quic == null);
        }
    }

    @Override
    boolean isFlightOver() {
        return !awaitsHello() && piece == Piece.NONE;
    }

    /// @param endsEarly  whether an EndOfEarlyData comes first
    private void conclude(boolean endsEarly) {
        secrets.conclude(schedule(), endsEarly, resumes, pieceAt);
        finish.begin(context(), keys(), choice, resumed >= 0, resumes, limit, earlyData(), endsEarly, earlyLeft);
        step = Step.END;
    }
}
