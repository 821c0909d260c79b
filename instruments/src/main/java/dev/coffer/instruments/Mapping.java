package dev.coffer.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// One entry of `/proc/PID/smaps` (proc(5)): the kernel's word on a range of addresses.
///
/// @param start        first address
/// @param end          first address past it
/// @param permissions  as printed: `rw-p`
/// @param name         file, `[anon:...]`, or empty
/// @param rssBytes     bytes of the kernel's entry now in memory
/// @param lockedBytes  bytes of it that `mlock(2)` holds in memory
/// @param flags        two-letter `VmFlags`: `lo` locked, `dd` not dumped, `wf` wiped on fork, `dc` not forked
public record Mapping(long start, long end, String permissions, String name, long rssBytes, long lockedBytes,
        Set<String> flags) {

    /// {@return bytes of the range}
    public long bytes() {
        return end - start;
    }

    /// {@return every entry of this process}
    public static List<Mapping> ofSelf() {
        return of("self");
    }

    /// {@return every entry of a process, in the order of addresses}
    ///
    /// @throws UncheckedIOException  no such process, or not ours to read
    public static List<Mapping> of(long pid) {
        return of(Long.toString(pid));
    }

    private static List<Mapping> of(String process) {
        List<Mapping> found = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc/" + process + "/smaps"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String head = null;
        long rss = 0;
        long locked = 0;
        for (String line : lines) {
            if (isHead(line)) {
                head = line;
                rss = 0;
                locked = 0;
            } else if (line.startsWith("Rss:")) {
                rss = kibibytes(line);
            } else if (line.startsWith("Locked:")) {
                locked = kibibytes(line);
            } else if (line.startsWith("VmFlags:")) {  // the last line of an entry
                found.add(entry(head, rss, locked, Set.of(line.substring("VmFlags:".length()).trim().split(" "))));
            }
        }
        return found;
    }

    private static boolean isHead(String line) {
        char first = line.charAt(0);
        return first >= '0' && first <= '9' || first >= 'a' && first <= 'f';  // every other line starts with a capital
    }

    private static long kibibytes(String line) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
    }

    private static Mapping entry(String head, long rss, long locked, Set<String> flags) {
        String[] fields = head.split(" +", 6);  // range, permissions, offset, device, inode, name
        int dash = fields[0].indexOf('-');
        return new Mapping(Long.parseUnsignedLong(fields[0], 0, dash, 16),
                Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), 16), fields[1],
                fields.length > 5 ? fields[5] : "", rss, locked, flags);
    }

    /// {@return what lies in a range, entry by entry, cut at its ends: the kernel may have merged an entry with its
    /// neighbour, as it does with guard pages that touch}
    ///
    /// @param from  first address
    /// @param to    first address past it
    public static List<Mapping> within(List<Mapping> all, long from, long to) {
        return all.stream().filter(m -> m.start < to && m.end > from)
                .map(m -> new Mapping(Math.max(m.start, from), Math.min(m.end, to), m.permissions, m.name, m.rssBytes,
                        m.lockedBytes, m.flags))
                .toList();
    }

    /// {@return the entries of one name, `[anon:...]`, as a process gives it with `prctl(PR_SET_VMA)`}
    public static List<Mapping> named(List<Mapping> all, String name) {
        return all.stream().filter(m -> m.name.equals(name)).toList();
    }
}
