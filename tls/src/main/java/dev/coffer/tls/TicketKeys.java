package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The keys that session tickets are sealed under (RFC 8446, section 4.6.1; RFC 5077, section 4), over memory that the caller has locked: they
/// are never on the heap. The newest whose time has come seals; each opens until its own time is over, so that tickets outlive the key
/// that follows theirs.
///
/// They are of one of two kinds. **Of this process alone** ([#fresh]): drawn here, a new one every half of a ticket's lifetime, and gone with the
/// process. **Of a file** ([#read]), which several processes or machines share, so that a client resumes with any of them: read again when
/// [#again] says so, and made or turned by [#turn]. The file ([TicketKeyFile]) says from when each key seals, so one that is handed
/// round before its time is known everywhere when it is first used.
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
    /// Bytes of all of them; unused ones are zero.
    static final int KEYS_BYTES = KEYS_MAX * ENTRY_BYTES;

    /// Bytes of the memory: the keys, and a file of them while it is read or written.
    public static final long BYTES = KEYS_BYTES + TicketKeyFile.BYTES_MAX;

    private final MemorySegment memory;
    private final Entropy entropy;
    private final @Nullable Path file;
    private final int lifetimeSeconds;
    private volatile int version;               // of the keys: whoever has copied them sees that there are others
    private volatile long turnsAt = Long.MIN_VALUE;  // seconds since 1970; of our own
    private boolean closed;

    private TicketKeys(MemorySegment memory, Entropy entropy, @Nullable Path file, int lifetimeSeconds) {
        if (memory.byteSize() < BYTES || !memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("ticket keys: " + memory.byteSize() + " bytes (expected " + BYTES + ", writable, off the heap)");
        }
        this.memory = memory;
        this.entropy = entropy;
        this.file = file;
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
        return new TicketKeys(memory, entropy, null, lifetimeSeconds);
    }

    /// {@return the keys of a file, straight into the memory}
    ///
    /// @param memory  [#BYTES], locked, nobody else's until this is closed
    /// @throws IOException               the file cannot be read, is not its owner's alone, or holds something else; the memory is zero then
    /// @throws IllegalArgumentException  memory of another kind (caller's fault)
    public static TicketKeys read(Path file, MemorySegment memory) throws IOException {
        TicketKeys keys = new TicketKeys(memory, Entropy.SYSTEM, Objects.requireNonNull(file), LIFETIME_SECONDS_MAX);
        keys.again();
        return keys;
    }

    /// Reads the file again, of keys that are a file's; others stay as they are. What was read before stays in force where this fails.
    ///
    /// @throws IOException            as of [#read]
    /// @throws IllegalStateException  closed (caller's fault)
    public synchronized void again() throws IOException {
        checkOpen();
        if (file == null) {
            return;
        }
        try {
            int count = TicketKeyFile.read(file, memory, KEYS_BYTES);
            Wipe.bytes(memory, 0, KEYS_BYTES);
            MemorySegment.copy(memory, KEYS_BYTES + TicketKeyFile.HEAD_BYTES, memory, 0, (long) count * ENTRY_BYTES);
            version++;
        } finally {
            Wipe.bytes(memory, KEYS_BYTES, TicketKeyFile.BYTES_MAX);
        }
    }

    /// Makes a file with a fresh key, or turns one: a fresh key is added that seals from `fromSeconds` on, and keys go that open nothing any
    /// more, or are the oldest of too many. The file is written beside, flushed, and renamed into its place, for its owner alone.
    ///
    /// @param memory           [#BYTES], locked; zero afterwards
    /// @param nowSeconds       since 1970
    /// @param fromSeconds      from when the fresh key seals, so that every process has read the file by then: now or later
    /// @param lifetimeSeconds  for how long it opens after it was followed by another: a ticket's lifetime, 1..[#LIFETIME_SECONDS_MAX]
    /// @return keys in the file
    /// @throws IOException               the file cannot be read or written
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public static int turn(Path file, MemorySegment memory, Entropy entropy, long nowSeconds, long fromSeconds, int lifetimeSeconds)
            throws IOException {
        TlsSizes.range("lifetimeSeconds", lifetimeSeconds, 1, LIFETIME_SECONDS_MAX);
        TlsSizes.range("fromSeconds", fromSeconds, nowSeconds, Long.MAX_VALUE / 4);
        try (TicketKeys keys = new TicketKeys(memory, entropy, file, lifetimeSeconds)) {
            if (java.nio.file.Files.exists(file)) {
                keys.again();
            }
            keys.add(nowSeconds, fromSeconds, Long.MAX_VALUE / 4);
            int count = keys.count();
            MemorySegment.copy(memory, 0, memory, KEYS_BYTES + TicketKeyFile.HEAD_BYTES, (long) count * ENTRY_BYTES);
            TicketKeyFile.write(file, memory, KEYS_BYTES, count);
            return count;
        }
    }

    /// Puts a fresh key in front, which is the newest; the one before it opens for a lifetime more.
    private void add(long now, long from, long until) {
        for (int i = 0; i < KEYS_MAX; i++) {
            long at = (long) i * ENTRY_BYTES;
            long ends = Math.min(BigEndian.i64(memory, at + UNTIL), from + lifetimeSeconds);
            BigEndian.i64(memory, at + UNTIL, isThere(at) ? ends : 0);
            if (BigEndian.i64(memory, at + UNTIL) <= now) {
                Wipe.bytes(memory, at, ENTRY_BYTES);
            }
        }
        close(KEYS_MAX - 1);
        MemorySegment.copy(memory, 0, memory, ENTRY_BYTES, KEYS_BYTES - ENTRY_BYTES);
        entropy.fill(memory, KEY, KEY_BYTES);
        entropy.fill(memory, NAME, NAME_BYTES);
        BigEndian.i64(memory, FROM, from);
        BigEndian.i64(memory, UNTIL, until);
    }

    /// Moves keys together, so that the first `kept` places hold what there is as far as it fits; the oldest are last and go.
    private void close(int kept) {
        int to = 0;
        for (int i = 0; i < KEYS_MAX; i++) {
            long at = (long) i * ENTRY_BYTES;
            if (isThere(at) && to < kept) {
                if (i != to) {
                    MemorySegment.copy(memory, at, memory, (long) to * ENTRY_BYTES, ENTRY_BYTES);
                }
                to++;
            }
        }
        Wipe.bytes(memory, (long) to * ENTRY_BYTES, (long) (KEYS_MAX - to) * ENTRY_BYTES);
    }

    private boolean isThere(long at) {
        return BigEndian.i64(memory, at + UNTIL) > 0;
    }

    private int count() {
        int count = 0;
        while (count < KEYS_MAX && isThere((long) count * ENTRY_BYTES)) {
            count++;
        }
        return count;
    }

    /// {@return which keys there are: another number where they are others. Keys of our own are turned where it is time}
    int version(long nowSeconds) {
        if (file == null && nowSeconds >= turnsAt) {
            turnOwn(nowSeconds);
        }
        return version;
    }

    private synchronized void turnOwn(long nowSeconds) {
        if (!closed && nowSeconds >= turnsAt) {
            int seals = Math.max(1, lifetimeSeconds / 2);
            add(nowSeconds, nowSeconds, nowSeconds + seals + lifetimeSeconds);
            turnsAt = nowSeconds + seals;
            version++;
        }
    }

    /// Copies all keys to where a loop uses them.
    ///
    /// @param target  room for [#KEYS_BYTES], locked
    synchronized void copyTo(MemorySegment target, long at) {
        MemorySegment.copy(memory, 0, target, at, KEYS_BYTES);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("ticket keys: closed");
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
        return "TicketKeys[" + (file == null ? "of this process" : "of " + file) + "]";
    }
}
