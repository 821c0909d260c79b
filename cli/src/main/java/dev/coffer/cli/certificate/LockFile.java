package dev.coffer.cli.certificate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;

/// A lock between processes who change one file: held on a file `.coffer-NAME.lock` beside it, which goes when the lock does. What a process
/// that was killed leaves of it the next one takes.
///
/// A file that goes can be another's by the time that it is locked. So the holder writes a number that nobody else has into what it locked and
/// looks for it under the name: where it is not there, it begins again. The second opening is kept as long as the lock, as the closing of any
/// opening ends a lock of POSIX.
///
/// ```
///   "CofferLK" 8 | random 16
/// ```
///
/// For one thread at a time in a process: callers see to that.
final class LockFile implements AutoCloseable {
    private static final long MAGIC = 0x436f666665724c4bL;  // "CofferLK"
    private static final int BYTES = Long.BYTES + 16;

    private final Path path;
    private final FileChannel locked;
    private final FileChannel named;

    private LockFile(Path path, FileChannel locked, FileChannel named) {
        this.path = path;
        this.locked = locked;
        this.named = named;
    }

    /// {@return what is locked where this file is changed}
    static Path of(Path file) {
        return file.resolveSibling(".coffer-" + file.getFileName() + ".lock");
    }

    /// Waits for the lock.
    ///
    /// @param file  that is changed
    /// @throws IOException  what has the lock's name is not ours, or cannot be made or locked
    static LockFile hold(Path file) throws IOException {
        Path path = of(file);
        for (;;) {
            refuseOtherThanFiles(path);
            LockFile held = tryHold(path);
            if (held != null) {
                return held;
            }
        }
    }

    /// The opening of a pipe waits for its other end.
    private static void refuseOtherThanFiles(Path path) throws IOException {
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isRegularFile()) {
                throw new FileSystemException(path.toString(), null, "no regular file");
            }
        } catch (NoSuchFileException e) {
            return;  // to be made
        }
    }

    /// {@return the lock; null where its file went while this waited}
    private static LockFile tryHold(Path path) throws IOException {
        FileChannel locked = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        FileChannel named = null;
        LockFile held = null;
        try {
            FileLock lock = locked.lock();
            assert lock.isValid();
            refuseOthers(path, locked);
            byte[] mine = mark(locked);
            named = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            if (ByteBuffer.wrap(mine).equals(start(named))) {
                held = new LockFile(path, locked, named);
            }
        } catch (NoSuchFileException e) {
            held = null;  // who had the lock has removed it
        } finally {
            if (held == null) {
                close(named, locked);
            }
        }
        return held;
    }

    /// Refuses what somebody keeps under that name: it would be written over, and go. The start of a lock is one: a full disk cuts it where it
    /// likes, and who wrote it has ended, as this one has the lock.
    private static void refuseOthers(Path path, FileChannel locked) throws IOException {
        ByteBuffer there = start(locked);
        int known = Math.min(there.remaining(), Long.BYTES);
        ByteBuffer magic = ByteBuffer.allocate(Long.BYTES).putLong(0, MAGIC);
        if (locked.size() > BYTES || !there.slice(0, known).equals(magic.slice(0, known))) {
            throw new FileSystemException(path.toString(), null, "no lock of coffer's");
        }
    }

    private static byte[] mark(FileChannel locked) throws IOException {
        byte[] mark = new byte[BYTES];
        new SecureRandom().nextBytes(mark);
        ByteBuffer bytes = ByteBuffer.wrap(mark).putLong(0, MAGIC);
        while (bytes.hasRemaining()) {
            locked.write(bytes, bytes.position());
        }
        return mark;
    }

    private static ByteBuffer start(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
            continue;
        }
        return bytes.flip();
    }

    private static void close(FileChannel named, FileChannel locked) throws IOException {
        try {
            locked.close();
        } finally {
            if (named != null) {
                named.close();
            }
        }
    }

    /// Removes the file, then lets the next one in.
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(path);
        } catch (FileSystemException e) {
            return;  // a system that keeps what is open: the next one takes it
        } finally {
            close(named, locked);
        }
    }
}
