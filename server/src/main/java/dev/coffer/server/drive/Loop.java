package dev.coffer.server.drive;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.PageSweep;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.EpollSockets;
import dev.coffer.server.net.NioSockets;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Time;
import dev.coffer.server.time.Timer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One event loop: a thread, its region, and all that lives in it. What its connections speak is its [Lane]'s.
///
/// The first loop accepts for all: each newcomer goes to the loop with the most free [Seats]; only when no loop has one
/// is it turned away, at the [Door]. Beyond that loops share nothing but the ledger's numbers, which anyone may read.
///
/// Opened and listening by one thread, run by another, stopped from any. When no descriptor is left newcomers are turned
/// away with those that the door holds back, and when these are out too, they wait. What is open is never closed for a
/// newcomer.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Loop implements Runnable, AutoCloseable {
    /// Bytes of a lane's refusal, at most.
    public static final int REFUSAL_BYTES_MAX = 256;
    /// Descriptors that the loop that accepts holds beside those of its connections: the listener, the door's.
    public static final int DESCRIPTORS_TO_ACCEPT = 1 + Door.SLOTS + Door.SPARES;
    /// Descriptors of every loop: epoll and the counter that wakes it; the JDK's selector has one more.
    public static final int DESCRIPTORS = 3;

    private static final int RECEIVED_BYTES = 1 << 14;
    private static final long NEVER = Long.MAX_VALUE;
    /// Timers beside those of the connections and the lane: the pause, the door, the stop.
    private static final int OWN_TIMERS = 3;
    private static final int TIMERS_A_LINE = 4;  // a cache line full, so that the next row needs no rounding

    private final LoopConfig config;
    private final Lane lane;
    private final Time time;
    private final Region region;
    private final Sockets sockets;
    private final Shared shared;
    private final @Nullable Door door;      // of the loop that accepts, else null
    private final StreamDriver[] drivers;
    private final Acceptor acceptor;
    private final TimerWheel timers;
    private final LoopTimer[] laneTimers;
    private int laneTimerCount;
    private final DatagramDrivers datagrams;
    private final @Nullable Sweeping sweeping;  // null where memory is committed at open
    private final Now now = new Now();
    private final TimerWheel.Expiry fired = this::fired;
    private volatile boolean stopping;
    private long stopUntil = NEVER;
    private boolean closed;

    /// Opens the region and everything in it; listens when told to by [#listen].
    ///
    /// @param lane  planned, not opened; closed with the loop, and where this is refused
    /// @throws IOException  the lane was refused something, or the system gave no descriptor; nothing is held
    public Loop(LoopConfig config, Lane lane, Tally tally, Time time) throws IOException {
        this(config, lane, tally, time, null);
    }

    private Door door() {
        return Objects.requireNonNull(door, "it accepts");
    }

    /// Opens a loop over other sockets than the system's: those of a simulated network.
    ///
    /// @param given  with as many slots as the configuration wants ([LoopConfig#sockets]), closed with the loop; null for the
    ///               system's
    /// @throws IOException  as above
    public Loop(LoopConfig config, Lane lane, Tally tally, Time time, @Nullable Sockets given) throws IOException {
        this.config = config;
        this.lane = lane;
        this.time = time;
        this.region = Region.open(config.region(), plan(config, lane));
        DatagramDrivers opened = null;
        Sockets openSockets = given;
        try {
            int slots = config.connections();
            sockets = openSockets = given != null ? given
                    : isLinux(config.portable()) ? new EpollSockets(config.sockets(), region.carve("sockets"))
                            : new NioSockets(config.sockets() + lane.datagrams());
            now.read(time);
            timers = TimerWheel.open(timers(config, lane), region, now.nanos());
            laneTimers = new LoopTimer[lane.timers()];
            datagrams = opened = new DatagramDrivers(lane.datagrams(), sockets, config.sockets(), timers,
                    slots + OWN_TIMERS + laneTimers.length, now);
            sweeping = config.commit() == RegionConfig.Commit.ON_TOUCH
                    ? new Sweeping(PageSweep.over(region, region.carve("page sweep"))) : null;
            MemorySegment refusal = region.carve("refusal");
            MemorySegment.copy(MemorySegment.ofArray(lane.refusal()), 0, refusal, 0, lane.refusal().length);
            MemorySegment received = region.carve("received");
            SlotPool lent = SlotPool.open(Shared.lent(config), region);
            shared = new Shared(config, lane, sockets, lent, timers, tally, now, received, refusal);
            own(received);
            own(lent.segment());
            door = config.accepts() ? new Door(shared, slots, doorTimer()) : null;
            if (door != null && !door.restock()) {
                throw new IOException("no file descriptor left");
            }
            drivers = new StreamDriver[slots];
            for (int slot = 0; slot < slots; slot++) {
                drivers[slot] = new StreamDriver(shared, slot);
            }
            acceptor = new Acceptor(shared, drivers, door, pauseTimer());
            region.carve("connections");
            lane.open(new Context(), region.carve(lane.plan().name()));
        } catch (IOException | RuntimeException | Error e) {
            close(opened, lane, openSockets, region);
            throw e;
        }
    }

    private void own(MemorySegment rows) {
        if (sweeping != null) {
            sweeping.own(rows);
        }
    }

    /// Whatever one of them throws, the others are closed.
    private static void close(@Nullable DatagramDrivers datagrams, Lane lane, @Nullable Sockets sockets, Region region) {
        try {
            if (datagrams != null) {
                datagrams.close();
            }
        } finally {
            try {
                lane.close();
            } finally {
                try {
                    if (sockets != null) {
                        sockets.close();
                    }
                } finally {
                    region.close();
                }
            }
        }
    }

    /// The loop as its lane sees it.
    private final class Context implements LoopContext {
        @Override
        public int index() {
            return config.index();
        }

        @Override
        public Now now() {
            return now;
        }

        @Override
        public Timer timer(Runnable task) {
            if (laneTimerCount == laneTimers.length) {
                throw new IllegalStateException("timers: " + laneTimers.length + " were planned");
            }
            LoopTimer timer = new LoopTimer(timers, config.connections() + OWN_TIMERS + laneTimerCount, task);
            laneTimers[laneTimerCount++] = timer;
            return timer;
        }

        @Override
        public int connect(InetSocketAddress address, long untilNanos) {
            if (shared.isFull()) {
                return NO_SEAT;
            }
            int slot = shared.freeSlot();
            int result = sockets.connect(slot, address);
            if (result != Sockets.NOTHING) {
                return result == Sockets.NO_DESCRIPTOR ? NO_DESCRIPTOR : REFUSED;
            }
            shared.seats.take();
            shared.seated();
            drivers[slot].connect(untilNanos);
            return slot;
        }

        @Override
        public void use(int seat, Protocol protocol) {
            drivers[seat].use(protocol, now.nanos());
        }

        @Override
        public void close(int seat) {
            drivers[seat].close(now.nanos());
        }

        @Override
        public DatagramDriver drive(Datagrams socket, DatagramProtocol protocol) {
            return datagrams.drive(socket, protocol);
        }

        @Override
        public void own(MemorySegment rows) {
            Loop.this.own(rows);
        }

        @Override
        public void wake() {
            sockets.wake();
        }
    }

    /// {@return whether Linux's own calls are used}
    ///
    /// @param portable  whether that is not wanted
    public static boolean isLinux(boolean portable) {
        return !portable && EpollSockets.available();
    }

    private static TimerWheel.Config timers(LoopConfig config, Lane lane) {
        return TimerWheel.Config.defaults("deadlines",
                Math.toIntExact(Align.up(config.connections() + OWN_TIMERS + lane.timers() + lane.datagrams(), TIMERS_A_LINE)));
    }

    private int pauseTimer() {
        return config.connections();
    }

    private int doorTimer() {
        return config.connections() + 1;
    }

    private int stopTimer() {
        return config.connections() + 2;
    }

    /// {@return what one loop holds, without what the region adds; its heap bytes are those of the tables, which grow
    /// with the configuration, and not of the few dozen objects that each loop has one of}
    public static MemoryPlan plan(LoopConfig config, Lane lane) {
        int slots = config.connections();
        MemoryPlan[] rows = {
                isLinux(config.portable()) ? EpollSockets.plan(config.sockets()) : NioSockets.plan(),
                MemoryPlan.block("received", RECEIVED_BYTES, 1, "from any connection, fed at once and wiped"),
                MemoryPlan.block("refusal", REFUSAL_BYTES_MAX, 1, "as it is sent"),
                SlotPool.plan(Shared.lent(config)),
                MemoryPlan.block("connections", 0, slots, "idle ones; a protocol is lent when bytes come")
                        .withHeap(slots * StreamDriver.heapBytes() + HeapLayout.array(StreamDriver.class, slots)
                                + Shared.heapBytes(slots)
                                + HeapLayout.array(LoopTimer.class, lane.timers())
                                + lane.timers() * HeapLayout.instance(LoopTimer.class)
                                + DatagramDrivers.heapBytes(lane.datagrams())),
                TimerWheel.plan(timers(config, lane)),
                lane.plan()};
        MemoryPlan data = MemoryPlan.group("data", rows);
        if (config.commit() == RegionConfig.Commit.ON_OPEN) {
            return data;
        }
        MemoryPlan[] all = Arrays.copyOf(rows, rows.length + 1);
        all[rows.length - 1] = PageSweep.plan(data);
        all[rows.length] = rows[rows.length - 1];  // the lane's last, as it may have any length
        return MemoryPlan.group("data", all);
    }

    /// Listens, for itself and others.
    ///
    /// @param all  the loops to accept for, this one the first
    /// @throws IOException  the system refused: its message says why in a few words
    public void listen(InetSocketAddress address, Loop[] all) throws IOException {
        assert all[0] == this : "not the loop that accepts";
        sockets.listen(address);
        Acceptor[] acceptors = new Acceptor[all.length];
        for (int i = 0; i < all.length; i++) {
            acceptors[i] = all[i].acceptor;
        }
        acceptor.acceptFor(acceptors);
    }

    /// {@return where it listens}
    public InetSocketAddress address() {
        return Objects.requireNonNull(sockets.address(), "it listens");
    }

    /// {@return its memory}
    public Region region() {
        return region;
    }

    /// {@return who speaks for which row of the region}
    public Account[] accounts() {
        List<Account> all = new ArrayList<>(lane.accounts());
        all.add(shared.account);
        all.add(shared.lent);
        all.add(timers);
        return all.toArray(Account[]::new);
    }

    /// {@return connections that are open; for any thread}
    public long connections() {
        return shared.account.count();
    }

    @Override
    public void run() {
        tick();
        if (sweeping != null) {
            sweeping.noticed(now.nanos());  // what opening has touched
        }
        while (!isDone()) {
            turn(timeoutNanos());
        }
    }

    /// One turn; [#run] is one after another.
    ///
    /// @param timeoutNanos  to wait for something to do; 0 not at all, `Long.MAX_VALUE` for ever
    public void turn(long timeoutNanos) {
        int count = sockets.await(shared.promiseToYielded() ? 0 : timeoutNanos);
        tick();
        long nanos = now.nanos();
        boolean pending = false;
        boolean woken = false;
        for (int i = 0; i < count; i++) {
            int slot = sockets.readySlot(i);
            if (slot == Sockets.LISTENER) {
                pending = true;
            } else if (slot == Sockets.WAKE) {
                woken = true;
            } else if (slot >= config.sockets()) {
                datagrams.ready(slot, sockets.readyOperations(i));
            } else if (slot >= drivers.length) {
                door().ready(slot);
            } else {
                assert sockets.isOpen(slot) : "slot " + slot + " is free";  // only its own report closes a connection
                drivers[slot].ready(sockets.readyOperations(i), nanos);
            }
        }
        if (stopping && stopUntil == NEVER) {
            shutdown();
        }
        if (sweeping != null && count > 0) {
            sweeping.noticed(nanos);
        }
        lane.takeIn();  // after the wake was read: what is left from here on wakes anew
        timers.advance(nanos, fired);
        if (sweeping != null) {
            sweeping.turn(nanos);
        }
        do {
            turns();
        } while (lane.dispatch());
        acceptor.resumeWhereLeft();
        // last, so that no slot is taken anew while a report on its old connection may be unread
        if (woken) {
            acceptor.adopt(stopUntil != NEVER);
        }
        if (pending) {
            acceptor.accept();
        }
        if (isDone()) {
            timers.cancel(stopTimer());
            timers.cancel(doorTimer());  // whom it was for may have left before
        }
    }

    /// Gives everyone a turn who was promised one.
    private void turns() {
        for (StreamDriver driver; (driver = shared.nextTurn()) != null;) {
            driver.promisedTurn(now.nanos());
        }
    }

    private void tick() {
        now.read(time);
        lane.tick();
    }

    private long timeoutNanos() {
        long until = sweeping == null ? timers.nextDeadlineNanos() : sweeping.earlier(timers.nextDeadlineNanos());
        return until == NEVER ? NEVER : Math.max(until - now.nanos(), 0);
    }

    private void fired(int timer) {
        int slots = drivers.length;
        if (sweeping != null) {
            sweeping.noticed(now.nanos());
        }
        if (timer < slots) {
            drivers[timer].onTimer(now.nanos());
        } else if (timer == pauseTimer()) {
            acceptor.resume();
        } else if (timer == doorTimer()) {
            door().onTimer(now.nanos());
        } else if (timer != stopTimer()) {  // that one only ends a wait
            int own = timer - slots - OWN_TIMERS;
            if (own < laneTimers.length) {
                laneTimers[own].task.run();
            } else {
                datagrams.onTimer(timer);
            }
        }
    }

    /// Lets newcomers wait for a moment.
    public void pauseAccepting() {
        acceptor.pause();
    }

    /// Asks the loop to stop: no new connection, answers in flight are finished. From any thread.
    public void stop() {
        stopping = true;
        sockets.wake();
    }

    private void shutdown() {
        stopUntil = now.nanos() + config.stopNanosMax();
        timers.arm(stopTimer(), stopUntil);
        acceptor.end();
        for (StreamDriver driver : drivers) {
            driver.shutdown(now.nanos());
        }
        datagrams.shutdown();
    }

    /// {@return whether a stop has come to its end}
    public boolean isDone() {
        return stopping && stopUntil != NEVER
                && (shared.isEmpty() && (door == null || door.isEmpty()) && datagrams.areEnded() || now.nanos() >= stopUntil);
    }

    /// Closes everything, wipes and unmaps. When the loop does not run. Safe to call twice.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            for (StreamDriver driver : drivers) {
                driver.close(now.nanos());
            }
        } finally {
            close(datagrams, lane, sockets, region);
        }
    }
}
