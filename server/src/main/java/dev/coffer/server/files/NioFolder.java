package dev.coffer.server.files;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/// [Folder] on the JDK's files, for every system. Reading makes no object as long as it goes into the memory of the
/// same few segments; opening does, inside the JDK.
///
/// Links are resolved first and the result must lie beneath the folder. Whoever can change the folder's links between
/// that check and the open could lead out of it; where that matters use [LinuxFolder].
public final class NioFolder implements Folder {
    private static final int VIEWS_MAX = 8;

    private final Path root;
    private final boolean[] taken;          // by handle
    private final FileChannel[] channels;   // by handle; null for a folder
    private final MemorySegment[] viewed = new MemorySegment[VIEWS_MAX];
    private final ByteBuffer[] views = new ByteBuffer[VIEWS_MAX];
    private int nextView;
    private boolean folder;
    private long size;
    private long modifiedNanosSinceEpoch;
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
        taken = new boolean[handles];
        channels = new FileChannel[handles];
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
        byte[] name = new byte[length];
        MemorySegment.copy(path, ValueLayout.JAVA_BYTE, at, name, 0, length);
        try {
            Path real = root.resolve(new String(name, StandardCharsets.UTF_8)).toRealPath();
            if (!real.startsWith(root)) {
                return MISSING;
            }
            BasicFileAttributes status = Files.readAttributes(real, BasicFileAttributes.class);
            boolean trailing = length > 0 && name[length - 1] == '/';
            if (!status.isDirectory() && (trailing || !status.isRegularFile())) {
                return MISSING;
            }
            folder = status.isDirectory();
            size = status.size();
            modifiedNanosSinceEpoch = status.lastModifiedTime().to(TimeUnit.NANOSECONDS);
            inode = status.fileKey() == null ? 0 : status.fileKey().hashCode();  // device and inode in one
            channels[handle] = folder ? null : FileChannel.open(real, StandardOpenOption.READ);
            taken[handle] = true;
            return handle;
        } catch (NoSuchFileException | NotDirectoryException | InvalidPathException e) {
            return MISSING;
        } catch (AccessDeniedException e) {
            return FORBIDDEN;
        } catch (FileSystemException e) {
            String reason = String.valueOf(e.getReason());
            return reason.contains("Too many open files") ? NO_DESCRIPTOR
                    : reason.contains("Not a directory") || reason.contains("too long")
                            || reason.contains("Too many levels") ? MISSING : FAILED;
        } catch (IOException e) {
            return FAILED;
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
        return 0;
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
        if (channels[handle] != null) {
            try {
                channels[handle].close();
            } catch (IOException e) {
                // it was only read: nothing is lost
            }
            channels[handle] = null;
        }
    }

    @Override
    public void close() {
        for (int handle = 0; handle < taken.length; handle++) {
            close(handle);
        }
    }
}
