package dev.coffer.memory.ledger;

import dev.coffer.memory.Account;
import dev.coffer.memory.internal.json.JsonText;
import dev.coffer.memory.layout.Decimal;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// All numbers of a ledger, read in one pass, so that every sum is the sum of the lines shown below it. An account that
/// moves during the pass is read before or after, never in between; when all are quiet the snapshot is exact.
///
/// One thread at a time. [#refresh] and [#writeJson] allocate nothing, so an event loop keeps one for ever.
public final class LedgerSnapshot {
    private static final byte[] NAME = ascii("{\"name\":");
    private static final byte[] PLAN = ascii(",\"planBytes\":");
    private static final byte[] REGION = ascii(",\"regionBytes\":");
    private static final byte[] COMMITTED = ascii(",\"committedBytes\":");
    private static final byte[] CAPACITY = ascii(",\"capacityBytes\":");
    private static final byte[] LIMIT = ascii(",\"limitBytes\":");
    private static final byte[] USED = ascii(",\"usedBytes\":");
    private static final byte[] PEAK = ascii(",\"peakBytes\":");
    private static final byte[] HEAP = ascii(",\"heapBytes\":");
    private static final byte[] TREE = ascii(",\"tree\":[");
    private static final byte[] CHILDREN = ascii(",\"children\":[");
    private static final long UNKNOWN = -1;

    private final Ledger ledger;
    private final byte[] name;          // quoted
    private final LedgerLine[] lines;
    private final int[] parents;        // index of each line's parent; -1 at the top
    private final long[] capacity;      // of the line's account, or UNKNOWN
    private final long[] used;          // or UNKNOWN, where a row above speaks
    private final long[] peak;
    private final long[] region;        // bytes of the open mapping, in lines of regions
    private final long[] committed;     // of these, with memory
    private final JsonText json = new JsonText();
    private long regionTotal;
    private long committedTotal;
    private long usedTotal;
    private long peakTotal;

    LedgerSnapshot(Ledger ledger) {
        this.ledger = ledger;
        StringBuilder quoted = new StringBuilder();
        JsonText.quote(quoted, ledger.name());
        this.name = quoted.toString().getBytes(StandardCharsets.UTF_8);
        this.lines = ledger.lines().toArray(LedgerLine[]::new);
        int count = lines.length;
        List<LedgerLine> order = ledger.lines();
        this.parents = new int[count];
        for (int i = 0; i < count; i++) {
            parents[i] = lines[i].parent() == null ? -1 : order.indexOf(lines[i].parent());
        }
        this.capacity = new long[count];
        this.used = new long[count];
        this.peak = new long[count];
        this.region = new long[count];
        this.committed = new long[count];
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Reads every number anew.
    public void refresh() {
        regionTotal = 0;
        committedTotal = 0;
        usedTotal = 0;
        peakTotal = 0;
        Arrays.fill(used, 0);
        Arrays.fill(peak, 0);
        for (int i = lines.length - 1; i >= 0; i--) {  // children before their parents
            read(i);
            if (lines[i].kind() == LedgerLine.Kind.REGION) {
                regionTotal += region[i];
                committedTotal += committed[i];
                usedTotal += used[i];
                peakTotal += peak[i];
            } else if (lines[i].kind() == LedgerLine.Kind.ROW && !lines[i].isCovered()) {
                used[parents[i]] += used[i];
                peak[parents[i]] += peak[i];
            }
        }
    }

    private void read(int i) {
        LedgerLine line = lines[i];
        Account account = line.account();
        boolean closed = line.isClosed();
        capacity[i] = account == null ? UNKNOWN : account.capacityBytes();
        if (line.kind() == LedgerLine.Kind.REGION) {
            region[i] = closed ? 0 : line.region().bytes();
            committed[i] = line.region().committedBytes();
        } else if (line.kind() == LedgerLine.Kind.BUDGET) {
            used[i] = line.speaker().usedBytes();
            peak[i] = Math.max(used[i], line.speaker().peakBytes());
        } else if (closed) {
            used[i] = 0;
            peak[i] = 0;
        } else if (account != null) {
            long overhead = line.planBytes() - capacity[i];  // in the row, and never to be handed out
            long usedNow = account.usedBytes();
            used[i] = overhead + usedNow;
            peak[i] = overhead + Math.max(usedNow, account.peakBytes());
        } else if (line.isCovered()) {
            used[i] = UNKNOWN;
            peak[i] = UNKNOWN;
        } else if (line.isLeaf()) {
            used[i] = line.planBytes();
            peak[i] = line.planBytes();
        }
    }

    /// {@return bytes of all plans}
    public long planBytes() {
        return ledger.planBytes();
    }

    /// {@return bytes of all open mappings}
    public long regionBytes() {
        return regionTotal;
    }

    /// {@return bytes of the mappings that have memory, as [dev.coffer.memory.Region#committedBytes] knows them}
    public long committedBytes() {
        return committedTotal;
    }

    /// {@return bytes in use, as [Ledger] defines it}
    public long usedBytes() {
        return usedTotal;
    }

    /// {@return the most bytes in use, as [Ledger] defines it}
    public long peakBytes() {
        return peakTotal;
    }

    /// {@return bytes in use in a line: a row's own overhead counts as used; -1 where a row above speaks for it}
    ///
    /// @param index  of the line in [Ledger#lines]
    public long usedBytes(int index) {
        return used[index];
    }

    /// {@return the most bytes in use in a line; -1 where a row above speaks for it}
    ///
    /// @param index  of the line in [Ledger#lines]
    public long peakBytes(int index) {
        return peak[index];
    }

    /// {@return bytes that the line's account can hand out in all, a budget's limit; -1 where it has none}
    ///
    /// @param index  of the line in [Ledger#lines]
    public long capacityBytes(int index) {
        return capacity[index];
    }

    /// {@return most bytes that [#writeJson] writes, whatever the numbers}
    public long jsonBytesMax() {
        long sum = NAME.length + name.length + PLAN.length + REGION.length + COMMITTED.length + USED.length + PEAK.length + HEAP.length
                + 6L * Decimal.BYTES_MAX + TREE.length + "]}".length();
        for (LedgerLine line : lines) {
            sum += line.json().length + 5L * Decimal.BYTES_MAX + REGION.length + COMMITTED.length + Math.max(CAPACITY.length, LIMIT.length)
                    + USED.length + PEAK.length + CHILDREN.length + ",{]}".length();
        }
        return sum;
    }

    /// Writes the snapshot as one JSON object, UTF-8: `name`, `planBytes`, `regionBytes`, `committedBytes`, `usedBytes`,
    /// `peakBytes`, `heapBytes`, and `tree`, the regions (with `kind`, `portable`, `protections`) and their rows, and the budgets.
    ///
    /// @param target  memory of at least `at` + [#jsonBytesMax] bytes
    /// @param at      offset of the first byte
    /// @return bytes written
    /// @throws IllegalArgumentException  less room than [#jsonBytesMax] (caller's fault); nothing is written
    public long writeJson(MemorySegment target, long at) {
        if (at < 0 || target.byteSize() - at < jsonBytesMax()) {
            throw new IllegalArgumentException("ledger: JSON needs up to " + jsonBytesMax() + " bytes, given "
                    + (target.byteSize() - at) + " at " + at);
        }
        json.start(target, at);
        json.text(NAME);
        json.text(name);
        member(PLAN, planBytes());
        member(REGION, regionTotal);
        member(COMMITTED, committedTotal);
        member(USED, usedTotal);
        member(PEAK, peakTotal);
        member(HEAP, ledger.heapBytes());
        json.text(TREE);
        int depth = -1;  // of the line written last
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].depth() > depth) {
                if (depth >= 0) {
                    json.text(CHILDREN);
                }
            } else {
                close(depth - lines[i].depth());
                json.character(',');
            }
            line(i);
            depth = lines[i].depth();
        }
        if (depth >= 0) {
            close(depth);
        }
        json.character(']');
        json.character('}');
        return json.finish() - at;
    }

    private void close(int levels) {
        json.character('}');
        for (int i = 0; i < levels; i++) {
            json.character(']');
            json.character('}');
        }
    }

    private void line(int i) {
        json.character('{');
        json.text(lines[i].json());
        if (lines[i].kind() == LedgerLine.Kind.REGION) {
            member(REGION, region[i]);
            member(COMMITTED, committed[i]);
        }
        if (capacity[i] != UNKNOWN) {
            member(lines[i].kind() == LedgerLine.Kind.BUDGET ? LIMIT : CAPACITY, capacity[i]);
        }
        if (used[i] != UNKNOWN) {
            member(USED, used[i]);
            member(PEAK, peak[i]);
        }
    }

    private void member(byte[] key, long value) {
        json.text(key);
        json.number(value);
    }

    /// {@return the JSON of [#writeJson], as text}
    public String toJson() {
        byte[] bytes = new byte[Math.toIntExact(jsonBytesMax())];
        long written = writeJson(MemorySegment.ofArray(bytes), 0);
        return new String(bytes, 0, (int) written, StandardCharsets.UTF_8);
    }

    /// {@return the snapshot as an aligned table: planned, used and peak bytes of each line; a budget's limit stands
    /// where a row's plan does; last what of all regions has memory}
    public String toTable() {
        StringBuilder out = new StringBuilder();
        out.append(String.format(Locale.ROOT, "%15s  %15s  %15s  %s%n", "plan or limit", "used", "peak", "name"));
        out.append(String.format(Locale.ROOT, "%,15d  %,15d  %,15d  %s%n", planBytes(), usedTotal, peakTotal, ledger.name()));
        for (int i = 0; i < lines.length; i++) {
            LedgerLine line = lines[i];
            long first = line.kind() == LedgerLine.Kind.BUDGET ? capacity[i] : line.planBytes();
            out.append(String.format(Locale.ROOT, "%,15d  %15s  %15s  %s%s%s%n", first, figure(used[i]), figure(peak[i]),
                    "  ".repeat(line.depth() + 1), line.name(),
                    line.kind() == LedgerLine.Kind.BUDGET ? " (budget)" : ""));
        }
        if (regionTotal > 0) {
            out.append(String.format(Locale.ROOT, "%,15d  bytes of %,d mapped are committed%n", committedTotal, regionTotal));
        }
        return out.toString();
    }

    private static String figure(long value) {
        return value == UNKNOWN ? "" : String.format(Locale.ROOT, "%,d", value);
    }

    @Override
    public String toString() {
        return "LedgerSnapshot[" + ledger.name() + ", plan " + planBytes() + ", region " + regionTotal + ", used "
                + usedTotal + ", peak " + peakTotal + " bytes]";
    }
}
