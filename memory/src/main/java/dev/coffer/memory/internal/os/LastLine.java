package dev.coffer.memory.internal.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The end of a file of lines that processes write one after the other. Thread-safe.
public enum LastLine {
    /// It has its end, or there is no line.
    WHOLE,
    /// It has no end, as one leaves it who is killed or meets a full disk: what is written next would be a part of it.
    CUT,
    /// That cannot be seen: no regular file, or one that may not be read.
    UNSEEN;

    /// {@return how the file ends now}
    public static LastLine of(Path file) {
        if (!Files.isRegularFile(file)) {  // a pipe would be waited for
            return UNSEEN;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            long size = channel.size();
            if (size == 0) {
                return WHOLE;
            }
            return channel.read(last, size - 1) != 1 ? UNSEEN : last.get(0) == '\n' ? WHOLE : CUT;
        } catch (IOException e) {
            return UNSEEN;
        }
    }
}
