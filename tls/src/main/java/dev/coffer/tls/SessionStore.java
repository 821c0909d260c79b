package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// Sessions that the clients of one loop may resume (RFC 8446, sections 2.2 and 4.6.1): a bounded table over planned memory, each entry a ticket
/// and its key, under the host that gave it. The verifier is the context's, so who is resumed with is who it has trusted.
///
/// A session is used once ([#take]): who sees two connections cannot tell by their tickets that one client opened both (appendix C.4). The
/// newest of a host goes first; what is too old is never offered. **Full**: the oldest entry of all makes room, of a host that has many its own oldest. The loop's thread alone;
/// 0 heap bytes.
final class SessionStore {
    /// Bytes of the longest ticket that is kept; a longer one is passed over. OpenSSL's are some 200, with a client's certificate in them some
    /// 1,000.
    static final int TICKET_BYTES_MAX = 1280;
    static final int HOST_BYTES = 32;
    /// Sessions of one host at most: its next one goes into the place of its own oldest, so that no server drives out what others gave.
    static final int HOST_ENTRIES_MAX = 4;

    // An entry.
    static final long HOST = 0;                                   // digest of the name or address
    static final long PSK = HOST + HOST_BYTES;
    static final long RECEIVED = PSK + KeySchedule.SECRET_BYTES_MAX;  // i64, ms of the clients' clock; 0: free
    static final long UNTIL = RECEIVED + Long.BYTES;
    static final long ENDS = UNTIL + Long.BYTES;                  // when nothing of this authentication is resumed any more
    static final long AGE_ADD = ENDS + Long.BYTES;                // u32
    static final long SUITE = AGE_ADD + 4;                        // u16, as on the wire
    static final long LENGTH = SUITE + 2;                         // u16, of the ticket
    static final long EARLY = LENGTH + 2;                         // u32, bytes of early data that the server takes
    static final long PROTOCOL = EARLY + 4;                       // i16, by its place in the configuration
    static final long TERMS_LENGTH = PROTOCOL + 2;                // u16, of QUIC's terms, behind the ticket
    static final long TICKET = TERMS_LENGTH + 2;
    /// Bytes of an entry.
    static final int ENTRY_BYTES = (int) TICKET + TICKET_BYTES_MAX;

    private final MemorySegment memory;
    private final int count;

    /// @param memory  `count` times [#ENTRY_BYTES], locked, zero
    SessionStore(MemorySegment memory, int count) {
        this.memory = memory;
        this.count = count;
    }

    /// {@return where a host's entry is to be filled in, wiped: a free one or the oldest; its own oldest, where it has as many as it may}
    long place(MemorySegment host, long hostAt) {
        long oldest = 0;
        long own = -1;
        int owns = 0;
        for (int i = 0; i < count; i++) {
            long at = (long) i * ENTRY_BYTES;
            oldest = older(at, oldest);
            if (isOf(host, hostAt, at)) {
                own = own < 0 ? at : older(at, own);
                owns++;
            }
        }
        long place = owns < HOST_ENTRIES_MAX ? oldest : own;
        Wipe.bytes(memory, place, ENTRY_BYTES);
        return place;
    }

    private long older(long at, long other) {
        return BigEndian.i64(memory, at + RECEIVED) < BigEndian.i64(memory, other + RECEIVED) ? at : other;
    }

    private boolean isOf(MemorySegment host, long hostAt, long at) {
        return BigEndian.i64(memory, at + RECEIVED) != 0
                && MemorySegment.mismatch(memory, at + HOST, at + HOST + HOST_BYTES, host, hostAt, hostAt + HOST_BYTES) < 0;
    }

    /// Keeps the terms of a session's early data behind its ticket; where there are none, or no room, nothing will be said early.
    static void keepTerms(MemorySegment memory, long entry, QuicTransport of) {
        long terms = entry + TICKET + BigEndian.u16(memory, entry + LENGTH);
        int length = entry + ENTRY_BYTES - terms < QuicTransport.TERMS_BYTES_MAX ? 0 : of.terms(memory, terms);
        TlsSizes.range("bytes of terms", length, 0, QuicTransport.TERMS_BYTES_MAX);
        BigEndian.u16(memory, entry + TERMS_LENGTH, length);
        if (length == 0) {
            BigEndian.i32(memory, entry + EARLY, 0);
        }
    }

    static void tellTerms(MemorySegment memory, long entry, QuicTransport to) {
        to.onTerms(memory, entry + TICKET + BigEndian.u16(memory, entry + LENGTH), BigEndian.u16(memory, entry + TERMS_LENGTH));
    }

    /// Forgets all sessions.
    void wipe() {
        Wipe.bytes(memory, 0, (long) count * ENTRY_BYTES);
    }

    MemorySegment memory() {
        return memory;
    }

    int capacity() {
        return count;
    }

    /// Takes a host's newest session out of the table.
    ///
    /// @param host    its digest, in `target`
    /// @param target  room for [#ENTRY_BYTES]
    /// @return whether there was one; where there was none nothing is written
    boolean take(MemorySegment target, long host, long targetAt, long nowMillis) {
        long newest = -1;
        for (int i = 0; i < count; i++) {
            long at = (long) i * ENTRY_BYTES;
            long received = BigEndian.i64(memory, at + RECEIVED);
            if (!isOf(target, host, at)) {
                continue;
            }
            if (nowMillis >= BigEndian.i64(memory, at + UNTIL)) {
                Wipe.bytes(memory, at, ENTRY_BYTES);
            } else if (newest < 0 || received >= BigEndian.i64(memory, newest + RECEIVED)) {
                newest = at;
            }
        }
        if (newest < 0) {
            return false;
        }
        MemorySegment.copy(memory, newest, target, targetAt, ENTRY_BYTES);
        Wipe.bytes(memory, newest, ENTRY_BYTES);
        return true;
    }

    /// {@return sessions that are kept}
    int used() {
        int used = 0;
        for (int i = 0; i < count; i++) {
            used += BigEndian.i64(memory, (long) i * ENTRY_BYTES + RECEIVED) == 0 ? 0 : 1;
        }
        return used;
    }
}
