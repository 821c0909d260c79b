package dev.coffer.http.http2;

import dev.coffer.http.internal.RestBlocks;

/// How often a peer may do something that costs us more than it: so many at once, and so many a second from then on.
final class Rate {
    private static final long SECOND = 1_000_000_000L;
    /// Bytes that [#keep] writes.
    static final int KEPT_BYTES = Integer.BYTES + Long.BYTES;

    private final int burst;
    private final long nanosEach;
    private int left;
    private long since;         // when the last one came back

    Rate(int burst, int perSecond) {
        this.burst = burst;
        this.nanosEach = SECOND / perSecond;
    }

    void reset(long now) {
        left = burst;
        since = now;
    }

    /// {@return whether all of it has come back}
    boolean isFull(long now) {
        return left == burst || Math.max(0, now - since) / nanosEach >= burst - left;
    }

    void keep(RestBlocks rest) {
        rest.putInt(left);
        rest.putLong(since);
    }

    void resume(RestBlocks rest) {
        left = rest.getInt();
        since = rest.getLong();
    }

    /// One more.
    ///
    /// @return whether it is within
    boolean take(long now) {
        if (left < burst) {
            long back = Math.max(0, now - since) / nanosEach;
            if (back >= burst - left) {
                left = burst;
            } else {
                left += (int) back;
                since += back * nanosEach;
            }
        }
        if (left == burst) {
            since = now;
        }
        return --left >= 0;
    }

    /// What the peer does in answer to us is not held against it.
    void give(int more) {
        left = Math.min(burst, left + more);
    }
}
