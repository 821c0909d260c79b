package dev.coffer.server.drive;

import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Now;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What the connections of one loop share: sockets, buffers, timers, and the two queues in which a connection waits, for a
/// turn and for a protocol. Queues are links in the connections themselves, so they are bounded and cost nothing.
///
/// One thread at a time.
final class Shared {
    /// The kind of what is lent to send from.
    static final int OUTPUT = 0;

    private static final long PATIENCE_NANOS_MIN = 1_000_000_000L;

    final LoopConfig config;
    final Lane lane;
    final Sockets sockets;
    final SlotPool lent;            // OUTPUT: what is sent from, else a protocol's own small buffer
    final TimerWheel timers;
    final Tally tally;
    final Now now;
    final MemorySegment received;   // from any connection, fed at once and wiped
    final MemorySegment refusal;    // the lane's, as it is sent
    final int refusalBytes;
    final Seats seats;
    final SlotAccount account;
    private final int[] free;       // slots, a stack
    private int freeCount;
    private boolean gaveBack;       // a seat, since the loop asked
    private @Nullable StreamDriver turnsFirst;
    private @Nullable StreamDriver turnsLast;
    private @Nullable StreamDriver yielded;  // who yielded last first
    final DriverList waiting = new DriverList();    // for a protocol
    final DriverList holding = new DriverList();    // one: whom others have called
    final long patienceNanos;       // a head that is begun and not ended gives way after that to who waits

    Shared(LoopConfig config, Lane lane, Sockets sockets, SlotPool lent, TimerWheel timers, Tally tally, Now now,
            MemorySegment received, MemorySegment refusal) {
        this.config = config;
        this.lane = lane;
        this.sockets = sockets;
        this.lent = lent;
        this.timers = timers;
        this.tally = tally;
        this.now = now;
        this.received = received;
        this.refusal = refusal;
        this.refusalBytes = lane.refusal().length;
        this.patienceNanos = Math.max(PATIENCE_NANOS_MIN, config.starvedNanosMax() / 2);
        int slots = config.connections();
        this.seats = new Seats(slots);
        this.account = new SlotAccount("connections", 0, slots);
        this.free = new int[slots];
        this.freeCount = slots;
        for (int i = 0; i < slots; i++) {
            free[i] = slots - 1 - i;
        }
    }

    /// {@return a free slot for the connection in hand}
    int freeSlot() {
        return free[freeCount - 1];
    }

    /// The connection in hand is in the free slot.
    void seated() {
        freeCount--;
        account.taken();
    }

    /// A slot's connection has ended.
    void left(int slot) {
        free[freeCount++] = slot;
        account.released();
        gaveBack = true;
        seats.giveBack();  // last: from now on another connection may be on its way here
    }

    boolean isFull() {
        return freeCount == 0;
    }

    boolean isEmpty() {
        return freeCount == free.length;
    }

    /// {@return whether a connection has ended since this was asked last}
    boolean hasLeft() {
        boolean left = gaveBack;
        gaveBack = false;
        return left;
    }

    /// {@return what a connection is lent while it has something to send. When none is left it sends through its protocol's own
    /// small buffer: slower, never stopped by others who read slowly}
    static SlotPoolConfig lent(LoopConfig config) {
        return SlotPoolConfig.of("lent memory", config.connections(),
                SlotPoolConfig.Kind.of("output blocks", config.blockBytes(), config.blocks()));
    }

    /// {@return bytes of the tables that grow with the connections}
    static long heapBytes(int connections) {
        return HeapLayout.array(int.class, connections);
    }

    /// Has a turn before the loop waits again.
    void turnSoon(StreamDriver driver) {
        if (turnsLast == null) {
            turnsFirst = driver;
        } else {
            turnsLast.nextTurn = driver;
        }
        turnsLast = driver;
    }

    /// {@return who has been promised a turn, first come first served, null if nobody is}
    @Nullable
    StreamDriver nextTurn() {
        StreamDriver first = turnsFirst;
        if (first != null) {
            turnsFirst = first.nextTurn;
            first.nextTurn = null;
            turnsLast = turnsFirst == null ? null : turnsLast;
        }
        return first;
    }

    /// Has a turn after the loop has looked at the others once more.
    void turnAfterOthers(StreamDriver driver) {
        driver.nextTurn = yielded;
        yielded = driver;
    }

    /// Promises a turn to whoever has yielded.
    ///
    /// @return whether there was anyone
    boolean promiseToYielded() {
        if (yielded == null) {
            return false;
        }
        for (StreamDriver driver = yielded; driver != null;) {
            StreamDriver next = driver.nextTurn;
            driver.nextTurn = null;
            turnSoon(driver);
            driver = next;
        }
        yielded = null;
        return true;
    }

    /// Someone waits for a protocol: of those who hold one and only wait for their peer to end its head, the one that has held his
    /// the longest gives it up, where that head has been waited for long enough.
    void makeWay(long now) {
        StreamDriver holder = holding.first();
        while (holder != null && !holder.giveWay(now, patienceNanos)) {
            holder = holder.after;
        }
    }
}
