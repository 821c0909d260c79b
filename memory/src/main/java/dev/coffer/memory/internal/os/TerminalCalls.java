package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What reading a passphrase from a terminal takes on Linux: its settings, and bytes straight into memory off the heap. Results as of
/// [SocketCalls]. Stateless, thread-safe.
public final class TerminalCalls {
    /// Bytes of the kernel's `struct termios` (include/uapi/asm-generic/termbits.h): four flags, the line discipline, 19 characters.
    public static final long SETTINGS_BYTES = 4 * Integer.BYTES + 1 + 19;

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0400;
    private static final int IOCTL = Syscall.number(16, 29);
    private static final int READ = Syscall.number(0, 63);
    private static final int WRITE = Syscall.number(1, 64);
    private static final int TCGETS = 0x5401;
    private static final int TCSETSF = 0x5404;  // after what was written, without what was typed before
    private static final long LOCAL_FLAGS = 3 * Integer.BYTES;
    private static final int ICANON = 02;  // lines: erasing works
    private static final int ECHO = 010;
    private static final int ECHONL = 0100;  // the end of the line shows all the same
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private TerminalCalls() {}

    /// Opens a terminal for both ways; it does not become this process's own.
    ///
    /// @param path  NUL-terminated bytes at `at`
    /// @return a descriptor, or the negated error number; `-ENXIO` for `/dev/tty` where there is none
    public static int open(MemorySegment path, long at, MemorySegment how, long howAt) {
        return FileCalls.open(FileCalls.AT_FDCWD, path, at, O_RDWR | O_NOCTTY | FileCalls.O_CLOEXEC, 0, how, howAt);
    }

    /// Reads the settings.
    ///
    /// @param settings  room for [#SETTINGS_BYTES]
    /// @return 0, or the negated error number: `-ENOTTY` for what is no terminal
    public static int settings(int fd, MemorySegment settings, long at) {
        return (int) Syscall.call(IOCTL, fd, TCGETS, Syscall.address(settings, at, SETTINGS_BYTES), 0, 0, 0);
    }

    /// Applies settings, and forgets what was typed before.
    ///
    /// @return 0, or the negated error number
    public static int apply(int fd, MemorySegment settings, long at) {
        long result;
        do {
            result = Syscall.call(IOCTL, fd, TCSETSF, Syscall.address(settings, at, SETTINGS_BYTES), 0, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    /// Changes settings to lines that do not show.
    public static void hide(MemorySegment settings, long at) {
        settings.set(U32, at + LOCAL_FLAGS, settings.get(U32, at + LOCAL_FLAGS) & ~ECHO | ECHONL | ICANON);
    }

    /// {@return whether what is typed shows}
    public static boolean shows(MemorySegment settings, long at) {
        return (settings.get(U32, at + LOCAL_FLAGS) & ECHO) != 0;
    }

    /// `read(2)`.
    ///
    /// @return bytes read, 0 at the end, or the negated error number
    public static long read(int fd, MemorySegment target, long at, long length) {
        long result;
        do {
            result = Syscall.call(READ, fd, Syscall.address(target, at, length), length, 0, 0, 0);
        } while (result == -Errno.EINTR);
        return result;
    }

    /// `write(2)`.
    ///
    /// @return bytes written, or the negated error number
    public static long write(int fd, MemorySegment source, long at, long length) {
        long result;
        do {
            result = Syscall.call(WRITE, fd, Syscall.address(source, at, length), length, 0, 0, 0);
        } while (result == -Errno.EINTR);
        return result;
    }
}
