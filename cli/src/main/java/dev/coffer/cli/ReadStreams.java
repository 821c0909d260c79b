package dev.coffer.cli;

import java.util.ArrayList;
import java.util.List;

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
}
