package dev.coffer.memory.internal.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The end of a file of lines that processes write one after the other. Stateless, thread-safe.
public final class LastLine {
    private LastLine() {}

    /// {@return whether the last line has no end, as one leaves it who is killed or meets a full disk: what is written next would be a part of it. Not where that cannot
    /// be seen: no regular file, or one that may not be read}
    public static boolean isCut(Path file) {
        if (!Files.isRegularFile(file)) {  // a pipe would be waited for
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            long size = channel.size();
            return size > 0 && channel.read(last, size - 1) == 1 && last.get(0) != '\n';
        } catch (IOException e) {
            return false;
        }
    }
}
