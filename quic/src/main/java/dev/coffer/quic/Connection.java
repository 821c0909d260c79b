package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.tls.QuicHandshake;
import dev.coffer.tls.QuicHandshake.Level;
import dev.coffer.tls.QuicTransport;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/// What is known of one connection, and what happens to it as a whole: levels of encryption that come and go, the handshake that is carried, its end.
/// [Incoming] and [Outgoing] read and write its packets, [Ending] says how it is over. State that grows with packets and streams lies in the loop's memory.
///
/// ```
///   IDLE --begin / first packet--> OPEN --fail, close--> CLOSING --3 PTO--> ENDED
///                                    |---peer closes---> DRAINING --3 PTO--^
///                                    '---idle, reset------------------------'
/// ```
///
/// A client that the peer has closed, or that nothing came to for too long, *lingers* while what had come before is read: see [Ending].
final class Connection extends ConnectionKeys implements LossRecovery.Owner, Streams.Owner, QuicTransport {
    static final int IDLE = 0;
    static final int OPEN = 1;
    static final int CLOSING = 2;
    static final int DRAINING = 3;
    static final int ENDED = 4;

    // What the application is to be told.
    static final int TELL_CONNECTED = 1;
    static final int TELL_CLOSED = 1 << 1;
    static final int TELL_STREAMS = 1 << 2;
    static final int TELL_DATAGRAMS = 1 << 3;
    static final int TELL_EARLY = 1 << 4;

    /// In the place of an error in the peer's parameters: nothing is wrong with them, but what we said early and what was refused is more than they let us say again.
    static final int ENDS = -1;

    /// Bytes of the IDs that we give out.
    static final int LOCAL_ID_BYTES = 8;
    private static final long MILLI = 1_000_000;
    static final long NEVER = Long.MAX_VALUE;

    final int number;
    private final QuicHandshake tls;

    int phase = IDLE;
    int events;
    int ids;                       // of the peer's that are known
    int currentId;                 // index of the one in use
    long retiredBelow;             // numbers of IDs that the peer wants back
    long givenFrom;                // number of the ID that is the lowest bit of those that the peer has given; all below it it has given
    long given;
    long retiring;         // numbers that are to be said back, a bit each from retiringBase on
    long retiringBase;
    boolean retiringLost;  // one of them has no place there
    boolean validated;             // the peer's address is (section 8)
    boolean shown;                 // a server's: its client has been there before, by the token that it began with
    boolean peerValidated;         // it has validated ours
    boolean complete;
    boolean confirmed;
    boolean serverHeard;           // a client's: a packet of the server's was authentic
    boolean retried;
    boolean turned;                // it has begun in another version
    int tokenBytes;
    boolean deliveryAwaited;       // the application was told that not all of what it has done with has arrived
    boolean handshakeDoneDue;
    boolean tokenDue;              // a server's: NEW_TOKEN
    boolean challengeDue;
    long challenge;                // 8 bytes that a PATH_CHALLENGE said
    long respondAt = Long.MIN_VALUE;  // when the next answer to one, on the path in use, may go past the window
    byte parametersError;          // a TransportError, or ENDS
    boolean early;                 // the keys in the place of 1-RTT's are those of 0-RTT: a client's to seal, a server's to open
    boolean spoken;                // something that wants an ACK went since something came (section 10.1)
    long receivedBytes;            // while the address is not validated
    long sentBytes;
    long idleNanos;      // of both sides; 0 for none
    long idleAt = NEVER;
    long endAt = NEVER;            // of closing and draining
    long lateAt = NEVER;           // when keys of the phase before are forgotten
    int generationHeard;           // key updates of the peer
    int paths = Blocks.NONE;       // block of Paths, while a path is validated
    boolean peerStays;             // the peer has said disable_active_migration
    boolean fixedBitFree;          // it has said grease_quic_bit: our packets may have a fixed bit of 0 (RFC 9287)
    long paceAt = NEVER;
    private long gapBytes;         // of Gaps
    private long gapNanos;
    long lastNanos;
    long peerDelayNanosMax = 25 * MILLI;
    int peerExponent = 3;
    private int datagramBytes = PathMtu.BASE;  // that the path is known to carry
    // Of the end.
    long error;
    long errorFrame;
    boolean errorOfApplication;
    boolean errorOfPeer;
    boolean lingers;               // a client's that is over, of which the application has yet to read what had come
    long lingerUntil = NEVER;
    boolean closeDue;
    int closeEvery = 1;            // packets that come while closing have an answer; each time fewer of them (section 10.2.1)
    int closeCount;

    /// What is known of a server's client before its first packet is fed.
    ///
    /// @param isShown      it has a token that was given to somebody at its address
    /// @param isValidated  its address is
    /// @param isRetried    by a Retry: [QuicLoop#originalAt] has the destination of its very first packet
    void admit(boolean isShown, boolean isValidated, boolean isRetried) {
        shown = isShown;
        validated = isValidated;
        retried = isRetried;
    }

    Connection(QuicLoop loop, int number, boolean client, Function<QuicTransport, QuicHandshake> tls) {
        super(loop, number, client);
        this.number = number;
        this.tls = tls.apply(this);
    }

    QuicHandshake tls() {
        return tls;
    }

    // What recovery and streams see.

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public Blocks blocks() {
        return loop.blocks.of(core + ConnectionLayout.OWNER);
    }

    @Override
    public long recoveryAt() {
        return core + ConnectionLayout.RECOVERY;
    }

    @Override
    public long streamsAt() {
        return core + ConnectionLayout.STREAMS;
    }

    @Override
    public QuicConfig config() {
        return loop.config;
    }

    @Override
    public boolean isClient() {
        return client;
    }

    @Override
    public long gapBytes() {
        return gapBytes;
    }

    @Override
    public void gapBytes(long bytes) {
        gapBytes = bytes;
    }

    @Override
    public long gapNanos() {
        return gapNanos;
    }

    @Override
    public void gapNanos(long nanos) {
        gapNanos = nanos;
    }

    @Override
    public long spaceAt(int space) {
        return (alive & 1 << space) == 0 ? -1 : ConnectionLayout.space(core, handshakeAt, space);
    }

    @Override
    public CongestionControl control() {
        return loop.control;
    }

    @Override
    public int datagramBytes() {
        return datagramBytes;
    }

    @Override
    public void datagramBytes(int bytes) {
        datagramBytes = bytes;
    }

    @Override
    public long peerDelayNanosMax() {
        return peerDelayNanosMax;
    }

    @Override
    public boolean isConfirmed() {
        return confirmed;
    }

    @Override
    public boolean isPeerValidated() {
        return !client || peerValidated || confirmed;
    }

    @Override
    public boolean isBlockedByAmplification() {
        return Amplification.left(this) < Amplification.least(this);
    }

    @Override
    public void onAcknowledged(int space, long record) {
        Sent.acknowledged(this, space, record);
        if (deliveryAwaited && Streams.isDelivered(this)) {
            deliveryAwaited = false;
            events |= TELL_STREAMS;
        }
    }

    @Override
    public void onLost(int space, long record) {
        Sent.lost(this, space, record);
    }

    // The beginning.

    /// Begins, as far as there is memory for a handshake.
    ///
    /// @param nowNanos  from which the idle time runs
    /// @return whether there is; where not nothing is held
    boolean begin(Version of, long nowNanos) {
        if (!lendHandshake(number)) {
            return false;
        }
        boolean begun = false;
        try {
            LittleEndian.i64(memory, handshakeAt + ConnectionLayout.BEGUN, nowNanos);
            version = of;
            alive = 1 << PacketSpace.INITIAL;
            PacketSpace.begin(memory, spaceAt(PacketSpace.INITIAL), nowNanos);
            LossRecovery.begin(memory, recoveryAt(), datagramBytes);
            Streams.begin(this);
            begun = true;
        } finally {
            if (!begun) {
                release();
            }
        }
        phase = OPEN;
        idleNanos = loop.config.idleNanos();
        Timers.touch(this, nowNanos);
        return true;
    }

    /// Begins the handshake that is carried: what both sides say of themselves is known.
    boolean shake(long nowNanos) {
        return tls.begin(nowNanos);
    }

    /// Draws an ID of ours.
    void drawId(long at, int length) {
        loop.entropy.fill(memory, loop.secretAt, length);
        ConnectionId.set(memory, at, memory, loop.secretAt, length);
        Wipe.bytes(memory, loop.secretAt, length);
    }

    /// A level of the handshake is no more (RFC 9001, section 4.9).
    void discard(int space) {
        if ((alive & 1 << space) == 0) {
            return;
        }
        LossRecovery.discard(this, space);
        SendBuffer.release(memory, ConnectionLayout.cryptoSend(core, handshakeAt, space), blocks());
        ReceiveBuffer.release(memory, ConnectionLayout.cryptoReceive(core, handshakeAt, space), blocks());
        wipeKeys(space);
        alive &= ~(1 << space);
        if (space == PacketSpace.HANDSHAKE) {
            releaseHandshake();
        }
    }

    // The handshake that is carried.

    @Override
    public int parameters(MemorySegment target, long targetAt) {
        return Carried.parameters(this, target, targetAt);
    }

    @Override
    public void onParameters(MemorySegment from, long fromAt, int length) {
        Carried.onParameters(this, from, fromAt, length);
    }

    @Override
    public int version() {
        return version.code();
    }

    @Override
    public int terms(MemorySegment target, long targetAt) {
        return Early.terms(this, target, targetAt);
    }

    @Override
    public void onTerms(MemorySegment from, long fromAt, int length) {
        Early.resume(this, from, fromAt, length);
    }

    @Override
    public void onSecret(Level level, boolean ours, CipherSuite of, MemorySegment secret, long at) {
        Early.beforeSecret(this, level, ours);
        agree(of);
        int space = Carried.space(level);
        if ((alive & 1 << space) == 0) {
            alive |= 1 << space;
            PacketSpace.begin(memory, spaceAt(space), lastNanos);
        }
        load(space, ours, secret, at);
        if (level == Level.EARLY) {
            Early.begin(this);
        }
    }

    /// A server gave a token for another time: the last one of a loop is kept, where it is not too long, and of the version that connections begin with (RFC 9369, section 5).
    void keepToken(MemorySegment from, long at, long length) {
        if (length <= ConnectionLayout.TOKEN_BYTES_MAX && !turned) {
            MemorySegment.copy(from, at, memory, loop.tokenAt, length);
            loop.tokenBytes = (int) length;
            loop.tokenOf = number;
        }
    }

    /// The handshake is confirmed (RFC 9001, section 4.1.2).
    void confirm() {
        if (!confirmed) {
            LocalIds.give(this, TransportParameters.activeIdsMax(memory, handshakeAt + ConnectionLayout.PARAMETERS));
        }
        confirmed = true;
        peerValidated = true;
        discard(PacketSpace.INITIAL);
        discard(PacketSpace.HANDSHAKE);
    }

    // The end.

    /// The peer did something wrong, or the machine cannot go on.
    ///
    /// @param frame  type of the frame that is wrong, 0 for none
    void fail(long code, long frame, long nowNanos) {
        close(code, frame, false, nowNanos);
    }

    /// As of [Ending#close].
    void close(long code, long frame, boolean ofApplication, long nowNanos) {
        Ending.close(this, code, frame, ofApplication, nowNanos);
    }

    /// As of [Ending#drain].
    void drain(long code, boolean ofApplication, long nowNanos) {
        Ending.drain(this, code, ofApplication, nowNanos);
    }

    /// Ends at once: nobody is told.
    void end() {
        if (phase == OPEN) {
            events |= TELL_CLOSED;
        }
        try {
            release();
        } finally {
            phase = ENDED;
        }
    }

    /// {@return whether there are streams to be read, at least}
    boolean hasStreams() {
        return phase == OPEN || lingers;
    }

    /// Gives everything back, wiped.
    void release() {
        Ending.release(this);
    }

    /// Stands anew.
    void reset(long nowNanos) {
        try {
            release();
        } finally {
            clear(nowNanos);
        }
    }

    private void clear(long nowNanos) {
        phase = IDLE;
        events = 0;
        version = Version.V1;
        agree(CipherSuite.AES_128_GCM_SHA256);
        ids = 0;
        currentId = 0;
        retiredBelow = 0;
        givenFrom = 0;
        given = 0;
        retiring = 0;
        retiringLost = false;
        validated = false;
        shown = false;
        peerValidated = false;
        complete = false;
        confirmed = false;
        serverHeard = false;
        retried = false;
        turned = false;
        tokenBytes = 0;
        deliveryAwaited = false;
        handshakeDoneDue = false;
        tokenDue = false;
        challengeDue = false;
        respondAt = Long.MIN_VALUE;
        parametersError = 0;
        early = false;
        spoken = false;
        receivedBytes = 0;
        sentBytes = 0;
        idleAt = NEVER;
        endAt = NEVER;
        lateAt = NEVER;
        generationHeard = 0;
        paceAt = NEVER;
        gapBytes = 0;
        peerStays = false;
        fixedBitFree = false;
        lastNanos = nowNanos;
        peerDelayNanosMax = 25 * MILLI;
        peerExponent = 3;
        datagramBytes = PathMtu.BASE;
        error = 0;
        errorFrame = 0;
        errorOfApplication = false;
        errorOfPeer = false;
        lingers = false;
        lingerUntil = NEVER;
        closeDue = false;
        closeEvery = 1;
        closeCount = 0;
    }

    /// What was said is said anew, in packets with higher numbers: after a Retry (section 17.2.5.3).
    void startOver() {
        LossRecovery.discard(this, PacketSpace.INITIAL);
        long send = ConnectionLayout.cryptoSend(core, handshakeAt, PacketSpace.INITIAL);
        SendBuffer.again(memory, send, blocks(), SendBuffer.base(memory, send), SendBuffer.sent(memory, send));
    }

    /// {@return where the ID lies that a client's first packets are sent to, while there is a handshake: what it chose, or what our Retry said}
    long firstIdAt() {
        return handshakeAt + (retried ? ConnectionLayout.RETRY_ID : ConnectionLayout.ORIGINAL_ID);
    }

    /// {@return where the ID lies that our packets are sent to}
    long peerIdAt() {
        return core + ConnectionLayout.PEER_IDS_AT + currentId * ConnectionLayout.PEER_ID_BYTES + ConnectionLayout.PEER_ID;
    }

    @Override
    public String toString() {
        String[] phases = {"idle", "open", "closing", "draining", "ended"};
        return (client ? "client" : "server") + ", " + phases[phase] + (confirmed ? ", confirmed" : complete ? ", complete" : "") + ", " + levels() + ", error "
                + error;
    }
}
