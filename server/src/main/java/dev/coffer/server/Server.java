package dev.coffer.server;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.drive.LoopConfig;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.TlsLane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A server: one [Loop] a thread; the first accepts for all. What it serves is its [Site].
///
/// ```java
/// try (Server server = Server.open(ServerConfig.standard(), Site.of(exchange -> exchange.respond(Status.NO_CONTENT)))) {
///     server.start();
///     ...
/// }   // stops: answers in flight are finished, then all memory is wiped
/// ```
///
/// Opened and started by one thread; [#close], [#stop] and everything that only tells may be called by any.
public final class Server implements Overview, AutoCloseable {
    /// How long clients may remember that HTTP/3 is spoken (RFC 7838, section 3.1).
    private static final int ALTERNATIVE_SECONDS = 86_400;
    /// Ports of the system's choice over TCP that are tried, until one is free for UDP too.
    private static final int PORT_TRIES = 4;

    private final ServerConfig config;
    private final Site site;
    private final List<Annex> annexes;
    private final List<Loop> loops;                 // those that serve the site, then the annexes'
    private final List<LoopStatistics> statistics;  // of those that serve the site
    private final List<Thread> threads;     // with room for all: one that runs must be in it
    private final Ledger ledger;
    private volatile boolean failed;
    private boolean closed;

    private Server(ServerConfig config, Site site, List<Annex> annexes, List<Loop> loops, List<LoopStatistics> statistics) {
        this.config = config;
        this.site = site;
        this.annexes = annexes;
        this.loops = loops;
        this.statistics = statistics;
        this.threads = new ArrayList<>(loops.size());
        this.ledger = Ledger.of("coffer serve", loops.stream()
                .map(loop -> Ledger.region(loop.region(), loop.accounts())).toArray(Ledger.Part[]::new));
    }

    /// {@return what a server of that configuration holds: a region for each loop and each annex}
    public static MemoryPlan plan(ServerConfig config, Site site, Annex... annexes) {
        return planned(config, site, List.of(annexes));
    }

    private static MemoryPlan planned(ServerConfig config, Site site, List<Annex> annexes) {
        List<MemoryPlan> regions = new ArrayList<>();
        for (int i = 0; i < config.loops(); i++) {
            regions.add(region(config.loop(i), secured(config, new HttpLane(config, site, i, new LoopStatistics()), i)));
        }
        for (Annex annex : annexes) {
            regions.add(region(annex.loop(config, annexes.size()),
                    new HttpLane(annex.config(config, annexes.size()), annex.site(), 0, new LoopStatistics())));
        }
        return MemoryPlan.group("serve", regions.toArray(MemoryPlan[]::new));
    }

    /// {@return the lane behind TLS, where the server speaks that, and beside QUIC, where this loop does}
    static Lane secured(ServerConfig config, HttpLane lane, int loop) {
        if (config.tls() == null) {
            return lane;
        }
        TlsLane tls = new TlsLane(config.tls(), lane, config.connectionsOf(loop), config.http3ConnectionsOf(loop), config.http3HandshakesOf(loop),
                config.headBytesMax());
        return config.http3() == null || loop > 0 ? tls : new Http3Lane(config.http3(), config.portable(), tls, lane);
    }

    private static MemoryPlan region(LoopConfig loop, Lane lane) {
        return Region.plan(loop.region(), Loop.plan(loop, lane));
    }

    /// Reserves all memory and listens; connections wait until [#start].
    ///
    /// Before that, once a process, every path that a request can take is run on a private connection, so that nothing has
    /// to be loaded, linked or opened for the first time when memory or descriptors are short. The limit of file
    /// descriptors is raised as far as the process may; where that is not enough for what the site would hold, it is made to
    /// do with fewer: compare [#site].
    ///
    /// @param annexes  opened with the server, and ended with it
    /// @throws Annex.AddressException  an annex's address is in use or not ours
    /// @throws IOException      the site was refused something, the address is in use or not ours, or the system allows too
    ///                          few descriptors: the message says which, in a few words; nothing is held
    /// @throws dev.coffer.memory.MemoryLimitException  the container allows less than what is committed; nothing is held
    /// @throws dev.coffer.memory.ProtectionException  memory must be locked and cannot be; nothing is held
    public static Server open(ServerConfig config, Site site, Annex... annexes) throws IOException {
        return open(config, site, List.of(annexes), Time.SYSTEM);
    }

    static Server open(ServerConfig config, Site site, Time time) throws IOException {
        return open(config, site, List.of(), time);
    }

    private static Server open(ServerConfig config, Site site, List<Annex> annexes, Time time) throws IOException {
        Site fitted = Descriptors.provide(config, site, annexes);
        Rehearsal.once(config, fitted);
        for (Annex annex : annexes) {
            Rehearsal.once(config, annex.site());
        }
        for (int tries = 1;; tries++) {
            try {
                return assemble(config, fitted, annexes, time);
            } catch (UdpPortException e) {
                if (config.address().getPort() != 0 || tries == PORT_TRIES) {
                    throw e;
                }
            }
        }
    }

    /// The port that is listened at over TCP is not to be had for UDP.
    private static final class UdpPortException extends IOException {
        private static final long serialVersionUID = 1L;

        UdpPortException(InetSocketAddress address, IOException cause) {
            super("UDP port " + address.getPort() + ", for HTTP/3: " + cause.getMessage(), cause);
        }
    }

    /// Opens without a look at what the system allows.
    static Server assemble(ServerConfig config, Site site, List<Annex> annexes, Time time) throws IOException {
        int count = config.loops() + annexes.size();
        List<Loop> loops = new ArrayList<>(count);  // with room: an open loop that finds none would be nobody's
        List<HttpLane> lanes = new ArrayList<>(count);
        List<LoopStatistics> statistics = new ArrayList<>(count);
        Http3Lane http3 = null;
        try {
            for (int i = 0; i < config.loops(); i++) {
                LoopStatistics counts = new LoopStatistics();
                HttpLane lane = new HttpLane(config, site, i, counts);
                Lane secured = secured(config, lane, i);
                http3 = secured instanceof Http3Lane third ? third : http3;
                loops.add(new Loop(config.loop(i), secured, counts.tally(), time));
                lanes.add(lane);
                statistics.add(counts);
            }
            loops.getFirst().listen(config.address(), loops.toArray(Loop[]::new));
            if (http3 != null) {
                bind(http3, loops.getFirst().address());
                FixedFields announced = FixedFields.of(List.of("Alt-Svc: h3=\":" + loops.getFirst().address().getPort() + "\"; ma=" + ALTERNATIVE_SECONDS));
                lanes.forEach(lane -> lane.announce(announced));
            }
            for (Annex annex : annexes) {
                LoopStatistics counts = new LoopStatistics();
                HttpLane lane = new HttpLane(annex.config(config, annexes.size()), annex.site(), 0, counts);
                Loop loop = new Loop(annex.loop(config, annexes.size()), lane, counts.tally(), time);
                loops.add(loop);
                lanes.add(lane);
                listen(loop, annex);
            }
            Server server = new Server(config, site, annexes, loops, statistics);
            for (HttpLane lane : lanes) {
                lane.ready(server);
            }
            return server;
        } catch (IOException | RuntimeException | Error e) {
            close(loops, 0);
            throw e;
        }
    }

    private static void bind(Http3Lane http3, InetSocketAddress address) throws IOException {
        try {
            http3.bind(address);
        } catch (IOException e) {
            throw new UdpPortException(address, e);
        }
    }

    private static void listen(Loop loop, Annex annex) throws IOException {
        try {
            loop.listen(annex.address(), new Loop[] {loop});
        } catch (IOException e) {
            throw new Annex.AddressException(annex, e);
        }
    }

    /// Starts a thread for each loop.
    public void start() {
        if (!threads.isEmpty() || closed) {
            throw new IllegalStateException("the server was started or closed before");
        }
        for (int i = 0; i < loops.size(); i++) {
            Loop loop = loops.get(i);
            threads.add(Thread.ofPlatform().name(name(i)).start(() -> run(loop)));
        }
    }

    private String name(int loop) {
        return "coffer-" + (loop < config.loops() ? "loop-" + loop : annexes.get(loop - config.loops()).name());
    }

    /// A loop that dies of a fault takes the others along: its share of the newcomers would wait for ever.
    private void run(Loop loop) {
        try {
            loop.run();
        } catch (RuntimeException | Error e) {
            failed = true;
            stop();
            throw e;
        }
    }

    /// {@return whether a loop has died of a fault; then all of them end}
    public boolean hasFailed() {
        return failed;
    }

    @Override
    public InetSocketAddress address() {
        return loops.getFirst().address();
    }

    /// {@return where an annex listens}
    ///
    /// @param index  of the annex, in the order in which they were given
    /// @throws IndexOutOfBoundsException  it has not so many (caller's fault)
    public InetSocketAddress annexAddress(int index) {
        return loops.get(config.loops() + Objects.checkIndex(index, annexes.size())).address();
    }

    @Override
    public ServerConfig config() {
        return config;
    }

    /// {@return what is served: what was asked for, perhaps with fewer descriptors}
    public Site site() {
        return site;
    }

    @Override
    public long connections() {
        long sum = 0;
        for (int i = 0; i < config.loops(); i++) {
            sum += loops.get(i).connections();
        }
        return sum;
    }

    /// {@return the plan of what is held}
    public MemoryPlan plan() {
        return planned(config, site, annexes);
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    /// {@return the regions, one a loop, the annexes' last}
    public List<Region> regions() {
        return loops.stream().map(Loop::region).toList();
    }

    @Override
    public long count(LoopStatistics.Count what) {
        long sum = 0;
        for (int i = 0; i < statistics.size(); i++) {  // by index: an iterator is an object
            sum += statistics.get(i).of(what);
        }
        return sum;
    }

    /// Waits until every loop has ended, which is after a [#stop] or the death of a thread.
    public void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /// Asks all loops to stop; returns at once.
    public void stop() {
        for (int i = 0; i < loops.size(); i++) {  // by index, here and in `close`: there may be no heap for an iterator, nor for a method reference
            loops.get(i).stop();
        }
    }

    /// Stops, waits until the answers in flight are finished or the patience of the configuration has ended, then wipes
    /// and unmaps. Safe to call twice; whoever comes while another closes returns when that is done, so that what the loops read can be
    /// closed behind it.
    ///
    /// @throws IllegalStateException  from within a handler, on a loop's thread, which would wait for itself; [#stop] is what it may call
    ///                                (caller's fault; the server goes on)
    @Override
    public void close() {
        for (int i = 0; i < threads.size(); i++) {
            if (threads.get(i) == Thread.currentThread()) {
                throw new IllegalStateException("a server closed by its own thread");
            }
        }
        closeOnce();
    }

    private synchronized void closeOnce() {
        if (closed) {
            return;
        }
        closed = true;
        stop();
        boolean interrupted = false;
        for (int i = 0; i < threads.size(); i++) {
            interrupted |= joinFully(threads.get(i));
        }
        close(loops, 0);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Closes those that are left, whatever one of them throws.
    private static void close(List<Loop> loops, int from) {
        if (from < loops.size()) {
            try {
                loops.get(from).close();
            } finally {
                close(loops, from + 1);
            }
        }
    }

    private static boolean joinFully(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
