package dev.coffer.http.http2;

import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.CheckedHeadContract;
import dev.coffer.http.internal.CheckedHeadContract.Kind;
import java.lang.foreign.Arena;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// A head before HPACK sees it refuses what one in text does.
class HeadFieldsTest {
    private static final int BYTES_MAX = 512;

    private final HeadFields head = new HeadFields(Arena.ofAuto().allocate(HeadFields.bytes(BYTES_MAX)), 0, BYTES_MAX, null);

    @TestFactory
    Stream<DynamicTest> refusesWhatAHeadOfAnyVersionDoes() {
        return CheckedHeadContract.of(this::begun);
    }

    private CheckedHead begun(Kind kind) {
        head.drop();
        switch (kind) {
            case RESPONSE -> head.beginResponse();
            case REQUEST -> head.beginRequest(true);
            case TRAILERS -> head.beginTrailers();
        }
        return head;
    }
}
