package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.pool.SlotObjects;
import dev.coffer.memory.pool.SlotPool;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the TLS servers of one loop share: who they are, the pools from which a handshake or a record in flight is lent its memory, the
/// workspace of all cryptography, and where random bytes come from.
///
/// ```
///   tls lent         handshakes | records        by need, wiped when given back
///   tls connections  keys of both directions     one a connection, wiped at its end
///   tls workspace    zero between calls
/// ```
///
/// The loop's thread alone. 0 heap bytes after the factory.
public final class ServerContext implements AutoCloseable {
    private static final String NAME = "tls";

    // The workspace.
    private static final long SCHEDULE = 0;
    private static final long PACKETS = SCHEDULE + KeySchedule.workspaceBytes();

    private final TlsServerConfig config;
    private final Entropy entropy;
    private List<ServerIdentity> identities;
    private final SlotPool pool;
    private final SlotObjects<ServerHandshake> handshakes;
    private final SlotObjects<RecordInput> records;
    private final MemorySegment connections;
    private final MemorySegment work;
    private final long operationAt;
    private final long helloAt;
    private final PacketProtection[] protections;  // by place in the configuration, as all that follows
    private final KeySchedule[] schedules;
    private final MemorySegment[] protocols;
    private final ClientHello hello;

    private ServerContext(TlsServerConfig config, List<ServerIdentity> identities, Entropy entropy, MemorySegment lent,
            MemorySegment connections, MemorySegment work) {
        this.config = config;
        this.entropy = entropy;
        this.connections = connections;
        this.work = work;
        this.operationAt = PACKETS + packetBytes(config);
        this.helloAt = operationAt + operationBytes(config);
        this.protections = new PacketProtection[config.suites().size()];
        this.schedules = new KeySchedule[protections.length];
        for (int i = 0; i < protections.length; i++) {
            CipherSuite suite = config.suites().get(i);
            protections[i] = new PacketProtection(PacketProtocol.TLS_1_3, suite, work, PACKETS);
            schedules[i] = new KeySchedule(suite, work, SCHEDULE);
        }
        this.protocols = config.protocols().stream().map(Wire::ascii).toArray(MemorySegment[]::new);
        this.hello = new ClientHello(work, helloAt);
        this.identities = checked(identities);
        this.pool = SlotPool.over(config.slots(), lent, (memory, at, index) -> new ServerHandshake(this, memory, at),
                (memory, at, index) -> new RecordInput(memory, at));
        this.handshakes = pool.objects(TlsServerConfig.KIND_HANDSHAKE, ServerHandshake.class);
        this.records = pool.objects(TlsServerConfig.KIND_RECORD, RecordInput.class);
    }

    private static long packetBytes(TlsServerConfig config) {
        return config.suites().stream().mapToLong(PacketProtection::workspaceBytes).max().orElseThrow();
    }

    /// What is needed one at a time: a key exchange, a signature.
    private static long operationBytes(TlsServerConfig config) {
        return Math.max(NamedGroup.workspaceBytes(),
                config.schemes().stream().mapToLong(SignatureScheme::workspaceBytes).max().orElseThrow());
    }

    static long workspaceBytes(TlsServerConfig config) {
        return PACKETS + packetBytes(config) + operationBytes(config) + ClientHello.WORKSPACE_BYTES;
    }

    /// {@return a context over the row that [TlsServerConfig#plan] describes}
    ///
    /// @param identities  who the server is, the first for clients that name no host or an unknown one; not closed here
    /// @param entropy     `Entropy.SYSTEM` but in tests
    /// @param memory      exactly as many bytes as the plan says, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  no identity, one whose scheme is not configured, or memory of another kind or size (caller's
    ///                                   fault); nothing is held or written
    public static ServerContext over(TlsServerConfig config, List<ServerIdentity> identities, Entropy entropy, MemorySegment memory) {
        MemoryPlan plan = config.plan();
        if (memory.byteSize() != plan.totalBytes()) {
            throw new IllegalArgumentException("tls: memory of " + memory.byteSize() + " bytes (expected " + plan.totalBytes() + ")");
        }
        return new ServerContext(config, identities, entropy, row(memory, plan, TlsServerConfig.SLOTS),
                row(memory, plan, TlsServerConfig.CONNECTIONS), row(memory, plan, TlsServerConfig.WORKSPACE));
    }

    private static MemorySegment row(MemorySegment memory, MemoryPlan plan, String name) {
        return memory.asSlice(plan.offsetOf(name), plan.child(name).totalBytes());
    }

    private List<ServerIdentity> checked(List<ServerIdentity> who) {
        if (who.isEmpty()) {
            throw new IllegalArgumentException("tls: no identity (expected one at least)");
        }
        for (ServerIdentity identity : who) {
            if (!config.schemes().contains(identity.scheme())) {
                throw new IllegalArgumentException("tls: an identity that signs with " + identity.scheme() + " (expected one of "
                        + config.schemes() + ")");
            }
        }
        return List.copyOf(who);
    }

    /// Puts other identities in the place of these, for handshakes that begin from here on; those under way end as they began. The
    /// caller closes the old ones when none is under way any more: [#handshaking] says how many are.
    ///
    /// @throws IllegalArgumentException  as of [#open]; nothing changes
    public void identities(List<ServerIdentity> newIdentities) {
        identities = checked(newIdentities);
    }

    /// {@return handshakes that are under way}
    public long handshaking() {
        return pool.lent(TlsServerConfig.KIND_HANDSHAKE);
    }

    /// {@return what is configured}
    public TlsServerConfig config() {
        return config;
    }

    /// {@return accounts for a ledger: the pool's two kinds}
    public List<Account> accounts() {
        return List.of(pool.account(TlsServerConfig.KIND_HANDSHAKE), pool.account(TlsServerConfig.KIND_RECORD));
    }

    SlotPool pool() {
        return pool;
    }

    ServerHandshake handshake(long slot) {
        return handshakes.of(slot);
    }

    RecordInput record(long slot) {
        return records.of(slot);
    }

    RecordKeys keys(int connection) {
        return new RecordKeys(connections, connection * config.connectionBytes(), config.keysBytes());
    }

    Entropy entropy() {
        return entropy;
    }

    ClientHello hello() {
        return hello;
    }

    MemorySegment workspace() {
        return work;
    }

    long operationAt() {
        return operationAt;
    }

    PacketProtection protection(int suite) {
        return protections[suite];
    }

    KeySchedule schedule(int suite) {
        return schedules[suite];
    }

    MemorySegment[] protocols() {
        return protocols;
    }

    /// {@return whose certificate a client is shown: of those whose scheme it verifies, one that is for the host it names, else the first;
    /// null if it verifies none}
    @Nullable
    ServerIdentity identity(ClientHello of) {
        ServerIdentity first = null;
        for (int i = 0; i < identities.size(); i++) {
            ServerIdentity identity = identities.get(i);
            if (of.offersScheme(identity.scheme().code())) {
                if (of.nameBytes() > 0 && identity.isFor(of.memory(), of.nameAt(), of.nameBytes())) {
                    return identity;
                }
                first = first == null ? identity : first;
            }
        }
        return first;
    }

    /// Wipes everything; the connections must be closed before. Twice is harmless.
    @Override
    public void close() {
        pool.close();
        if (connections.scope().isAlive()) {
            Wipe.segment(connections);
            Wipe.segment(work);
        }
    }

    @Override
    public String toString() {
        return NAME + "[" + identities.size() + " identities, " + config.connections() + " connections]";
    }
}
