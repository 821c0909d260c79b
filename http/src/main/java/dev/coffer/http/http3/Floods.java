package dev.coffer.http.http3;

import dev.coffer.http.internal.Rate;

/// What is rationed, each for itself: past it the connection ends with H3_EXCESSIVE_LOAD (RFC 9114, section 10.5).
///
/// | what | at once | a second |
/// |---|---|---|
/// | requests that the peer takes back before they have their answer, and streams that it makes us reset | 200 | 50 |
/// | requests that we reject as we have no place for them | 1,000 | 200 |
/// | frames on the control stream, frames that nobody knows, streams of unknown types | 256 | 50 |
/// | DATA without content | 64 | 10 |
final class Floods {
    static final int RATES = 4;

    final Rate resets = new Rate(200, 50);
    final Rate shortages = new Rate(1000, 200);
    final Rate frames = new Rate(256, 50);
    final Rate empties = new Rate(64, 10);

    void reset(long now) {
        resets.reset(now);
        shortages.reset(now);
        frames.reset(now);
        empties.reset(now);
    }
}
