package dev.coffer.server.drive;

import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;

/// One loop of a server. Ranges are checked where the numbers come from.
///
/// @param index         of the loop; the first, 0, accepts for all
/// @param connections   its seats
/// @param blocks        large output buffers
/// @param blockBytes    of one
/// @param locked        whether its memory must stay out of swap
/// @param portable      the JDK's sockets even where Linux's own calls are at hand
/// @param starvedNanosMax  how long a connection waits for a protocol
/// @param stopNanosMax  how long a stop waits for what is in flight
public record LoopConfig(int index, int connections, int blocks, int blockBytes, Level locked, boolean portable,
        long starvedNanosMax, long stopNanosMax) {
    /// {@return the region's configuration}
    public RegionConfig region() {
        return RegionConfig.defaults("loop-" + index).with(Protection.LOCKED, locked);
    }

    /// {@return whether this loop accepts}
    boolean accepts() {
        return index == 0;
    }

    /// {@return sockets of the loop: its connections, and in the first one the door's}
    public int sockets() {
        return connections + (accepts() ? Door.SLOTS : 0);
    }
}
