package dev.coffer.crypto;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.kdf.Hmac;
import dev.coffer.crypto.keccak.Kmac;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A message authentication code over the caller's memory: [#init] with a key, then for each message [#update] any
/// number of times and [#tag] or [#verify], in the end [#wipe]; or [#mac] in one call.
///
/// A tag ends its message and readies the state for the next one under the same key, so a key is processed once. The
/// state is as secret as the key.
///
/// Stateless, thread-safe; a state is for one thread at a time. 0 heap bytes. Scalar, free of secret-dependent branches
/// and indices; the length of a key is public.
public abstract sealed class Mac permits Hmac, Kmac {
    /// HMAC (RFC 2104, FIPS 198-1) with SHA-256.
    public static final Mac HMAC_SHA_256 = new Hmac(Hash.SHA_256);
    /// HMAC with SHA-384.
    public static final Mac HMAC_SHA_384 = new Hmac(Hash.SHA_384);
    /// HMAC with SHA-512.
    public static final Mac HMAC_SHA_512 = new Hmac(Hash.SHA_512);
    /// HMAC with SHA3-224.
    public static final Mac HMAC_SHA3_224 = new Hmac(Hash.SHA3_224);
    /// HMAC with SHA3-256.
    public static final Mac HMAC_SHA3_256 = new Hmac(Hash.SHA3_256);
    /// HMAC with SHA3-384.
    public static final Mac HMAC_SHA3_384 = new Hmac(Hash.SHA3_384);
    /// HMAC with SHA3-512.
    public static final Mac HMAC_SHA3_512 = new Hmac(Hash.SHA3_512);
    /// KMAC128 (SP 800-185, section 4) with a tag of 32 bytes and no customization.
    public static final Mac KMAC_128 = new Kmac(128, 32, new byte[0]);
    /// KMAC256 (SP 800-185, section 4) with a tag of 64 bytes and no customization.
    public static final Mac KMAC_256 = new Kmac(256, 64, new byte[0]);

    /// Bytes of the largest state, HMAC with SHA3-224: 3 of its states, a block, a tag.
    public static final long STATE_BYTES_MAX = 3 * (200 + 2 * Integer.BYTES) + (200 - 2 * 28) + 28;
    /// Bytes of the largest tag of the constants above.
    public static final int TAG_BYTES_MAX = 64;

    private final String name;
    private final int tagBytes;
    private final long keyedBytes;   // of the implementation's part of a state
    private final long stateBytes;   // with room for the expected tag behind

    /// For the implementations.
    ///
    /// @param name        the standard's name
    /// @param tagBytes    bytes of a tag
    /// @param keyedBytes  bytes of what the implementation keeps
    protected Mac(String name, int tagBytes, long keyedBytes) {
        this.name = name;
        this.tagBytes = tagBytes;
        this.keyedBytes = keyedBytes;
        this.stateBytes = keyedBytes + tagBytes;
    }

    /// {@return KMAC (SP 800-185, section 4) with a customization string S; made at start, it keeps a copy of S, which
    /// is public}
    ///
    /// @param strengthBits   128 or 256
    /// @param tagBytes       bytes of a tag, at least 16
    /// @param customization  S of the standard
    /// @throws IllegalArgumentException  another strength or a shorter tag (caller's fault)
    public static Mac kmac(int strengthBits, int tagBytes, byte[] customization) {
        return new Kmac(strengthBits, tagBytes, customization);
    }

    /// {@return the standard's name, such as `HMAC-SHA-256`}
    public final String name() {
        return name;
    }

    /// {@return bytes of a tag}
    public final int tagBytes() {
        return tagBytes;
    }

    /// {@return bytes of a state, at any alignment}
    public final long stateBytes() {
        return stateBytes;
    }

    /// Takes a key and starts a message. Whatever lay there is overwritten.
    ///
    /// @param state      writable memory of [#stateBytes] bytes from `at`
    /// @param key        not kept; does not overlap the state
    /// @param keyLength  bytes, 0 or more
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public final void init(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength) {
        Ranges.checkWritable(name, state, at, stateBytes);
        Ranges.check(name, key, keyAt, keyLength);
        begin(state, at, key, keyAt, keyLength);
    }

    /// Takes the next bytes of the message.
    ///
    /// @param input  memory that does not overlap the state
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final void update(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Ranges.checkWritable(name, state, at, stateBytes);
        Ranges.check(name, input, inputAt, length);
        absorb(state, at, input, inputAt, length);
    }

    /// Ends the message: writes [#tagBytes] bytes; the state is ready for the next message under the same key.
    ///
    /// @param output  writable memory that does not overlap the state
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final void tag(MemorySegment state, long at, MemorySegment output, long outputAt) {
        Ranges.checkWritable(name, state, at, stateBytes);
        Ranges.checkWritable(name, output, outputAt, tagBytes);
        finish(state, at, output, outputAt);
    }

    /// Ends the message and compares in constant time; the state is ready for the next message under the same key.
    ///
    /// @param tag     the tag that came with the message
    /// @param length  its bytes as the protocol fixes them, half of [#tagBytes] to all of it (RFC 2104, section 5)
    /// @return whether the message is authentic
    /// @throws IllegalArgumentException   a tag of another length (caller's fault); the state is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); the state is unchanged
    public final boolean verify(MemorySegment state, long at, MemorySegment tag, long tagAt, long length) {
        Ranges.checkWritable(name, state, at, stateBytes);
        Ranges.check(name, tag, tagAt, length);
        if (length < tagBytes / 2 || length > tagBytes) {
            throw new IllegalArgumentException(name + ": tag of " + length + " bytes (expected " + tagBytes / 2 + " to "
                    + tagBytes + ", RFC 2104 section 5)");
        }
        finish(state, at, state, at + keyedBytes);
        boolean same = ConstantTime.equal(state, at + keyedBytes, tag, tagAt, length);
        Wipe.bytes(state, at + keyedBytes, tagBytes);
        return same;
    }

    /// Authenticates one message under one key.
    ///
    /// @param workspace  writable memory of [#stateBytes] bytes from `at`; wiped when this returns, however it returns
    /// @param input      memory that does not overlap the workspace; it may overlap the output
    /// @param output     writable memory for [#tagBytes] bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public final void mac(MemorySegment workspace, long at, MemorySegment key, long keyAt, long keyLength,
            MemorySegment input, long inputAt, long length, MemorySegment output, long outputAt) {
        Ranges.checkWritable(name, workspace, at, stateBytes);
        Ranges.check(name, key, keyAt, keyLength);
        Ranges.check(name, input, inputAt, length);
        Ranges.checkWritable(name, output, outputAt, tagBytes);
        try {
            begin(workspace, at, key, keyAt, keyLength);
            absorb(workspace, at, input, inputAt, length);
            finish(workspace, at, output, outputAt);
        } finally {
            Wipe.bytes(workspace, at, stateBytes);
        }
    }

    /// Overwrites a state with zeros: the end of a key's use.
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in its segment (caller's fault)
    public final void wipe(MemorySegment state, long at) {
        Wipe.bytes(state, at, stateBytes);
    }

    /// Takes a key; ranges are checked.
    protected abstract void begin(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength);

    /// Takes bytes; ranges are checked.
    protected abstract void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length);

    /// Writes the tag and starts over under the same key; ranges are checked.
    protected abstract void finish(MemorySegment state, long at, MemorySegment output, long outputAt);

    @Override
    public final String toString() {
        return name;
    }
}
