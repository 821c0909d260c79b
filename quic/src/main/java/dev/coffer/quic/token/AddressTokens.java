package dev.coffer.quic.token;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.tls.TicketKeyring;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Tokens by which a client shows that it is where it says (RFC 9000, section 8.1), so that a server keeps nothing of it meanwhile: those of a
/// Retry, and those that NEW_TOKEN gives for another time. Sealed with XChaCha20-Poly1305 under keys that are derived from [TicketKeys], which
/// turn, and which several processes share by one file.
///
/// ```
///   token, 90:  form and kind u8 | key's name 16 | nonce 24 | sealed 33 | tag 16
///   sealed:     until i64, ms since 1970 | version u32 | destination of the client's first packet 21, a ConnectionId
///   bound to:   form, kind, name | peer's address 16, zone 4 | of a Retry: port 2, and the ID that the server chose in it 21
/// ```
///
/// What is not ours, too old, of another address or version is [#UNKNOWN] as if there were no token; but a token of a Retry that is not right is
/// [#WRONG], as its client will take no second Retry (section 8.1.2). Every token has a nonce of its own and tells nobody that two are of one client.
/// A token of NEW_TOKEN may be used more than once until it is too old: what that gains is three times as many bytes to an address that was shown
/// before (section 8.1.4 leaves it to the server).
///
/// One object serves a loop. One thread at a time; 0 heap bytes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class AddressTokens {
    /// Answer: no token of ours that holds. The address is not validated.
    public static final int UNKNOWN = 0;
    /// Answer: it claims to be of a Retry and is not right: INVALID_TOKEN.
    public static final int WRONG = 1;
    /// Answer: of a Retry. The address is validated; [#originalAt] is the destination of the client's first packet.
    public static final int RETRY = 2;
    /// Answer: of an earlier connection from the same address, which is validated.
    public static final int EARLIER = 3;

    private static final Aead AEAD = Aead.XCHACHA20_POLY1305;
    private static final MemorySegment LABEL = MemorySegment.ofArray("coffer quic token".getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    private static final int FORM = 0x10;  // the high four bits; the low ones are the kind
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // A token.
    private static final long NAME = 1;
    private static final long NONCE = NAME + TicketKeyring.NAME_BYTES;
    private static final long SEALED = NONCE + AEAD.nonceBytes();
    // What is sealed.
    private static final long UNTIL = 0;
    private static final long VERSION = UNTIL + Long.BYTES;
    private static final long ORIGINAL = VERSION + Integer.BYTES;
    private static final int STATE_BYTES = (int) (ORIGINAL + ConnectionId.BYTES);
    // What it is bound to.
    private static final long ADDRESS = NONCE;  // form, kind and name in front
    private static final long ZONE = ADDRESS + NetworkPath.ADDRESS_BYTES;
    private static final long PORT = ZONE + Integer.BYTES;
    private static final long CHOSEN = PORT + Short.BYTES;
    private static final int BOUND_BYTES = (int) (CHOSEN + ConnectionId.BYTES);

    /// Bytes of a token.
    public static final int BYTES = (int) SEALED + STATE_BYTES + Aead.TAG_BYTES;

    // The memory.
    private static final long RING = 0;
    private static final long STATE = RING + TicketKeyring.BYTES;
    private static final long BOUND = STATE + Align.up(STATE_BYTES, Long.BYTES);
    private static final long SCHEDULE = BOUND + Align.up(BOUND_BYTES, Long.BYTES);
    private static final long WORK = SCHEDULE + Align.up(AEAD.scheduleBytes(), Long.BYTES);
    private static final long DERIVING = WORK + Align.up(AEAD.workspaceBytes(), Long.BYTES);
    /// Bytes of the memory: copies of the keys, what is sealed, what it is bound to, one expanded key and what it works with.
    public static final long MEMORY_BYTES = Align.up(DERIVING + TicketKeyring.WORKSPACE_BYTES, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final long at;
    private final Entropy entropy;
    private final TicketKeyring ring;
    private final AeadKey key;

    /// Makes tokens without keys: [#keys].
    ///
    /// @param memory   [#MEMORY_BYTES] from `at`, off the heap, locked
    /// @param entropy  of nonces
    /// @throws IndexOutOfBoundsException  less memory (caller's fault)
    /// @throws IllegalArgumentException   on the heap (caller's fault)
    public AddressTokens(MemorySegment memory, long at, Entropy entropy) {
        this.memory = memory;
        this.at = at;
        this.entropy = entropy;
        this.key = new AeadKey(AEAD, memory, at + WORK).at(memory, at + SCHEDULE);
        this.ring = new TicketKeyring(memory, at + RING, LABEL, memory, at + DERIVING);
    }

    /// Takes keys; null: no token is given, none is right.
    public void keys(@Nullable TicketKeys of) {
        ring.of(of);
    }

    /// {@return whether tokens can be given now}
    public boolean isOn(long nowMillis) {
        return ring.isOn(nowMillis / 1000) && ring.sealing(nowMillis / 1000) != TicketKeyring.NONE;
    }

    /// Writes the token of a Retry.
    ///
    /// @param path            a [NetworkPath]: to whom
    /// @param version         its number, as in the client's packet
    /// @param ids             memory of two [ConnectionId]s
    /// @param original        the destination of the client's packet
    /// @param chosen          the source of the Retry, which will be the destination of the client's next packets
    /// @param lifetimeMillis  how long it holds: a few seconds
    /// @param out             room for [#BYTES]
    /// @return whether there is a key that seals; where not nothing is written
    public boolean retry(MemorySegment path, long pathAt, int version, MemorySegment ids, long original, long chosen, long nowMillis, long lifetimeMillis,
            MemorySegment out, long outAt) {
        ConnectionId.copy(ids, original, memory, at + STATE + ORIGINAL);
        return seal(RETRY, path, pathAt, version, ids, chosen, nowMillis, lifetimeMillis, out, outAt);
    }

    /// Writes a token for NEW_TOKEN.
    ///
    /// @param lifetimeMillis  how long it holds, days perhaps; no longer than its key opens
    /// @return as above
    public boolean another(MemorySegment path, long pathAt, int version, long nowMillis, long lifetimeMillis, MemorySegment out, long outAt) {
        Wipe.bytes(memory, at + STATE + ORIGINAL, ConnectionId.BYTES);
        return seal(EARLIER, path, pathAt, version, memory, at + STATE + ORIGINAL, nowMillis, lifetimeMillis, out, outAt);
    }

    private boolean seal(int kind, MemorySegment path, long pathAt, int version, MemorySegment ids, long chosen, long nowMillis, long lifetimeMillis,
            MemorySegment out, long outAt) {
        long with = ring.isOn(nowMillis / 1000) ? ring.sealing(nowMillis / 1000) : TicketKeyring.NONE;
        if (with == TicketKeyring.NONE) {
            forget();
            return false;
        }
        try {
            BigEndian.i64(memory, at + STATE + UNTIL, nowMillis + lifetimeMillis);
            BigEndian.i32(memory, at + STATE + VERSION, version);
            out.set(BYTE, outAt, (byte) (FORM | kind));
            MemorySegment.copy(memory, TicketKeyring.nameAt(with), out, outAt + NAME, TicketKeyring.NAME_BYTES);
            entropy.fill(out, outAt + NONCE, AEAD.nonceBytes());
            bind(kind, out, outAt, path, pathAt, ids, chosen + ConnectionId.VALUE, ConnectionId.length(ids, chosen));
            key.load(memory, TicketKeyring.keyAt(with));
            key.seal(out, outAt + NONCE, memory, at + BOUND, BOUND_BYTES, memory, at + STATE, STATE_BYTES, out, outAt + SEALED);
        } finally {
            try {
                key.wipe();
            } finally {
                forget();
            }
        }
        return true;
    }

    private void bind(int kind, MemorySegment token, long tokenAt, MemorySegment path, long pathAt, MemorySegment id, long idAt, int idLength) {
        MemorySegment.copy(token, tokenAt, memory, at + BOUND, NONCE);
        MemorySegment.copy(path, pathAt + NetworkPath.REMOTE, memory, at + BOUND + ADDRESS, NetworkPath.ADDRESS_BYTES);
        BigEndian.i32(memory, at + BOUND + ZONE, BigEndian.i32(path, pathAt + NetworkPath.ZONE));
        boolean ofRetry = kind == RETRY;
        BigEndian.u16(memory, at + BOUND + PORT, ofRetry ? NetworkPath.remotePort(path, pathAt) : 0);
        ConnectionId.set(memory, at + BOUND + CHOSEN, id, idAt, ofRetry ? idLength : 0);
    }

    /// Looks at the token of a client's Initial packet.
    ///
    /// @param token        with `length` bytes, any
    /// @param path         a [NetworkPath]: from whom
    /// @param version      the packet's
    /// @param destination  with the packet's destination ID at `destinationAt`
    /// @return one of the answers above
    public int open(MemorySegment token, long tokenAt, int length, MemorySegment path, long pathAt, int version, MemorySegment destination,
            long destinationAt, int destinationLength, long nowMillis) {
        forget();
        int first = length == BYTES ? token.get(BYTE, tokenAt) : 0;
        int kind = first & 0x0f;
        if (first != (FORM | kind) || kind != RETRY && kind != EARLIER || destinationLength > ConnectionId.LENGTH_MAX) {
            return UNKNOWN;
        }
        int refused = kind == RETRY ? WRONG : UNKNOWN;
        long with = ring.isOn(nowMillis / 1000) ? ring.named(token, tokenAt + NAME, nowMillis / 1000) : TicketKeyring.NONE;
        if (with == TicketKeyring.NONE) {
            return refused;
        }
        boolean ours = false;
        try {
            bind(kind, token, tokenAt, path, pathAt, destination, destinationAt, destinationLength);
            key.load(memory, TicketKeyring.keyAt(with));
            ours = key.open(token, tokenAt + NONCE, memory, at + BOUND, BOUND_BYTES, token, tokenAt + SEALED, STATE_BYTES + Aead.TAG_BYTES, memory,
                    at + STATE) && nowMillis < BigEndian.i64(memory, at + STATE + UNTIL) && version == BigEndian.i32(memory, at + STATE + VERSION);
        } finally {
            try {
                key.wipe();
            } finally {
                if (!ours) {
                    forget();
                }
            }
        }
        return ours ? kind : refused;
    }

    /// {@return the memory of [#originalAt]}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return offset of the [ConnectionId] that was the destination of the client's first packet, after the answer [#RETRY]; until the next call}
    public long originalAt() {
        return at + STATE + ORIGINAL;
    }

    private void forget() {
        Wipe.bytes(memory, at + STATE, STATE_BYTES);
    }

    /// Wipes the copies of the keys and what was opened. Tokens can be made again afterwards.
    public void wipe() {
        try {
            ring.wipe();
        } finally {
            Wipe.bytes(memory, at + STATE, DERIVING - STATE);
        }
    }

    @Override
    public String toString() {
        return "AddressTokens[" + ring + "]";
    }
}
