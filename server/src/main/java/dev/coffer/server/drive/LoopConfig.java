package dev.coffer.server.drive;

import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.RegionConfig.Commit;

/// One loop of a server or a client. Ranges are checked where the numbers come from.
///
/// @param name          of its region
/// @param index         of the loop
/// @param accepts       whether it listens, for itself and others
/// @param connections   its seats
/// @param blocks        large output buffers
/// @param blockBytes    of one
/// @param locked        whether its memory must stay out of swap
/// @param commit        when its memory is committed: at open, all of it, or when touched, and then what nobody uses is given back
/// @param portable      the JDK's sockets even where Linux's own calls are at hand
/// @param starvedNanosMax  how long a connection waits for a protocol
/// @param stopNanosMax  how long a stop waits for what is in flight
public record LoopConfig(String name, int index, boolean accepts, int connections, int blocks, int blockBytes, Level locked, Commit commit,
        boolean portable,
        long starvedNanosMax, long stopNanosMax) {
    /// What configurations of servers and clients say of `commit` that are told nothing: ON_OPEN, or with the system property `coffer.commit` set to `touch`
    /// ON_TOUCH. Read once.
    public static final Commit COMMIT = "touch".equals(System.getProperty("coffer.commit")) ? Commit.ON_TOUCH : Commit.ON_OPEN;

    /// {@return the region's configuration}
    public RegionConfig region() {
        return RegionConfig.defaults(name).withProtection(Protection.LOCKED, locked).withCommit(commit);
    }

    /// {@return sockets of the loop: its connections, and in the first one the door's}
    public int sockets() {
        return connections + (accepts ? Door.SLOTS : 0);
    }
}
