package dev.coffer.crypto.argon2;

import dev.coffer.memory.MemoryPlan;

/// What one derivation costs, whoever makes it (RFC 9106, section 3.1). An attacker pays it for each guess.
///
/// @param memoryKib  memory in KiB, `m`: 8 * lanes to 2^31 - 1
/// @param passes     passes over it, `t`: 1 or more
/// @param lanes      lanes that could be worked on side by side, `p`: 1 to 2^24 - 1. [Argon2id] takes one after the other, so they
///                   change what comes out and not how long it takes
public record Argon2Cost(int memoryKib, int passes, int lanes) {
    /// Most lanes (section 3.1).
    public static final int LANES_MAX = (1 << 24) - 1;
    /// Section 4, the first recommended option: 2 GiB, 1 pass, 4 lanes.
    public static final Argon2Cost FIRST_RECOMMENDED = new Argon2Cost(2 << 20, 1, 4);
    /// Section 4, the second recommended option, where memory is scarce: 64 MiB, 3 passes, 4 lanes.
    public static final Argon2Cost SECOND_RECOMMENDED = new Argon2Cost(64 << 10, 3, 4);

    /// @throws IllegalArgumentException  a number out of its range (the caller's fault, or that of who sent it)
    public Argon2Cost {
        if (!valid(memoryKib, passes, lanes)) {
            throw new IllegalArgumentException("Argon2: " + memoryKib + " KiB, " + passes + " passes, " + lanes
                    + " lanes (expected at least 8 KiB a lane, 1 pass, 1 to " + LANES_MAX + " lanes; RFC 9106 section 3.1)");
        }
    }

    /// {@return whether these are costs: for numbers that were sent, of which an exception would be an object too many}
    public static boolean valid(int memoryKib, int passes, int lanes) {
        return lanes >= 1 && lanes <= LANES_MAX && passes >= 1 && memoryKib >= 8L * lanes;
    }

    /// {@return blocks of 1 KiB that are used, `m'` (section 3.2): as many as make four equal slices in each lane}
    public int blocks() {
        return lanes * laneBlocks();
    }

    /// {@return blocks of a lane, `q`: a multiple of 4}
    int laneBlocks() {
        return Argon2id.SLICES * segmentBlocks();
    }

    /// {@return blocks of a lane in one slice}
    int segmentBlocks() {
        return memoryKib / (Argon2id.SLICES * lanes);
    }

    /// {@return bytes of memory that a derivation takes: the blocks, and 4,480 bytes besides}
    public long memoryBytes() {
        return (long) blocks() * Argon2id.BLOCK_BYTES + Argon2id.WORK_BYTES;
    }

    /// {@return what lies in the memory, as a plan of [#memoryBytes]: a row for each name}
    public MemoryPlan plan() {
        return Argon2id.plan(this);
    }
}
