package dev.coffer.server.drive;

/// When a datagram socket is not waited for, but looked at every 2 ms: while nothing is said but acknowledgements that could wait and did, as keep-alives of many connections that are idle have,
/// and what comes does so often that waking up for each is most of what it costs. The first that is answered ends it; an acknowledgement that is due at once is an answer, so who uploads is waited for.
///
/// ```
///   waits --17 turns without an answer, 1,000 to 16,000 datagrams a second--> looks every 2 ms
///     ^------------an answer, or 17 turns of another pace-----------------------------'
/// ```
///
/// Who asks meanwhile, or begins to upload, is heard up to 2 ms later, until the first answer: an upload has that with its second datagram. What comes faster comes by many a turn anyhow, and may not wait in the system's buffer. One thread at a time; 0 heap bytes.
final class Lulls {
    static final long PAUSE_NANOS = 1 << 21;
    /// Of a reading, behind the one that it begins with.
    static final int TURNS = 16;
    static final long RATE_MIN = 1_000;
    static final long RATE_MAX = 16_000;
    private static final long SECOND = 1_000_000_000L;

    private boolean on;
    private int turns;       // of the present reading, the first one aside; -1 before it
    private int datagrams;
    private long since;

    Lulls() {
        turns = -1;
    }

    /// {@return whether the socket is not to be waited for}
    boolean areOn() {
        return on;
    }

    /// A turn has received.
    ///
    /// @param count     datagrams, 0 or more
    /// @param answered  whether anything was said but acknowledgements alone that had waited, to whomever, or somebody is about to
    /// @param nanos     of the loop's clock
    void received(int count, boolean answered, long nanos) {
        if (answered) {
            on = false;
            turns = -1;
        } else if (turns < 0) {
            since = nanos;
            datagrams = 0;
            turns = 0;
        } else {
            datagrams += count;
            turns++;
            if (turns == TURNS) {
                long passed = Math.max(1, nanos - since);
                on = datagrams * SECOND >= RATE_MIN * passed && datagrams * SECOND <= RATE_MAX * passed;
                turns = -1;
            }
        }
    }

    @Override
    public String toString() {
        return "Lulls[" + (on ? "on" : "off") + "]";
    }
}
