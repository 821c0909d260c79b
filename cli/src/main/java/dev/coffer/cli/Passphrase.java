package dev.coffer.cli;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A passphrase in locked memory: typed on the terminal, or the first and only line of a file or pipe. Never an argument, which other
/// users see, and never on the heap. Its bytes are taken as they come.
final class Passphrase implements AutoCloseable {
    /// Bytes of the longest.
    static final int BYTES_MAX = 1024;
    private static final long ROW = Align.up(BYTES_MAX + 3L, Align.CACHE_LINE_BYTES);  // an end of line, and one to see a longer one
    private static final MemoryPlan PLAN = MemoryPlan.group("passphrase", MemoryPlan.block("passphrase", ROW),
            MemoryPlan.block("again", ROW));

    private final Region region = Region.open(RegionConfig.defaults("passphrase"), PLAN);
    private final MemorySegment text = region.carve("passphrase");
    private final MemorySegment again = region.carve("again");
    private int length;

    /// {@return what is mapped for one}
    static MemoryPlan plan() {
        return Region.plan(RegionConfig.defaults("passphrase"), PLAN);
    }

    /// Reads it from a file or pipe: one line, with or without its end.
    void read(Input in) {
        int read = in.fill(text.asSlice(0, BYTES_MAX + 3L).asByteBuffer());
        int end = read;
        if (end > 0 && at(end - 1) == '\n') {
            end--;
            if (end > 0 && at(end - 1) == '\r') {
                end--;
            }
        }
        if (end > BYTES_MAX || hasLine(end)) {
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no passphrase (expected one line of at most " + BYTES_MAX + " bytes)");
        }
        set(end, in.name() + ": an empty passphrase");
    }

    private boolean hasLine(int end) {
        int seen = 0;
        for (int i = 0; i < end; i++) {
            int difference = at(i) ^ '\n';
            seen |= difference - 1 >> 31;  // all ones for an end of line
        }
        return seen != 0;
    }

    private int at(int index) {
        return text.get(ValueLayout.JAVA_BYTE, index) & 0xff;
    }

    private void set(int bytes, String ifEmpty) {
        if (bytes == 0) {
            throw new Failure(ExitCode.WRONG_FORMAT, ifEmpty);
        }
        length = bytes;
    }

    /// Asks for it on the terminal.
    ///
    /// @param twice  whether it must be typed again: a slip would lock for ever
    void ask(String terminal, String question, boolean twice) {
        try (Terminal asked = Terminal.open(terminal)) {
            set(line(asked, question, text), "an empty passphrase");
            if (twice) {
                int second = line(asked, "again: ", again);
                boolean same = second == length && ConstantTime.equal(text, 0, again, 0, length);
                Wipe.bytes(again, 0, again.byteSize());
                if (!same) {
                    throw new Failure("the two passphrases are not the same");
                }
            }
        }
    }

    private static int line(Terminal terminal, String question, MemorySegment target) {
        int bytes = terminal.ask(question, target);
        if (bytes < 0 || bytes > BYTES_MAX) {
            throw new Failure(ExitCode.WRONG_FORMAT, "a passphrase of more than " + BYTES_MAX + " bytes");
        }
        return bytes;
    }

    MemorySegment segment() {
        return text;
    }

    int length() {
        return length;
    }

    @Override
    public void close() {
        region.close();
    }
}
