package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.pool.SlotObjects;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the TLS servers of one loop share ([TlsContext]), and who they are.
///
/// The loop's thread alone. 0 heap bytes after the factory.
@SuppressWarnings("exports")  // annotations that users need not have
public final class ServerContext extends TlsContext {
    private static final String NAME = "tls";
    static final String RESUMPTION = "tls resumption";
    static final String LONG_HELLO = "tls long hello";

    /// Decides whether a session is resumed of a client that was verified when it began: for a program that must show more of it than its key.
    @FunctionalInterface
    public interface KnownClients {
        /// {@return whether it is; where not, the handshake is a whole one, and the client is asked again. What it throws passes to whom the connection
        /// was driven by}
        ///
        /// @param key  memory with what [ClientVerifier#key] wrote then
        boolean knows(MemorySegment key, long at);
    }

    private final TlsServerConfig config;
    private List<ServerIdentity> identities;
    private ClientVerifier[] verifiers;   // one for each handshake's slot; none where clients are not asked
    private int[] schemes;                // that they verify
    private final SlotObjects<ServerHandshake> handshakes;
    private final ClientHello hello;
    private final ServerResumption resumption;
    private final LongHello longHello;
    private boolean resumesOnly;

    private ServerContext(TlsServerConfig config, List<ServerIdentity> identities, @Nullable ClientVerifier verifier, Entropy entropy, MemorySegment lent,
            MemorySegment connections, MemorySegment work, MemorySegment resumption, MemorySegment longHello) {
        List<ServerIdentity> checked = checked(config, identities);
        ClientVerifier[] verifiers = verifiers(config, verifier);
        super(config, config.slots(), entropy, lent, connections, work, (memory, at, index) -> new ServerHandshake(config, index, memory, at));
        this.verifiers = verifiers;
        this.schemes = schemes(verifier);
        this.config = config;
        this.identities = checked;
        this.hello = new ClientHello(new ExtensionKinds(work, operationAt() + operationBytes(config)));
        this.resumption = new ServerResumption(config, protocols(), verifier == null ? 0 : verifier.policy(), resumption, entropy);
        this.longHello = new LongHello(longHello);
        this.handshakes = pool().objects(KIND_HANDSHAKE, ServerHandshake.class);
    }

    /// What is needed one at a time: a key exchange, a signature.
    private static long operationBytes(TlsServerConfig config) {
        return Math.max(NamedGroup.answerWorkspaceBytes(),
                config.schemes().stream().mapToLong(SignatureScheme::workspaceBytes).max().orElseThrow());
    }

    /// {@return the workspace, row by row}
    static MemoryPlan workspacePlan(TlsServerConfig config) {
        long operation = config.handshakes() == 0 ? 0 : operationBytes(config);
        long kinds = config.handshakes() == 0 ? 0 : ExtensionKinds.BYTES;
        long all = Align.up(workspaceBytes(config), Align.CACHE_LINE_BYTES);
        return MemoryPlan.group(WORKSPACE, MemoryPlan.block("secrets and records", all - operation - kinds),
                MemoryPlan.block("operation", operation, 1, "a key exchange or a signature, one at a time"),
                MemoryPlan.block("extensions", kinds, 1, "those that a hello has")).noted("zero between calls");
    }

    static long workspaceBytes(TlsServerConfig config) {
        return workspaceBytes(config, config.handshakes() == 0 ? 0 : operationBytes(config) + ExtensionKinds.BYTES);
    }

    /// {@return a context over the row that [TlsServerConfig#plan] describes}
    ///
    /// @param identities  who the server is, the first for clients that name no host or an unknown one; not closed here. None is needed where there
    ///                    are no handshakes
    /// @param entropy     `Entropy.SYSTEM` but in tests
    /// @param memory      exactly as many bytes as the plan says, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  no identity, one whose scheme is not configured, or memory of another kind or size (caller's
    ///                                   fault); nothing is held or written
    public static ServerContext over(TlsServerConfig config, List<ServerIdentity> identities, Entropy entropy, MemorySegment memory) {
        return over(config, identities, null, entropy, memory);
    }

    /// {@return the same, for a configuration that asks clients who they are}
    ///
    /// @param verifier  asked for one for each handshake at a time; null for [ClientAuthentication#NONE], and for nothing else
    /// @throws IllegalArgumentException  as above, or a verifier that is not used, or none that is (caller's fault); nothing is held or written
    public static ServerContext over(TlsServerConfig config, List<ServerIdentity> identities, @Nullable ClientVerifier verifier, Entropy entropy,
            MemorySegment memory) {
        MemoryPlan plan = config.plan();
        checkMemory(plan, memory);
        checkAsked(config, verifier);
        return new ServerContext(config, identities, verifier, entropy, row(memory, plan, SLOTS), row(memory, plan, CONNECTIONS),
                row(memory, plan, WORKSPACE), row(memory, plan, RESUMPTION), config.longHelloBytesMax() == 0 ? MemorySegment.NULL
                        : row(memory, plan, LONG_HELLO).asSlice(0, Wire.MESSAGE_HEADER_BYTES + config.longHelloBytesMax()));
    }

    private static void checkAsked(TlsServerConfig config, @Nullable ClientVerifier verifier) {
        if (verifier == null != (config.clientAuthentication() == ClientAuthentication.NONE)) {
            throw new IllegalArgumentException("tls: clients' certificates " + config.clientAuthentication() + ", "
                    + (verifier == null ? "and nobody who verifies them" : "and a verifier"));
        }
    }

    private static ClientVerifier[] verifiers(TlsServerConfig config, @Nullable ClientVerifier verifier) {
        ClientVerifier[] each = new ClientVerifier[verifier == null ? 0 : config.handshakes()];
        for (int i = 0; i < each.length; i++) {
            each[i] = Objects.requireNonNull(verifier).another();
        }
        return each;
    }

    /// {@return what a verifier verifies, as it says once and for all; nothing without one}
    private static int[] schemes(@Nullable ClientVerifier verifier) {
        int[] schemes = verifier == null ? new int[0] : verifier.schemes().clone();
        if (verifier != null && (schemes.length < 1 || schemes.length > ClientHelloWriter.SCHEMES_MAX)) {
            throw new IllegalArgumentException("tls: a verifier of " + schemes.length + " signature schemes (expected 1.."
                    + ClientHelloWriter.SCHEMES_MAX + ")");
        }
        return schemes;
    }

    private static List<ServerIdentity> checked(TlsServerConfig config, List<ServerIdentity> who) {
        if (who.isEmpty() && config.handshakes() > 0) {
            throw new IllegalArgumentException("tls: no identity (expected one at least)");
        }
        for (ServerIdentity identity : who) {
            if (identity.schemes().stream().noneMatch(config.schemes()::contains)) {
                throw new IllegalArgumentException("tls: an identity that signs with " + identity.schemes() + " (expected one of "
                        + config.schemes() + ")");
            }
        }
        return List.copyOf(who);
    }

    /// Puts other identities in the place of these, for handshakes that begin from here on; those under way end as they began, and hold the old ones
    /// meanwhile, which the caller may close at once.
    ///
    /// @throws IllegalArgumentException  as of [#over]; nothing changes
    public void identities(List<ServerIdentity> newIdentities) {
        identities = checked(config, newIdentities);
    }

    /// Puts another verifier in the place of the one before, for handshakes that begin from here on. Those under way end as they began; a session
    /// that was verified by one of another [ClientVerifier#policy] is not resumed.
    ///
    /// @param verifier  asked for one for each handshake at a time
    /// @throws IllegalArgumentException  clients are not asked, or it verifies no scheme or too many (caller's fault); nothing changes
    public void clients(ClientVerifier verifier) {
        checkAsked(config, verifier);
        int[] fresh = schemes(verifier);
        verifiers = verifiers(config, verifier);
        schemes = fresh;
        resumption.policy(verifier.policy());
    }

    /// {@return who verifies the client of a handshake in a slot; null where clients are not asked}
    @Nullable
    ClientVerifier verifier(int slot) {
        return verifiers.length == 0 ? null : verifiers[slot];
    }

    /// {@return what is verified}
    int[] schemes() {
        return schemes;
    }

    /// Lets clients resume by tickets under those keys, which may be several contexts'; or, of null, not: as it is at first.
    ///
    /// @param keys  closed by whom they belong to, after this
    public void ticketKeys(@Nullable TicketKeys keys) {
        resumption.keys(keys);
    }

    /// Has somebody decide who of the clients that were verified once is resumed.
    ///
    /// @param who  null, as it is at first: all are
    public void known(@Nullable KnownClients who) {
        resumption.known(who);
    }

    /// Lets handshakes go on that resume a session, and no other: those are refused as where nobody has a key that the client believes. Not so at first.
    public void resumesOnly(boolean only) {
        resumesOnly = only;
    }

    /// Lets clients say something with their hello ([TicketConfig#earlyBytes]), each once, as a guard remembers that is the process's and several contexts'; or,
    /// of null, not: as it is at first.
    ///
    /// @param guard  closed by whom it belongs to, after this
    public void replayGuard(@Nullable ReplayGuard guard) {
        resumption.guard(guard);
    }

    /// Tells the time of day, which tickets are dated with. Told at least now and then, it follows a clock that is set; never told, it is the
    /// engines' clock alone, and tickets are this process's.
    ///
    /// @param nowNanos     of the engines' clock
    /// @param epochMillis  since 1970, at the same moment
    public void clock(long nowNanos, long epochMillis) {
        resumption.clock(nowNanos, epochMillis);
    }

    /// {@return the memory of clients' keys, as of [ClientVerifier#key]: one a connection, where clients are asked who they are}
    MemorySegment peers() {
        return resumption.memory();
    }

    /// {@return where a connection's is}
    long peerAt(int connection) {
        return ServerResumption.MEMORY_BYTES + (long) connection * ClientVerifier.KEY_BYTES;
    }

    void checkKeepsPeers() {
        if (!asksClients() && config.handshakes() > 0) {
            throw new IllegalArgumentException("tls: a connection whose client was verified (expected one to nobody: clients are not asked here)");
        }
    }

    boolean asksClients() {
        return config.clientAuthentication() != ClientAuthentication.NONE;
    }

    ServerResumption resumption() {
        return resumption;
    }

    @Override
    public void close() {
        super.close();
        resumption.wipe();
        longHello.wipe();
    }

    /// {@return what is configured}
    public TlsServerConfig config() {
        return config;
    }

    /// {@return the handshake in a slot, or its end}
    Handshake handshake(HandshakeSlot in) {
        if (in.isSmall()) {
            return waiting(in.slot());
        }
        ServerHandshake handshake = handshakes.of(in.slot());
        handshake.of(this);
        return handshake.current();
    }

    ClientHello hello() {
        return hello;
    }

    LongHello longHello() {
        return longHello;
    }

    /// {@return whoever carries the handshake that is the next to have the place of a long hello ([TlsServerConfig#longHelloBytesMax]) for which it waits, and may ask [QuicHandshake#mayFeed] again
    /// now; each is named once in its turn; null for none. Handshakes over TLS's records stand in the same line, and ask by themselves}
    public @Nullable QuicTransport nextLongHello(long nowNanos) {
        return longHello.next(nowNanos);
    }

    /// {@return when to ask [#nextLongHello] though none of those that are named by it has gone on; `Long.MAX_VALUE` for never}
    public long longHelloNanos(long nowNanos) {
        return longHello.nextNanos(nowNanos);
    }

    /// Chooses whose certificate a client is shown: of those whose scheme it verifies, one that is for the host it names, exactly or else by a star;
    /// else the first.
    ///
    /// @return whom, held by the handshake ([ServerIdentity#letGo]); null if it verifies none that is not closed
    @Nullable
    ServerIdentity hold(ClientHello of) {
        ServerIdentity chosen = resumesOnly ? null : choose(of);
        return chosen != null && chosen.hold() ? chosen : null;
    }

    private @Nullable ServerIdentity choose(ClientHello of) {
        ServerIdentity first = null;
        ServerIdentity starred = null;
        for (int i = 0; i < identities.size(); i++) {
            ServerIdentity form = identities.get(i).form(of, config.schemes());
            if (form != null) {
                if (of.nameBytes() > 0 && form.isNamed(of.memory(), of.nameAt(), of.nameBytes(), true)) {
                    return form;
                }
                if (starred == null && of.nameBytes() > 0 && form.isNamed(of.memory(), of.nameAt(), of.nameBytes(), false)) {
                    starred = form;
                }
                first = first == null ? form : first;
            }
        }
        return starred == null ? first : starred;
    }

    @Override
    public String toString() {
        return NAME + "[" + identities.size() + " identities, " + config.connections() + " connections]";
    }
}
