package dev.coffer.testkit.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What both drivers hold an engine to: guards around what it is lent, deadlines that do not stay in the past, and the words in which a
/// broken promise is told.
final class Outline {
    /// Around every range that is lent.
    static final int GUARD_BYTES = 16;
    static final byte GUARD = (byte) 0xa5;
    private static final int DEADLINES_WITHOUT_TIME_MAX = 100;

    private final Object driver;
    private long lastDeadline = -1;
    private int deadlines;              // at that time

    /// @param driver  who says in messages what it drives
    Outline(Object driver) {
        this.driver = driver;
    }

    /// A deadline that had come was told to the engine.
    ///
    /// @param deadline  the one that it has now
    void deadlineTold(long now, long deadline) {
        deadlines = lastDeadline == now ? deadlines + 1 : 0;
        lastDeadline = now;
        require(deadlines < DEADLINES_WITHOUT_TIME_MAX, "its deadline stays in the past:", deadline);
    }

    /// {@return whether nothing was written around a range that begins behind the first guard}
    static boolean isGuarded(MemorySegment memory, long length) {
        for (int i = 0; i < GUARD_BYTES; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != GUARD || memory.get(ValueLayout.JAVA_BYTE, GUARD_BYTES + length + i) != GUARD) {
                return false;
            }
        }
        return true;
    }

    void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(driver + ": " + what);
        }
    }

    void require(boolean holds, String what, long number) {
        if (!holds) {
            throw new AssertionError(driver + ": " + what + " " + number);
        }
    }
}
