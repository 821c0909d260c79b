package dev.coffer.server.files;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether a file is among those of a folder that everyone may have: by its path, whatever links lead there, by its other names (hard links), and by links of the
/// folder to what is hidden in it. A file that is not there yet is where it will be. Makes objects; for a start and not for requests.
final class ServedNames {
    private static final int LINKS_MAX = 40;  // as the kernel's path_resolution(7)
    /// Names that are looked at for a link to what is hidden, which nearly nobody has: of a home folder with a key in `.config` not all.
    private static final long NAMES_MAX = 100_000;
    private static final String LINK_COUNT = "unix:nlink";

    private final Path root;

    ServedNames(Path root) {
        this.root = root;
    }

    boolean hold(Path file) {
        try {
            Path folder = root.toRealPath();
            Path real = real(file);
            return Files.isDirectory(folder) && (isBelow(folder, real) || (hasOtherNames(real) ? isAmong(folder, real, Long.MAX_VALUE)
                    : real.startsWith(folder) && isAmong(folder, real, NAMES_MAX)));
        } catch (IOException e) {
            return false;  // one of them is not there: whoever opens it says so
        }
    }

    /// {@return the path without links; of a link that leads nowhere yet, the place that opening it would make}
    private static Path real(Path file) throws IOException {
        Path at = file.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(at) && !Files.exists(at); links++) {
            if (links == LINKS_MAX) {
                throw new FileSystemLoopException(file.toString());
            }
            at = at.resolveSibling(Files.readSymbolicLink(at));
        }
        return Files.exists(at) ? at.toRealPath() : Objects.requireNonNull(at.getParent(), "of no root").toRealPath().resolve(at.getFileName());
    }

    private static boolean isBelow(Path folder, Path real) {
        if (!real.startsWith(folder) || real.equals(folder)) {
            return false;
        }
        for (Path part : folder.relativize(real)) {
            if (isHidden(part)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHidden(Path name) {
        return name.toString().startsWith(".") && !name.toString().equals(".well-known");
    }

    /// {@return whether the folder has to be searched: seldom}
    private static boolean hasOtherNames(Path real) throws IOException {
        return real.getFileSystem().supportedFileAttributeViews().contains("unix") && Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)
                && (Integer) Files.getAttribute(real, LINK_COUNT, LinkOption.NOFOLLOW_LINKS) > 1;
    }

    /// Looks through the folder by every name that is not hidden, each folder once, whichever links lead there. What a link leads to outside is not served.
    private static boolean isAmong(Path folder, Path real, long namesMax) {
        Object key = keyOf(real);
        Set<Path> seen = new HashSet<>(Set.of(folder));
        Deque<Path> left = new ArrayDeque<>(seen);
        long names = 0;
        while (!left.isEmpty() && names < namesMax) {
            Path at = left.remove();
            if (at.equals(real.getParent()) && !isHidden(real.getFileName())) {
                return true;
            }
            try (DirectoryStream<Path> all = Files.newDirectoryStream(at, each -> !isHidden(each.getFileName()))) {
                for (Path each : all) {
                    names++;
                    Path there = linked(each);
                    if (there == null || !there.startsWith(folder)) {
                        continue;
                    }
                    if (there.equals(real) || key != null && key.equals(keyOf(there))) {
                        return true;
                    }
                    if (Files.isDirectory(there) && seen.add(there)) {
                        left.add(there);
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                // who cannot read it does not serve it either
            }
        }
        return false;
    }

    /// {@return where a name leads, by a link or not, or would lead; null where that is nowhere}
    private static @Nullable Path linked(Path name) {
        try {
            return Files.isSymbolicLink(name) ? real(name) : name;
        } catch (IOException e) {
            return null;
        }
    }

    /// {@return what tells a file from every other; null where nothing is there, or may be looked at}
    private static @Nullable Object keyOf(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }
}
