package dev.coffer.memory.ledger;

import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.internal.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One line of a ledger: a region, a row of its plan, or a budget. What it is, not its live numbers: those are read
/// through a [LedgerSnapshot]. Immutable once its ledger is made; safe for any thread.
@SuppressWarnings("exports")  // annotations that users need not have
public final class LedgerLine {
    /// What a line stands for.
    public enum Kind { REGION, ROW, BUDGET }

    private final Kind kind;
    private final String name;
    private final @Nullable LedgerLine parent;  // null at the top
    private final int depth;
    private final long planBytes;
    private final String path;          // a slash before each name; empty for a region
    private final @Nullable Region region;  // of a region and of its rows; null for a budget
    private final boolean leaf;
    private @Nullable Account account;  // who speaks for it; null where nobody does
    private final byte[] json;          // its constant text, as JSON members without braces

    private LedgerLine(Kind kind, String name, @Nullable LedgerLine parent, long planBytes, String path, @Nullable Region region,
            boolean leaf, @Nullable Account account, String json) {
        this.kind = kind;
        this.name = name;
        this.parent = parent;
        this.depth = parent == null ? 0 : parent.depth + 1;
        this.planBytes = planBytes;
        this.path = path;
        this.region = region;
        this.leaf = leaf;
        this.account = account;
        this.json = json.getBytes(StandardCharsets.UTF_8);
    }

    static LedgerLine region(Region region) {
        StringBuilder json = new StringBuilder("\"kind\":\"region\",\"name\":");
        JsonText.quote(json, region.name());
        json.append(",\"portable\":").append(region.portable()).append(",\"protections\":{");
        String comma = "";
        for (var status : region.protections()) {
            json.append(comma).append('"').append(status.protection()).append("\":").append(status.inForce());
            comma = ",";
        }
        json.append("},\"planBytes\":").append(region.plan().totalBytes());
        return new LedgerLine(Kind.REGION, region.name(), null, region.plan().totalBytes(), "", region, false, null,
                json.toString());
    }

    static LedgerLine row(LedgerLine parent, MemoryPlan row, long planBytes, String path) {
        StringBuilder json = new StringBuilder("\"kind\":\"row\",\"name\":");
        JsonText.quote(json, row.name());
        json.append(",\"planBytes\":").append(planBytes);
        return new LedgerLine(Kind.ROW, row.name(), parent, planBytes, path, parent.region, row.children().isEmpty() || row.shape() != MemoryPlan.Shape.SUM,
                null, json.toString());
    }

    static LedgerLine budget(@Nullable LedgerLine parent, Budget budget) {
        StringBuilder json = new StringBuilder("\"kind\":\"budget\",\"name\":");
        JsonText.quote(json, budget.name());
        String path = (parent == null ? "" : parent.path) + "/" + budget.name();
        return new LedgerLine(Kind.BUDGET, budget.name(), parent, 0, path, null, false, budget, json.toString());
    }

    /// Only while the ledger is being made.
    void assign(Account speaker) {
        if (account != null) {
            throw new IllegalArgumentException("ledger: row \"" + path + "\" has two accounts");
        }
        account = speaker;
    }

    /// {@return whether its account is the uppermost of its branch, the one that counts in the totals}
    boolean speaks() {
        return kind == Kind.ROW && account != null && !isCovered();
    }

    /// {@return whether a row above has an account, which then speaks for this row too}
    boolean isCovered() {
        return parent != null && parent.kind == Kind.ROW && (parent.account != null || parent.isCovered());
    }

    public Kind kind() {
        return kind;
    }

    public String name() {
        return name;
    }

    /// {@return how many lines stand above it}
    public int depth() {
        return depth;
    }

    /// {@return bytes of the row or of the whole region, as often as the rows above stand; 0 for a budget}
    public long planBytes() {
        return planBytes;
    }

    /// {@return who speaks for it: a budget for itself, an account for its row; null where nobody does}
    public @Nullable Account account() {
        return account;
    }

    /// {@return the names from the region's plan, or from the first budget shown, down to this line, a slash before
    /// each; empty for a region}
    public String path() {
        return path;
    }

    /// {@return the name of the region that a row belongs to, or its own; empty for a budget}
    public String regionName() {
        return region == null ? "" : region.name();
    }

    @Nullable
    LedgerLine parent() {
        return parent;
    }

    /// {@return the region that it is, or that its row is of}
    Region region() {
        return Objects.requireNonNull(region, "no budget");
    }

    /// {@return whether its region has ended; a budget has none}
    boolean isClosed() {
        return region != null && region.isClosed();
    }

    /// {@return its account, where it has one}
    Account speaker() {
        return Objects.requireNonNull(account, "spoken for");
    }

    boolean isLeaf() {
        return leaf;
    }

    byte[] json() {
        return json;
    }

    @Override
    public String toString() {
        return kind + " " + name + (kind == Kind.BUDGET ? "" : ", " + planBytes + " bytes planned");
    }
}
