package dev.coffer.memory.internal.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/// How a file that was written beside its place comes to its name, whole and to stay. Stateless, thread-safe.
public final class FileNames {
    /// Names that are tried for a partial file: of 2^64 even one is not met by chance, so who has them all is a folder that says yes to each.
    public static final int NAMES_MAX = 16;

    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    private FileNames() {}

    /// A file under a name of its own, and what writes it.
    public record Partial(Path path, FileChannel channel) {}

    /// Opens a new file beside one that it is to be, under a number that nobody has: in a container each process has the same id, and what killed ones left there would be in
    /// the way.
    ///
    /// @param ownerOnly  whether it is for its owner alone from the start, where the system has such permissions
    /// @throws FileSystemException  none of [#NAMES_MAX] names was free
    /// @throws IOException          the system refused
    public static Partial openPartial(Path file, boolean ownerOnly) throws IOException {
        return openPartial(file, ownerOnly, () -> ThreadLocalRandom.current().nextLong());
    }

    static Partial openPartial(Path file, boolean ownerOnly, LongSupplier numbers) throws IOException {
        FileAttribute<?>[] attributes = ownerOnly && file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))}
                : new FileAttribute<?>[0];
        for (int i = 0; i < NAMES_MAX; i++) {
            String number = Long.toHexString(numbers.getAsLong());
            Path partial = file.resolveSibling(".coffer-" + ProcessHandle.current().pid() + "-" + number + ".partial");
            try {
                return new Partial(partial, FileChannel.open(partial, NEW, attributes));
            } catch (FileAlreadyExistsException e) {
                // another number
            }
        }
        throw new FileSystemException(file.toString(), null, NAMES_MAX + " names were tried for a partial file, and its folder says that it has each");
    }

    /// Gives a file a name that nothing has, in one step: a link is made only where nothing is, so a file that appeared meanwhile stays. Without
    /// hard links it is looked for first.
    ///
    /// @param partial  the file as it was written, in the same file system; the name is gone afterwards
    /// @throws FileAlreadyExistsException  something has the name; nothing changed
    /// @throws IOException                 the system refused
    public static void placeNew(Path partial, Path file) throws IOException {
        try {
            Files.createLink(file, partial);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {  // no hard links there
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Files.delete(partial);
    }

    /// Has the names in a file's folder written to the disk. Who may write a folder and not list it cannot; that is no failure.
    ///
    /// @throws IOException  the disk refused
    public static void flushFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
            opened.force(true);
        } catch (IOException e) {
            if (Files.isReadable(folder)) {
                throw e;
            }
        }
    }
}
