package dev.coffer.http.http2;

import dev.coffer.memory.layout.HeapLayout;

/// What is rationed, each for itself: past it the connection ends with ENHANCE_YOUR_CALM (RFC 9113, section 10.5).
///
/// | what | at once | a second |
/// |---|---|---|
/// | requests that the peer takes back by RST_STREAM before they have their answer, and resets that it makes us send (CVE-2023-44487, CVE-2025-8671) | 200 | 50 |
/// | streams below the number that we said, refused as we have no place or no window for them | 1,000 | 200 |
/// | SETTINGS | 32 | 1 |
/// | PING | 64 | 10 |
/// | DATA without content that ends nothing | 64 | 10 |
/// | WINDOW_UPDATE, beside eight for each DATA frame of ours | 1,000 | 200 |
/// | PRIORITY, PRIORITY_UPDATE, and frames that nobody knows | 256 | 50 |
final class Floods {
    final Rate resets = new Rate(200, 50);
    final Rate shortages = new Rate(1000, 200);
    final Rate settings = new Rate(32, 1);
    final Rate pings = new Rate(64, 10);
    final Rate empties = new Rate(64, 10);
    final Rate updates = new Rate(1000, 200);
    final Rate priorities = new Rate(256, 50);

    static final int UPDATES_EACH_DATA = 8;

    void reset(long now) {
        resets.reset(now);
        shortages.reset(now);
        settings.reset(now);
        pings.reset(now);
        empties.reset(now);
        updates.reset(now);
        priorities.reset(now);
    }

    static long heapBytes() {
        return HeapLayout.instance(Floods.class) + 7 * HeapLayout.instance(Rate.class);
    }
}
