package dev.coffer.cli.certificate;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.os.LastLine;
import dev.coffer.tls.KeyLog;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file of secrets in the SSLKEYLOGFILE format (RFC 9850), which Wireshark and others read: `LABEL RANDOM SECRET`, the two in hex. Its owner's alone; a line at a
/// time, behind what is there; made in locked memory and wiped, never on the heap. A line that the system does not take is lost, and the next one begins anew. Any thread.
public final class KeyLogFile implements KeyLog, AutoCloseable {
    private static final int RANDOM_BYTES = 32;
    private static final int SECRET_BYTES_MAX = 48;
    private static final int LINE_BYTES = 256;
    private static final MemoryPlan PLAN = MemoryPlan.group("key-log", MemoryPlan.block("line", LINE_BYTES));
    private static final Path OURSELVES = Path.of("/proc/self");
    private static final String OWNER = "unix:uid";
    private static final byte[][] LABELS = new byte[Label.values().length][];

    static {
        for (Label label : Label.values()) {
            LABELS[label.ordinal()] = (label.name() + ' ').getBytes(StandardCharsets.US_ASCII);
        }
    }

    private final WritableByteChannel channel;
    private final Region region;
    private final MemorySegment line;
    private final ByteBuffer bytes;
    private boolean torn;          // the last line may be there in part
    private IOException untold;    // why lines were lost since somebody was told

    private KeyLogFile(WritableByteChannel channel, Region region) {
        this.channel = channel;
        this.region = region;
        this.line = region.carve("line");
        this.bytes = line.asByteBuffer();
    }

    /// {@return the file, made where there is none}
    ///
    /// @throws IOException  it cannot be written, is no regular file or another's, or others may read it too
    public static KeyLogFile open(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            requireRegular(file);  // before it is opened: a FIFO would wait there for its reader
        }
        FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND,
                LinkOption.NOFOLLOW_LINKS), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Region region = null;
        boolean open = false;
        try {
            requireRegular(file);
            requireOurs(file);
            region = Region.open(RegionConfig.defaults("key-log"), PLAN);
            KeyLogFile log = new KeyLogFile(channel, region);
            log.torn = LastLine.of(file) == LastLine.CUT;  // by a process before
            open = true;
            return log;
        } finally {
            if (!open) {
                close(channel, region);
            }
        }
    }

    /// {@return one whose lines go to what is given}
    static KeyLogFile over(WritableByteChannel channel) {
        return new KeyLogFile(channel, Region.open(RegionConfig.defaults("key-log"), PLAN));
    }

    private static void close(FileChannel channel, Region region) throws IOException {
        try {
            if (region != null) {
                region.close();
            }
        } finally {
            channel.close();
        }
    }

    private static void requireRegular(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isRegularFile()) {
            throw new FileSystemException(file.toString(), null, "no regular file, and secrets go into nothing else");
        }
    }

    /// Whoever owns the file reads it, whatever its permissions say; so does who has a right to it.
    private static void requireOurs(Path file) throws IOException {
        if (Files.exists(OURSELVES)
                && !Files.getAttribute(file, OWNER, LinkOption.NOFOLLOW_LINKS).equals(Files.getAttribute(OURSELVES, OWNER))) {
            throw new FileSystemException(file.toString(), null, "another user's file, and secrets go into none of these");
        }
        for (PosixFilePermission permission : Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)) {
            if (!permission.name().startsWith("OWNER_")) {
                throw new FileSystemException(file.toString(), null, "others than its owner have a right to it (chmod 600)");
            }
        }
    }

    /// {@return what is mapped for one}
    public static MemoryPlan plan() {
        return Region.plan(RegionConfig.defaults("key-log"), PLAN);
    }

    /// {@return what whoever asks for such a file is told}
    public static String warning(Path file) {
        return "warning: the secrets of every TLS connection are written to " + file
                + ": whoever reads that reads and changes all that is said (--key-log, for "
                + "debugging alone)";
    }

    @Override
    public synchronized void secret(Label label, MemorySegment memory, long randomAt, long secretAt, int secretBytes) {
        assert secretBytes <= SECRET_BYTES_MAX : secretBytes;
        byte[] name = LABELS[label.ordinal()];
        try {
            long p = 0;
            if (torn) {
                line.set(ValueLayout.JAVA_BYTE, p++, (byte) '\n');
            }
            MemorySegment.copy(name, 0, line, ValueLayout.JAVA_BYTE, p, name.length);
            p = hex(memory, randomAt, RANDOM_BYTES, p + name.length);
            line.set(ValueLayout.JAVA_BYTE, p, (byte) ' ');
            p = hex(memory, secretAt, secretBytes, p + 1);
            line.set(ValueLayout.JAVA_BYTE, p, (byte) '\n');
            bytes.clear().limit((int) p + 1);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            torn = false;
        } catch (IOException e) {
            torn |= bytes.position() > 0;
            untold = e;
        } finally {
            Wipe.segment(line);
        }
    }

    /// {@return why lines were lost since the last call, as when a disk is full; null where none was}
    public synchronized IOException lost() {
        IOException why = untold;
        untold = null;
        return why;
    }

    /// {@return behind the letters; no branch and no index depends on one}
    private long hex(MemorySegment memory, long from, int length, long to) {
        for (int i = 0; i < length; i++) {
            int octet = memory.get(ValueLayout.JAVA_BYTE, from + i);
            line.set(ValueLayout.JAVA_BYTE, to + 2L * i, letter(octet >> 4 & 15));
            line.set(ValueLayout.JAVA_BYTE, to + 2L * i + 1, letter(octet & 15));
        }
        return to + 2L * length;
    }

    private static byte letter(int value) {
        return (byte) (value + '0' + (9 - value >> 31 & 'a' - '0' - 10));
    }

    @Override
    public synchronized void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // what was written is there, and nobody hears of the rest
        } finally {
            region.close();
        }
    }
}
