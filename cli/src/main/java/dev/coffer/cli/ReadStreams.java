package dev.coffer.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Streams that the inputs of one run of a command have read, whoever of its parts opened them: of their bytes a second reader would find none, and take
/// that for all there is. Any thread.
final class ReadStreams {
    private final List<FileIdentity> pipes = new ArrayList<>();
    private boolean standardInput;

    /// {@return whether standard input is somebody's already}
    synchronized boolean hasStandardInput() {
        return standardInput;
    }

    /// {@return whether it is a pipe and somebody's already}
    synchronized boolean hasPipe(FileIdentity identity) {
        return identity.isFifo() && pipes.stream().anyMatch(identity::isSame);
    }

    /// From now on it is somebody's.
    synchronized void add(Input input) {
        standardInput |= input.isStandard();
        if (input.identity().isFifo()) {
            pipes.add(input.identity());
        }
    }

    /// Refuses a stream that is named twice among what others than the command's own files read: the second time it is empty, or waited at for ever. Before the first
    /// is opened.
    ///
    /// @throws Failure  one is
    static void refuseSecondReaders(Stream<Path> paths) {
        List<FileIdentity> streams = new ArrayList<>();
        paths.forEach(path -> {
            FileIdentity identity = CommandFiles.look(path);
            if (identity != null && identity.isFifo()) {
                if (streams.stream().anyMatch(identity::isSame)) {
                    throw readAlready(path.toString());
                }
                streams.add(identity);
            }
        });
    }

    static Failure readAlready(String name) {
        return new Failure(ExitCode.USAGE, name + ": is read already, and a stream can be read once");
    }
}
