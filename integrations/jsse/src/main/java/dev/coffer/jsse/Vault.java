package dev.coffer.jsse;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsConnection;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// All memory of a provider: one region with an area for handshakes, rooms for open connections, an area for sessions to resume and one for keys. Safe
/// for any thread.
///
/// An engine gives its piece back when it has moved to a room, or is closed in both directions. Who never closes one is found by the collector ([Cleaner]). **When an area
/// is full** a server's engine is refused at once: peers drive that, and its thread has others to serve. For a client's one thread asks for a
/// collection, as the JDK does for direct buffers, and the pieces of what was forgotten are waited for, up to a quarter of a second, and nobody
/// asks again for a second where that was in vain. Then the asker is refused, and nobody else.
final class Vault implements AutoCloseable {
    private static final long VAIN_NANOS = 1_000_000_000;
    private static final long WAIT_NANOS_MIN = 1_000_000;
    private static final long WAIT_NANOS_MAX = 128_000_000;  // 1 + 2 + ... + 128 ms in all

    private static @Nullable Cleaner cleaner;  // null until the first vault; under the class's lock

    private final Region region;
    private final Area engines;
    private final Area sessions;
    private final Area keys;
    private final Room[] rooms;
    private final AtomicInteger nextOfClients = new AtomicInteger();  // room to look in first
    private final AtomicInteger nextOfServers = new AtomicInteger();
    private final ReentrantLock collecting = new ReentrantLock();
    private boolean vain;   // the last collection brought nothing; under collecting
    private long vainAt;    // and when that was; under collecting

    private Vault(CofferJsseConfig config, Region region) {
        this.region = region;
        this.engines = new Area(BlockAllocator.open(config.engines(), region));
        this.sessions = new Area(BlockAllocator.open(config.sessionBlocks(), region));
        this.keys = new Area(BlockAllocator.open(config.keys(), region));
        this.rooms = new Room[CofferJsseConfig.ROOMS];
        MemoryPlan plan = config.rooms();
        MemorySegment memory = region.carve(plan.name());
        for (int i = 0; i < rooms.length; i++) {
            MemoryPlan of = plan.children().get(i);
            rooms[i] = Room.over(of, config.openConnections() / rooms.length, memory.asSlice(plan.offsetOf(of.name()), of.totalBytes()));
        }
    }

    static Vault open(CofferJsseConfig config) {
        cleaner();
        Region region = Region.open(RegionConfig.defaults("jsse"), config.plan());
        try {
            return new Vault(config, region);
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    /// {@return the one thread of all vaults. Where it cannot start, the vault that asked is refused and the next one asks again: made with the class, it
    /// would be refused for ever}
    private static synchronized Cleaner cleaner() {
        Cleaner there = cleaner;
        if (there == null) {
            there = Cleaner.create(task -> {
                Thread thread = new Thread(task, "coffer-jsse-cleaner");
                thread.setDaemon(true);
                return thread;
            });
            cleaner = there;
        }
        return there;
    }

    List<Account> accounts() {
        List<Account> accounts = new ArrayList<>(List.of(region, engines.blocks, sessions.blocks, keys.blocks));
        for (Room each : rooms) {
            accounts.add(each.account());
        }
        return List.copyOf(accounts);
    }

    /// {@return a place for an open connection, which is over where it was; null where there is none, and it stays}
    Room.@Nullable Place room(TlsConnection<Void> from) {
        AtomicInteger next = from instanceof TlsClient ? nextOfClients : nextOfServers;
        int first = Math.floorMod(next.getAndIncrement(), rooms.length);
        Room.Place place = null;
        for (int i = 0; i < rooms.length && place == null; i++) {
            place = rooms[(first + i) % rooms.length].take(from);
        }
        return place;
    }

    /// {@return what gives something back, once: when it is run or `holder` is forgotten; where that cannot be arranged it is given back now}
    static Runnable watch(Object holder, Runnable giveBack) {
        boolean watching = false;
        try {
            Runnable watched = cleaner().register(holder, giveBack)::clean;
            watching = true;
            return watched;
        } finally {
            if (!watching) {
                giveBack.run();
            }
        }
    }

    /// {@return zero bytes for a session to resume; null where there are none}
    @Nullable
    Piece session(long bytes) {
        return take(sessions, bytes, false);
    }

    /// {@return zero bytes for an engine, which come back when they are closed or `holder` is forgotten; null where there are none}
    ///
    /// @param waits  for what was forgotten, where there is no room
    @Nullable
    Piece engine(long bytes, Object holder, boolean waits) {
        Piece piece = take(engines, bytes, waits);
        if (piece != null) {
            piece.watch(holder);
        }
        return piece;
    }

    /// {@return zero bytes for a key; null where there are none}
    @Nullable
    Piece key(long bytes) {
        return take(keys, bytes, true);
    }

    /// {@return zero bytes for an operation, given back in the same call; null where there are none}
    @Nullable
    Piece work(long bytes) {
        return take(engines, bytes, true);
    }

    /// {@return why there was no room for a key: numbers alone}
    String keyRefusal(long bytes) {
        return keys.refusal(bytes);
    }

    /// {@return why there was no room for an engine: numbers alone}
    String refusal(long bytes) {
        return engines.refusal(bytes);
    }

    private @Nullable Piece take(Area area, long bytes, boolean waits) {
        Piece piece = area.tryTake(bytes);
        return piece == null && waits ? collectAndTake(area, bytes) : piece;
    }

    /// One thread asks the collector, the others wait for what that brings.
    private @Nullable Piece collectAndTake(Area area, long bytes) {
        collecting.lock();
        try {
            Piece piece = area.tryTake(bytes);
            if (piece != null || bytes > area.blocks.capacityBytes() || vain && System.nanoTime() - vainAt < VAIN_NANOS) {
                return piece;
            }
            System.gc();
            for (long wait = WAIT_NANOS_MIN; piece == null && wait <= WAIT_NANOS_MAX; wait *= 2) {
                LockSupport.parkNanos(wait);
                piece = area.tryTake(bytes);
            }
            vain = piece == null;
            vainAt = System.nanoTime();
            return piece;
        } finally {
            collecting.unlock();
        }
    }

    /// Wipes and unmaps; whatever still uses a piece throws from here on, and what is given back late changes nothing.
    @Override
    public void close() {
        engines.close();
        for (Room each : rooms) {
            each.close();
        }
        sessions.close();
        keys.close();
        region.close();
    }

    /// One allocator and the lock around it.
    private static final class Area {
        private final BlockAllocator blocks;
        private final MemorySegment memory;
        private boolean closed;

        Area(BlockAllocator blocks) {
            this.blocks = blocks;
            this.memory = blocks.segment();
        }

        synchronized @Nullable Piece tryTake(long bytes) {
            if (closed) {
                throw new IllegalStateException("provider CofferJSSE is closed");
            }
            long piece = bytes > blocks.capacityBytes() ? -1 : blocks.tryAllocate(bytes);
            if (piece < 0) {
                return null;
            }
            boolean taken = false;
            try {
                Piece made = new Piece(memory.asSlice(blocks.at(piece), bytes), new Return(this, piece));
                taken = true;
                return made;
            } finally {
                if (!taken) {
                    blocks.release(piece);
                }
            }
        }

        synchronized void release(long piece) {
            if (!closed && blocks.holds(piece)) {
                blocks.release(piece);
            }
        }

        synchronized String refusal(long bytes) {
            return blocks.name() + ": asked " + bytes + " bytes, left " + (closed ? 0 : blocks.largestFreeBytes()) + " in one piece of "
                    + blocks.capacityBytes();
        }

        synchronized void close() {
            closed = true;
            blocks.close();
        }
    }

    /// What gives a piece back, wiped: once, as a handle is good for one release. Refers to nothing that the collector shall find forgotten.
    private record Return(Area area, long piece) implements Runnable {
        @Override
        public void run() {
            area.release(piece);
        }
    }

    /// Memory from 0 to its size, zero when taken, wiped when closed.
    static final class Piece implements AutoCloseable {
        private final MemorySegment segment;
        private final Runnable giveBack;
        private @Nullable Runnable watched;

        Piece(MemorySegment segment, Runnable giveBack) {
            this.segment = segment;
            this.giveBack = giveBack;
        }

        /// It comes back too when `holder` is forgotten; where that cannot be arranged it comes back now.
        void watch(Object holder) {
            watched = Vault.watch(holder, giveBack);
        }

        MemorySegment segment() {
            return segment;
        }

        /// Twice is harmless.
        @Override
        public void close() {
            Runnable back = watched;
            (back == null ? giveBack : back).run();
        }
    }
}
