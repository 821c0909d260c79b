package dev.coffer.server.upload;

import dev.coffer.http.Status;
import dev.coffer.memory.internal.os.FileNames;
import dev.coffer.server.ContentSink;
import dev.coffer.server.Ending;
import dev.coffer.server.Exchange;
import dev.coffer.server.Later;
import dev.coffer.server.Thrown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One file on its way to the disk. The loop's until its content is complete, then a virtual thread's.
final class Upload implements ContentSink, Ending {
    private final Path file;
    private final boolean replaces;
    private final Runnable over;        // told once
    private @Nullable Path partial;     // null where there is none, or not any more
    private @Nullable FileChannel channel;
    private boolean complete;           // its content is, so it is not the loop's any more

    Upload(Path file, boolean replaces, Runnable over) {
        this.file = file;
        this.replaces = replaces;
        this.over = over;
    }

    private FileChannel channel() {
        return Objects.requireNonNull(channel, "begun");
    }

    /// Opens the partial file.
    void open() throws IOException {
        FileNames.Partial made = FileNames.openPartial(file, false);
        channel = made.channel();
        partial = made.path();
    }

    @Override
    public long take(Exchange exchange, MemorySegment content, long at, long length) {
        ByteBuffer piece = content.asSlice(at, length).asByteBuffer();
        try {
            while (piece.hasRemaining()) {
                channel().write(piece);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return length;
    }

    @Override
    public void end(Exchange exchange) {
        Later later = exchange.later();
        long ticket = later.ticket();
        Thread.ofVirtual().name("coffer-upload").start(() -> finish(later, ticket));
        complete = true;
    }

    /// The exchange is over: what is not complete is nothing.
    @Override
    public void ended(Exchange exchange, boolean answered) {
        if (!complete) {
            discard();
        }
    }

    /// Leaves nothing.
    void discard() {
        try {
            if (channel != null) {
                channel.close();
            }
            if (partial != null) {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            channel = null;
            partial = null;
            over.run();
        }
    }

    private void finish(Later later, long ticket) {
        int status = 0;
        Throwable failure = null;
        try {
            try {
                channel().force(true);
                channel().close();
                status = place();
                FileNames.flushFolder(file);
            } finally {
                discard();  // the partial name, where it is still there
            }
        } catch (FileAlreadyExistsException e) {
            status = Status.CONFLICT;
        } catch (IOException | RuntimeException | Error thrown) {
            failure = thrown;
        }
        if (failure == null) {
            later.respond(ticket, status);
        } else {
            later.respond(ticket, Status.INTERNAL_SERVER_ERROR, new Thrown(failure));
        }
    }

    /// Puts the file under its name, in one step.
    ///
    /// @throws FileAlreadyExistsException  another one has it, and it must be new; or it is a folder's
    private int place() throws IOException {
        if (replaces) {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return there ? Status.NO_CONTENT : Status.CREATED;
        }
        FileNames.placeNew(partial, file);
        return Status.CREATED;
    }
}
