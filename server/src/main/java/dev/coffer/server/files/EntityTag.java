package dev.coffer.server.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Entity tags (RFC 9110, section 8.8.3): ours are inode, size, modification time and change time in hexadecimal,
/// `"1f3-2f1-17a3f0c2d1e4b8-17a3f0c2d1e4b8"`. The last is one that no user can set: a file that was replaced by another
/// of its size and modification time has another tag.
/// Stateless, thread-safe; 0 heap bytes.
public final class EntityTag {
    /// Bytes at most: `W/` 2, quotes 2, four numbers of 16 digits, three `-`.
    public static final int BYTES_MAX = 2 + 2 + 4 * 16 + 3;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private EntityTag() {}

    /// Writes the tag of a file at `at`.
    ///
    /// @param modified  nanoseconds since 1970
    /// @param changed   the same
    /// @return its bytes
    static int write(MemorySegment target, long at, boolean strong, long inode, long size, long modified, long changed) {
        long to = at;
        if (!strong) {
            target.set(U8, to++, (byte) 'W');
            target.set(U8, to++, (byte) '/');
        }
        target.set(U8, to++, (byte) '"');
        to = hex(target, to, inode);
        target.set(U8, to++, (byte) '-');
        to = hex(target, to, size);
        target.set(U8, to++, (byte) '-');
        to = hex(target, to, modified);
        target.set(U8, to++, (byte) '-');
        to = hex(target, to, changed);
        target.set(U8, to++, (byte) '"');
        return (int) (to - at);
    }

    private static long hex(MemorySegment target, long at, long value) {
        int digits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 3) / 4);
        for (int i = digits - 1; i >= 0; i--) {
            target.set(U8, at + digits - 1 - i, (byte) Character.forDigit((int) (value >>> 4 * i) & 15, 16));
        }
        return at + digits;
    }

    /// {@return whether a field that lists entity tags (`If-Match`, `If-None-Match`) has this one, or is `*`}
    ///
    /// @param list      the field's value, at `listAt`
    /// @param tag       ours, at `tagAt`
    /// @param strongly  by the strong comparison of section 8.8.3.2: both must be strong
    static boolean isListed(MemorySegment list, long listAt, int listLength, MemorySegment tag, long tagAt,
            int tagLength, boolean strongly) {
        long end = listAt + listLength;
        if (listLength == 1 && list.get(U8, listAt) == '*') {
            return true;
        }
        boolean weak = tag.get(U8, tagAt) == 'W';
        long opaqueAt = weak ? tagAt + 2 : tagAt;
        int opaqueLength = (int) (tagAt + tagLength - opaqueAt);
        long at = listAt;
        while (at < end) {
            byte c = list.get(U8, at);
            if (c == ' ' || c == '\t' || c == ',') {
                at++;
                continue;
            }
            boolean listedWeak = c == 'W' && at + 1 < end && list.get(U8, at + 1) == '/';
            long open = listedWeak ? at + 2 : at;
            if (open >= end || list.get(U8, open) != '"') {
                return false;  // no list of tags
            }
            long close = open + 1;
            while (close < end && list.get(U8, close) != '"') {
                close++;
            }
            if (close >= end) {
                return false;
            }
            if (close + 1 - open == opaqueLength && !(strongly && (weak || listedWeak))
                    && MemorySegment.mismatch(list, open, close + 1, tag, opaqueAt, opaqueAt + opaqueLength) < 0) {
                return true;
            }
            at = close + 1;
            while (at < end && (list.get(U8, at) == ' ' || list.get(U8, at) == '\t')) {
                at++;
            }
            if (at < end && list.get(U8, at) != ',') {
                return false;  // no list: members have a comma between them
            }
        }
        return false;
    }
}
