package dev.coffer.server;

import dev.coffer.http.DateField;
import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.files.FileTable;
import dev.coffer.server.files.Folder;
import dev.coffer.server.files.LinuxFolder;
import dev.coffer.server.files.NioFolder;
import dev.coffer.server.sockets.EpollSockets;
import dev.coffer.server.sockets.NioSockets;
import dev.coffer.server.sockets.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/// One event loop: a thread, its region, and all that lives in it.
///
/// The first loop accepts for all: each newcomer goes to the loop with the most free [Seats]; only when no loop has one
/// is it turned away, at the [Door]. Beyond that loops share nothing but the ledger's numbers, which anyone may read.
///
/// Opened and listening by one thread, run by another, stopped from any. When no descriptor is left newcomers are turned
/// away with those that the door holds back, and when these are out too, they wait. Files that are open are never closed
/// for a newcomer.
final class Loop implements Runnable, AutoCloseable {
    /// How exactly time limits are kept: they are looked after at most this often.
    private static final long SWEEP_NANOS = 50_000_000L;
    /// How long accepting pauses when no descriptor is left, unless a connection closes before.
    private static final long PAUSE_NANOS = 100_000_000L;
    /// Connections accepted before those that are open have their turn.
    private static final int ACCEPTS_MAX = 64;
    private static final int RECEIVED_BYTES = 1 << 14;
    /// The kind of what is lent to send from.
    static final int OUTPUT = 0;
    private static final long MILLI = 1_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    /// The time of one turn of the loop.
    static final class Now {
        private static final long YEAR_SECONDS = 31_556_952L;  // of the mean Gregorian year: enough for two-digit years

        private long nanos;
        private long epochSeconds;

        long nanos() {
            return nanos;
        }

        long epochSeconds() {
            return epochSeconds;
        }

        int year() {
            return 1970 + (int) (epochSeconds / YEAR_SECONDS);
        }
    }

    private final ServerConfig config;
    private final Time time;
    private final Region region;
    private final Sockets sockets;
    private final FileTable files;
    private final SlotPool lent;
    private final Page page;
    private final Door door;                // of the loop that accepts, else null
    private final Seats seats;
    private Loop[] loops = {this};          // to accept for; the first one's alone
    private final MemorySegment received;
    private final Connection[] connections;
    private final int[] free;               // slots, a stack
    private int freeCount;
    private final SlotAccount account;
    private final LoopStatistics statistics = new LoopStatistics();
    private final DateField date = new DateField();
    private final Now now = new Now();
    private long nextSweep = NEVER;
    private long resumeAt = NEVER;          // when accepting goes on after a pause
    private volatile boolean stopping;
    private long stopUntil = NEVER;
    private boolean closed;

    /// Opens the region and everything in it; listens when told to by [#listen].
    ///
    /// @throws IOException  the folder cannot be read, or the system gave no descriptor
    Loop(ServerConfig config, int index, Time time) throws IOException {
        this.config = config;
        this.time = time;
        this.region = Region.open(regionConfig(config, index), plan(config, index));
        Sockets openSockets = null;
        Folder openFolder = null;
        FileTable openFiles = null;
        try {
            int slots = config.connectionsOf(index);
            boolean linux = isLinux(config);
            sockets = openSockets = linux ? new EpollSockets(sockets(config, index), region.carve("sockets"))
                    : new NioSockets(sockets(config, index));
            openFolder = folder(linux);
            files = openFiles = new FileTable(openFolder, region.carve("files"), config.files());
            lent = SlotPool.open(lent(config, slots), region);
            page = new Page(region.carve("page"));
            received = region.carve("received");
            door = index == 0 ? new Door(sockets, slots, region.carve("door")) : null;
            if (door != null && !door.restock()) {
                throw new IOException("no file descriptor left");
            }
            seats = new Seats(slots);
            connections = new Connection[slots];
            free = new int[slots];
            freeCount = slots;
            account = new SlotAccount("connections", connectionBytes(config), slots);
            MemorySegment memory = region.carve("connections");
            for (int slot = 0; slot < slots; slot++) {
                free[slot] = slots - 1 - slot;
                long at = slot * connectionBytes(config);
                connections[slot] = new Connection(this, slot, new Http1Server(config.http(), memory, at, date),
                        new Exchange(files, page, config.http().sentHeadBytesMax()), memory, at + config.http().plan().totalBytes());
            }
        } catch (IOException | RuntimeException | Error e) {
            if (openFiles != null) {
                openFiles.close();
            } else if (openFolder != null) {
                openFolder.close();
            }
            if (openSockets != null) {
                openSockets.close();
            }
            region.close();
            throw e;
        }
    }

    private Folder folder(boolean linux) throws IOException {
        try {
            Folder folder = linux ? LinuxFolder.open(config.root(), region.carve("folder")) : null;
            return folder != null ? folder : new NioFolder(config.root(), config.files() + 1);
        } catch (IOException e) {
            throw new Server.FolderException(e);
        }
    }

    static boolean isLinux(ServerConfig config) {
        return !config.portable() && EpollSockets.available();
    }

    /// {@return what one loop holds, without what the region adds; its heap bytes are those of the tables, which grow
    /// with the configuration, and not of the few dozen objects that each loop has one of}
    static MemoryPlan plan(ServerConfig config, int index) {
        int slots = config.connectionsOf(index);
        boolean linux = isLinux(config);
        return MemoryPlan.group("data",
                linux ? EpollSockets.plan(sockets(config, index)) : NioSockets.plan(),
                MemoryPlan.block("folder", linux ? LinuxFolder.BYTES : 0),
                FileTable.plan(config.files()),
                MemoryPlan.block("received", RECEIVED_BYTES, 1, "from any connection, fed at once and wiped"),
                Page.plan(config.loops()),
                index == 0 ? Door.plan() : MemoryPlan.group("door"),
                SlotPool.plan(lent(config, slots)),
                MemoryPlan.group("connections", config.http().plan(),
                        MemoryPlan.block("own output", config.outputBytes())).times(slots)
                        .withHeap(slots * Connection.heapBytes() + HeapLayout.array(Connection.class, slots)
                                + HeapLayout.array(int.class, slots)));
    }

    /// {@return sockets of a loop: its connections, and in the first one the door's}
    private static int sockets(ServerConfig config, int index) {
        return config.connectionsOf(index) + (index == 0 ? Door.SLOTS : 0);
    }

    private static long connectionBytes(ServerConfig config) {
        return config.http().plan().totalBytes() + config.outputBytes();
    }

    /// What a connection is lent while it has something to send. When none is left it sends through its own small buffer: slower,
    /// never stopped by others who read slowly.
    private static SlotPoolConfig lent(ServerConfig config, int connections) {
        return SlotPoolConfig.of("lent memory", connections,
                SlotPoolConfig.Kind.of("output blocks", config.blockBytes(), config.blocks()));
    }

    static RegionConfig regionConfig(ServerConfig config, int index) {
        return RegionConfig.defaults("loop-" + index).with(Protection.LOCKED, config.locked());
    }

    /// Listens, for itself and others.
    ///
    /// @param all  the loops to accept for, this one the first
    void listen(InetSocketAddress address, Loop[] all) throws IOException {
        assert door != null && all[0] == this : "not the loop that accepts";
        sockets.listen(address);
        loops = all;
    }

    InetSocketAddress address() {
        return sockets.address();
    }

    Region region() {
        return region;
    }

    Account[] accounts() {
        return new Account[] {account, files.account(), lent};
    }

    /// {@return connections that are open; for any thread}
    long connections() {
        return account.count();
    }

    LoopStatistics statistics() {
        return statistics;
    }

    Page page() {
        return page;
    }

    Sockets sockets() {
        return sockets;
    }

    /// {@return memory lent to connections, to each under its slot; [#OUTPUT] is the kind to send from}
    SlotPool lent() {
        return lent;
    }

    int blockBytes() {
        return config.blockBytes();
    }

    Now now() {
        return now;
    }

    Limits limits() {
        return config.http().limits();
    }

    MemorySegment received() {
        return received;
    }

    int receivedBytesMax() {
        return RECEIVED_BYTES;
    }

    int ownBytes() {
        return config.outputBytes();
    }

    @Override
    public void run() {
        tick();
        while (!isDone()) {
            turn(timeoutMillis());
        }
    }

    /// One turn. Tests call it with a clock of their own.
    void turn(int timeoutMillis) {
        int count = sockets.await(timeoutMillis);
        tick();
        boolean pending = false;
        boolean woken = false;
        for (int i = 0; i < count; i++) {
            int slot = sockets.readySlot(i);
            if (slot == Sockets.LISTENER) {
                pending = true;
            } else if (slot == Sockets.WAKE) {
                woken = true;
            } else if (slot >= connections.length) {
                door.ready(slot);
            } else {
                assert sockets.isOpen(slot) : "slot " + slot + " is free";  // only its own report closes a connection
                connections[slot].ready(sockets.readyOperations(i), now.nanos);
            }
        }
        if (stopping && stopUntil == NEVER) {
            shutdown();
        }
        // last, so that no slot is taken anew while a report on its old connection may be unread
        if (woken) {
            adopt();
        }
        if (pending) {
            accept();
        }
        deadline(files.deadline());
        if (now.nanos >= nextSweep || now.nanos >= resumeAt) {
            sweep();
        }
    }

    private void tick() {
        now.nanos = time.nanos();
        now.epochSeconds = time.epochSeconds();
        date.update(now.epochSeconds);
    }

    private int timeoutMillis() {
        long until = Math.min(Math.min(nextSweep, resumeAt), stopUntil);
        if (until == NEVER) {
            return -1;
        }
        long left = until - now.nanos;
        return left <= 0 ? 0 : (int) Math.min(Math.ceilDiv(left, MILLI), Integer.MAX_VALUE);
    }

    /// Takes pending connections and gives each a seat, here or in another loop, or the door.
    private void accept() {
        for (int i = 0; i < ACCEPTS_MAX; i++) {
            int result = sockets.accept();
            boolean spent = result == Sockets.NO_DESCRIPTOR && sockets.spend();
            if (spent) {
                result = sockets.accept();
            }
            if (result == Sockets.NOTHING) {
                door.restock();
                return;
            }
            if (result == Sockets.NO_DESCRIPTOR) {
                door.restock();  // someone was faster: what was let go is gone, another may be free
                pauseAccepting();
                return;
            }
            Loop server = spent ? null : emptiest();
            if (server == null) {
                statistics.add(Count.TURNED_AWAY);
                door.turnAway(now.nanos);
                deadline(door.deadline());
            } else {
                server.seats.take();
                if (server == this) {
                    seat();
                } else {
                    sockets.pass(server.sockets);
                }
            }
        }
    }

    /// Lets newcomers wait for a moment.
    void pauseAccepting() {
        statistics.add(Count.ACCEPT_PAUSED);
        sockets.listening(false);
        resumeAt = now.nanos + PAUSE_NANOS;
    }

    /// {@return the loop with the most free seats, null if there is none}
    private Loop emptiest() {
        Loop emptiest = null;
        int most = 0;
        for (Loop loop : loops) {
            int free = loop.seats.free();
            if (free > most) {
                most = free;
                emptiest = loop;
            }
        }
        return emptiest;
    }

    /// Takes in what the accepting loop has given to this one.
    private void adopt() {
        while (sockets.adopt()) {
            if (stopUntil == NEVER) {
                seat();
            } else {
                sockets.drop();
                seats.giveBack();
            }
        }
    }

    /// The connection in hand has a seat: it gets a slot.
    private void seat() {
        int slot = free[freeCount - 1];
        if (!sockets.keep(slot)) {
            statistics.add(Count.BROKEN);
            seats.giveBack();
            return;
        }
        freeCount--;
        account.taken();
        statistics.add(Count.ACCEPTED);
        connections[slot].open(now.nanos);
        deadline(connections[slot].deadline());
    }

    /// A time limit is known: the next sweep is not much later, and never put off.
    void deadline(long at) {
        nextSweep = Math.min(nextSweep, Math.max(at, now.nanos + SWEEP_NANOS));
    }

    /// A connection has closed; its slot is free.
    void closed(Connection connection) {
        free[freeCount++] = connection.slot();
        account.released();
        seats.giveBack();  // last: from now on another connection may be on its way here
        resume();
    }

    private void resume() {
        if (resumeAt != NEVER) {
            resumeAt = NEVER;
            sockets.listening(true);
        }
    }

    /// Looks after every time limit.
    private void sweep() {
        if (now.nanos >= resumeAt) {
            resume();
        }
        nextSweep = NEVER;
        long next = NEVER;
        if (door != null) {
            door.sweep(now.nanos);
            next = door.deadline();
        }
        for (Connection connection : connections) {
            if (connection.state() != Connection.State.FREE) {
                if (connection.deadline() <= now.nanos) {
                    connection.onDeadline(now.nanos);
                }
                if (connection.state() != Connection.State.FREE) {
                    next = Math.min(next, connection.deadline());
                }
            }
        }
        files.sweep(now.nanos);
        deadline(Math.min(next, files.deadline()));
    }

    /// Asks the loop to stop: no new connection, answers in flight are finished. From any thread.
    void stop() {
        stopping = true;
        sockets.wake();
    }

    private void shutdown() {
        stopUntil = now.nanos + config.stopNanosMax();
        resumeAt = NEVER;
        sockets.closeListener();
        for (Connection connection : connections) {
            connection.shutdown(now.nanos);
        }
    }

    boolean isDone() {
        return stopping && stopUntil != NEVER
                && (freeCount == connections.length && (door == null || door.isEmpty()) || now.nanos >= stopUntil);
    }

    /// Closes everything, wipes and unmaps. When the loop does not run. Safe to call twice.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (Connection connection : connections) {
            connection.close(now.nanos);
        }
        sockets.close();
        files.close();
        region.close();
    }
}
