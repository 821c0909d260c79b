package dev.coffer.memory;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/// Bytes that must not be seen: off the heap from birth to wipe, of a fixed length, never in a text.
///
/// ```
///                   access(...), read(...), write(...)
///            NO_ACCESS <--------> READ_ONLY <--------> READ_WRITE      (a new one is READ_WRITE)
///                 |                   |                    |
///                 +------- destroy(): wiped, given back, every use refused from here on
/// ```
///
/// There are two kinds. A *plain* one lies in a piece of a [Region] that its maker carved ([#of]): its states are a
/// check in front, the pages stay open. A *guarded* one lies in a slot of [GuardedSlots], between two pages without
/// access: there the states are those of the pages, and **a Java access to a closed page is impossible**, because every
/// segment that was handed out dies before its page is closed and then throws [IllegalStateException].
///
/// [#segment()], [#offset()] and [#length()] read it without making an object. `equals` takes a time that depends on the
/// lengths alone, `hashCode` is the same number for all, `toString` names the length and the state. It is not
/// serialisable. It leaves its place only by [#copyTo], to where the caller says.
///
/// Any thread may read; changing the state, writing and destroying are the owner's. To destroy a plain secret while
/// another thread reads it gives that thread zeros; with a guarded one, an exception.
public final class Secret implements Destroyable, AutoCloseable {
    /// What may be done with the bytes.
    public enum Access {
        /// Nothing: [Secret#segment] refuses; a guarded one's pages are closed (`PROT_NONE`).
        NO_ACCESS,
        /// Reading; a write throws [UnsupportedOperationException] or [IllegalArgumentException], as segments do.
        READ_ONLY,
        /// Reading and writing.
        READ_WRITE
    }

    /// What is done with the bytes inside [Secret#read] and [Secret#write].
    @FunctionalInterface
    public interface Use {
        /// @param segment  borrowed for the call
        /// @param at       offset of the secret's first byte in it
        /// @param length   bytes of the secret
        void with(MemorySegment segment, long at, long length);
    }

    private static final int WRITING = -1;

    private final Object lock = new Object();
    private final @Nullable MemorySegment home;      // of a plain one; null where slot is not
    private final GuardedSlots.@Nullable Slot slot;  // of a guarded one; null where home is not
    private final long offset;
    private final long length;
    private Access access = Access.READ_WRITE;  // as the owner set it; under lock
    private int users;                          // readers inside a scope, or WRITING; under lock
    private boolean destroyed;                  // under lock
    private volatile @Nullable MemorySegment view;  // null: no access

    private Secret(@Nullable MemorySegment home, GuardedSlots.@Nullable Slot slot, @Nullable MemorySegment view, long offset, long length) {
        this.home = home;
        this.slot = slot;
        this.view = view;
        this.offset = offset;
        this.length = length;
    }

    /// {@return a plain secret over `length` bytes from `at`, which are taken as they are}
    ///
    /// The range is the secret's until it is destroyed; then it is zero and the caller's again.
    ///
    /// @param home    writable memory off the heap, of a region that outlives the secret
    /// @param at      offset of the first byte
    /// @param length  1 or more
    /// @throws IllegalArgumentException   memory on the heap or read-only, or no bytes (caller's fault)
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static Secret of(MemorySegment home, long at, long length) {
        if (!home.isNative() || home.isReadOnly() || length == 0) {
            throw new IllegalArgumentException("secret of " + length + " bytes in "
                    + (home.isReadOnly() ? "read-only" : "writable") + " memory " + (home.isNative() ? "off" : "on")
                    + " the heap (expected 1 or more, writable, off the heap)");
        }
        if ((at | length) < 0 || length > home.byteSize() - at) {
            throw new IndexOutOfBoundsException("secret: " + length + " bytes at " + at + " of " + home.byteSize());
        }
        return new Secret(home, null, home, at, length);
    }

    /// For [GuardedSlots]: a secret in a slot that is open for writing.
    static Secret guarded(GuardedSlots.Slot slot, MemorySegment view) {
        return new Secret(null, slot, view, 0, view.byteSize());
    }

    /// {@return the memory it lies in, from [#offset()] for [#length()] bytes; borrowed, makes no object}
    ///
    /// Valid until the next change of state; a guarded secret's segment throws from then on. Do not keep it.
    ///
    /// @throws IllegalStateException  destroyed, or in state NO_ACCESS (caller's fault)
    public MemorySegment segment() {
        MemorySegment now = view;
        if (now == null) {
            throw refusal("segment");
        }
        return now;
    }

    /// {@return offset of the first byte in [#segment()]; constant}
    public long offset() {
        return offset;
    }

    /// {@return bytes; constant, public, known also when destroyed}
    public long length() {
        return length;
    }

    /// {@return whether it lies between guard pages of its own}
    public boolean isGuarded() {
        return slot != null;
    }

    /// {@return what may be done now, outside [#read] and [#write]}
    ///
    /// @throws IllegalStateException  destroyed (caller's fault)
    public Access access() {
        synchronized (lock) {
            checkLive("access");
            return access;
        }
    }

    /// Changes what may be done. Segments handed out before are void, a guarded secret's by force. A guarded secret's
    /// change takes tens of microseconds and makes a few objects; keep it READ_ONLY where it is used often.
    ///
    /// @throws IllegalStateException  destroyed, or inside [#read] or [#write] (caller's fault)
    /// @throws ProtectionException    the system refused to open the pages; the state is NO_ACCESS
    public void access(Access next) {
        Objects.requireNonNull(next);
        synchronized (lock) {
            checkLive("access");
            checkUnused("access");
            if (next != access) {
                access = Access.NO_ACCESS;  // the answer, where the next line throws
                show(next);
                access = next;
            }
        }
    }

    /// Lends the bytes for reading, opening them for as long as `use` runs where the state is NO_ACCESS. May be nested
    /// and may run on several threads.
    ///
    /// @throws IllegalStateException  destroyed, or inside [#write] (caller's fault)
    /// @throws ProtectionException    the system refused to open the pages; `use` did not run
    public void read(Use use) {
        Objects.requireNonNull(use);
        MemorySegment segment = enter();
        try {
            use.with(segment, offset, length);
        } finally {
            leave();
        }
    }

    /// Lends the bytes for writing, opening them for as long as `use` runs; afterwards the state is what it was.
    ///
    /// @throws IllegalStateException  destroyed, or inside [#read] or [#write] (caller's fault)
    /// @throws ProtectionException    the system refused to open the pages; `use` did not run
    public void write(Use use) {
        Objects.requireNonNull(use);
        MemorySegment segment;
        synchronized (lock) {
            checkLive("write");
            checkUnused("write");
            if (access != Access.READ_WRITE) {
                show(Access.READ_WRITE);
            }
            users = WRITING;
            segment = Objects.requireNonNull(view, "shown");
        }
        try {
            use.with(segment, offset, length);
        } finally {
            synchronized (lock) {
                users = 0;
                if (!destroyed && access != Access.READ_WRITE) {
                    show(access);
                }
            }
        }
    }

    /// Takes the bytes of an array, then wipes the array: for keys that come from an interface that knows arrays only.
    /// What the collector copied of the array before is out of reach.
    ///
    /// @param source  exactly [#length()] bytes
    /// @throws IllegalArgumentException  another length (caller's fault); nothing is written or wiped
    /// @throws IllegalStateException     as of [#write]
    public void take(byte[] source) {
        if (source.length != length) {
            throw new IllegalArgumentException("secret: " + source.length + " bytes (expected " + length + ")");
        }
        MemorySegment from = MemorySegment.ofArray(source);
        write((segment, at, bytes) -> {
            MemorySegment.copy(from, 0, segment, at, bytes);
            Wipe.segment(from);  // here: the page that closes next may refuse to
        });
    }

    /// Copies the bytes to where the caller says, who answers for them from there on. A target on the heap cannot be
    /// wiped for certain; it is for interfaces that know nothing else.
    ///
    /// @throws IndexOutOfBoundsException  no room at the target (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing is written
    /// @throws IllegalStateException      as of [#read]
    public void copyTo(MemorySegment target, long at) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("secret: copy of " + length + " bytes to a read-only target");
        }
        if (at < 0 || length > target.byteSize() - at) {
            throw new IndexOutOfBoundsException("secret: " + length + " bytes to " + at + " of " + target.byteSize());
        }
        MemorySegment segment = enter();
        try {
            MemorySegment.copy(segment, offset, target, at, length);
        } finally {
            leave();
        }
    }

    @Override
    public boolean isDestroyed() {
        synchronized (lock) {
            return destroyed;
        }
    }

    /// Wipes the bytes, for good; a guarded secret's slot goes back. Twice is harmless.
    ///
    /// @throws IllegalStateException  inside [#read] or [#write] (caller's fault); nothing changes
    /// @throws CanaryException        something was written around a guarded secret; it is wiped and given back all the
    ///                                same
    /// @throws ProtectionException    the system refused to open a guarded secret's pages for the wipe; they stay closed,
    ///                                the secret in NO_ACCESS; destroy again
    @Override
    public void destroy() {
        synchronized (lock) {
            if (destroyed) {
                return;
            }
            checkUnused("destroy");
            end();
        }
    }

    /// The same as [#destroy].
    @Override
    public void close() {
        destroy();
    }

    /// For [GuardedSlots#close]: destroys it also where someone is inside a scope; their segment throws from now on. It
    /// is destroyed also where its pages could not be opened: the slab wipes them, and then they are gone.
    void destroyByForce() {
        synchronized (lock) {
            if (!destroyed) {
                try {
                    end();
                } catch (ProtectionException e) {
                    destroyed = true;  // no segment to the pages is alive
                    throw e;
                }
            }
        }
    }

    private void end() {
        if (slot != null) {
            view = null;
            access = Access.NO_ACCESS;  // the answer, where the system refuses to open the pages for the wipe
            try {
                slot.release();
                destroyed = true;
            } catch (CanaryException e) {
                destroyed = true;
                throw e;
            }
            return;
        }
        if (home().scope().isAlive()) {  // a region that is closed has wiped it
            Wipe.bytes(home(), offset, length);
        }
        destroyed = true;
        view = null;
    }

    private MemorySegment home() {
        return Objects.requireNonNull(home, "of a plain secret");
    }

    private void show(Access next) {
        view = null;
        if (slot != null) {
            view = slot.show(next, length);
        } else {
            view = switch (next) {
                case NO_ACCESS -> null;
                case READ_ONLY -> home().asReadOnly();
                case READ_WRITE -> home();
            };
        }
    }

    private MemorySegment enter() {
        synchronized (lock) {
            checkLive("read");
            if (users == WRITING) {
                throw new IllegalStateException("secret of " + length + " bytes: read inside write");
            }
            if (view == null) {
                show(Access.READ_ONLY);
            }
            users++;
            return Objects.requireNonNull(view, "shown");
        }
    }

    private void leave() {
        synchronized (lock) {
            users--;
            if (users == 0 && !destroyed && access == Access.NO_ACCESS) {
                show(Access.NO_ACCESS);
            }
        }
    }

    private void checkLive(String what) {
        if (destroyed) {
            throw refusal(what);
        }
    }

    private void checkUnused(String what) {
        if (users != 0) {
            throw new IllegalStateException("secret of " + length + " bytes: " + what + " while in use by "
                    + (users == WRITING ? "a writer" : users + " readers"));
        }
    }

    private IllegalStateException refusal(String what) {
        synchronized (lock) {
            return new IllegalStateException("secret of " + length + " bytes: " + what
                    + (destroyed ? " after destroy" : " in state " + access));
        }
    }

    /// {@return whether the other is a secret of the same length and bytes}
    ///
    /// The time depends on the lengths alone. A destroyed secret equals itself only.
    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Secret that && that.length == length && sameBytes(that);
    }

    private boolean sameBytes(Secret that) {
        if (isDestroyed() || that.isDestroyed()) {
            return false;
        }
        MemorySegment mine = enter();
        try {
            MemorySegment theirs = that.enter();
            try {
                return ConstantTime.equal(mine, offset, theirs, that.offset, length);
            } finally {
                that.leave();
            }
        } finally {
            leave();
        }
    }

    /// {@return the same number for every secret: it says nothing}
    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        synchronized (lock) {
            return "Secret[" + length + " bytes, " + (slot == null ? "plain" : "guarded") + ", "
                    + (destroyed ? "destroyed" : access.toString()) + "]";
        }
    }
}
