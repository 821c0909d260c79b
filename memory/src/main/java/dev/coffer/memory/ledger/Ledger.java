package dev.coffer.memory.ledger;

import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import java.util.ArrayList;
import java.util.List;

/// What a process holds, live: the plans of its regions, row by row, and beside them what the accounts say is in use.
///
/// Four totals, in bytes, off heap:
///
/// | number | what it is |
/// |---|---|
/// | [#planBytes] | sum of the plans of all regions, guards, canary and rounding included; fixed at start |
/// | [#regionBytes] | sum of the lengths of the mappings that are open; equals `planBytes` while all are |
/// | [#usedBytes] | `regionBytes` less what the accounts could still hand out; a row without an account is used whole |
/// | [#peakBytes] | `regionBytes` less what each account never handed out: the sum of each row's own peak, so it is an
/// upper bound of the peak of the sum, and exact for a single account |
///
/// A row for one of several ([MemoryPlan#oneOf], [MemoryPlan#atMost]) is one line: its alternatives lie in the same bytes.
///
/// Budgets are shown beside the regions and never added to the totals: they bound what is taken from the same bytes.
///
/// The tree is fixed when the ledger is made; nothing is registered later. Immutable and safe for any thread; the
/// totals allocate nothing. A region that was closed counts 0 in all but `planBytes`. Numbers that belong together come
/// from one [#snapshot].
public final class Ledger {
    private final String name;
    private final List<LedgerLine> lines;   // depth first: a line's children follow it
    private final LedgerLine[] regions;
    private final LedgerLine[] spoken;      // rows whose account speaks for them and for all rows below
    private final long planBytes;
    private final long heapBytes;

    private Ledger(String name, List<LedgerLine> lines) {
        this.name = name;
        this.lines = lines;
        this.regions = lines.stream().filter(l -> l.kind() == LedgerLine.Kind.REGION).toArray(LedgerLine[]::new);
        this.spoken = lines.stream().filter(LedgerLine::speaks).toArray(LedgerLine[]::new);
        long plan = 0;
        long heap = 0;
        for (LedgerLine line : regions) {
            plan = Math.addExact(plan, line.planBytes());
            heap = Math.addExact(heap, line.region().plan().heapBytes());
        }
        this.planBytes = plan;
        this.heapBytes = heap;
    }

    /// One part of a ledger, made by [#region] or [#budget].
    public static final class Part {
        private final List<LedgerLine> lines;

        private Part(List<LedgerLine> lines) {
            this.lines = lines;
        }
    }

    /// {@return a ledger of these parts, in this order}
    ///
    /// @param name  of the process or component, shown on top
    public static Ledger of(String name, Part... parts) {
        List<LedgerLine> lines = new ArrayList<>();
        for (Part part : parts) {
            lines.addAll(part.lines);
        }
        return new Ledger(name, List.copyOf(lines));
    }

    /// {@return a region, the rows of its plan, and who speaks for which row}
    ///
    /// An account speaks for the row that it is named after, and for the rows below it. Where the name occurs more
    /// than once in the plan, the account is named by as much of the row's path as tells it apart: `read/pool`.
    ///
    /// @param region    open
    /// @param accounts  each named after one row of the region's plan
    /// @throws IllegalArgumentException  an account whose name fits no row or several, or two accounts for one row
    ///                                   (caller's fault)
    public static Part region(Region region, Account... accounts) {
        List<LedgerLine> lines = new ArrayList<>();
        LedgerLine top = LedgerLine.region(region);
        lines.add(top);
        for (MemoryPlan row : region.plan().children()) {
            addRow(lines, top, row, 1, "");
        }
        for (Account account : accounts) {
            assign(lines, region, account);
        }
        return new Part(lines);
    }

    private static void addRow(List<LedgerLine> lines, LedgerLine parent, MemoryPlan row, long times, String path) {
        String rowPath = path + "/" + row.name();
        LedgerLine line = LedgerLine.row(parent, row, Math.multiplyExact(row.totalBytes(), times), rowPath);
        lines.add(line);
        if (row.shape() != MemoryPlan.Shape.SUM) {
            return;  // alternatives lie in the same bytes: the row answers for whichever is in force
        }
        for (MemoryPlan child : row.children()) {
            addRow(lines, line, child, Math.multiplyExact(times, row.count()), rowPath);
        }
    }

    private static void assign(List<LedgerLine> lines, Region region, Account account) {
        LedgerLine found = null;
        for (LedgerLine line : lines) {
            if (line.kind() == LedgerLine.Kind.ROW && line.path().endsWith("/" + account.name())) {
                if (found != null) {
                    throw new IllegalArgumentException("ledger: account \"" + account.name() + "\" fits rows \""
                            + found.path() + "\" and \"" + line.path() + "\" of region \"" + region.name()
                            + "\"; name it by more of the path");
                }
                found = line;
            }
        }
        if (found == null) {
            throw new IllegalArgumentException("ledger: account \"" + account.name() + "\" fits no row of region \""
                    + region.name() + "\"");
        }
        found.assign(account);
    }

    /// {@return a budget and those below it}
    ///
    /// @param budget  any budget; its own ancestors are not shown
    /// @param below   budgets whose [Budget#parent] is `budget` or one listed before
    /// @throws IllegalArgumentException  a budget that stands under none of those before it (caller's fault)
    public static Part budget(Budget budget, Budget... below) {
        List<LedgerLine> lines = new ArrayList<>();
        lines.add(LedgerLine.budget(null, budget));
        for (Budget child : below) {
            int at = lines.size() - 1;
            while (at >= 0 && lines.get(at).account() != child.parent()) {
                at--;
            }
            if (at < 0) {
                throw new IllegalArgumentException("ledger: budget \"" + child.name() + "\" stands under none of those "
                        + "listed before it");
            }
            LedgerLine parent = lines.get(at);
            int end = at + 1;
            while (end < lines.size() && lines.get(end).depth() > parent.depth()) {
                end++;
            }
            lines.add(end, LedgerLine.budget(parent, child));
        }
        return new Part(lines);
    }

    public String name() {
        return name;
    }

    /// {@return the tree, depth first: a line's children follow it, one deeper}
    public List<LedgerLine> lines() {
        return lines;
    }

    /// {@return bytes of all plans}
    public long planBytes() {
        return planBytes;
    }

    /// {@return bytes of the Java objects that the plans say are made at start}
    public long heapBytes() {
        return heapBytes;
    }

    /// {@return bytes of all open mappings}
    public long regionBytes() {
        long sum = 0;
        for (LedgerLine line : regions) {
            sum += line.region().isClosed() ? 0 : line.region().bytes();
        }
        return sum;
    }

    /// {@return bytes of them that have memory, as [Region#committedBytes] knows them}
    public long committedBytes() {
        long sum = 0;
        for (LedgerLine line : regions) {
            sum += line.region().committedBytes();
        }
        return sum;
    }

    /// {@return bytes in use; see the class}
    public long usedBytes() {
        long sum = regionBytes();
        for (LedgerLine line : spoken) {
            sum -= line.isClosed() ? 0 : line.speaker().capacityBytes() - line.speaker().usedBytes();
        }
        return sum;
    }

    /// {@return the most bytes in use; see the class for its bound}
    public long peakBytes() {
        long sum = regionBytes();
        for (LedgerLine line : spoken) {
            sum -= line.isClosed() ? 0 : line.speaker().capacityBytes() - line.speaker().peakBytes();
        }
        return sum;
    }

    /// {@return all numbers, read now; the object can be read anew without allocating}
    public LedgerSnapshot snapshot() {
        LedgerSnapshot snapshot = new LedgerSnapshot(this);
        snapshot.refresh();
        return snapshot;
    }

    @Override
    public String toString() {
        return "Ledger[" + name + ", plan " + planBytes + ", region " + regionBytes() + ", used " + usedBytes()
                + ", peak " + peakBytes() + " bytes]";
    }
}
