package dev.coffer.testkit;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/// Takes from this process what the system gives: all of its descriptors, or its address space. For a child that was started under a limit,
/// and for one thread.
public final class Scarcity implements AutoCloseable {
    private static final int HOARD_MAX = 4096;

    private final Deque<FileInputStream> hoard = new ArrayDeque<>();

    /// Loads what both ways out of [#exhaust] need, so that it needs nothing when nothing is left.
    ///
    /// @throws IOException  there is no /dev/null
    public Scarcity() throws IOException {
        new FileInputStream("/dev/null").close();
        try {
            new FileInputStream("/none").close();
        } catch (IOException e) {
            hoard.clear();
        }
    }

    /// Takes every descriptor that is left.
    ///
    /// @return how many this holds now
    /// @throws IllegalStateException  the limit is too high for that
    public int exhaust() {
        try {
            while (hoard.size() < HOARD_MAX) {
                hoard.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return hoard.size();
        }
        throw new IllegalStateException("no limit of descriptors");
    }

    /// Gives some of them back.
    public void leave(int descriptors) throws IOException {
        for (int i = 0; i < descriptors; i++) {
            hoard.pop().close();
        }
    }

    /// Gives all of them back.
    @Override
    public void close() throws IOException {
        leave(hoard.size());
    }

    /// {@return bytes of address space that this process has}
    public static long addressBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmSize:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IllegalStateException("no VmSize");
    }

    /// Limits the address space of this process, by `prlimit`.
    ///
    /// @param bytes  or -1 for no limit
    public static void limitAddressBytes(long bytes) throws IOException, InterruptedException {
        limitAddressBytes(ProcessHandle.current().pid(), bytes);
    }

    /// Limits another process's: under such a limit it may be unable to start the command that lifts it.
    ///
    /// @param bytes  or -1 for no limit
    public static void limitAddressBytes(long pid, long bytes) throws IOException, InterruptedException {
        int code = new ProcessBuilder("prlimit", "--pid", Long.toString(pid),
                "--as=" + (bytes < 0 ? "unlimited" : bytes) + ":unlimited").inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("prlimit: " + code);
        }
    }
}
