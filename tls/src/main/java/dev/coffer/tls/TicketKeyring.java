package dev.coffer.tls;

import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One loop's own copy of [TicketKeys]: which seals now, and which a name names. It is renewed when they are turned, and wiped when they are closed.
///
/// A ring may be for another purpose than tickets, such as the tokens of QUIC (RFC 9000, section 8.1): its keys are derived from theirs by a label of
/// its own (HKDF-Expand-Label with SHA-256), so that what is sealed for one purpose opens for no other, and one file of keys serves all.
///
/// The loop's thread alone; 0 heap bytes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class TicketKeyring {
    /// Bytes of the memory of a ring.
    public static final long BYTES = TicketKeys.BYTES;
    /// Bytes that keys are derived in.
    public static final long WORKSPACE_BYTES = Hkdf.SHA_256.workspaceBytes();
    /// Bytes of the name that a key has.
    public static final int NAME_BYTES = TicketKeys.NAME_BYTES;
    /// Bytes of a key.
    public static final int KEY_BYTES = TicketKeys.KEY_BYTES;
    /// No key.
    public static final long NONE = -1;

    private final MemorySegment memory;
    private final long at;
    private final MemorySegment label;      // of length 0: the keys as they are
    private final MemorySegment workspace;  // of length 0 with it
    private final long workspaceAt;
    private @Nullable TicketKeys keys;
    private int version;                // of what was copied

    /// The keys as they are: of tickets.
    ///
    /// @param memory  [#BYTES] from `at`, locked, off the heap
    TicketKeyring(MemorySegment memory, long at) {
        this(memory, at, MemorySegment.NULL, MemorySegment.NULL, 0);
    }

    /// @param memory     [#BYTES] from `at`, locked, off the heap
    /// @param label      of the purpose, 1 to [Hkdf#LABEL_BYTES_MAX] bytes
    /// @param workspace  [#WORKSPACE_BYTES] from `workspaceAt`, off the heap; zero between calls
    /// @throws IndexOutOfBoundsException  less memory (caller's fault)
    public TicketKeyring(MemorySegment memory, long at, MemorySegment label, MemorySegment workspace, long workspaceAt) {
        this.memory = memory;
        this.at = at;
        this.label = label;
        this.workspace = workspace;
        this.workspaceAt = workspaceAt;
        Wipe.bytes(memory, at, BYTES);
    }

    /// Copies other keys from here on; null: there is none.
    public void of(@Nullable TicketKeys other) {
        Wipe.bytes(memory, at, TicketKeys.BYTES);
        keys = other;
        version = 0;  // of keys that were never copied
    }

    /// {@return whether there are keys, which are the newest from here on}
    public boolean isOn(long nowSeconds) {
        TicketKeys of = keys;
        if (of == null) {
            return false;
        }
        int now = of.version(nowSeconds);
        if (now != version) {
            of.copyTo(memory, at);
            version = 0;  // a copy that is not derived whole is made again
            if (label.byteSize() > 0) {
                derive();
            }
            version = now;
        }
        return true;
    }

    private void derive() {
        boolean whole = false;
        try {
            for (int i = 0; i < TicketKeys.KEYS_MAX; i++) {
                long key = at + (long) i * TicketKeys.ENTRY_BYTES + TicketKeys.KEY;
                Hkdf.SHA_256.expandLabel(workspace, workspaceAt, memory, key, label, 0, (int) label.byteSize(), label, 0, 0, memory, key, KEY_BYTES);
            }
            whole = true;
        } finally {
            if (!whole) {
                Wipe.bytes(memory, at, BYTES);
            }
        }
    }

    /// {@return which key seals, as an offset in the memory: the newest whose time has come; [#NONE] where there is none}
    public long sealing(long nowSeconds) {
        long found = NONE;
        for (int i = 0; i < TicketKeys.KEYS_MAX; i++) {
            long entry = at + (long) i * TicketKeys.ENTRY_BYTES;
            long from = BigEndian.i64(memory, entry + TicketKeys.FROM);
            if (from <= nowSeconds && nowSeconds < until(entry) && (found < 0 || from > BigEndian.i64(memory, found + TicketKeys.FROM))) {
                found = entry;
            }
        }
        return found;
    }

    /// {@return which key has that name and opens still; [#NONE] where there is none}
    ///
    /// @param name  [#NAME_BYTES] of it
    public long named(MemorySegment name, long nameAt, long nowSeconds) {
        for (int i = 0; i < TicketKeys.KEYS_MAX; i++) {
            long entry = at + (long) i * TicketKeys.ENTRY_BYTES;
            if (until(entry) > nowSeconds && MemorySegment.mismatch(memory, entry, entry + NAME_BYTES, name, nameAt, nameAt + NAME_BYTES) < 0) {
                return entry;
            }
        }
        return NONE;
    }

    /// {@return until when a key opens, in seconds since 1970}
    public long until(long entry) {
        return BigEndian.i64(memory, entry + TicketKeys.UNTIL);
    }

    /// {@return the memory of names and keys}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return offset of a key's name}
    public static long nameAt(long entry) {
        return entry + TicketKeys.NAME;
    }

    /// {@return offset of a key}
    public static long keyAt(long entry) {
        return entry + TicketKeys.KEY;
    }

    /// Forgets what was copied; the next look copies anew. Twice is harmless.
    public void wipe() {
        Wipe.bytes(memory, at, BYTES);
        version = 0;
    }

    @Override
    public String toString() {
        return "TicketKeyring[" + (keys == null ? "no keys" : keys.toString()) + "]";
    }
}
