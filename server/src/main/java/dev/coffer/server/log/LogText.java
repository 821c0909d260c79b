package dev.coffer.server.log;

import dev.coffer.http.Ascii;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Decimal;
import dev.coffer.server.time.Timestamp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes the parts of a line. What a peer has sent is escaped so that it can neither end a line nor a quotation, nor move a
/// terminal's cursor: a log is ASCII, whatever came. One thread at a time; 0 heap bytes.
///
/// In the common formats `\"`, `\\` and `\xhh`, as Apache has it. In JSON (RFC 8259, section 7) `\"`, `\\`, and the six characters of a Unicode
/// escape for every other byte that is no printable ASCII, whose number is that of the byte: so every byte can be told.
final class LogText {
    private static final Ascii MONTHS = Ascii.of("JanFebMarAprMayJunJulAugSepOctNovDec");
    private static final Ascii CUT = Ascii.of("...");
    private static final int ESCAPE_BYTES_MAX = 6;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private final MemorySegment target;
    private long at;

    LogText(MemorySegment target) {
        this.target = target;
    }

    LogText from(long offset) {
        at = offset;
        return this;
    }

    /// {@return offset behind what was written}
    long at() {
        return at;
    }

    LogText text(Ascii text) {
        text.write(target, at);
        at += text.length();
        return this;
    }

    LogText put(int b) {
        target.set(U8, at++, (byte) b);
        return this;
    }

    LogText decimal(long value) {
        at = Decimal.write(target, at, value);
        return this;
    }

    /// Goes on behind what someone else has written.
    LogText skip(int bytes) {
        at += bytes;
        return this;
    }

    /// `2026-11-25T22:40:07Z`.
    LogText timestamp(long epochSeconds) {
        Timestamp.write(target, at, epochSeconds);
        at += Timestamp.BYTES;
        return this;
    }

    /// `25/Nov/2026:22:40:07 +0000`.
    LogText commonTime(long epochSeconds, Ascii zone) {
        long from = at + 32;  // behind what is written here, and overwritten by what follows
        Timestamp.write(target, from, epochSeconds);
        int month = 10 * (target.get(U8, from + 5) - '0') + target.get(U8, from + 6) - '0';
        copy(from + 8, 2).put('/');
        for (int i = 0; i < 3; i++) {
            put(MONTHS.at(3 * (month - 1) + i));
        }
        put('/').copy(from, 4).put(':').copy(from + 11, 8).text(zone);
        Wipe.bytes(target, from, Timestamp.BYTES);  // a short line ends before it
        return this;
    }

    private LogText copy(long from, int length) {
        for (int i = 0; i < length; i++) {
            put(target.get(U8, from + i));
        }
        return this;
    }

    /// Writes what a peer has sent, escaped.
    ///
    /// @param bytesMax  that may be written, 16 or more; what is longer ends with `...`
    LogText escaped(MemorySegment source, long from, int length, int bytesMax, boolean json) {
        long end = at + bytesMax - CUT.length();
        for (int i = 0; i < length; i++) {
            if (at > end - ESCAPE_BYTES_MAX) {
                return text(CUT);
            }
            int b = source.get(U8, from + i) & 0xff;
            if (b == '"' || b == '\\') {
                put('\\').put(b);
            } else if (b >= ' ' && b < 0x7f) {
                put(b);
            } else if (json) {
                put('\\').put('u').put('0').put('0').hex(b);
            } else {
                put('\\').put('x').hex(b);
            }
        }
        return this;
    }

    private LogText hex(int b) {
        return put(digit(b >> 4)).put(digit(b & 15));
    }

    private static int digit(int value) {
        return value < 10 ? '0' + value : 'a' + value - 10;
    }
}
