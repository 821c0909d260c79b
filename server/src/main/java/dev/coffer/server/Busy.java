package dev.coffer.server;

import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Status;
import java.lang.foreign.MemorySegment;

/// 503 without an exchange: what a request hears for which there is none. Stateless, thread-safe.
final class Busy implements MessageSource {
    private static final int RETRY_SECONDS = 1;

    @Override
    public void head(HeadWriter head) {
        head.status(Status.SERVICE_UNAVAILABLE).field(FieldName.RETRY_AFTER, RETRY_SECONDS);
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        return FAILED;  // there is none
    }
}
