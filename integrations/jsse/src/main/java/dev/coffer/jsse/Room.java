package dev.coffer.jsse;

import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.Align;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsConnection;
import dev.coffer.tls.TlsServer;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Where open connections live: each has its secrets here, a few hundred bytes, and all of a room share what one record at a time needs, under one lock. A
/// connection shakes hands in much memory of its own and moves here when it is done.
///
/// ```
///   clients   places of secrets | a record of the peer's | expanded keys of some | workspace
///   servers   the same
///   outbox    a record of ours, on its way to the caller's buffer
/// ```
///
/// **When full** a connection stays where it is. Any thread.
final class Room {
    private static final long NO_LIMIT = Long.MAX_VALUE / 8;
    private static final String OUTBOX = "outbox";
    private static final TlsConnection.Carrier<Void> BRINGS_ITS_OWN = (connection, now) -> null;

    private final ReentrantLock lock = new ReentrantLock();
    private final int places;
    private final MemorySegment memory;
    private final long outbox;
    private final ClientContext clients;
    private final ServerContext servers;
    private final BitSet clientsTaken;  // under the lock, as all that follows
    private final BitSet serversTaken;
    private final SlotAccount account;
    private boolean closed;

    private Room(MemoryPlan plan, int places, MemorySegment memory) {
        MemoryPlan ofClients = clients(places).plan();
        MemoryPlan ofServers = servers(places).plan();
        this.places = places;
        this.memory = memory;
        this.outbox = plan.offsetOf(OUTBOX);
        this.clients = ClientContext.over(clients(places), new Nobody(), Entropy.SYSTEM,
                memory.asSlice(plan.offsetOf(ofClients.name()), ofClients.totalBytes()));
        this.servers = ServerContext.over(servers(places), List.of(), Entropy.SYSTEM,
                memory.asSlice(plan.offsetOf(ofServers.name()), ofServers.totalBytes()));
        this.clientsTaken = new BitSet(places);
        this.serversTaken = new BitSet(places);
        this.account = new SlotAccount(plan.name(), clients(places).connectionBytes(), 2L * places);
    }

    private static TlsClientConfig clients(int places) {
        return TlsClientConfig.defaults().withCounts(places, 0, 1).withNanosMax(NO_LIMIT, NO_LIMIT).withSessions(1);
    }

    private static TlsServerConfig servers(int places) {
        return TlsServerConfig.defaults().withCounts(places, 0, 1).withNanosMax(NO_LIMIT, NO_LIMIT);
    }

    /// {@return what a room holds}
    ///
    /// @param places  for clients' connections, and as many for servers'
    static MemoryPlan plan(String name, int places) {
        return MemoryPlan.group(name, clients(places).plan(), servers(places).plan(),
                MemoryPlan.block(OUTBOX, Align.up(Session.PACKET_BYTES, Align.CACHE_LINE_BYTES)));
    }

    /// {@return a room over the row that a plan describes}
    static Room over(MemoryPlan plan, int places, MemorySegment memory) {
        return new Room(plan, places, memory);
    }

    Account account() {
        return account;
    }

    /// Takes a connection in, which is over where it was: its context is the caller's thread's.
    ///
    /// @return its place; null where there is none, and nothing changes
    @Nullable
    Place take(TlsConnection<Void> from) {
        lock.lock();
        try {
            BitSet taken = from instanceof TlsClient ? clientsTaken : serversTaken;
            int index = taken.nextClearBit(0);
            if (closed || index >= places) {
                return null;
            }
            TlsConnection<Void> made = from instanceof TlsClient ? new TlsClient<>(clients, index, BRINGS_ITS_OWN)
                    : new TlsServer<>(servers, index, BRINGS_ITS_OWN);
            Place place = new Place(this, made, taken, index);
            made.goOn(from, System.nanoTime());
            taken.set(index);
            account.taken();
            return place;
        } finally {
            lock.unlock();
        }
    }

    /// Wipes everything: whoever lives here throws from here on.
    void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                clients.close();
                servers.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /// One connection's place. It refers to nothing that the collector shall find forgotten.
    static final class Place implements Runnable {
        private final Room room;
        private final TlsConnection<Void> connection;
        private final BitSet taken;
        private final int index;
        private boolean released;  // under the room's lock

        Place(Room room, TlsConnection<Void> connection, BitSet taken, int index) {
            this.room = room;
            this.connection = connection;
            this.taken = taken;
            this.index = index;
        }

        /// {@return around every call of the connection's that reads, writes or ends}
        ReentrantLock lock() {
            return room.lock;
        }

        TlsConnection<Void> connection() {
            return connection;
        }

        MemorySegment memory() {
            return room.memory;
        }

        /// {@return where in the memory a record of ours is made, for the time that the lock is held}
        long outbox() {
            return room.outbox;
        }

        /// Gives it back, wiped. Twice is harmless.
        @Override
        public void run() {
            room.lock.lock();
            try {
                if (!released) {
                    released = true;
                    if (!room.closed) {
                        connection.close();
                        taken.clear(index);
                        room.account.released();
                    }
                }
            } finally {
                room.lock.unlock();
            }
        }
    }

    /// Trusts nobody: no handshake is begun here.
    private static final class Nobody implements PeerVerifier {
        private static final int[] SCHEMES = {0x0403};

        @Override
        public int[] schemes() {
            return SCHEMES.clone();
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return Alert.INTERNAL_ERROR;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return false;
        }
    }
}
