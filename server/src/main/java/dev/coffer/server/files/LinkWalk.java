package dev.coffer.server.files;

import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.FileCalls;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Follows links by their text, as realpath(3) does, for the names that `openat2` refuses beneath a folder: absolute links,
/// and those that climb out, which may lead back in. What it finds is only a name: the kernel still refuses to open it
/// outside of the folder, whatever changed meanwhile.
///
/// Needs `/proc` to know where the folder lies. One thread at a time; 0 heap bytes a walk.
final class LinkWalk {
    private static final int PATH_BYTES_MAX = 4096;     // PATH_MAX, the NUL included
    private static final int LINKS_MAX = 40;            // MAXSYMLINKS
    private static final int NONE = -1;

    // The memory: where the folder's descriptor is found, then three names.
    private static final long PROC = 0;
    private static final long PROC_BYTES = 64;
    private static final long REAL = PROC + PROC_BYTES;         // resolved so far
    private static final long REST = REAL + PATH_BYTES_MAX;     // to be resolved, at the end of its room
    private static final long LINK = REST + PATH_BYTES_MAX;     // the text of a link
    static final long BYTES = Align.up(LINK + PATH_BYTES_MAX, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final long base;
    private int rootLength;
    private int realLength;
    private int restAt;         // offset in REST of what is left

    /// @param root  the folder's descriptor
    LinkWalk(MemorySegment memory, long base, int root) {
        this.memory = memory;
        this.base = base;
        byte[] text = ("/proc/self/fd/" + root + '\0').getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, base + PROC, text.length);
    }

    /// Resolves a name below the folder.
    ///
    /// @return offset in the memory of the NUL-terminated name below the folder that it leads to; or below zero: a code of
    ///         [Folder]
    long resolve(MemorySegment path, long at, int length) {
        realLength = FileCalls.link(memory, base + PROC, memory, base + REAL, PATH_BYTES_MAX);
        if (realLength <= 0 || realLength == PATH_BYTES_MAX || octet(REAL) != '/') {
            return Folder.MISSING;
        }
        realLength = realLength == 1 ? 0 : realLength;  // of `/` the slash is that of what follows
        rootLength = realLength;
        if (length >= PATH_BYTES_MAX) {
            return Folder.MISSING;
        }
        restAt = PATH_BYTES_MAX - length;
        MemorySegment.copy(path, at, memory, base + REST + restAt, length);
        int links = 0;
        while (restAt < PATH_BYTES_MAX) {
            int code = step();
            if (code < 0) {
                return code;
            }
            links += code;
            if (links > LINKS_MAX) {
                return Folder.MISSING;
            }
        }
        return below();
    }

    /// Resolves one segment.
    ///
    /// @return 1 if it was a link, else 0; or a code of [Folder]
    private int step() {
        int from = restAt;
        while (restAt < PATH_BYTES_MAX && octet(REST + restAt) != '/') {
            restAt++;
        }
        int segment = restAt - from;
        restAt += restAt < PATH_BYTES_MAX ? 1 : 0;
        if (segment == 0 || segment == 1 && octet(REST + from) == '.') {
            return 0;
        }
        if (segment == 2 && octet(REST + from) == '.' && octet(REST + from + 1) == '.') {
            realLength = Math.max(parent(), 0);
            return 0;
        }
        if (realLength + 1 + segment >= PATH_BYTES_MAX) {
            return Folder.MISSING;
        }
        int before = realLength;
        put(REAL + realLength, '/');
        MemorySegment.copy(memory, base + REST + from, memory, base + REAL + realLength + 1, segment);
        realLength += 1 + segment;
        put(REAL + realLength, 0);
        int text = FileCalls.link(memory, base + REAL, memory, base + LINK, PATH_BYTES_MAX);
        if (text == -Errno.EINVAL) {
            return 0;
        }
        if (text < 0) {
            return text == -Errno.EACCES ? Folder.FORBIDDEN : Folder.MISSING;
        }
        // The link's text takes the segment's place, before the slash that was passed.
        int rest = PATH_BYTES_MAX - restAt;
        if (text == 0 || text + 1 + rest > PATH_BYTES_MAX) {
            return Folder.MISSING;
        }
        if (rest > 0) {
            put(REST + --restAt, '/');
        }
        restAt -= text;
        MemorySegment.copy(memory, base + LINK, memory, base + REST + restAt, text);
        realLength = octet(LINK) == '/' ? 0 : before;
        return 1;
    }

    /// {@return length of the resolved name without its last segment}
    private int parent() {
        int length = realLength;
        while (length > 0 && octet(REAL + length - 1) != '/') {
            length--;
        }
        return length - 1;
    }

    /// {@return offset of the resolved name below the folder, or MISSING if it does not lie there}
    private long below() {
        put(REAL + realLength, 0);
        int root = FileCalls.link(memory, base + PROC, memory, base + LINK, PATH_BYTES_MAX);
        root = root == 1 ? 0 : root;
        if (root != rootLength || realLength <= root || octet(REAL + root) != '/'
                || MemorySegment.mismatch(memory, base + LINK, base + LINK + root, memory, base + REAL, base + REAL + root) != NONE) {
            return Folder.MISSING;
        }
        return base + REAL + root + 1;
    }

    private byte octet(long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, base + offset);
    }

    private void put(long offset, int octet) {
        memory.set(ValueLayout.JAVA_BYTE, base + offset, (byte) octet);
    }
}
