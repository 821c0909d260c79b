package dev.coffer.server.time;

/// The two clocks of a loop; another in tests. Makes no object.
public interface Time {
    /// The system's.
    Time SYSTEM = new Time() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long epochSeconds() {
            return Math.floorDiv(System.currentTimeMillis(), 1000L);
        }
    };

    /// {@return nanoseconds of a clock that never goes back}
    long nanos();

    /// {@return seconds since 1970}
    long epochSeconds();
}
