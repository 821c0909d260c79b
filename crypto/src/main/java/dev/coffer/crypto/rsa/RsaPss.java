package dev.coffer.crypto.rsa;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// RSASSA-PSS (RFC 8017, section 8.1) as TLS 1.3 signs with it (RFC 8446, section 4.2.3): MGF1 over the same hash, a salt as long as a digest, fresh for each
/// signature. Stateless, thread-safe; 0 heap bytes.
///
/// A signature is verified before it is given out: of one that a fault has spoiled half-way, whoever knows what was signed finds the key's primes (Boneh,
/// DeMillo, Lipton 1997; with PSS who does not know the salt does not, but nobody need count on that).
public enum RsaPss {
    /// With SHA-256; rsa_pss_rsae_sha256 of TLS.
    SHA_256(Hash.SHA_256),
    /// With SHA-384.
    SHA_384(Hash.SHA_384),
    /// With SHA-512.
    SHA_512(Hash.SHA_512);

    private static final int PADDING_BYTES = 8;  // zeros before digest and salt (section 9.1.1, step 5)
    private static final byte TRAILER = (byte) 0xbc;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // The workspace.
    private static final long STATE = 0;
    private static final long PREPARED = STATE + Hash.STATE_BYTES_MAX;                                 // M': zeros, digest, salt
    private static final long MASK = PREPARED + PADDING_BYTES + 2 * Hash.DIGEST_BYTES_MAX;             // a block of MGF1's output
    private static final long COUNTER = MASK + Hash.DIGEST_BYTES_MAX;
    private static final long ENCODED = COUNTER + Integer.BYTES;
    private static final long SIGNED = ENCODED + RsaKey.MODULUS_BYTES_MAX;
    private static final long CHECKED = SIGNED + RsaKey.MODULUS_BYTES_MAX;
    /// Bytes of the workspace of [#sign]: a hash's state, what is hashed, and three numbers.
    public static final long WORKSPACE_BYTES = CHECKED + RsaKey.MODULUS_BYTES_MAX;

    private final Hash hash;

    RsaPss(Hash hash) {
        this.hash = hash;
    }

    /// {@return the hash of message and mask}
    public Hash hash() {
        return hash;
    }

    /// Signs a message.
    ///
    /// @param entropy    where the salt comes from: `Entropy.SYSTEM` but in tests
    /// @param signature  room for [RsaKey#modulusBytes]
    /// @param workspace  [#WORKSPACE_BYTES] from `at`, off the heap, apart from the rest; zero afterwards
    /// @return false where the key could not, or the machine has computed wrongly; the signature is unchanged then
    /// @throws IllegalArgumentException   ranges that overlap, or a workspace on the heap (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalStateException      the source has no bytes, or filled nothing; the signature is unchanged
    public boolean sign(Entropy entropy, RsaKey key, MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt, MemorySegment workspace, long at) {
        int bytes = key.modulusBytes();
        Ranges.check(name(), message, messageAt, length);
        Ranges.checkWritable(name(), signature, signatureAt, bytes);
        Ranges.checkWorkspace(name(), workspace, at, WORKSPACE_BYTES);
        Ranges.apart(name(), workspace, at, WORKSPACE_BYTES, message, messageAt, length);
        Ranges.apart(name(), workspace, at, WORKSPACE_BYTES, signature, signatureAt, bytes);
        try {
            encode(entropy, key.modulusBits() - 1, message, messageAt, length, workspace, at, at + ENCODED);
            if (!key.signaturePrimitive(workspace, at + ENCODED, workspace, at + SIGNED)
                    || !key.verificationPrimitive(workspace, at + SIGNED, workspace, at + CHECKED)
                    || MemorySegment.mismatch(workspace, at + ENCODED, at + ENCODED + bytes, workspace, at + CHECKED, at + CHECKED + bytes) >= 0) {
                return false;
            }
            MemorySegment.copy(workspace, at + SIGNED, signature, signatureAt, bytes);
            return true;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// EMSA-PSS-ENCODE (section 9.1.1), as a number of as many bytes as the modulus: one more than the encoding where its bits fill whole bytes.
    private void encode(Entropy entropy, int bits, MemorySegment message, long messageAt, long length, MemorySegment w, long at, long out) {
        int digest = hash.digestBytes();
        int encoded = (bits + 7) / Byte.SIZE;
        long em = out + (bits % Byte.SIZE == 0 ? 1 : 0);
        int masked = encoded - digest - 1;                        // bytes of DB
        long salt = at + PREPARED + PADDING_BYTES + digest;
        Wipe.bytes(w, at + PREPARED, PADDING_BYTES);
        hash.hash(w, at + STATE, message, messageAt, length, w, at + PREPARED + PADDING_BYTES);
        Drawn.fill(name(), entropy, w, salt, digest);
        w.set(BYTE, out, (byte) 0);
        Wipe.bytes(w, em, masked);                                // PS
        w.set(BYTE, em + masked - digest - 1, (byte) 1);
        MemorySegment.copy(w, salt, w, em + masked - digest, digest);
        hash.hash(w, at + STATE, w, at + PREPARED, PADDING_BYTES + 2L * digest, w, em + masked);
        mask(w, at, em + masked, em, masked);
        int unused = encoded * Byte.SIZE - bits;
        w.set(BYTE, em, (byte) (w.get(BYTE, em) & 0xff >> unused));
        w.set(BYTE, em + encoded - 1, TRAILER);
    }

    /// MGF1 (appendix B.2.1) over a seed of a digest's length, added to what lies there.
    private void mask(MemorySegment w, long at, long seed, long out, int length) {
        int digest = hash.digestBytes();
        for (int block = 0; block * digest < length; block++) {
            BigEndian.i32(w, at + COUNTER, block);
            hash.init(w, at + STATE);
            hash.update(w, at + STATE, w, seed, digest);
            hash.update(w, at + STATE, w, at + COUNTER, Integer.BYTES);
            hash.digest(w, at + STATE, w, at + MASK);
            for (int i = 0; i < Math.min(digest, length - block * digest); i++) {
                long p = out + block * digest + i;
                w.set(BYTE, p, (byte) (w.get(BYTE, p) ^ w.get(BYTE, at + MASK + i)));
            }
        }
    }
}
