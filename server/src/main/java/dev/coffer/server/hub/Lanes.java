package dev.coffer.server.hub;

import dev.coffer.server.Place;
import java.util.Arrays;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The lanes of a hub, one for each loop of the server that it belongs to, and the numbers of what it sends to. A hub may serve one server after
/// another: its numbers go on, so that one of an earlier server names nobody.
///
/// ```
///   number:  generation, how often a slot was used | loop, 6 bits | slot, 20 bits
/// ```
///
/// For any thread. Its monitor keeps lanes from coming and going: held while something goes to all of them.
public final class Lanes<L extends Lanes.Lane> {
    private static final int SLOT_BITS = 20;
    private static final long SLOT_MASK = (1L << SLOT_BITS) - 1;
    private static final int LOOP_BITS = 6;     // of ServerConfig's 64 loops
    private static final long LOOP_MASK = (1L << LOOP_BITS) - 1;

    /// What a hub has in one loop.
    public interface Lane {
        /// {@return whether its loop has ended}
        boolean isClosed();

        /// {@return a generation that none of its numbers has; asked once its loop has ended}
        long nextGeneration();

        /// The memory is about to go.
        void close();
    }

    private final String name;
    private final L[] none;
    private volatile L[] all;
    private long generation;        // that no earlier server's numbers have; guarded by this

    /// @param name  of the hub's kind, for messages
    /// @param none  no lanes: the type of the array
    public Lanes(String name, L[] none) {
        this.name = name;
        this.none = none;
        this.all = none;
    }

    /// {@return the number of a slot while it is used}
    public static long number(long generation, int loop, int slot) {
        return generation << LOOP_BITS + SLOT_BITS | (long) loop << SLOT_BITS | slot;
    }

    /// {@return the slot of a number}
    public static int slot(long number) {
        return (int) (number & SLOT_MASK);
    }

    /// {@return the lane of a number, null where there is none}
    public @Nullable L of(long number) {
        L[] now = all;
        int loop = (int) (number >>> SLOT_BITS & LOOP_MASK);
        return loop < now.length ? now[loop] : null;
    }

    /// {@return those that are there now, by loop; not to be written to}
    public L[] all() {
        return all;
    }

    /// Adds the lane of the next loop.
    ///
    /// @param opens  makes it, with a generation that no number of its slots has had
    /// @throws IllegalStateException  the hub is another server's (caller's fault)
    public synchronized L open(Place place, LongFunction<L> opens) {
        if (place.loop() != all.length) {
            throw new IllegalStateException(name + ": the hub belongs to another server");
        }
        L lane = opens.apply(generation);
        L[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = lane;
        place.closing(() -> close(lane));
        all = more;
        return lane;
    }

    private synchronized void close(L lane) {
        lane.close();
        generation = Math.max(generation, lane.nextGeneration());
        boolean last = true;
        for (L other : all) {
            last &= other.isClosed();
        }
        if (last) {
            all = none;
        }
    }
}
