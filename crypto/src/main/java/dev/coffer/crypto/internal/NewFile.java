package dev.coffer.crypto.internal;

import dev.coffer.memory.internal.os.FileNames;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// A file that is written whole or is not there, on any file system. Stateless, thread-safe.
public final class NewFile {
    private NewFile() {}

    /// Writes a new file straight from memory, and has it and its name on the disk when this returns.
    ///
    /// What the file's own system cannot do is left out: permissions where it has none (a ZIP archive, FAT), and the flush where its channels
    /// or folders know none; such a system may also copy through the heap.
    ///
    /// @param secret  whether it is for its owner alone, from the start
    /// @throws java.nio.file.FileAlreadyExistsException  it exists; it is left as it is
    /// @throws IOException                               it cannot be written; then it is not there
    public static void write(Path file, MemorySegment memory, long at, long length, boolean secret) throws IOException {
        FileAttribute<?>[] attributes = {};
        if (secret && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            attributes = new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))};
        }
        SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), attributes);
        boolean whole = false;
        try {
            try (channel) {
                ByteBuffer buffer = memory.asSlice(at, length).asByteBuffer();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                if (channel instanceof FileChannel own) {
                    own.force(true);
                }
            }
            if (file.getFileSystem() == FileSystems.getDefault()) {
                FileNames.flushFolder(file);
            }
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }
}
