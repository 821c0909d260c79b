package dev.coffer.crypto;

import dev.coffer.crypto.aead.AesGcm;
import dev.coffer.crypto.aead.ChaCha20Poly1305;
import dev.coffer.crypto.aead.JdkAesGcm;
import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// Authenticated encryption with associated data over the caller's memory: [#expand] a key once, then [#seal] and
/// [#open] with it.
///
/// ```
///   key --expand--> schedule | one per key, kept secret, wiped by its owner
///                  workspace | one per thread or event loop, nothing in it between calls
///   seal: text -> ciphertext, tag (16 bytes)         open: ciphertext, tag -> text, or false and no text at all
/// ```
///
/// Stateless, thread-safe; a workspace is for one thread at a time, a schedule may be read by many. 0 heap bytes.
/// Text and output may start at the same place (in place) or lie apart; a partial overlap is refused, and so is an output
/// that overlaps the associated data, and a schedule or a workspace that overlaps anything else. The nonce is copied
/// first, so the output may overwrite it. Key, schedule and workspace lie off the heap, at any alignment.
///
/// **A nonce must never be used twice with a key**: that is the caller's to ensure; sessions and the TLS record layer
/// count. `open` computes the tag over what came before it decrypts anything, compares in constant time, and leaves the
/// output untouched where they differ.
///
/// What is here is strict: scalar code, secrets in locals and in the caller's memory, no secret-dependent branch or
/// index. [#fast] gives the same algorithm with vector kernels, [#accelerated] AES-GCM on the JDK's AES.
public final class Aead {
    /// AEAD_CHACHA20_POLY1305 (RFC 8439, section 2.8): key 32, nonce 12 bytes.
    public static final Aead CHACHA20_POLY1305 = new Aead(new ChaCha20Poly1305(false, false));
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): key 32, nonce 24 bytes, long enough to be drawn at random.
    public static final Aead XCHACHA20_POLY1305 = new Aead(new ChaCha20Poly1305(true, false));

    /// AEAD_AES_128_GCM (SP 800-38D, RFC 5116 section 5.1): key 16, nonce 12 bytes.
    public static final Aead AES_128_GCM = new Aead(new AesGcm(16));
    /// AEAD_AES_256_GCM (SP 800-38D, RFC 5116 section 5.2): key 32, nonce 12 bytes.
    public static final Aead AES_256_GCM = new Aead(new AesGcm(32));

    /// Bytes of the tag, always the full 128 bits: shorter ones are refused by not being there.
    public static final int TAG_BYTES = AeadFunction.TAG_BYTES;

    /// The vectors' form of each, made when it is first asked for, with the choice.
    private static final class Fast {
        static final Aead IETF = ChaCha20Poly1305.vectorsServe() ? new Aead(new ChaCha20Poly1305(false, true)) : CHACHA20_POLY1305;
        static final Aead EXTENDED = ChaCha20Poly1305.vectorsServe() ? new Aead(new ChaCha20Poly1305(true, true)) : XCHACHA20_POLY1305;
    }

    private final AeadFunction function;
    private final String name;
    private final int keyBytes;
    private final int nonceBytes;
    private final long scheduleBytes;
    private final long workspaceBytes;
    private final long lengthMax;

    private Aead(AeadFunction function) {
        this.function = function;
        this.name = function.name();
        this.keyBytes = function.keyBytes();
        this.nonceBytes = function.nonceBytes();
        this.scheduleBytes = function.scheduleBytes();
        this.workspaceBytes = function.workspaceBytes();
        this.lengthMax = function.lengthMax();
    }

    /// {@return a new AES-GCM of its own, accelerated by the JDK's AES, which uses the processor's instructions}
    ///
    /// **Not strict**: [#expand] puts the key into a heap array, and the JDK keeps it and its schedule in others that nobody
    /// wipes; they wait for the collector. Texts stay off the heap, the key stream does not, but is wiped after each call.
    /// The result is for one thread at a time and for one key at a time: a schedule that it made before the last one, or
    /// that another made, is refused. Expanding allocates, sealing and opening do not.
    ///
    /// @param keyBytes  16 or 32
    /// @throws IllegalArgumentException  another size (caller's fault)
    public static Aead accelerated(int keyBytes) {
        if (keyBytes != 16 && keyBytes != 32) {
            throw new IllegalArgumentException("AES key: " + keyBytes + " bytes (expected 16 or 32)");
        }
        return new Aead(new JdkAesGcm(keyBytes));
    }

    /// {@return the standard's name, such as `ChaCha20-Poly1305`}
    public String name() {
        return name;
    }

    /// {@return bytes of a key}
    public int keyBytes() {
        return keyBytes;
    }

    /// {@return bytes of a nonce; every other size is refused}
    public int nonceBytes() {
        return nonceBytes;
    }

    /// {@return bytes of an expanded key, at any alignment}
    public long scheduleBytes() {
        return scheduleBytes;
    }

    /// {@return bytes of a workspace, at any alignment}
    public long workspaceBytes() {
        return workspaceBytes;
    }

    /// {@return bytes of the longest text that one nonce may seal}
    public long lengthMax() {
        return lengthMax;
    }

    /// {@return the same algorithm in the fast profile: its secrets pass through vector lanes, which lie in heap arrays
    /// until C2 has compiled the kernel (hundreds of calls) and are never wiped there; this very object where there is
    /// no such kernel, or `dev.coffer.crypto.vector` (artifact `coffer-crypto-vector`) or the JDK's vector module is absent, or
    /// the kernel failed the self-test that its first use makes: the log says once which}
    public Aead fast() {
        return this == CHACHA20_POLY1305 ? Fast.IETF : this == XCHACHA20_POLY1305 ? Fast.EXTENDED : this;
    }

    /// Expands a key into a schedule. The schedule is as secret as the key; its owner wipes it.
    ///
    /// @param key       memory off the heap with [#keyBytes] bytes from `keyAt`; not kept
    /// @param schedule  writable memory off the heap for [#scheduleBytes] bytes, not overlapping the key; wiped where this
    ///                  ends in an exception of the memory
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   key or schedule is on the heap, the schedule is read-only or overlaps the key
    ///                                    (caller's fault); nothing is written
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long scheduleAt) {
        Ranges.checkSecret(name, key, keyAt, keyBytes);
        Ranges.checkWorkspace(name, schedule, scheduleAt, scheduleBytes);
        Ranges.apart(name, key, keyAt, keyBytes, schedule, scheduleAt, scheduleBytes);
        boolean whole = false;
        try {
            function.expand(key, keyAt, schedule, scheduleAt);
            whole = true;
        } finally {
            if (!whole) {
                Wipe.bytes(schedule, scheduleAt, scheduleBytes);
            }
        }
    }

    /// Encrypts and authenticates: writes `length` bytes of ciphertext and, right behind, [#TAG_BYTES] of tag.
    ///
    /// @param schedule     an expanded key
    /// @param workspace    writable memory off the heap for [#workspaceBytes] bytes; wiped when this returns, however it
    ///                     returns
    /// @param nonce        never used before with this key
    /// @param nonceLength  [#nonceBytes], else refused
    /// @param aad          authenticated, not encrypted; may be of length 0
    /// @param text         the plaintext
    /// @param length       its bytes, 0 to [#lengthMax]
    /// @param output       writable memory for `length + TAG_BYTES` bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a nonce of another size, a text too long, a read-only output, or ranges that
    ///                                    overlap as they must not (caller's fault); nothing is written
    public void seal(MemorySegment schedule, long scheduleAt, MemorySegment workspace, long workspaceAt,
            MemorySegment nonce, long nonceAt, long nonceLength, MemorySegment aad, long aadAt, long aadLength,
            MemorySegment text, long textAt, long length, MemorySegment output, long outputAt) {
        checkKeyed(schedule, scheduleAt, workspace, workspaceAt, nonce, nonceAt, nonceLength);
        Ranges.check(name, aad, aadAt, aadLength);
        Ranges.check(name, text, textAt, length);
        if (length > lengthMax) {
            throw new IllegalArgumentException(name + ": text of " + length + " bytes (expected at most " + lengthMax + ")");
        }
        Ranges.checkWritable(name, output, outputAt, length + TAG_BYTES);
        Ranges.inPlaceOrApart(name, text, textAt, length, output, outputAt, length + TAG_BYTES);
        Ranges.apart(name, aad, aadAt, aadLength, output, outputAt, length + TAG_BYTES);
        apart(schedule, scheduleAt, workspace, workspaceAt, aad, aadAt, aadLength);
        apart(schedule, scheduleAt, workspace, workspaceAt, text, textAt, length);
        apart(schedule, scheduleAt, workspace, workspaceAt, output, outputAt, length + TAG_BYTES);
        try {
            function.seal(schedule, scheduleAt, workspace, workspaceAt, nonce, nonceAt, aad, aadAt, aadLength, text, textAt,
                    length, output, outputAt);
        } finally {
            Wipe.bytes(workspace, workspaceAt, workspaceBytes);
        }
    }

    /// Verifies and, only where that succeeds, decrypts.
    ///
    /// @param schedule   an expanded key
    /// @param workspace  writable memory off the heap for [#workspaceBytes] bytes; wiped when this returns, however it
    ///                   returns
    /// @param sealed     ciphertext with its tag behind
    /// @param length     bytes of both; fewer than [#TAG_BYTES] or more than can be sealed is `false`, as it is the
    ///                   peer's fault
    /// @param output     writable memory for `length - TAG_BYTES` bytes
    /// @return whether it is authentic; where it is not, the output is untouched
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a nonce of another size, a read-only output, or ranges that overlap as they
    ///                                    must not (caller's fault); nothing is written
    public boolean open(MemorySegment schedule, long scheduleAt, MemorySegment workspace, long workspaceAt,
            MemorySegment nonce, long nonceAt, long nonceLength, MemorySegment aad, long aadAt, long aadLength,
            MemorySegment sealed, long sealedAt, long length, MemorySegment output, long outputAt) {
        checkKeyed(schedule, scheduleAt, workspace, workspaceAt, nonce, nonceAt, nonceLength);
        Ranges.check(name, aad, aadAt, aadLength);
        Ranges.check(name, sealed, sealedAt, length);
        long textLength = length - TAG_BYTES;
        if (textLength < 0 || textLength > lengthMax) {
            return false;
        }
        Ranges.checkWritable(name, output, outputAt, textLength);
        Ranges.inPlaceOrApart(name, sealed, sealedAt, length, output, outputAt, textLength);
        Ranges.apart(name, aad, aadAt, aadLength, output, outputAt, textLength);
        apart(schedule, scheduleAt, workspace, workspaceAt, aad, aadAt, aadLength);
        apart(schedule, scheduleAt, workspace, workspaceAt, sealed, sealedAt, length);
        apart(schedule, scheduleAt, workspace, workspaceAt, output, outputAt, textLength);
        try {
            return function.open(schedule, scheduleAt, workspace, workspaceAt, nonce, nonceAt, aad, aadAt, aadLength, sealed,
                    sealedAt, textLength, output, outputAt);
        } finally {
            Wipe.bytes(workspace, workspaceAt, workspaceBytes);
        }
    }

    private void checkKeyed(MemorySegment schedule, long scheduleAt, MemorySegment workspace, long workspaceAt,
            MemorySegment nonce, long nonceAt, long nonceLength) {
        Ranges.checkSecret(name, schedule, scheduleAt, scheduleBytes);
        Ranges.checkWorkspace(name, workspace, workspaceAt, workspaceBytes);
        Ranges.check(name, nonce, nonceAt, nonceLength);
        if (nonceLength != nonceBytes) {
            throw new IllegalArgumentException(
                    name + ": nonce of " + nonceLength + " bytes (expected " + nonceBytes + ")");
        }
        Ranges.apart(name, schedule, scheduleAt, scheduleBytes, workspace, workspaceAt, workspaceBytes);
        apart(schedule, scheduleAt, workspace, workspaceAt, nonce, nonceAt, nonceLength);
    }

    /// Neither the key's schedule nor the workspace is an input or an output.
    private void apart(MemorySegment schedule, long scheduleAt, MemorySegment workspace, long workspaceAt,
            MemorySegment other, long otherAt, long otherLength) {
        Ranges.apart(name, schedule, scheduleAt, scheduleBytes, other, otherAt, otherLength);
        Ranges.apart(name, workspace, workspaceAt, workspaceBytes, other, otherAt, otherLength);
    }

    @Override
    public String toString() {
        return name;
    }
}
