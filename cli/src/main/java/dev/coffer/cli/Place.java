package dev.coffer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Where a name leads once every link is followed: to a descriptor of this process, or to a path that is no link and
/// perhaps not there yet. The links of `/proc/self/fd` are not followed: they say which descriptor, not which file.
///
/// @param descriptor  0 or more, or -1 for a path
/// @param path        that can be opened
record Place(int descriptor, Path path) {
    private static final int LINKS_MAX = 40;  // as the kernel's path_resolution(7)

    static Place of(String name) {
        Path at = path(name);
        try {
            for (int links = 0; links < LINKS_MAX; links++) {
                int descriptor = descriptor(at);
                if (descriptor >= 0 || !Files.isSymbolicLink(at)) {
                    return new Place(descriptor, at);
                }
                Path target = Files.readSymbolicLink(at);
                at = at.getParent() == null ? target : at.getParent().resolve(target);
            }
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, name, e);
        }
        throw new Failure(name + ": too many links");
    }

    /// {@return the path of a name as it was typed}
    ///
    /// @throws Failure  it has bytes that the locale's encoding has no characters for
    static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new Failure(ExitCode.MISSING, name + ": a file name that this locale cannot spell", e);
        }
    }

    /// {@return the name of a second output, which stands beside the first: its name and an ending}
    ///
    /// @throws Failure  the first is a descriptor, a pipe or a device: beside it none of that name has a meaning
    static String beside(String name, String ending) {
        Place place = name.equals(Standard.NAME) ? new Place(1, null) : of(name);
        try {
            FileIdentity there = place.descriptor < 0 ? FileIdentity.orNull(place.path) : null;
            if (place.descriptor >= 0 || there != null && !there.isFolder() && !there.isRegular()) {
                throw new Failure(ExitCode.USAGE, name + ": no file, and FILE" + ending + " stands beside it: name a file");
            }
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, name, e);
        }
        return name + ending;
    }

    private static int descriptor(Path at) throws IOException {
        Path folder = at.toAbsolutePath().getParent();
        String number = String.valueOf(at.getFileName());
        if (folder == null || !number.matches("[0-9]{1,9}") || !Files.isDirectory(folder)) {
            return -1;
        }
        String real = folder.toRealPath().toString();
        return real.matches("/proc/" + ProcessHandle.current().pid() + "(/task/[0-9]+)?/fd")
                ? Integer.parseInt(number) : -1;
    }
}
