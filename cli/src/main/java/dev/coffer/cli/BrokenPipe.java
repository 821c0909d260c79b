package dev.coffer.cli;

/// Who read what we write went away, as `| head` does: the command ends without a word.
final class BrokenPipe extends Failure {
    private static final long serialVersionUID = 1;

    BrokenPipe() {
        super(ExitCode.PIPE, "nobody reads any more");
    }

    /// {@return whether the system says EPIPE}
    static boolean is(java.io.IOException e) {
        return "Broken pipe".equals(e.getMessage());
    }
}
