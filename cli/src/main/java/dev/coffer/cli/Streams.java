package dev.coffer.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Files and standard streams as channels, so that bytes go between the kernel and off-heap memory and never through the
/// heap; `-` is the standard stream. What goes wrong is said in one line.
final class Streams {
    static final String STANDARD = "-";

    private Streams() {}

    static FileChannel input(String name) {
        try {
            if (name.equals(STANDARD)) {
                @SuppressWarnings("resource")  // standard input is not ours to close
                FileChannel channel = new FileInputStream(FileDescriptor.in).getChannel();
                return channel;
            }
            Path path = Path.of(name);
            if (Files.isDirectory(path)) {
                throw new Failure(name + ": is a directory");
            }
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw failure(name, e);
        }
    }

    @SuppressWarnings("resource")  // standard output is not ours to close
    static FileChannel standardOutput() {
        return new FileOutputStream(FileDescriptor.out).getChannel();
    }

    /// {@return the length of a regular file, -1 for anything else}
    static long length(String name) {
        try {
            return name.equals(STANDARD) || !Files.isRegularFile(Path.of(name)) ? -1 : Files.size(Path.of(name));
        } catch (IOException e) {
            return -1;
        }
    }

    /// Reads until the buffer is full or the stream ends.
    ///
    /// @return bytes read
    static int fill(String name, FileChannel channel, ByteBuffer buffer) {
        int before = buffer.position();
        try {
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw failure(name, e);
        }
        return buffer.position() - before;
    }

    static void drain(String name, WritableByteChannel channel, ByteBuffer buffer) {
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw failure(name, e);
        }
    }

    static Failure failure(String name, IOException e) {
        return new Failure((name.equals(STANDARD) ? "standard stream" : name) + ": " + switch (e) {
            case NoSuchFileException missing -> "no such file";
            case AccessDeniedException denied -> "permission denied";
            case FileAlreadyExistsException there -> "exists already";
            default -> e.getMessage();
        });
    }
}
