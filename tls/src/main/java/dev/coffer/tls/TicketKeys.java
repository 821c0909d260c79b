package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The keys that session tickets are sealed under (RFC 8446, section 4.6.1; RFC 5077, section 4), over memory that the caller has locked: they
/// are never on the heap. The newest whose time has come seals; each opens until its own time is over, so that tickets outlive the key
/// that follows theirs.
///
/// They are of one of two kinds. **Of this process alone** ([#fresh]): drawn here, a new one every half of a ticket's lifetime, and gone with the
/// process. **Shared** ([#shared]) by several processes or machines, so that a client resumes with any of them: taken from what a file holds
/// ([#take]), which is made and turned by [#turn]. It says from when each key seals, so one that is handed round before its time is known everywhere
/// when it is first used. All its numbers are big-endian:
///
/// ```
///   "CofferTK" 8 | version u32 = 1 | count u32, 1..4 | count times:  name 16 | seals from i64 | opens until i64 | key 32
/// ```
///
/// Times are seconds since 1970, `0 <= from < until`; names differ; nothing is behind: 80 bytes with one key, 272 with four.
///
/// Who has these keys can read what was said under sessions that were resumed without a key exchange, which is not done here
/// (`psk_dhe_ke` alone), and can pass for whom a ticket was given to. Any thread; 0 heap bytes but for files.
@SuppressWarnings("exports")  // annotations that users need not have
public final class TicketKeys implements AutoCloseable {
    /// Keys at a time: one that seals for half of a lifetime, those before it that open for a whole one more, and one to come.
    public static final int KEYS_MAX = 4;
    /// Seconds that a ticket may live at most: seven days (RFC 8446, section 4.6.1).
    public static final int LIFETIME_SECONDS_MAX = 7 * 24 * 3600;

    // One key.
    static final long NAME = 0;               // public, says which key a ticket is sealed under
    static final int NAME_BYTES = 16;
    static final long FROM = NAME + NAME_BYTES;          // i64, seconds since 1970: seals from then on
    static final long UNTIL = FROM + Long.BYTES;         // opens until then
    static final long KEY = UNTIL + Long.BYTES;
    static final int KEY_BYTES = 32;
    static final int ENTRY_BYTES = (int) KEY + KEY_BYTES;
    /// Bytes of the memory: room for all of them; unused ones are zero.
    public static final long BYTES = (long) KEYS_MAX * ENTRY_BYTES;
    static final int KEYS_BYTES = (int) BYTES;

    private static final long MAGIC = 0x436f66666572544bL;  // "CofferTK"
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 16;
    /// Bytes of a file of keys at most.
    public static final int FILE_BYTES_MAX = HEAD_BYTES + KEYS_BYTES;

    /// A process's clocks, which loops look at in their turns, are no further apart.
    private static final int APART_SECONDS = 60;

    private final MemorySegment memory;
    private final @Nullable Entropy entropy;    // null: shared
    private final int lifetimeSeconds;
    private volatile int version;               // of the keys: whoever has copied them sees that there are others
    private volatile long turnsAt = Long.MIN_VALUE;  // seconds since 1970; of our own
    private boolean closed;

    private TicketKeys(MemorySegment memory, @Nullable Entropy entropy, int lifetimeSeconds) {
        if (memory.byteSize() < BYTES || !memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("ticket keys: " + memory.byteSize() + " bytes (expected " + BYTES + ", writable, off the heap)");
        }
        this.memory = memory;
        this.entropy = entropy;
        this.lifetimeSeconds = lifetimeSeconds;
        Wipe.bytes(memory, 0, BYTES);
    }

    /// {@return keys of this process alone; the first is drawn with the first ticket}
    ///
    /// @param memory           [#BYTES], locked, nobody else's until this is closed
    /// @param entropy          `Entropy.SYSTEM` but in tests
    /// @param lifetimeSeconds  of a ticket, 1..[#LIFETIME_SECONDS_MAX]: a key seals for half of that, and opens for a whole one more
    /// @throws IllegalArgumentException  memory or lifetime of another kind (caller's fault)
    public static TicketKeys fresh(MemorySegment memory, Entropy entropy, int lifetimeSeconds) {
        TlsSizes.range("lifetimeSeconds", lifetimeSeconds, 1, LIFETIME_SECONDS_MAX);
        return new TicketKeys(memory, Objects.requireNonNull(entropy), lifetimeSeconds);
    }

    /// {@return keys that are shared, none as yet: [#take]}
    ///
    /// @param memory  [#BYTES], locked, nobody else's until this is closed
    /// @throws IllegalArgumentException  memory of another kind (caller's fault)
    public static TicketKeys shared(MemorySegment memory) {
        return new TicketKeys(memory, null, LIFETIME_SECONDS_MAX);
    }

    /// Takes the keys that a file holds, in the place of those before.
    ///
    /// @param file    locked memory with its bytes; the caller wipes it
    /// @param length  of them
    /// @return whether they are a file of keys, whole and sound; where not, nothing changes
    /// @throws IllegalStateException  keys of this process alone, or closed (caller's fault)
    public synchronized boolean take(MemorySegment file, long at, long length) {
        if (entropy != null || closed) {
            throw new IllegalStateException(this + (closed ? ": closed" : ": take() is for shared ones"));
        }
        int count = count(file, at, length);
        if (count > 0) {
            Wipe.bytes(memory, 0, BYTES);
            MemorySegment.copy(file, at + HEAD_BYTES, memory, 0, (long) count * ENTRY_BYTES);
            version++;
        }
        return count > 0;
    }

    /// Makes what a file of keys holds, or adds a fresh key to it, which is its newest; keys go that open nothing any more, or are the
    /// oldest of too many.
    ///
    /// @param file             locked memory with room for [#FILE_BYTES_MAX]; the caller wipes it
    /// @param length           bytes of the file as it is; 0 for none
    /// @param nowSeconds       since 1970
    /// @param fromSeconds      from when the fresh key seals, so that every process has the file by then: now or later
    /// @param lifetimeSeconds  for how long the key before it opens from then on: a ticket's lifetime, 1..[#LIFETIME_SECONDS_MAX]
    /// @return bytes of the file; below 0 where what is there is none, and nothing is written
    /// @throws IllegalArgumentException  a number out of its range (caller's fault); nothing is written
    public static int turn(MemorySegment file, long at, long length, Entropy entropy, long nowSeconds, long fromSeconds, int lifetimeSeconds) {
        TlsSizes.range("lifetimeSeconds", lifetimeSeconds, 1, LIFETIME_SECONDS_MAX);
        TlsSizes.range("nowSeconds", nowSeconds, 0, Long.MAX_VALUE / 8);
        TlsSizes.range("fromSeconds", fromSeconds, nowSeconds, Long.MAX_VALUE / 8);
        int before = length == 0 ? 0 : count(file, at, length);
        if (before == 0 && length > 0) {
            return -1;
        }
        long entries = at + HEAD_BYTES;
        Wipe.bytes(file, entries + (long) before * ENTRY_BYTES, (long) (KEYS_MAX - before) * ENTRY_BYTES);
        add(file, entries, entropy, nowSeconds, fromSeconds, Long.MAX_VALUE / 4, lifetimeSeconds);
        int count = 0;
        while (count < KEYS_MAX && isThere(file, entries + (long) count * ENTRY_BYTES)) {
            count++;
        }
        BigEndian.i64(file, at, MAGIC);
        BigEndian.i32(file, at + 8, VERSION);
        BigEndian.i32(file, at + 12, count);
        return HEAD_BYTES + count * ENTRY_BYTES;
    }

    /// {@return keys in a file; 0 where it is none}
    private static int count(MemorySegment file, long at, long length) {
        Objects.checkFromIndexSize(at, length, file.byteSize());
        int count = length < HEAD_BYTES || BigEndian.i64(file, at) != MAGIC || BigEndian.i32(file, at + 8) != VERSION ? 0
                : BigEndian.i32(file, at + 12);
        boolean fits = count >= 1 && count <= KEYS_MAX && length == HEAD_BYTES + (long) count * ENTRY_BYTES;
        return fits && isSound(file, at + HEAD_BYTES, count) ? count : 0;
    }

    private static boolean isSound(MemorySegment memory, long at, int count) {
        for (int i = 0; i < count; i++) {
            long entry = at + (long) i * ENTRY_BYTES;
            long from = BigEndian.i64(memory, entry + FROM);
            if (from < 0 || BigEndian.i64(memory, entry + UNTIL) <= from) {
                return false;
            }
            for (int j = 0; j < i; j++) {
                long other = at + (long) j * ENTRY_BYTES;
                if (MemorySegment.mismatch(memory, entry, entry + NAME_BYTES, memory, other, other + NAME_BYTES) < 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Puts a fresh key in front, which is the newest; those before it open for a lifetime more at most.
    private static void add(MemorySegment memory, long at, Entropy entropy, long now, long from, long until, int lifetimeSeconds) {
        for (int i = 0; i < KEYS_MAX; i++) {
            long entry = at + (long) i * ENTRY_BYTES;
            if (isThere(memory, entry)) {
                BigEndian.i64(memory, entry + UNTIL, Math.min(BigEndian.i64(memory, entry + UNTIL), from + lifetimeSeconds));
            }
            if (BigEndian.i64(memory, entry + UNTIL) <= now) {
                Wipe.bytes(memory, entry, ENTRY_BYTES);
            }
        }
        moveTogether(memory, at, KEYS_MAX - 1);
        MemorySegment.copy(memory, at, memory, at + ENTRY_BYTES, KEYS_BYTES - ENTRY_BYTES);
        entropy.fill(memory, at + KEY, KEY_BYTES);
        entropy.fill(memory, at + NAME, NAME_BYTES);
        BigEndian.i64(memory, at + FROM, from);
        BigEndian.i64(memory, at + UNTIL, until);
    }

    /// The first `kept` places hold what there is, as far as it fits; the oldest are last and go.
    private static void moveTogether(MemorySegment memory, long at, int kept) {
        int to = 0;
        for (int i = 0; i < KEYS_MAX; i++) {
            long entry = at + (long) i * ENTRY_BYTES;
            if (isThere(memory, entry) && to < kept) {
                MemorySegment.copy(memory, entry, memory, at + (long) to * ENTRY_BYTES, ENTRY_BYTES);
                to++;
            }
        }
        Wipe.bytes(memory, at + (long) to * ENTRY_BYTES, (long) (KEYS_MAX - to) * ENTRY_BYTES);
    }

    private static boolean isThere(MemorySegment memory, long entry) {
        return BigEndian.i64(memory, entry + UNTIL) > 0;
    }

    /// {@return which keys there are: another number where they are others. Keys of our own are turned where it is time}
    int version(long nowSeconds) {
        Entropy from = entropy;
        if (from != null && isTime(nowSeconds)) {
            turnOwn(from, nowSeconds);
        }
        return version;
    }

    /// {@return whether our own keys are to be turned: the newest has sealed for long enough; or its time lies ahead by more than loops' clocks differ: the clock was ahead
    /// then, and was set back}
    private boolean isTime(long nowSeconds) {
        long at = turnsAt;
        return nowSeconds >= at || nowSeconds < at - sealSeconds() - APART_SECONDS;
    }

    private long sealSeconds() {
        return Math.max(1, lifetimeSeconds / 2);
    }

    private synchronized void turnOwn(Entropy from, long nowSeconds) {
        if (!closed && isTime(nowSeconds)) {
            long seals = sealSeconds();
            add(memory, 0, from, nowSeconds, nowSeconds, nowSeconds + seals + lifetimeSeconds, lifetimeSeconds);
            turnsAt = nowSeconds + seals;
            version++;
        }
    }

    /// Copies all keys to where a loop uses them: none where they are closed, and their memory is somebody else's.
    ///
    /// @param target  room for [#KEYS_BYTES], locked
    synchronized void copyTo(MemorySegment target, long at) {
        if (closed) {
            Wipe.bytes(target, at, KEYS_BYTES);
        } else {
            MemorySegment.copy(memory, 0, target, at, KEYS_BYTES);
        }
    }

    /// Wipes them; loops that have copied them forget theirs at their next look, or when they are closed. Twice is harmless.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            version++;
            if (memory.scope().isAlive()) {
                Wipe.bytes(memory, 0, BYTES);
            }
        }
    }

    @Override
    public String toString() {
        return entropy == null ? "TicketKeys[shared]" : "TicketKeys[of this process]";
    }
}
