package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How the clients of one loop resume (RFC 8446, sections 2.2, 4.2.11 and 4.6.1): offers a session of the store in a hello, with its
/// binder, and keeps what a server's tickets say. One a loop; a session that is offered lies in its handshake's slot, a connection's
/// resumption secret in a place of its own until the connection ends. The loop's thread alone; 0 heap bytes.
final class ClientResumption {
    /// Bytes of a connection's place: its resumption secret.
    static final int CONNECTION_BYTES = 64;
    /// Bytes that an offer adds to a hello: modes; that early data comes; the extension with one identity, its age, and one binder.
    static final int OFFER_BYTES_MAX = 6 + 4 + 4 + 2 + 2 + SessionStore.TICKET_BYTES_MAX + 4 + 2 + 1 + KeySchedule.SECRET_BYTES_MAX;

    /// A ticket's message that may come in pieces: lifetime, age_add, nonce, ticket, extensions, of which one is known.
    private static final int GATHERED_BYTES = 4 + 4 + 1 + 255 + 2 + SessionStore.TICKET_BYTES_MAX + 2 + 64;
    private static final int NOBODY = -1;
    private static final int LIFETIME_SECONDS_MAX = TicketKeys.LIFETIME_SECONDS_MAX;
    /// Of a ticket's message: lifetime, age_add, an empty nonce, a ticket of one byte, no extension.
    private static final int TICKET_BYTES_MIN = 4 + 4 + 1 + 2 + 1 + 2;

    // The memory.
    private static final long HOST = Align.up(Hash.STATE_BYTES_MAX, Long.BYTES);  // digest of a host
    private static final long STORE = Align.up(HOST + SessionStore.HOST_BYTES, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final SessionStore store;
    private final long gathered;             // a ticket's message that comes in pieces, where sessions are kept
    private int gathers = NOBODY;            // which connection's
    private boolean oddEarly;
    private final long connections;
    private final ClientContext context;

    /// @param memory  [#memoryBytes], locked, zero
    ClientResumption(ClientContext context, int sessions, MemorySegment memory) {
        this.context = context;
        this.memory = memory;
        long storeBytes = (long) sessions * SessionStore.ENTRY_BYTES;
        this.store = new SessionStore(memory.asSlice(STORE, storeBytes), sessions);
        this.gathered = STORE + storeBytes;
        this.connections = gathered + gatheredBytes(sessions);
    }

    private static long gatheredBytes(int sessions) {
        return sessions == 0 ? 0 : GATHERED_BYTES;
    }

    /// {@return bytes of the memory: a digest under way, the sessions, a message in pieces, the connections' secrets}
    static long memoryBytes(int connections, int sessions) {
        return STORE + (long) sessions * SessionStore.ENTRY_BYTES + gatheredBytes(sessions) + (long) connections * CONNECTION_BYTES;
    }

    SessionStore store() {
        return store;
    }

    boolean isOn() {
        return store.capacity() > 0;
    }

    /// {@return the memory of the connections' secrets}
    MemorySegment memory() {
        return memory;
    }

    /// {@return where a connection's resumption secret lies}
    long secretAt(int connection) {
        return connections + (long) connection * CONNECTION_BYTES;
    }

    /// A connection has ended: its secret is wiped.
    void forget(int connection) {
        if (memory.scope().isAlive()) {
            if (gathers == connection) {
                gathers(NOBODY);
            }
            Wipe.bytes(memory, secretAt(connection), CONNECTION_BYTES);
        }
    }

    private static long millis(long nowNanos) {
        return nowNanos / 1_000_000 + (1L << 42);  // never 0, whatever the clock begins with
    }

    /// Sessions are of a host, and of a version of QUIC (RFC 9369, section 5).
    private void digest(MemorySegment host, @Nullable QuicTransport quic, MemorySegment target, long at) {
        Hash.SHA_256.hash(memory, 0, host, 0, host.byteSize(), target, at);
        ServerResumption.mix(target, at, quic);
    }

    /// Takes a session for a host out of the store, or one that its keeper offers.
    ///
    /// @param quic   who carries the connection without records, or null
    /// @param offer  room for [SessionStore#ENTRY_BYTES] in the slot
    /// @return whether there is one that fits what the client speaks
    boolean take(@Nullable SessionKeeper keeper, MemorySegment host, @Nullable QuicTransport quic, MemorySegment slot, long offer, long nowNanos) {
        if (!isOn()) {
            return false;
        }
        if (keeper != null) {
            boolean offered = keeper.offer(slot, offer) && millis(nowNanos) < BigEndian.i64(slot, offer + SessionStore.UNTIL);
            if (!offered) {
                Wipe.bytes(slot, offer, SessionStore.ENTRY_BYTES);
            }
            return offered;
        }
        digest(host, quic, slot, offer);
        return store.take(slot, offer, offer, millis(nowNanos));
    }

    /// {@return the suite of an offer, by its place in the configuration; below 0 where the client does not offer it any more}
    int suiteOf(MemorySegment slot, long offer) {
        return suiteOf(BigEndian.u16(slot, offer + SessionStore.SUITE));
    }

    /// {@return a suite's place in the configuration, by its number on the wire; below 0 where it has none}
    int suiteOf(int code) {
        for (int i = 0; i < context.config().suites().size(); i++) {
            if (context.config().suites().get(i).code() == code) {
                return i;
            }
        }
        return -1;
    }

    /// Writes how a key may be used (section 4.2.9): with a key exchange.
    ///
    /// @return where the next extension goes
    static long modes(MemorySegment slot, long from) {
        long p = ClientHelloWriter.head(slot, from, Wire.PSK_MODES, 2);
        Wire.u8(slot, p, 1);
        Wire.u8(slot, p + 1, Wire.PSK_DHE_KE);
        return p + 2;
    }

    /// Writes the offer, which is the last extension, with room for its binder.
    ///
    /// @return behind it
    long offer(MemorySegment slot, long from, long offer, int binderBytes, long nowNanos) {
        int length = BigEndian.u16(slot, offer + SessionStore.LENGTH);
        long p = ClientHelloWriter.head(slot, from, Wire.PRE_SHARED_KEY, 2 + 2 + length + 4 + bindersBytes(binderBytes));
        BigEndian.u16(slot, p, 2 + length + 4);
        BigEndian.u16(slot, p + 2, length);
        MemorySegment.copy(slot, offer + SessionStore.TICKET, slot, p + 4, length);
        p += 4 + length;
        long age = millis(nowNanos) - BigEndian.i64(slot, offer + SessionStore.RECEIVED);
        BigEndian.i32(slot, p, (int) age + BigEndian.i32(slot, offer + SessionStore.AGE_ADD));
        BigEndian.u16(slot, p + 4, 1 + binderBytes);
        Wire.u8(slot, p + 6, binderBytes);
        return p + 7 + binderBytes;
    }

    /// {@return bytes of a list of one binder}
    static int bindersBytes(int binderBytes) {
        return 2 + 1 + binderBytes;
    }

    private void gathers(int connection) {
        Wipe.bytes(memory, gathered, GATHERED_BYTES);
        gathers = connection;
    }

    /// A piece came of a message with a ticket. There is room for one at a time: who begins one has it, and what was begun before is passed over, like a message that is too
    /// long.
    ///
    /// @param before  bytes of the message's body that came before
    /// @param total   all of them
    /// @return where the whole body is now, in [#memory], until [#forgetGathered]; below 0 where it is not
    long gather(int connection, MemorySegment from, long at, int length, int before, int total) {
        if (before == 0 && isOn() && total <= GATHERED_BYTES) {
            gathers(connection);
        }
        if (gathers != connection) {
            return -1;
        }
        MemorySegment.copy(from, at, memory, gathered + before, length);
        return before + length == total ? gathered : -1;
    }

    void forgetGathered() {
        gathers(NOBODY);
    }

    /// A message with a ticket came: it is kept, or passed over where it is not for us.
    ///
    /// @param keeper      who keeps it in the place of the store, or null
    /// @param host        whom the connection is to
    /// @param connection  its ordinal
    /// @param quic        who carries the connection without records, or null
    /// @param at          of the message's body
    /// @param ends        when nothing of this authentication is resumed any more, of [#ends]
    /// @return null, or why the connection fails
    @Nullable
    Alert onTicket(@Nullable SessionKeeper keeper, MemorySegment host, int connection, CipherSuite suite, KeySchedule schedule, int protocol, long ends,
            @Nullable QuicTransport quic, MemorySegment from, long at, int length, long nowNanos) {
        oddEarly = false;
        long end = at + length;
        int nonce = length < TICKET_BYTES_MIN ? -1 : Wire.u8(from, at + 8);
        long ticketAt = at + 9 + nonce + 2;
        if (nonce < 0 || ticketAt > end) {
            return Alert.DECODE_ERROR;
        }
        int bytes = BigEndian.u16(from, ticketAt - 2);
        if (bytes == 0 || end - ticketAt < bytes + 2 || BigEndian.u16(from, ticketAt + bytes) != end - ticketAt - bytes - 2) {
            return Alert.DECODE_ERROR;
        }
        Alert refused = context.kinds().check(from, ticketAt + bytes + 2, end, Wire.EARLY_DATA);
        if (refused != null) {
            return refused;
        }
        long earlyAt = early(from, ticketAt + bytes + 2, end);
        if (earlyAt > 0 && BigEndian.u16(from, earlyAt) != Integer.BYTES) {
            return Alert.DECODE_ERROR;
        }
        if (quic != null && earlyAt > 0 && BigEndian.i32(from, earlyAt + 2) != ServerResumption.ANY_BYTES) {
            oddEarly = true;
            return Alert.ILLEGAL_PARAMETER;  // RFC 9001, section 4.6.1
        }
        long seconds = Integer.toUnsignedLong(BigEndian.i32(from, at));
        if (seconds > LIFETIME_SECONDS_MAX) {
            return Alert.ILLEGAL_PARAMETER;
        }
        long now = millis(nowNanos);
        long until = Math.min(now + seconds * 1000, ends);
        if (until <= now || bytes > SessionStore.TICKET_BYTES_MAX || !isOn()) {
            return null;
        }
        MemorySegment entries = store.memory();
        digest(host, quic, memory, HOST);
        long entry = store.place(memory, HOST);
        MemorySegment.copy(memory, HOST, entries, entry + SessionStore.HOST, SessionStore.HOST_BYTES);
        Wipe.bytes(memory, HOST, SessionStore.HOST_BYTES);
        schedule.resumption(memory, secretAt(connection), from, at + 9, nonce, entries, entry + SessionStore.PSK);
        BigEndian.i64(entries, entry + SessionStore.UNTIL, until);
        BigEndian.i64(entries, entry + SessionStore.ENDS, ends);
        BigEndian.i32(entries, entry + SessionStore.AGE_ADD, BigEndian.i32(from, at + 4));
        BigEndian.u16(entries, entry + SessionStore.SUITE, suite.code());
        BigEndian.u16(entries, entry + SessionStore.LENGTH, bytes);
        BigEndian.i32(entries, entry + SessionStore.EARLY, earlyAt > 0 ? BigEndian.i32(from, earlyAt + 2) : 0);
        BigEndian.u16(entries, entry + SessionStore.PROTOCOL, protocol);
        MemorySegment.copy(from, ticketAt, entries, entry + SessionStore.TICKET, bytes);
        if (quic != null) {
            SessionStore.keepTerms(entries, entry, quic);
        }
        BigEndian.i64(entries, entry + SessionStore.RECEIVED, now);  // from here on it is there
        if (keeper != null) {
            try {
                keeper.keep(entries, entry);
            } finally {
                Wipe.bytes(entries, entry, SessionStore.ENTRY_BYTES);
            }
        }
        return null;
    }

    /// {@return whether the last message was refused since a server that QUIC carries named a number of bytes for early data}
    boolean isOddEarly() {
        return oddEarly;
    }

    /// {@return where the body of the extension about early data is, its length in front; 0 where there is none in a list that is sound}
    private static long early(MemorySegment memory, long from, long end) {
        for (long p = from; p < end; p += 4 + BigEndian.u16(memory, p + 2)) {
            if (BigEndian.u16(memory, p) == Wire.EARLY_DATA) {
                return p + 2;
            }
        }
        return 0;
    }

    /// {@return when nothing is resumed any more that begins with an authentication of now: seven days on}
    static long ends(long nowNanos) {
        return millis(nowNanos) + LIFETIME_SECONDS_MAX * 1000L;
    }

    /// Wipes everything.
    void wipe() {
        if (memory.scope().isAlive()) {
            Wipe.segment(memory);
        }
    }
}
