package dev.coffer.crypto.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// The keys of one direction at one level of encryption, and what is done with them: records of TLS 1.3, packets of QUIC.
///
/// ```
///   state, 120 bytes    secret, key, next number, counts at rest, IV, and what they are of
///   key                 an AeadKey's place, Aead.scheduleBytes: while packets go through; behind the state, or anywhere
///   workspace           one for all of a loop: zero between calls
/// ```
///
/// The object is a finger on places in the caller's memory, as an [AeadKey] is: one serves all connections of a loop. Where
/// memory is dear, an idle connection keeps the state alone: [#rest] wipes the expanded key, [#resume] expands it again, at the same
/// place or at another that is lent.
///
/// **Nonces** are the IV with the packet's number, big-endian, added to its end (RFC 8446 section 5.3, RFC 9001 section 5.3). A number
/// seals once: each must be higher than all before it under the same keys, and is claimed before anything is written. What is sealed
/// and what is opened are two directions with a state each.
///
/// **Whose place**: a state knows its key by a mark. Keys are made where no other's lie, and are neither used nor wiped in a place
/// that holds another's; a state of another protocol or suite is refused.
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
    public static final long STATE_BYTES = PacketState.BYTES;
    /// Packets of the generation before that may fail to verify once it is followed (RFC 9001, section 6.3), at most.
    static final long LATE_FORGERIES_MAX = 1 << 16;

    // The workspace: a nonce, room for HKDF and AEAD.
    private static final long NONCE = 0;
    private static final long WORK = NONCE + 16;

    private static final String NAME = PacketState.NAME;

    private final PacketProtocol protocol;
    private final CipherSuite suite;
    private final PacketSecret secrets;
    private final int secretBytes;
    private final int kind;  // protocol and suite, as states have them
    private final AeadKey key;
    private final PacketKey place;  // of the key
    private final AeadLimits limits;
    private final MemorySegment workspace;
    private final long workspaceAt;
    private final long workspaceBytes;
    private MemorySegment state = MemorySegment.NULL;  // `NULL` until [#at]
    private long stateAt;

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  writable memory off the heap for [#workspaceBytes] bytes
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public PacketProtection(PacketProtocol protocol, CipherSuite suite, MemorySegment workspace, long workspaceAt) {
        Ranges.checkWorkspace(NAME, workspace, workspaceAt, workspaceBytes(suite));
        this.protocol = protocol;
        this.suite = suite;
        this.secrets = new PacketSecret(protocol, suite, workspace, workspaceAt + WORK);
        this.secretBytes = suite.secretBytes();
        this.kind = PacketState.kind(protocol, suite);
        this.key = new AeadKey(suite.aead(), workspace, workspaceAt + WORK);
        this.place = new PacketKey(key);
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
        place.at(keyHome, keyAt);
        state = home;
        stateAt = homeAt;
        return this;
    }

    /// Takes a traffic secret and makes the keys of generation 0. Numbers begin at 0, counts anew; keys that were here are gone.
    ///
    /// @param secret  off the heap, [CipherSuite#secretBytes]; read, kept in the state for key updates
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is on the heap or in the workspace, state or place (caller's fault); nothing is
    ///                                    written
    /// @throws IllegalStateException      no place, or one that holds another's key (caller's fault), and nothing is written; or
    ///                                    memory that is closed: then there are no keys
    public void load(MemorySegment secret, long secretAt) {
        checkPlaced();
        Ranges.checkSecret(NAME, secret, secretAt, secretBytes);
        checkSource(secret, secretAt, secretBytes);
        place.checkFree(state, stateAt);
        boolean whole = false;
        wipe();
        try {
            MemorySegment.copy(secret, secretAt, state, stateAt + PacketState.SECRET, secretBytes);
            PacketState.next(state, stateAt, 0);
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
        place.apart(source, at, length);
    }

    /// Makes IV and key of the secret that lies in the state.
    private void start(int generation, long forgeries) {
        secrets.key(state, stateAt + PacketState.SECRET, state, stateAt + PacketState.KEY);
        secrets.iv(state, stateAt + PacketState.SECRET, state, stateAt + PacketState.IV);
        key.wipe();
        place.load(state, stateAt, limits.seals(), forgeries);
        PacketState.mark(state, stateAt, place.mark());
        PacketState.loaded(state, stateAt, kind, generation);
    }

    /// The place was free when the change began, so what lies in it now is ours, whole or not.
    private void endChange(boolean whole) {
        if (!whole) {
            try {
                key.wipe();
            } finally {
                Wipe.bytes(state, stateAt, STATE_BYTES);
            }
        }
    }

    /// Steps to the next generation of keys (RFC 8446 section 7.2, RFC 9001 section 6.1); the secret and the keys before it are
    /// gone. Numbers begin at 0 again with TLS and go on with QUIC; seals are counted anew; forgeries anew with TLS, on with QUIC.
    ///
    /// @throws IllegalStateException  no keys, or keys at rest (caller's fault); 2^25 - 1 updates; or memory that is closed: then there
    ///                                are no keys
    public void update() {
        checkActive();
        int next = PacketState.nextGeneration(state, stateAt, protocol, suite);
        long forgeries = protocol.isQuic() ? key.forgeriesLeft() : limits.forgeries();
        boolean whole = false;
        try {
            secrets.step(state, stateAt + PacketState.SECRET);
            if (!protocol.isQuic()) {
                PacketState.next(state, stateAt, 0);
            }
            start(next, forgeries);
            whole = true;
        } finally {
            endChange(whole);
        }
    }

    /// As the form below, of a state with its key behind it.
    public void follow(MemorySegment before, long beforeAt) {
        follow(before, beforeAt, before, beforeAt + STATE_BYTES);
    }

    /// Makes here the keys of the generation that follows those of another place, and takes secret and key away there: what is left there
    /// seals and opens packets of its own generation until it is wiped, and is followed by nothing more. For packets that arrive out
    /// of order around a key update (RFC 9001, sections 6.3 and 6.5).
    ///
    /// **Forgeries** of QUIC go on: what the keys before had left is divided, so that both together fail no more often. They keep a
    /// half, 65,536 at most, for what still arrives late, and these here have the rest. TLS counts anew.
    ///
    /// @param before     a state with keys, active or at rest; apart from this one
    /// @param beforeKey  the place of its key where that is active, apart from all that is used here; at rest nobody looks
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   one is read-only, on the heap, this one's or in its place or workspace (caller's fault);
    ///                                    nothing changes
    /// @throws IllegalStateException      no keys there, ones of another protocol or suite, ones that were followed already, or not
    ///                                    with their key in that place; another's key in the place here (caller's fault); 2^25 - 1
    ///                                    updates; nothing changes; or memory that is closed: then there are no keys here
    public void follow(MemorySegment before, long beforeAt, MemorySegment beforeKey, long beforeKeyAt) {
        checkPlaced();
        place.checkFree(state, stateAt);
        Ranges.checkWorkspace(NAME, before, beforeAt, STATE_BYTES);
        checkSource(before, beforeAt, STATE_BYTES);
        int next = PacketState.nextGeneration(before, beforeAt, protocol, suite);
        long forgeries = protocol.isQuic() ? forgeriesOf(before, beforeAt, beforeKey, beforeKeyAt) : limits.forgeries();
        boolean rests = PacketState.isResting(before, beforeAt);
        long kept = rests ? 0 : Math.min(LATE_FORGERIES_MAX, forgeries / 2);
        boolean whole = false;
        wipe();
        try {
            MemorySegment.copy(before, beforeAt + PacketState.SECRET, state, stateAt + PacketState.SECRET, secretBytes);
            secrets.step(state, stateAt + PacketState.SECRET);
            PacketState.next(state, stateAt, protocol.isQuic() ? PacketState.next(before, beforeAt) : 0);
            start(next, protocol.isQuic() ? forgeries - kept : forgeries);
            if (protocol.isQuic() && !rests) {
                place.keepForgeries(beforeKey, beforeKeyAt, kept);
            }
            Wipe.bytes(before, beforeAt + PacketState.SECRET, PacketState.SECRET_BYTES_MAX + PacketState.KEY_BYTES_MAX);
            PacketState.followed(before, beforeAt);
            whole = true;
        } finally {
            endChange(whole);
        }
    }

    /// Makes here, for one packet, the keys of the generation that follows those of another place, which stay as they are: where a packet says by
    /// its key phase that the peer has updated, and may be forged (RFC 9001, section 6.3). They open one packet that is not authentic, and
    /// nothing after it: that one is counted there ([#forged]), these are wiped. Where it is authentic, [#follow] or [#update] makes them to stay.
    ///
    /// @param before  a state with keys, active or at rest; apart from this one
    /// @throws IndexOutOfBoundsException  it does not lie in its segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   it is read-only, on the heap, this one's or in its place or workspace (caller's fault); nothing changes
    /// @throws IllegalStateException      no keys there, ones of another protocol or suite, or ones that were followed; another's key in the
    ///                                    place here (caller's fault); 2^25 - 1 updates; nothing changes; or memory that is closed: then
    ///                                    there are no keys here
    public void anticipate(MemorySegment before, long beforeAt) {
        checkPlaced();
        place.checkFree(state, stateAt);
        Ranges.checkWorkspace(NAME, before, beforeAt, STATE_BYTES);
        checkSource(before, beforeAt, STATE_BYTES);
        int next = PacketState.nextGeneration(before, beforeAt, protocol, suite);
        boolean whole = false;
        wipe();
        try {
            MemorySegment.copy(before, beforeAt + PacketState.SECRET, state, stateAt + PacketState.SECRET, secretBytes);
            secrets.step(state, stateAt + PacketState.SECRET);
            PacketState.next(state, stateAt, protocol.isQuic() ? PacketState.next(before, beforeAt) : 0);
            start(next, 1);
            whole = true;
        } finally {
            endChange(whole);
        }
    }

    /// Counts a packet that failed to verify under keys that were made of these by [#anticipate]. Nothing happens where none is left.
    ///
    /// @throws IllegalStateException  no keys, or keys at rest (caller's fault)
    public void forged() {
        checkActive();
        key.handForgeriesOn(Math.max(0, key.forgeriesLeft() - 1));
    }

    private long forgeriesOf(MemorySegment before, long beforeAt, MemorySegment beforeKey, long beforeKeyAt) {
        if (PacketState.isResting(before, beforeAt)) {
            return PacketState.forgeries(before, beforeAt);
        }
        long forgeries = place.forgeriesIn(beforeKey, beforeKeyAt, before, beforeAt);
        apart(beforeKey, beforeKeyAt, suite.aead().scheduleBytes());
        return forgeries;
    }

    /// Puts the keys to rest: the expanded key is wiped, its place may be lent to another; [#resume] makes it again. At rest already:
    /// nothing happens.
    ///
    /// @throws IllegalStateException  no keys, or ones that were followed, which cannot be made again (caller's fault)
    public void rest() {
        PacketState.nextGeneration(checkPlaced(), stateAt, protocol, suite);
        if (isActive()) {
            PacketState.rest(state, stateAt, key.sealsLeft(), key.forgeriesLeft());
            key.wipe();
        }
    }

    /// Expands the key again, in the place that the object points to now, and goes on with its counts. Active already: nothing
    /// happens. The counts go with the key: where its place was wiped or left without [#rest], nothing is left of them, and the
    /// key is spent until it is updated.
    ///
    /// @throws IllegalStateException  no keys, or a place that holds another's key (caller's fault), or memory that is closed
    public void resume() {
        PacketState.nextGeneration(checkPlaced(), stateAt, protocol, suite);
        if (!isActive()) {
            place.checkFree(state, stateAt);
            place.load(state, stateAt, PacketState.seals(state, stateAt), PacketState.forgeries(state, stateAt));
            PacketState.resume(state, stateAt, place.mark());
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
        long next = PacketState.next(state, stateAt);
        if (number < next || number > protocol.numberMax()) {
            throw new IllegalArgumentException(NAME + ": number " + number + " (expected " + next + ".." + protocol.numberMax()
                    + ", each one once)");
        }
        checkApart(header, headerAt, headerLength, text, textAt, length, output, outputAt, length + Aead.TAG_BYTES);
        long seals = key.sealsLeft();
        boolean sealed = false;
        PacketState.next(state, stateAt, number + 1);
        try {
            PacketState.nonce(state, stateAt, number, workspace, workspaceAt + NONCE);
            key.seal(workspace, workspaceAt + NONCE, header, headerAt, headerLength, text, textAt, length, output, outputAt);
            sealed = true;
        } finally {
            Wipe.bytes(workspace, workspaceAt + NONCE, WORK - NONCE);
            if (!sealed && key.sealsLeft() == seals) {  // it was refused before it began
                PacketState.next(state, stateAt, next);
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
            PacketState.nonce(state, stateAt, number, workspace, workspaceAt + NONCE);
            if (!key.open(workspace, workspaceAt + NONCE, header, headerAt, headerLength, sealed, sealedAt, length, output,
                    outputAt)) {
                return false;
            }
        } finally {
            Wipe.bytes(workspace, workspaceAt + NONCE, WORK - NONCE);
        }
        if (number >= PacketState.next(state, stateAt)) {
            PacketState.next(state, stateAt, number + 1);
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

    private MemorySegment checkPlaced() {
        if (state.byteSize() == 0) {
            throw new IllegalStateException(NAME + ": no place (expected at() first)");
        }
        return state;
    }

    private void checkActive() {
        PacketState.checkKeys(checkPlaced(), stateAt, protocol, suite);
        if (!isActive()) {
            throw new IllegalStateException(NAME + ": keys at rest, or not in this place (expected resume() first)");
        }
    }

    /// {@return whose packets these are}
    public PacketProtocol protocol() {
        return protocol;
    }

    /// {@return what they are protected with}
    public CipherSuite suite() {
        return suite;
    }

    /// {@return whether there are keys of this protocol and suite, active or at rest}
    public boolean isLoaded() {
        return state.byteSize() != 0 && PacketState.isLoaded(state, stateAt) && PacketState.isOf(state, stateAt, kind);
    }

    /// {@return whether the keys can be used at once: the place holds theirs}
    public boolean isActive() {
        return isLoaded() && place.isOf(state, stateAt);
    }

    /// {@return of a sender the lowest number that may be sealed, of a receiver one above the highest that was opened; 0 without keys}
    public long nextNumber() {
        return isLoaded() ? PacketState.next(state, stateAt) : 0;
    }

    /// {@return key updates so far; its lowest bit is QUIC's key phase (RFC 9001, section 6); 0 without keys}
    public int generation() {
        return isLoaded() ? PacketState.generation(state, stateAt) : 0;
    }

    /// {@return packets that this generation may still seal: a key update is due before 0; 0 without keys}
    public long sealsLeft() {
        return isActive() ? key.sealsLeft() : isLoaded() ? PacketState.seals(state, stateAt) : 0;
    }

    /// {@return packets that may still fail to verify; at 0 the connection closes (RFC 9001, section 6.6); 0 without keys}
    public long forgeriesLeft() {
        return isActive() ? key.forgeriesLeft() : isLoaded() ? PacketState.forgeries(state, stateAt) : 0;
    }

    /// Wipes the state, and the key where it is this state's own. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public void wipe() {
        checkPlaced();
        try {
            if (isActive()) {
                key.wipe();
            }
        } finally {
            Wipe.bytes(state, stateAt, STATE_BYTES);
        }
    }

    /// Wipes what [#wipe] would, and points nowhere from here on. Twice is harmless; so is closing after the memory. Where the state's
    /// memory is closed and the key's is not, nobody can tell whose key lies there: it stays for whoever wipes that.
    @Override
    public void close() {
        if (state.byteSize() != 0 && state.scope().isAlive()) {
            if (place.isAlive()) {
                wipe();
            } else {
                Wipe.bytes(state, stateAt, STATE_BYTES);
            }
        }
        state = MemorySegment.NULL;
    }

    @Override
    public String toString() {
        return "PacketProtection[" + protocol + ", " + suite + (state.byteSize() == 0 ? ", no place" : !state.scope().isAlive()
                ? ", closed memory" : !isLoaded() ? ", no keys" : ", generation " + generation() + (isActive() ? "" : ", at rest"))
                + "]";
    }
}
