package dev.coffer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Map;

/// What `stat(2)` says of a file: enough to tell whether two names, or a name and a descriptor, are one file.
///
/// @param device  that the file lies on
/// @param inode   its number there
/// @param mode    kind and permissions
/// @param rdev    which device it is, where it is one
/// @param owner   number of the owner
/// @param group   number of the group
record FileIdentity(long device, long inode, int mode, long rdev, int owner, int group) {
    private static final int KIND = 0170000;  // S_IFMT of inode(7), and its values
    private static final int REGULAR = 0100000;
    private static final int FOLDER = 0040000;
    private static final int BLOCK = 0060000;
    private static final int CHARACTER = 0020000;
    private static final int FIFO = 0010000;

    // Majors of Documentation/admin-guide/devices.txt.
    private static final int TTY = 4;
    private static final int TTY_ALTERNATE = 5;
    private static final int PTS_FIRST = 136;
    private static final int PTS_LAST = 143;

    /// Follows links.
    ///
    /// @throws IOException  there is none, or it may not be looked at
    static FileIdentity of(Path path) throws IOException {
        try {
            Map<String, Object> all = Files.readAttributes(path, "unix:dev,ino,mode,rdev,uid,gid");
            return new FileIdentity((Long) all.get("dev"), (Long) all.get("ino"), (Integer) all.get("mode"),
                    (Long) all.get("rdev"), (Integer) all.get("uid"), (Integer) all.get("gid"));
        } catch (UnsupportedOperationException e) {  // another kind of system: one real path is one file
            BasicFileAttributes basic = Files.readAttributes(path, BasicFileAttributes.class);
            int kind = basic.isDirectory() ? FOLDER : basic.isRegularFile() ? REGULAR : CHARACTER;
            return new FileIdentity(0, path.toRealPath().hashCode(), kind, 0, 0, 0);
        }
    }

    /// {@return the identity, or null where nothing is there}
    static FileIdentity orNull(Path path) throws IOException {
        if (!Files.exists(path) && !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        return of(path);
    }

    /// {@return whether writing the one would destroy what is read from the other}: one regular file, pipe or disk. A
    /// terminal, a socket and `/dev/null` may be both.
    boolean clashes(FileIdentity other) {
        if (other == null || (mode & KIND) != (other.mode & KIND)) {
            return false;
        }
        return switch (mode & KIND) {
            case BLOCK -> rdev == other.rdev;
            case REGULAR, FIFO -> isSame(other);
            default -> false;
        };
    }

    boolean isSame(FileIdentity other) {
        return other != null && device == other.device && inode == other.inode;
    }

    boolean isRegular() {
        return (mode & KIND) == REGULAR;
    }

    boolean isFolder() {
        return (mode & KIND) == FOLDER;
    }

    /// {@return whether it is a terminal, `/dev/null` or another device of characters}
    boolean isCharacters() {
        return (mode & KIND) == CHARACTER;
    }

    boolean isFifo() {
        return (mode & KIND) == FIFO;
    }

    boolean isTerminal() {
        int major = (int) (rdev >>> 8 & 0xfff);
        return (mode & KIND) == CHARACTER
                && (major == TTY || major == TTY_ALTERNATE || major >= PTS_FIRST && major <= PTS_LAST);
    }

    /// {@return whether someone beside the owner may read it}
    boolean isReadByOthers() {
        return (mode & 044) != 0;
    }

    /// {@return the permissions in octal, as chmod takes them}
    String permissions() {
        return String.format(Locale.ROOT, "%04o", mode & 07777);
    }
}
