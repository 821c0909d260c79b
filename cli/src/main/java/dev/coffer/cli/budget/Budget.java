package dev.coffer.cli.budget;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.MemoryPlan.Shape;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What the [Target] takes by plan, row by row: what grows with it counts, and the scratch of a key exchange or a signature, once. What does not grow is shared.
///
/// No figure is anybody's estimate: the plan of a server with room for the target twice is compared with the plan of one with room for it once, leaf by leaf; the difference is the target's, whatever
/// the rows are called. Guards, canary and rounding are a region's, whoever is in it, and shared. Immutable.
public final class Budget {
    private static final String HEAP = "/.heap";  // of a row's own objects, beside its children's
    private static final int COLUMN = 10;

    private final Map<BudgetRow, long[]> counted = new EnumMap<>(BudgetRow.class);  // off the heap, on it
    private final Map<String, long[]> growth = new TreeMap<>();
    private final long scratchBytes;
    private final long allBytes;
    private final long allHeapBytes;

    private Budget(MemoryPlan once, MemoryPlan twice) {
        Map<String, long[]> less = leaves(once);
        Map<String, long[]> more = leaves(twice);
        more.forEach((path, bytes) -> {
            long[] before = less.getOrDefault(path, new long[2]);
            long[] grown = {bytes[0] - before[0], bytes[1] - before[1]};
            if (grown[0] != 0 || grown[1] != 0) {
                growth.put(path, grown);
                long[] row = counted.computeIfAbsent(BudgetRow.of(path), none -> new long[2]);
                row[0] += grown[0];
                row[1] += grown[1];
            }
        });
        scratchBytes = less.entrySet().stream().filter(leaf -> leaf.getKey().contains(BudgetRow.SCRATCH)).mapToLong(leaf -> leaf.getValue()[0]).sum();
        allBytes = once.totalBytes();
        allHeapBytes = once.heapBytes();
    }

    /// {@return what the target takes of a server}
    ///
    /// @param base  with TLS and HTTP/3, of any size
    /// @param site  what it serves
    public static Budget of(ServerConfig base, Site site) {
        return new Budget(Server.plan(Target.of(base, 1), site), Server.plan(Target.of(base, 2), site));
    }

    private static Map<String, long[]> leaves(MemoryPlan plan) {
        Map<String, long[]> all = new TreeMap<>();
        add(all, "", plan, 1);
        return all;
    }

    private static void add(Map<String, long[]> all, String above, MemoryPlan row, long times) {
        if (row.name().startsWith("rounding") || row.name().startsWith("guard") || row.name().equals("canary")) {
            return;
        }
        String path = above.isEmpty() ? row.name() : above + "/" + row.name();
        boolean whole = row.children().isEmpty() || row.shape() != Shape.SUM && row.children().size() > 1;
        if (whole) {
            all.merge(path, new long[] {times * row.totalBytes(), times * row.heapBytes()}, Budget::sum);
            return;
        }
        long own = row.heapBytes() - row.count() * row.children().stream().mapToLong(MemoryPlan::heapBytes).sum();
        if (own != 0) {
            all.merge(path + HEAP, new long[] {0, times * own}, Budget::sum);
        }
        row.children().forEach(child -> add(all, path, child, times * row.count()));
    }

    private static long[] sum(long[] a, long[] b) {
        return new long[] {a[0] + b[0], a[1] + b[1]};
    }

    /// {@return bytes off the heap that the target takes, without scratch}
    public long regionBytes() {
        return counted.values().stream().mapToLong(row -> row[0]).sum();
    }

    /// {@return bytes of its Java objects}
    public long objectBytes() {
        return counted.values().stream().mapToLong(row -> row[1]).sum();
    }

    /// {@return bytes of scratch of a key exchange or a signature, of which one at a time can run in a loop}
    public long scratchBytes() {
        return scratchBytes;
    }

    /// {@return the number: all that exists because of these connections}
    public long bytes() {
        return regionBytes() + objectBytes() + scratchBytes;
    }

    /// {@return the second total: the number, and all that a server which has no connection holds}
    public long bytesWithShared() {
        return allBytes + allHeapBytes;
    }

    /// {@return each leaf of the plan that grows, and by how much, for whoever looks for bytes}
    public List<String> leaves() {
        return growth.entrySet().stream().map(leaf -> String.format(Locale.ROOT, "%,10d %,10d  %s", leaf.getValue()[0], leaf.getValue()[1], leaf.getKey()))
                .toList();
    }

    /// {@return the table: off the heap, objects, both, what milli-http's table has in that row}
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(line("off heap", "objects", "bytes", "seed", "1 HTTPS/1.1, 2 HTTP/3 with 4 streams each, 2 HTTP/3 in handshake"));
        long seed = 0;
        for (BudgetRow row : BudgetRow.values()) {
            long[] bytes = counted.getOrDefault(row, new long[2]);
            seed += row.seedBytes;
            lines.add(line(bytes[0], bytes[1], bytes[0] + bytes[1], row.seedBytes, row.title));
        }
        lines.add(line(scratchBytes, 0, scratchBytes, 0, "scratch of ML-KEM or a signature, once"));
        lines.add(line(regionBytes() + scratchBytes, objectBytes(), bytes(), seed, "in all: because of these connections (" + against(bytes()) + ")"));
        long shared = allBytes - regionBytes() - scratchBytes;
        long sharedHeap = allHeapBytes - objectBytes();
        lines.add(line(shared, sharedHeap, shared + sharedHeap, 0, "shared: what a server without connections holds"));
        lines.add(line(allBytes, allHeapBytes, bytesWithShared(), 0, "in all, with what is shared"));
        return lines;
    }

    /// {@return how a number stands to the figures of the issue, in words}
    public static String against(long bytes) {
        return bytes <= Target.RECORD_BYTES ? words("record", Target.RECORD_BYTES, bytes)
                : bytes <= Target.AIM_BYTES ? words("aim", Target.AIM_BYTES, bytes)
                        : words("gate", Target.GATE_BYTES, bytes);
    }

    private static String words(String name, long most, long bytes) {
        return String.format(Locale.ROOT, "%s %,d %s", name, most,
                bytes <= most ? "reached" : String.format(Locale.ROOT, "NOT reached: %,d over", bytes - most));
    }

    private static String line(long off, long on, long both, long seed, String title) {
        return line(grouped(off), grouped(on), grouped(both), seed == 0 ? "-" : grouped(seed), title);
    }

    private static String line(String off, String on, String both, String seed, String title) {
        return " ".repeat(Math.max(0, COLUMN - off.length())) + off + " ".repeat(Math.max(1, COLUMN + 1 - on.length())) + on
                + " ".repeat(Math.max(1, COLUMN + 1 - both.length())) + both + " ".repeat(Math.max(1, COLUMN + 1 - seed.length())) + seed + "  " + title;
    }

    private static String grouped(long bytes) {
        return String.format(Locale.ROOT, "%,d", bytes);
    }
}
