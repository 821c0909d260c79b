package dev.coffer.server.drive;

import org.jspecify.annotations.Nullable;

/// Connections in the order in which they came: links in themselves, so it is bounded and costs nothing. One stands in one
/// list at most.
final class DriverList {
    private @Nullable StreamDriver first;
    private @Nullable StreamDriver last;

    /// {@return who has been here the longest, null if nobody is}
    @Nullable
    StreamDriver first() {
        return first;
    }

    void add(StreamDriver driver) {
        driver.before = last;
        if (last == null) {
            first = driver;
        } else {
            last.after = driver;
        }
        last = driver;
    }

    void remove(StreamDriver driver) {
        if (driver.before == null) {
            first = driver.after;
        } else {
            driver.before.after = driver.after;
        }
        if (driver.after == null) {
            last = driver.before;
        } else {
            driver.after.before = driver.before;
        }
        driver.before = null;
        driver.after = null;
    }
}
