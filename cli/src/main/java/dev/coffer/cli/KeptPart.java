package dev.coffer.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// What stays of an output that did not become whole, `FILE.coffer-part`, and beside it a note of what it is a part of,
/// `FILE.coffer-part.from`. Opened by [CommandFiles], which refuses where either is read for another reason. No link is followed: whoever else may
/// write to the folder does not choose what is read or written.
final class KeptPart {
    private static final int NOTE_BYTES_MAX = 1 << 15;
    private static final int COPY_BYTES = 1 << 16;

    private final Path file;
    private final Path note;

    /// @param output  beside which it stays
    KeptPart(String output) {
        file = Place.path(output + ".coffer-part");
        note = Place.path(output + ".coffer-part.from");
    }

    /// {@return where the bytes are}
    Path file() {
        return file;
    }

    Path note() {
        return note;
    }

    /// {@return the note's lines; none where there is none, none of ours, or one that was cut short: its last line would say something else}
    List<String> lines() {
        try (FileChannel from = open(note)) {
            ByteBuffer bytes = ByteBuffer.allocate(NOTE_BYTES_MAX);
            while (bytes.hasRemaining() && from.read(bytes) >= 0) {
                // until its end, or past what is ours
            }
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            return bytes.hasRemaining() && text.endsWith("\n") ? text.lines().toList() : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /// {@return bytes that are there, 0 for none}
    long length() {
        try (FileChannel from = open(file)) {
            return from.size();
        } catch (IOException e) {
            return 0;
        }
    }

    private static FileChannel open(Path path) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {  // nor is a pipe waited for
            throw new NoSuchFileException(path.toString());
        }
        return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /// Forgets the bytes, and notes of what the next will be.
    ///
    /// @throws Failure  it cannot be written
    void begin(List<String> lines) {
        try {
            Files.deleteIfExists(file);  // first: it is not of what is noted next
            Files.deleteIfExists(note);
            Files.write(note, lines, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, note.toString(), e);
        }
    }

    /// Writes the first `length` bytes.
    ///
    /// @throws Failure  they are not there any more
    void copy(long length, Output out) {
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        try (FileChannel from = open(file)) {
            long left = length;
            while (left > 0) {
                buffer.clear().limit((int) Math.min(COPY_BYTES, left));
                int read = from.read(buffer);
                if (read < 0) {
                    throw new Failure(ExitCode.CHANGED, file + ": has become shorter");
                }
                out.write(buffer.flip());
                left -= read;
            }
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, file.toString(), e);
        }
    }

    /// The output is whole, and in its place.
    void forget() {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(note);
        } catch (IOException e) {
            // the note says of what it is a part: it is looked at again
        }
    }
}
