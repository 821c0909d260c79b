package dev.coffer.cli.certificate;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// Who knows the passphrases of files with keys.
@FunctionalInterface
public interface Passphrases {
    /// Writes that of a file, which is asked for only where the file has one.
    ///
    /// @param room  locked memory; the caller wipes it
    /// @return bytes written
    /// @throws UnusableKeysException  it is not known
    int of(Path file, MemorySegment room) throws UnusableKeysException;
}
