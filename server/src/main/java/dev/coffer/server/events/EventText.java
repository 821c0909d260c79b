package dev.coffer.server.events;

import dev.coffer.http.Ascii;
import dev.coffer.memory.layout.Decimal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Events and comments as they are sent (WHATWG HTML, section 9.2.5): `id`, `event`, a `data` for each line, an empty line. Line
/// ends in data are CR LF, LF or CR; a client puts LF between the lines. Stateless, thread-safe; 0 heap bytes.
final class EventText {
    static final long NO_ID = -1;
    private static final Ascii ID = Ascii.of("id: ");
    private static final Ascii TYPE = Ascii.of("event: ");
    private static final Ascii DATA = Ascii.of("data: ");
    private static final Ascii COMMENT = Ascii.of(": ");
    private static final Ascii RETRY = Ascii.of("retry: ");
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private EventText() {}

    /// @throws IllegalArgumentException  a type that would end its line (caller's fault)
    static void checkType(@Nullable Ascii type) {
        for (int i = 0; type != null && i < type.length(); i++) {
            if (type.at(i) == '\n' || type.at(i) == '\r' || type.at(i) == 0) {
                throw new IllegalArgumentException("event type: a line end or NUL at " + i);
            }
        }
    }

    /// {@return bytes that [#event] writes}
    static long eventLength(long id, @Nullable Ascii type, MemorySegment data, long at, long length) {
        return (id == NO_ID ? 0 : ID.length() + Decimal.bytes(id) + 1) + (type == null ? 0 : TYPE.length() + type.length() + 1)
                + lines(DATA, data, at, length, null, 0) + 1;
    }

    /// Writes an event.
    ///
    /// @param type  null for a plain message
    static void event(long id, @Nullable Ascii type, MemorySegment data, long at, long length, MemorySegment target, long to) {
        long next = to;
        if (id != NO_ID) {
            next = newline(target, Decimal.write(target, put(ID, target, next), id));
        }
        if (type != null) {
            next = newline(target, put(type, target, put(TYPE, target, next)));
        }
        newline(target, next + lines(DATA, data, at, length, target, next));
    }

    /// {@return bytes that [#comment] writes}
    static long commentLength(MemorySegment text, long at, long length) {
        return lines(COMMENT, text, at, length, null, 0);
    }

    /// Writes a comment, which no client shows.
    static void comment(MemorySegment text, long at, long length, MemorySegment target, long to) {
        lines(COMMENT, text, at, length, target, to);
    }

    /// Writes how long a client waits before it comes back.
    ///
    /// @return bytes
    static int retry(long millis, MemorySegment target, long to) {
        return (int) (newline(target, newline(target, Decimal.write(target, put(RETRY, target, to), millis))) - to);
    }

    /// Writes each line behind a field's name; only counts where the target is null.
    ///
    /// @return bytes
    private static long lines(Ascii name, MemorySegment data, long at, long length, @Nullable MemorySegment target, long to) {
        long bytes = 0;
        long end = at + length;
        long line = at;
        for (boolean more = true; more;) {
            long stop = line;
            while (stop < end && data.get(U8, stop) != '\n' && data.get(U8, stop) != '\r') {
                stop++;
            }
            if (target != null) {
                long next = put(name, target, to + bytes);
                MemorySegment.copy(data, line, target, next, stop - line);
                newline(target, next + stop - line);
            }
            bytes += name.length() + stop - line + 1;
            more = stop < end;
            line = stop + 1 < end && data.get(U8, stop) == '\r' && data.get(U8, stop + 1) == '\n' ? stop + 2 : stop + 1;
        }
        return bytes;
    }

    private static long put(Ascii text, MemorySegment target, long to) {
        text.write(target, to);
        return to + text.length();
    }

    private static long newline(MemorySegment target, long to) {
        target.set(U8, to, (byte) '\n');
        return to + 1;
    }
}
