package dev.coffer.memory.ring;

/// What a ring knows of itself, for the tests of other packages.
public final class RingInvariants {
    private RingInvariants() {}

    public static void check(CircularBuffer ring) {
        ring.checkInvariants();
    }

    /// {@return bytes that the writer may have written and did not commit}
    public static long exposed(CircularBuffer ring) {
        return ring.exposed;
    }
}
