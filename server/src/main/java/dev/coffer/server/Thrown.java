package dev.coffer.server;

import dev.coffer.http.HeadWriter;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// An answer that throws, on the loop's thread, what was thrown on another one: given to [Later#respond], it is counted, logged and
/// answered 500 as if the handler had thrown it.
///
/// @param throwable  what was thrown; a checked one is told by the place where it was
public record Thrown(Throwable throwable) implements Answer {
    /// Of something.
    public Thrown {
        Objects.requireNonNull(throwable);
    }

    @Override
    public void head(HeadWriter head) {
        switch (throwable) {
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> {
                RuntimeException exception = new IllegalStateException(throwable.getClass().getName(), throwable);
                exception.setStackTrace(throwable.getStackTrace());
                throw exception;
            }
        }
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        return FAILED;
    }
}
