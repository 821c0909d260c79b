package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What connections need for a while, lent by protocol and state: the memory of an output buffer while something is to be
/// sent, of a record while one is in flight, of a handshake until it ends; and objects made at start, one a slot, over that
/// memory. An idle connection holds none of it.
///
/// ```
///   kind 0: output, 3 slots      kind 1: record, 1 slot      kind 2: handshake, 2 slots with an object each
///   |  0  |  1  |  2  |          |     0     |                |  0  |  1  |
///      ^-----------------------------------------------------------^         held by borrower 7, a connection
/// ```
///
/// A borrower is a number of the caller's, such as the slot of a connection; what it holds is accounted, and comes back in one
/// call when it ends, whatever it forgot. A kind is the index of its entry in the configuration.
///
/// **A loan** is named by a handle, never by where it lies: [#at] answers its offset in [#segment()], [#index] its ordinal
/// within its kind, [SlotObjects#of] its object. A handle holds a number that only this loan has: after the release every use of
/// it throws, though the slot was lent again, and so does one of another pool. (Numbers come round after 2^39 loans where
/// there are most slots, 2^49 where there are a thousand.) A slot is zero when lent, and wiped when released: whole, or as far as its
/// borrower says that it wrote. Its object is as the last borrower left it.
///
/// A kind may be planned for one of several things ([MemoryPlan#oneOf]): then its slots are as long as the largest and are shown in
/// the plan as "at most N of" them.
///
/// **When full**: [#tryLend] answers [#NONE] to that one borrower, makes no object and counts the refusal; all others go on. Kinds
/// do not help each other out: what one protocol holds is never lacking to another.
///
/// One thread at a time; the figures of the pool and of its kinds may be read from any. 0 heap bytes after the factory.
public final class SlotPool implements Account, AutoCloseable {
    /// What [#tryLend] answers when no slot is left.
    public static final long NONE = -1;

    private final SlotPoolConfig config;
    private final MemorySegment segment;
    private final SlotKind[] kinds;
    private final SlotLoans loans;
    private final int indexBits;    // of a handle; above them those of the kind, then the loan's number
    private final int loanShift;
    private final SlotAccount bytes;
    private boolean closed;

    private SlotPool(SlotPoolConfig config, MemorySegment segment, SlotObjects.Maker<?>[] makers) {
        this.config = config;
        this.segment = segment;
        this.kinds = new SlotKind[config.kinds().size()];
        this.indexBits = config.indexBits();
        this.loanShift = indexBits + SlotPoolConfig.KIND_BITS;
        this.loans = new SlotLoans(config.slots(), config.borrowers(), Long.SIZE - 1 - loanShift);
        this.bytes = new SlotAccount(config.name(), 1, config.bytes());
        int first = 0;
        long at = 0;
        for (int i = 0; i < kinds.length; i++) {
            SlotPoolConfig.Kind kind = config.kinds().get(i);
            kinds[i] = new SlotKind(kind, first, at, make(kind, at, i < makers.length ? makers[i] : null));
            first += kind.slots();
            at += kind.bytes();
        }
    }

    private Object @Nullable [] make(SlotPoolConfig.Kind kind, long at, SlotObjects.@Nullable Maker<?> maker) {
        if (maker == null) {
            return null;
        }
        Object[] objects = new Object[kind.slots()];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = Objects.requireNonNull(maker.make(segment, at + i * kind.slotBytes(), i), kind.name());
        }
        return objects;
    }

    /// {@return the plan's row, with one below it for each kind}
    public static MemoryPlan plan(SlotPoolConfig config) {
        MemoryPlan[] rows = config.kinds().stream().map(SlotKind::plan).toArray(MemoryPlan[]::new);
        return MemoryPlan.group(config.name(), rows).withHeap(HeapLayout.instance(SlotPool.class)
                + HeapLayout.instance(SlotAccount.class) + HeapLayout.array(SlotKind.class, rows.length)
                + SlotLoans.heapBytes(config.slots(), config.borrowers()));
    }

    /// {@return a pool over memory that the caller has carved; nothing is lent}
    ///
    /// @param memory  exactly as many bytes as [#plan] says, zero, writable, off the heap, nobody else's
    /// @param makers  of the objects, by kind; null, or none, for a kind without
    /// @throws IllegalArgumentException  memory of another size, read-only or on the heap, or more makers than kinds
    ///                                   (caller's fault); whatever a maker throws passes, and nothing is held
    public static SlotPool over(SlotPoolConfig config, MemorySegment memory, SlotObjects.Maker<?>... makers) {
        Carved.check("pool", config.name(), memory, config.bytes());
        if (makers.length > config.kinds().size()) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": " + makers.length + " makers for "
                    + config.kinds().size() + " kinds");
        }
        return new SlotPool(config, memory, makers);
    }

    /// {@return a pool over the row of a region's plan that [#plan] made}
    ///
    /// @param makers  as of [#over]
    /// @throws IllegalArgumentException  no such row, or another size, or more makers than kinds (caller's fault)
    /// @throws IllegalStateException     the row is carved already, or the region closed (caller's fault); after any refusal,
    ///                                   one of a maker's too, nothing is held, and the row may be opened anew
    public static SlotPool open(SlotPoolConfig config, Region region, SlotObjects.Maker<?>... makers) {
        return region.carve(config.name(), row -> over(config, row, makers));
    }

    /// Lends a slot, zero, if one is free.
    ///
    /// @param kind      index of its entry in the configuration
    /// @param borrower  0..`borrowers`-1
    /// @return the handle, above 0; [#NONE] where all of its kind are lent
    /// @throws IllegalArgumentException  no such kind or borrower (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public long tryLend(int kind, int borrower) {
        SlotKind of = kind(kind);
        checkBorrower(borrower);
        int index = of.take();
        if (index < 0) {
            MemoryEvents.poolExhausted(of.name(), of.slotBytes(), of.account().usedBytes(), of.account().capacityBytes());
            return NONE;
        }
        bytes.taken(of.slotBytes());
        return loans.begin(of.slot(index), borrower) << loanShift | (long) kind << indexBits | index;
    }

    /// Takes a slot back, wiped whole.
    ///
    /// @param slot  what [#tryLend] answered
    /// @throws IllegalArgumentException  it never was a handle of such a pool (caller's fault); nothing changes
    /// @throws IllegalStateException     released before, whoever has its slot now, or another pool's, or closed (caller's
    ///                                   fault); nothing changes
    public void release(long slot) {
        int lent = slot(slot);
        SlotKind of = kindOf(slot);
        release(of, lent, of.slotBytes());
    }

    /// Takes a slot back, wiped as far as it was written.
    ///
    /// @param slot        what [#tryLend] answered
    /// @param dirtyBytes  from the slot's start to behind the last byte that was written, 0..`slotBytes`; it is believed, and
    ///                    where assertions are on held against the memory
    /// @throws IllegalArgumentException  as of [#release(long)], or a number out of range (caller's fault)
    /// @throws IllegalStateException     as of [#release(long)]
    public void release(long slot, long dirtyBytes) {
        int lent = slot(slot);
        SlotKind of = kindOf(slot);
        if (dirtyBytes < 0 || dirtyBytes > of.slotBytes()) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": " + dirtyBytes + " dirty bytes of a slot of \""
                    + of.name() + "\" (expected 0.." + of.slotBytes() + ")");
        }
        release(of, lent, dirtyBytes);
    }

    private void release(SlotKind of, int slot, long dirtyBytes) {
        long at = of.at(slot);
        assert ConstantTime.isZero(segment, at + dirtyBytes, of.slotBytes() - dirtyBytes)
                : "a slot of \"" + of.name() + "\" was written past " + dirtyBytes + " bytes";
        Wipe.bytes(segment, at, dirtyBytes);
        loans.end(slot);
        of.giveBack(slot);
        bytes.released(of.slotBytes());
    }

    /// Takes back everything that a borrower holds, wiped whole.
    ///
    /// @param borrower  0..`borrowers`-1
    /// @return slots
    /// @throws IllegalArgumentException  no such borrower (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public int releaseAll(int borrower) {
        checkBorrower(borrower);
        int count = 0;
        for (int slot = loans.last(borrower); slot != SlotLoans.NONE; slot = loans.last(borrower)) {
            SlotKind of = kindAround(slot);
            release(of, slot, of.slotBytes());
            count++;
        }
        return count;
    }

    private SlotKind kindAround(int slot) {
        int kind = kinds.length - 1;
        while (kinds[kind].slot(0) > slot) {
            kind--;
        }
        return kinds[kind];
    }

    /// {@return offset of a slot in [#segment()]}
    ///
    /// @param slot  what [#tryLend] answered
    /// @throws IllegalArgumentException  as of [#release(long)]
    /// @throws IllegalStateException     as of [#release(long)]
    public long at(long slot) {
        int lent = slot(slot);
        return kindOf(slot).at(lent);
    }

    /// {@return ordinal of a slot within its kind, 0..`slots`-1: for arrays of the caller's beside it}
    ///
    /// @param slot  what [#tryLend] answered
    /// @throws IllegalArgumentException  as of [#release(long)]
    /// @throws IllegalStateException     as of [#release(long)]
    public int index(long slot) {
        int lent = slot(slot);
        return kindOf(slot).index(lent);
    }

    /// {@return who borrowed a slot}
    ///
    /// @param slot  what [#tryLend] answered
    /// @throws IllegalArgumentException  as of [#release(long)]
    /// @throws IllegalStateException     as of [#release(long)]
    public int borrower(long slot) {
        return loans.borrower(slot(slot));
    }

    /// {@return whether a slot is lent: by this pool, and not released}
    ///
    /// @param slot  any number
    public boolean holds(long slot) {
        return !closed && couldBe(slot) && loans.holds(kindOf(slot).slot(indexOf(slot)), slot >>> loanShift);
    }

    /// {@return whether a number has the form of a handle}
    private boolean couldBe(long slot) {
        return slot > 0 && slot >>> loanShift != 0 && kindNumber(slot) < kinds.length && indexOf(slot) < kindOf(slot).slots();
    }

    private int kindNumber(long slot) {
        return (int) (slot >>> indexBits) & (1 << SlotPoolConfig.KIND_BITS) - 1;
    }

    private SlotKind kindOf(long slot) {
        return kinds[kindNumber(slot)];
    }

    private int indexOf(long slot) {
        return (int) slot & (1 << indexBits) - 1;
    }

    /// {@return the slot that a loan holds}
    private int slot(long slot) {
        checkOpen();
        if (!couldBe(slot)) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": " + slot
                    + " is no slot of it (expected what tryLend answered)");
        }
        int lent = kindOf(slot).slot(indexOf(slot));
        if (!loans.holds(lent, slot >>> loanShift)) {
            throw new IllegalStateException("pool \"" + config.name() + "\": slot " + slot + " of \"" + kindOf(slot).name()
                    + "\" is not lent: released before, or another pool's");
        }
        return lent;
    }

    /// {@return the objects made for a kind}
    ///
    /// @param kind  index of its entry in the configuration
    /// @param type  of all of them
    /// @throws IllegalArgumentException  no such kind, nothing was made for it, or something of another type (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public <T> SlotObjects<T> objects(int kind, Class<T> type) {
        SlotKind of = kind(kind);
        if (of.objects() == null) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": nothing was made for \"" + of.name() + "\"");
        }
        for (Object object : of.objects()) {
            if (!type.isInstance(object)) {
                throw new IllegalArgumentException("pool \"" + config.name() + "\": for \"" + of.name() + "\" a "
                        + object.getClass().getName() + " was made (expected " + type.getName() + ")");
            }
        }
        return new SlotObjects<>(this, kind, type);
    }

    Object object(int kind, long slot) {
        int lent = slot(slot);
        if (kindNumber(slot) != kind) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": a slot of \"" + kindOf(slot).name()
                    + "\" (expected one of \"" + kinds[kind].name() + "\")");
        }
        return Objects.requireNonNull(kinds[kind].objects(), "of a kind with objects")[kinds[kind].index(lent)];
    }

    /// {@return the memory that [#at] answers offsets in}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public MemorySegment segment() {
        checkOpen();
        return segment;
    }

    /// {@return slots of a kind that a borrower holds}
    ///
    /// @throws IllegalArgumentException  no such kind or borrower (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public int held(int kind, int borrower) {
        SlotKind of = kind(kind);
        checkBorrower(borrower);
        int count = 0;
        for (int slot = loans.last(borrower); slot != SlotLoans.NONE; slot = loans.before(slot)) {
            count += kindAround(slot) == of ? 1 : 0;
        }
        return count;
    }

    /// {@return bytes off the heap that a borrower holds}
    ///
    /// @throws IllegalArgumentException  no such borrower (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public long heldBytes(int borrower) {
        checkBorrower(borrower);
        long sum = 0;
        for (int slot = loans.last(borrower); slot != SlotLoans.NONE; slot = loans.before(slot)) {
            sum += kindAround(slot).slotBytes();
        }
        return sum;
    }

    /// {@return the account of one kind: for a ledger that shall show each, instead of the pool's own. Any thread}
    ///
    /// @throws IllegalArgumentException  no such kind (caller's fault)
    public Account account(int kind) {
        return known(kind).account();
    }

    /// {@return slots of a kind that are lent now. Any thread}
    ///
    /// @throws IllegalArgumentException  no such kind (caller's fault)
    public long lent(int kind) {
        return known(kind).account().count();
    }

    /// {@return the most slots of a kind that were lent at a time. Any thread}
    ///
    /// @throws IllegalArgumentException  no such kind (caller's fault)
    public long lentMost(int kind) {
        return known(kind).account().peakCount();
    }

    /// {@return how often a slot of a kind was lent since the start. Any thread}
    ///
    /// @throws IllegalArgumentException  no such kind (caller's fault)
    public long loans(int kind) {
        return known(kind).loans();
    }

    /// {@return how often a slot of a kind was refused since the start. Any thread}
    ///
    /// @throws IllegalArgumentException  no such kind (caller's fault)
    public long refusals(int kind) {
        return known(kind).refusals();
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        return bytes.capacityBytes();
    }

    /// {@return bytes of the slots that are lent}
    @Override
    public long usedBytes() {
        return bytes.usedBytes();
    }

    /// {@return the most bytes that were lent at a time, over all kinds}
    @Override
    public long peakBytes() {
        return bytes.peakBytes();
    }

    /// Wipes everything, what is still lent too; every use is refused from here on. Twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            Carved.wipe(segment);
            closed = true;
            bytes.released(usedBytes());
            for (SlotKind kind : kinds) {
                kind.account().released(kind.account().count());
            }
        }
    }

    private SlotKind known(int kind) {
        if (kind < 0 || kind >= kinds.length) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": kind " + kind + " (expected 0.."
                    + (kinds.length - 1) + ")");
        }
        return kinds[kind];
    }

    private SlotKind kind(int kind) {
        checkOpen();
        return known(kind);
    }

    private void checkBorrower(int borrower) {
        checkOpen();
        if (borrower < 0 || borrower >= loans.borrowerCount()) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": borrower " + borrower + " (expected 0.."
                    + (loans.borrowerCount() - 1) + ")");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("pool \"" + config.name() + "\" is closed");
        }
    }

    /// For property tests.
    void checkInvariants() {
        loans.checkInvariants();
        long sum = 0;
        for (SlotKind of : kinds) {
            for (int i = 0; i < of.slots() - of.account().count(); i++) {
                int slot = of.slot(of.freeIndex(i));
                assert loans.holds(slot, 0) : "free and lent: " + slot;
                assert ConstantTime.isZero(segment, of.at(slot), of.slotBytes()) : "free and not zero: " + slot;
            }
            sum += of.account().usedBytes();
        }
        assert sum == usedBytes() : this;
    }

    @Override
    public String toString() {
        return "SlotPool[" + config.name() + ", " + usedBytes() + " of " + capacityBytes() + " bytes lent, " + kinds.length
                + " kinds" + (closed ? ", closed" : "") + "]";
    }
}
