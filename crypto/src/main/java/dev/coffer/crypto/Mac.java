package dev.coffer.crypto;

import dev.coffer.crypto.hmac.Hmac;
import dev.coffer.crypto.internal.MacFunction;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.keccak.Kmac;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A message authentication code over the caller's memory: [#init] with a key, then for each message [#update] any
/// number of times and [#tag] or [#verify], in the end [#wipe]; or [#mac] in one call.
///
/// A tag ends its message and readies the state for the next one under the same key, so a key is processed once. The
/// state is as secret as the key. States follow the rule of [Hash]: what was not started by `init`, or was wiped, is
/// refused with an [IllegalStateException] that changes nothing, and an exception of the memory wipes the state.
///
/// **The length of a tag is the verifier's to fix, when it makes the `Mac`** ([#hmac], [#kmac], or a constant with its
/// whole tag): a tag that came in with another length is not valid, whatever its bytes.
///
/// Stateless, thread-safe; a state is for one thread at a time; states and keys lie off the heap, at any alignment. 0
/// heap bytes. Scalar, free of secret-dependent branches and indices; the length of a key is public.
public final class Mac {
    /// HMAC (RFC 2104, FIPS 198-1) with SHA-256.
    public static final Mac HMAC_SHA_256 = hmac(Hash.SHA_256);
    /// HMAC with SHA-384.
    public static final Mac HMAC_SHA_384 = hmac(Hash.SHA_384);
    /// HMAC with SHA-512.
    public static final Mac HMAC_SHA_512 = hmac(Hash.SHA_512);
    /// HMAC with SHA3-224.
    public static final Mac HMAC_SHA3_224 = hmac(Hash.SHA3_224);
    /// HMAC with SHA3-256.
    public static final Mac HMAC_SHA3_256 = hmac(Hash.SHA3_256);
    /// HMAC with SHA3-384.
    public static final Mac HMAC_SHA3_384 = hmac(Hash.SHA3_384);
    /// HMAC with SHA3-512.
    public static final Mac HMAC_SHA3_512 = hmac(Hash.SHA3_512);
    /// KMAC128 (SP 800-185, section 4) with a tag of 32 bytes and no customization.
    public static final Mac KMAC_128 = kmac(128, 32, new byte[0]);
    /// KMAC256 (SP 800-185, section 4) with a tag of 64 bytes and no customization.
    public static final Mac KMAC_256 = kmac(256, 64, new byte[0]);

    // A state: phase, the function's own, room for a tag.
    private static final long STATE = Phase.BYTES;

    /// Bytes of the largest state, HMAC with SHA-512: the phase, chaining value and count three times, a message schedule, a block, a tag.
    public static final long STATE_BYTES_MAX = STATE + 3 * (8 * Long.BYTES + Long.BYTES) + 80 * Long.BYTES + 128 + 64;
    /// Bytes of the largest tag of the constants above.
    public static final int TAG_BYTES_MAX = 64;

    private static final int TAG_BYTES_MIN = 10;  // RFC 2104, section 5: 80 bits

    private final MacFunction function;
    private final String name;
    private final int tagBytes;
    private final long stateBytes;
    private final long whole;    // offset in a state of the room for a whole tag
    private final long running;  // the phase from init to wipe

    private Mac(MacFunction function, int tagBytes) {
        this.function = function;
        this.tagBytes = tagBytes;
        this.name = function.name() + (tagBytes == function.tagBytes() ? "" : "/" + tagBytes * Byte.SIZE);
        this.whole = STATE + function.stateBytes();
        this.stateBytes = whole + function.tagBytes();
        this.running = Phase.of(name);
    }

    private static Mac hmac(Hash hash) {
        return hmac(hash, hash.digestBytes());
    }

    /// {@return HMAC with a hash and tags of a length of its own (RFC 2104, section 5): the first bytes of the whole tag}
    ///
    /// @param hash      the hash underneath
    /// @param tagBytes  bytes of a tag: at least half of the digest and at least 10
    /// @throws IllegalArgumentException  a shorter or longer tag (caller's fault)
    public static Mac hmac(Hash hash, int tagBytes) {
        int least = Math.max(TAG_BYTES_MIN, hash.digestBytes() / 2);
        if (tagBytes < least || tagBytes > hash.digestBytes()) {
            throw new IllegalArgumentException("HMAC-" + hash.name() + ": tag of " + tagBytes + " bytes (expected "
                    + least + " to " + hash.digestBytes() + ", RFC 2104 section 5)");
        }
        return new Mac(new Hmac(hash.function()), tagBytes);
    }

    /// {@return KMAC (SP 800-185, section 4) with a customization string S; made at start, it keeps a copy of S, which
    /// is public}
    ///
    /// @param strengthBits   128 or 256
    /// @param tagBytes       bytes of a tag, at least 16; it is part of what is authenticated
    /// @param customization  S of the standard
    /// @throws IllegalArgumentException  another strength or a shorter tag (caller's fault)
    public static Mac kmac(int strengthBits, int tagBytes, byte[] customization) {
        return new Mac(new Kmac(strengthBits, tagBytes, customization), tagBytes);
    }

    /// {@return the standard's name, such as `HMAC-SHA-256`, with the bits of the tag where it is cut: `HMAC-SHA-256/128`}
    public String name() {
        return name;
    }

    /// {@return bytes of a tag}
    public int tagBytes() {
        return tagBytes;
    }

    /// {@return bytes of a state, at any alignment}
    public long stateBytes() {
        return stateBytes;
    }

    /// Takes a key and starts a message. Whatever lay there is overwritten.
    ///
    /// @param state      writable memory off the heap of [#stateBytes] bytes from `at`
    /// @param key        off the heap, not kept; does not overlap the state
    /// @param keyLength  bytes, 0 or more
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   state or key is on the heap, they overlap, or the state is read-only (caller's
    ///                                    fault); nothing is written
    public void init(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength) {
        checkKeyed(state, at, key, keyAt, keyLength);
        boolean done = false;
        try {
            function.begin(state, at + STATE, key, keyAt, keyLength);
            Phase.set(state, at, running);
            done = true;
        } finally {
            if (!done) {
                Wipe.bytes(state, at, stateBytes);
            }
        }
    }

    /// Takes the next bytes of the message.
    ///
    /// @param input  memory that does not overlap the state
    /// @throws IllegalStateException      the state is not running (caller's fault); it is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   input and state overlap, or the state is on the heap (caller's fault); the
    ///                                    state is unchanged
    public void update(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        Ranges.check(name, input, inputAt, length);
        Ranges.apart(name, input, inputAt, length, state, at, stateBytes);
        Phase.require(name, state, at, running);
        boolean done = false;
        try {
            function.absorb(state, at + STATE, input, inputAt, length);
            done = true;
        } finally {
            if (!done) {
                Wipe.bytes(state, at, stateBytes);
            }
        }
    }

    /// Ends the message: writes [#tagBytes] bytes; the state is ready for the next message under the same key.
    ///
    /// @param output  writable memory that does not overlap the state
    /// @throws IllegalStateException      the state is not running (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   output and state overlap, the output is read-only, or the state is on the heap
    ///                                    (caller's fault); the state is unchanged
    public void tag(MemorySegment state, long at, MemorySegment output, long outputAt) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        Ranges.checkWritable(name, output, outputAt, tagBytes);
        Ranges.apart(name, state, at, stateBytes, output, outputAt, tagBytes);
        Phase.require(name, state, at, running);
        boolean done = false;
        try {
            tagged(state, at, output, outputAt);
            done = true;
        } finally {
            if (!done) {
                Wipe.bytes(state, at, stateBytes);
            }
        }
    }

    /// Ends the message and compares in constant time; the state is ready for the next message under the same key.
    ///
    /// @param tag     the tag that came with the message
    /// @param length  bytes that came: any other number than [#tagBytes] is `false`, as it is the peer's fault
    /// @return whether the message is authentic
    /// @throws IllegalStateException      the state is not running (caller's fault); it is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    /// @throws IllegalArgumentException   tag and state overlap, or the state is on the heap (caller's fault); the state
    ///                                    is unchanged
    public boolean verify(MemorySegment state, long at, MemorySegment tag, long tagAt, long length) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        Ranges.check(name, tag, tagAt, length);
        Ranges.apart(name, tag, tagAt, length, state, at, stateBytes);
        Phase.require(name, state, at, running);
        boolean done = false;
        try {
            function.finish(state, at + STATE, state, at + whole);
            boolean same = length == tagBytes && ConstantTime.equal(state, at + whole, tag, tagAt, tagBytes);
            done = true;
            return same;
        } finally {
            long from = done ? whole : 0;
            Wipe.bytes(state, at + from, stateBytes - from);
        }
    }

    /// Authenticates one message under one key.
    ///
    /// @param workspace  writable memory off the heap of [#stateBytes] bytes from `at`; wiped when this returns, however
    ///                   it returns
    /// @param key        off the heap; does not overlap the workspace
    /// @param input      memory that does not overlap the workspace; it may overlap the output
    /// @param output     writable memory for [#tagBytes] bytes that does not overlap the workspace; it may overlap the key
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap as they must not, the output is read-only, or workspace or key
    ///                                    is on the heap (caller's fault); nothing is written
    public void mac(MemorySegment workspace, long at, MemorySegment key, long keyAt, long keyLength,
            MemorySegment input, long inputAt, long length, MemorySegment output, long outputAt) {
        checkKeyed(workspace, at, key, keyAt, keyLength);
        Ranges.check(name, input, inputAt, length);
        Ranges.checkWritable(name, output, outputAt, tagBytes);
        Ranges.apart(name, workspace, at, stateBytes, input, inputAt, length);
        Ranges.apart(name, workspace, at, stateBytes, output, outputAt, tagBytes);
        try {
            function.begin(workspace, at + STATE, key, keyAt, keyLength);
            function.absorb(workspace, at + STATE, input, inputAt, length);
            tagged(workspace, at, output, outputAt);
        } finally {
            Wipe.bytes(workspace, at, stateBytes);
        }
    }

    private void checkKeyed(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength) {
        Ranges.checkWorkspace(name, state, at, stateBytes);
        Ranges.check(name, key, keyAt, keyLength);
        if (keyLength > 0) {  // a salt of no bytes may be anywhere
            Ranges.checkSecret(name, key, keyAt, keyLength);
        }
        Ranges.apart(name, key, keyAt, keyLength, state, at, stateBytes);
    }

    /// A cut tag passes through the state: what is not given out is wiped.
    private void tagged(MemorySegment state, long at, MemorySegment output, long outputAt) {
        if (tagBytes == function.tagBytes()) {
            function.finish(state, at + STATE, output, outputAt);
            return;
        }
        function.finish(state, at + STATE, state, at + whole);
        MemorySegment.copy(state, at + whole, output, outputAt, tagBytes);
        Wipe.bytes(state, at + whole, function.tagBytes());
    }

    /// Overwrites a state with zeros: the end of a key's use.
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault)
    public void wipe(MemorySegment state, long at) {
        Wipe.bytes(state, at, stateBytes);
    }

    @Override
    public String toString() {
        return name;
    }
}
