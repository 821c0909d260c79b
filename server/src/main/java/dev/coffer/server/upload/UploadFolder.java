package dev.coffer.server.upload;

import dev.coffer.http.FieldName;
import dev.coffer.http.Status;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.Site;
import dev.coffer.server.route.Percent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A folder that clients put files into. The name is the last parameter of the route's pattern:
/// `Route.put("/files/{name}", UploadFolder.of(folder, 1 << 30))`.
///
/// A file is written beside its name, as `.coffer-PID-N.partial`, flushed, and put there in one step, by a hard link where the name must
/// be new and by a rename where it may be replaced; the folder is flushed before the answer. What was cut, was too long, too late or
/// failed leaves nothing; what had come whole is put in place though its client has gone meanwhile. A process that is killed leaves its
/// partial files, which are nobody's any more.
///
/// | the request | is answered |
/// |---|---|
/// | a new name | 201 |
/// | a name that exists | 409, or 204 where it may be replaced; a folder is 409 always, a link is replaced and not followed |
/// | a name that begins with a dot, is empty or longer than 255 bytes, has a `/`, `\` or control, or is no UTF-8 | 400 |
/// | content past the limit | 413 |
/// | more uploads at once than [#uploads] of a loop | 503 with Retry-After |
/// | a disk that fails or is full | 500 |
///
/// The server's own limits hold too: 1 MiB of content (`Limits.bodyBytesMax`), 60 s to the answer ([dev.coffer.server.route.Route#withLimits]).
/// Pieces are written on the loop's thread, into the system's cache; the flush is waited for on a virtual one.
///
/// Immutable; shared by all loops.
public final class UploadFolder extends Site {
    /// Uploads at once of each loop, where nothing else is said.
    public static final int UPLOADS = 16;
    private static final int NAME_BYTES_MAX = 255;
    private static final int RETRY_SECONDS = 1;

    private final Path folder;
    private final long bytesMax;
    private final int uploads;
    private final boolean replaces;

    private UploadFolder(Path folder, long bytesMax, int uploads, boolean replaces) {
        if (bytesMax < 0 || uploads < 1) {
            throw new IllegalArgumentException("uploads: " + uploads + " of " + bytesMax + " bytes");
        }
        this.folder = folder.toAbsolutePath().normalize();
        this.bytesMax = bytesMax;
        this.uploads = uploads;
        this.replaces = replaces;
    }

    /// {@return a folder for new files}
    ///
    /// @param folder    exists when the server opens
    /// @param bytesMax  of one file; 0 or more
    /// @throws IllegalArgumentException  a number below zero (caller's fault)
    public static UploadFolder of(Path folder, long bytesMax) {
        return new UploadFolder(folder, bytesMax, UPLOADS, false);
    }

    /// {@return this folder, with files that are there replaced}
    public UploadFolder withReplacement() {
        return new UploadFolder(folder, bytesMax, uploads, true);
    }

    /// {@return this folder with another number of uploads at once, of each loop: a descriptor each}
    ///
    /// @throws IllegalArgumentException  less than 1 (caller's fault)
    public UploadFolder withUploads(int count) {
        return new UploadFolder(folder, bytesMax, count, replaces);
    }

    /// {@return uploads at once of each loop}
    public int uploads() {
        return uploads;
    }

    @Override
    public int descriptors() {
        return uploads;
    }

    @Override
    public int descriptorsMin() {
        return 1;
    }

    @Override
    public Site withDescriptors(int count) {
        return withUploads(count);
    }

    @Override
    public Handler open(Place place) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        AtomicInteger running = new AtomicInteger();    // finished on other threads
        return exchange -> receive(exchange, running);
    }

    private void receive(Exchange exchange, AtomicInteger running) {
        Path file = file(exchange);
        if (file == null) {
            exchange.respond(Status.BAD_REQUEST);
        } else if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !(replaces && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))) {
            exchange.respond(Status.CONFLICT);
        } else if (running.incrementAndGet() > uploads) {
            running.decrementAndGet();
            exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS).respond(Status.SERVICE_UNAVAILABLE);
        } else {
            Upload upload = new Upload(file, replaces, running::decrementAndGet);
            try {
                exchange.onEnd(upload);
            } catch (RuntimeException | Error thrown) {
                upload.discard();
                throw thrown;
            }
            try {
                if (exchange.receive(upload, bytesMax)) {
                    upload.open();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// {@return where the file goes, null for a name that is none}
    private @Nullable Path file(Exchange exchange) {
        if (exchange.parameters() == 0) {
            throw new IllegalStateException("upload: the route's pattern has no parameter for the name");
        }
        int index = exchange.parameters() - 1;
        byte[] bytes = new byte[NAME_BYTES_MAX];
        int length = Percent.decode(exchange.request().segment(), exchange.parameterAt(index), exchange.parameterLength(index),
                MemorySegment.ofArray(bytes), 0, NAME_BYTES_MAX);
        if (length <= 0 || bytes[0] == '.') {
            return null;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[i] >= 0 && bytes[i] < ' ' || bytes[i] == 0x7f || bytes[i] == '/' || bytes[i] == '\\') {
                return null;
            }
        }
        try {
            Path file = folder.resolve(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString());
            return folder.equals(file.getParent()) ? file : null;
        } catch (CharacterCodingException | InvalidPathException e) {
            return null;  // no UTF-8, or none of the system's names
        }
    }
}
