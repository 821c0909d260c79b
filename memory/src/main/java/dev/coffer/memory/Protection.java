package dev.coffer.memory;

/// What a [Region] can ask of the system for its pages. Each is asked for at a [Level]; what came of it is a [Status].
public enum Protection {
    /// A page without access before the first and after the last page: a write past either end kills the process
    /// instead of going on (`mprotect(2)`).
    GUARD,
    /// The data is never written to swap (`mlock(2)`, or `mlock2(2)` with `MLOCK_ONFAULT` where pages are committed on touch; all of it counts against
    /// `RLIMIT_MEMLOCK`).
    LOCKED,
    /// The data is left out of core dumps (`MADV_DONTDUMP`).
    NO_DUMP,
    /// A forked child reads zeros (`MADV_WIPEONFORK`), or, for [#HIDDEN] memory, has no such mapping
    /// (`MADV_DONTFORK`).
    WIPE_ON_FORK,
    /// The pages leave the kernel's own map: no other process, not even root through `/proc/PID/mem`, reads them
    /// (`memfd_secret(2)`, Linux 5.14 or later where it is enabled; counts against `RLIMIT_MEMLOCK`).
    HIDDEN;

    /// How much a protection matters to the caller.
    public enum Level {
        /// Not asked for.
        OFF,
        /// Asked for; where the system refuses, the region opens without it and says so.
        BEST_EFFORT,
        /// Asked for; where the system refuses, the region does not open: [ProtectionException].
        REQUIRED
    }

    /// What came of asking.
    ///
    /// @param protection  which
    /// @param level       how it was asked for
    /// @param inForce     whether it holds
    /// @param detail      how, or why not and what to do about it; never empty unless it was not asked for
    public record Status(Protection protection, Level level, boolean inForce, String detail) {
        @Override
        public String toString() {
            return protection + " " + (inForce ? "in force" : level == Level.OFF ? "off" : "NOT in force")
                    + (detail.isEmpty() ? "" : " (" + detail + ")");
        }
    }
}
