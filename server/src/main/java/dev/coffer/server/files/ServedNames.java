package dev.coffer.server.files;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Whether a file is among those of a folder that everyone may have: by its path, whatever links lead there, and by its other names (hard links). A file that is
/// not there yet is where it will be. Makes objects; for a start and not for requests.
final class ServedNames {
    private static final int LINKS_MAX = 40;  // as the kernel's path_resolution(7)
    private static final String LINK_COUNT = "unix:nlink";

    private final Path root;

    ServedNames(Path root) {
        this.root = root;
    }

    boolean hold(Path file) {
        try {
            Path folder = root.toRealPath();
            Path real = real(file);
            return Files.isDirectory(folder) && (isBelow(folder, real) || hasOtherNames(real) && isAmong(folder, real));
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

    /// What a link of the folder leads to outside is not served, and what it leads to inside is found by its own name.
    private static boolean isAmong(Path folder, Path real) throws IOException {
        Object key = Objects.requireNonNull(Files.readAttributes(real, BasicFileAttributes.class).fileKey(), "of Unix");
        boolean[] found = new boolean[1];
        Files.walkFileTree(folder, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return !directory.equals(folder) && isHidden(directory.getFileName()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
                found[0] |= !isHidden(each.getFileName()) && key.equals(attributes.fileKey());
                return found[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path each, IOException e) {
                return FileVisitResult.CONTINUE;  // who cannot read it does not serve it either
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found[0];
    }
}
