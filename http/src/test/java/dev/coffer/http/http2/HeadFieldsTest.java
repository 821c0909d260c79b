package dev.coffer.http.http2;

import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.CheckedHeadContract;
import java.lang.foreign.Arena;

/// A head before HPACK sees it refuses what one in text does.
class HeadFieldsTest extends CheckedHeadContract {
    private static final int BYTES_MAX = 512;

    private final HeadFields head = new HeadFields(Arena.ofAuto().allocate(HeadFields.bytes(BYTES_MAX)), 0, BYTES_MAX, null);

    @Override
    protected CheckedHead begun(boolean response) {
        head.drop();
        if (response) {
            head.beginResponse();
        } else {
            head.beginRequest(true);
        }
        return head;
    }
}
