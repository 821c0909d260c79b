package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file of ticket keys, read from the kernel straight into off-heap memory and written straight from it. All numbers are big-endian.
///
/// ```
///   "CofferTK" 8 | version u32 = 1 | count u32, 1..4 | count times:  name 16 | seals from i64 | opens until i64 | key 32
/// ```
///
/// Times are seconds since 1970; `0 <= from < until`; names differ. 80 bytes with one key, 272 with four; anything behind is refused. On a system with
/// POSIX permissions it must be a regular file that neither group nor others may read or write. Stateless.
final class TicketKeyFile {
    static final int HEAD_BYTES = 16;
    /// Bytes with all keys, and one more, to see that there is no more.
    static final int BYTES_MAX = HEAD_BYTES + TicketKeys.KEYS_BYTES + 16;

    private static final long MAGIC = 0x436f66666572544bL;  // "CofferTK"
    private static final int VERSION = 1;
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private TicketKeyFile() {}

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /// Reads a file, head and all, to `at`.
    ///
    /// @param memory  room for [#BYTES_MAX]; whatever this throws, the caller wipes it
    /// @return keys
    static int read(Path file, MemorySegment memory, long at) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, Files.exists(file) ? "no regular file" : "no such file");
        }
        if (isPosix() && !OWNER.containsAll(Files.getPosixFilePermissions(file))) {
            throw new FileSystemException(file.toString(), null, "ticket keys that others than their owner may use (expected mode 600)");
        }
        int bytes;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = memory.asSlice(at, BYTES_MAX).asByteBuffer();
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
            bytes = buffer.position();
        }
        int count = bytes < HEAD_BYTES || BigEndian.i64(memory, at) != MAGIC || BigEndian.i32(memory, at + 8) != VERSION ? 0
                : BigEndian.i32(memory, at + 12);
        if (count < 1 || count > TicketKeys.KEYS_MAX || bytes != HEAD_BYTES + count * TicketKeys.ENTRY_BYTES
                || !isSound(memory, at + HEAD_BYTES, count)) {
            throw new FileSystemException(file.toString(), null, "no ticket keys");
        }
        return count;
    }

    private static boolean isSound(MemorySegment memory, long at, int count) {
        for (int i = 0; i < count; i++) {
            long entry = at + (long) i * TicketKeys.ENTRY_BYTES;
            long from = BigEndian.i64(memory, entry + TicketKeys.FROM);
            if (from < 0 || BigEndian.i64(memory, entry + TicketKeys.UNTIL) <= from) {
                return false;
            }
            for (int j = 0; j < i; j++) {
                long other = at + (long) j * TicketKeys.ENTRY_BYTES;
                if (MemorySegment.mismatch(memory, entry, entry + TicketKeys.NAME_BYTES, memory, other, other + TicketKeys.NAME_BYTES) < 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Writes a file in the place of another one: a partial file is never seen under its name.
    ///
    /// @param at  where its head goes, and behind it `count` keys are
    static void write(Path file, MemorySegment memory, long at, int count) throws IOException {
        BigEndian.i64(memory, at, MAGIC);
        BigEndian.i32(memory, at + 8, VERSION);
        BigEndian.i32(memory, at + 12, count);
        FileAttribute<?>[] attributes = isPosix() ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)} : new FileAttribute<?>[0];
        Path target = Files.exists(file) ? file.toRealPath() : file;
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        boolean whole = false;
        Files.deleteIfExists(partial);
        try {
            try (FileChannel channel = FileChannel.open(partial, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), attributes)) {
                ByteBuffer buffer = memory.asSlice(at, HEAD_BYTES + (long) count * TicketKeys.ENTRY_BYTES).asByteBuffer();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(partial);
            }
        }
    }
}
