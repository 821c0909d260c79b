package dev.coffer.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The offsets of a [Buffer] and the one rule that they obey; integers stand in [BufferNumbers], strings in
/// [BufferStrings], the rest in `Buffer`.
///
/// Claim, then copy: whatever writes past the data asks [#stain] (or [#claim]) for the place, and so its range counts as
/// dirty before the first byte is there. A copy may end in the middle by any exception or error (a mapped file that was
/// truncated, memory that was closed meanwhile); what came in is then wiped with the rest.
abstract sealed class BufferBounds permits BufferNumbers {
    /// The memory; offset 0 of the buffer is offset 0 here. Never handed out whole without being marked dirty.
    MemorySegment segment;

    // While the lease of a pooled buffer is ended: length ENDED, limit ENDED - 1, the position where it was, so that the one
    // comparison of claim and of consume refuses everything, also 0 bytes, and no access pays for a check of its own.
    private static final long ENDED = -1;
    private static final VarHandle BUDGET;

    static {
        try {
            BUDGET = MethodHandles.lookup().findVarHandle(BufferBounds.class, "budget", Budget.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long position;
    private long length;
    private long limit;
    private long capacity;
    private long dirty;         // bytes below this may be other than zero; never below length
    private long mark;
    @SuppressWarnings("FieldCanBeFinal")  // BUDGET takes it out
    private @Nullable Budget budget;  // charged with capacity; null where that is fixed, in a resize, and behind the close: who takes it out gives back the charge
    private final boolean leased;  // its life ends: a pooled buffer, or a view of one
    private @Nullable Buffer views;  // views lent since the lease began, linked by nextView
    private @Nullable Buffer nextView;

    BufferBounds(MemorySegment segment, long capacity, @Nullable Budget budget, boolean leased) {
        this.segment = segment;
        this.leased = leased;
        this.capacity = capacity;
        this.limit = capacity;
        this.budget = budget;
    }

    /// {@return offset of the next byte to read, 0..length}
    public final long position() {
        checkOpen();
        return position;
    }

    /// {@return bytes of data; the next byte written goes here}
    public final long length() {
        checkOpen();
        return length;
    }

    /// {@return the most that [#length()] may become, at most [#capacity()]}
    public final long limit() {
        checkOpen();
        return limit;
    }

    /// {@return bytes that the buffer can hold}
    public final long capacity() {
        return capacity;
    }

    /// {@return bytes left to read: length - position}
    public final long remaining() {
        checkOpen();
        return length - position;
    }

    public final boolean hasRemaining() {
        return remaining() > 0;
    }

    /// {@return bytes that can still be written: limit - length}
    public final long room() {
        checkOpen();
        return limit - length;
    }

    /// Moves the reading offset.
    ///
    /// @param to  0..length
    /// @throws IllegalArgumentException  outside that range (caller's fault)
    public final void position(long to) {
        checkOpen();
        if (to < 0 || to > length) {
            throw outside("position", to, 0, length);
        }
        position = to;
    }

    /// Cuts or extends the data. What is cut stays in memory until [#burn] or release, as it stays counted as dirty;
    /// extending brings back what lies there: zeros, or bytes written before.
    ///
    /// @param to  position..limit
    /// @throws IllegalArgumentException  outside that range (caller's fault)
    public final void length(long to) {
        checkOpen();
        if (to < position || to > limit) {
            throw outside("length", to, position, limit);
        }
        dirty = Math.max(dirty, to);
        length = to;
    }

    /// Sets how far the data may grow: a frame's or a peer's bound below the capacity.
    ///
    /// @param to  length..capacity
    /// @throws IllegalArgumentException  outside that range (caller's fault)
    public final void limit(long to) {
        checkOpen();
        if (to < length || to > capacity) {
            throw outside("limit", to, length, capacity);
        }
        limit = to;
    }

    /// Remembers the position; [#toMark] returns there. A new buffer's mark is 0, and [#reset] sets it to 0.
    public final void mark() {
        checkOpen();
        mark = position;
    }

    /// Returns to the marked position, or to the end of the data where that was cut below it.
    public final void toMark() {
        checkOpen();
        position = Math.min(mark, length);
    }

    /// Takes room for `bytes` bytes at the end of the data: the length grows, the caller writes them through
    /// [Buffer#segment]. The way for primitives that take (segment, offset): nothing is sliced, nothing escapes the dirty
    /// count.
    ///
    /// @param bytes  0..[#room]
    /// @return the offset of the first
    /// @throws BufferBoundsException  there is less room; nothing changes
    /// @throws IllegalStateException  the lease has ended (caller's fault)
    public final long claim(long bytes) {
        long at = stain(bytes);
        length = at + bytes;
        return at;
    }

    /// The door through which bytes come in: the `bytes` bytes after the data count as dirty from here on, and nothing
    /// else changes. What was written there becomes data by [#grow].
    ///
    /// @return the offset of the first; throws as [#claim] does
    final long stain(long bytes) {
        long at = length;
        if (bytes < 0 || bytes > limit - at) {
            throw refusal("write", bytes, limit - at);
        }
        if (at + bytes > dirty) {
            dirty = at + bytes;
        }
        return at;
    }

    /// Makes data of what was written where [#stain] said, no more bytes than that.
    final void grow(long bytes) {
        length += bytes;
    }

    /// Passes over `bytes` bytes of the data: the position grows, the caller reads them through [Buffer#segment].
    ///
    /// @param bytes  0..[#remaining]
    /// @return the offset of the first
    /// @throws BufferBoundsException  there are fewer left; nothing changes
    /// @throws IllegalStateException  the lease has ended (caller's fault)
    public final long consume(long bytes) {
        long at = leftAt(bytes);
        position = at + bytes;
        return at;
    }

    /// {@return the offset that [#consume] would give; moves nothing, for a copy that may still refuse}
    final long leftAt(long bytes) {
        if (bytes < 0 || bytes > length - position) {
            throw refusal("read", bytes, length - position);
        }
        return position;
    }

    /// Passes over what was read from where [#leftAt] said, no more bytes than that.
    final void advance(long bytes) {
        position += bytes;
    }

    /// {@return `at`, when `bytes` bytes from there are data: for reads and patches at a place of the caller's choice}
    ///
    /// @throws BufferBoundsException  they are not; nothing changes
    /// @throws IllegalStateException  the lease has ended (caller's fault)
    final long within(long at, long bytes) {
        if (at < 0 || bytes < 0 || bytes > length - at) {
            throw refusal("access at " + at, bytes, Math.max(0, length - at));
        }
        return at;
    }

    /// Starts anew: position, length and mark 0, limit the capacity. Nothing is wiped, nothing is forgotten: the old
    /// bytes count as dirty until [#burn] or release.
    public final void reset() {
        checkOpen();
        position = 0;
        length = 0;
        mark = 0;
        limit = capacity;
    }

    /// Wipes everything that was ever written here, data or cut, then starts anew. May be done as often as wanted.
    ///
    /// @throws IllegalStateException  the lease has ended, or the region is closed (caller's fault)
    public final void burn() {
        checkOpen();
        Wipe.bytes(segment, 0, dirty);
        reset();
        dirty = 0;
    }

    /// Moves what is left to read to the start and wipes where it was: position 0, mark 0, length what remained.
    public final void compact() {
        checkOpen();
        long left = length - position;
        if (position > 0) {
            MemorySegment.copy(segment, position, segment, 0, left);
            Wipe.bytes(segment, left, length - left);
            if (dirty == length) {
                dirty = left;  // nothing was cut before that still lies behind
            }
        }
        length = left;
        position = 0;
        mark = 0;
    }

    /// {@return bytes from the start that may be other than zero: what burn and release wipe}
    public final long dirtyBytes() {
        return dirty;
    }

    /// Counts bytes as written that the caller writes past the buffer's back, through a segment of its own.
    ///
    /// @param at     offset of the first
    /// @param bytes  0..capacity - at
    /// @throws IllegalArgumentException  the range does not lie in the capacity (caller's fault)
    public final void dirty(long at, long bytes) {
        checkOpen();
        if (at < 0 || bytes < 0 || bytes > capacity - at) {
            throw new IllegalArgumentException(
                    "buffer: range of " + bytes + " bytes at " + at + " (expected within " + capacity + ")");
        }
        dirty = Math.max(dirty, at + bytes);
    }

    /// Changes the capacity, counted against the buffer's budget. Growing takes room that the buffer already has in its
    /// segment, zero until written; nothing is copied, so nothing stays behind. Shrinking wipes what it cuts off. The
    /// limit becomes the capacity.
    ///
    /// @param to  length..bytes of the segment
    /// @throws IllegalStateException     the capacity is fixed: the buffer was made without a budget (caller's fault)
    /// @throws IllegalArgumentException  outside that range (caller's fault); nothing changes
    /// @throws BudgetExceededException   the budget or an ancestor has less left; nothing changes
    public final void resize(long to) {
        checkOpen();
        Budget charged = (Budget) BUDGET.getAndSet(this, (Budget) null);
        if (charged == null) {
            throw new IllegalStateException("buffer: capacity " + capacity + " is fixed; make it within a budget");
        }
        try {
            resize(to, charged);
        } finally {
            BUDGET.setVolatile(this, charged);
            if (isEnded()) {
                discharge();  // another thread has closed it meanwhile, and found nothing to give back
            }
        }
    }

    private void resize(long to, Budget charged) {
        if (to < length || to > segment.byteSize()) {
            throw outside("capacity", to, length, segment.byteSize());
        }
        if (to > capacity) {
            charged.reserve(to - capacity);
        } else {
            if (dirty > to) {
                Wipe.bytes(segment, to, dirty - to);
                dirty = to;
            }
            charged.release(capacity - to);
        }
        capacity = to;
        limit = to;
    }

    /// {@return the memory, alive or not: for a pool, which asks for it before a barrier so as not to wait for it after}
    protected final MemorySegment memory() {
        return segment;
    }

    /// {@return whether one store of a word wipes that many bytes: what a message's head or a counter leaves}
    ///
    /// @param bytes  what [#dirtyBytes] said
    protected final boolean isWord(long bytes) {
        return bytes <= Long.BYTES && segment.byteSize() >= Long.BYTES;
    }

    /// Wipes what [#burn] would of a buffer. Moves nothing. All that it has to know comes as arguments: a caller who asked for them
    /// before a barrier has them in registers after it.
    ///
    /// @param segment  its [#memory]
    /// @param bytes    its [#dirtyBytes]
    /// @param isWord   what [#isWord] said of them
    protected static void wipeDirty(MemorySegment segment, long bytes, boolean isWord) {
        if (isWord) {
            segment.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 0L);
        } else {
            Wipe.bytes(segment, 0, bytes);
        }
    }

    /// Begins a life: everything at its start. The memory is zero.
    protected final void begin() {
        position = 0;
        length = 0;
        limit = capacity;
        dirty = 0;
        mark = 0;
    }

    /// Ends it: every access refuses from now on, as do the views that were lent. Wipes nothing.
    protected final void end() {
        length = ENDED;
        limit = ENDED - 1;
        if (views != null) {
            endViews();
        }
    }

    private void endViews() {
        BufferBounds view = views;
        views = null;
        while (view != null) {
            BufferBounds next = view.nextView;
            view.nextView = null;
            view.end();
            view = next;
        }
    }

    /// For a buffer without memory of its own: begins a life over all the memory of a leased buffer, with its data, position and
    /// what is dirty. All of it counts as dirty there until [#settle]; with that lease this life ends. Makes no object.
    protected final void borrow(Buffer lender) {
        BufferBounds from = lender;
        from.checkOpen();
        segment = from.segment;
        capacity = from.capacity;
        begin();
        position = from.position;
        length = from.length;
        dirty = from.dirty;
        from.dirty = from.capacity;
        BufferBounds view = this;
        view.nextView = from.views;
        from.views = (Buffer) view;
    }

    /// Says to whom memory was borrowed from how much of it was written, and so is to be wiped; before its lease is ended.
    protected final void settle(Buffer lender) {
        BufferBounds from = lender;
        from.dirty = dirty;
    }

    /// {@return whether this buffer's life ends, and with it its views'}
    final boolean isLent() {
        return leased;
    }

    /// Enters a view, to be ended with this buffer's life.
    final void lend(Buffer view) {
        if (!leased) {
            return;
        }
        BufferBounds entered = view;
        entered.nextView = views;
        views = view;
    }

    /// {@return whether the lease has ended, or the buffer is closed}
    final boolean isEnded() {
        return length < 0;
    }

    /// Gives the capacity back to the budget that it was counted against, if any: once, whoever else closes it at the same time.
    final void discharge() {
        Budget charged = (Budget) BUDGET.getAndSet(this, (Budget) null);
        if (charged != null) {
            charged.release(capacity);
        }
    }

    /// @throws IllegalStateException  the lease has ended (caller's fault)
    final void checkOpen() {
        if (length < 0) {
            throw ended();
        }
    }

    private static IllegalStateException ended() {
        return new IllegalStateException("buffer: used after its release or close");
    }

    private RuntimeException refusal(String what, long bytes, long available) {
        if (length < 0) {
            return ended();
        }
        return new BufferBoundsException("buffer " + what, bytes, available);
    }

    private static IllegalArgumentException outside(String what, long to, long from, long max) {
        return new IllegalArgumentException(
                "buffer " + what + ": " + to + " (expected " + from + ".." + max + ")");
    }

    /// For property tests: the rule of the class, whole.
    final void checkInvariants() {
        if (length == ENDED) {
            assert position >= 0 && limit == ENDED - 1 && views == null : "ended, yet " + this;
            return;
        }
        assert 0 <= position && position <= length && length <= limit && limit <= capacity : this;
        assert capacity <= segment.byteSize() && length <= dirty && dirty <= capacity : this;
        assert ConstantTime.isZero(segment, dirty, capacity - dirty) : "written beyond dirty: " + this;
    }

    /// {@return sizes and state, never contents}
    @Override
    public String toString() {
        return length < 0 ? "Buffer[ended, capacity " + capacity + "]"
                : "Buffer[position " + position + ", length " + length + ", limit " + limit + ", capacity " + capacity
                        + ", dirty " + dirty + "]";
    }

    static MemorySegment slice(MemorySegment segment, long at, long capacity) {
        Objects.requireNonNull(segment);
        if (at < 0 || capacity < 0 || capacity > segment.byteSize() - at) {
            throw new IllegalArgumentException("buffer: " + capacity + " bytes at " + at + " (expected within "
                    + segment.byteSize() + ")");
        }
        return segment.asSlice(at, capacity);
    }
}
