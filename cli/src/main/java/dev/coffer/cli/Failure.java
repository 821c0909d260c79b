package dev.coffer.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/// Why a command could not do what was asked, in one line for the person who asked: no stack trace is printed.
class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    /// The machine or the input is at fault: exit code 1.
    Failure(String message) {
        this(ExitCode.FAILED, message);
    }

    /// @param exitCode  of [ExitCode]
    /// @param message   any text; what would start a line or command a terminal is spelled out
    Failure(int exitCode, String message) {
        super(printable(message));
        this.exitCode = exitCode;
    }

    Failure(int exitCode, String message, Throwable cause) {
        super(printable(message), cause);
        this.exitCode = exitCode;
    }

    /// An input or output that the system refused.
    static Failure of(int exitCode, String name, IOException e) {
        // U+FFFD stands for bytes that are no characters: the file may well be there, under a name that cannot be passed on.
        boolean unspeakable = e instanceof NoSuchFileException && name.indexOf('\ufffd') >= 0;
        return new Failure(exitCode, (name.isEmpty() ? "\"\"" : name) + ": "
                + (unspeakable ? "a file name that this locale cannot spell" : reason(e)), e);
    }

    /// {@return what the system said, without the name that exceptions of files begin with}
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file";
            case AccessDeniedException denied -> "permission denied";
            case FileAlreadyExistsException there -> "exists already";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    /// {@return the text on one line, without a control character: a file's name may hold any}
    static String printable(String text) {
        if (text == null || text.chars().noneMatch(Failure::isControl)) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (isControl(c)) {
                        out.append(String.format(Locale.ROOT, "\\x%02x", c));
                    } else {
                        out.append((char) c);
                    }
                }
            }
        });
        return out.toString();
    }

    private static boolean isControl(int c) {
        return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
    }

    int exitCode() {
        return exitCode;
    }
}
