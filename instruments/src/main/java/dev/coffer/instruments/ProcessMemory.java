package dev.coffer.instruments;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/// A process's memory read, or written, through `/proc/PID/mem` (proc(5)): past every accessor, and past `MADV_DONTDUMP`.
/// What the kernel hides (`memfd_secret(2)`) and what is not readable is skipped and counted.
public final class ProcessMemory implements AutoCloseable {
    private static final int WINDOW_BYTES = 1 << 20;

    private final RandomAccessFile file;
    private final String process;

    private ProcessMemory(String process, String mode) {
        this.process = process;
        try {
            this.file = new RandomAccessFile("/proc/" + process + "/mem", mode);
        } catch (IOException e) {
            throw new UncheckedIOException("memory of process " + process, e);
        }
    }

    /// {@return this process's memory, to be read and written}
    ///
    /// @throws UncheckedIOException  the system does not let us
    public static ProcessMemory ofSelf() {
        return new ProcessMemory("self", "rw");
    }

    /// {@return another process's memory, to be read: one's own child, or with the right to trace it}
    ///
    /// @throws UncheckedIOException  the system does not let us
    public static ProcessMemory of(long pid) {
        return new ProcessMemory(Long.toString(pid), "r");
    }

    /// {@return a copy of `length` bytes at an address}
    ///
    /// @throws UncheckedIOException  not mapped, not readable, or hidden
    public byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        try {
            file.seek(address);
            file.readFully(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + length + " bytes of process " + process, e);
        }
        return bytes;
    }

    /// {@return how many of `length` bytes at the address are not zero}
    public long nonZero(long address, long length) {
        long count = 0;
        for (long done = 0; done < length; done += WINDOW_BYTES) {
            for (byte b : read(address + done, (int) Math.min(WINDOW_BYTES, length - done))) {
                count += b == 0 ? 0 : 1;
            }
        }
        return count;
    }

    /// Writes one byte, whatever the page's permissions.
    ///
    /// @throws UncheckedIOException  not mapped, or hidden
    public void write(long address, byte value) {
        try {
            file.seek(address);
            file.write(value);
        } catch (IOException e) {
            throw new UncheckedIOException("writing a byte of process " + process, e);
        }
    }

    /// Offers every readable byte of the process to a scan, in windows that overlap.
    ///
    /// @return bytes offered
    long scan(List<Mapping> mappings, ResidueScan scan) {
        ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES);
        MemorySegment segment = MemorySegment.ofBuffer(window);
        FileChannel channel = file.getChannel();
        long offered = 0;
        for (Mapping mapping : mappings) {
            boolean file = mapping.name().startsWith("/") && mapping.permissions().charAt(1) != 'w';
            if (!mapping.permissions().startsWith("r") || mapping.start() < 0 || mapping.rssBytes() == 0 || file) {
                continue;  // unreadable, the kernel's own pages, never touched, or a file that nobody writes
            }
            long at = mapping.start();
            while (at < mapping.end()) {
                window.clear().limit((int) Math.min(WINDOW_BYTES, mapping.end() - at));
                int got;
                try {
                    got = channel.read(window, at);
                } catch (IOException e) {
                    break;  // hidden, or gone since: nobody else reads it either
                }
                if (got <= 0) {
                    break;
                }
                scan.search(segment, got);
                offered += got;
                if (got < ResidueScan.PATTERN_BYTES || at + got >= mapping.end()) {
                    break;
                }
                at += got - (ResidueScan.PATTERN_BYTES - 1);
            }
        }
        return offered;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
