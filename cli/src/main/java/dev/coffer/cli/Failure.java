package dev.coffer.cli;

/// Why a command could not do what was asked, in one line for the person who asked: no stack trace is printed.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    /// The machine or the input is at fault: exit code 1.
    Failure(String message) {
        this(1, message);
    }

    /// @param exitCode  1 for what could not be done, 2 for a wrong command line
    Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
