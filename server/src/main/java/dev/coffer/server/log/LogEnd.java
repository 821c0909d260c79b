package dev.coffer.server.log;

import dev.coffer.memory.internal.os.LastLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How one log ends, for all who write it: the one place that says whether a line was left without its end. By who holds [LogFile#writing].
///
/// What this process wrote is remembered. Before a line is ended the file is asked, where it can be seen: another process may have ended it, or
/// somebody emptied the file.
final class LogEnd {
    private final @Nullable Path path;      // null for a standard stream
    private final @Nullable Object key;     // of the file, which it keeps under another name; null where the system has none
    private boolean cut;
    private volatile boolean known;         // what was there when it was opened was looked at; from any thread

    /// @param path  as it is named now, or null for what cannot be seen
    LogEnd(@Nullable Path path) {
        this.path = path;
        this.key = keyOf(path);
    }

    private static @Nullable Object keyOf(@Nullable Path path) {
        if (path == null) {
            return null;
        }
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    /// {@return whether what has this name now is the file}
    boolean isStill() {
        return Objects.equals(key, keyOf(path));
    }

    /// It was opened anew: others may have written it meanwhile. From any thread.
    void opened() {
        known = false;
    }

    /// {@return whether the last line has no end: what is written next would be a part of it}
    boolean isCut() {
        if (cut || !known) {
            known = true;
            LastLine seen = path != null && isStill() ? LastLine.of(path) : LastLine.UNSEEN;
            cut = seen == LastLine.CUT || seen == LastLine.UNSEEN && cut;
        }
        return cut;
    }

    /// Something was written that ended with this octet.
    void wrote(byte last) {
        cut = last != '\n';
    }
}
