package dev.coffer.http.internal;

/// How often a peer may do something that costs us more than it: so many at once, and so many a second from then on.
public final class Rate {
    private static final long SECOND = 1_000_000_000L;
    /// Bytes that [#keep] writes.
    public static final int KEPT_BYTES = Integer.BYTES + Long.BYTES;

    private final int burst;
    private final long nanosEach;
    private int left;
    private long since;         // when the last one came back

    public Rate(int burst, int perSecond) {
        this.burst = burst;
        this.nanosEach = SECOND / perSecond;
    }

    public void reset(long now) {
        left = burst;
        since = now;
    }

    /// {@return whether all of it has come back}
    public boolean isFull(long now) {
        return left == burst || Math.max(0, now - since) / nanosEach >= burst - left;
    }

    public void keep(RestBlocks rest) {
        rest.putInt(left);
        rest.putLong(since);
    }

    public void resume(RestBlocks rest) {
        left = rest.getInt();
        since = rest.getLong();
    }

    /// One more.
    ///
    /// @return whether it is within
    public boolean take(long now) {
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
    public void give(int more) {
        left = Math.min(burst, left + more);
    }
}
