package dev.coffer.cli.certificate;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A certificate or key that a server cannot use; the message names the file and what is wrong with it, and holds nothing of a key.
public final class UnusableKeysException extends Exception {
    private static final long serialVersionUID = 1;

    /// Whose fault it is.
    public enum Fault {
        /// A file that is missing, or may not be read.
        MACHINE,
        /// A file that was read, and holds something else.
        FORMAT,
        /// A passphrase that does not open it.
        PASSPHRASE
    }

    private final Fault fault;

    UnusableKeysException(String message, Fault fault, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    UnusableKeysException(String message, boolean wrongFormat, Throwable cause) {
        this(message, wrongFormat ? Fault.FORMAT : Fault.MACHINE, cause);
    }

    /// {@return that whoever signs with RSA keys does not with this one}
    public static UnusableKeysException ofRsa(String why) {
        return new UnusableKeysException("an RSA key, and " + why, false, null);
    }

    static UnusableKeysException of(Path file, IOException e) {
        String why = e instanceof NoSuchFileException ? "no such file" : e instanceof AccessDeniedException ? "permission denied"
                : e instanceof FileSystemException refused && refused.getReason() != null ? refused.getReason() : String.valueOf(e.getMessage());
        return new UnusableKeysException(file + ": " + why, false, e);
    }

    /// {@return whether the files were read, and what they hold is at fault}
    public boolean isWrongFormat() {
        return fault == Fault.FORMAT;
    }

    /// {@return whose fault it is}
    public Fault fault() {
        return fault;
    }
}
