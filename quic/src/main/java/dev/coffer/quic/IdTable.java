package dev.coffer.quic;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.packet.ConnectionId;
import java.lang.foreign.MemorySegment;

/// Whose connection ID that is: each ID that the connections of an endpoint have given, and the one that each client chose for its first packets. Open addressing
/// with 8 bytes an entry; the IDs themselves lie with their connections, and an entry has 32 bits of their hash.
///
/// ```
///   entry    0: tag u32 | 4: connection, which of its IDs, + 1; 0 for none
///   behind:  tags of what clients chose, u32 a connection
/// ```
///
/// Some IDs are the clients' choice, so the hash has a key ([SipHash]). At most three quarters of the entries are used, as each connection has so many at most: never full.
///
/// What a client chose is known until its connection is over, when nobody holds the ID any more too: by the tag alone then. So a copy of its first packet that comes
/// late begins no second connection; that another client's choice has the same tag is as likely as 1 in 2^32 for each connection.
///
/// One thread at a time; 0 heap bytes after construction.
final class IdTable {
    /// Nobody's.
    static final int NONE = -1;
    /// Which of its IDs: the one that the client chose. Those below are of [ConnectionLayout#LOCAL_IDS].
    static final int ORIGINAL = 3;
    private static final int WHICH_BITS = 2;
    private static final long ENTRY_BYTES = 8;

    private final MemorySegment memory;
    private final long entries;
    private final int mask;
    private final long tags;
    private final long key;
    private final Connection[] connections;
    private int used;

    /// @param memory       zero, for [#bytes] from `at`; the first [SipHash#KEY_BYTES] are the key, which is the caller's to fill
    /// @param connections  by their numbers
    IdTable(MemorySegment memory, long at, Connection[] connections) {
        this.memory = memory;
        this.connections = connections;
        this.key = at;
        this.entries = at + Align.CACHE_LINE_BYTES;
        this.mask = entries(connections.length) - 1;
        this.tags = entries + (mask + 1) * ENTRY_BYTES;
    }

    private static int entries(int connections) {
        int most = Math.multiplyExact(connections, ConnectionLayout.LOCAL_IDS + 1);
        return Integer.highestOneBit((most * 4 + 2) / 3 - 1) << 1;
    }

    /// {@return bytes for so many connections}
    static long bytes(int connections) {
        return Align.CACHE_LINE_BYTES + Align.up(entries(connections) * ENTRY_BYTES + (long) connections * Integer.BYTES, Align.CACHE_LINE_BYTES);
    }

    private int tag(MemorySegment id, long at, int length) {
        return (int) SipHash.of(memory, key, id, at, length);
    }

    private long entry(int index) {
        return entries + (index & mask) * ENTRY_BYTES;
    }

    private int owner(int index) {
        return LittleEndian.i32(memory, entry(index) + Integer.BYTES);
    }

    private int tagAt(int index) {
        return LittleEndian.i32(memory, entry(index));
    }

    /// {@return connection << 2 | which, or [#NONE]}
    int find(MemorySegment id, long at, int length) {
        int tag = tag(id, at, length);
        for (int index = tag; owner(index) != 0; index++) {
            if (tagAt(index) == tag && is(owner(index) - 1, id, at, length)) {
                return owner(index) - 1;
            }
        }
        return NONE;
    }

    static int connection(int found) {
        return found >> WHICH_BITS;
    }

    static int which(int found) {
        return found & (1 << WHICH_BITS) - 1;
    }

    private boolean is(int owner, MemorySegment id, long at, int length) {
        Connection c = connections[connection(owner)];
        int which = which(owner);
        return which != ORIGINAL ? ConnectionId.matches(c.memory, LocalIds.at(c, which), id, at, length)
                : c.handshakeAt < 0 || ConnectionId.matches(c.memory, c.firstIdAt(), id, at, length);
    }

    /// Notes an ID, which nobody has.
    void add(int connection, int which, MemorySegment id, long at, int length) {
        int tag = tag(id, at, length);
        int index = tag;
        while (owner(index) != 0) {
            index++;
        }
        LittleEndian.i32(memory, entry(index), tag);
        LittleEndian.i32(memory, entry(index) + Integer.BYTES, (connection << WHICH_BITS | which) + 1);
        if (which == ORIGINAL) {
            LittleEndian.i32(memory, tags + (long) connection * Integer.BYTES, tag);
        }
        used++;
        assert used * 4L <= (mask + 1) * 3L : used + " IDs";
    }

    /// Forgets an ID of ours.
    void remove(int connection, int which, MemorySegment id, long at, int length) {
        remove(connection, which, tag(id, at, length));
    }

    /// Forgets what a client chose; harmless where it is not known.
    void removeOriginal(int connection) {
        long at = tags + (long) connection * Integer.BYTES;
        remove(connection, ORIGINAL, LittleEndian.i32(memory, at));
        LittleEndian.i32(memory, at, 0);
    }

    private void remove(int connection, int which, int tag) {
        int owner = (connection << WHICH_BITS | which) + 1;
        int index = tag;
        while (owner(index) != owner) {
            if (owner(index) == 0) {
                return;
            }
            index++;
        }
        close(index);
        used--;
    }

    /// Moves what lies behind an entry that is gone, as far as it would not be found otherwise.
    private void close(int index) {
        int hole = index;
        for (int next = hole + 1; owner(next) != 0; next++) {
            if ((next - tagAt(next) & mask) >= (next - hole & mask)) {  // it lies at least as far from where it belongs as from the hole
                LittleEndian.i64(memory, entry(hole), LittleEndian.i64(memory, entry(next)));
                hole = next;
            }
        }
        LittleEndian.i64(memory, entry(hole), 0);
    }

    /// {@return IDs that are known}
    int used() {
        return used;
    }

    /// For tests.
    void checkInvariants() {
        int count = 0;
        for (int index = 0; index <= mask; index++) {
            if (owner(index) != 0) {
                count++;
                for (int between = tagAt(index); (between & mask) != index; between++) {
                    assert owner(between) != 0 : "a hole in front of entry " + index;
                }
            }
        }
        assert count == used : count + " entries, counted " + used;
    }
}
