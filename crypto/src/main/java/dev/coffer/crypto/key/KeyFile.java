package dev.coffer.crypto.key;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// Files of keys, read from the kernel straight into off-heap memory and written straight from it. Stateless,
/// thread-safe.
final class KeyFile {
    private KeyFile() {}

    /// Reads a whole file of at most `most` bytes.
    ///
    /// @param workspace  memory off the heap: the channel would copy through a temporary buffer of its own otherwise
    /// @return its bytes
    static long read(Path file, MemorySegment workspace, long at, long most) throws IOException {
        checkNative(workspace);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = workspace.asSlice(at, most).asByteBuffer();
            while (channel.read(buffer) >= 0) {
                if (!buffer.hasRemaining()) {
                    Reason foreign = Pem.foreignText(workspace, at, at + most);
                    throw new KeyFormatException(foreign != null ? foreign : Reason.TOO_LONG);
                }
            }
            return buffer.position();
        }
    }

    /// Writes a new file; one of a secret is for its owner alone from the start.
    static void write(Path file, MemorySegment workspace, long at, long length, boolean secret) throws IOException {
        checkNative(workspace);
        FileAttribute<?>[] attributes = {};
        if (secret && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            attributes = new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))};
        }
        try (FileChannel channel = FileChannel.open(file,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), attributes)) {
            ByteBuffer buffer = workspace.asSlice(at, length).asByteBuffer();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static void checkNative(MemorySegment workspace) {
        if (!workspace.isNative()) {
            throw new IllegalArgumentException("key file: a workspace on the heap (expected memory off the heap)");
        }
    }
}
