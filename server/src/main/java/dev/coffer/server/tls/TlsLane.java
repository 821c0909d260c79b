package dev.coffer.server.tls;

import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.time.Now;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// TLS in one loop, before another lane: every connection has a [TlsProtocol] of its own, which borrows one of the inner lane's while there
/// is something to say. A newcomer without a seat hears nothing but the end of its connection: no words would be words of TLS.
@SuppressWarnings("exports")  // of the drivers' package, which users of a server do not see: a lane is the server's own
public final class TlsLane implements Lane {
    private static final byte[] NOTHING = {};

    private final Tls tls;
    private final TlsServerConfig config;
    private final Lane inner;
    private final int connections;
    private final SlotAccount account;
    private @Nullable ServerContext context;
    private List<ServerIdentity> identities = List.of();
    private @Nullable TicketKeys ticketKeys;
    private @Nullable ClientVerifier clients;
    private @Nullable LoopContext loop;
    private TlsProtocol[] free = {};
    private int freeCount;

    /// @param connections     of the loop
    /// @param outputBytesMin  the largest of the inner lane's engines
    public TlsLane(Tls tls, Lane inner, int connections, int outputBytesMin) {
        this(tls, inner, connections, 0, 0, outputBytesMin);
    }

    /// A lane whose context also has the handshakes of connections that QUIC carries: those behind its own, from number `connections` on.
    ///
    /// @param carried            of them
    /// @param carriedHandshakes  of these, at a time: no more than so many wait beside those of the lane's own
    public TlsLane(Tls tls, Lane inner, int connections, int carried, int carriedHandshakes, int outputBytesMin) {
        this.tls = tls;
        this.inner = inner;
        this.connections = connections;
        int all = connections + carried;
        TlsServerConfig counted = tls.config().withCounts(all, Math.min(tls.config().handshakes(), all), Math.min(tls.config().records(), connections));
        int waiting = Math.clamp(connections + carriedHandshakes - (long) counted.handshakes(), 0, counted.waiting());
        this.config = counted.withWaiting(waiting).withCarried(carried).withCarriedOutputBytesMin(outputBytesMin);
        this.account = new SlotAccount("tls connections", config.connectionBytes(), connections);
    }

    /// {@return what its handshakes have in common, once it is open}
    public ServerContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    /// {@return connections of its own: the number of the first that QUIC carries}
    public int connections() {
        return connections;
    }

    /// {@return what is configured, with the counts of this lane}
    public TlsServerConfig config() {
        return config;
    }

    /// {@return the key of QUIC's stateless resets, or null}
    public @Nullable MemorySegment resetKey() {
        return tls.resetKey();
    }

    /// {@return the keys that tickets are sealed under now, or null}
    public @Nullable TicketKeys ticketKeys() {
        return ticketKeys;
    }

    Lane inner() {
        return inner;
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("https", config.plan().withHeap(connections * TlsProtocol.heapBytes()
                + HeapLayout.array(TlsProtocol.class, connections)), inner.plan());
    }

    @Override
    public int timers() {
        return inner.timers();
    }

    @Override
    public int datagrams() {
        return inner.datagrams();
    }

    @Override
    public void open(LoopContext of, MemorySegment memory) throws IOException {
        loop = of;
        MemoryPlan plan = plan();
        identities = tls.identities();
        clients = tls.clients();
        context = ServerContext.over(config, identities, clients, Entropy.SYSTEM, row(memory, plan, config.plan()));
        context.keyLog(tls.keyLog());
        of.own(row(memory, plan, config.plan()));
        free = new TlsProtocol[connections];
        for (int i = free.length - 1; i >= 0; i--) {
            free[freeCount++] = new TlsProtocol(this, context(), i);
        }
        resumption();
        inner.open(of, row(memory, plan, inner.plan()));
    }

    private static MemorySegment row(MemorySegment memory, MemoryPlan plan, MemoryPlan child) {
        return memory.asSlice(plan.offsetOf(child.name()), child.totalBytes());
    }

    @Override
    public List<Account> accounts() {
        List<Account> all = new ArrayList<>(inner.accounts());
        all.add(account);
        all.addAll(context().accounts());
        return all;
    }

    @Override
    public @Nullable Protocol acquire() {
        if (freeCount == 0) {
            return null;
        }
        account.taken();
        return free[--freeCount];
    }

    @Override
    public void release(Protocol protocol) {
        free[freeCount++] = (TlsProtocol) protocol;
        account.released();
    }

    @Override
    public long silenceNanosMax() {
        return config.handshakeNanosMax();
    }

    @Override
    public long graceNanos() {
        return inner.graceNanos();
    }

    @Override
    public long bytesPerSecondMin() {
        return inner.bytesPerSecondMin();
    }

    @Override
    public byte[] refusal() {
        return NOTHING;
    }

    @Override
    public void tick() {
        List<ServerIdentity> now = tls.identities();
        if (now != identities) {
            identities = now;
            context().identities(now);
        }
        ClientVerifier verifier = tls.clients();
        if (verifier != clients && verifier != null) {
            clients = verifier;
            context().clients(verifier);
        }
        resumption();
        inner.tick();
    }

    private void resumption() {
        Now now = Objects.requireNonNull(loop, "opened").now();
        context().clock(now.nanos(), now.epochSeconds() * 1000);
        TicketKeys keys = tls.ticketKeys();
        if (keys != ticketKeys) {
            ticketKeys = keys;
            context().ticketKeys(keys);
        }
        context().replayGuard(tls.replayGuard());
    }

    @Override
    public void takeIn() {
        inner.takeIn();
    }

    @Override
    public boolean dispatch() {
        return inner.dispatch();
    }

    @Override
    public void close() {
        inner.close();
        if (context != null) {
            context.close();
        }
    }
}
