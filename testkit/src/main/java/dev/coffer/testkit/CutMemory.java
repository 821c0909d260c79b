package dev.coffer.testkit;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/// A mapped file that was cut to [#READABLE] bytes behind its mapping: whoever copies from before that to behind it fails half-way, with an
/// `InternalError`.
public final class CutMemory implements AutoCloseable {
    /// Bytes that can be read: a page.
    public static final int READABLE = 4096;
    private static final int BYTES = 2 * READABLE;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    /// @param content  up to two pages
    public CutMemory(MemorySegment content) {
        try {
            Path file = Files.createTempFile("coffer-cut", ".bin");
            try (FileChannel channel = FileChannel.open(file, READ, WRITE)) {
                MemorySegment whole = arena.allocate(BYTES);
                MemorySegment.copy(content, 0, whole, 0, content.byteSize());
                channel.write(whole.asByteBuffer());
                segment = channel.map(MapMode.READ_WRITE, 0, BYTES, arena);
                channel.truncate(READABLE);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return one whose bytes are all the same}
    public static CutMemory of(byte value) {
        return new CutMemory(MemorySegment.ofArray(new byte[BYTES]).fill(value));
    }

    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        arena.close();
    }
}
