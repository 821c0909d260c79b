package dev.coffer.server.easy;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.server.Answer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A response as the engine pulls it.
final class ResponseAnswer implements Answer {
    private final Response response;
    private int from;

    ResponseAnswer(Response response) {
        this.response = response;
    }

    @Override
    public void head(HeadWriter head) {
        boolean bodiless = Status.isBodiless(response.status());
        for (Response.Field field : response.fields()) {
            if (!bodiless || !field.name().toString().equals("content-type")) {
                head.field(field.name(), field.value());
            }
        }
        if (!bodiless) {
            head.content(response.content().length);
        }
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        int length = (int) Math.min(room, response.content().length - from);
        MemorySegment.copy(response.content(), from, output, ValueLayout.JAVA_BYTE, at, length);
        from += length;
        return length;
    }
}
