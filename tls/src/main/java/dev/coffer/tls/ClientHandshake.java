package dev.coffer.tls;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One handshake of a client (RFC 8446, section 2): what it says, what it heard, and the secrets that are made meanwhile. Over a slot that is
/// lent from its hello to its Finished, and wiped then.
///
/// ```
///   HELLO --ServerHello--> EXTENSIONS --> CERTIFICATE --> VERIFY --> FINISHED --Finished--> DONE
///     ^ '--HelloRetryRequest, once--'         '-CertificateRequest-'
///                                     resumed: EXTENSIONS --> FINISHED
/// said:  hello | CCS, early data | EndOfEarlyData, certificate, Finished | again what was said early and not taken
/// ```
///
/// The connection's thread alone; 0 heap bytes but for the verifier's.
final class ClientHandshake extends Handshake {
    enum Step { HELLO, EXTENSIONS, CERTIFICATE_OR_REQUEST, CERTIFICATE, VERIFY, FINISHED, DONE }

    /// What is under way, in the order in which it goes.
    enum Piece { NONE, HELLO, CHANGE, END_OF_EARLY, CERTIFICATE, VERIFY, FINISHED, EARLY_AGAIN }

    /// Bytes of the longest name of a host (RFC 1035, section 3.1).
    static final int HOST_BYTES_MAX = 253;

    /// Suites and groups that a hello has room for.
    static final int LIST_MAX = 8;
    /// Signature schemes that it has room for.
    static final int SCHEMES_MAX = 32;

    private static final int COOKIE_BYTES_MAX = 1024;
    private static final int SESSION_BYTES = Wire.SESSION_ID_BYTES_MAX;  // one of our own, for middleboxes (appendix D.4)

    // The slot.
    private static final long SECRET = 0;                          // of the key schedule, as far as it has come
    private static final long CLIENT = SECRET + SECRET_ROOM;       // our handshake secret, then the first of the application's
    private static final long SERVER = CLIENT + SECRET_ROOM;       // the server's handshake secret
    private static final long HASH = SERVER + SECRET_ROOM;
    private static final long SHARED = HASH + SECRET_ROOM;
    private static final long KEPT = SHARED + NamedGroup.SHARED_BYTES_MAX;    // of our shares
    private static final long RANDOM = KEPT + ClientShares.KEPT_BYTES;
    private static final long SESSION = RANDOM + Wire.RANDOM_BYTES;
    private static final long COOKIE = SESSION + SESSION_BYTES;
    private static final long OFFER = COOKIE + COOKIE_BYTES_MAX;              // the session that is offered
    private static final long TRANSCRIPT = OFFER + SessionStore.ENTRY_BYTES;
    private static final long INPUT = TRANSCRIPT + Transcript.BYTES;          // a message of the server's; then our pieces, behind

    /// ClientHello: header, version, random, session, suites, compression, and its extensions with room for two shares.
    static final int HELLO_BYTES_MAX = Wire.MESSAGE_HEADER_BYTES + 2 + Wire.RANDOM_BYTES + 1 + SESSION_BYTES + 2 + 2 * LIST_MAX + 2 + 2
            + 7 + 6 + 4 + QuicTransport.PARAMETERS_BYTES_MAX + 9 + HOST_BYTES_MAX + 6 + 2 * LIST_MAX + 6 + 2 * SCHEMES_MAX + 6 + TlsSizes.NAMES_BYTES_MAX + 6
            + COOKIE_BYTES_MAX
            + 6 + 2 * 4 + NamedGroup.CLIENT_SHARE_BYTES_MAX + 32 + ClientResumption.OFFER_BYTES_MAX;

    private final Transcript transcript;
    private final PeerVerifier verifier;    // of this slot: no other handshake's chain comes between
    private @Nullable ClientContext loop;
    private String host = "";
    private MemorySegment name = MemorySegment.NULL;
    private Step step = Step.HELLO;
    private Piece piece = Piece.NONE;
    private boolean retried;
    private boolean changed;                // a ChangeCipherSpec was said
    private Piece last = Piece.NONE;        // under its key
    private boolean retrying;               // a second hello is to be said
    private final EarlyOffer early;
    private boolean mayEarly;
    private int only = -1;                  // the one protocol that is offered, by its place; below 0: all
    private boolean asked;                  // for a certificate of ours
    private @Nullable ServerIdentity shown;  // whose we show then; held until it has signed
    private int cookieBytes;
    private int helloBytes;                 // of the first hello, which stays where it is until its hash is known
    private int suite;
    private final ClientShares shares;
    private int protocol;
    private boolean over;                   // what was under way is the last under its key
    private MemorySegment peer = MemorySegment.NULL;  // the host, as sessions are kept under
    private @Nullable SessionKeeper keeper;           // who keeps them elsewhere
    private int connection;
    private int offered;                    // suite of the session that is offered; below 0 for none
    private boolean resumed;
    private int limit;                      // of records, as the server told it; 0: it did not
    private int identityVersion;            // of whom we were when it began
    private long ends;                      // of what is authenticated now: ClientResumption.ends

    ClientHandshake(TlsClientConfig config, PeerVerifier verifier, MemorySegment memory, long at) {
        super(memory, at, INPUT, Wire.MESSAGE_HEADER_BYTES + config.chainBytesMax(), INPUT + Wire.MESSAGE_HEADER_BYTES + config.chainBytesMax());
        this.transcript = new Transcript(memory, at + TRANSCRIPT);
        this.verifier = verifier;
        this.early = new EarlyOffer(config, memory, pieceAt + pieceBytes());
        this.shares = new ClientShares(config.groups().getFirst(), memory, at + KEPT);
    }

    /// {@return bytes of a slot}
    static long bytes(TlsClientConfig config) {
        return INPUT + Wire.MESSAGE_HEADER_BYTES + config.chainBytesMax() + pieceBytes() + config.earlyBytes();
    }

    private static int pieceBytes() {
        return Math.max(HELLO_BYTES_MAX, PeerProof.writeBytes(ClientContext.signatureBytesMax()));
    }

    void of(ClientContext of, int newConnection, String newHost, MemorySegment newName, MemorySegment newPeer, @Nullable SessionKeeper newKeeper,
            boolean newMayEarly, int newOnly) {
        mayEarly = newMayEarly && newKeeper == null;  // what others keep may be another configuration's
        only = newOnly;
        loop = of;
        connection = newConnection;
        host = newHost;
        name = newName;
        peer = newPeer;
        keeper = newKeeper;
    }

    private ClientContext context() {
        return Objects.requireNonNull(loop, "used by a connection");
    }

    @Override
    void begin(TrafficKeys of) {
        super.begin(of);
        step = Step.HELLO;
        retried = false;
        retrying = false;
        changed = quic != null;                // it has no ChangeCipherSpec (RFC 9001, section 8.4)
        early.begin();
        asked = false;
        end();
        over = false;
        cookieBytes = 0;
        suite = -1;
        protocol = -1;
        shares.begin(context().config());
        context().entropy().fill(memory, at + RANDOM, Wire.RANDOM_BYTES + SESSION_BYTES);
        resumed = false;
        limit = 0;
        identityVersion = context().identityVersion();
        ends = ClientResumption.ends(nowNanos());
        offered = context().resumption().take(keeper, peer, memory, at + OFFER, nowNanos()) ? context().resumption().suiteOf(memory, at + OFFER) : -1;
        if (offered >= 0 && mayEarly) {
            early.announce(memory, at + OFFER, offered, only, quic != null);
        }
        protocol = early.protocol();
        if (quic != null && early.isOpen()) {
            SessionStore.tellTerms(memory, at + OFFER, quic);
        }
        hello();
    }

    @Override
    boolean isDone() {
        return step == Step.DONE;
    }

    @Override
    boolean hasOutput() {
        return piece != Piece.NONE;
    }

    /// The hello has gone: an answer may overtake the ChangeCipherSpec behind it, which nobody waits for.
    @Override
    boolean mayHear() {
        return !hasOutput() || piece == Piece.CHANGE && step == Step.HELLO && !retrying;
    }

    @Override
    boolean isPlain() {
        return piece == Piece.HELLO || piece == Piece.CHANGE;
    }

    @Override
    boolean isKeyed() {
        return step != Step.HELLO;
    }

    @Override
    boolean isChange() {
        return piece == Piece.CHANGE;
    }

    @Override
    int protocol() {
        return protocol;
    }

    @Override
    int recordSizeLimit() {
        return limit;
    }

    @Override
    int earlyRoom() {
        return step == Step.HELLO && piece == Piece.NONE ? early.room() : 0;
    }

    @Override
    void keepEarly(MemorySegment from, long fromAt, int bytes) {
        early.keep(from, fromAt, bytes);
    }

    /// What was said early is not taken, and nothing more is said under its key.
    private void refuseEarly() {
        early.refuse();
        keys().wipeWrite();
    }

    private void hello() {
        ClientHelloWriter writer = context().helloWriter();
        shares.moveOn(ClientHelloWriter.cookieBytes(cookieBytes));  // where they are now is written over
        long end = shares.write(context(), writer.write(memory, pieceAt, at + RANDOM, name, at + COOKIE, cookieBytes, only, quic));
        ClientResumption resumption = context().resumption();
        int binder = offered < 0 ? 0 : context().schedule(offered).secretBytes();
        end = early.isOpen() ? ClientHelloWriter.head(memory, end, Wire.EARLY_DATA, 0) : end;
        end = offered < 0 ? end : resumption.offer(memory, end, at + OFFER, binder, nowNanos());
        writer.end(memory, pieceAt, end, quic);
        helloBytes = (int) (end - pieceAt);
        BigEndian.u24(memory, pieceAt + 1, helloBytes - Wire.MESSAGE_HEADER_BYTES);
        piece = Piece.HELLO;
        int covered = offered < 0 ? helloBytes : helloBytes - ClientResumption.bindersBytes(binder);
        if (retried || offered >= 0) {
            if (!retried) {
                transcript.begin(context().schedule(offered).hash());  // for the binder alone: it begins again with the suite that is chosen
            }
            transcript.add(memory, pieceAt, covered);
        }
        if (offered >= 0) {
            KeySchedule schedule = context().schedule(offered);
            transcript.digest(memory, at + HASH);
            schedule.early(memory, at + OFFER + SessionStore.PSK, memory, at + SECRET);
            schedule.binder(memory, at + SECRET, memory, at + HASH, memory, end - binder);
            if (early.isOpen()) {
                transcript.add(memory, pieceAt + covered, helloBytes - covered);
                transcript.digest(memory, at + HASH);
                schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_EARLY, memory, at + HASH, memory, at + CLIENT);
                context().log(KeyLog.Label.CLIENT_EARLY_TRAFFIC_SECRET, memory, at + RANDOM, at + CLIENT, binder);
                keys().suite(offered);
                keys().writeEarly(memory, at + CLIENT);
                Wipe.bytes(memory, at + CLIENT, SECRET_ROOM);
            }
            Wipe.bytes(memory, at + SECRET, SECRET_ROOM);
        }
        if (retried) {
            transcript.add(memory, pieceAt + covered, helloBytes - covered);
        }
        start(memory, pieceAt, helloBytes);
    }

    /// The session is not offered any more.
    private void withdraw() {
        offered = -1;
        Wipe.bytes(memory, at + OFFER, SessionStore.ENTRY_BYTES);
    }

    @Override
    boolean expects(int type) {
        return switch (step) {
            case HELLO -> type == Wire.SERVER_HELLO;
            case EXTENSIONS -> type == Wire.ENCRYPTED_EXTENSIONS;
            case CERTIFICATE_OR_REQUEST -> type == Wire.CERTIFICATE || type == Wire.CERTIFICATE_REQUEST;
            case CERTIFICATE -> type == Wire.CERTIFICATE;
            case VERIFY -> type == Wire.CERTIFICATE_VERIFY;
            case FINISHED -> type == Wire.FINISHED;
            case DONE -> false;
        };
    }

    @Override
    boolean endsItsRecord(int type) {
        return type == Wire.SERVER_HELLO || type == Wire.FINISHED;
    }

    @Override
    @Nullable
    Alert onMessage(int type, int bytes) {
        return switch (type) {
            case Wire.SERVER_HELLO -> onHello(bytes);
            case Wire.ENCRYPTED_EXTENSIONS -> onExtensions(bytes);
            case Wire.CERTIFICATE_REQUEST -> onRequest(bytes);
            case Wire.CERTIFICATE -> onCertificate(bytes);
            case Wire.CERTIFICATE_VERIFY -> onVerify(bytes);
            default -> onFinished(bytes);
        };
    }

    private @Nullable Alert onHello(int bytes) {
        if (piece == Piece.CHANGE) {
            piece = Piece.NONE;
            changed = false;
        }
        ServerHello hello = context().serverHello();
        Alert refused = hello.read(memory, inputAt, bytes, at + SESSION, quic == null ? SESSION_BYTES : 0);
        if (refused != null) {
            return refused;
        }
        int chosen = suiteOf(hello.suite());
        if (chosen < 0 || suite >= 0 && suite != chosen) {
            return Alert.ILLEGAL_PARAMETER;
        }
        if (suite < 0) {
            suite = chosen;
            transcript.begin(context().schedule(suite).hash());
            transcript.add(memory, pieceAt, helloBytes);
        }
        if (hello.isRetry()) {
            return onRetry(hello, bytes);
        }
        transcript.add(memory, inputAt, bytes);
        return agree(hello);
    }

    private int suiteOf(int code) {
        for (int i = 0; i < context().config().suites().size(); i++) {
            if (context().config().suites().get(i).code() == code) {
                return i;
            }
        }
        return -1;
    }

    /// The server wants another share, or its cookie back, once (section 4.1.4).
    private @Nullable Alert onRetry(ServerHello hello, int bytes) {
        if (retried) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (!shares.retry(context().config(), hello)) {
            return Alert.ILLEGAL_PARAMETER;  // nothing would change
        }
        if (hello.cookieBytes() > COOKIE_BYTES_MAX) {
            return Alert.HANDSHAKE_FAILURE;
        }
        if (early.isOpen()) {
            refuseEarly();
        }
        transcript.retry();
        transcript.add(memory, inputAt, bytes);
        cookieBytes = hello.cookieBytes();
        MemorySegment.copy(memory, hello.cookieAt(), memory, at + COOKIE, cookieBytes);
        if (offered >= 0 && context().schedule(offered).hash() != context().schedule(suite).hash()) {
            withdraw();  // section 4.1.4
        }
        retried = true;
        if (changed) {
            hello();
        } else {
            retrying = true;
            piece = Piece.CHANGE;
            changed = true;
            change(true);
        }
        return null;
    }

    private @Nullable Alert agree(ServerHello hello) {
        resumed = hello.key() != ServerHello.NO_KEY;
        if (resumed && offered < 0) {
            return Alert.UNSUPPORTED_EXTENSION;
        }
        if (resumed && (hello.key() != 0 || context().schedule(offered).hash() != context().schedule(suite).hash())) {
            return Alert.ILLEGAL_PARAMETER;  // section 4.2.11
        }
        int shared = shares.finish(context(), hello, at + SHARED);
        if (shared == 0) {
            return Alert.ILLEGAL_PARAMETER;
        }
        KeySchedule schedule = context().schedule(suite);
        transcript.digest(memory, at + HASH);
        if (resumed) {
            schedule.early(memory, at + OFFER + SessionStore.PSK, memory, at + SECRET);
            ends = BigEndian.i64(memory, at + OFFER + SessionStore.ENDS);
        } else {
            schedule.early(memory, at + SECRET);
        }
        withdraw();
        schedule.handshake(memory, at + SECRET, memory, at + SHARED, shared);
        Wipe.bytes(memory, at + SHARED, NamedGroup.SHARED_BYTES_MAX);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, at + HASH, memory, at + CLIENT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_HANDSHAKE, memory, at + HASH, memory, at + SERVER);
        context().log(KeyLog.Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET, KeyLog.Label.SERVER_HANDSHAKE_TRAFFIC_SECRET, memory, at + RANDOM, at + CLIENT,
                at + SERVER, schedule.secretBytes());
        if (early.isRefusedBy(resumed, suite)) {
            refuseEarly();
        }
        keys().suite(suite);
        keys().read(memory, at + SERVER);
        if (!early.isOpen() || quic != null) {
            keys().write(memory, at + CLIENT);  // from here on an alert is protected (section 6)
        }
        step = Step.EXTENSIONS;
        return null;
    }

    private @Nullable Alert onExtensions(int bytes) {
        EncryptedExtensions extensions = context().extensions();
        Alert refused = extensions.read(memory, inputAt, bytes, context().protocols(), only, name.byteSize() > 0,
                early.isAnnounced() && !retried, quic != null);
        if (refused == null) {
            refused = early.settle(extensions);
        }
        if (early.isOpen()) {
            refuseEarly();
            if (quic == null) {
                keys().write(memory, at + CLIENT);
            }
        }
        protocol = extensions.protocol();
        if (refused == null && quic != null) {
            quic.onParameters(memory, extensions.parametersAt(), extensions.parametersBytes());
        }
        limit = extensions.recordSizeLimit();
        transcript.add(memory, inputAt, bytes);
        step = resumed ? Step.FINISHED : Step.CERTIFICATE_OR_REQUEST;
        return refused;
    }

    /// The server asks who we are: whom the context has says so, if what it signs with is verified, or we have nobody, and say so when it is our turn.
    private @Nullable Alert onRequest(int bytes) {
        CertificateRequest request = context().request();
        Alert refused = request.read(memory, inputAt, bytes);
        if (refused != null) {
            return refused;
        }
        asked = true;
        try {
            ServerIdentity identity = context().shown(request);
            ServerIdentity form = identity == null ? null : identity.form(request, SignatureScheme.ofClients());
            shown = form != null && form.hold() ? form : null;
        } catch (RuntimeException | Error thrown) {  // who chooses may throw, and ends this handshake and nothing else
            return Alert.INTERNAL_ERROR;
        }
        transcript.add(memory, inputAt, bytes);
        step = Step.CERTIFICATE;
        return null;
    }

    private @Nullable Alert onCertificate(int bytes) {
        int chain = PeerProof.chainBytes(memory, inputAt, bytes);
        if (chain <= 0) {
            return Alert.DECODE_ERROR;  // of none: section 4.4.2.4
        }
        if (PeerProof.hasExtensions(memory, PeerProof.chainAt(inputAt), chain)) {
            return Alert.UNSUPPORTED_EXTENSION;
        }
        Alert refused = PeerProof.trust(verifier, memory, PeerProof.chainAt(inputAt), chain, host);
        transcript.add(memory, inputAt, bytes);
        step = Step.VERIFY;
        return refused;
    }

    private @Nullable Alert onVerify(int bytes) {
        Alert refused = PeerProof.verify(verifier, context().schemes(), memory, inputAt, bytes, PeerProof.SERVER, transcript,
                context().schedule(suite).secretBytes(), pieceAt);
        transcript.add(memory, inputAt, bytes);
        step = Step.FINISHED;
        return refused;
    }

    private @Nullable Alert onFinished(int bytes) {
        KeySchedule schedule = context().schedule(suite);
        if (bytes != Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes()) {
            return Alert.DECODE_ERROR;
        }
        transcript.digest(memory, at + HASH);
        schedule.finished(memory, at + SERVER, memory, at + HASH, memory, pieceAt);
        if (!ConstantTime.equal(memory, inputAt + Wire.MESSAGE_HEADER_BYTES, memory, pieceAt, schedule.secretBytes())) {
            return Alert.DECRYPT_ERROR;
        }
        transcript.add(memory, inputAt, bytes);
        transcript.digest(memory, at + HASH);
        schedule.master(memory, at + SECRET);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_APPLICATION, memory, at + HASH, memory, at + SERVER);
        keys().read(memory, at + SERVER);
        step = Step.DONE;
        if (early.isTaken() && quic == null) {  // RFC 9001, section 8.3
            Wire.u8(memory, pieceAt, Wire.END_OF_EARLY_DATA);
            piece = Piece.END_OF_EARLY;
            said(transcript, pieceAt + Wire.MESSAGE_HEADER_BYTES);
        } else if (changed) {
            answer();
        } else {
            piece = Piece.CHANGE;
            change(true);
        }
        return null;
    }

    @Override
    void nextPiece() {
        switch (piece) {
            case HELLO -> {
                piece = Piece.NONE;
                if (early.isOpen() && quic == null) {  // appendix D.4: before what is said early; the hello stays where it is
                    piece = Piece.CHANGE;
                    changed = true;
                    Wire.u8(memory, at + COOKIE, 1);
                    start(memory, at + COOKIE, 1);
                }
            }
            case CHANGE -> {
                piece = Piece.NONE;
                if (step == Step.DONE) {
                    answer();
                } else if (retrying) {
                    retrying = false;
                    hello();
                }
            }
            case CERTIFICATE -> {
                if (shown != null) {
                    verify(shown);
                } else {
                    finished();
                }
            }
            case VERIFY -> finished();
            case END_OF_EARLY, FINISHED, EARLY_AGAIN -> {
                last = piece;
                piece = Piece.NONE;
                over = true;
            }
            default -> piece = Piece.NONE;
        }
    }

    /// What goes under the keys of the handshake: where it was asked for, who we are, or that we have no certificate; Finished.
    private void answer() {
        ServerIdentity identity = shown;
        if (!asked) {
            finished();
        } else if (identity != null) {
            transcript.add(identity.message(), 0, identity.message().byteSize());
            piece = Piece.CERTIFICATE;
            start(identity.message(), 0, (int) identity.message().byteSize());
        } else {
            Wire.u8(memory, pieceAt, Wire.CERTIFICATE);
            BigEndian.i32(memory, pieceAt + Wire.MESSAGE_HEADER_BYTES, 0);  // no context, no entry
            piece = Piece.CERTIFICATE;
            said(transcript, pieceAt + Wire.MESSAGE_HEADER_BYTES + 4);
        }
    }

    @Override
    void end() {
        ServerIdentity held = shown;
        shown = null;
        if (held != null) {
            held.letGo();
        }
    }

    private void verify(ServerIdentity identity) {
        piece = Piece.VERIFY;
        said(transcript, PeerProof.write(identity, context(), memory, pieceAt, PeerProof.CLIENT, transcript, context().schedule(suite).secretBytes()));
        end();
    }

    private void finished() {
        KeySchedule schedule = context().schedule(suite);
        // Our application secret covers the server's Finished; our Finished covers a certificate of ours as well.
        MemorySegment.copy(memory, at + HASH, memory, at + SHARED, schedule.secretBytes());
        transcript.digest(memory, at + HASH);
        Wire.u8(memory, pieceAt, Wire.FINISHED);
        schedule.finished(memory, at + CLIENT, memory, at + HASH, memory, pieceAt + Wire.MESSAGE_HEADER_BYTES);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_APPLICATION, memory, at + SHARED, memory, at + CLIENT);
        context().log(KeyLog.Label.CLIENT_TRAFFIC_SECRET_0, KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, at + RANDOM, at + CLIENT, at + SERVER,
                schedule.secretBytes());
        piece = Piece.FINISHED;
        said(transcript, pieceAt + Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes());
        ClientResumption resumption = context().resumption();
        if (resumption.isOn()) {
            transcript.digest(memory, at + HASH);
            schedule.derive(memory, at + SECRET, KeySchedule.RESUMPTION, memory, at + HASH, resumption.memory(), resumption.secretAt(connection));
        }
        Wipe.bytes(memory, at + SECRET, SECRET_ROOM);
    }

    /// {@return the suite that was agreed on, by its place in the configuration}
    @Override
    int suiteIndex() {
        return suite;
    }

    @Override
    @Nullable
    NamedGroup group() {
        return shares.group();
    }

    @Override
    boolean isResumed() {
        return resumed;
    }

    /// {@return whom the context said that we are when this began}
    int identityVersion() {
        return identityVersion;
    }

    /// {@return when nothing of this authentication is resumed any more, as of [ClientResumption#ends]}
    long ends() {
        return ends;
    }

    @Override
    boolean isFlightOver() {
        return over;
    }

    @Override
    void flightSealed() {
        over = false;
        if (last == Piece.EARLY_AGAIN) {
            return;
        }
        keys().write(memory, at + CLIENT);
        if (last == Piece.END_OF_EARLY) {
            answer();
        } else if (early.againBytes() > 0) {
            piece = Piece.EARLY_AGAIN;
            start(memory, early.at(), early.againBytes());
        }
    }

    @Override
    boolean isContent() {
        return piece == Piece.EARLY_AGAIN;
    }

    @Override
    EarlyData earlyData() {
        return early.state();
    }
}
