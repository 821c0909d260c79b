package dev.coffer.memory.internal.json;

import dev.coffer.memory.layout.Decimal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// JSON written into memory byte by byte: constant text and decimal numbers. 0 heap bytes; one thread. The caller has
/// made sure that the text fits.
public final class JsonText {
    private static final HexFormat HEX = HexFormat.of();

    private MemorySegment target;
    private long at;

    public void start(MemorySegment segment, long offset) {
        target = segment;
        at = offset;
    }

    /// {@return offset of the next byte; lets go of the segment}
    public long finish() {
        target = null;
        return at;
    }

    public void text(byte[] ascii) {
        for (byte b : ascii) {
            target.set(ValueLayout.JAVA_BYTE, at++, b);
        }
    }

    public void character(char ascii) {
        target.set(ValueLayout.JAVA_BYTE, at++, (byte) ascii);
    }

    public void number(long value) {
        at = Decimal.write(target, at, value);
    }

    /// Appends a JSON string: quotes, backslashes and control characters escaped.
    public static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append("\\u").append(HEX.toHexDigits(c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
