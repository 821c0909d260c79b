package dev.coffer.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// The descriptors that a process begins with. The first three as channels, so that bytes go between the kernel and off-heap
/// memory, with what each of them is; of the others which there are: whatever else is open by now is the virtual machine's
/// own, and a name that leads there (`/dev/fd/4`, where nobody gave a 4) must neither be read nor, far worse, be replaced.
///
/// @param input   standard input
/// @param output  standard output
/// @param error   standard error
/// @param others  numbers of the further ones that were given, `3< file` or `<(...)`
record Standard(Descriptor input, Descriptor output, Descriptor error, Set<Integer> others) {
    /// The name that stands for standard input or output.
    static final String NAME = "-";

    private static final long O_CLOEXEC = 02000000;
    private static final String[] RUN_FROM = {"java.home", "java.class.path", "jdk.module.path"};
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

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
                new Descriptor(2, new FileOutputStream(FileDescriptor.err).getChannel(), identity(2)), othersGiven());
    }

    /// What the JDK and the libraries say on standard error goes as all that a command says there, from now on.
    void takeErrors() {
        System.setErr(StandardText.errorStream(this));
    }

    /// {@return standard error as it is, for who moves a terminal's cursor and says nothing of anybody else's}
    static PrintStream errorAsItIs() {
        return new PrintStream(new FileOutputStream(FileDescriptor.err));
    }

    private static FileIdentity identity(int number) {
        try {
            if (!Files.exists(DESCRIPTORS)) {
                return new FileIdentity(-1, -1 - number, 0, 0, 0, 0);  // another kind of system: like no other file
            }
            return wasGiven(number) ? FileIdentity.of(DESCRIPTORS.resolve(String.valueOf(number))) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Set<Integer> othersGiven() {
        Set<Integer> open = new HashSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            all.forEach(one -> open.add(Integer.valueOf(one.getFileName().toString())));
        } catch (IOException | DirectoryIteratorException e) {
            return Set.of();  // another kind of system, where no name leads to them
        }
        open.removeIf(number -> number <= 2 || !wasGiven(number));  // the listing's own are closed by now
        return open;
    }

    /// {@return whether a descriptor is one that the process began with}: what was closed then is the virtual machine's by now,
    /// one that would not have outlived the start of a program, or a file that it runs from, of which it says so of some only.
    private static boolean wasGiven(int number) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + number))) {
                if (line.startsWith("flags:") && (Long.parseLong(line.substring(6).strip(), 8) & O_CLOEXEC) != 0) {
                    return false;
                }
            }
            Path file = Files.readSymbolicLink(DESCRIPTORS.resolve(String.valueOf(number)));
            for (String property : RUN_FROM) {
                for (String place : System.getProperty(property, "").split(File.pathSeparator)) {
                    if (!place.isEmpty() && Files.exists(Path.of(place)) && file.startsWith(Path.of(place).toRealPath())) {
                        return false;
                    }
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
