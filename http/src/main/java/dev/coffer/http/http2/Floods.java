package dev.coffer.http.http2;

import dev.coffer.http.internal.Rate;
import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.layout.HeapLayout;

/// What is rationed, each for itself: past it the connection ends with ENHANCE_YOUR_CALM (RFC 9113, section 10.5).
///
/// | what | at once | a second |
/// |---|---|---|
/// | requests that the peer takes back by RST_STREAM before they have their answer, and resets that it makes us send (CVE-2023-44487, CVE-2025-8671) | 200 | 50 |
/// | streams below the number that we said, or before it was heard, refused as we have no place or no window for them | 1,000 | 200 |
/// | SETTINGS | 32 | 1 |
/// | PING, beside one for each DATA frame of ours (gRPC measures so what its path carries) | 64 | 10 |
/// | DATA without content that ends nothing, beside one for each request | 64 | 10 |
/// | WINDOW_UPDATE, beside eight for each DATA frame of ours | 1,000 | 200 |
/// | PRIORITY, PRIORITY_UPDATE, and frames that nobody knows, beside four for each request (browsers say one or two of most) | 256 | 50 |
final class Floods {
    final Rate resets = new Rate(200, 50);
    final Rate shortages = new Rate(1000, 200);
    final Rate settings = new Rate(SETTINGS_AT_ONCE, 1);
    final Rate pings = new Rate(PINGS_AT_ONCE, 10);
    final Rate empties = new Rate(64, 10);
    final Rate updates = new Rate(1000, 200);
    final Rate priorities = new Rate(256, 50);

    static final int SETTINGS_AT_ONCE = 32;
    static final int PINGS_AT_ONCE = 64;
    private static final int UPDATES_EACH_DATA = 8;
    private static final int FRAMES_EACH_REQUEST = 4;
    private static final int RATES = 7;

    void reset(long now) {
        resets.reset(now);
        shortages.reset(now);
        settings.reset(now);
        pings.reset(now);
        empties.reset(now);
        updates.reset(now);
        priorities.reset(now);
    }

    /// A request, to the peer or of its, and what belongs to each: whatever comes as often as requests do is no flood where they are none.
    void begun() {
        empties.give(1);
        priorities.give(FRAMES_EACH_REQUEST);
    }

    /// A DATA frame of ours, and what the peer may say to it.
    void said() {
        updates.give(UPDATES_EACH_DATA);
        pings.give(1);
    }

    /// {@return those that are not full, as bits}
    private int spent(long now) {
        int spent = 0;
        for (int i = 0; i < RATES; i++) {
            spent |= rate(i).isFull(now) ? 0 : 1 << i;
        }
        return spent;
    }

    /// {@return bytes that [#keep] writes}
    int keptBytes(long now) {
        return Integer.BYTES + Integer.bitCount(spent(now)) * Rate.KEPT_BYTES;
    }

    /// Writes down those that are not full, behind a mask that says which.
    void keep(RestBlocks rest, long now) {
        int spent = spent(now);
        rest.putInt(spent);
        for (int i = 0; i < RATES; i++) {
            if ((spent & 1 << i) != 0) {
                rate(i).keep(rest);
            }
        }
    }

    /// Takes in what was written down; all are full.
    void resume(RestBlocks rest) {
        int spent = rest.getInt();
        for (int i = 0; i < RATES; i++) {
            if ((spent & 1 << i) != 0) {
                rate(i).resume(rest);
            }
        }
    }

    private Rate rate(int index) {
        return switch (index) {
            case 0 -> resets;
            case 1 -> shortages;
            case 2 -> settings;
            case 3 -> pings;
            case 4 -> empties;
            case 5 -> updates;
            default -> priorities;
        };
    }

    static long heapBytes() {
        return HeapLayout.instance(Floods.class) + RATES * HeapLayout.instance(Rate.class);
    }
}
