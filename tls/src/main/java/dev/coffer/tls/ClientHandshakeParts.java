package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a client's handshake is made of: what lies where in its slot, how far it has come, and what there is to ask of that. What it hears and says is [ClientHandshake]'s.
abstract sealed class ClientHandshakeParts extends Handshake permits ClientHandshake {
    enum Step { HELLO, EXTENSIONS, CERTIFICATE_OR_REQUEST, CERTIFICATE, VERIFY, FINISHED, DONE }

    /// What is under way, in the order in which it goes.
    enum Piece { NONE, HELLO, CHANGE, END_OF_EARLY, CERTIFICATE, VERIFY, FINISHED, EARLY_AGAIN }

    static final int SESSION_BYTES = Wire.SESSION_ID_BYTES_MAX;  // one of our own, for middleboxes (appendix D.4)

    // The slot, behind its secrets.
    static final long KEPT = ClientSecrets.BYTES;                     // of our shares
    static final long RANDOM = KEPT + ClientShares.KEPT_BYTES;
    static final long SESSION = RANDOM + Wire.RANDOM_BYTES;
    static final long COOKIE = SESSION + SESSION_BYTES;
    static final long OFFER = COOKIE + ClientHelloWriter.COOKIE_BYTES_MAX;              // the session that is offered
    static final long INPUT = OFFER + SessionStore.ENTRY_BYTES;       // a message of the server's; then our pieces, behind

    final ClientSecrets secrets;
    final Transcript transcript;    // theirs
    final PeerVerifier verifier;    // of this slot: no other handshake's chain comes between
    @Nullable
    ClientContext loop;
    String host = "";
    MemorySegment name = MemorySegment.NULL;
    Step step = Step.HELLO;
    Piece piece = Piece.NONE;
    boolean retried;
    boolean changed;                // a ChangeCipherSpec was said
    Piece last = Piece.NONE;        // under its key
    boolean retrying;               // a second hello is to be said
    final EarlyOffer early;
    boolean mayEarly;
    int only = -1;                  // the one protocol that is offered, by its place; below 0: all
    final OwnProof proof = new OwnProof();
    int cookieBytes;
    int helloBytes;                 // of the first hello, which stays where it is until its hash is known
    int suite;
    final ClientShares shares;
    int protocol;
    boolean over;                   // what was under way is the last under its key
    MemorySegment peer = MemorySegment.NULL;  // the host, as sessions are kept under
    @Nullable
    SessionKeeper keeper;           // who keeps them elsewhere
    int connection;
    int offered;                    // suite of the session that is offered; below 0 for none
    boolean resumed;
    int limit;                      // of records, as the server told it; 0: it did not
    int identityVersion;            // of whom we were when it began
    long ends;                      // of what is authenticated now: ClientResumption.ends

    ClientHandshakeParts(TlsClientConfig config, PeerVerifier verifier, MemorySegment memory, long at) {
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

    final ClientContext context() {
        return Objects.requireNonNull(loop, "used by a connection");
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
    int keepEarly(MemorySegment from, long fromAt, int bytes, int zeros) {
        return early.keep(from, fromAt, bytes, zeros);
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
    boolean isContent() {
        return piece == Piece.EARLY_AGAIN;
    }

    @Override
    EarlyData earlyData() {
        return early.state();
    }
}
