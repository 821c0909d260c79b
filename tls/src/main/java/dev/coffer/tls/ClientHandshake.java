package dev.coffer.tls;

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

    private static final int SESSION_BYTES = Wire.SESSION_ID_BYTES_MAX;  // one of our own, for middleboxes (appendix D.4)

    // The slot, behind its secrets.
    private static final long KEPT = ClientSecrets.BYTES;                     // of our shares
    private static final long RANDOM = KEPT + ClientShares.KEPT_BYTES;
    private static final long SESSION = RANDOM + Wire.RANDOM_BYTES;
    private static final long COOKIE = SESSION + SESSION_BYTES;
    private static final long OFFER = COOKIE + ClientHelloWriter.COOKIE_BYTES_MAX;              // the session that is offered
    private static final long INPUT = OFFER + SessionStore.ENTRY_BYTES;       // a message of the server's; then our pieces, behind

    private final ClientSecrets secrets;
    private final Transcript transcript;    // theirs
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
    private final OwnProof proof = new OwnProof();
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
        this.secrets = new ClientSecrets(memory, at);
        this.transcript = secrets.transcript();
        this.verifier = verifier;
        this.early = new EarlyOffer(config, memory, pieceAt + pieceBytes());
        this.shares = new ClientShares(config.groups().getFirst(), memory, at + KEPT);
    }

    /// {@return bytes of a slot}
    static long bytes(TlsClientConfig config) {
        return INPUT + Wire.MESSAGE_HEADER_BYTES + config.chainBytesMax() + pieceBytes() + config.earlyBytes();
    }

    private static int pieceBytes() {
        return Math.max(ClientHelloWriter.BYTES_MAX, PeerProof.writeBytes(ClientContext.signatureBytesMax()));
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
        proof.begin();
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
            secrets.binder(schedule, at + OFFER + SessionStore.PSK, end - binder);
            if (early.isOpen()) {
                transcript.add(memory, pieceAt + covered, helloBytes - covered);
                keys().suite(offered);
                secrets.early(context(), schedule, keys(), at + RANDOM);
            }
            secrets.forgetEarly();
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
        int chosen = context().resumption().suiteOf(hello.suite());
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

    /// The server wants another share, or its cookie back, once (section 4.1.4).
    private @Nullable Alert onRetry(ServerHello hello, int bytes) {
        if (retried) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (!shares.retry(context().config(), hello)) {
            return Alert.ILLEGAL_PARAMETER;  // nothing would change
        }
        if (hello.cookieBytes() > ClientHelloWriter.COOKIE_BYTES_MAX) {
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
        int shared = shares.finish(context(), hello, secrets.sharedAt());
        if (shared == 0) {
            return Alert.ILLEGAL_PARAMETER;
        }
        KeySchedule schedule = context().schedule(suite);
        if (resumed) {
            secrets.begin(schedule, at + OFFER + SessionStore.PSK);
            ends = BigEndian.i64(memory, at + OFFER + SessionStore.ENDS);
        } else {
            secrets.begin(schedule);
        }
        withdraw();
        secrets.handshake(context(), schedule, shared, at + RANDOM);
        if (early.isRefusedBy(resumed, suite)) {
            refuseEarly();
        }
        keys().suite(suite);
        secrets.read(keys());
        if (!early.isOpen() || quic != null) {
            secrets.write(keys());  // from here on an alert is protected (section 6)
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
                secrets.write(keys());
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

    private @Nullable Alert onRequest(int bytes) {
        Alert refused = proof.ask(context(), memory, inputAt, bytes);
        if (refused == null) {
            transcript.add(memory, inputAt, bytes);
            step = Step.CERTIFICATE;
        }
        return refused;
    }

    private @Nullable Alert onCertificate(int bytes) {
        Alert refused = PeerProof.trustServer(verifier, memory, inputAt, bytes, host);
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
        if (!secrets.verifies(schedule, inputAt + Wire.MESSAGE_HEADER_BYTES, pieceAt)) {
            return Alert.DECRYPT_ERROR;
        }
        transcript.add(memory, inputAt, bytes);
        secrets.application(schedule);
        secrets.read(keys());
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
                ServerIdentity signs = proof.shown();
                if (signs != null) {
                    verify(signs);
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
        ServerIdentity identity = proof.shown();
        if (!proof.isAsked()) {
            finished();
        } else if (identity != null) {
            transcript.add(identity.message(), 0, identity.message().byteSize());
            piece = Piece.CERTIFICATE;
            start(identity.message(), 0, (int) identity.message().byteSize());
        } else {
            piece = Piece.CERTIFICATE;
            said(transcript, OwnProof.nobody(memory, pieceAt));
        }
    }

    @Override
    void end() {
        proof.letGo();
    }

    private void verify(ServerIdentity identity) {
        piece = Piece.VERIFY;
        said(transcript, PeerProof.write(identity, context(), memory, pieceAt, PeerProof.CLIENT, transcript, context().schedule(suite).secretBytes()));
        end();
    }

    private void finished() {
        KeySchedule schedule = context().schedule(suite);
        piece = Piece.FINISHED;
        said(transcript, secrets.finished(context(), schedule, pieceAt, at + RANDOM));
        ClientResumption resumption = context().resumption();
        secrets.conclude(schedule, resumption.isOn(), resumption.memory(), resumption.secretAt(connection));
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
        secrets.write(keys());
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
