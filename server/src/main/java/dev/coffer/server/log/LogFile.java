package dev.coffer.server.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Where lines go, shared by the writers of all loops: each has a descriptor of its own, opened to append, and one writes at a time, so
/// that no line is cut in two by another. Thread-safe.
final class LogFile {
    private static final int MODE_KIND = 0170000;
    private static final int MODE_FIFO = 0010000;
    private static final int MODE_SOCKET = 0140000;

    private static final Set<OpenOption> OPTIONS = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    private static final Set<OpenOption> ANEW = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS);
    /// Of a file that is made: who asked for what is for nobody else's eyes.
    private static final FileAttribute<?>[] ATTRIBUTES = FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))}
            : new FileAttribute<?>[0];

    /// What is opened.
    private enum Kind { FILE, OUTPUT, ERROR, NOTHING }

    private final Kind kind;
    private final @Nullable Path path;
    private final boolean link;         // as it was named
    private final ReentrantLock writing = new ReentrantLock();
    private final List<LogWriter> writers = new CopyOnWriteArrayList<>();
    private volatile int generation;
    private @Nullable LogEnd end;       // of what was opened last

    private LogFile(Kind kind, @Nullable Path path) {
        this.kind = kind;
        this.path = path;
        this.link = path != null && Files.isSymbolicLink(path);
    }

    static LogFile at(Path path) {
        return new LogFile(Kind.FILE, path.toAbsolutePath());
    }

    static LogFile standardOutput() {
        return new LogFile(Kind.OUTPUT, null);
    }

    static LogFile standardError() {
        return new LogFile(Kind.ERROR, null);
    }

    /// {@return one that takes everything and keeps nothing: for a rehearsal}
    static LogFile nothing() {
        return new LogFile(Kind.NOTHING, null);
    }

    /// {@return whether a descriptor is opened for each loop}
    boolean isFile() {
        return kind == Kind.FILE;
    }

    ReentrantLock writing() {
        return writing;
    }

    /// {@return how it ends that was opened last: the same for all who opened the same}
    synchronized LogEnd end() {
        LogEnd last = end;
        if (last == null || !last.isStill()) {
            last = new LogEnd(path);
            end = last;
        }
        last.opened();
        return last;
    }

    /// {@return how often a reopening was asked for}
    int generation() {
        return generation;
    }

    /// Has every writer open the file anew.
    void reopen() {
        synchronized (this) {
            generation++;
        }
        for (LogWriter writer : writers) {
            writer.wake();
        }
    }

    void add(LogWriter writer) {
        writers.add(writer);
    }

    void remove(LogWriter writer) {
        writers.remove(writer);
    }

    /// Opens the file, made where it is not there: its owner may write, its group read, nobody else either.
    ///
    /// Opened anew it is a plain file of one name: whoever may put another into the log's folder, as those who rotate it, would have
    /// this server write into a file of its owner by a link. Where the log was a link when it was named, it may be one again.
    ///
    /// @param anew  it was open before
    /// @return null for nothing
    /// @throws IOException  it cannot be: the message says which and why in a few words
    @Nullable
    FileChannel open(boolean anew) throws IOException {
        if (kind == Kind.NOTHING) {
            return null;
        }
        if (kind != Kind.FILE) {
            return new FileOutputStream(kind == Kind.OUTPUT ? FileDescriptor.out : FileDescriptor.err).getChannel();
        }
        try {
            if (isPipe()) {  // opening one waits for its reader
                throw new AccessLog.LogException("access log " + path + ": a pipe or socket; let - lead there", null);
            }
            if (anew && namesAnother()) {
                throw new AccessLog.LogException("access log " + path + ": a link to another file", null);
            }
            FileChannel channel = FileChannel.open(path, anew && !link ? ANEW : OPTIONS, ATTRIBUTES);
            try {
                if (anew && namesAnother()) {  // put there since
                    throw new AccessLog.LogException("access log " + path + ": a link to another file", null);
                }
                return channel;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (FileSystemException e) {
            String why = e instanceof NoSuchFileException ? "no such folder" : e instanceof AccessDeniedException ? "not writable"
                    : String.valueOf(e.getReason());
            throw new AccessLog.LogException("access log " + path + ": " + why, e);
        }
    }

    /// {@return whether it is a link that it was not, or has a second name}
    private boolean namesAnother() throws IOException {
        if (path == null || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        if (!link && Files.isSymbolicLink(path)) {
            return true;
        }
        return Files.exists(path) && path.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.isRegularFile(path) && (Integer) Files.getAttribute(path, "unix:nlink", new LinkOption[0]) > 1;
    }

    private boolean isPipe() throws IOException {
        if (path == null || !Files.exists(path) || !path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return false;
        }
        int mode = (Integer) Files.getAttribute(path, "unix:mode", new LinkOption[0]) & MODE_KIND;
        return mode == MODE_FIFO || mode == MODE_SOCKET;
    }
}
