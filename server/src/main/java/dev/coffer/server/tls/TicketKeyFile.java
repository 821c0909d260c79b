package dev.coffer.server.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.os.FileNames;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A file of [TicketKeys] that several servers share, read from the kernel straight into locked memory and written straight from it: never on the heap.
///
/// Behind them it holds the key of QUIC's stateless resets (RFC 9000, section 10.3), which is drawn with the first of them and never turns: a server that is started
/// again, where it was and under the machine's name that it had, tells clients that a connection is gone. Others with the same file cannot (decision 0175).
///
/// ```
///   what TicketKeys says, 80..272 | "CofferRK" 8 | reset key 32
/// ```
///
/// A file without one, as older versions wrote it, is read as well; the next turn adds it. On a system with POSIX permissions it must be a regular file that neither group nor others may read or write, nor anybody execute.
///
/// Any thread.
@SuppressWarnings("exports")  // annotations that users need not have
public final class TicketKeyFile implements AutoCloseable {
    private static final long FILE = TicketKeys.BYTES;
    private static final long RESET_MAGIC = 0x436f66666572524bL;    // "CofferRK"; no time that a key ends at, which stands there in a file without
    /// Bytes of the key of stateless resets.
    public static final int RESET_KEY_BYTES = 32;
    private static final int TRAILER_BYTES = Long.BYTES + RESET_KEY_BYTES;
    private static final int ROOM = TicketKeys.FILE_BYTES_MAX + TRAILER_BYTES + 1;  // one more, to see that there is no more
    private static final long RESET = Align.up(FILE + ROOM, Long.BYTES);
    /// Bytes of the memory: the keys, the file while it is read or written, and the key of resets.
    public static final long BYTES = RESET + RESET_KEY_BYTES;

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final MemorySegment memory;
    private final TicketKeys keys;
    private volatile boolean resets;    // there is a key for them

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

    /// {@return the key of stateless resets, [#RESET_KEY_BYTES] of the memory; null where the file has none}
    public @Nullable MemorySegment resetKey() {
        return resets ? memory.asSlice(RESET, RESET_KEY_BYTES) : null;
    }

    /// Reads the file again: its keys are in force at once in every loop. Where this fails those that were read before stay.
    ///
    /// @throws IOException  as when it was read first
    public synchronized void again() throws IOException {
        try {
            long bytes = read(file, memory);
            boolean trailer = hasTrailer(memory, bytes);
            if (!keys.take(memory, FILE, trailer ? bytes - TRAILER_BYTES : bytes)) {
                throw noKeys(file);
            }
            if (trailer) {
                takeReset(memory, bytes);
                resets = true;
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
            int bytes = turn(memory, before, entropy, nowSeconds, fromSeconds, lifetimeSeconds);
            if (bytes < 0) {
                throw noKeys(file);
            }
            write(file, memory, bytes + TRAILER_BYTES);
            return (int) (bytes / (TicketKeys.BYTES / TicketKeys.KEYS_MAX));
        } finally {
            Wipe.bytes(memory, 0, BYTES);
        }
    }

    /// Makes a file with a fresh key, as [#turn] does where none is, and hands it out.
    ///
    /// @param memory  [#BYTES], locked; zero afterwards
    /// @param to      gets the file, which lies in the memory
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public static void fresh(MemorySegment memory, Entropy entropy, long nowSeconds, long fromSeconds, int lifetimeSeconds, Consumer<ByteBuffer> to) {
        try {
            int bytes = turn(memory, 0, entropy, nowSeconds, fromSeconds, lifetimeSeconds);
            to.accept(memory.asSlice(FILE, bytes + TRAILER_BYTES).asByteBuffer());
        } finally {
            Wipe.bytes(memory, 0, BYTES);
        }
    }

    /// {@return bytes of the keys in memory now, before the trailer; negative where what was there are none}
    private static int turn(MemorySegment memory, long before, Entropy entropy, long nowSeconds, long fromSeconds, int lifetimeSeconds) {
        boolean trailer = hasTrailer(memory, before);
        if (trailer) {
            takeReset(memory, before);
        } else {
            entropy.fill(memory, RESET, RESET_KEY_BYTES);
        }
        int bytes = TicketKeys.turn(memory, FILE, trailer ? before - TRAILER_BYTES : before, entropy, nowSeconds, fromSeconds, lifetimeSeconds);
        if (bytes >= 0) {
            BigEndian.i64(memory, FILE + bytes, RESET_MAGIC);
            MemorySegment.copy(memory, RESET, memory, FILE + bytes + Long.BYTES, RESET_KEY_BYTES);
        }
        return bytes;
    }

    /// {@return whether a file that was read ends with a key of resets}
    private static boolean hasTrailer(MemorySegment memory, long bytes) {
        return bytes >= TRAILER_BYTES && bytes < ROOM && BigEndian.i64(memory, FILE + bytes - TRAILER_BYTES) == RESET_MAGIC;
    }

    private static void takeReset(MemorySegment memory, long bytes) {
        MemorySegment.copy(memory, FILE + bytes - RESET_KEY_BYTES, memory, RESET, RESET_KEY_BYTES);
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
        resets = false;
        Wipe.bytes(memory, RESET, RESET_KEY_BYTES);
    }
}
