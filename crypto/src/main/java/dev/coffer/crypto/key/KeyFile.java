package dev.coffer.crypto.key;

import dev.coffer.crypto.internal.NewFile;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

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
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
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

    /// Writes a new file, or none; one of a secret is for its owner alone from the start.
    static void write(Path file, MemorySegment workspace, long at, long length, boolean secret) throws IOException {
        checkNative(workspace);
        NewFile.write(file, workspace, at, length, secret);
    }

    private static void checkNative(MemorySegment workspace) {
        if (!workspace.isNative()) {
            throw new IllegalArgumentException("key file: a workspace on the heap (expected memory off the heap)");
        }
    }
}
