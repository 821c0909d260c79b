package dev.coffer.server.drive;

import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Now;
import java.lang.foreign.MemorySegment;

/// What the connections of one loop share: sockets, buffers, timers, and the two queues in which a connection waits, for a
/// turn and for a protocol. Queues are links in the connections themselves, so they are bounded and cost nothing.
///
/// One thread at a time.
final class Shared {
    /// The kind of what is lent to send from.
    static final int OUTPUT = 0;

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
    private StreamDriver turnsFirst;
    private StreamDriver turnsLast;
    private StreamDriver waitsFirst;
    private StreamDriver waitsLast;

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
    StreamDriver nextTurn() {
        StreamDriver first = turnsFirst;
        if (first != null) {
            turnsFirst = first.nextTurn;
            first.nextTurn = null;
            turnsLast = turnsFirst == null ? null : turnsLast;
        }
        return first;
    }

    /// Waits for a protocol, behind the others who do.
    void wait(StreamDriver driver) {
        driver.waitsBefore = waitsLast;
        if (waitsLast == null) {
            waitsFirst = driver;
        } else {
            waitsLast.waitsAfter = driver;
        }
        waitsLast = driver;
    }

    /// Waits no longer.
    void waitNoLonger(StreamDriver driver) {
        if (driver.waitsBefore == null) {
            waitsFirst = driver.waitsAfter;
        } else {
            driver.waitsBefore.waitsAfter = driver.waitsAfter;
        }
        if (driver.waitsAfter == null) {
            waitsLast = driver.waitsBefore;
        } else {
            driver.waitsAfter.waitsBefore = driver.waitsBefore;
        }
        driver.waitsBefore = null;
        driver.waitsAfter = null;
    }

    /// {@return who waits for a protocol the longest, null if nobody does}
    StreamDriver firstWaiting() {
        return waitsFirst;
    }
}
