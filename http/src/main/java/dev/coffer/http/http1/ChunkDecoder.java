package dev.coffer.http.http1;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Octets;
import org.jspecify.annotations.Nullable;

/// The chunked coding's framing (RFC 9112, section 7.1), octet by octet, so that any split of the input is the same.
/// Holds no content: the receiver passes that by.
final class ChunkDecoder {
    /// Hexadecimal digits of a size: 16 make 64 bits. Leading zeros count.
    private static final int DIGITS_MAX = 16;

    /// Where in a chunk the next octet lies.
    enum At {
        SIZE, AFTER_SIZE, NAME_START, NAME, AFTER_NAME, VALUE_START, VALUE, QUOTED, QUOTED_PAIR, AFTER_VALUE, SIZE_LF,
        DATA, DATA_CR, DATA_LF, LAST
    }

    private At at = At.SIZE;
    private long size;            // of the chunk, then what is left of it
    private int digits;
    private int extensionBytes;   // of the message so far
    private int extensionBytesMax;

    void begin(int newExtensionBytesMax) {
        at = At.SIZE;
        size = 0;
        digits = 0;
        extensionBytes = 0;
        extensionBytesMax = newExtensionBytesMax;
    }

    boolean inData() {
        return at == At.DATA;
    }

    /// {@return whether the chunk of size 0 has passed and the trailer section begins}
    boolean isLast() {
        return at == At.LAST;
    }

    /// {@return bytes of content left in this chunk}
    long left() {
        return size;
    }

    /// Passes content by.
    void took(long bytes) {
        size -= bytes;
        if (size == 0) {
            at = At.DATA_CR;
        }
    }

    /// Takes one octet of framing; not while [#inData] or [#isLast].
    ///
    /// @param room  bytes of content that may still come
    Refusal octet(int b, long room) {
        switch (at) {
            case SIZE -> {
                return size(b);
            }
            case SIZE_LF -> {
                if (b != '\n') {
                    return Refusal.CHUNK;
                }
                if (size < 0 || size > room) {
                    return Refusal.CONTENT_TOO_LARGE;
                }
                at = size == 0 ? At.LAST : At.DATA;
            }
            case DATA_CR -> {
                if (b != '\r') {
                    return Refusal.CHUNK;
                }
                at = At.DATA_LF;
            }
            case DATA_LF -> {
                if (b != '\n') {
                    return Refusal.CHUNK;
                }
                at = At.SIZE;
                size = 0;
                digits = 0;
            }
            default -> {
                return extension(b);
            }
        }
        return Refusal.NONE;
    }

    private Refusal size(int b) {
        if (Octets.is(b, Octets.HEX)) {
            if (++digits > DIGITS_MAX) {
                return Refusal.CHUNK;
            }
            size = size << 4 | Octets.hex(b);
            return Refusal.NONE;
        }
        if (digits == 0) {
            return Refusal.CHUNK;
        }
        if (b == '\r') {
            at = At.SIZE_LF;
            return Refusal.NONE;
        }
        at = At.AFTER_SIZE;
        return extension(b);
    }

    /// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, checked and forgotten (section 7.1.1).
    private Refusal extension(int b) {
        if (b == '\r' && (at == At.NAME || at == At.VALUE || at == At.AFTER_VALUE)) {
            at = At.SIZE_LF;
            return Refusal.NONE;
        }
        if (++extensionBytes > extensionBytesMax) {
            return Refusal.CHUNK_EXTENSIONS;
        }
        boolean space = b == ' ' || b == '\t';
        At next = switch (at) {
            case AFTER_SIZE -> space ? At.AFTER_SIZE : b == ';' ? At.NAME_START : null;
            case NAME_START -> space ? At.NAME_START : Octets.is(b, Octets.TOKEN) ? At.NAME : null;
            case NAME -> Octets.is(b, Octets.TOKEN) ? At.NAME : afterName(b, space);
            case AFTER_NAME -> afterName(b, space);
            case VALUE_START -> space ? At.VALUE_START : b == '"' ? At.QUOTED
                    : Octets.is(b, Octets.TOKEN) ? At.VALUE : null;
            case VALUE -> Octets.is(b, Octets.TOKEN) ? At.VALUE : afterValue(b, space);
            case QUOTED -> b == '"' ? At.AFTER_VALUE : b == '\\' ? At.QUOTED_PAIR
                    : Octets.is(b, Octets.VALUE) ? At.QUOTED : null;
            case QUOTED_PAIR -> Octets.is(b, Octets.VALUE) ? At.QUOTED : null;
            case AFTER_VALUE -> afterValue(b, space);
            default -> throw new AssertionError(at);
        };
        if (next == null) {
            return Refusal.CHUNK;
        }
        at = next;
        return Refusal.NONE;
    }

    private static @Nullable At afterName(int b, boolean space) {
        return space ? At.AFTER_NAME : b == '=' ? At.VALUE_START : b == ';' ? At.NAME_START : null;
    }

    private static @Nullable At afterValue(int b, boolean space) {
        return space ? At.AFTER_SIZE : b == ';' ? At.NAME_START : null;  // after space only `;` may follow
    }
}
