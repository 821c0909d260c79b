package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The keys that a client's hello offers (RFC 8446, section 4.2.11), as they were read: offsets into the memory that it lies in.
///
/// ```
///   length u16 | identity: length u16, bytes, age u32 | ... | length u16 | binder: length u8, bytes | ...
///                                                             '-- bindersAt: what the binders cover ends before this
/// ```
///
/// Refused: a length that does not fit, an empty identity, a binder of fewer than 32 bytes (`decode_error`); not as many binders as identities
/// (`illegal_parameter`). One object a loop; 0 heap bytes.
final class PreSharedKeys {
    /// Identities that are looked at; a client has no use for more, and each is work.
    static final int IDENTITIES_MAX = 4;
    private static final int BINDER_BYTES_MIN = 32;

    private MemorySegment memory = MemorySegment.NULL;
    private long identitiesAt;
    private int count;
    private long bindersAt = -1;

    void begin() {
        bindersAt = -1;
        count = 0;
    }

    /// Reads an extension's body.
    ///
    /// @return null, or why it is refused
    @Nullable
    Alert read(MemorySegment from, long at, int length) {
        memory = from;
        long end = at + length;
        identitiesAt = at + 2;
        long last = length < 2 ? end : identitiesAt + BigEndian.u16(from, at);
        if (last + 2 > end || last == identitiesAt) {
            return Alert.DECODE_ERROR;
        }
        for (long p = identitiesAt; p < last; count++) {
            int bytes = last - p < 2 ? 0 : BigEndian.u16(from, p);
            if (bytes == 0 || last - p - 2 < bytes + 4) {
                return Alert.DECODE_ERROR;
            }
            p += 2 + bytes + 4;
        }
        bindersAt = last;
        return readBinders(end);
    }

    private @Nullable Alert readBinders(long end) {
        if (BigEndian.u16(memory, bindersAt) != end - bindersAt - 2 || end == bindersAt + 2) {
            return Alert.DECODE_ERROR;
        }
        int binders = 0;
        for (long p = bindersAt + 2; p < end; binders++) {
            int bytes = Wire.u8(memory, p);
            if (bytes < BINDER_BYTES_MIN || end - p - 1 < bytes) {
                return Alert.DECODE_ERROR;
            }
            p += 1 + bytes;
        }
        return binders == count ? null : Alert.ILLEGAL_PARAMETER;
    }

    /// {@return whether there are any}
    boolean areThere() {
        return bindersAt >= 0;
    }

    /// {@return identities that may be looked at}
    int count() {
        return Math.min(count, IDENTITIES_MAX);
    }

    /// {@return where the binders begin, with their list's length}
    long bindersAt() {
        return bindersAt;
    }

    /// {@return where an identity lies, its length in front as u16 and its age behind}
    long identityAt(int index) {
        long p = identitiesAt;
        for (int i = 0; i < index; i++) {
            p += 2 + BigEndian.u16(memory, p) + 4;
        }
        return p;
    }

    /// {@return where a binder lies, its length in front as u8}
    long binderAt(int index) {
        long p = bindersAt + 2;
        for (int i = 0; i < index; i++) {
            p += 1 + Wire.u8(memory, p);
        }
        return p;
    }
}
