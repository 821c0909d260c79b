package dev.coffer.server.files;

import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.FileCalls;
import dev.coffer.memory.internal.os.FileStatus;
import dev.coffer.memory.internal.os.FolderEntry;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.memory.layout.Align;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// [Folder] on Linux's `openat2(2)`: the kernel itself refuses every step that leaves the folder, so there is no moment
/// between a check and an open. 0 heap bytes for every operation.
///
/// A link that is absolute, or climbs out and comes back, is refused by the kernel wherever it leads; its text is then
/// followed here ([LinkWalk]), and the name that it comes to is opened beneath the folder like any other.
///
/// A thing is looked at before it is opened, and what is opened is compared with it. Whoever can swap names in the folder
/// between the two may have a FIFO or device of theirs opened (without waiting) and closed again; nothing of it is read.
@SuppressWarnings("exports")  // annotations that users need not have
public final class LinuxFolder implements Folder {
    private static final long HOW = 0;
    private static final long HERE = HOW + FileCalls.HOW_BYTES;  // "." and NUL: the folder itself
    private static final long EMPTY = HERE + 1;                  // that NUL: the empty path of statx
    private static final long STATUS = Align.up(EMPTY + 1, Align.CACHE_LINE_BYTES);
    private static final long WALK = STATUS + FileStatus.BYTES;
    /// Bytes of memory: `open_how` 24 and ".", rounded to 64; `struct statx` 256; the walk's three names of 4096 and 64.
    public static final long BYTES = WALK + LinkWalk.BYTES;

    private static final long FLAGS = FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_CLOEXEC;
    private static final long LOOK = FileCalls.O_PATH | FileCalls.O_CLOEXEC;
    private static final long BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_MAGICLINKS;
    /// How often an open is made again that a rename elsewhere disturbed (openat2(2), EAGAIN).
    private static final int ATTEMPTS_MAX = 4;

    private final MemorySegment memory;
    private final int root;
    private final LinkWalk walk;
    private long walkedAt;      // of the name that the last look has walked to, 0 if it has not
    private boolean closed;

    private LinuxFolder(MemorySegment memory, int root) {
        this.memory = memory;
        this.root = root;
        this.walk = new LinkWalk(memory, WALK, root);
    }

    /// Opens the folder.
    ///
    /// @param memory  [#BYTES], for as long as the folder is open
    /// @return the folder, or null where this system has no `openat2` or a filter forbids it: use [NioFolder]
    /// @throws IOException  no such folder, or it may not be read
    public static @Nullable LinuxFolder open(Path path, MemorySegment memory) throws IOException {
        if (!Syscall.available()) {
            return null;
        }
        byte[] name = (path.toString().isEmpty() ? ".\0" : path + "\0").getBytes(StandardCharsets.UTF_8);
        int root;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, name);
            root = FileCalls.open(FileCalls.AT_FDCWD, text, 0, FLAGS | FileCalls.O_DIRECTORY, 0, memory, HOW);
        }
        memory.set(ValueLayout.JAVA_BYTE, HERE, (byte) '.');
        memory.set(ValueLayout.JAVA_BYTE, EMPTY, (byte) 0);
        return switch (root) {
            case -Errno.ENOSYS, -Errno.EPERM -> null;
            case -Errno.ENOENT -> throw new IOException("no such folder");
            case -Errno.ENOTDIR -> throw new IOException("not a folder");
            case -Errno.EACCES -> throw new IOException("not readable");
            default -> {
                if (root < 0) {
                    throw new IOException("cannot be opened, " + Errno.name(-root));
                }
                yield new LinuxFolder(memory, root);
            }
        };
    }

    @Override
    public int look(MemorySegment path, long at, int length) {
        walkedAt = 0;
        int fd = open(LOOK, path, at, length);
        if (fd == -Errno.EXDEV) {
            long found = walk.resolve(path, at, length);
            if (found < 0) {
                return (int) found;
            }
            walkedAt = found;
            fd = open(LOOK, path, at, length);
        }
        if (fd < 0) {
            return code(fd);
        }
        int result = note(fd);
        FileCalls.close(fd);
        return result < 0 ? result : 0;
    }

    @Override
    public int open(MemorySegment path, long at, int length) {
        long device = device();
        long inode = inode();
        int fd = open(FLAGS, path, at, length);
        if (fd < 0) {
            return code(fd);
        }
        int result = note(fd);
        if (result >= 0 && (device != device() || inode != inode())) {
            result = MISSING;  // swapped since it was looked at
        }
        if (result < 0) {
            FileCalls.close(fd);
            return result;
        }
        return fd;
    }

    @Override
    public int list(MemorySegment path, long at, int length, MemorySegment buffer, Names names) {
        int code = look(path, at, length);
        if (code < 0) {
            return code;
        }
        int fd = open(FLAGS | FileCalls.O_DIRECTORY, path, at, length);
        if (fd < 0) {
            return code(fd);
        }
        try {
            boolean wanted = true;
            while (wanted) {
                int bytes = FileCalls.entries(fd, buffer, 0, buffer.byteSize());
                if (bytes <= 0) {
                    return bytes == 0 || bytes == -Errno.ENOENT ? 0 : FAILED;  // deleted while it was read: it is empty now
                }
                wanted = tell(buffer, bytes, names);
            }
            return 0;
        } finally {
            FileCalls.close(fd);
        }
    }

    private static boolean tell(MemorySegment buffer, int bytes, Names names) {
        boolean wanted = true;
        for (long at = 0; wanted && at < bytes; at += FolderEntry.length(buffer, at)) {
            long nameAt = FolderEntry.nameAt(at);
            int length = FolderEntry.nameLength(buffer, at);
            Kind kind = switch (FolderEntry.kind(buffer, at)) {
                case FolderEntry.FOLDER -> Kind.FOLDER;
                case FolderEntry.FILE -> Kind.FILE;
                case FolderEntry.LINK, FolderEntry.UNKNOWN -> Kind.UNKNOWN;
                default -> null;
            };
            if (kind != null && !isDots(buffer, nameAt, length)) {
                wanted = names.name(buffer, nameAt, length, kind);
            }
        }
        return wanted;
    }

    private static boolean isDots(MemorySegment name, long at, int length) {
        return name.get(ValueLayout.JAVA_BYTE, at) == '.'
                && (length == 1 || length == 2 && name.get(ValueLayout.JAVA_BYTE, at + 1) == '.');
    }

    private int open(long flags, MemorySegment path, long at, int length) {
        boolean walked = walkedAt != 0;
        MemorySegment name = walked || length == 0 ? memory : path;
        long nameAt = walked ? walkedAt : length == 0 ? HERE : at;
        int fd;
        int attempts = 0;
        do {
            fd = FileCalls.open(root, name, nameAt, flags, BENEATH, memory, HOW);
        } while (fd == -Errno.EAGAIN && ++attempts < ATTEMPTS_MAX);
        return fd;
    }

    private static int code(int fd) {
        return switch (-fd) {
            case Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG, Errno.ELOOP, Errno.EXDEV, Errno.ENXIO -> MISSING;
            case Errno.EACCES, Errno.EPERM -> FORBIDDEN;
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM -> NO_DESCRIPTOR;
            default -> FAILED;
        };
    }

    /// {@return 0 with the status noted, or a code for what is neither file nor folder}
    private int note(int fd) {
        if (FileCalls.status(fd, memory, STATUS, memory, EMPTY) < 0) {
            return FAILED;
        }
        return FileStatus.isFile(memory, STATUS) || FileStatus.isFolder(memory, STATUS) ? 0 : MISSING;
    }

    @Override
    public boolean isFolder() {
        return FileStatus.isFolder(memory, STATUS);
    }

    @Override
    public long size() {
        return FileStatus.size(memory, STATUS);
    }

    @Override
    public long modifiedSeconds() {
        return FileStatus.modifiedSeconds(memory, STATUS);
    }

    @Override
    public int modifiedNanos() {
        return FileStatus.modifiedNanos(memory, STATUS);
    }

    @Override
    public long device() {
        return FileStatus.device(memory, STATUS);
    }

    @Override
    public long inode() {
        return FileStatus.inode(memory, STATUS);
    }

    @Override
    public long changedSeconds() {
        return FileStatus.changedSeconds(memory, STATUS);
    }

    @Override
    public int changedNanos() {
        return FileStatus.changedNanos(memory, STATUS);
    }

    @Override
    public int read(int handle, MemorySegment target, long at, int length, long position) {
        long result = FileCalls.read(handle, target, at, length, position);
        return result >= 0 ? (int) result : FAILED;
    }

    @Override
    public int descriptor(int handle) {
        return handle;
    }

    @Override
    public void close(int handle) {
        FileCalls.close(handle);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            FileCalls.close(root);
        }
    }
}
