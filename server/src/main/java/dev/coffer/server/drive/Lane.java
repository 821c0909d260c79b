package dev.coffer.server.drive;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the connections of one loop speak: a stack of protocols with its plan, and the pool from which a connection is lent
/// one. Planned before the loop opens, opened with it, and closed with it.
///
/// On the loop's thread once it is open.
@SuppressWarnings("exports")  // annotations that users need not have
public interface Lane extends AutoCloseable {
    /// {@return what [#open] holds, a group of a name of its own}
    MemoryPlan plan();

    /// {@return timers that it uses at most, 0 or more}
    int timers();

    /// {@return datagram sockets that it has driven at most ([LoopContext#drive]), 0 or more; none unless it says so}
    default int datagrams() {
        return 0;
    }

    /// Makes everything.
    ///
    /// @param context  of the loop; its clock stands still until it runs
    /// @param memory   the bytes of [#plan], zero
    /// @throws IOException  something is refused; nothing is held
    void open(LoopContext context, MemorySegment memory) throws IOException;

    /// {@return accounts of the plan's rows, for the ledger; once it is open}
    List<Account> accounts();

    /// {@return a protocol that no connection has, or null}
    @Nullable
    Protocol acquire();

    /// Takes one back that has [Protocol#end]ed.
    void release(Protocol protocol);

    /// A connection has ended for which something was kept ([Transport#keep]), and no protocol is lent to it.
    default void forsake(Kept kept) {
        throw new AssertionError("nothing was kept");
    }

    /// The loop stops, and something is kept for a connection to which no protocol is lent. It may call [Transport#turnSoon] to say so.
    default void stopping(Kept kept) {
        throw new AssertionError("nothing was kept");
    }

    /// {@return how long a new connection may say nothing, and one of the lane's own be idle}
    long silenceNanosMax();

    /// {@return how long a peer may take nothing of what waits for it}
    long graceNanos();

    /// {@return bytes a second that a peer must take of what waits for it}
    long bytesPerSecondMin();

    /// {@return what a newcomer hears for whom there is no seat, and a connection for which no protocol comes free; up to
    /// [Loop#REFUSAL_BYTES_MAX] bytes, after which the connection ends}
    byte[] refusal();

    /// A turn of the loop has begun: its clock has been read. Cheap where there is nothing to do.
    void tick();

    /// Looks at what other threads have left for the lane before they called [LoopContext#wake]. Once a turn, after the wake
    /// was taken note of, so that none is lost. Cheap where there is nothing to do.
    void takeIn();

    /// Last in a turn, after all reports, timers and promised turns: begins connections of its own and gives out idle ones. Cheap
    /// where there is nothing to do.
    ///
    /// @return whether a connection was given a protocol, so that there are turns to be had
    default boolean dispatch() {
        return false;
    }

    /// A connection of the lane's own is made, and idle. It may be used from [#dispatch] on.
    default void connected(int seat) {}

    /// A connection of the lane's own is at rest, its protocol released. It may be used again from [#dispatch] on.
    default void rested(int seat) {}

    /// A connection of the lane's own has ended, whoever ended it; also one that could not be made.
    default void left(int seat) {}

    /// Lets go of everything. The loop does not run any more; every protocol has ended. Safe to call twice, and where
    /// [#open] was refused.
    @Override
    void close();
}
