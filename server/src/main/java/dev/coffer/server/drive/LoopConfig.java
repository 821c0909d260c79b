package dev.coffer.server.drive;

import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;

/// One loop of a server or a client. Ranges are checked where the numbers come from.
///
/// @param name          of its region
/// @param index         of the loop
/// @param accepts       whether it listens, for itself and others
/// @param connections   its seats
/// @param blocks        large output buffers
/// @param blockBytes    of one
/// @param locked        whether its memory must stay out of swap
/// @param portable      the JDK's sockets even where Linux's own calls are at hand
/// @param starvedNanosMax  how long a connection waits for a protocol
/// @param stopNanosMax  how long a stop waits for what is in flight
public record LoopConfig(String name, int index, boolean accepts, int connections, int blocks, int blockBytes, Level locked, boolean portable,
        long starvedNanosMax, long stopNanosMax) {
    /// {@return the region's configuration}
    public RegionConfig region() {
        return RegionConfig.defaults(name).withProtection(Protection.LOCKED, locked);
    }

    /// {@return sockets of the loop: its connections, and in the first one the door's}
    public int sockets() {
        return connections + (accepts ? Door.SLOTS : 0);
    }
}
