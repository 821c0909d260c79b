package dev.coffer.crypto.internal;

import dev.coffer.memory.internal.os.FileNames;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// A file that is written whole or is not there, on any file system. Stateless, thread-safe.
///
/// In the default file system it is written beside its name and has that when it is whole and on the disk: a process that is killed in the midst leaves no half under it, but
/// a `.coffer-PID-N.partial` perhaps. In others (a ZIP archive) it is written under its name.
public final class NewFile {
    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    private NewFile() {}

    /// Writes a new file straight from memory, and has it and its name on the disk when this returns.
    ///
    /// What the file's own system cannot do is left out: permissions where it has none (a ZIP archive, FAT), and the flush where its channels
    /// or folders know none; such a system may also copy through the heap.
    ///
    /// @param secret  whether it is for its owner alone, from the start
    /// @throws FileAlreadyExistsException  it exists; it is left as it is
    /// @throws IOException                 it cannot be written; then it is not there
    public static void write(Path file, MemorySegment memory, long at, long length, boolean secret) throws IOException {
        if (file.getFileSystem() == FileSystems.getDefault()) {
            writeBeside(file, memory.asSlice(at, length), secret);
            return;
        }
        FileAttribute<?>[] attributes = {};
        if (secret && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            attributes = new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))};
        }
        write(file, Files.newByteChannel(file, NEW, attributes), memory.asSlice(at, length));
    }

    private static void writeBeside(Path file, MemorySegment bytes, boolean secret) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        FileNames.Partial made = FileNames.openPartial(file, secret);
        Path partial = made.path();
        write(partial, made.channel(), bytes);
        Path there = partial;
        try {
            FileNames.placeNew(partial, file);
            there = file;
            FileNames.flushFolder(file);
            there = null;
        } finally {
            if (there != null) {
                Files.deleteIfExists(there);
            }
        }
    }

    private static void write(Path file, SeekableByteChannel opened, MemorySegment bytes) throws IOException {
        boolean whole = false;
        try {
            try (SeekableByteChannel channel = opened) {
                ByteBuffer buffer = bytes.asByteBuffer();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                if (channel instanceof FileChannel own) {
                    own.force(true);
                }
            }
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }
}
