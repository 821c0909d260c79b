package dev.coffer.cli;

import dev.coffer.evm.memory.EvmMemoryLimitException;
import dev.coffer.memory.BudgetExceededException;
import dev.coffer.memory.MemoryLimitException;
import dev.coffer.memory.ProtectionException;
import dev.coffer.memory.pool.BlocksExhaustedException;
import dev.coffer.memory.pool.PoolExhaustedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Set;

/// Why a command could not do what was asked, in one line for the person who asked: no stack trace is printed.
class Failure extends RuntimeException {
    /// What says that there is no memory for what was asked.
    static final Set<Class<? extends Throwable>> MEMORY = Set.of(ProtectionException.class, MemoryLimitException.class, BudgetExceededException.class,
            PoolExhaustedException.class, BlocksExhaustedException.class, EvmMemoryLimitException.class, OutOfMemoryError.class);

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

    /// {@return whether this says that there is no memory for what was asked: the machine's doing or the user's, and no fault of ours}
    static boolean isMemory(Throwable e) {
        return MEMORY.stream().anyMatch(type -> type.isInstance(e));
    }

    /// {@return the same for the person who asked}
    static Failure memory(Throwable e) {
        String why = e.getMessage() == null ? "no more is known" : e.getMessage().replaceAll("\\s*\\R\\s*", " ");
        return new Failure(ExitCode.MEMORY, (e instanceof OutOfMemoryError ? "out of memory: " : "") + why, e);
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

    static boolean isControl(int c) {
        return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
    }

    int exitCode() {
        return exitCode;
    }
}
