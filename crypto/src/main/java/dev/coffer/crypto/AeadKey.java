package dev.coffer.crypto;

import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A key of an [Aead]: its place in the caller's memory, and what is done with it.
///
/// ```
///   (place, at)  seals left 8 | forgeries left 8, and bit 63 | schedule         Aead.scheduleBytes, one a key
///   workspace    one a thread or event loop, for all of its keys; zero between calls
/// ```
///
/// The object is a finger on a place: [#at] points it to another one, so that one object serves ten thousand keys that lie off
/// the heap. Everything about the key lies in its place, the counts too; a copy of the bytes is a copy of the key.
///
/// ```
///   AeadKey key = AeadKey.in(Aead.AES_256_GCM, region.carve("key"));
///   key.load(secret, 0);                             // 32 bytes off the heap, not kept
///   key.seal(nonce, text, output);                   // output: ciphertext | tag 16
///   boolean authentic = key.open(nonce, sealed, output);
/// ```
///
/// **A nonce must never be used twice with a key**: that is the caller's to ensure; sessions, streams and the
/// protection of packets count. **Limits** are counted here: a key seals [AeadLimits#seals] messages, then refuses with
/// [KeySpentException]; after [AeadLimits#forgeries] that did not verify it opens nothing more. A place that is zero, never
/// loaded or wiped, holds no key and is refused.
///
/// `open` computes the tag over what came before it decrypts anything, compares in constant time, and leaves the output
/// untouched where they differ. Text and output may start at the same place (in place) or lie apart; a partial overlap is
/// refused, and so is an output that overlaps the associated data, and a place or workspace that overlaps anything else. The
/// nonce is copied first, so the output may overwrite it. Key, place and workspace lie off the heap, at any alignment.
///
/// One thread at a time, object and place. 0 heap bytes, save where a method says that it makes an object.
public final class AeadKey implements AutoCloseable {
    /// Bytes of the two counts in front of a schedule.
    static final long COUNTS_BYTES = 2 * Long.BYTES;

    private static final long SEALS = 0;                    // u63: left
    private static final long FORGERIES = Long.BYTES;       // left, below LOADED; which tells a place with a key from zeros
    private static final long LOADED = 1L << 63;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Aead aead;
    private final AeadFunction function;
    private final String name;
    private final MemorySegment workspace;
    private final long workspaceAt;
    private MemorySegment place = MemorySegment.NULL;  // `NULL` until [#at]
    private long placeAt;

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  writable memory off the heap for [Aead#workspaceBytes] bytes; shared by all keys of a thread, whatever
    ///                   their algorithms, if it is long enough for each
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public AeadKey(Aead aead, MemorySegment workspace, long workspaceAt) {
        this.aead = aead;
        this.function = aead.function();
        this.name = aead.name();
        Ranges.checkWorkspace(name, workspace, workspaceAt, aead.workspaceBytes());
        this.workspace = workspace;
        this.workspaceAt = workspaceAt;
    }

    /// {@return a key with a place and a workspace of its own in memory that [#plan] describes; makes one object}
    ///
    /// @throws IndexOutOfBoundsException  less memory (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public static AeadKey in(Aead aead, MemorySegment memory) {
        return new AeadKey(aead, memory, aead.scheduleBytes()).at(memory, 0);
    }

    /// {@return what [#in] takes: one key and one workspace}
    public static MemoryPlan plan(String name, Aead aead) {
        return MemoryPlan.block(name, aead.scheduleBytes() + aead.workspaceBytes(), 1,
                aead + ": key " + aead.scheduleBytes() + ", workspace " + aead.workspaceBytes());
    }

    /// Points to another place; the key that lay in the one before stays there.
    ///
    /// @param memory  writable memory off the heap for [Aead#scheduleBytes] bytes from `at`, apart from the workspace
    /// @return this
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   it is read-only, on the heap or in the workspace (caller's fault); nothing changes
    public AeadKey at(MemorySegment memory, long at) {
        Ranges.checkWorkspace(name, memory, at, aead.scheduleBytes());
        Ranges.apart(name, memory, at, aead.scheduleBytes(), workspace, workspaceAt, aead.workspaceBytes());
        place = memory;
        placeAt = at;
        return this;
    }

    /// Loads a key with the limits of [AeadLimits#quic], which are right for messages of at most 65,536 bytes. The place must be
    /// free: a key that lies there is somebody's, and its counts end with it alone, so [#wipe] it first.
    ///
    /// @param key  memory off the heap with [Aead#keyBytes] bytes from `keyAt`; read, not kept
    /// @throws IndexOutOfBoundsException  the key does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is on the heap or overlaps place or workspace (caller's fault); nothing is written
    /// @throws IllegalStateException      no place, or a place that holds a key (caller's fault); nothing changes
    public void load(MemorySegment key, long keyAt) {
        load(key, keyAt, AeadLimits.quic(aead));
    }

    /// Loads a key into a free place; counts begin anew. Where this ends in an exception of the memory, there is no key.
    ///
    /// @throws IndexOutOfBoundsException  as of [#load(MemorySegment, long)]
    /// @throws IllegalArgumentException   as of [#load(MemorySegment, long)]
    /// @throws IllegalStateException      as of [#load(MemorySegment, long)]
    public void load(MemorySegment key, long keyAt, AeadLimits limits) {
        load(key, keyAt, limits.seals(), limits.forgeries());
    }

    /// Loads a key that was used before and goes on with what was left of its counts; or a key that follows another one and goes on
    /// with the forgeries of that, where a protocol counts them over all keys of a connection (RFC 9001, section 6.6).
    ///
    /// @param seals      as of [#sealsLeft], 0 or more
    /// @param forgeries  as of [#forgeriesLeft], 0 to [AeadLimits#FORGERIES_MAX]
    /// @throws IndexOutOfBoundsException  as of [#load(MemorySegment, long)]
    /// @throws IllegalArgumentException   as of [#load(MemorySegment, long)], or a number out of its range (caller's fault)
    /// @throws IllegalStateException      as of [#load(MemorySegment, long)]
    public void load(MemorySegment key, long keyAt, long seals, long forgeries) {
        checkFree();
        Ranges.checkSecret(name, key, keyAt, aead.keyBytes());
        apart(key, keyAt, aead.keyBytes());
        if (seals < 0 || forgeries < 0 || forgeries > AeadLimits.FORGERIES_MAX) {
            throw new IllegalArgumentException(name + ": " + seals + " seals and " + forgeries
                    + " forgeries left (expected 0..2^63 - 1 and 0..2^62)");
        }
        boolean whole = false;
        try {
            function.expand(key, keyAt, place, placeAt + COUNTS_BYTES, workspace, workspaceAt);
            place.set(LONG, placeAt + SEALS, seals);
            place.set(LONG, placeAt + FORGERIES, forgeries | LOADED);
            whole = true;
        } finally {
            try {
                Wipe.bytes(workspace, workspaceAt, aead.workspaceBytes());
            } finally {
                if (!whole) {
                    wipe();
                }
            }
        }
    }

    /// Encrypts and authenticates a whole segment: three arguments for the common case.
    ///
    /// @param nonce   [Aead#nonceBytes] bytes, never used before with this key
    /// @param text    all of it, at most [Aead#lengthMax] bytes
    /// @param output  writable memory; its first `text + TAG_BYTES` bytes become ciphertext and tag
    /// @return bytes written
    /// @throws KeySpentException          the key has sealed all that it may; nothing is written
    /// @throws IndexOutOfBoundsException  the output is too short (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a nonce of another size, a text too long, a read-only output, or ranges that overlap as
    ///                                    they must not (caller's fault); nothing is written
    /// @throws IllegalStateException      no key (caller's fault); nothing is written
    public long seal(MemorySegment nonce, MemorySegment text, MemorySegment output) {
        checkNonce(nonce.byteSize());
        seal(nonce, 0, text, 0, 0, text, 0, text.byteSize(), output, 0);
        return text.byteSize() + Aead.TAG_BYTES;
    }

    /// As [#seal(MemorySegment, MemorySegment, MemorySegment)], with associated data: authenticated, not encrypted.
    public long seal(MemorySegment nonce, MemorySegment aad, MemorySegment text, MemorySegment output) {
        checkNonce(nonce.byteSize());
        seal(nonce, 0, aad, 0, aad.byteSize(), text, 0, text.byteSize(), output, 0);
        return text.byteSize() + Aead.TAG_BYTES;
    }

    /// Verifies a whole segment, ciphertext and tag, and decrypts it where that succeeds.
    ///
    /// @param output  writable memory; its first `sealed - TAG_BYTES` bytes become the text
    /// @return whether it is authentic; where it is not, the output is untouched
    /// @throws IndexOutOfBoundsException  the output is too short (caller's fault); nothing is written
    /// @throws IllegalArgumentException   as of [#seal(MemorySegment, MemorySegment, MemorySegment)]
    /// @throws IllegalStateException      no key (caller's fault); nothing is written
    public boolean open(MemorySegment nonce, MemorySegment sealed, MemorySegment output) {
        checkNonce(nonce.byteSize());
        return open(nonce, 0, sealed, 0, 0, sealed, 0, sealed.byteSize(), output, 0);
    }

    /// As [#open(MemorySegment, MemorySegment, MemorySegment)], with associated data.
    public boolean open(MemorySegment nonce, MemorySegment aad, MemorySegment sealed, MemorySegment output) {
        checkNonce(nonce.byteSize());
        return open(nonce, 0, aad, 0, aad.byteSize(), sealed, 0, sealed.byteSize(), output, 0);
    }

    /// Seals all that a buffer has left to read and puts ciphertext and tag into another. Where it throws, neither has moved.
    ///
    /// @param aad  as a whole; of length 0 for none
    /// @throws RuntimeException  as of [#seal(MemorySegment, MemorySegment, MemorySegment)]; or as of [Buffer#claim] where the
    ///                           output has no room
    public void seal(MemorySegment nonce, MemorySegment aad, Buffer text, Buffer output) {
        checkLoaded();
        checkNonce(nonce.byteSize());
        long bytes = text.remaining();
        long before = output.claim(bytes + Aead.TAG_BYTES);
        boolean sealed = false;
        try {
            seal(nonce, 0, aad, 0, aad.byteSize(), text.segment(), text.position(), bytes, output.segment(), before);
            text.consume(bytes);
            sealed = true;
        } finally {
            if (!sealed) {
                output.length(before);
            }
        }
    }

    /// Opens all that a buffer has left to read and puts the text into another.
    ///
    /// @return whether it is authentic; where it is not, neither buffer has moved, and the output is untouched
    /// @throws RuntimeException  as of [#open(MemorySegment, MemorySegment, MemorySegment)]; or as of [Buffer#claim] where the
    ///                           output has no room; neither has moved
    public boolean open(MemorySegment nonce, MemorySegment aad, Buffer sealed, Buffer output) {
        checkLoaded();
        checkNonce(nonce.byteSize());
        long bytes = sealed.remaining();
        if (bytes < Aead.TAG_BYTES) {
            return false;
        }
        long before = output.claim(bytes - Aead.TAG_BYTES);
        boolean opened = false;
        try {
            opened = open(nonce, 0, aad, 0, aad.byteSize(), sealed.segment(), sealed.position(), bytes, output.segment(),
                    before);
            if (opened) {
                sealed.consume(bytes);
            }
            return opened;
        } finally {
            if (!opened) {
                output.length(before);
            }
        }
    }

    /// The form for hot paths, which nobody has to slice for: writes `length` bytes of ciphertext and, right behind,
    /// [Aead#TAG_BYTES] of tag. The message counts before it is sealed, whatever happens then.
    ///
    /// @param nonce   [Aead#nonceBytes] bytes, never used before with this key
    /// @param aad     authenticated, not encrypted; may be of length 0
    /// @param length  bytes of text, 0 to [Aead#lengthMax]
    /// @param output  writable memory for `length + TAG_BYTES` bytes
    /// @throws KeySpentException          the key has sealed all that it may; nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a text too long, a read-only output, or ranges that overlap as they must not
    ///                                    (caller's fault); nothing is written
    /// @throws IllegalStateException      no key (caller's fault); nothing is written
    public void seal(MemorySegment nonce, long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text,
            long textAt, long length, MemorySegment output, long outputAt) {
        checkLoaded();
        check(nonce, nonceAt, aad, aadAt, aadLength);
        Ranges.check(name, text, textAt, length);
        if (length > aead.lengthMax()) {
            throw new IllegalArgumentException(name + ": text of " + length + " bytes (expected at most " + aead.lengthMax() + ")");
        }
        check(aad, aadAt, aadLength, text, textAt, length, output, outputAt, length + Aead.TAG_BYTES);
        long left = place.get(LONG, placeAt + SEALS);
        if (left == 0) {
            throw new KeySpentException(name);
        }
        place.set(LONG, placeAt + SEALS, left - 1);
        try {
            function.seal(place, placeAt + COUNTS_BYTES, workspace, workspaceAt, nonce, nonceAt, aad, aadAt, aadLength, text,
                    textAt, length, output, outputAt);
        } finally {
            Wipe.bytes(workspace, workspaceAt, aead.workspaceBytes());
        }
    }

    /// The form for hot paths: verifies and, only where that succeeds, decrypts. The ciphertext is read twice, once for either: nobody else may
    /// write to it meanwhile. What lies in memory that an attacker shares is copied first, or it is not what was verified that is decrypted.
    ///
    /// @param sealed  ciphertext with its tag behind
    /// @param length  bytes of both; fewer than [Aead#TAG_BYTES] or more than can be sealed is `false`, as it is the peer's fault
    /// @param output  writable memory for `length - TAG_BYTES` bytes
    /// @return whether it is authentic; where it is not, the output is untouched. Never again once [#forgeriesLeft] is 0
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a read-only output, or ranges that overlap as they must not (caller's fault); nothing is
    ///                                    written
    /// @throws IllegalStateException      no key (caller's fault); nothing is written
    public boolean open(MemorySegment nonce, long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed,
            long sealedAt, long length, MemorySegment output, long outputAt) {
        checkLoaded();
        check(nonce, nonceAt, aad, aadAt, aadLength);
        Ranges.check(name, sealed, sealedAt, length);
        long textLength = length - Aead.TAG_BYTES;
        if (textLength < 0 || textLength > aead.lengthMax()) {
            return false;
        }
        check(aad, aadAt, aadLength, sealed, sealedAt, length, output, outputAt, textLength);
        long left = forgeriesLeft();
        if (left == 0) {
            return false;
        }
        boolean authentic;
        try {
            authentic = function.open(place, placeAt + COUNTS_BYTES, workspace, workspaceAt, nonce, nonceAt, aad, aadAt,
                    aadLength, sealed, sealedAt, textLength, output, outputAt);
        } finally {
            Wipe.bytes(workspace, workspaceAt, aead.workspaceBytes());
        }
        if (!authentic) {
            place.set(LONG, placeAt + FORGERIES, left - 1 | LOADED);
        }
        return authentic;
    }

    private void check(MemorySegment nonce, long nonceAt, MemorySegment aad, long aadAt, long aadLength) {
        Ranges.check(name, nonce, nonceAt, aead.nonceBytes());
        apart(nonce, nonceAt, aead.nonceBytes());
        Ranges.check(name, aad, aadAt, aadLength);
        apart(aad, aadAt, aadLength);
    }

    private void check(MemorySegment aad, long aadAt, long aadLength, MemorySegment input, long inputAt, long inputLength,
            MemorySegment output, long outputAt, long outputLength) {
        Ranges.checkWritable(name, output, outputAt, outputLength);
        Ranges.inPlaceOrApart(name, input, inputAt, inputLength, output, outputAt, outputLength);
        Ranges.apart(name, aad, aadAt, aadLength, output, outputAt, outputLength);
        apart(input, inputAt, inputLength);
        apart(output, outputAt, outputLength);
    }

    /// Neither the key's place nor the workspace is an input or an output.
    private void apart(MemorySegment other, long otherAt, long otherLength) {
        Ranges.apart(name, place, placeAt, aead.scheduleBytes(), other, otherAt, otherLength);
        Ranges.apart(name, workspace, workspaceAt, aead.workspaceBytes(), other, otherAt, otherLength);
    }

    private void checkNonce(long bytes) {
        if (bytes != aead.nonceBytes()) {
            throw new IllegalArgumentException(name + ": nonce of " + bytes + " bytes (expected " + aead.nonceBytes() + ")");
        }
    }

    private void checkPlaced() {
        if (place.byteSize() == 0) {
            throw new IllegalStateException(name + ": the key has no place (expected at() first)");
        }
    }

    private void checkFree() {
        checkPlaced();
        if (isLoaded()) {
            throw new IllegalStateException(name + ": the place holds a key (expected one that is wiped first)");
        }
    }

    private void checkLoaded() {
        if (!isLoaded()) {
            throw new IllegalStateException(name + ": no key, it was never loaded or is wiped (expected load() first)");
        }
    }

    /// {@return what it is a key of}
    public Aead aead() {
        return aead;
    }

    /// {@return whether there is a key}
    public boolean isLoaded() {
        return place.byteSize() != 0 && place.get(LONG, placeAt + FORGERIES) < 0;
    }

    /// {@return messages that the key may still seal; 0 where there is none}
    public long sealsLeft() {
        return isLoaded() ? place.get(LONG, placeAt + SEALS) : 0;
    }

    /// {@return messages that may still fail to verify; at 0 nothing is opened any more: a protocol closes its connection then; 0
    /// where there is no key}
    public long forgeriesLeft() {
        return isLoaded() ? place.get(LONG, placeAt + FORGERIES) & ~LOADED : 0;
    }

    /// Hands forgeries on to the key that follows this one, where a protocol counts them over all keys of a connection (RFC 9001,
    /// section 6.6): what is returned may fail there and no more here.
    ///
    /// @param kept  most that this key keeps for what is still to come, 0 or more
    /// @return what it had above that
    /// @throws IllegalArgumentException  a negative number (caller's fault); nothing changes
    /// @throws IllegalStateException     no key (caller's fault)
    public long handForgeriesOn(long kept) {
        checkLoaded();
        if (kept < 0) {
            throw new IllegalArgumentException(name + ": " + kept + " forgeries to keep (expected 0 or more)");
        }
        long left = forgeriesLeft();
        place.set(LONG, placeAt + FORGERIES, Math.min(kept, left) | LOADED);
        return left - Math.min(kept, left);
    }

    /// Wipes the key: there is none from here on, another may be loaded. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public void wipe() {
        checkPlaced();
        try {
            function.release(place, placeAt + COUNTS_BYTES);
        } finally {
            Wipe.bytes(place, placeAt, aead.scheduleBytes());
        }
    }

    /// Wipes the key that it points to, and points nowhere from here on. Twice is harmless; so is closing after the memory, which
    /// has wiped it where it is a region's.
    @Override
    public void close() {
        if (place.byteSize() != 0 && place.scope().isAlive()) {
            wipe();
        }
        place = MemorySegment.NULL;
    }

    @Override
    public String toString() {
        return "AeadKey[" + name + (place.byteSize() == 0 ? ", no place" : !place.scope().isAlive() ? ", closed memory"
                : isLoaded() ? ", seals left " + sealsLeft() : ", no key") + "]";
    }
}
