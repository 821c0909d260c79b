package dev.coffer.http.http3;

/// What is rationed, each for itself: past it the connection ends with H3_EXCESSIVE_LOAD (RFC 9114, section 10.5).
///
/// | what | at once | a second |
/// |---|---|---|
/// | requests that the peer takes back before they have their answer, and streams that it makes us reset | 200 | 50 |
/// | requests that we reject as we have no place for them | 1,000 | 200 |
/// | frames on the control stream, frames that nobody knows, streams of unknown types, beside four for each request (a browser says PRIORITY_UPDATE of most, and some peers a reserved frame on each) | 256 | 50 |
/// | DATA without content, beside one for each request (some say the end of a message so) | 64 | 10 |
///
/// Of each there is one number: when all of it will have come back. Where that is no farther away than what may be taken at once lasts, one more is within.
final class Floods {
    private static final long SECOND = 1_000_000_000L;
    private static final int FRAMES_A_SECOND = 50;
    private static final int FRAMES_EACH_REQUEST = 4;
    private static final int EMPTIES_A_SECOND = 10;

    private long resets;        // nanoseconds, on the clock of whoever asks
    private long shortages;
    private long frames;
    private long empties;

    void reset(long now) {
        resets = now;
        shortages = now;
        frames = now;
        empties = now;
    }

    /// {@return when all will have come back, once another is taken}
    private static long next(long whole, int perSecond, long now) {
        return Math.max(whole, now) + SECOND / perSecond;
    }

    private static boolean isWithin(long whole, int burst, int perSecond, long now) {
        return whole - now <= burst * (SECOND / perSecond);
    }

    /// A request, to the peer or of its, and what belongs to each: whatever comes as often as requests do is no flood where they are none.
    void begun() {
        frames -= FRAMES_EACH_REQUEST * (SECOND / FRAMES_A_SECOND);
        empties -= SECOND / EMPTIES_A_SECOND;
    }

    /// One more that was taken back, or that the peer made us reset.
    ///
    /// @return whether it is within
    boolean takeReset(long now) {
        resets = next(resets, 50, now);
        return isWithin(resets, 200, 50, now);
    }

    /// One more that is rejected.
    boolean takeShortage(long now) {
        shortages = next(shortages, 200, now);
        return isWithin(shortages, 1000, 200, now);
    }

    /// One more frame on the control stream, or of no known type, or stream of none.
    boolean takeFrame(long now) {
        frames = next(frames, FRAMES_A_SECOND, now);
        return isWithin(frames, 256, FRAMES_A_SECOND, now);
    }

    /// One more DATA without content.
    boolean takeEmpty(long now) {
        empties = next(empties, EMPTIES_A_SECOND, now);
        return isWithin(empties, 64, EMPTIES_A_SECOND, now);
    }
}
