package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A handshake of TLS 1.3 without records, as QUIC carries it (RFC 9001, section 4): bytes of CRYPTO frames in and out, level by level and each level in order, and
/// secrets to a [QuicTransport]. Of either side, over the same contexts as connections with records; a context is for the one or the other.
///
/// ```
///   feed(INITIAL, ...)  poll --> INITIAL, HANDSHAKE    feed(HANDSHAKE, ...)  isDone    feed(APPLICATION, ...): tickets
/// ```
///
/// As QUIC wants it: an application protocol must be agreed on and transport parameters be there on both sides (sections 8.1 and 8.2); no ChangeCipherSpec and no
/// number of a session (section 8.4); keys are not updated here (section 6). A fault is an alert, whose connection error is [#error].
///
/// **Early data** (section 4.6): a client that may ([#early(boolean)]) has its secret, and the terms and the protocol of the session, when [#begin] returns, if there is a session
/// that allows it; a server that takes it, as with records where there is a [ReplayGuard] and [TicketConfig#earlyBytes] is not 0, when [#feed] of the hello returns. It ends
/// with the client's Finished: there is no message for that (section 8.3). What is refused the transport says again; until [#isDone] the server has it from who may say again
/// what another said (RFC 8446, section 8).
///
/// A slot for the handshake is lent by [#begin] and given back, wiped, with the last byte; a server that has said its part goes on in a small one ([TlsServerConfig#waiting]). The connection's thread alone; 0 heap bytes but for the verifier's.
@SuppressWarnings("exports")  // annotations that users need not have
public final class QuicHandshake implements AutoCloseable {
    /// Encryption levels (RFC 9001, section 2.1), in their order.
    public enum Level {
        /// Keys that everybody knows.
        INITIAL,
        /// 0-RTT, of a client's early data; it has no CRYPTO frames.
        EARLY,
        /// Of the handshake.
        HANDSHAKE,
        /// 1-RTT.
        APPLICATION
    }

    private static final long CRYPTO_ERROR = 0x0100;      // RFC 9001, section 4.8
    private static final long CONNECTION_REFUSED = 0x02;  // RFC 9000, section 20.1
    private static final long PROTOCOL_VIOLATION = 0x0a;

    /// The secrets, told level by level.
    private final class LevelKeys implements TrafficKeys {
        private CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        private int reads;
        private int writes;

        @Override
        public void suite(int index) {
            suite = context.suite(index);
        }

        private static Level level(int told) {
            return told == 0 ? Level.INITIAL : told == 1 ? Level.HANDSHAKE : Level.APPLICATION;
        }

        @Override
        public void readEarly(MemorySegment secret, long at) {
            transport.onSecret(Level.EARLY, false, suite, secret, at);
        }

        @Override
        public void writeEarly(MemorySegment secret, long at) {
            transport.onSecret(Level.EARLY, true, suite, secret, at);
        }

        @Override
        public void read(MemorySegment secret, long at) {
            transport.onSecret(level(++reads), false, suite, secret, at);
        }

        @Override
        public void write(MemorySegment secret, long at) {
            transport.onSecret(level(++writes), true, suite, secret, at);
        }

        @Override
        public void wipeWrite() {}

        @Override
        public QuicTransport quic() {
            return transport;
        }
    }

    private final TlsContext context;
    private final int connection;
    private final QuicTransport transport;
    private final boolean client;
    private final LevelKeys keys = new LevelKeys();
    private final @Nullable LateMessages late;  // a client's: a server is told nothing more (RFC 9001, section 6)
    private ServerName to = ServerName.NOBODY;
    private final HandshakeSlot slot;
    private boolean done;
    private int protocol = -1;
    private boolean resumed;
    private @Nullable NamedGroup group;
    private int suite;
    private long ends;
    private int identityVersion;
    private long clock;
    private boolean mayEarly;
    private EarlyData early = EarlyData.NONE;
    private boolean oddEarly;             // a ticket names a number of bytes for it
    private boolean heldUp;
    private long error;

    private QuicHandshake(TlsContext context, int connection, QuicTransport transport) {
        Objects.checkIndex(connection, context.connections());
        this.context = context;
        this.connection = connection;
        this.slot = new HandshakeSlot(context, connection);
        this.transport = Objects.requireNonNull(transport);
        this.client = context instanceof ClientContext;
        this.late = context instanceof ClientContext own ? new LateMessages(null, new Ticketed(own)) : null;
    }

    /// {@return a server's}
    ///
    /// @param connection  0..[TlsServerConfig#connections]-1, whose own it is
    public static QuicHandshake server(ServerContext context, int connection, QuicTransport transport) {
        return new QuicHandshake(context, connection, transport);
    }

    /// {@return a client's, which [#to] says to whom}
    ///
    /// @param connection  0..[TlsClientConfig#connections]-1, whose own it is
    public static QuicHandshake client(ClientContext context, int connection, QuicTransport transport) {
        return new QuicHandshake(context, connection, transport);
    }

    /// {@return bytes of the Java objects of a server's, its slot aside}
    public static long heapBytesOfServer() {
        return HeapLayout.instance(QuicHandshake.class) + HeapLayout.instance(LevelKeys.class) + HeapLayout.instance(HandshakeSlot.class);
    }

    /// Says whom a client's next handshake is to, as of [TlsClient#to].
    ///
    /// @return this
    /// @throws IllegalArgumentException  no name (caller's fault)
    public QuicHandshake to(String host) {
        to = ServerName.of(host);
        return this;
    }

    /// Says whether a client's next handshake may offer early data, where the session and its server allow it; off at first. **Who listens can say it again**: it has to be harmless twice.
    ///
    /// @return this
    public QuicHandshake early(boolean may) {
        mayEarly = may;
        return this;
    }

    /// Begins.
    ///
    /// @return whether there is memory for a handshake; where not nothing is held
    public boolean begin(long nowNanos) {
        close();
        if (!slot.lend()) {
            return false;
        }
        keys.reads = 0;
        keys.writes = 0;
        done = false;
        protocol = -1;
        resumed = false;
        group = null;
        if (late != null) {
            late.begin();
        }
        early = EarlyData.NONE;
        oddEarly = false;
        heldUp = false;
        error = 0;
        boolean begun = false;
        try {
            Handshake handshake = handshake();
            handshake.tell(nowNanos);
            handshake.begin(keys);
            look(handshake);
            begun = true;
            return true;
        } finally {
            if (!begun) {
                close();
            }
        }
    }

    private Handshake handshake() {
        if (context instanceof ServerContext server) {
            return server.handshake(slot);
        }
        ClientContext own = (ClientContext) context;
        ClientHandshake handshake = own.handshake(slot.slot());
        handshake.of(own, connection, to.host(), to.name(), to.peer(), null, mayEarly, -1);
        return handshake;
    }

    /// {@return whether [#feed] may have these bytes now. Where not they stay with whoever carries this, who asks again when it is named ([ServerContext#nextLongHello]), and may whenever
    /// something comes: they begin a hello that is longer than a slot has room for, and the one place for such is another's, who has it for a second at most, or whose turn it is
    /// ([TlsServerConfig#longHelloBytesMax]). Fed all the same they are refused, INTERNAL_ERROR}
    public boolean mayFeed(Level level, MemorySegment from, long at, int length, long nowNanos) {
        Objects.checkFromIndexSize(at, length, from.byteSize());
        heldUp = false;
        if (!client && !done && level == Level.INITIAL && slot.isLent()) {
            Handshake handshake = handshake();
            handshake.tell(nowNanos);
            heldUp = handshake.mustWait(from, at, length);
        }
        return !heldUp;
    }

    /// {@return whether the last [#mayFeed] said no}
    public boolean isHeldUp() {
        return heldUp;
    }

    /// Takes bytes of the peer's CRYPTO frames, those of a level in their order, in pieces of any length.
    ///
    /// @return null, or why the connection fails, by [#error]: then nothing is held, nor where the transport or whoever verifies throws, which passes
    public @Nullable Alert feed(Level level, MemorySegment from, long at, int length, long nowNanos) {
        Objects.checkFromIndexSize(at, length, from.byteSize());
        clock = nowNanos;
        if (length == 0) {
            return null;
        }
        boolean violation = level != LevelKeys.level(keys.reads);  // section 4.1.3
        Alert refused;
        boolean heard = false;
        try {
            refused = violation ? Alert.UNEXPECTED_MESSAGE : done ? late == null ? Alert.UNEXPECTED_MESSAGE : late.take(from, at, length)
                    : !slot.isLent() ? Alert.INTERNAL_ERROR : take(from, at, length, nowNanos);
            heard = true;
        } finally {
            if (!heard) {
                close();
            }
        }
        if (refused != null) {
            error = violation || isViolation() ? PROTOCOL_VIOLATION : refused == Alert.CLOSE_NOTIFY ? CONNECTION_REFUSED : error(refused);
            close();
        }
        return refused;
    }

    /// {@return whether what was refused is a fault by a rule of QUIC's own}
    private boolean isViolation() {
        return done ? late != null && (oddEarly || late.type() == Wire.CERTIFICATE_REQUEST) : slot.isLent() && handshake().isViolation();
    }

    private @Nullable Alert take(MemorySegment from, long at, int length, long nowNanos) {
        Handshake handshake = handshake();
        handshake.tell(nowNanos);
        Alert refused = handshake.take(from, at, length);
        if (refused == null) {
            look(handshake());
            settle(handshake());
        }
        return refused;
    }

    /// What is known before the handshake is done: what became of early data, and in which protocol that is.
    private void look(Handshake handshake) {
        early = handshake.earlyData();
        if (early == EarlyData.OFFERED || early == EarlyData.TAKEN) {
            protocol = handshake.protocol();
        }
    }

    private void settle(Handshake handshake) {
        if (handshake.isDone() && !done) {
            done = true;
            protocol = handshake.protocol();
            resumed = handshake.isResumed();
            group = handshake.group();
            suite = handshake.suiteIndex();
            if (handshake instanceof ClientHandshake ours) {
                ends = ours.ends();
                identityVersion = ours.identityVersion();
            }
        }
        if (handshake.isDone() && !handshake.hasOutput()) {
            giveBack();
        } else {
            slot.shrink(handshake);
        }
    }

    /// {@return the level of what [#poll] writes next; null where there is nothing to say}
    public @Nullable Level level() {
        if (!slot.isLent() || !handshake().hasOutput()) {
            return null;
        }
        return handshake().isPlain() ? Level.INITIAL : LevelKeys.level(keys.writes);
    }

    /// Writes bytes for CRYPTO frames, of one level: [#level], asked before. They are made once: who sends them keeps them until they are acknowledged.
    ///
    /// @return bytes written; 0 where there is nothing to say or no room
    /// @throws IllegalStateException  a key of ours was destroyed by whom it does not belong to; nothing is held then
    public int poll(MemorySegment output, long at, int room, long nowNanos) {
        Objects.checkFromIndexSize(at, room, output.byteSize());
        clock = nowNanos;
        if (room == 0 || level() == null) {
            return 0;
        }
        boolean written = false;
        try {
            Handshake handshake = handshake();
            handshake.tell(nowNanos);
            int bytes = handshake.fill(output, at, room);
            if (handshake.isFlightOver()) {
                handshake.flightSealed();
                settle(handshake());
            }
            written = true;
            return bytes;
        } finally {
            if (!written) {
                close();
            }
        }
    }

    /// Whom a server's tickets are for.
    private final class Ticketed implements LateMessages.TicketHearer {
        private final ClientContext own;

        Ticketed(ClientContext own) {
            this.own = own;
        }

        @Override
        public @Nullable Alert onTicket(MemorySegment from, long at, int length) {
            if (slot.isLent() || identityVersion != own.identityVersion() || to.host().isEmpty()) {
                return null;
            }
            Alert refused = own.resumption().onTicket(null, to.peer(), connection, own.config().suites().get(suite), own.schedule(suite), protocol, ends,
                    transport, from, at, length, clock);
            oddEarly = own.resumption().isOddEarly();
            return refused;
        }

        @Override
        public @Nullable Alert onPiece(MemorySegment from, long at, int length, int before, int total) {
            long whole = own.resumption().gather(connection, from, at, length, before, total);
            if (whole < 0) {
                return null;
            }
            try {
                return onTicket(own.resumption().memory(), whole, total);
            } finally {
                own.resumption().forgetGathered();
            }
        }
    }

    /// {@return what became of a client's early data, as far as this side knows}
    public EarlyData earlyData() {
        return !slot.isLent() ? early : handshake().earlyData();
    }

    /// {@return whether the handshake is complete (RFC 9001, section 4.1.1)}
    public boolean isDone() {
        return done;
    }

    /// {@return whether an earlier session was resumed}
    public boolean isResumed() {
        return resumed;
    }

    /// {@return the application protocol that was agreed on, before [#isDone] that in which early data is said; null where neither is known}
    public @Nullable String protocol() {
        return protocol < 0 ? null : context.protocolNames().get(protocol);
    }

    /// {@return the group of the key exchange; null before [#isDone]}
    public @Nullable NamedGroup group() {
        return group;
    }

    /// {@return the connection error of the last refusal: that of its alert; CONNECTION_REFUSED of a hello that was slow and made way; or PROTOCOL_VIOLATION where a rule of
    /// QUIC's own was broken (RFC 9001, sections 4.1.3, 4.4, 4.6.1 and 8.4); 0 where nothing was refused}
    public long error() {
        return error;
    }

    /// {@return the connection error that an alert is in QUIC (RFC 9001, section 4.8)}
    public static long error(Alert alert) {
        return CRYPTO_ERROR + alert.code();
    }

    private void giveBack() {
        if (slot.isLent()) {
            handshake().end();
            slot.release();
        }
    }

    /// Gives everything back, wiped. Twice is harmless.
    @Override
    public void close() {
        giveBack();
        if (context instanceof ClientContext own) {
            own.resumption().forget(connection);
        }
    }

    @Override
    public String toString() {
        return "QuicHandshake[" + (client ? "client" : "server") + (done ? ", done" : "") + "]";
    }
}
