package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One handshake of a server (RFC 8446, section 2): what it heard, what it will say, and the secrets that are made meanwhile. Over a slot
/// that is lent from the first record to the client's Finished, and wiped then.
///
/// ```
///   HELLO --ClientHello--> FINISHED --Finished--> DONE        its flight:  ServerHello | CCS | EncryptedExtensions, Certificate,
///     |                        ^                                           CertificateVerify, Finished
///     |                 '--> CERTIFICATE --> VERIFY --' where it asks a client who that is; an empty one goes to FINISHED
///     '--no share--> AGAIN ----'                              or first:    HelloRetryRequest | CCS
///                                                             resumed:     without Certificate and CertificateVerify
///                                                             at last:     NewSessionTicket, as many as are configured
/// ```
///
/// Nothing of the flight is kept but the message that is under way: the certificate comes from the one copy of its [ServerIdentity], and
/// each of the others is made when its turn comes. The connection's thread alone; 0 heap bytes.
final class ServerHandshake extends Handshake {
    enum Step { HELLO, AGAIN, CERTIFICATE, VERIFY, FINISHED, DONE }

    /// What is under way, in the order in which it goes.
    enum Piece { NONE, RETRY, RETRY_CHANGE, HELLO, CHANGE, EXTENSIONS, REQUEST, CERTIFICATE, VERIFY, FINISHED, TICKET }

    // The slot.
    private static final long SECRET = 0;                         // of the key schedule, as far as it has come
    private static final long CLIENT = SECRET + SECRET_ROOM;      // the client's handshake secret
    private static final long SERVER = CLIENT + SECRET_ROOM;      // the server's, then its first application secret
    private static final long NEXT = SERVER + SECRET_ROOM;        // the client's first application secret
    private static final long HASH = NEXT + SECRET_ROOM;          // the transcript up to our Finished
    private static final long EXPECTED = HASH + SECRET_ROOM;      // what the client's Finished must say
    private static final long SHARED = EXPECTED + SECRET_ROOM;
    private static final long RESUMPTION = SHARED + NamedGroup.SHARED_BYTES_MAX;  // what tickets will say
    private static final long TRANSCRIPT = RESUMPTION + ServerResumption.SLOT_BYTES;
    private static final long INPUT = TRANSCRIPT + Transcript.BYTES;  // a message of the client's; then our pieces, behind

    /// ServerHello: header, version, random, session id, suite, compression, and three extensions (section 4.1.3).
    private static final int HELLO_BYTES_MAX = Wire.MESSAGE_HEADER_BYTES + 2 + Wire.RANDOM_BYTES + 1 + Wire.SESSION_ID_BYTES_MAX + 2 + 1
            + 2 + 6 + 8 + NamedGroup.SERVER_SHARE_BYTES_MAX + 6;
    /// Early data that is passed over (section 4.2.10): we never offered any, so a client has none but by mistake.
    private static final int EARLY_BYTES_MAX = 1 << 16;
    private static final int NAME_BYTES_MAX = 255;
    /// EncryptedExtensions: header, list, ALPN with one name.
    private static final int EXTENSIONS_BYTES_MAX = Wire.MESSAGE_HEADER_BYTES + 2 + 4 + 2 + 1 + NAME_BYTES_MAX;

    private final @Nullable ClientVerifier verifier;
    private final int[] schemes;             // that it verifies
    private @Nullable ServerContext loop;    // the same for ever; known from the first use on

    private Step step = Step.HELLO;
    private Piece piece = Piece.NONE;
    private boolean changed;                 // a ChangeCipherSpec was said
    private boolean middlebox;               // the client wants one: its session id is not empty
    private int suite;
    private NamedGroup group;
    private @Nullable ServerIdentity identity;
    private int protocol;                    // index in the configuration; below 0 for none
    private int resumed;                     // ordinal of the client's key that is taken; below 0 for none
    private boolean resumes;                 // the client does, with a key exchange: it may have tickets
    private int ticket;                      // ordinal of the ticket under way
    private int tickets;                     // how many there will be
    private boolean early;                   // the hello that was answered announces early data

    /// @param verifier  of this slot; null where clients are not asked who they are
    /// @param schemes   that it verifies
    ServerHandshake(TlsServerConfig config, @Nullable ClientVerifier verifier, int[] schemes, MemorySegment memory, long at) {
        super(memory, at, TRANSCRIPT, INPUT, inputBytes(config));
        this.group = NamedGroup.X25519;
        this.verifier = verifier;
        this.schemes = schemes;
    }

    void of(ServerContext of) {
        loop = of;
    }

    private ServerContext context() {
        return Objects.requireNonNull(loop, "used by a connection");
    }

    /// {@return bytes of a slot}
    static long bytes(TlsServerConfig config) {
        return INPUT + inputBytes(config) + Math.max(Math.max(HELLO_BYTES_MAX, EXTENSIONS_BYTES_MAX),
                PeerProof.writeBytes(config.signatureBytesMax()));
    }

    private static int inputBytes(TlsServerConfig config) {
        return Wire.MESSAGE_HEADER_BYTES + config.helloBytesMax();
    }

    @Override
    void begin(RecordKeys of) {
        super.begin(of);
        step = Step.HELLO;
        piece = Piece.NONE;
        changed = false;
        identity = null;
        protocol = -1;
        early = false;
        resumed = ServerResumption.NONE;
        resumes = false;
        ticket = 0;
        tickets = 0;
    }

    @Override
    boolean isDone() {
        return step == Step.DONE;
    }

    @Override
    boolean hasOutput() {
        return piece != Piece.NONE;
    }

    @Override
    boolean owesTicketsAlone() {
        return piece == Piece.TICKET && isPieceWhole();
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
    int protocol() {
        return protocol;
    }

    @Override
    int earlyBytes() {
        return early && hasOutput() ? EARLY_BYTES_MAX : 0;
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
            default -> onFinished(bytes);
        };
    }

    private @Nullable Alert onHello(int bytes) {
        ClientHello hello = context().hello();
        Alert refused = hello.read(memory, inputAt + Wire.MESSAGE_HEADER_BYTES, bytes - Wire.MESSAGE_HEADER_BYTES);
        if (refused != null) {
            return refused;
        }
        if (hello.hasOddShare()) {
            return Alert.ILLEGAL_PARAMETER;
        }
        boolean again = step == Step.AGAIN;
        early = hello.hasEarlyData();
        refused = again ? checkAgain(hello) : choose(hello);
        if (refused != null) {
            return refused;
        }
        if (!again) {
            transcript.begin(context().schedule(suite).hash());
        }
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
            resumed = resumption.choose(hello, context().config().suites().get(suite), context().schedule(suite), protocol, memory, at + RESUMPTION,
                    at + HASH, at + SECRET, nowNanos());
        } else {
            transcript.add(memory, inputAt, bytes);
        }
        return resumed == ServerResumption.FORGED ? Alert.DECRYPT_ERROR : resumed >= 0 || identity != null ? null : nobody(hello);
    }

    /// {@return why there is nobody whom the client would believe}
    private static Alert nobody(ClientHello hello) {
        return hello.offersSchemes() ? Alert.HANDSHAKE_FAILURE : Alert.MISSING_EXTENSION;
    }

    /// Chooses suite, identity, group and protocol.
    private @Nullable Alert choose(ClientHello hello) {
        TlsServerConfig config = context().config();
        suite = -1;
        for (int i = 0; i < config.suites().size() && suite < 0; i++) {
            suite = hello.offersSuite(config.suites().get(i).code()) ? i : -1;
        }
        identity = context().identity(hello);
        NamedGroup chosen = group(hello);
        if (suite < 0 || chosen == null) {
            return Alert.HANDSHAKE_FAILURE;
        }
        if (identity == null && !hello.keys().areThere()) {
            return nobody(hello);
        }
        group = chosen;
        middlebox = hello.sessionBytes() > 0;
        return chooseProtocol(hello);
    }

    /// {@return the first group with a share, else the first that the client has}
    private @Nullable NamedGroup group(ClientHello hello) {
        TlsServerConfig config = context().config();
        NamedGroup offered = null;
        for (int i = 0; i < config.groups().size(); i++) {
            NamedGroup candidate = config.groups().get(i);
            if (hello.offersGroup(candidate.code())) {
                if (hello.share(candidate.code()) >= 0) {
                    return candidate;
                }
                offered = offered == null ? candidate : offered;
            }
        }
        return offered;
    }

    private @Nullable Alert chooseProtocol(ClientHello hello) {
        MemorySegment[] protocols = context().protocols();
        protocol = -1;
        for (int i = 0; i < protocols.length && protocol < 0; i++) {
            protocol = hello.offersProtocol(protocols[i]) ? i : -1;
        }
        return protocol < 0 && protocols.length > 0 && hello.offersProtocols() ? Alert.NO_APPLICATION_PROTOCOL : null;
    }

    /// The second hello is the first one with the share that was asked for (section 4.1.2): what was chosen must still be there.
    private @Nullable Alert checkAgain(ClientHello hello) {
        CipherSuite chosen = context().config().suites().get(suite);
        boolean same = hello.offersSuite(chosen.code()) && hello.shares() == 1 && hello.share(group.code()) >= 0
                && !hello.hasEarlyData() && (identity == null || hello.offersScheme(identity.scheme().code()))
                && middlebox == hello.sessionBytes() > 0;
        return same ? chooseProtocol(hello) : Alert.ILLEGAL_PARAMETER;
    }

    private @Nullable Alert retry(ClientHello hello) {
        transcript.retry();
        long p = hello(hello, ServerHello.RETRY_RANDOM, 0);
        BigEndian.u16(memory, p, 6 + 6);
        p = version(p + 2);
        BigEndian.u16(memory, p, Wire.KEY_SHARE);
        BigEndian.u16(memory, p + 2, 2);
        BigEndian.u16(memory, p + 4, group.code());
        piece = Piece.RETRY;
        said(p + 6);
        step = Step.AGAIN;
        return null;
    }

    /// Makes the ServerHello and the keys of the handshake.
    private @Nullable Alert answer(ClientHello hello, long shareAt) {
        context().entropy().fill(memory, at + EXPECTED, Wire.RANDOM_BYTES);  // a place that is free yet
        long p = hello(hello, memory, at + EXPECTED);
        int shareBytes = group.serverShareBytes();
        BigEndian.u16(memory, p, 6 + 8 + shareBytes + (resumed < 0 ? 0 : 6));
        p = version(p + 2);
        BigEndian.u16(memory, p, Wire.KEY_SHARE);
        BigEndian.u16(memory, p + 2, 4 + shareBytes);
        BigEndian.u16(memory, p + 4, group.code());
        BigEndian.u16(memory, p + 6, shareBytes);
        if (!group.answer(context().entropy(), memory, shareAt, memory, p + 8, memory, at + SHARED, context().workspace(),
                context().operationAt())) {
            return Alert.ILLEGAL_PARAMETER;
        }
        p += 8 + shareBytes;
        if (resumed >= 0) {
            BigEndian.u16(memory, p, Wire.PRE_SHARED_KEY);
            BigEndian.u16(memory, p + 2, 2);
            BigEndian.u16(memory, p + 4, resumed);
            p += 6;
        }
        piece = Piece.HELLO;
        said(p);
        step = verifier != null && resumed < 0 ? Step.CERTIFICATE : Step.FINISHED;
        handshakeKeys();
        Wipe.bytes(memory, inputAt, inputBytesMax);
        return null;
    }

    /// Writes a hello up to its extensions.
    ///
    /// @return where their length goes
    private long hello(ClientHello hello, MemorySegment random, long randomAt) {
        long p = pieceAt;
        Wire.u8(memory, p, Wire.SERVER_HELLO);
        BigEndian.u16(memory, p + 4, Wire.TLS_1_2);
        MemorySegment.copy(random, randomAt, memory, p + 6, Wire.RANDOM_BYTES);
        p += 6 + Wire.RANDOM_BYTES;
        Wire.u8(memory, p, hello.sessionBytes());
        MemorySegment.copy(hello.memory(), hello.sessionAt(), memory, p + 1, hello.sessionBytes());
        p += 1 + hello.sessionBytes();
        BigEndian.u16(memory, p, context().config().suites().get(suite).code());
        Wire.u8(memory, p + 2, 0);
        return p + 3;
    }

    private long version(long p) {
        BigEndian.u16(memory, p, Wire.SUPPORTED_VERSIONS);
        BigEndian.u16(memory, p + 2, 2);
        BigEndian.u16(memory, p + 4, Wire.TLS_1_3);
        return p + 6;
    }

    private void handshakeKeys() {
        KeySchedule schedule = context().schedule(suite);
        transcript.digest(memory, at + HASH);
        if (resumed < 0) {
            schedule.early(memory, at + SECRET);
        }
        schedule.handshake(memory, at + SECRET, memory, at + SHARED, group.sharedBytes());
        Wipe.bytes(memory, at + SHARED, NamedGroup.SHARED_BYTES_MAX);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, at + HASH, memory, at + CLIENT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_HANDSHAKE, memory, at + HASH, memory, at + SERVER);
        RecordKeys of = keys();
        of.suite(context().protection(suite));
        of.read(memory, at + CLIENT);
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
            case TICKET -> ticket();
        }
        if (isChange() && isPieceEmpty()) {
            nextPiece();
        }
    }

    /// A ChangeCipherSpec for the sake of middleboxes (appendix D.4), once.
    private void change(Piece next) {
        boolean due = middlebox && !changed;
        changed |= due;
        piece = next;
        change(due);
    }

    private void extensions() {
        long p = pieceAt;
        Wire.u8(memory, p, Wire.ENCRYPTED_EXTENSIONS);
        p += Wire.MESSAGE_HEADER_BYTES;
        if (protocol < 0) {
            BigEndian.u16(memory, p, 0);
            piece = Piece.EXTENSIONS;
            said(p + 2);
            return;
        }
        MemorySegment name = context().protocols()[protocol];
        int length = (int) name.byteSize();
        BigEndian.u16(memory, p, 4 + 2 + 1 + length);
        BigEndian.u16(memory, p + 2, Wire.ALPN);
        BigEndian.u16(memory, p + 4, 2 + 1 + length);
        BigEndian.u16(memory, p + 6, 1 + length);
        Wire.u8(memory, p + 8, length);
        MemorySegment.copy(name, 0, memory, p + 9, length);
        piece = Piece.EXTENSIONS;
        said(p + 9 + length);
    }

    private ServerIdentity identity() {
        return Objects.requireNonNull(identity, "chosen");
    }

    private void certificate() {
        MemorySegment message = identity().message();
        transcript.add(message, 0, message.byteSize());
        piece = Piece.CERTIFICATE;
        start(message, 0, (int) message.byteSize());
    }

    private void verify() {
        piece = Piece.VERIFY;
        said(PeerProof.write(identity(), context(), memory, pieceAt, PeerProof.SERVER, transcript, context().schedule(suite).secretBytes()));
    }

    /// A CertificateRequest (section 4.3.2): no context, and the schemes that are verified.
    private void request() {
        long p = pieceAt + Wire.MESSAGE_HEADER_BYTES;
        Wire.u8(memory, pieceAt, Wire.CERTIFICATE_REQUEST);
        Wire.u8(memory, p, 0);
        BigEndian.u16(memory, p + 1, 6 + 2 * schemes.length);
        BigEndian.u16(memory, p + 3, Wire.SIGNATURE_ALGORITHMS);
        BigEndian.u16(memory, p + 5, 2 + 2 * schemes.length);
        BigEndian.u16(memory, p + 7, 2 * schemes.length);
        p += 9;
        for (int i = 0; i < schemes.length; i++, p += 2) {
            BigEndian.u16(memory, p, schemes[i]);
        }
        piece = Piece.REQUEST;
        said(p);
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
        step = chain == 0 ? Step.FINISHED : Step.VERIFY;
        return refused;
    }

    private @Nullable Alert onVerify(int bytes) {
        Alert refused = PeerProof.verify(verifier(), schemes, memory, inputAt, bytes, PeerProof.CLIENT, transcript,
                context().schedule(suite).secretBytes(), pieceAt);
        if (refused == null) {
            transcript.add(memory, inputAt, bytes);
            step = Step.FINISHED;
            refused = ServerResumption.verified(verifier(), memory, at + RESUMPTION);
        }
        return refused;
    }

    /// {@return where a verified client's key is, as of [ClientVerifier#key]; below 0 where nobody was verified}
    long peerAt() {
        return ServerResumption.isVerifiedIn(memory, at + RESUMPTION) ? ServerResumption.peerAt(at + RESUMPTION) : -1;
    }

    private void finished() {
        KeySchedule schedule = context().schedule(suite);
        transcript.digest(memory, at + HASH);
        Wire.u8(memory, pieceAt, Wire.FINISHED);
        schedule.finished(memory, at + SERVER, memory, at + HASH, memory, pieceAt + Wire.MESSAGE_HEADER_BYTES);
        piece = Piece.FINISHED;
        said(pieceAt + Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes());
        transcript.digest(memory, at + HASH);
        schedule.master(memory, at + SECRET);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_APPLICATION, memory, at + HASH, memory, at + NEXT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_APPLICATION, memory, at + HASH, memory, at + SERVER);
    }

    @Override
    void flightSealed() {
        if (step != Step.DONE) {
            keys().write(memory, at + SERVER);
            Wipe.bytes(memory, at + SERVER, SECRET_ROOM);
        }
    }

    @Override
    boolean isFlightOver() {
        return !awaitsHello() && piece == Piece.NONE;
    }

    private @Nullable Alert onFinished(int bytes) {
        int expected = context().schedule(suite).secretBytes();
        if (bytes != Wire.MESSAGE_HEADER_BYTES + expected) {
            return Alert.DECODE_ERROR;
        }
        KeySchedule schedule = context().schedule(suite);
        transcript.digest(memory, at + HASH);
        schedule.finished(memory, at + CLIENT, memory, at + HASH, memory, at + EXPECTED);
        Wipe.bytes(memory, at + CLIENT, SECRET_ROOM);
        if (!ConstantTime.equal(memory, inputAt + Wire.MESSAGE_HEADER_BYTES, memory, at + EXPECTED, expected)) {
            return Alert.DECRYPT_ERROR;
        }
        keys().read(memory, at + NEXT);
        step = Step.DONE;
        tickets = resumes ? context().resumption().count(nowNanos()) : 0;
        if (tickets > 0) {
            transcript.add(memory, inputAt, bytes);
            transcript.digest(memory, at + HASH);
            schedule.derive(memory, at + SECRET, KeySchedule.RESUMPTION, memory, at + HASH, memory, at + NEXT);
        }
        Wipe.bytes(memory, at + SECRET, SECRET_ROOM);
        ticket();
        return null;
    }

    /// The next ticket is made to go, or none is left.
    private void ticket() {
        piece = Piece.NONE;
        if (ticket < tickets) {
            long end = context().resumption().write(ticket++, context().config().suites().get(suite), context().schedule(suite), protocol, memory,
                    at + RESUMPTION, at + NEXT, pieceAt, nowNanos());
            int bytes = (int) (end - pieceAt);
            if (bytes > 0) {
                BigEndian.u24(memory, pieceAt + 1, bytes - Wire.MESSAGE_HEADER_BYTES);
                piece = Piece.TICKET;
                start(memory, pieceAt, bytes);
            }
        }
    }
}
