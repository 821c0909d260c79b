package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The value of the Date field, written once a second and shared by every engine of an event loop: an engine has no
/// clock, so its loop calls [#update]. Owned by one thread; 0 heap bytes after construction.
public final class DateField {
    private final byte[] text = new byte[HttpDate.BYTES];
    private final MemorySegment view = MemorySegment.ofArray(text);
    private long epochSeconds = Long.MIN_VALUE;

    /// A field without a time yet.
    public DateField() {}

    /// Sets the time; rewrites the text if the second has changed.
    ///
    /// @param seconds  since 1970, years 1 to 9999
    public void update(long seconds) {
        if (seconds != epochSeconds) {
            HttpDate.write(view, 0, seconds);
            epochSeconds = seconds;
        }
    }

    /// {@return whether [#update] was ever called}
    public boolean isSet() {
        return epochSeconds != Long.MIN_VALUE;
    }

    /// Copies the [HttpDate#BYTES] bytes to `at`.
    public void write(MemorySegment segment, long at) {
        MemorySegment.copy(text, 0, segment, ValueLayout.JAVA_BYTE, at, HttpDate.BYTES);
    }
}
