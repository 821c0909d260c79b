package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.SlotObjects;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What the TLS clients of one loop share ([TlsContext]), and who decides whom they trust.
///
/// The loop's thread alone. 0 heap bytes after the factory, but for the verifier's.
public final class ClientContext extends TlsContext {
    // The workspace.
    private static final long SCHEDULE = 0;
    private static final long PACKETS = SCHEDULE + KeySchedule.workspaceBytes();

    private final TlsClientConfig config;
    private final int[] schemes;
    private final Entropy entropy;
    private final SlotObjects<ClientHandshake> handshakes;
    private final long operationAt;
    private final PacketProtection[] protections;  // by place in the configuration, as all that follows
    private final KeySchedule[] schedules;
    private final MemorySegment[] protocols;
    private final ServerHello hello = new ServerHello();

    private ClientContext(TlsClientConfig config, PeerVerifier verifier, Entropy entropy, MemorySegment lent, MemorySegment connections,
            MemorySegment work) {
        super(config, config.slots(), lent, connections, work, (memory, at, index) -> new ClientHandshake(config, verifier.another(), memory, at));
        this.config = config;
        this.schemes = verifier.schemes();
        this.entropy = entropy;
        this.operationAt = PACKETS + packetBytes(config);
        this.protections = new PacketProtection[config.suites().size()];
        this.schedules = new KeySchedule[protections.length];
        for (int i = 0; i < protections.length; i++) {
            CipherSuite suite = config.suites().get(i);
            protections[i] = new PacketProtection(PacketProtocol.TLS_1_3, suite, work, PACKETS);
            schedules[i] = new KeySchedule(suite, work, SCHEDULE);
        }
        this.protocols = config.protocols().stream().map(Wire::ascii).toArray(MemorySegment[]::new);
        this.handshakes = pool().objects(KIND_HANDSHAKE, ClientHandshake.class);
    }

    private static long packetBytes(TlsClientConfig config) {
        return config.suites().stream().mapToLong(PacketProtection::workspaceBytes).max().orElseThrow();
    }

    static long workspaceBytes(TlsClientConfig config) {
        return PACKETS + packetBytes(config) + NamedGroup.workspaceBytes();
    }

    /// {@return a context over the row that [TlsClientConfig#plan] describes}
    ///
    /// @param verifier  asked for one for each handshake at a time
    /// @param entropy   `Entropy.SYSTEM` but in tests
    /// @param memory    exactly as many bytes as the plan says, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  memory of another kind or size (caller's fault); nothing is held or written
    public static ClientContext over(TlsClientConfig config, PeerVerifier verifier, Entropy entropy, MemorySegment memory) {
        MemoryPlan plan = config.plan();
        checkMemory(plan, memory);
        return new ClientContext(config, verifier, entropy, row(memory, plan, SLOTS), row(memory, plan, CONNECTIONS),
                row(memory, plan, WORKSPACE));
    }

    /// {@return what is configured}
    public TlsClientConfig config() {
        return config;
    }

    ClientHandshake handshake(long slot) {
        return handshakes.of(slot);
    }

    ServerHello serverHello() {
        return hello;
    }

    /// {@return the schemes that the verifier verifies}
    int[] schemes() {
        return schemes;
    }

    Entropy entropy() {
        return entropy;
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

    @Override
    List<String> protocolNames() {
        return config.protocols();
    }

    @Override
    public String toString() {
        return "tls client[" + config.connections() + " connections]";
    }
}
