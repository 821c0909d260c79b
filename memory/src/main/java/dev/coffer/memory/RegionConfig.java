package dev.coffer.memory;

import dev.coffer.memory.Protection.Level;
import java.util.Objects;

/// How a [Region] is to be held. Each component is one choice:
///
/// | component | default | cost |
/// |---|---|---|
/// | `name` | "coffer" | shown by the ledger and by `/proc/PID/smaps` |
/// | `guard` | BEST_EFFORT | two pages of address space, never touched |
/// | `locked` | BEST_EFFORT | every byte counts against `ulimit -l`, usually 8 MiB, at open, whatever `commit` says |
/// | `noDump` | BEST_EFFORT | nothing |
/// | `wipeOnFork` | BEST_EFFORT | nothing |
/// | `hidden` | OFF | as `locked`; slower to open |
/// | `commit` | ON_OPEN | ON_TOUCH asks for `hidden` OFF |
///
/// **Locked and committed on touch** (`mlock2(2)` with `MLOCK_ONFAULT`, Linux 4.4): a page is locked from the moment in which it is touched. The limit is
/// charged with the whole region at open all the same, as the kernel counts mappings and not pages. Pages are given back with `MADV_DONTNEED_LOCKED` (Linux
/// 5.18); an older kernel gives none back, and the status of [Protection#LOCKED] says so. At close each page is looked at, so a reservation of terabytes
/// has LOCKED off.
///
/// **In a container** the kernel ends a process that commits more than its control groups allow. So open reads their limits
/// (version 2: `memory.max` of the group and of each above it; version 1: `memory.limit_in_bytes`) and what they hold that
/// cannot be reclaimed. A region that commits ON_OPEN, locked or not, and has more bytes than are left is refused with
/// [MemoryLimitException], before anything is mapped. One that commits ON_TOUCH opens, and one line of warning goes to the
/// logger `dev.coffer.memory`. Swap is not counted on. Where there is no such limit, none is applied.
///
/// @param name        printable ASCII without `[ ] \ $` and the backquote, 1..64 characters
/// @param guard       see [Protection#GUARD]
/// @param locked      see [Protection#LOCKED]
/// @param noDump      see [Protection#NO_DUMP]
/// @param wipeOnFork  see [Protection#WIPE_ON_FORK]
/// @param hidden      see [Protection#HIDDEN]
/// @param commit      when pages get memory
public record RegionConfig(String name, Level guard, Level locked, Level noDump, Level wipeOnFork, Level hidden,
        Commit commit) {

    /// When the pages of a region get memory.
    public enum Commit {
        /// At open, all of them: after it the region cannot fail for want of memory.
        ON_OPEN,
        /// Each when first touched, and again after [Region#discard]: for a large reservation of which little is used.
        ON_TOUCH
    }

    /// @throws IllegalArgumentException  a name that the kernel would refuse, or ON_TOUCH together with `hidden`
    public RegionConfig {
        Objects.requireNonNull(guard);
        Objects.requireNonNull(locked);
        Objects.requireNonNull(noDump);
        Objects.requireNonNull(wipeOnFork);
        Objects.requireNonNull(hidden);
        Objects.requireNonNull(commit);
        if (name.isEmpty() || name.length() > 64
                || !name.chars().allMatch(c -> c > 0x20 && c < 0x7f && "[]\\$`".indexOf(c) < 0)) {
            throw new IllegalArgumentException(
                    "region name \"" + name + "\": expected 1..64 printable ASCII characters without space [ ] \\ $ `");
        }
        if (commit == Commit.ON_TOUCH && hidden != Level.OFF) {
            throw new IllegalArgumentException("region \"" + name + "\": hidden memory that was touched cannot be given back, so a region that commits on "
                    + "touch is not hidden; set it OFF, or commit ON_OPEN");
        }
    }

    /// {@return every protection that costs no privilege, at best effort; committed at open}
    public static RegionConfig defaults(String name) {
        return new RegionConfig(name, Level.BEST_EFFORT, Level.BEST_EFFORT, Level.BEST_EFFORT, Level.BEST_EFFORT,
                Level.OFF, Commit.ON_OPEN);
    }

    /// {@return a large reservation that commits on touch: guarded, not dumped, wiped on fork, not locked}
    public static RegionConfig reservation(String name) {
        return new RegionConfig(name, Level.BEST_EFFORT, Level.OFF, Level.BEST_EFFORT, Level.BEST_EFFORT,
                Level.OFF, Commit.ON_TOUCH);
    }

    /// {@return this configuration with pages that get their memory at another time}
    public RegionConfig withCommit(Commit when) {
        return new RegionConfig(name, guard, locked, noDump, wipeOnFork, hidden, when);
    }

    /// {@return this configuration with one protection at another level}
    public RegionConfig withProtection(Protection protection, Level level) {
        return switch (protection) {
            case GUARD -> new RegionConfig(name, level, locked, noDump, wipeOnFork, hidden, commit);
            case LOCKED -> new RegionConfig(name, guard, level, noDump, wipeOnFork, hidden, commit);
            case NO_DUMP -> new RegionConfig(name, guard, locked, level, wipeOnFork, hidden, commit);
            case WIPE_ON_FORK -> new RegionConfig(name, guard, locked, noDump, level, hidden, commit);
            case HIDDEN -> new RegionConfig(name, guard, locked, noDump, wipeOnFork, level, commit);
        };
    }

    /// {@return the level of one protection}
    public Level level(Protection protection) {
        return switch (protection) {
            case GUARD -> guard;
            case LOCKED -> locked;
            case NO_DUMP -> noDump;
            case WIPE_ON_FORK -> wipeOnFork;
            case HIDDEN -> hidden;
        };
    }
}
