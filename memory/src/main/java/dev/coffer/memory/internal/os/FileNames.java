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

/// How a file that was written beside its place comes to its name, whole and to stay. Stateless, thread-safe.
public final class FileNames {
    private FileNames() {}

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
