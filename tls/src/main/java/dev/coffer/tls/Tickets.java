package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Seals and opens one loop's session tickets (RFC 8446, section 4.6.1): the server keeps nothing of a session, the client does, sealed
/// with XChaCha20-Poly1305, whose nonce is long enough to be drawn at random under a key that several machines share.
///
/// ```
///   ticket, 256:  key's name 16 | nonce 24 | sealed state 200 | tag 16               the name is authenticated with the rest
///   state, 200:   version u8, flags u8, suite u16, age_add u32 | issued, until, ends, policy, issuer, terms: i64 each | psk 48
///                 | digests of the name that was asked for, the protocol, the client's key: 32 each
/// ```
///
/// Every ticket has the same length, whatever it says. What is not ours, forged, too old or of another name or protocol is no fault: the
/// handshake is a whole one then. The loop's own copy of the keys is renewed when they are turned, and wiped when they are closed.
/// The loop's thread alone; 0 heap bytes a call.
final class Tickets {
    private static final Aead AEAD = Aead.XCHACHA20_POLY1305;
    private static final int NONCE_BYTES = AEAD.nonceBytes();
    static final int DIGEST_BYTES = 32;

    // The state.
    private static final int VERSION = 3;
    static final long FLAGS = 1;                                 // u8
    static final long SUITE = 2;                                 // u16, as on the wire
    static final long AGE_ADD = 4;                               // u32
    static final long ISSUED = 8;                                // i64, ms of the engines' clock in the process that it is of
    static final long UNTIL = ISSUED + Long.BYTES;               // when the ticket is too old
    static final long ENDS = UNTIL + Long.BYTES;                 // when every ticket of this authentication is
    static final long POLICY = ENDS + Long.BYTES;                // under which a client was verified
    static final long ISSUER = POLICY + Long.BYTES;              // the guard's number under which early data may be taken; 0: it may not
    static final long TERMS = ISSUER + Long.BYTES;                // of early data: ServerResumption.terms
    static final long PSK = TERMS + Long.BYTES;
    static final long NAME = PSK + KeySchedule.SECRET_BYTES_MAX;
    static final long PROTOCOL = NAME + DIGEST_BYTES;
    static final long PEER = PROTOCOL + DIGEST_BYTES;
    static final int STATE_BYTES = (int) PEER + DIGEST_BYTES;
    /// A client's certificate was verified.
    static final int VERIFIED = 1;

    // A ticket; the first bytes of its nonce are its number.
    static final long NUMBER = TicketKeys.NAME_BYTES;
    private static final long SEALED = TicketKeys.NAME_BYTES + NONCE_BYTES;
    /// Bytes of a ticket.
    static final int BYTES = (int) SEALED + STATE_BYTES + Aead.TAG_BYTES;

    // The memory.
    private static final long KEYS = 0;
    private static final long STATE = KEYS + TicketKeyring.BYTES;
    private static final long SCHEDULE = STATE + Align.up(STATE_BYTES, Long.BYTES);
    private static final long WORK = SCHEDULE + Align.up(AEAD.scheduleBytes(), Long.BYTES);
    /// Bytes of the memory: copies of the keys, one state, one expanded key and what it works with.
    static final long MEMORY_BYTES = Align.up(WORK + AEAD.workspaceBytes(), Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final AeadKey key;
    private final Entropy entropy;
    private final TicketKeyring ring;

    /// @param memory  [#MEMORY_BYTES], locked
    Tickets(MemorySegment memory, Entropy entropy) {
        this.memory = memory;
        this.entropy = entropy;
        this.key = new AeadKey(AEAD, memory, WORK).at(memory, SCHEDULE);
        this.ring = new TicketKeyring(memory, KEYS);
    }

    /// Seals under other keys from here on; null: no ticket is given or taken.
    void keys(@Nullable TicketKeys of) {
        ring.of(of);
    }

    /// {@return whether there are keys, which are the newest from here on}
    boolean isOn(long nowSeconds) {
        return ring.isOn(nowSeconds);
    }

    /// {@return the memory of [#state]}
    MemorySegment memory() {
        return memory;
    }

    /// {@return where the state lies that is to be sealed, or was opened; zero between uses: [#forget]}
    long state() {
        return STATE;
    }

    void forget() {
        Wipe.bytes(memory, STATE, STATE_BYTES);
    }

    /// {@return how long tickets of now may live by the key that seals, in ms, seven days at most; 0 where there is none}
    long sealsFor(long nowMillis) {
        long at = ring.sealing(nowMillis / 1000);
        return at < 0 ? 0 : 1000L * Math.clamp(ring.until(at) - nowMillis / 1000, 0, TicketKeys.LIFETIME_SECONDS_MAX);
    }

    /// Seals the state, which is wiped.
    ///
    /// @param target  room for [#BYTES]
    void seal(MemorySegment target, long at, long nowMillis) {
        try {
            long with = ring.sealing(nowMillis / 1000);
            Wire.u8(memory, STATE, VERSION);
            entropy.fill(target, at + TicketKeys.NAME_BYTES, NONCE_BYTES);
            MemorySegment.copy(memory, with + TicketKeys.NAME, target, at, TicketKeys.NAME_BYTES);
            key.load(memory, with + TicketKeys.KEY);
            key.seal(target, at + TicketKeys.NAME_BYTES, target, at, TicketKeys.NAME_BYTES, memory, STATE, STATE_BYTES, target, at + SEALED);
        } finally {
            try {
                key.wipe();
            } finally {
                forget();
            }
        }
    }

    /// Opens a ticket, to [#state].
    ///
    /// @return whether it is one of ours whose time is not over; where it is not, nothing is written
    boolean open(MemorySegment ticket, long at, int length, long nowMillis) {
        if (length != BYTES) {
            return false;
        }
        long with = ring.named(ticket, at, nowMillis / 1000);
        if (with < 0) {
            return false;
        }
        try {
            key.load(memory, with + TicketKeys.KEY);
            boolean ours = key.open(ticket, at + TicketKeys.NAME_BYTES, ticket, at, TicketKeys.NAME_BYTES, ticket, at + SEALED,
                    STATE_BYTES + Aead.TAG_BYTES, memory, STATE);
            if (ours && (Wire.u8(memory, STATE) != VERSION || nowMillis >= BigEndian.i64(memory, STATE + UNTIL)
                    || nowMillis >= BigEndian.i64(memory, STATE + ENDS))) {
                forget();
                return false;
            }
            return ours;
        } finally {
            key.wipe();
        }
    }
}
