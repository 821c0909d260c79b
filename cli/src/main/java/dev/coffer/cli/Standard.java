package dev.coffer.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// The three descriptors that a process begins with: channels, so that bytes go between the kernel and off-heap memory,
/// and what each of them is.
///
/// @param input   standard input
/// @param output  standard output
/// @param error   standard error
record Standard(Descriptor input, Descriptor output, Descriptor error) {
    /// The name that stands for standard input or output.
    static final String NAME = "-";

    private static final long O_CLOEXEC = 02000000;

    /// One of the three.
    ///
    /// @param number    0, 1 or 2
    /// @param channel   to read or write
    /// @param identity  null where the descriptor was closed when the process began
    record Descriptor(int number, FileChannel channel, FileIdentity identity) {
        boolean isTerminal() {
            return identity != null && identity.isTerminal();
        }
    }

    /// {@return those of this process}
    @SuppressWarnings("resource")  // they are not ours to close
    static Standard ofProcess() {
        return new Standard(new Descriptor(0, new FileInputStream(FileDescriptor.in).getChannel(), identity(0)),
                new Descriptor(1, new FileOutputStream(FileDescriptor.out).getChannel(), identity(1)),
                new Descriptor(2, new FileOutputStream(FileDescriptor.err).getChannel(), identity(2)));
    }

    /// A descriptor that was closed at the start is the virtual machine's by now: one of its own files, or one that would
    /// not have outlived the start of a program.
    private static FileIdentity identity(int number) {
        Path link = Path.of("/proc/self/fd/" + number);
        try {
            if (!Files.exists(Path.of("/proc/self/fd"))) {
                return new FileIdentity(-1, -1 - number, 0, 0, 0, 0);  // another kind of system: like no other file
            }
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + number))) {
                if (line.startsWith("flags:") && (Long.parseLong(line.substring(6).strip(), 8) & O_CLOEXEC) != 0) {
                    return null;
                }
            }
            return Files.readSymbolicLink(link).startsWith(Path.of(System.getProperty("java.home")).toRealPath())
                    ? null : FileIdentity.of(link);
        } catch (IOException e) {
            return null;
        }
    }
}
