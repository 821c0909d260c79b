package dev.coffer.cli;

import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.memory.layout.Align;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Carries a stream between files and [SealedStream] in one locked region: two chunks, so that the one in hand is known to
/// be the last when the next read finds nothing.
final class SealedFiles implements AutoCloseable {
    private static final long CHUNK_ROW = Align.up(SealedStream.CHUNK_BYTES, Align.CACHE_LINE_BYTES);
    private static final MemoryPlan PLAN = MemoryPlan.group("sealed files",
            MemoryPlan.block("key", Align.CACHE_LINE_BYTES),
            MemoryPlan.block("work", 2 * Align.CACHE_LINE_BYTES),
            SealedStream.plan(),
            MemoryPlan.block("chunk a", CHUNK_ROW), MemoryPlan.block("chunk b", CHUNK_ROW));

    private final Region region = Region.open(RegionConfig.defaults("sealed-files"), PLAN);
    private final MemorySegment key = region.carve("key");
    private final MemorySegment work = region.carve("work");
    private final SealedStream stream = new SealedStream(region.carve("sealed stream"));
    private final MemorySegment[] chunks = {region.carve("chunk a"), region.carve("chunk b")};
    private final ByteBuffer[] buffers = {chunks[0].asByteBuffer(), chunks[1].asByteBuffer()};

    void readKey(Path path) {
        KeyFile.read(path, work, key);
    }

    void generateKey(Path path) {
        KeyFile.generate(path, work, key);
    }

    void seal(SealedStream.Suite suite, String from, String to) {
        try (FileChannel in = Streams.input(from); Target out = Target.open(to);
                Progress progress = Progress.of("seal", Streams.length(from))) {
            if (MemoryCalls.SYSTEM.random(work, 0, SealedStream.SALT_BYTES) < 0) {
                throw new Failure("getrandom refused");
            }
            stream.writeHeader(suite, key, 0, work, 0, chunks[0], 0);
            out.write(buffers[0].clear().limit(SealedStream.HEADER_BYTES));
            int now = 0;
            int length = Streams.fill(from, in, buffers[0].clear().limit(SealedStream.CHUNK_TEXT_BYTES));
            boolean last;
            do {
                int next = Streams.fill(from, in, buffers[1 - now].clear().limit(SealedStream.CHUNK_TEXT_BYTES));
                last = next == 0;
                int sealed = stream.sealChunk(chunks[now], 0, length, last);
                out.write(buffers[now].clear().limit(sealed));
                progress.done(length);
                now = 1 - now;
                length = next;
            } while (!last);
            out.complete();
        } catch (IOException e) {
            throw Streams.failure(from, e);
        }
    }

    void open(String from, String to) {
        try (FileChannel in = Streams.input(from); Target out = Target.open(to);
                Progress progress = Progress.of("open", Streams.length(from))) {
            int header = Streams.fill(from, in, buffers[0].clear().limit(SealedStream.HEADER_BYTES));
            if (header < SealedStream.HEADER_BYTES
                    || stream.readHeader(key, 0, chunks[0], 0) != SealedStream.Verdict.VALID) {
                throw new Failure(from + ": not a sealed file of a known format");
            }
            int now = 0;
            int length = Streams.fill(from, in, buffers[0].clear().limit(SealedStream.CHUNK_BYTES));
            boolean last;
            do {
                int next = Streams.fill(from, in, buffers[1 - now].clear().limit(SealedStream.CHUNK_BYTES));
                last = next == 0;
                if (stream.openChunk(chunks[now], 0, length, last) != SealedStream.Verdict.VALID) {
                    throw new Failure(from + ": does not verify: another key, or the file was changed or cut");
                }
                out.write(buffers[now].clear().limit(length - (SealedStream.CHUNK_BYTES - SealedStream.CHUNK_TEXT_BYTES)));
                progress.done(length);
                now = 1 - now;
                length = next;
            } while (!last);
            out.complete();
        } catch (IOException e) {
            throw Streams.failure(from, e);
        }
    }

    @Override
    public void close() {
        stream.close();
        region.close();
    }

    /// Where a result goes: standard output, a pipe or a device at once; a file under another name until it is whole. A file
    /// that is replaced leaves its permissions to the new one, from the first byte on; a link stays, what it names is replaced.
    private static final class Target implements AutoCloseable {
        private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

        private final String name;
        private final FileChannel channel;
        private final Path file;     // null where the result is written at once
        private final Path partial;  // likewise
        private boolean complete;

        private Target(String name, FileChannel channel, Path file, Path partial) {
            this.name = name;
            this.channel = channel;
            this.file = file;
            this.partial = partial;
        }

        static Target open(String name) throws IOException {
            if (name.equals(Streams.STANDARD)) {
                return new Target(name, Streams.standardOutput(), null, null);
            }
            try {
                boolean exists = Files.exists(Path.of(name));
                Path file = exists ? Path.of(name).toRealPath() : Path.of(name);
                if (Files.isDirectory(file)) {
                    throw new Failure(name + ": is a directory");
                }
                if (exists && !Files.isRegularFile(file)) {
                    return new Target(name, FileChannel.open(file, StandardOpenOption.WRITE), null, null);
                }
                Path partial = Path.of(file + ".partial-" + ProcessHandle.current().pid());
                FileChannel channel = exists ? asPrivateAs(file, partial) : FileChannel.open(partial, NEW);
                partial.toFile().deleteOnExit();  // also when interrupted
                return new Target(name, channel, file, partial);
            } catch (IOException e) {
                throw Streams.failure(name, e);
            }
        }

        private static FileChannel asPrivateAs(Path file, Path partial) throws IOException {
            Set<PosixFilePermission> permissions;
            try {
                permissions = Files.getPosixFilePermissions(file);
            } catch (UnsupportedOperationException e) {  // another kind of system
                return FileChannel.open(partial, NEW);
            }
            FileChannel channel = FileChannel.open(partial, NEW,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.setPosixFilePermissions(partial, permissions);
            return channel;
        }

        void write(ByteBuffer bytes) {
            Streams.drain(name, channel, bytes);
        }

        void complete() throws IOException {
            if (partial != null) {
                channel.force(false);
                channel.close();
                Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
            complete = true;
        }

        @Override
        public void close() throws IOException {
            if (partial == null) {
                return;  // a standard stream is not ours to close, and a device's ends with the process
            }
            if (!complete) {
                channel.close();
                Files.deleteIfExists(partial);
            }
        }
    }
}
