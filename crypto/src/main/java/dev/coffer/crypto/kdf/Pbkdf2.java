package dev.coffer.crypto.kdf;

import dev.coffer.crypto.Mac;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// PBKDF2 (RFC 8018, section 5.2): a key from a passphrase, by as many steps as whoever made the file asked for. To read what others locked with it; to lock
/// anew, [dev.coffer.crypto.argon2.Argon2id] costs a guesser memory too.
///
/// Stateless, thread-safe; a workspace is for one thread at a time and holds nothing between calls. 0 heap bytes. Lengths and counts are public; contents are
/// not.
public final class Pbkdf2 {
    /// PBKDF2 with HMAC-SHA-256.
    public static final Pbkdf2 HMAC_SHA_256 = new Pbkdf2(Mac.HMAC_SHA_256);
    /// PBKDF2 with HMAC-SHA-384.
    public static final Pbkdf2 HMAC_SHA_384 = new Pbkdf2(Mac.HMAC_SHA_384);
    /// PBKDF2 with HMAC-SHA-512.
    public static final Pbkdf2 HMAC_SHA_512 = new Pbkdf2(Mac.HMAC_SHA_512);

    /// Bytes of the largest workspace.
    public static final long WORKSPACE_BYTES_MAX = Mac.STATE_BYTES_MAX + 2L * Mac.TAG_BYTES_MAX + Integer.BYTES;

    private final Mac mac;
    private final int tagBytes;
    private final long step;  // offsets in the workspace; the MAC's state lies at 0
    private final long sum;
    private final long index;

    private Pbkdf2(Mac mac) {
        this.mac = mac;
        this.tagBytes = mac.tagBytes();
        this.step = mac.stateBytes();
        this.sum = step + tagBytes;
        this.index = sum + tagBytes;
    }

    /// {@return bytes of a workspace, at any alignment; at most [#WORKSPACE_BYTES_MAX]}
    public long workspaceBytes() {
        return index + Integer.BYTES;
    }

    /// {@return the function underneath: the PRF of the standard}
    public Mac mac() {
        return mac;
    }

    /// Derives a key.
    ///
    /// @param workspace   writable memory of [#workspaceBytes] from `at`, off the heap; wiped when this returns, however it returns
    /// @param passphrase  off the heap; any length, none too
    /// @param salt        any length
    /// @param iterations  1 or more: the caller bounds what a stranger's file asks for
    /// @param output      writable memory off the heap for `length` bytes, apart from the salt
    /// @param length      bytes, 0 or more; the standard's bound of (2^32 - 1) blocks is out of reach
    /// @throws IllegalArgumentException   no iteration, memory on the heap, or ranges that overlap (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void derive(MemorySegment workspace, long at, MemorySegment passphrase, long passphraseAt, long passphraseLength, MemorySegment salt, long saltAt,
            long saltLength, int iterations, MemorySegment output, long outputAt, int length) {
        if (iterations < 1) {
            throw new IllegalArgumentException("PBKDF2: " + iterations + " iterations (expected 1 or more, RFC 8018 section 5.2)");
        }
        long bytes = workspaceBytes();
        Ranges.checkWorkspace("PBKDF2 workspace", workspace, at, bytes);
        Ranges.checkSecret("PBKDF2 passphrase", passphrase, passphraseAt, passphraseLength);
        Ranges.check("PBKDF2 salt", salt, saltAt, saltLength);
        Ranges.checkWorkspace("PBKDF2 output", output, outputAt, length);
        Ranges.apart("PBKDF2 workspace", workspace, at, bytes, passphrase, passphraseAt, passphraseLength);
        Ranges.apart("PBKDF2 workspace", workspace, at, bytes, salt, saltAt, saltLength);
        Ranges.apart("PBKDF2 workspace", workspace, at, bytes, output, outputAt, length);
        Ranges.apart("PBKDF2 salt", salt, saltAt, saltLength, output, outputAt, length);
        try {
            mac.init(workspace, at, passphrase, passphraseAt, passphraseLength);  // once: its state is ready for the next message after each
            int block = 1;
            for (long done = 0; done < length; done += tagBytes, block++) {  // an int would turn over behind the last block of 2^31 - 1
                mac.update(workspace, at, salt, saltAt, saltLength);
                BigEndian.i32(workspace, at + index, block);
                mac.update(workspace, at, workspace, at + index, Integer.BYTES);
                chain(workspace, at, iterations);
                MemorySegment.copy(workspace, at + sum, output, outputAt + done, Math.min(tagBytes, length - done));
            }
        } finally {
            Wipe.bytes(workspace, at, bytes);
        }
    }

    /// The sum of U_1, whose message was taken, to U_c, each the MAC of the one before.
    private void chain(MemorySegment w, long at, int iterations) {
        mac.tag(w, at, w, at + step);
        MemorySegment.copy(w, at + step, w, at + sum, tagBytes);
        for (int i = 1; i < iterations; i++) {
            mac.update(w, at, w, at + step, tagBytes);
            mac.tag(w, at, w, at + step);
            for (int j = 0; j < tagBytes; j += Long.BYTES) {
                w.set(ValueLayout.JAVA_LONG_UNALIGNED, at + sum + j,
                        w.get(ValueLayout.JAVA_LONG_UNALIGNED, at + sum + j) ^ w.get(ValueLayout.JAVA_LONG_UNALIGNED, at + step + j));
            }
        }
    }

    @Override
    public String toString() {
        return "PBKDF2-" + mac.name();
    }
}
