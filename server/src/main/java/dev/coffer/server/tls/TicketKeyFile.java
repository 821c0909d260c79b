package dev.coffer.server.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.os.FileNames;
import dev.coffer.tls.TicketKeys;
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

/// A file of [TicketKeys] that several servers share, read from the kernel straight into locked memory and written straight from it: never on the heap.
/// On a system with POSIX permissions it must be a regular file that neither group nor others may read or write, nor anybody execute.
///
/// Any thread.
public final class TicketKeyFile implements AutoCloseable {
    private static final long FILE = TicketKeys.BYTES;
    private static final int ROOM = TicketKeys.FILE_BYTES_MAX + 1;  // one more, to see that there is no more
    /// Bytes of the memory: the keys, and the file while it is read or written.
    public static final long BYTES = FILE + ROOM;

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final MemorySegment memory;
    private final TicketKeys keys;

    /// Reads a file.
    ///
    /// @param memory  [#BYTES], locked, nobody else's until this is closed
    /// @throws IOException  the file cannot be read, is not its owner's alone, or holds something else; the memory is zero then
    public TicketKeyFile(Path file, MemorySegment memory) throws IOException {
        this.file = file;
        this.memory = memory;
        this.keys = TicketKeys.shared(memory);
        again();
    }

    /// {@return the keys; closed with this}
    public TicketKeys keys() {
        return keys;
    }

    /// Reads the file again: its keys are in force at once in every loop. Where this fails those that were read before stay.
    ///
    /// @throws IOException  as when it was read first
    public synchronized void again() throws IOException {
        try {
            long bytes = read(file, memory);
            if (!keys.take(memory, FILE, bytes)) {
                throw noKeys(file);
            }
        } finally {
            Wipe.bytes(memory, FILE, ROOM);
        }
    }

    /// Makes a file with a fresh key, or adds one to it, as of [TicketKeys#turn]. It is written beside, flushed, and renamed into its place: under its name
    /// there is never a part of it.
    ///
    /// @param memory  [#BYTES], locked; zero afterwards
    /// @return keys in the file
    /// @throws IOException               as when it is read, or it cannot be written
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public static int turn(Path file, MemorySegment memory, Entropy entropy, long nowSeconds, long fromSeconds, int lifetimeSeconds)
            throws IOException {
        try {
            long before = Files.exists(file) ? read(file, memory) : 0;
            if (before == 0 && Files.exists(file)) {
                throw noKeys(file);
            }
            int bytes = TicketKeys.turn(memory, FILE, before, entropy, nowSeconds, fromSeconds, lifetimeSeconds);
            if (bytes < 0) {
                throw noKeys(file);
            }
            write(file, memory, bytes);
            return (int) (bytes / (TicketKeys.BYTES / TicketKeys.KEYS_MAX));
        } finally {
            Wipe.bytes(memory, 0, BYTES);
        }
    }

    private static FileSystemException noKeys(Path file) {
        return new FileSystemException(file.toString(), null, "no ticket keys");
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /// {@return bytes that were read; past the longest file, one more}
    private static long read(Path file, MemorySegment memory) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, Files.exists(file) ? "no regular file" : "no such file");
        }
        if (isPosix() && !OWNER.containsAll(Files.getPosixFilePermissions(file))) {
            throw new FileSystemException(file.toString(), null, "ticket keys that others than their owner may use (expected mode 600)");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = memory.asSlice(FILE, ROOM).asByteBuffer();
            boolean more = true;
            while (more && buffer.hasRemaining()) {
                more = channel.read(buffer) >= 0;
            }
            return buffer.position();
        }
    }

    private static void write(Path file, MemorySegment memory, long bytes) throws IOException {
        FileAttribute<?>[] attributes = isPosix() ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)} : new FileAttribute<?>[0];
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            throw new FileSystemException(file.toString(), null, "a link that leads nowhere");
        }
        Path target = (Files.exists(file) ? file.toRealPath() : file).toAbsolutePath();
        Path partial = Files.createTempFile(target.getParent(), ".coffer-", ".partial", attributes);  // a name that nobody has
        boolean whole = false;
        try {
            try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = memory.asSlice(FILE, bytes).asByteBuffer();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            whole = true;
            FileNames.flushFolder(target);  // a ticket may be sealed with it from here on
        } finally {
            if (!whole) {
                Files.deleteIfExists(partial);
            }
        }
    }

    /// Wipes the keys. Twice is harmless.
    @Override
    public void close() {
        keys.close();
    }
}
