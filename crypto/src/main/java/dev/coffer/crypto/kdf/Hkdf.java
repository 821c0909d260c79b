package dev.coffer.crypto.kdf;

import dev.coffer.crypto.Mac;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// HKDF (RFC 5869): [#extract] a key from material of uneven quality, [#expand] it into any number of keys, or [#derive]
/// in one call; and the form that TLS 1.3 and QUIC use, [#expandLabel] (RFC 8446, section 7.1).
///
/// Stateless, thread-safe; a workspace is for one thread at a time and holds nothing between calls. 0 heap bytes. Every
/// length is public; contents are not.
public final class Hkdf {
    /// HKDF with SHA-256.
    public static final Hkdf SHA_256 = new Hkdf(Mac.HMAC_SHA_256);
    /// HKDF with SHA-384.
    public static final Hkdf SHA_384 = new Hkdf(Mac.HMAC_SHA_384);
    /// HKDF with SHA-512.
    public static final Hkdf SHA_512 = new Hkdf(Mac.HMAC_SHA_512);

    /// Bytes of the longest label, without its prefix `tls13 `, and of the longest context (RFC 8446, section 7.1).
    public static final int LABEL_BYTES_MAX = 255 - 6;
    /// See [#LABEL_BYTES_MAX].
    public static final int CONTEXT_BYTES_MAX = 255;

    private static final long LABEL_PREFIX = 0x746c73313320L;  // "tls13 ", in six bytes
    private static final int LABEL_PREFIX_BYTES = 6;
    // HkdfLabel: u16 length, u8 and label, u8 and context.
    private static final int INFO_BYTES_MAX = 2 + 1 + 255 + 1 + CONTEXT_BYTES_MAX;

    private final Mac mac;
    private final int hashBytes;
    private final long block;  // offsets in the workspace; the MAC's state lies at 0
    private final long counter;
    private final long prk;
    private final long info;
    private final long workspaceBytes;

    private Hkdf(Mac mac) {
        this.mac = mac;
        this.hashBytes = mac.tagBytes();
        this.block = mac.stateBytes();
        this.counter = block + hashBytes;
        this.prk = counter + 1;
        this.info = prk + hashBytes;
        this.workspaceBytes = info + INFO_BYTES_MAX;
    }

    /// {@return bytes of a pseudorandom key: HashLen}
    public int hashBytes() {
        return hashBytes;
    }

    /// {@return bytes of a workspace, at any alignment; about 1 KiB}
    public long workspaceBytes() {
        return workspaceBytes;
    }

    /// {@return the longest output of one expansion: 255 * HashLen (section 2.3)}
    public int lengthMax() {
        return 255 * hashBytes;
    }

    /// HKDF-Extract (section 2.2): writes a pseudorandom key of [#hashBytes] bytes.
    ///
    /// @param workspace  writable memory of [#workspaceBytes] from `at`; wiped when this returns, however it returns
    /// @param salt       may be of length 0, which counts as zeros
    /// @param ikm        input keying material
    /// @param output     writable memory for [#hashBytes] bytes; may overlap salt or material
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void extract(MemorySegment workspace, long at, MemorySegment salt, long saltAt, long saltLength,
            MemorySegment ikm, long ikmAt, long ikmLength, MemorySegment output, long outputAt) {
        Ranges.checkWorkspace("HKDF workspace", workspace, at, workspaceBytes);
        checkMaterial(workspace, at, salt, saltAt, saltLength, ikm, ikmAt, ikmLength);
        Ranges.checkWorkspace("HKDF output", output, outputAt, hashBytes);
        apart(workspace, at, output, outputAt, hashBytes);
        mac.mac(workspace, at, salt, saltAt, saltLength, ikm, ikmAt, ikmLength, output, outputAt);
    }

    private void checkMaterial(MemorySegment workspace, long at, MemorySegment salt, long saltAt, long saltLength,
            MemorySegment ikm, long ikmAt, long ikmLength) {
        Ranges.check("HKDF salt", salt, saltAt, saltLength);
        Ranges.checkSecret("HKDF material", ikm, ikmAt, ikmLength);
        apart(workspace, at, salt, saltAt, saltLength);
        apart(workspace, at, ikm, ikmAt, ikmLength);
    }

    private void apart(MemorySegment workspace, long at, MemorySegment other, long otherAt, long otherLength) {
        Ranges.apart("HKDF workspace", workspace, at, workspaceBytes, other, otherAt, otherLength);
    }

    /// HKDF-Expand (section 2.3).
    ///
    /// @param workspace  writable memory of [#workspaceBytes] from `at`; wiped when this returns, however it returns
    /// @param key        a pseudorandom key
    /// @param keyLength  its bytes, usually [#hashBytes]
    /// @param info       what the output is for; may be of length 0
    /// @param output     writable memory for `length` bytes, not overlapping the info
    /// @param length     0 to [#lengthMax]
    /// @throws IllegalArgumentException   a longer output, or one that overlaps the info (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void expand(MemorySegment workspace, long at, MemorySegment key, long keyAt, long keyLength,
            MemorySegment info, long infoAt, long infoLength, MemorySegment output, long outputAt, long length) {
        check(workspace, at, output, outputAt, length);
        Ranges.checkSecret("HKDF key", key, keyAt, keyLength);
        apart(workspace, at, key, keyAt, keyLength);
        Ranges.check("HKDF info", info, infoAt, infoLength);
        apart(workspace, at, info, infoAt, infoLength);
        Ranges.apart("HKDF info", info, infoAt, infoLength, output, outputAt, length);
        try {
            expanded(workspace, at, key, keyAt, keyLength, info, infoAt, infoLength, output, outputAt, length);
        } finally {
            Wipe.bytes(workspace, at, workspaceBytes);
        }
    }

    /// Extract, then expand (section 2). Parameters and errors are theirs.
    public void derive(MemorySegment workspace, long at, MemorySegment salt, long saltAt, long saltLength,
            MemorySegment ikm, long ikmAt, long ikmLength, MemorySegment info, long infoAt, long infoLength,
            MemorySegment output, long outputAt, long length) {
        check(workspace, at, output, outputAt, length);
        Ranges.check("HKDF info", info, infoAt, infoLength);
        apart(workspace, at, info, infoAt, infoLength);
        Ranges.apart("HKDF info", info, infoAt, infoLength, output, outputAt, length);
        checkMaterial(workspace, at, salt, saltAt, saltLength, ikm, ikmAt, ikmLength);
        try {
            mac.mac(workspace, at, salt, saltAt, saltLength, ikm, ikmAt, ikmLength, workspace, at + prk);
            expanded(workspace, at, workspace, at + prk, hashBytes, info, infoAt, infoLength, output, outputAt, length);
        } finally {
            Wipe.bytes(workspace, at, workspaceBytes);
        }
    }

    /// HKDF-Expand-Label (RFC 8446, section 7.1) with a secret of [#hashBytes] bytes.
    ///
    /// @param workspace      writable memory of [#workspaceBytes] from `at`; wiped when this returns
    /// @param secret         a secret of [#hashBytes] bytes; may overlap the output, so a secret can be replaced by its
    ///                       successor
    /// @param label          without the prefix `tls13 `; 1 to [#LABEL_BYTES_MAX] bytes
    /// @param context        0 to [#CONTEXT_BYTES_MAX] bytes, usually a transcript's hash
    /// @param output         writable memory for `length` bytes
    /// @param length         0 to [#lengthMax]
    /// @throws IllegalArgumentException   a length out of its range (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void expandLabel(MemorySegment workspace, long at, MemorySegment secret, long secretAt, MemorySegment label,
            long labelAt, int labelLength, MemorySegment context, long contextAt, int contextLength,
            MemorySegment output, long outputAt, int length) {
        check(workspace, at, output, outputAt, length);
        Ranges.checkSecret("HKDF secret", secret, secretAt, hashBytes);
        apart(workspace, at, secret, secretAt, hashBytes);
        Ranges.check("HKDF label", label, labelAt, labelLength);
        apart(workspace, at, label, labelAt, labelLength);
        Ranges.check("HKDF context", context, contextAt, contextLength);
        apart(workspace, at, context, contextAt, contextLength);
        if (labelLength < 1 || labelLength > LABEL_BYTES_MAX || contextLength > CONTEXT_BYTES_MAX) {
            throw new IllegalArgumentException("HKDF label: " + labelLength + " bytes with a context of " + contextLength
                    + " (expected 1 to " + LABEL_BYTES_MAX + " and 0 to " + CONTEXT_BYTES_MAX + ", RFC 8446 section 7.1)");
        }
        try {
            long p = at + info;
            BigEndian.u16(workspace, p, length);
            workspace.set(ValueLayout.JAVA_BYTE, p + 2, (byte) (LABEL_PREFIX_BYTES + labelLength));
            BigEndian.u16(workspace, p + 3, (int) (LABEL_PREFIX >>> 32));
            BigEndian.i32(workspace, p + 5, (int) LABEL_PREFIX);
            p += 3 + LABEL_PREFIX_BYTES;
            MemorySegment.copy(label, labelAt, workspace, p, labelLength);
            p += labelLength;
            workspace.set(ValueLayout.JAVA_BYTE, p, (byte) contextLength);
            MemorySegment.copy(context, contextAt, workspace, p + 1, contextLength);
            p += 1 + contextLength;
            expanded(workspace, at, secret, secretAt, hashBytes, workspace, at + info, p - at - info, output, outputAt,
                    length);
        } finally {
            Wipe.bytes(workspace, at, workspaceBytes);
        }
    }

    private void check(MemorySegment workspace, long at, MemorySegment output, long outputAt, long length) {
        Ranges.checkWorkspace("HKDF workspace", workspace, at, workspaceBytes);
        Ranges.checkWorkspace("HKDF output", output, outputAt, length);
        apart(workspace, at, output, outputAt, length);
        if (length > lengthMax()) {
            throw new IllegalArgumentException("HKDF output: " + length + " bytes (expected at most " + lengthMax()
                    + ", RFC 5869 section 2.3)");
        }
    }

    /// T(n) = HMAC(key, T(n - 1) | info | n). The key is taken before anything is written, so they may overlap.
    private void expanded(MemorySegment work, long at, MemorySegment key, long keyAt, long keyLength, MemorySegment info,
            long infoAt, long infoLength, MemorySegment output, long outputAt, long length) {
        mac.init(work, at, key, keyAt, keyLength);
        int n = 1;
        for (long done = 0; done < length; done += hashBytes, n++) {
            if (n > 1) {
                mac.update(work, at, work, at + block, hashBytes);
            }
            mac.update(work, at, info, infoAt, infoLength);
            work.set(ValueLayout.JAVA_BYTE, at + counter, (byte) n);
            mac.update(work, at, work, at + counter, 1);
            mac.tag(work, at, work, at + block);
            MemorySegment.copy(work, at + block, output, outputAt + done, Math.min(hashBytes, length - done));
        }
    }
}
