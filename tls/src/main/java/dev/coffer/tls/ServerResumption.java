package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How the servers of one loop resume (RFC 8446, sections 2.2, 4.2.11 and 4.6.1): finds the key that a hello offers and that may be
/// taken, verifies its binder, and writes the tickets behind a handshake. One a loop; what is a handshake's own lies in its slot.
///
/// A key is taken if its ticket opens ([Tickets]), the hash of its suite is the chosen one's, and the client asks under the same name
/// for the same protocol as it did then. Of several the first counts, and its binder alone is verified. The loop's thread alone; 0 heap bytes.
final class ServerResumption {
    // What a handshake remembers of its own for its tickets, in its slot.
    private static final long NAME = 0;                           // digest of the name that is asked for; zero for none
    private static final long PEER = NAME + Tickets.DIGEST_BYTES;  // of the client's key; zero for none
    private static final long ENDS = PEER + Tickets.DIGEST_BYTES;  // i64, ms: when nothing of this authentication is resumed any more
    private static final long FLAGS = ENDS + Long.BYTES;           // i64
    private static final long POLICY = FLAGS + Long.BYTES;         // i64: under which the client is verified
    /// Bytes of it.
    static final int SLOT_BYTES = (int) POLICY + Long.BYTES;

    /// No key is taken.
    static final int NONE = -1;
    /// The binder is wrong.
    static final int FORGED = -2;

    /// What QUIC says in the place of a number of bytes, which its own limits bound (RFC 9001, section 4.6.1).
    static final int ANY_BYTES = 0xffffffff;

    /// Bytes of the extension that lets a client say something early: kind, length, bytes u32.
    private static final int EARLY_BYTES = 4 + Integer.BYTES;
    /// Bytes of a message with a ticket at most: header, lifetime, age_add, a nonce of one byte, the ticket, one extension.
    static final int MESSAGE_BYTES = Wire.MESSAGE_HEADER_BYTES + 4 + 4 + 1 + 1 + 2 + Tickets.BYTES + 2 + EARLY_BYTES;

    // The memory.
    private static final long BINDER = 0;
    private static final long HASH = BINDER + 64;
    private static final long LOWER = HASH + Align.up(Hash.STATE_BYTES_MAX, Align.CACHE_LINE_BYTES);  // a name
    private static final int NAME_BYTES_MAX = 256;                // or QUIC's terms
    private static final long TICKETS = LOWER + NAME_BYTES_MAX;
    /// Bytes of the memory.
    static final long MEMORY_BYTES = TICKETS + Tickets.MEMORY_BYTES;

    /// {@return bytes of the memory with a client's key for each connection behind, where clients are asked who they are, or were so elsewhere}
    static long memoryBytes(TlsServerConfig config) {
        boolean known = config.clientAuthentication() != ClientAuthentication.NONE || config.handshakes() == 0;
        return MEMORY_BYTES + (known ? (long) config.connections() * ClientVerifier.KEY_BYTES : 0);
    }

    private final TicketConfig config;
    private final MemorySegment memory;
    private final Entropy entropy;
    private final Tickets tickets;
    private final MemorySegment protocolDigests;  // by place in the configuration; public
    private final ClientAuthentication authentication;
    private ServerContext.@Nullable KnownClients known;
    private @Nullable ReplayGuard guard;          // null: nothing is taken early
    private boolean early;                        // of the hello that was looked at last: what it says early is taken
    private long policy;                          // under which clients are verified from here on; 0 where they are not asked
    private long millisAhead;                     // of 1970's clock before the engines'

    /// @param memory  [#MEMORY_BYTES], locked
    ServerResumption(TlsServerConfig of, MemorySegment[] protocols, long policy, MemorySegment memory, Entropy entropy) {
        this.config = of.tickets();
        this.authentication = of.clientAuthentication();
        this.policy = policy;
        this.memory = memory;
        this.entropy = entropy;
        this.tickets = new Tickets(memory.asSlice(TICKETS, Tickets.MEMORY_BYTES), entropy);
        this.protocolDigests = MemorySegment.ofArray(new byte[(protocols.length + 1) * Tickets.DIGEST_BYTES]);
        for (int i = 0; i < protocols.length; i++) {
            Hash.SHA_256.hash(memory, HASH, protocols[i], 0, protocols[i].byteSize(), protocolDigests, protocolAt(i));
        }
    }

    MemorySegment memory() {
        return memory;
    }

    void keys(@Nullable TicketKeys of) {
        tickets.keys(of);
    }

    void guard(@Nullable ReplayGuard of) {
        guard = of;
    }

    void policy(long of) {
        policy = of;
    }

    void known(ServerContext.@Nullable KnownClients of) {
        known = of;
    }

    void clock(long nowNanos, long epochMillis) {
        millisAhead = epochMillis - nowNanos / 1_000_000;
    }

    /// {@return the time of day}
    long millis(long nowNanos) {
        return nowNanos / 1_000_000 + millisAhead;
    }

    /// {@return where a protocol's digest lies; of none, below 0, all is zero}
    private static long protocolAt(int protocol) {
        return (protocol + 1L) * Tickets.DIGEST_BYTES;
    }

    /// Begins for a hello: remembers the name that it asks for.
    ///
    /// @param slot  [#SLOT_BYTES]
    void begin(ClientHello hello, MemorySegment slot, long slotAt) {
        Wipe.bytes(slot, slotAt, SLOT_BYTES);
        BigEndian.i64(slot, slotAt + ENDS, Long.MAX_VALUE);
        BigEndian.i64(slot, slotAt + POLICY, policy);
        int length = Math.min(hello.nameBytes(), NAME_BYTES_MAX);  // longer ones are nobody's
        for (int i = 0; i < length; i++) {
            int c = Wire.u8(hello.memory(), hello.nameAt() + i);
            Wire.u8(memory, LOWER + i, c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }
        if (length > 0) {
            Hash.SHA_256.hash(memory, HASH, memory, LOWER, length, slot, slotAt + NAME);
        }
        Wipe.bytes(memory, LOWER, length);
    }

    /// Looks for a key to resume with. Where one is taken its early secret lies in the slot, and what the ticket says of the client.
    ///
    /// @param truncated  the transcript's hash up to the binders
    /// @param secret     room for the early secret, in the slot
    /// @return the ordinal of the key that is taken, [#NONE] or [#FORGED]
    int choose(ClientHello hello, CipherSuite suite, KeySchedule schedule, int protocol, MemorySegment slot, long slotAt, long truncated, long secret,
            @Nullable QuicTransport quic, long nowNanos) {
        PreSharedKeys offered = hello.keys();
        long now = millis(nowNanos);
        early = false;
        if (!hello.offersKeyExchange() || config.count() == 0 || !tickets.isOn(now / 1000)) {
            return NONE;
        }
        try {
            for (int i = 0; i < offered.count(); i++) {
                long at = offered.identityAt(i);
                boolean ours = tickets.open(hello.memory(), at + 2, BigEndian.u16(hello.memory(), at), now);
                if (ours && fits(suite, protocol, slot, slotAt, quic)) {
                    boolean bound = isBound(hello.memory(), offered.binderAt(i), schedule, slot, slotAt, truncated, secret);
                    early = bound && i == 0 && hello.hasEarlyData() && admits(hello.memory(), at + 2, suite, quic, nowNanos);
                    return bound ? i : FORGED;
                }
            }
            return NONE;
        } finally {
            tickets.forget();
        }
    }

    /// Section 4.2.10: under the first key alone, in the suite that it was given for; and once, as far as we know (section 8).
    ///
    /// @param identityAt  of the ticket, its age behind
    private boolean admits(MemorySegment hello, long identityAt, CipherSuite suite, @Nullable QuicTransport quic, long nowNanos) {
        MemorySegment from = tickets.memory();
        long state = tickets.state();
        ReplayGuard by = guard;
        if (by == null || !mayEarly(quic) || BigEndian.i64(from, state + Tickets.ISSUER) != by.issuer()
                || BigEndian.u16(from, state + Tickets.SUITE) != suite.code() || BigEndian.i64(from, state + Tickets.TERMS) != terms(quic)) {
            return false;
        }
        long clock = nowNanos / 1_000_000;
        int told = BigEndian.i32(hello, identityAt + Tickets.BYTES) - BigEndian.i32(from, state + Tickets.AGE_ADD);
        return ReplayGuard.isFresh(told, clock - BigEndian.i64(from, state + Tickets.ISSUED))
                && by.admits(BigEndian.i64(hello, identityAt + Tickets.NUMBER), clock);
    }

    /// {@return whether anything may be said early; over QUIC, whether the transport grants terms for it: one that does not takes none of its packets}
    private boolean mayEarly(@Nullable QuicTransport quic) {
        if (earlyBytes() == 0 || quic == null) {
            return earlyBytes() > 0;
        }
        try {
            return quic.terms(memory, LOWER) > 0;
        } finally {
            Wipe.bytes(memory, LOWER, NAME_BYTES_MAX);
        }
    }

    /// {@return a number for the terms on which early data is taken: of QUIC those of its transport, 0 where records carry the handshake. So none is taken by the one that was
    /// granted by the other}
    private long terms(@Nullable QuicTransport quic) {
        if (quic == null) {
            return 0;
        }
        try {
            int length = quic.terms(memory, LOWER);
            TlsSizes.range("bytes of terms", length, 0, QuicTransport.TERMS_BYTES_MAX);
            Hash.SHA_256.hash(memory, HASH, memory, LOWER, length, memory, BINDER);
            return BigEndian.i64(memory, BINDER) | 1;
        } finally {
            Wipe.both(memory, LOWER, NAME_BYTES_MAX, memory, BINDER, KeySchedule.SECRET_BYTES_MAX);
        }
    }

    /// {@return whether what the hello that was looked at last says early is taken, which the guard will not do again}
    boolean takesEarly() {
        return early;
    }

    /// {@return bytes that a client may say early; 0 where nothing is taken}
    int earlyBytes() {
        return guard == null ? 0 : config.earlyBytes();
    }

    private boolean fits(CipherSuite suite, int protocol, MemorySegment slot, long slotAt, @Nullable QuicTransport quic) {
        MemorySegment from = tickets.memory();
        long state = tickets.state();
        CipherSuite then = CipherSuite.of(BigEndian.u16(from, state + Tickets.SUITE));
        return then != null && then.secretBytes() == suite.secretBytes() && same(from, state + Tickets.NAME, slot, slotAt + NAME)
                && isVerified(from, state, slot, slotAt)
                && isSpoken(from, state + Tickets.PROTOCOL, protocol, quic);
    }

    /// {@return whether a session is of a protocol, and of the version of QUIC that carries it (RFC 9369, section 5), which is mixed into the first octets}
    private boolean isSpoken(MemorySegment from, long at, int protocol, @Nullable QuicTransport quic) {
        long of = protocolAt(protocol);
        return BigEndian.i32(from, at) == (BigEndian.i32(protocolDigests, of) ^ version(quic))
                && MemorySegment.mismatch(from, at + Integer.BYTES, at + Tickets.DIGEST_BYTES, protocolDigests, of + Integer.BYTES,
                        of + Tickets.DIGEST_BYTES) < 0;
    }

    /// {@return the version of QUIC, 0 where records carry the handshake}
    private static int version(@Nullable QuicTransport quic) {
        return quic == null ? 0 : quic.version();
    }

    /// A session goes on with who was verified as this server verifies now, and with nobody where that is enough.
    private boolean isVerified(MemorySegment from, long state, MemorySegment slot, long slotAt) {
        if (authentication == ClientAuthentication.NONE) {
            return true;
        }
        boolean verified = (Wire.u8(from, state + Tickets.FLAGS) & Tickets.VERIFIED) != 0;
        ServerContext.KnownClients asked = known;
        return BigEndian.i64(from, state + Tickets.POLICY) == BigEndian.i64(slot, slotAt + POLICY)
                && (verified ? asked == null || asked.knows(from, state + Tickets.PEER) : authentication == ClientAuthentication.OPTIONAL);
    }

    /// A client was verified: what it is, and until when, goes into its tickets.
    ///
    /// @return null, or why the handshake fails: a verifier that throws ends it and nothing else
    static @Nullable Alert verified(ClientVerifier by, MemorySegment slot, long slotAt) {
        try {
            by.key(slot, slotAt + PEER);
            BigEndian.i64(slot, slotAt + ENDS, Math.clamp(by.untilSeconds(), 0, Long.MAX_VALUE / 1000) * 1000);
        } catch (RuntimeException | Error thrown) {
            return Alert.INTERNAL_ERROR;
        }
        BigEndian.i64(slot, slotAt + FLAGS, Tickets.VERIFIED);
        return null;
    }

    /// {@return whether the client was verified, now or when the session began that is resumed}
    static boolean isVerifiedIn(MemorySegment slot, long slotAt) {
        return BigEndian.i64(slot, slotAt + FLAGS) == Tickets.VERIFIED;
    }

    /// {@return where its key is}
    static long peerAt(long slotAt) {
        return slotAt + PEER;
    }

    private static boolean same(MemorySegment one, long oneAt, MemorySegment other, long otherAt) {
        return MemorySegment.mismatch(one, oneAt, oneAt + Tickets.DIGEST_BYTES, other, otherAt, otherAt + Tickets.DIGEST_BYTES) < 0;
    }

    /// Mixes the version of QUIC into a digest.
    static void mix(MemorySegment digest, long at, @Nullable QuicTransport quic) {
        BigEndian.i32(digest, at, BigEndian.i32(digest, at) ^ version(quic));
    }

    /// Verifies a binder (section 4.2.11.2) of the key in the state that was opened, in constant time.
    private boolean isBound(MemorySegment hello, long binderAt, KeySchedule schedule, MemorySegment slot, long slotAt, long truncated, long secret) {
        MemorySegment from = tickets.memory();
        long state = tickets.state();
        try {
            schedule.early(from, state + Tickets.PSK, slot, secret);
            schedule.binder(slot, secret, slot, truncated, memory, BINDER);
            boolean bound = Wire.u8(hello, binderAt) == schedule.secretBytes()
                    && ConstantTime.equal(hello, binderAt + 1, memory, BINDER, schedule.secretBytes());
            if (bound) {
                BigEndian.i64(slot, slotAt + ENDS, BigEndian.i64(from, state + Tickets.ENDS));
                BigEndian.i64(slot, slotAt + FLAGS, Wire.u8(from, state + Tickets.FLAGS));
                MemorySegment.copy(from, state + Tickets.PEER, slot, slotAt + PEER, Tickets.DIGEST_BYTES);
            }
            return bound;
        } finally {
            Wipe.bytes(memory, BINDER, KeySchedule.SECRET_BYTES_MAX);
        }
    }

    /// {@return tickets that a client gets behind a handshake}
    int count(long nowNanos) {
        long now = millis(nowNanos);
        return config.count() > 0 && tickets.isOn(now / 1000) && tickets.sealsFor(now) >= 1000 ? config.count() : 0;
    }

    /// Writes a message with a ticket.
    ///
    /// @param ordinal  of this ticket of the handshake, which its key is made with
    /// @param secret   the resumption secret, in the slot
    /// @param target   room for [#MESSAGE_BYTES], in the slot
    /// @param quic     who carries the handshake without records, or null
    /// @return behind its last byte; `target` where it would be too old at once
    long write(int ordinal, CipherSuite suite, KeySchedule schedule, int protocol, MemorySegment slot, long slotAt, long secret, long target,
            @Nullable QuicTransport quic, long nowNanos) {
        long now = millis(nowNanos);
        long ends = Math.min(BigEndian.i64(slot, slotAt + ENDS), now + TicketKeys.LIFETIME_SECONDS_MAX * 1000L);
        long seconds = Math.min(Math.min(config.lifetimeSeconds(), tickets.sealsFor(now) / 1000), (ends - now) / 1000);
        if (seconds < 1) {
            return target;
        }
        try {
            Wire.u8(slot, target, Wire.NEW_SESSION_TICKET);
            long p = target + Wire.MESSAGE_HEADER_BYTES;
            BigEndian.i32(slot, p, (int) seconds);
            entropy.fill(slot, p + 4, Integer.BYTES);
            Wire.u8(slot, p + 8, 1);
            Wire.u8(slot, p + 9, ordinal);
            BigEndian.u16(slot, p + 10, Tickets.BYTES);
            state(suite, protocol, slot, slotAt, BigEndian.i32(slot, p + 4), now, seconds, ends);
            BigEndian.i64(tickets.memory(), tickets.state() + Tickets.ISSUED, nowNanos / 1_000_000);
            BigEndian.i64(tickets.memory(), tickets.state() + Tickets.TERMS, terms(quic));
            mix(tickets.memory(), tickets.state() + Tickets.PROTOCOL, quic);
            schedule.resumption(slot, secret, slot, p + 9, 1, tickets.memory(), tickets.state() + Tickets.PSK);
            tickets.seal(slot, p + 12, now);
            return extensions(slot, p + 12 + Tickets.BYTES, !mayEarly(quic) ? 0 : quic == null ? earlyBytes() : ANY_BYTES);
        } finally {
            tickets.forget();
        }
    }

    private long extensions(MemorySegment slot, long from, int bytes) {
        BigEndian.u16(slot, from, bytes == 0 ? 0 : EARLY_BYTES);
        if (bytes == 0) {
            return from + 2;
        }
        long p = ClientHelloWriter.head(slot, from + 2, Wire.EARLY_DATA, Integer.BYTES);
        BigEndian.i32(slot, p, bytes);
        return p + Integer.BYTES;
    }

    /// Fills the state but for its key.
    private void state(CipherSuite suite, int protocol, MemorySegment slot, long slotAt, int ageAdd, long now, long seconds, long ends) {
        MemorySegment to = tickets.memory();
        long state = tickets.state();
        Wire.u8(to, state + Tickets.FLAGS, (int) BigEndian.i64(slot, slotAt + FLAGS));
        BigEndian.u16(to, state + Tickets.SUITE, suite.code());
        BigEndian.i32(to, state + Tickets.AGE_ADD, ageAdd);
        BigEndian.i64(to, state + Tickets.POLICY, BigEndian.i64(slot, slotAt + POLICY));
        BigEndian.i64(to, state + Tickets.ISSUER, guard == null ? 0 : guard.issuer());
        BigEndian.i64(to, state + Tickets.UNTIL, now + seconds * 1000);
        BigEndian.i64(to, state + Tickets.ENDS, ends);
        MemorySegment.copy(slot, slotAt + NAME, to, state + Tickets.NAME, Tickets.DIGEST_BYTES);
        MemorySegment.copy(slot, slotAt + PEER, to, state + Tickets.PEER, Tickets.DIGEST_BYTES);
        MemorySegment.copy(protocolDigests, protocolAt(protocol), to, state + Tickets.PROTOCOL, Tickets.DIGEST_BYTES);
    }

    /// Wipes everything.
    void wipe() {
        if (memory.scope().isAlive()) {
            Wipe.segment(memory);
        }
    }
}
