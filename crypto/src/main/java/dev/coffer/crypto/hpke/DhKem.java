package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.KemRanges;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// DHKEM (RFC 9180, section 4.1) of X25519 or P-256 with HKDF-SHA256, with its authenticated form. Stateless, thread-safe; 0 heap
/// bytes.
final class DhKem implements Kem {
    private static final LabeledKdf KDF = HpkeKdf.HKDF_SHA256.labeled;
    private static final int PRIVATE_BYTES = 32;
    private static final int SECRET_BYTES = 32;
    private static final int CANDIDATES = 256;  // section 7.1.3: more have a chance of 2^-8192 to be needed

    private static final long DH = 0;                     // of both keys of the sender, one behind the other
    private static final long PRK = DH + 2 * SECRET_BYTES;
    private static final long SECRET = PRK + 32;
    private static final long OWN = SECRET + SECRET_BYTES;  // a private key that is made
    private static final long COUNTER = OWN + PRIVATE_BYTES;
    private static final long CONTEXT = COUNTER + 1;      // enc, recipient's key, sender's key

    private final String name;
    private final Kem exchange;
    private final byte[] suite;
    private final boolean montgomery;
    private final int publicBytes;
    private final long operation;
    private final long bytes;
    private final KemRanges ranges;

    /// @param exchange  of public keys, without a KDF: X25519's or P-256's
    DhKem(String name, int id, Kem exchange) {
        this.name = name;
        this.exchange = exchange;
        this.suite = suite(id);
        this.montgomery = exchange == X25519.KEM;
        this.publicBytes = exchange.encapsulationKeyBytes();
        this.operation = CONTEXT + 3L * publicBytes;
        this.bytes = operation + Math.max(exchange.workspaceBytes(), KDF.workspaceBytes());
        this.ranges = new KemRanges(name, exchange.seedBytes(), publicBytes, PRIVATE_BYTES, publicBytes, SECRET_BYTES, bytes);
    }

    /// "KEM" and the number (section 4.1).
    private static byte[] suite(int id) {
        return new byte[] {'K', 'E', 'M', (byte) (id >> 8), (byte) id};
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int seedBytes() {
        return exchange.seedBytes();
    }

    @Override
    public int encapsulationKeyBytes() {
        return publicBytes;
    }

    @Override
    public int decapsulationKeyBytes() {
        return PRIVATE_BYTES;
    }

    @Override
    public int ciphertextBytes() {
        return publicBytes;
    }

    @Override
    public int sharedBytes() {
        return SECRET_BYTES;
    }

    @Override
    public long workspaceBytes() {
        return bytes;
    }

    @Override
    public boolean keyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt,
            MemorySegment w, long at) {
        ranges.checkKeyPair(seed, seedAt, ek, ekAt, dk, dkAt, w, at);
        try {
            return exchange.keyPair(seed, seedAt, ek, ekAt, dk, dkAt, w, at);
        } finally {
            Wipe.bytes(w, at, bytes);  // which is the longer one
        }
    }

    /// DeriveKeyPair (section 7.1.3), from ranges that were checked and lie apart.
    ///
    /// @return false where no candidate was a key, which has a chance of 2^-8192
    boolean derive(MemorySegment ikm, long ikmAt, long ikmLength, MemorySegment publicKey, long publicAt, MemorySegment privateKey,
            long privateAt, MemorySegment w, long at) {
        boolean whole = true;
        try {
            KDF.extract(suite, LabeledKdf.DKP_PRK, w, at + OWN, 0, ikm, ikmAt, ikmLength, w, at + PRK, w, at + operation);
            if (!candidate(w, at)) {
                return false;
            }
            whole = false;
            MemorySegment.copy(w, at + CONTEXT, publicKey, publicAt, publicBytes);
            MemorySegment.copy(w, at + OWN, privateKey, privateAt, PRIVATE_BYTES);
            whole = true;
            return true;
        } finally {
            ranges.endKeyPair(whole, publicKey, publicAt, privateKey, privateAt, w, at);
        }
    }

    /// Leaves a private key in OWN and its public key in CONTEXT.
    private boolean candidate(MemorySegment w, long at) {
        if (montgomery) {
            KDF.expand(suite, LabeledKdf.SK, w, at + PRK, w, at + COUNTER, 0, w, at + OWN, PRIVATE_BYTES, w, at + operation);
            return publicKey(w, at + OWN, w, at + CONTEXT, w, at + operation);
        }
        for (int counter = 0; counter < CANDIDATES; counter++) {
            w.set(ValueLayout.JAVA_BYTE, at + COUNTER, (byte) counter);
            KDF.expand(suite, LabeledKdf.CANDIDATE, w, at + PRK, w, at + COUNTER, 1, w, at + OWN, PRIVATE_BYTES, w, at + operation);
            if (publicKey(w, at + OWN, w, at + CONTEXT, w, at + operation)) {  // P-256's bitmask is 0xff
                return true;
            }
        }
        return false;
    }

    private boolean publicKey(MemorySegment key, long keyAt, MemorySegment out, long outAt, MemorySegment w, long at) {
        if (montgomery) {
            X25519.publicKey(key, keyAt, out, outAt, w, at);
            return true;
        }
        return P256.publicKey(key, keyAt, out, outAt, w, at);
    }

    private Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment out, long outAt,
            MemorySegment w, long at) {
        return montgomery ? X25519.agree(key, keyAt, peer, peerAt, out, outAt, w, at)
                : P256.agree(key, keyAt, peer, peerAt, publicBytes, out, outAt, w, at);
    }

    @Override
    public boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        return encapsulate(entropy, ek, ekAt, null, 0, ciphertext, ciphertextAt, shared, sharedAt, w, at) == HpkeSetup.READY;
    }

    /// Encap, or AuthEncap where the sender has a key (section 4.1).
    ///
    /// @param own  the sender's private key, off the heap, or null
    HpkeSetup encapsulate(Entropy entropy, MemorySegment ek, long ekAt, @Nullable MemorySegment own, long ownAt, MemorySegment ciphertext,
            long ciphertextAt, MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        ranges.checkEncapsulation(ek, ekAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        if (own != null) {
            ranges.checkPrivate(own, ownAt, w, at);
            Ranges.apart(name, own, ownAt, PRIVATE_BYTES, ciphertext, ciphertextAt, publicBytes);
            Ranges.apart(name, own, ownAt, PRIVATE_BYTES, shared, sharedAt, SECRET_BYTES);
        }
        boolean whole = true;
        try {
            long recipient = at + CONTEXT + publicBytes;
            MemorySegment.copy(ek, ekAt, w, recipient, publicBytes);
            if (!exchange.encapsulate(entropy, w, recipient, w, at + CONTEXT, w, at + DH, w, at + operation)) {
                return HpkeSetup.NO_PUBLIC_KEY;
            }
            if (own != null) {
                Agreement agreement = agree(own, ownAt, w, recipient, w, at + DH + SECRET_BYTES, w, at + operation);
                if (agreement != Agreement.AGREED || !publicKey(own, ownAt, w, recipient + publicBytes, w, at + operation)) {
                    return HpkeSetup.NO_PRIVATE_KEY;  // the recipient's key agreed already
                }
            }
            extractAndExpand(own != null, w, at);
            whole = false;
            MemorySegment.copy(w, at + CONTEXT, ciphertext, ciphertextAt, publicBytes);
            MemorySegment.copy(w, at + SECRET, shared, sharedAt, SECRET_BYTES);
            whole = true;
            return HpkeSetup.READY;
        } finally {
            ranges.endEncapsulation(whole, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        }
    }

    @Override
    public boolean decapsulate(MemorySegment dk, long dkAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        return decapsulate(dk, dkAt, null, 0, ciphertext, ciphertextAt, shared, sharedAt, w, at) == HpkeSetup.READY;
    }

    /// Decap, or AuthDecap where the sender has a key (section 4.1).
    ///
    /// @param sender  the sender's public key, or null
    HpkeSetup decapsulate(MemorySegment dk, long dkAt, @Nullable MemorySegment sender, long senderAt, MemorySegment ciphertext,
            long ciphertextAt, MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        ranges.checkDecapsulation(dk, dkAt, ciphertext, ciphertextAt, shared, sharedAt, w, at);
        if (sender != null) {
            ranges.checkPublic(sender, senderAt, w, at);
        }
        try {
            long recipient = at + CONTEXT + publicBytes;
            MemorySegment.copy(ciphertext, ciphertextAt, w, at + CONTEXT, publicBytes);
            if (!publicKey(dk, dkAt, w, recipient, w, at + operation)) {
                return HpkeSetup.NO_PRIVATE_KEY;
            }
            if (agree(dk, dkAt, w, at + CONTEXT, w, at + DH, w, at + operation) != Agreement.AGREED) {
                return HpkeSetup.NO_ENCAPSULATED_KEY;
            }
            if (sender != null) {
                MemorySegment.copy(sender, senderAt, w, recipient + publicBytes, publicBytes);
                if (agree(dk, dkAt, w, recipient + publicBytes, w, at + DH + SECRET_BYTES, w, at + operation) != Agreement.AGREED) {
                    return HpkeSetup.NO_PUBLIC_KEY;
                }
            }
            extractAndExpand(sender != null, w, at);
            MemorySegment.copy(w, at + SECRET, shared, sharedAt, SECRET_BYTES);
            return HpkeSetup.READY;
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    /// ExtractAndExpand (section 4.1), of what lies in DH and CONTEXT.
    private void extractAndExpand(boolean authenticated, MemorySegment w, long at) {
        int keys = authenticated ? 2 : 1;
        KDF.extract(suite, LabeledKdf.EAE_PRK, w, at + OWN, 0, w, at + DH, (long) keys * SECRET_BYTES, w, at + PRK, w, at + operation);
        KDF.expand(suite, LabeledKdf.SHARED_SECRET, w, at + PRK, w, at + CONTEXT, (long) (1 + keys) * publicBytes, w, at + SECRET,
                SECRET_BYTES, w, at + operation);
    }

    @Override
    public String toString() {
        return name;
    }
}
