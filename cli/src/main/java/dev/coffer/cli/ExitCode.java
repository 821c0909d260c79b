package dev.coffer.cli;

/// How the command ends, the same in every subcommand save where one is named; said in `coffer --help` too.
final class ExitCode {
    /// Done; the answer is yes.
    static final int DONE = 0;
    /// Could not be done, or the answer is no: a signature that is not valid, a file that does not match, a failed proof.
    static final int FAILED = 1;
    /// A wrong command line, an output that is an input among them. `verify`: could not verify, for whatever reason.
    static final int USAGE = 2;
    /// Sealed with another key.
    static final int WRONG_KEY = 3;
    /// Sealed with this key, and changed or cut since; or a message that changed while it was being signed.
    static final int CHANGED = 4;
    /// A file that is not what it was named as: no sealed file, no key.
    static final int WRONG_FORMAT = 5;
    /// An input that is missing or may not be read.
    static final int MISSING = 6;
    /// A fault of ours (EX_SOFTWARE of sysexits.h).
    static final int FAULT = 70;
    /// Memory that the machine refuses: a limit on what may be locked, a container's, a heap that is full, a budget that is spent (EX_OSERR).
    static final int MEMORY = 71;
    /// Who read standard output went away: what a shell shows of a program that SIGPIPE ended.
    static final int PIPE = 128 + 13;

    private ExitCode() {}
}
