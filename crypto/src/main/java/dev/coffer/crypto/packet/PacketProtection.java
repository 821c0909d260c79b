package dev.coffer.crypto.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The keys of one direction at one level of encryption, and what is done with them: records of TLS 1.3, packets of QUIC.
///
/// ```
///   state, 88 bytes     0 secret 48 | 48 next 8 | 56 seals 8 | 64 forgeries 8 | 72 iv 12 | 84 generation 4
///   key                 an AeadKey's place, Aead.scheduleBytes: while packets go through; behind the state, or anywhere
///   workspace           one for all of a loop: zero between calls
/// ```
///
/// The object is a finger on places in the caller's memory, as an [AeadKey] is: one serves all connections of a loop. Where
/// memory is dear, an idle connection keeps the state alone: [#rest] wipes the expanded key, [#resume] makes it again, at the same
/// place or at another that is lent.
///
/// **Nonces** are the IV with the packet's number, big-endian, added to its end (RFC 8446 section 5.3, RFC 9001 section 5.3). A number
/// seals once: each must be higher than all before it under the same keys, and is claimed before anything is written. What is sealed
/// and what is opened are two directions with a state each.
///
/// **Limits** are counted (RFC 8446 section 5.5, RFC 9001 section 6.6): a key seals so many packets, then refuses with
/// [dev.coffer.crypto.KeySpentException]; of QUIC the packets that failed to verify are counted over all generations of a key, and
/// after the last nothing opens any more, which closes the connection: ask [#forgeriesLeft].
///
/// **Key update**: [#update] steps to the next generation in place; [#follow] makes, beside the current keys, those of the next
/// generation, so that packets of both open meanwhile (RFC 9001, section 6.3). One way: the older secret is gone afterwards.
///
/// One thread at a time. 0 heap bytes a call, of a handful when it is made. A state of zeros holds no keys and is refused.
public final class PacketProtection implements AutoCloseable {
    /// Bytes of the state.
    public static final long STATE_BYTES = 48 + 3 * Long.BYTES + 12 + Integer.BYTES;

    private static final long SECRET = 0;
    private static final long SECRET_BYTES_MAX = 48;                 // of SHA-384
    private static final long NEXT = SECRET + SECRET_BYTES_MAX;      // one above the highest number sealed or opened
    private static final long SEALS = NEXT + Long.BYTES;             // what was left when the key came to rest
    private static final long FORGERIES = SEALS + Long.BYTES;
    private static final long IV = FORGERIES + Long.BYTES;
    private static final int IV_BYTES = 12;
    private static final long GENERATION = IV + IV_BYTES;            // u29: key updates so far; and three bits:
    private static final int LOADED = 1 << 31;                       // there are keys
    private static final int FOLLOWED = 1 << 30;                     // and no secret any more
    private static final int RESTING = 1 << 29;                      // whatever lies in the key's place is somebody else's

    // The workspace: a nonce, a derived key, room for HKDF and AEAD.
    private static final long NONCE = 0;
    private static final long KEY = NONCE + 16;
    private static final long WORK = KEY + 32;

    private static final String NAME = "packet protection";
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final PacketProtocol protocol;
    private final CipherSuite suite;
    private final Hkdf hkdf;
    private final int secretBytes;
    private final AeadKey key;
    private final AeadLimits limits;
    private final MemorySegment workspace;
    private final long workspaceAt;
    private final long workspaceBytes;
    private MemorySegment state;  // null until [#at]
    private long stateAt;
    private MemorySegment place;  // of the key
    private long placeAt;

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  writable memory off the heap for [#workspaceBytes] bytes
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public PacketProtection(PacketProtocol protocol, CipherSuite suite, MemorySegment workspace, long workspaceAt) {
        Ranges.checkWorkspace(NAME, workspace, workspaceAt, workspaceBytes(suite));
        this.protocol = protocol;
        this.suite = suite;
        this.hkdf = suite.hkdf();
        this.secretBytes = suite.secretBytes();
        this.key = new AeadKey(suite.aead(), workspace, workspaceAt + WORK);
        this.limits = protocol.limits(suite.aead());
        this.workspace = workspace;
        this.workspaceAt = workspaceAt;
        this.workspaceBytes = workspaceBytes(suite);
    }

    /// {@return bytes of a workspace; the largest of three suites serves all}
    public static long workspaceBytes(CipherSuite suite) {
        return WORK + Math.max(suite.hkdf().workspaceBytes(), suite.aead().workspaceBytes());
    }

    /// {@return bytes of a state with an expanded key behind it}
    public static long bytes(CipherSuite suite) {
        return STATE_BYTES + suite.aead().scheduleBytes();
    }

    /// Points to a state with a key's place behind it: [#bytes] in all.
    ///
    /// @return this
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   it is read-only, on the heap or in the workspace (caller's fault); nothing changes
    public PacketProtection at(MemorySegment memory, long at) {
        return at(memory, at, memory, at + STATE_BYTES);
    }

    /// Points to a state and to a key's place somewhere else, lent while packets go through.
    ///
    /// @param home     [#STATE_BYTES] of writable memory off the heap
    /// @param keyHome  [Aead#scheduleBytes] of the same
    /// @return this
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   one is read-only, on the heap or in the workspace, or both overlap (caller's fault);
    ///                                    nothing changes
    public PacketProtection at(MemorySegment home, long homeAt, MemorySegment keyHome, long keyAt) {
        long keyBytes = suite.aead().scheduleBytes();
        Ranges.checkWorkspace(NAME, home, homeAt, STATE_BYTES);
        Ranges.apart(NAME, home, homeAt, STATE_BYTES, workspace, workspaceAt, workspaceBytes);
        Ranges.checkWorkspace(NAME, keyHome, keyAt, keyBytes);
        Ranges.apart(NAME, keyHome, keyAt, keyBytes, workspace, workspaceAt, workspaceBytes);
        Ranges.apart(NAME, home, homeAt, STATE_BYTES, keyHome, keyAt, keyBytes);
        key.at(keyHome, keyAt);
        state = home;
        stateAt = homeAt;
        place = keyHome;
        placeAt = keyAt;
        return this;
    }

    /// Takes a traffic secret and makes the keys of generation 0. Numbers begin at 0, counts anew.
    ///
    /// @param secret  off the heap, [CipherSuite#secretBytes]; read, kept in the state for key updates
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is on the heap or in the workspace, state or place (caller's fault); nothing is
    ///                                    written
    /// @throws IllegalStateException      no place (caller's fault), or memory that is closed: then there are no keys
    public void load(MemorySegment secret, long secretAt) {
        checkPlaced();
        Ranges.checkSecret(NAME, secret, secretAt, secretBytes);
        checkSource(secret, secretAt, secretBytes);
        boolean whole = false;
        wipe();
        try {
            MemorySegment.copy(secret, secretAt, state, stateAt + SECRET, secretBytes);
            state.set(LONG, stateAt + NEXT, 0);
            start(0, limits.forgeries());
            whole = true;
        } finally {
            endChange(whole);
        }
    }

    /// What keys are made of does not lie where they are made.
    private void checkSource(MemorySegment source, long at, long length) {
        Ranges.apart(NAME, source, at, length, workspace, workspaceAt, workspaceBytes);
        Ranges.apart(NAME, source, at, length, state, stateAt, STATE_BYTES);
        Ranges.apart(NAME, source, at, length, place, placeAt, suite.aead().scheduleBytes());
    }

    /// Makes IV and key of the secret that lies in the state.
    private void start(int generation, long forgeries) {
        hkdf.expandLabel(workspace, workspaceAt + WORK, state, stateAt + SECRET, protocol.iv, 0, (int) protocol.iv.byteSize(),
                protocol.iv, 0, 0, state, stateAt + IV, IV_BYTES);
        loadKey(limits.seals(), forgeries);
        state.set(INT, stateAt + GENERATION, generation | LOADED);
    }

    private void loadKey(long seals, long forgeries) {
        try {
            hkdf.expandLabel(workspace, workspaceAt + WORK, state, stateAt + SECRET, protocol.key, 0,
                    (int) protocol.key.byteSize(), protocol.key, 0, 0, workspace, workspaceAt + KEY, suite.aead().keyBytes());
            key.load(workspace, workspaceAt + KEY, seals, forgeries);
        } finally {
            Wipe.bytes(workspace, workspaceAt + KEY, WORK - KEY);
        }
    }

    private void endChange(boolean whole) {
        if (!whole) {
            wipe();
        }
    }

    /// Steps to the next generation of keys (RFC 8446 section 7.2, RFC 9001 section 6.1); the secret and the keys before it are
    /// gone. Numbers begin at 0 again with TLS and go on with QUIC; seals are counted anew; forgeries anew with TLS, on with QUIC.
    ///
    /// @throws IllegalStateException  no keys, or keys at rest (caller's fault); 2^29 updates; or memory that is closed: then there
    ///                                are no keys
    public void update() {
        checkActive();
        int next = nextGeneration(state, stateAt);
        long forgeries = protocol.isQuic() ? key.forgeriesLeft() : limits.forgeries();
        boolean whole = false;
        try {
            nextSecret(state, stateAt);
            if (!protocol.isQuic()) {
                state.set(LONG, stateAt + NEXT, 0);
            }
            start(next, forgeries);
            whole = true;
        } finally {
            endChange(whole);
        }
    }

    /// Makes here the keys of the generation that follows those of another place, and takes the secret away there: what is left there
    /// seals and opens packets of its own generation until it is wiped, and is followed by nothing more. For packets that arrive out
    /// of order around a key update (RFC 9001, sections 6.3 and 6.5).
    ///
    /// @param before    a state of the same protocol and suite with keys, active or at rest; apart from this one
    /// @param forgeries packets that may still fail to verify, over all generations: what [#forgeriesLeft] says of the keys before,
    ///                  0 to 2^62; TLS counts anew whatever it is
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   it is read-only, on the heap, this one's or in its place or workspace, or forgeries out of
    ///                                    their range (caller's fault); nothing changes
    /// @throws IllegalStateException      no keys there, or ones that were followed already (caller's fault); 2^29 updates; or memory
    ///                                    that is closed: then there are no keys here
    public void follow(MemorySegment before, long beforeAt, long forgeries) {
        checkPlaced();
        Ranges.checkWorkspace(NAME, before, beforeAt, STATE_BYTES);
        checkSource(before, beforeAt, STATE_BYTES);
        if (forgeries < 0 || forgeries > AeadLimits.FORGERIES_MAX) {
            throw new IllegalArgumentException(NAME + ": " + forgeries + " forgeries left (expected 0..2^62)");
        }
        int next = nextGeneration(before, beforeAt);
        boolean whole = false;
        wipe();
        try {
            MemorySegment.copy(before, beforeAt + SECRET, state, stateAt + SECRET, secretBytes);
            nextSecret(state, stateAt);
            state.set(LONG, stateAt + NEXT, protocol.isQuic() ? before.get(LONG, beforeAt + NEXT) : 0);
            start(next, protocol.isQuic() ? forgeries : limits.forgeries());
            Wipe.bytes(before, beforeAt + SECRET, SECRET_BYTES_MAX);
            before.set(INT, beforeAt + GENERATION, before.get(INT, beforeAt + GENERATION) | FOLLOWED);
            whole = true;
        } finally {
            endChange(whole);
        }
    }

    /// Writes the secret of the next generation over the one that lies in a state.
    private void nextSecret(MemorySegment home, long homeAt) {
        hkdf.expandLabel(workspace, workspaceAt + WORK, home, homeAt + SECRET, protocol.update, 0,
                (int) protocol.update.byteSize(), protocol.update, 0, 0, home, homeAt + SECRET, secretBytes);
    }

    private static int nextGeneration(MemorySegment home, long homeAt) {
        int generation = home.get(INT, homeAt + GENERATION);
        if ((generation & LOADED) == 0 || (generation & FOLLOWED) != 0) {
            throw new IllegalStateException(NAME + ": " + ((generation & LOADED) == 0 ? "no keys" : "keys that were followed")
                    + " (expected ones with their secret)");
        }
        if ((generation & RESTING - 1) == RESTING - 1) {
            throw new IllegalStateException(NAME + ": " + (generation & RESTING - 1) + " key updates (expected fewer)");
        }
        return (generation & RESTING - 1) + 1;
    }

    /// Puts the keys to rest: the expanded key is wiped, its place may be lent to another; [#resume] makes it again. At rest already:
    /// nothing happens.
    ///
    /// @throws IllegalStateException  no keys, or ones that were followed, which cannot be made again (caller's fault)
    public void rest() {
        nextGeneration(checkPlaced(), stateAt);
        if (isActive()) {
            state.set(LONG, stateAt + SEALS, key.sealsLeft());
            state.set(LONG, stateAt + FORGERIES, key.forgeriesLeft());
            state.set(INT, stateAt + GENERATION, state.get(INT, stateAt + GENERATION) | RESTING);
            key.wipe();
        }
    }

    /// Expands the key again, in the place that the object points to now, and goes on with its counts. Active already: nothing
    /// happens. The counts go with the key: where its place was wiped or left without [#rest], nothing is left of them, and the
    /// key is spent until it is updated.
    ///
    /// @throws IllegalStateException  no keys, or a place that holds another's key (caller's fault), or memory that is closed
    public void resume() {
        nextGeneration(checkPlaced(), stateAt);
        if (!isActive()) {
            if (key.isLoaded()) {
                throw new IllegalStateException(NAME + ": the place holds another's key (expected one that was put to rest or wiped)");
            }
            loadKey(state.get(LONG, stateAt + SEALS), state.get(LONG, stateAt + FORGERIES));
            state.set(INT, stateAt + GENERATION, state.get(INT, stateAt + GENERATION) & ~RESTING);
            state.set(LONG, stateAt + SEALS, 0);  // taken: a second time they would count what was used meanwhile as left
            state.set(LONG, stateAt + FORGERIES, 0);
        }
    }

    /// Protects a packet in place: `header | text` becomes `header | ciphertext | tag`.
    ///
    /// @param number  of the packet, [#nextNumber] or higher
    /// @param packet  writable memory for header, text and [Aead#TAG_BYTES] from `at`
    /// @throws RuntimeException  as of the form below
    public void seal(long number, MemorySegment packet, long at, int headerLength, int length) {
        seal(number, packet, at, headerLength, packet, at + headerLength, length, packet, at + headerLength);
    }

    /// Protects a packet: writes ciphertext and, right behind, [Aead#TAG_BYTES] of tag.
    ///
    /// @param number  of the packet, [#nextNumber] or higher, at most [PacketProtocol#numberMax]
    /// @param header  authenticated as it stands: before headers are protected
    /// @param text    apart from the output, or from the same place on
    /// @param output  writable memory for `length + TAG_BYTES` bytes
    /// @throws dev.coffer.crypto.KeySpentException  the key has sealed all that it may: update it; nothing is written, the number is
    ///                                    not used
    /// @throws IllegalArgumentException   a number that was passed or is too high, a read-only output, or ranges that overlap as they
    ///                                    must not (caller's fault); nothing is written, the number is not used
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written, the number is not
    ///                                    used
    /// @throws IllegalStateException      no keys, or keys at rest (caller's fault); or memory that is closed: the number is used
    public void seal(long number, MemorySegment header, long headerAt, long headerLength, MemorySegment text, long textAt,
            long length, MemorySegment output, long outputAt) {
        checkActive();
        long next = state.get(LONG, stateAt + NEXT);
        if (number < next || number > protocol.numberMax()) {
            throw new IllegalArgumentException(NAME + ": number " + number + " (expected " + next + ".." + protocol.numberMax()
                    + ", each one once)");
        }
        checkApart(header, headerAt, headerLength, text, textAt, length, output, outputAt, length + Aead.TAG_BYTES);
        long seals = key.sealsLeft();
        boolean sealed = false;
        state.set(LONG, stateAt + NEXT, number + 1);
        try {
            nonce(number);
            key.seal(workspace, workspaceAt + NONCE, header, headerAt, headerLength, text, textAt, length, output, outputAt);
            sealed = true;
        } finally {
            Wipe.bytes(workspace, workspaceAt + NONCE, KEY - NONCE);
            if (!sealed && key.sealsLeft() == seals) {  // it was refused before it began
                state.set(LONG, stateAt + NEXT, next);
            }
        }
    }

    /// Removes the protection of a packet in place: `header | ciphertext | tag` becomes `header | text | what was the tag`.
    ///
    /// @param length  bytes of ciphertext and tag
    /// @return as of the form below
    /// @throws RuntimeException  as of the form below
    public boolean open(long number, MemorySegment packet, long at, int headerLength, int length) {
        return open(number, packet, at, headerLength, packet, at + headerLength, length, packet, at + headerLength);
    }

    /// Removes the protection of a packet.
    ///
    /// @param number  of the packet as it was reconstructed (RFC 9000, appendix A.3), or counted (RFC 8446, section 5.3)
    /// @param header  as it stood before headers were protected
    /// @param sealed  ciphertext with its tag behind
    /// @param length  bytes of both; fewer than a tag are `false`
    /// @return whether it is authentic, and the output written; else the output is untouched. Never again once [#forgeriesLeft] is 0
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a read-only output, or ranges that overlap as they must not (caller's fault); nothing is
    ///                                    written
    /// @throws IllegalStateException      no keys, or keys at rest (caller's fault)
    public boolean open(long number, MemorySegment header, long headerAt, long headerLength, MemorySegment sealed, long sealedAt,
            long length, MemorySegment output, long outputAt) {
        checkActive();
        if (number < 0 || number > protocol.numberMax()) {
            return false;
        }
        checkApart(header, headerAt, headerLength, sealed, sealedAt, length, output, outputAt, Math.max(0, length - Aead.TAG_BYTES));
        try {
            nonce(number);
            if (!key.open(workspace, workspaceAt + NONCE, header, headerAt, headerLength, sealed, sealedAt, length, output,
                    outputAt)) {
                return false;
            }
        } finally {
            Wipe.bytes(workspace, workspaceAt + NONCE, KEY - NONCE);
        }
        if (number >= state.get(LONG, stateAt + NEXT)) {
            state.set(LONG, stateAt + NEXT, number + 1);
        }
        return true;
    }

    /// What the key checks beside its own place: nothing of a packet lies in the state or in the workspace.
    private void checkApart(MemorySegment header, long headerAt, long headerLength, MemorySegment input, long inputAt,
            long inputLength, MemorySegment output, long outputAt, long outputLength) {
        Ranges.check(NAME, header, headerAt, headerLength);
        Ranges.check(NAME, input, inputAt, inputLength);
        Ranges.checkWritable(NAME, output, outputAt, outputLength);
        apart(header, headerAt, headerLength);
        apart(input, inputAt, inputLength);
        apart(output, outputAt, outputLength);
    }

    private void apart(MemorySegment segment, long at, long length) {
        Ranges.apart(NAME, segment, at, length, state, stateAt, STATE_BYTES);
        Ranges.apart(NAME, segment, at, length, workspace, workspaceAt, workspaceBytes);
    }

    private void nonce(long number) {
        MemorySegment.copy(state, stateAt + IV, workspace, workspaceAt + NONCE, IV_BYTES);
        long end = workspaceAt + NONCE + IV_BYTES - Long.BYTES;
        BigEndian.i64(workspace, end, BigEndian.i64(workspace, end) ^ number);
    }

    private MemorySegment checkPlaced() {
        if (state == null) {
            throw new IllegalStateException(NAME + ": no place (expected at() first)");
        }
        return state;
    }

    private void checkActive() {
        if (checkPlaced().get(INT, stateAt + GENERATION) >= 0) {
            throw new IllegalStateException(NAME + ": no keys, never loaded or wiped (expected load() first)");
        }
        if (!isActive()) {
            throw new IllegalStateException(NAME + ": keys at rest (expected resume() first)");
        }
    }

    private boolean isResting() {
        return (state.get(INT, stateAt + GENERATION) & RESTING) != 0;
    }

    /// {@return whose packets these are}
    public PacketProtocol protocol() {
        return protocol;
    }

    /// {@return what they are protected with}
    public CipherSuite suite() {
        return suite;
    }

    /// {@return whether there are keys, active or at rest}
    public boolean isLoaded() {
        return state != null && state.get(INT, stateAt + GENERATION) < 0;
    }

    /// {@return whether the keys can be used at once}
    public boolean isActive() {
        return isLoaded() && !isResting() && key.isLoaded();
    }

    /// {@return of a sender the lowest number that may be sealed, of a receiver one above the highest that was opened; 0 without keys}
    public long nextNumber() {
        return isLoaded() ? state.get(LONG, stateAt + NEXT) : 0;
    }

    /// {@return key updates so far; its lowest bit is QUIC's key phase (RFC 9001, section 6); 0 without keys}
    public int generation() {
        return isLoaded() ? state.get(INT, stateAt + GENERATION) & RESTING - 1 : 0;
    }

    /// {@return packets that this generation may still seal: a key update is due before 0; 0 without keys}
    public long sealsLeft() {
        return isActive() ? key.sealsLeft() : isLoaded() ? state.get(LONG, stateAt + SEALS) : 0;
    }

    /// {@return packets that may still fail to verify; at 0 the connection closes (RFC 9001, section 6.6); 0 without keys}
    public long forgeriesLeft() {
        return isActive() ? key.forgeriesLeft() : isLoaded() ? state.get(LONG, stateAt + FORGERIES) : 0;
    }

    /// Wipes state and key; of keys at rest the state alone, as their place may be lent. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public void wipe() {
        checkPlaced();
        try {
            if (!isResting()) {
                key.wipe();
            }
        } finally {
            Wipe.bytes(state, stateAt, STATE_BYTES);
        }
    }

    /// Wipes what it points to, and points nowhere from here on. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        boolean resting = false;
        if (state != null && state.scope().isAlive()) {
            resting = isResting();
            Wipe.bytes(state, stateAt, STATE_BYTES);
        }
        if (!resting) {
            key.close();
        }
        state = null;
        place = null;
    }

    @Override
    public String toString() {
        return "PacketProtection[" + protocol + ", " + suite + (state == null ? ", no place" : !state.scope().isAlive()
                ? ", closed memory" : !isLoaded() ? ", no keys" : ", generation " + generation() + (isActive() ? "" : ", at rest"))
                + "]";
    }
}
