package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import dev.coffer.quic.frame.AckWriter;
import dev.coffer.quic.frame.FrameReader;
import dev.coffer.quic.packet.InitialSecrets;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.tls.ServerContext;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What all connections of a loop share, and the memory that each has or is lent.
///
/// ```
///   cores        one a connection: what it keeps as long as it lives
///   blocks       streams, data and packets under way, lent by need
///   handshakes   lent from the first packet until the handshake is confirmed
///   scratch      expanded keys, workspaces: once a loop
/// ```
///
/// **When there is no handshake's place** a server passes the packet over, as if it was lost: its client asks again. One thread at a time; the accounts may be
/// read from any. 0 heap bytes after construction.
@SuppressWarnings("exports")  // annotations that users need not have
public final class QuicLoop implements AutoCloseable {
    /// Ranges of an ACK that are taken, from the highest on: as many as fit in a datagram.
    private static final int ACK_RANGES_MAX = QuicConfig.DATAGRAM_BYTES_MAX / 2;
    /// What is taken of the handshake's words in one piece.
    static final int CRYPTO_PIECE_BYTES = 1024;

    private static final int IPV4_BYTES = 4;
    private static final String HANDSHAKES = "quic handshakes";

    final QuicConfig config;
    final CongestionControl control;   // made here, as no class is to be loaded by the first packet
    final MemorySegment memory;
    final Entropy entropy;
    final Blocks blocks;
    final PacketKeys keys;
    final SlotPool handshakes;
    final PacketReader packets = new PacketReader();
    final FrameReader frames = new FrameReader();
    final AckWriter acks = new AckWriter();
    final Outgoing outgoing = new Outgoing();
    final RetryTag retryTag;
    final long ackRangesAt;
    final long secretAt;         // of an Initial, while it is made
    final long initialWorkAt;
    final long cryptoAt;         // of the handshake's words, on their way into blocks
    final long ownParametersAt;  // what we say of ourselves, before it is written out
    final LoopIds ids;
    @Nullable
    EarlyTerms early;                     // null: nothing is said early, and none is taken
    MemorySegment originalIn = MemorySegment.NULL;  // the destination of the very first packet of a client that came again after a Retry
    long originalAt;
    @Nullable
    Strangers strangers;                  // of the loop's endpoint
    private @Nullable ServerContext hellos;  // its own
    final long tokenAt;          // that a server gave a client last
    int tokenBytes;
    int tokenOf;                 // whose
    long lackingRow = -1;        // of the only stream for which a connection lacks blocks, with the connection's number from bit 40 on
    final long preferredAt;      // addresses that a server would rather be spoken to at, as in its parameters
    boolean prefers;
    boolean prefersV2;           // a server's: to whoever speaks it
    long handshakeNanosMax = Long.MAX_VALUE;        // after which an endpoint gives a handshake up
    private final long handshakesAt;
    private final long coresAt;
    private final int connections;
    private final int handshakeCount;
    final boolean server;                         // no connection is a client's
    private boolean closed;

    private QuicLoop(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites, boolean server, Entropy entropy, MemorySegment memory) {
        this.config = config;
        this.control = config.cubic() ? Cubic.INSTANCE : NewReno.INSTANCE;
        this.server = server;
        this.connections = connections;
        this.handshakeCount = handshakes;
        this.memory = memory;
        this.entropy = entropy;
        long at = 0;
        coresAt = at;
        at += connections * ConnectionLayout.coreBytes(config);
        blocks = new Blocks("quic blocks", config.blocks(), config.blockBytes(), memory, at);
        at += (long) config.blocks() * config.blockBytes();
        SlotPoolConfig slots = slots(connections, handshakes, server);
        long slotBytes = SlotPool.plan(slots).totalBytes();
        this.handshakes = SlotPool.over(slots, memory.asSlice(at, slotBytes));
        handshakesAt = at;
        at += slotBytes;
        keys = new PacketKeys(suites, connections, memory, at);
        at += PacketKeys.bytes(suites, connections);
        ackRangesAt = at;
        secretAt = ackRangesAt + ACK_RANGES_MAX * 16L;
        initialWorkAt = secretAt + InitialSecrets.BYTES;
        long retryAt = initialWorkAt + Align.up(InitialSecrets.WORKSPACE_BYTES, 8);
        retryTag = new RetryTag(memory, retryAt);
        cryptoAt = retryAt + Align.up(RetryTag.WORKSPACE_BYTES, 8);
        ownParametersAt = cryptoAt + CRYPTO_PIECE_BYTES;
        ids = new LoopIds(memory, ownParametersAt + Align.up(TransportParameters.BYTES, Long.BYTES), secretAt, entropy);
        preferredAt = ownParametersAt + Align.up(TransportParameters.BYTES, Long.BYTES) + LoopIds.MEMORY_BYTES + ConnectionLayout.TOKEN_BYTES_MAX;
        tokenAt = ownParametersAt + Align.up(TransportParameters.BYTES, Long.BYTES) + LoopIds.MEMORY_BYTES;
    }

    private static SlotPoolConfig slots(int connections, int handshakes, boolean server) {
        return SlotPoolConfig.of(HANDSHAKES, connections, SlotPoolConfig.Kind.of("quic handshake", ConnectionLayout.handshakePlan(server), handshakes));
    }

    private static long scratchBytes(List<CipherSuite> suites, int connections) {
        return Align.up(PacketKeys.bytes(suites, connections) + ACK_RANGES_MAX * 16L + InitialSecrets.BYTES + Align.up(InitialSecrets.WORKSPACE_BYTES, 8)
                + Align.up(RetryTag.WORKSPACE_BYTES, 8) + CRYPTO_PIECE_BYTES + Align.up(TransportParameters.BYTES, 8) + LoopIds.MEMORY_BYTES
                + ConnectionLayout.TOKEN_BYTES_MAX + TransportParameters.PREFERRED_ADDRESS_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// {@return the plan's rows}
    ///
    /// @param connections  1 or more
    /// @param handshakes   at a time, 1..connections
    /// @param suites       as of [#over]
    public static MemoryPlan plan(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites) {
        return plan(config, connections, handshakes, suites, false);
    }

    /// {@return the plan's rows of a loop none of whose connections is a client's: 256 bytes less a handshake, as it need not keep a token}
    ///
    /// @param connections  1 or more
    /// @param handshakes   at a time, 1..connections
    /// @param suites       as of [#ofServer]
    public static MemoryPlan planOfServer(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites) {
        return plan(config, connections, handshakes, suites, true);
    }

    private static MemoryPlan plan(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites, boolean server) {
        return MemoryPlan.group("quic", ConnectionLayout.corePlan(config).times(connections).named("quic cores").noted("one a connection"),
                Blocks.plan("quic blocks", config.blocks(), config.blockBytes()), SlotPool.plan(slots(connections, handshakes, server)),
                MemoryPlan.block("quic scratch", scratchBytes(suites, connections)));
    }

    /// {@return a loop over memory that the caller has carved}
    ///
    /// @param suites  the forms of suites that handshakes may agree on
    /// @param memory  exactly as many bytes as [#plan] says, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  memory of another size, or a number out of its range (caller's fault)
    public static QuicLoop over(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites, Entropy entropy, MemorySegment memory) {
        return over(config, connections, handshakes, suites, false, entropy, memory);
    }

    /// {@return as of [#over], of a loop none of whose connections is a client's}
    ///
    /// @param memory  exactly as many bytes as [#planOfServer] says
    /// @throws IllegalArgumentException  as of [#over]
    public static QuicLoop ofServer(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites, Entropy entropy, MemorySegment memory) {
        return over(config, connections, handshakes, suites, true, entropy, memory);
    }

    private static QuicLoop over(QuicConfig config, int connections, int handshakes, List<CipherSuite> suites, boolean server, Entropy entropy,
            MemorySegment memory) {
        long bytes = plan(config, connections, handshakes, suites, server).totalBytes();
        if (memory.byteSize() != bytes || memory.isReadOnly() || !memory.isNative()) {
            throw new IllegalArgumentException("quic: " + memory.byteSize() + " bytes of memory (expected " + bytes + ", writable, off the heap)");
        }
        return new QuicLoop(config, connections, handshakes, suites, server, entropy, memory);
    }

    /// {@return offset of a connection's core}
    long coreAt(int connection) {
        if (connection < 0 || connection >= connections) {
            throw new IllegalArgumentException("quic: connection " + connection + " (expected 0.." + (connections - 1) + ")");
        }
        return coresAt + connection * ConnectionLayout.coreBytes(config);
    }

    /// {@return offset of what [Blocks] know of a connection}
    long ownerAt(int connection) {
        return coreAt(connection) + ConnectionLayout.OWNER;
    }

    /// {@return offset in [#memory] of a handshake's place}
    long handshakeAt(long slot) {
        return handshakesAt + handshakes.at(slot);
    }

    /// As of [QuicEndpoint#prefer].
    void prefer(@Nullable MemorySegment ipv4, long ipv4At, @Nullable MemorySegment ipv6, long ipv6At) {
        Wipe.bytes(memory, preferredAt, TransportParameters.PREFERRED_ADDRESS_BYTES);
        if (ipv4 != null) {
            MemorySegment.copy(ipv4, ipv4At + NetworkPath.LOCAL + NetworkPath.ADDRESS_BYTES - IPV4_BYTES, memory, preferredAt, IPV4_BYTES);
            BigEndian.u16(memory, preferredAt + IPV4_BYTES, NetworkPath.localPort(ipv4, ipv4At));
        }
        if (ipv6 != null) {
            long at = preferredAt + IPV4_BYTES + Short.BYTES;
            MemorySegment.copy(ipv6, ipv6At + NetworkPath.LOCAL, memory, at, NetworkPath.ADDRESS_BYTES);
            BigEndian.u16(memory, at + NetworkPath.ADDRESS_BYTES, NetworkPath.localPort(ipv6, ipv6At));
        }
        prefers = ipv4 != null || ipv6 != null;
    }

    /// Whether servers' connections answer clients that begin in version 1 and say that they speak version 2 (RFC 9369) in that: compatible version negotiation (RFC 9368), which costs no round
    /// trip. Off at first.
    public void preferVersion2(boolean on) {
        prefersV2 = on;
    }

    /// Lets something be said early from the next connection on, on those terms: of a server where its context takes it ([dev.coffer.tls.TicketConfig#earlyBytes] above 0, and a
    /// [dev.coffer.tls.ReplayGuard]), of a client on connections that ask for it ([QuicConnection#early]).
    /// A server takes it from who begins with a token for its address ([QuicEndpoint]): from a Retry, or NEW_TOKEN's, which a client has from [QuicConnection#takeToken].
    ///
    /// @param terms  null: nothing, as it is at first
    public void early(@Nullable EarlyTerms terms) {
        early = terms;
    }

    /// {@return 64 bits at random, of no secret}
    long coins() {
        entropy.fill(memory, secretAt, Long.BYTES);
        long bits = BigEndian.i64(memory, secretAt);
        Wipe.bytes(memory, secretAt, Long.BYTES);
        return bits;
    }

    int connections() {
        return connections;
    }

    int handshakeCount() {
        return handshakeCount;
    }

    /// {@return handshakes that are under way}
    int handshakesLent() {
        return (int) handshakes.lent(0);
    }

    /// {@return the ranges of an ACK at most}
    static int ackRangesMax() {
        return ACK_RANGES_MAX;
    }

    /// {@return the account of the blocks}
    public Account blocksAccount() {
        return blocks.account();
    }

    /// {@return the account of the handshakes' places}
    public Account handshakesAccount() {
        return handshakes;
    }

    /// An endpoint shares it from now on.
    ///
    /// @param context  whose handshakes its connections carry
    void serve(Strangers of, ServerContext context, long nanosMax) {
        strangers = of;
        hellos = context;
        handshakeNanosMax = nanosMax;
        blocks.share(true);
    }

    /// Who is the next to have the place of a long hello is to speak: it reads then what waits.
    void askLongHello(NumberQueue output, long nowNanos) {
        if (hellos != null && hellos.nextLongHello(nowNanos) instanceof Connection next && next.loop == this) {
            output.add(next.number);
        }
    }

    /// {@return when somebody is to be asked}
    long longHelloNanos(long nowNanos) {
        return hellos == null ? Long.MAX_VALUE : hellos.longHelloNanos(nowNanos);
    }

    /// No endpoint shares it any more.
    void alone() {
        ids.alone();
        handshakeNanosMax = Long.MAX_VALUE;
        strangers = null;
        hellos = null;
        blocks.share(false);
        prefers = false;
    }

    /// Wipes everything. Twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try {
                keys.close();
            } finally {
                try {
                    handshakes.close();
                } finally {
                    Wipe.segment(memory);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "QuicLoop[" + connections + " connections, " + blocks + ", " + handshakes + "]";
    }
}
