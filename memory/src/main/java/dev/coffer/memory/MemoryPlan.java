package dev.coffer.memory;

import dev.coffer.memory.layout.Align;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// What will be held, before anything starts: an immutable tree of named byte counts.
///
/// A leaf says `count` blocks of `bytes` each; a group is the sum of its children, `count` times. Components offer
/// `plan(config)` and a parent's plan is made of its children's, so the total of the root is exactly what a
/// [Region] opened from it maps: guards, rounding and canary are rows of their own.
///
/// A row may have any number of bytes, and is carved with exactly as many. A region lets each row begin at a multiple of 64;
/// where the one before it ends elsewhere, [Region#plan(RegionConfig, MemoryPlan)] shows what is skipped as a row
/// `rounding of NAME`.
///
/// [#totalBytes] counts off-heap bytes. [#heapBytes] counts, apart from them, the Java objects that the component makes
/// at start (as JOL counts them on the running VM).
///
/// Immutable, thread-safe. All arithmetic is exact: a plan past 2^63-1 bytes is refused with [ArithmeticException].
public final class MemoryPlan {
    private final String name;
    private final long bytes;           // of one block; 0 in a group
    private final long count;           // blocks, or times that the children stand
    private final long ownHeapBytes;    // of the objects this row makes once; not multiplied
    private final String note;
    private final List<MemoryPlan> children;
    private final long totalBytes;
    private final long heapBytes;

    private MemoryPlan(String name, long bytes, long count, long ownHeapBytes, String note,
            List<MemoryPlan> children) {
        if (name.isBlank() || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("plan row \"" + name + "\": expected a name without '/'");
        }
        if (bytes < 0 || count < 0 || ownHeapBytes < 0) {
            throw new IllegalArgumentException("plan row \"" + name + "\": " + count + " x " + bytes + " bytes, "
                    + ownHeapBytes + " heap bytes (expected 0 or more)");
        }
        Set<String> names = new HashSet<>();
        long one = bytes;
        long heap = 0;
        for (MemoryPlan child : children) {
            if (!names.add(child.name)) {
                throw new IllegalArgumentException("plan row \"" + name + "\": two children \"" + child.name + "\"");
            }
            one = Math.addExact(one, child.totalBytes);
            heap = Math.addExact(heap, child.heapBytes);
        }
        this.name = name;
        this.bytes = bytes;
        this.count = count;
        this.ownHeapBytes = ownHeapBytes;
        this.note = Objects.requireNonNull(note);
        this.children = List.copyOf(children);
        this.totalBytes = Math.multiplyExact(one, count);
        this.heapBytes = Math.addExact(Math.multiplyExact(heap, count), ownHeapBytes);
    }

    /// {@return a leaf: one block}
    ///
    /// @param name   unique among its siblings, without '/'
    /// @param bytes  0 or more
    /// @throws IllegalArgumentException  a blank name or a negative number (caller's fault)
    public static MemoryPlan block(String name, long bytes) {
        return block(name, bytes, 1, "");
    }

    /// {@return a leaf: `count` blocks of `bytes` each}
    ///
    /// @param name   unique among its siblings, without '/'
    /// @param bytes  of one block, 0 or more
    /// @param count  0 or more
    /// @param note   why it is that much; may be empty
    /// @throws IllegalArgumentException  a blank name or a negative number (caller's fault)
    /// @throws ArithmeticException       the product is past 2^63-1 (caller's fault)
    public static MemoryPlan block(String name, long bytes, long count, String note) {
        return new MemoryPlan(name, bytes, count, 0, note, List.of());
    }

    /// {@return a group: the sum of its children, in the order in which they lie in memory}
    ///
    /// @throws IllegalArgumentException  a blank name, or two children of one name (caller's fault)
    public static MemoryPlan group(String name, MemoryPlan... children) {
        return new MemoryPlan(name, 0, 1, 0, "", List.of(children));
    }

    /// {@return this plan, standing `times` times over}
    ///
    /// @param times  0 or more
    public MemoryPlan times(long times) {
        return new MemoryPlan(name, bytes, Math.multiplyExact(count, times), Math.multiplyExact(ownHeapBytes, times),
                note, children);
    }

    /// {@return this plan under another name}
    public MemoryPlan named(String newName) {
        return new MemoryPlan(newName, bytes, count, ownHeapBytes, note, children);
    }

    /// {@return this plan with a note}
    public MemoryPlan noted(String newNote) {
        return new MemoryPlan(name, bytes, count, ownHeapBytes, newNote, children);
    }

    /// {@return this plan, saying that its component makes Java objects of `heapBytes` at start}
    ///
    /// @param heapBytes  of this row itself, beside its children's; 0 or more
    public MemoryPlan withHeap(long heapBytes) {
        return new MemoryPlan(name, bytes, count, heapBytes, note, children);
    }

    /// {@return this plan with a row behind each child whose bytes are no multiple of `alignment`, so that the next one is
    /// aligned; of the last child too where the group stands more than once; itself where there is none}
    ///
    /// @param alignment  a power of two
    MemoryPlan rounded(long alignment) {
        List<MemoryPlan> rows = new ArrayList<>();
        for (MemoryPlan child : children) {
            rows.add(child);
            long rounding = Align.up(child.totalBytes, alignment) - child.totalBytes;
            if (rounding > 0 && (count != 1 || child != children.getLast())) {
                rows.add(block("rounding of " + child.name, rounding, 1, "to " + alignment));
            }
        }
        return rows.size() == children.size() ? this : new MemoryPlan(name, bytes, count, ownHeapBytes, note, rows);
    }

    public String name() {
        return name;
    }

    /// {@return bytes of one block; 0 in a group}
    public long bytes() {
        return bytes;
    }

    /// {@return number of blocks, or times that the group stands}
    public long count() {
        return count;
    }

    public String note() {
        return note;
    }

    public List<MemoryPlan> children() {
        return children;
    }

    /// {@return off-heap bytes of the whole row}
    public long totalBytes() {
        return totalBytes;
    }

    /// {@return bytes of the Java objects that this row and its children make at start}
    public long heapBytes() {
        return heapBytes;
    }

    /// {@return the child of that name}
    ///
    /// @throws IllegalArgumentException  there is none (caller's fault)
    public MemoryPlan child(String childName) {
        for (MemoryPlan child : children) {
            if (child.name.equals(childName)) {
                return child;
            }
        }
        throw new IllegalArgumentException("plan \"" + name + "\" has no row \"" + childName + "\"");
    }

    /// {@return offset of a child from the start of one standing of this group: the sum of its elder siblings}
    ///
    /// @throws IllegalArgumentException  there is no such child (caller's fault)
    public long offsetOf(String childName) {
        long at = 0;
        for (MemoryPlan child : children) {
            if (child.name.equals(childName)) {
                return at;
            }
            at += child.totalBytes;
        }
        throw new IllegalArgumentException("plan \"" + name + "\" has no row \"" + childName + "\"");
    }

    /// {@return the plan as an aligned table: total, blocks, heap, name, note}
    public String toTable() {
        StringBuilder out = new StringBuilder();
        out.append(String.format("%15s  %24s  %12s  %s%n", "bytes", "count x bytes", "heap bytes", "name"));
        table(out, 0);
        return out.toString();
    }

    private void table(StringBuilder out, int depth) {
        String blocks = children.isEmpty() ? String.format("%,d x %,d", count, bytes)
                : count == 1 ? "" : String.format("%,d x %,d", count, count == 0 ? 0 : totalBytes / count);
        out.append(String.format("%,15d  %24s  %,12d  %s%s", totalBytes, blocks, heapBytes, "  ".repeat(depth), name));
        if (!note.isEmpty()) {
            out.append("  (").append(note).append(')');
        }
        out.append(System.lineSeparator());
        for (MemoryPlan child : children) {
            child.table(out, depth + 1);
        }
    }

    /// {@return the plan as one JSON object: `name`, `totalBytes`, `heapBytes`, `bytes`, `count`, `note`, `children`}
    public String toJson() {
        StringBuilder out = new StringBuilder();
        json(out);
        return out.toString();
    }

    private void json(StringBuilder out) {
        out.append("{\"name\":");
        quote(out, name);
        out.append(",\"totalBytes\":").append(totalBytes).append(",\"heapBytes\":").append(heapBytes)
                .append(",\"bytes\":").append(bytes).append(",\"count\":").append(count);
        if (!note.isEmpty()) {
            out.append(",\"note\":");
            quote(out, note);
        }
        if (!children.isEmpty()) {
            out.append(",\"children\":[");
            for (int i = 0; i < children.size(); i++) {
                if (i > 0) {
                    out.append(',');
                }
                children.get(i).json(out);
            }
            out.append(']');
        }
        out.append('}');
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    @Override
    public String toString() {
        return "MemoryPlan[" + name + ", " + totalBytes + " bytes off heap, " + heapBytes + " on heap]";
    }
}
