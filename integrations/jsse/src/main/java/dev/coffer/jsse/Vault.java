package dev.coffer.jsse;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.internal.vault.Forgotten;
import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.memory.internal.vault.VaultArea;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsConnection;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// All memory of a provider: one region with an area for handshakes, rooms for open connections, an area for sessions to resume, one for private
/// keys, and one for keys of tickets, which so take no room from those. Safe for any thread.
///
/// An engine gives its piece back when it has moved to a room, or is closed in both directions. Who never closes one is found by the collector ([Forgotten]). **When an area
/// is full** a server's engine is refused at once: peers drive that, and its thread has others to serve. For a client's the collector is asked. Then the asker is refused,
/// and nobody else.
final class Vault implements AutoCloseable {
    private static final String OWNER = "provider CofferJSSE";

    private final Region region;
    private final VaultArea engines;
    private final VaultArea sessions;
    private final VaultArea keys;
    private final VaultArea tickets;
    private final Room[] rooms;
    private final AtomicInteger nextOfClients = new AtomicInteger();  // room to look in first
    private final AtomicInteger nextOfServers = new AtomicInteger();

    private Vault(CofferJsseConfig config, Region region, Forgotten forgotten) {
        this.region = region;
        this.engines = new VaultArea(BlockAllocator.open(config.engines(), region), forgotten, OWNER);
        this.sessions = new VaultArea(BlockAllocator.open(config.sessionBlocks(), region), forgotten, OWNER);
        this.keys = new VaultArea(BlockAllocator.open(config.keys(), region), forgotten, OWNER);
        this.tickets = new VaultArea(BlockAllocator.open(config.tickets(), region), forgotten, OWNER);
        this.rooms = new Room[CofferJsseConfig.ROOMS];
        MemoryPlan plan = config.rooms();
        MemorySegment memory = region.carve(plan.name());
        for (int i = 0; i < rooms.length; i++) {
            MemoryPlan of = plan.children().get(i);
            rooms[i] = Room.over(of, config.openConnections() / rooms.length, memory.asSlice(plan.offsetOf(of.name()), of.totalBytes()));
        }
    }

    static Vault open(CofferJsseConfig config) {
        Forgotten forgotten = new Forgotten();
        Region region = Region.open(RegionConfig.defaults("jsse"), config.plan());
        try {
            return new Vault(config, region, forgotten);
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    List<Account> accounts() {
        List<Account> accounts = new ArrayList<>(List.of(region, engines.account(), sessions.account(), keys.account(), tickets.account()));
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

    /// {@return zero bytes for a session to resume; null where there are none}
    @Nullable
    Piece session(long bytes) {
        return sessions.tryTake(bytes);
    }

    /// {@return zero bytes for an engine, which come back when they are closed or `holder` is forgotten; null where there are none}
    ///
    /// @param waits  for what was forgotten, where there is no room
    @Nullable
    Piece engine(long bytes, Object holder, boolean waits) {
        Piece piece = waits ? engines.take(bytes) : engines.tryTake(bytes);
        return piece == null ? null : piece.watch(holder);
    }

    /// {@return zero bytes for a key; null where there are none}
    @Nullable
    Piece key(long bytes) {
        return keys.take(bytes);
    }

    /// {@return zero bytes for the keys of a context's tickets; null where there are none now: peers drive that}
    @Nullable
    Piece tickets(long bytes) {
        return tickets.tryTake(bytes);
    }

    /// {@return zero bytes for an operation, given back in the same call; null where there are none}
    @Nullable
    Piece work(long bytes) {
        return engines.take(bytes);
    }

    /// {@return why there was no room for a key: numbers alone}
    String keyRefusal(long bytes) {
        return refusal(keys, bytes);
    }

    /// {@return why there was no room for an engine: numbers alone}
    String refusal(long bytes) {
        return refusal(engines, bytes);
    }

    private static String refusal(VaultArea area, long bytes) {
        return area.account().name() + ": asked " + bytes + " bytes, left " + area.largestFreeBytes() + " in one piece of " + area.capacityBytes();
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
        tickets.close();
        region.close();
    }
}
