package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The file calls of Linux that a server of files needs; results as of [SocketCalls]. 0 heap bytes a call once linked, in
/// the interpreter too. Stateless, thread-safe.
public final class FileCalls {
    public static final int O_RDONLY = 0;
    public static final int O_NONBLOCK = 04000;  // opening a FIFO must not wait for its writer
    public static final int O_PATH = 010000000;  // names the thing without opening it: no device wakes, no writer goes on
    public static final int O_CLOEXEC = 02000000;
    public static final int O_DIRECTORY = Syscall.number(0200000, 040000);
    /// Refuses whatever leaves the folder: `..`, absolute links, links that climb (openat2(2)).
    public static final int RESOLVE_BENEATH = 0x08;
    /// Refuses the links of `/proc`, which jump.
    public static final int RESOLVE_NO_MAGICLINKS = 0x02;
    public static final int AT_FDCWD = -100;

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int OPENAT2 = 437;  // the same number on every architecture
    private static final int STATX = Syscall.number(332, 291);
    private static final int PREAD64 = Syscall.number(17, 67);
    private static final int READLINKAT = Syscall.number(267, 78);
    private static final int GETDENTS64 = Syscall.number(217, 61);
    private static final int CLOSE = Syscall.number(3, 57);
    private static final int STATX_BASIC_STATS = 0x7ff;

    /// Bytes of `struct open_how`: flags, mode, resolve, each u64.
    public static final long HOW_BYTES = 3 * Long.BYTES;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private FileCalls() {}

    /// `openat2(2)`, Linux 5.6 or later.
    ///
    /// @param folder   descriptor that a relative path starts from, or [#AT_FDCWD]
    /// @param path     NUL-terminated bytes at `at`
    /// @param how      [#HOW_BYTES] at `howAt`, overwritten
    /// @return a file descriptor, or the negated error number; `-EXDEV` where the path leaves the folder
    public static int open(int folder, MemorySegment path, long at, long flags, long resolve, MemorySegment how,
            long howAt) {
        how.set(I64, howAt, flags);
        how.set(I64, howAt + 8, 0L);
        how.set(I64, howAt + 16, resolve);
        long result;
        do {
            result = Syscall.call(OPENAT2, folder, Syscall.address(path, at, 1),
                    Syscall.address(how, howAt, HOW_BYTES), HOW_BYTES, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    /// `statx(2)` of an open file.
    ///
    /// @param target  room for [FileStatus#BYTES]
    /// @param empty   one zero byte
    public static int status(int fd, MemorySegment target, long at, MemorySegment empty, long emptyAt) {
        return (int) Syscall.call(STATX, fd, Syscall.address(empty, emptyAt, 1), AT_EMPTY_PATH,
                STATX_BASIC_STATS, Syscall.address(target, at, FileStatus.BYTES), 0);
    }

    /// `readlinkat(2)` of an absolute path.
    ///
    /// @param path  NUL-terminated bytes at `at`
    /// @return bytes of the link's text, cut to `room` and without a NUL, or the negated error number; `-EINVAL` for what is
    ///         no link
    public static int link(MemorySegment path, long at, MemorySegment target, long to, long room) {
        return (int) Syscall.call(READLINKAT, AT_FDCWD, Syscall.address(path, at, 1), Syscall.address(target, to, room),
                room, 0, 0);
    }

    /// `pread(2)`.
    ///
    /// @return bytes read, 0 at the end of the file, or the negated error number
    public static long read(int fd, MemorySegment target, long at, long length, long position) {
        long result;
        do {
            result = Syscall.call(PREAD64, fd, Syscall.address(target, at, length), length, position, 0, 0);
        } while (result == -Errno.EINTR);
        return result;
    }

    /// `getdents64(2)`: the next entries of a folder, each as of [FolderEntry].
    ///
    /// @return bytes of them, 0 at the end of the folder, or the negated error number
    public static int entries(int fd, MemorySegment target, long at, long room) {
        long result;
        do {
            result = Syscall.call(GETDENTS64, fd, Syscall.address(target, at, room), room, 0, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    /// `close(2)`. The descriptor is gone, whatever the system thinks of it.
    public static void close(int fd) {
        Syscall.call(CLOSE, fd, 0, 0, 0, 0, 0);
    }
}
