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
/// Two rows are less than their sum, as their children lie in the same bytes at different times:
///
/// | row | holds | total |
/// |---|---|---|
/// | [#oneOf] | one of its children at a time: a connection that speaks HTTP/1.1, HTTP/2 or TLS | the largest child's |
/// | [#atMost] | that in each of N slots, however many would like to: 16 handshakes among 10,000 connections | N x the largest child's |
///
/// All their children are shown and begin at the row's first byte; [Region#carve(String, String)] hands the row to one of them.
///
/// A row may have any number of bytes, and is carved with exactly as many. A region lets each row begin at a multiple of 64;
/// where the one before it ends elsewhere, [Region#plan(RegionConfig, MemoryPlan)] shows what is skipped as a row
/// `rounding of NAME`.
///
/// [#totalBytes] counts off-heap bytes: the worst case, which is what a region reserves. [#typicalBytes] is what is in use of them
/// when as many blocks are lent, and such alternatives in force, as the rows say with [#typically(long)]: an expectation of whoever
/// plans, the worst case where none is given. [#heapBytes] counts, apart from both, the Java objects that the component makes
/// at start (as JOL counts them on the running VM); those of alternatives are all made, so they are a sum.
///
/// Immutable, thread-safe. All arithmetic is exact: a plan past 2^63-1 bytes is refused with [ArithmeticException].
public final class MemoryPlan {
    /// How a row's children make its bytes.
    public enum Shape {
        /// Side by side.
        SUM,
        /// In one place, one at a time.
        ONE_OF,
        /// In so many places, one at a time in each.
        AT_MOST
    }

    private static final int ANY = -1;  // whichever alternative takes most

    private final String name;
    private final Shape shape;
    private final long bytes;           // of one block; 0 where there are children
    private final long count;           // blocks, or times that the children stand
    private final long typicalCount;    // of these, in use
    private final int typical;          // index of the alternative that is in force, or ANY
    private final long ownHeapBytes;    // of the objects this row makes once; not multiplied
    private final String note;
    private final List<MemoryPlan> children;
    private final long totalBytes;
    private final long typicalBytes;
    private final long heapBytes;

    private MemoryPlan(String name, Shape shape, long bytes, long count, long typicalCount, int typical, long ownHeapBytes,
            String note, List<MemoryPlan> children) {
        if (name.isBlank() || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("plan row \"" + name + "\": expected a name without '/'");
        }
        if (bytes < 0 || count < 0 || ownHeapBytes < 0 || typicalCount < 0 || typicalCount > count) {
            throw new IllegalArgumentException("plan row \"" + name + "\": " + count + " x " + bytes + " bytes, typically "
                    + typicalCount + ", " + ownHeapBytes + " heap bytes (expected 0 or more, and no more than there are)");
        }
        if (shape != Shape.SUM && children.isEmpty()) {
            throw new IllegalArgumentException("plan row \"" + name + "\": nothing to choose from");
        }
        Set<String> names = new HashSet<>();
        long one = bytes;
        long oneTypically = bytes;
        long heap = 0;
        for (MemoryPlan child : children) {
            if (!names.add(child.name)) {
                throw new IllegalArgumentException("plan row \"" + name + "\": two children \"" + child.name + "\"");
            }
            one = shape == Shape.SUM ? Math.addExact(one, child.totalBytes) : Math.max(one, child.totalBytes);
            oneTypically = shape == Shape.SUM ? oneTypically + child.typicalBytes : Math.max(oneTypically, child.typicalBytes);
            heap = Math.addExact(heap, child.heapBytes);
        }
        this.name = name;
        this.shape = shape;
        this.bytes = bytes;
        this.count = count;
        this.typicalCount = typicalCount;
        this.typical = typical;
        this.ownHeapBytes = ownHeapBytes;
        this.note = Objects.requireNonNull(note);
        this.children = List.copyOf(children);
        this.totalBytes = Math.multiplyExact(one, count);
        this.typicalBytes = (typical == ANY ? oneTypically : children.get(typical).typicalBytes) * typicalCount;
        this.heapBytes = Math.addExact(Math.multiplyExact(heap, count), ownHeapBytes);
    }

    private MemoryPlan(String name, Shape shape, long bytes, long count, String note, MemoryPlan... children) {
        this(name, shape, bytes, count, Math.max(0, count), ANY, 0, note, List.of(children));
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
        return new MemoryPlan(name, Shape.SUM, bytes, count, note);
    }

    /// {@return a group: the sum of its children, in the order in which they lie in memory}
    ///
    /// @throws IllegalArgumentException  a blank name, or two children of one name (caller's fault)
    public static MemoryPlan group(String name, MemoryPlan... children) {
        return new MemoryPlan(name, Shape.SUM, 0, 1, "", children);
    }

    /// {@return one place for one of these at a time: as long as the largest}
    ///
    /// @param alternatives  at least one
    /// @throws IllegalArgumentException  a blank name, no alternative, or two of one name (caller's fault)
    public static MemoryPlan oneOf(String name, MemoryPlan... alternatives) {
        return new MemoryPlan(name, Shape.ONE_OF, 0, 1, "", alternatives);
    }

    /// {@return so many places, each for one of these at a time: so many times the largest}
    ///
    /// @param slots  0 or more
    /// @param of     what a slot may hold: at least one
    /// @throws IllegalArgumentException  a blank name, a negative number, nothing to hold, or two of one name (caller's fault)
    /// @throws ArithmeticException       the product is past 2^63-1 (caller's fault)
    public static MemoryPlan atMost(String name, long slots, MemoryPlan... of) {
        return new MemoryPlan(name, Shape.AT_MOST, 0, slots, "", of);
    }

    /// {@return this plan, standing `times` times over}
    ///
    /// @param times  0 or more
    public MemoryPlan times(long times) {
        return new MemoryPlan(name, shape, bytes, Math.multiplyExact(count, times), Math.multiplyExact(typicalCount, times), typical,
                Math.multiplyExact(ownHeapBytes, times), note, children);
    }

    /// {@return this plan under another name}
    public MemoryPlan named(String newName) {
        return new MemoryPlan(newName, shape, bytes, count, typicalCount, typical, ownHeapBytes, note, children);
    }

    /// {@return this plan with a note}
    public MemoryPlan noted(String newNote) {
        return new MemoryPlan(name, shape, bytes, count, typicalCount, typical, ownHeapBytes, newNote, children);
    }

    /// {@return this plan, saying that its component makes Java objects of `heapBytes` at start}
    ///
    /// @param heapBytes  of this row itself, beside its children's; 0 or more
    public MemoryPlan withHeap(long heapBytes) {
        return new MemoryPlan(name, shape, bytes, count, typicalCount, typical, heapBytes, note, children);
    }

    /// {@return this plan, saying that of its [#count] so many are in use as a rule}
    ///
    /// @param inUse  0..`count`
    /// @throws IllegalArgumentException  a number out of range (caller's fault)
    public MemoryPlan typically(long inUse) {
        return new MemoryPlan(name, shape, bytes, count, inUse, typical, ownHeapBytes, note, children);
    }

    /// {@return this plan, saying which of its alternatives is in force as a rule}
    ///
    /// @param alternative  name of a child
    /// @throws IllegalArgumentException  no such child, or children that lie side by side (caller's fault)
    public MemoryPlan typically(String alternative) {
        if (shape == Shape.SUM) {
            throw new IllegalArgumentException("plan \"" + name + "\": its rows lie side by side, none is an alternative");
        }
        return new MemoryPlan(name, shape, bytes, count, typicalCount, children.indexOf(child(alternative)), ownHeapBytes, note,
                children);
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
        return rows.size() == children.size() ? this
                : new MemoryPlan(name, shape, bytes, count, typicalCount, typical, ownHeapBytes, note, rows);
    }

    public String name() {
        return name;
    }

    /// {@return how its children make its bytes}
    public Shape shape() {
        return shape;
    }

    /// {@return bytes of one block; 0 where there are children}
    public long bytes() {
        return bytes;
    }

    /// {@return number of blocks, times that the children stand, or slots}
    public long count() {
        return count;
    }

    public String note() {
        return note;
    }

    public List<MemoryPlan> children() {
        return children;
    }

    /// {@return off-heap bytes of the whole row, the worst case}
    public long totalBytes() {
        return totalBytes;
    }

    /// {@return off-heap bytes that are in use as a rule, 0..[#totalBytes]; see [#typically(long)]}
    public long typicalBytes() {
        return typicalBytes;
    }

    /// {@return bytes of the Java objects that this row and its children make at start}
    public long heapBytes() {
        return heapBytes;
    }

    /// {@return the child of that name}
    ///
    /// @throws IllegalArgumentException  there is none (caller's fault)
    public MemoryPlan child(String childName) {
        for (int i = 0; i < children.size(); i++) {  // by index: who takes a row back may find no heap for an iterator
            if (children.get(i).name.equals(childName)) {
                return children.get(i);
            }
        }
        throw new IllegalArgumentException("plan \"" + name + "\" has no row \"" + childName + "\"");
    }

    /// {@return the row at the end of a path}
    ///
    /// @param path  names of children from here on down, a slash between two: `connections/protocol/http2`
    /// @throws IllegalArgumentException  one of them is not there (caller's fault)
    public MemoryPlan find(String path) {
        MemoryPlan at = this;
        for (String step : path.split("/", -1)) {
            at = at.child(step);
        }
        return at;
    }

    /// {@return offset of a child from the start of one standing of this row: the sum of its elder siblings, or 0 where they are
    /// alternatives}
    ///
    /// @throws IllegalArgumentException  there is no such child (caller's fault)
    public long offsetOf(String childName) {
        long at = 0;
        for (int i = 0; i < children.size(); i++) {
            MemoryPlan child = children.get(i);
            if (child.name.equals(childName)) {
                return shape == Shape.SUM ? at : 0;
            }
            at += child.totalBytes;
        }
        throw new IllegalArgumentException("plan \"" + name + "\" has no row \"" + childName + "\"");
    }

    /// {@return the plan as an aligned table: total, blocks, heap, name, note; a second column says what is typical, where a row
    /// says that. Alternatives stand behind a bar}
    public String toTable() {
        return PlanText.table(this);
    }

    /// {@return the plan as one JSON object: `name`, `totalBytes`, `heapBytes`, `bytes`, `count`, `shape` (`oneOf` or `atMost`, else
    /// left out), `typicalBytes` (where they differ from the total), `note`, `children`}
    public String toJson() {
        return PlanText.json(this);
    }

    @Override
    public String toString() {
        return "MemoryPlan[" + name + ", " + totalBytes + " bytes off heap, " + heapBytes + " on heap]";
    }
}
