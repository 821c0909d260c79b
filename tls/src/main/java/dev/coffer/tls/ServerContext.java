package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.SlotObjects;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the TLS servers of one loop share ([TlsContext]), and who they are.
///
/// The loop's thread alone. 0 heap bytes after the factory.
public final class ServerContext extends TlsContext {
    private static final String NAME = "tls";

    // The workspace.
    private static final long SCHEDULE = 0;
    private static final long PACKETS = SCHEDULE + KeySchedule.workspaceBytes();

    private final TlsServerConfig config;
    private final Entropy entropy;
    private List<ServerIdentity> identities;
    private final SlotObjects<ServerHandshake> handshakes;
    private final long operationAt;
    private final PacketProtection[] protections;  // by place in the configuration, as all that follows
    private final KeySchedule[] schedules;
    private final MemorySegment[] protocols;
    private final ClientHello hello;

    private ServerContext(TlsServerConfig config, List<ServerIdentity> identities, Entropy entropy, MemorySegment lent,
            MemorySegment connections, MemorySegment work) {
        List<ServerIdentity> checked = checked(config, identities);
        super(config, config.slots(), lent, connections, work, (memory, at, index) -> new ServerHandshake(config, memory, at));
        this.config = config;
        this.entropy = entropy;
        this.identities = checked;
        this.operationAt = PACKETS + packetBytes(config);
        this.protections = new PacketProtection[config.suites().size()];
        this.schedules = new KeySchedule[protections.length];
        for (int i = 0; i < protections.length; i++) {
            CipherSuite suite = config.suites().get(i);
            protections[i] = new PacketProtection(PacketProtocol.TLS_1_3, suite, work, PACKETS);
            schedules[i] = new KeySchedule(suite, work, SCHEDULE);
        }
        this.protocols = config.protocols().stream().map(Wire::ascii).toArray(MemorySegment[]::new);
        this.hello = new ClientHello(work, operationAt + operationBytes(config));
        this.handshakes = pool().objects(KIND_HANDSHAKE, ServerHandshake.class);
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
        checkMemory(plan, memory);
        return new ServerContext(config, identities, entropy, row(memory, plan, SLOTS),
                row(memory, plan, CONNECTIONS), row(memory, plan, WORKSPACE));
    }

    private static List<ServerIdentity> checked(TlsServerConfig config, List<ServerIdentity> who) {
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
    /// @throws IllegalArgumentException  as of [#over]; nothing changes
    public void identities(List<ServerIdentity> newIdentities) {
        identities = checked(config, newIdentities);
    }

    /// {@return what is configured}
    public TlsServerConfig config() {
        return config;
    }

    ServerHandshake handshake(long slot) {
        ServerHandshake handshake = handshakes.of(slot);
        handshake.of(this);
        return handshake;
    }

    Entropy entropy() {
        return entropy;
    }

    ClientHello hello() {
        return hello;
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

    @Override
    List<String> protocolNames() {
        return config.protocols();
    }

    @Override
    public String toString() {
        return NAME + "[" + identities.size() + " identities, " + config.connections() + " connections]";
    }
}
