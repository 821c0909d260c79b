package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Which kinds of extensions a list has, a bit for each: none may come twice, those that nobody knows among them (RFC 8446, section 4.2). One a loop;
/// 0 heap bytes.
final class ExtensionKinds {
    private static final int KINDS = 1 << 16;  // ExtensionType is u16
    /// Bytes of the memory, zero between calls.
    static final long BYTES = KINDS / Byte.SIZE;

    private final MemorySegment seen;
    private final long seenAt;

    /// @param seen  [#BYTES] of zeros off the heap, nobody else's during a call
    ExtensionKinds(MemorySegment seen, long seenAt) {
        this.seen = seen;
        this.seenAt = seenAt;
    }

    /// Marks a kind, of a list whose marks [#unmark] takes back.
    ///
    /// @return whether it is new
    boolean mark(int kind) {
        long at = seenAt + (kind >>> 3);
        int before = Wire.u8(seen, at);
        int bit = 1 << (kind & 7);
        Wire.u8(seen, at, before | bit);
        return (before & bit) == 0;
    }

    /// Goes the same way again: a list of ordinary length has some fifteen marks, and the map is 8 KiB long.
    void unmark(MemorySegment memory, long from, long end) {
        for (long p = from; end - p >= 4;) {
            Wipe.bytes(seen, seenAt + (BigEndian.u16(memory, p) >>> 3), 1);
            p += 4 + BigEndian.u16(memory, p + 2);
        }
    }

    /// Looks through a list, behind its length.
    ///
    /// @param allowed  one that may stand there, of those known here; whatever is not known may
    /// @return null where it is sound, and nothing comes twice or where it must not
    @Nullable
    Alert check(MemorySegment memory, long from, long end, int allowed) {
        try {
            for (long p = from; p < end;) {
                if (end - p < 4 || end - p - 4 < BigEndian.u16(memory, p + 2)) {
                    return Alert.DECODE_ERROR;
                }
                int kind = BigEndian.u16(memory, p);
                if (!mark(kind) || isKnown(kind) && kind != allowed) {
                    return Alert.ILLEGAL_PARAMETER;
                }
                p += 4 + BigEndian.u16(memory, p + 2);
            }
            return null;
        } finally {
            unmark(memory, from, end);
        }
    }

    /// {@return whether a kind is one that we read or write somewhere: where it has no place it is a fault (section 4.2)}
    private static boolean isKnown(int kind) {
        return switch (kind) {
            case Wire.SERVER_NAME, Wire.SUPPORTED_GROUPS, Wire.SIGNATURE_ALGORITHMS, Wire.ALPN, Wire.RECORD_SIZE_LIMIT, Wire.EARLY_DATA, Wire.PRE_SHARED_KEY,
                    Wire.SUPPORTED_VERSIONS, Wire.COOKIE, Wire.PSK_MODES, Wire.KEY_SHARE, Wire.QUIC_PARAMETERS ->
                true;
            default -> false;
        };
    }
}
