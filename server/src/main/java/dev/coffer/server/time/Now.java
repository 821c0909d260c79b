package dev.coffer.server.time;

/// The time of a loop's present turn: one reading for all that happens in it. Written by the loop, read on its thread.
public final class Now {
    private static final long YEAR_SECONDS = 31_556_952L;  // of the mean Gregorian year: enough for two-digit years

    private long nanos;
    private long epochSeconds;

    /// A time that was not read yet.
    public Now() {}

    /// Reads both clocks. The loop does, once a turn.
    public void read(Time time) {
        nanos = time.nanos();
        epochSeconds = time.epochSeconds();
    }

    /// {@return nanoseconds of a clock that never goes back}
    public long nanos() {
        return nanos;
    }

    /// {@return seconds since 1970}
    public long epochSeconds() {
        return epochSeconds;
    }

    /// {@return the year, roughly: what a date with a two-digit year needs}
    public int year() {
        return 1970 + (int) (epochSeconds / YEAR_SECONDS);
    }
}
