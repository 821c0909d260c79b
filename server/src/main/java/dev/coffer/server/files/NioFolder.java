package dev.coffer.server.files;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// [Folder] on the JDK's files, for every system. Reading makes no object as long as it goes into the memory of the
/// same few segments; opening does, inside the JDK.
///
/// Links are resolved first and the result must lie beneath the folder. Whoever can change the folder's links between
/// that check and the open could lead out of it; where that matters use [LinuxFolder].
///
/// Names are bytes, whatever the locale: they reach the JDK as a URI, which is the one way that loses none.
public final class NioFolder implements Folder {
    private static final int VIEWS_MAX = 8;

    private final Path root;
    private final boolean[] taken;          // by handle
    private final @Nullable FileChannel[] channels;   // by handle; null for a folder
    private final MemorySegment[] viewed = new MemorySegment[VIEWS_MAX];
    private final ByteBuffer[] views = new ByteBuffer[VIEWS_MAX];
    private int nextView;
    private final boolean unix;             // status has inode and change time
    private final String rootUri;           // as URI text, with a `/` at its end
    private @Nullable Path real;            // of the file looked at last
    private boolean folder;
    private long size;
    private long modifiedNanosSinceEpoch;
    private long changedNanosSinceEpoch;
    private long device;
    private long inode;

    /// @param path     the folder
    /// @param handles  files open at once, at most
    /// @throws IOException  no such folder
    public NioFolder(Path path, int handles) throws IOException {
        try {
            root = path.toRealPath();
        } catch (NoSuchFileException e) {
            throw new IOException("no such folder", e);
        }
        if (!Files.isDirectory(root)) {
            throw new IOException("not a folder");
        }
        if (!Files.isReadable(root)) {
            throw new IOException("not readable");
        }
        unix = root.getFileSystem().supportedFileAttributeViews().contains("unix");
        String uri = root.toUri().toString();
        rootUri = uri.endsWith("/") ? uri : uri + "/";
        taken = new boolean[handles];
        channels = new FileChannel[handles];
    }

    @Override
    public int look(MemorySegment path, long at, int length) {
        boolean trailing = length > 0 && path.get(ValueLayout.JAVA_BYTE, at + length - 1) == '/';
        try {
            Path found = named(path, at, length);
            if (found == null) {
                return MISSING;
            }
            real = found.toRealPath();
            if (!real.startsWith(root)) {
                return MISSING;
            }
            boolean other = !note();
            return other || trailing && !folder ? MISSING : 0;
        } catch (IOException | InvalidPathException e) {
            return code(e);
        }
    }

    /// {@return the path of a name, null where this system would read it as another}
    private @Nullable Path named(MemorySegment path, long at, int length) {
        StringBuilder uri = new StringBuilder(rootUri);
        for (int i = 0; i < length; i++) {
            int b = path.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
            if (File.separatorChar != '/' && (b == File.separatorChar || b == ':')) {
                return null;
            }
            boolean plain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '/' || b == '.';
            if (plain) {
                uri.append((char) b);
            } else {
                uri.append('%').append(Character.forDigit(b >> 4, 16)).append(Character.forDigit(b & 15, 16));
            }
        }
        try {
            return Path.of(URI.create(uri.toString()));
        } catch (IllegalArgumentException e) {
            return null;  // bytes that are no name here
        }
    }

    private static Object known(Map<String, Object> status, String name) {
        return Objects.requireNonNull(status.get(name), name);
    }

    /// {@return whether the real path is a file or folder, its status noted}
    private boolean note() throws IOException {
        if (unix) {
            Map<String, Object> status = Files.readAttributes(real,
                    "unix:isDirectory,isRegularFile,size,lastModifiedTime,ctime,dev,ino");
            folder = (Boolean) known(status, "isDirectory");
            size = (Long) known(status, "size");
            modifiedNanosSinceEpoch = ((FileTime) known(status, "lastModifiedTime")).to(TimeUnit.NANOSECONDS);
            changedNanosSinceEpoch = ((FileTime) known(status, "ctime")).to(TimeUnit.NANOSECONDS);
            device = (Long) known(status, "dev");
            inode = (Long) known(status, "ino");
            return folder || (Boolean) known(status, "isRegularFile");
        }
        BasicFileAttributes status = Files.readAttributes(real, BasicFileAttributes.class);
        folder = status.isDirectory();
        size = status.size();
        modifiedNanosSinceEpoch = status.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        changedNanosSinceEpoch = modifiedNanosSinceEpoch;
        device = 0;
        inode = status.fileKey() == null ? 0 : status.fileKey().hashCode();
        return folder || status.isRegularFile();
    }

    @Override
    public int open(MemorySegment path, long at, int length) {
        int handle = 0;
        while (handle < taken.length && taken[handle]) {
            handle++;
        }
        if (handle == taken.length) {
            return NO_DESCRIPTOR;
        }
        long lookedDevice = device;
        long lookedInode = inode;
        FileChannel channel = null;
        try {
            channel = folder ? null : FileChannel.open(real, StandardOpenOption.READ);
            if (note() && device == lookedDevice && inode == lookedInode) {
                channels[handle] = channel;
                taken[handle] = true;
                channel = null;
                return handle;
            }
            return MISSING;  // swapped since it was looked at
        } catch (IOException e) {
            return code(e);
        } finally {
            quietly(channel);
        }
    }

    /// Makes objects for each name.
    @Override
    public int list(MemorySegment path, long at, int length, MemorySegment buffer, Names names) {
        int code = look(path, at, length);
        if (code < 0 || !folder) {
            return code < 0 ? code : MISSING;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(real)) {
            for (Path one : all) {
                int bytes = name(one, buffer);
                if (bytes > 0 && !names.name(buffer, 0, bytes, Kind.UNKNOWN)) {
                    break;
                }
            }
            return 0;
        } catch (DirectoryIteratorException e) {
            return code(Objects.requireNonNull(e.getCause(), "always one"));
        } catch (IOException e) {
            return code(e);
        }
    }

    /// {@return bytes of the last name of a path, which are written at the buffer's start; 0 where they have no room}
    private static int name(Path path, MemorySegment buffer) {
        String uri = path.toUri().getRawPath();
        int end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
        int length = 0;
        for (int i = uri.lastIndexOf('/', end - 1) + 1; i < end; i++) {
            if (length == buffer.byteSize()) {
                return 0;
            }
            boolean encoded = uri.charAt(i) == '%';
            int b = encoded ? Integer.parseInt(uri, i + 1, i + 3, 16) : uri.charAt(i);
            i += encoded ? 2 : 0;
            buffer.set(ValueLayout.JAVA_BYTE, length++, (byte) b);
        }
        return length;
    }

    private static int code(Exception e) {
        if (e instanceof NoSuchFileException || e instanceof NotDirectoryException || e instanceof InvalidPathException) {
            return MISSING;
        }
        if (e instanceof AccessDeniedException) {
            return FORBIDDEN;
        }
        if (e instanceof FileSystemException failed) {
            String reason = String.valueOf(failed.getReason());
            return reason.contains("Too many open files") ? NO_DESCRIPTOR
                    : reason.contains("Not a directory") || reason.contains("too long")
                            || reason.contains("Too many levels") ? MISSING : FAILED;
        }
        return FAILED;
    }

    private static void quietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // it was only read: nothing is lost
            }
        }
    }

    @Override
    public boolean isFolder() {
        return folder;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public long modifiedSeconds() {
        return Math.floorDiv(modifiedNanosSinceEpoch, 1_000_000_000L);
    }

    @Override
    public int modifiedNanos() {
        return (int) Math.floorMod(modifiedNanosSinceEpoch, 1_000_000_000L);
    }

    @Override
    public long device() {
        return device;
    }

    @Override
    public long changedSeconds() {
        return Math.floorDiv(changedNanosSinceEpoch, 1_000_000_000L);
    }

    @Override
    public int changedNanos() {
        return (int) Math.floorMod(changedNanosSinceEpoch, 1_000_000_000L);
    }

    @Override
    public long inode() {
        return inode;
    }

    @Override
    public int read(int handle, MemorySegment target, long at, int length, long position) {
        try {
            return Math.max(channels[handle].read(view(target, at, length), position), 0);
        } catch (IOException e) {
            return FAILED;
        }
    }

    @SuppressWarnings("MemorySegmentReferenceEquality")  // a view is of that object: another may have another life
    private ByteBuffer view(MemorySegment segment, long at, int length) {
        for (int i = 0; i < VIEWS_MAX; i++) {
            if (viewed[i] == segment) {
                return views[i].clear().limit((int) at + length).position((int) at);
            }
        }
        int i = nextView;
        nextView = (nextView + 1) % VIEWS_MAX;
        viewed[i] = segment;
        views[i] = segment.asByteBuffer();
        return views[i].limit((int) at + length).position((int) at);
    }

    @Override
    public void close(int handle) {
        taken[handle] = false;
        quietly(channels[handle]);
        channels[handle] = null;
    }

    @Override
    public void close() {
        for (int handle = 0; handle < taken.length; handle++) {
            close(handle);
        }
    }
}
