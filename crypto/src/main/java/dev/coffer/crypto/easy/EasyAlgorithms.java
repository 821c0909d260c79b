package dev.coffer.crypto.easy;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// What the algorithms do with the keys of an [EasyCrypto], over its scratch and temporaries. Whoever calls is alone inside; 0 heap bytes but
/// for pairs.
final class EasyAlgorithms {
    private static final String NAME = "easy crypto";
    private static final long SEED = EasyCrypto.SEED;

    private final EasyConfig config;
    private final Entropy entropy;
    private final MemorySegment scratch;
    private final MemorySegment temporaries;

    EasyAlgorithms(EasyConfig config, Entropy entropy, MemorySegment scratch, MemorySegment temporaries) {
        this.config = config;
        this.entropy = entropy;
        this.scratch = scratch;
        this.temporaries = temporaries;
    }

    void keyPair(Kem kem, FixedBytes<?> pk, FixedBytes<?> sk) {
        draw(kem.seedBytes(), () -> kem.keyPair(temporaries, SEED, pk.segment(), pk.offset(), sk.segment(), sk.offset(), scratch, 0));
    }

    void keyPair(dev.coffer.crypto.Signature scheme, FixedBytes<?> pk, FixedBytes<?> sk) {
        draw(scheme.seedBytes(), () -> scheme.keyPair(temporaries, SEED, pk.segment(), pk.offset(), sk.segment(), sk.offset(), scratch, 0));
    }

    /// What makes an object whole.
    private interface Making {
        void run();
    }

    private void draw(int seedBytes, Making making) {
        try {
            Drawn.fill(NAME, entropy, temporaries, SEED, seedBytes);
            making.run();
        } finally {
            Wipe.bytes(temporaries, SEED, seedBytes);
        }
    }

    /// What the compiler says already, but for types as wide as `PublicKey<KemSet>`: an object of another set has another length.
    static void checkSet(ParameterSet set, FixedBytes<?> other) {
        if (other.set() != set) {
            throw new IllegalArgumentException(NAME + ": " + other + " beside a key of " + set + " (expected one of the same set)");
        }
    }

    <K extends KemSet> void encapsulate(PublicKey<K> to, Ciphertext<K> ciphertext, SharedSecret<K> shared) {
        if (!to.set().kem().encapsulate(entropy, to.segment(), to.offset(), ciphertext.segment(), ciphertext.offset(), shared.segment(),
                shared.offset(), scratch, 0)) {
            throw new IllegalArgumentException(NAME + ": a public key that is none of " + to.set());
        }
    }

    <K extends KemSet> void decapsulate(SecretKey<K> key, MemorySegment ciphertext, long ciphertextAt, SharedSecret<K> shared) {
        if (!key.set().kem().decapsulate(key.segment(), key.offset(), ciphertext, ciphertextAt, shared.segment(), shared.offset(), scratch,
                0)) {
            throw new OpenException(OpenException.Reason.WRONG_KEY);
        }
    }

    void sign(SecretKey<? extends SignatureSet> key, MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt) {
        checkScratch(key.set(), key.set().scheme().signWorkspaceBytes());
        if (!key.set().scheme().sign(entropy, key.segment(), key.offset(), message, messageAt, length, message, messageAt, 0, signature,
                signatureAt, scratch, 0)) {
            throw new IllegalStateException(key + ": overwritten, no key any more");
        }
    }

    /// The levels' algorithms always have enough.
    void checkScratch(ParameterSet set, long bytes) {
        if (bytes > config.scratchBytes()) {
            throw new IllegalArgumentException(NAME + ": " + set + " takes " + bytes + " bytes of scratch, there are " + config.scratchBytes()
                    + " (expected withScratchBytes)");
        }
    }

    boolean verify(PublicKey<? extends SignatureSet> key, MemorySegment message, long messageAt, long length,
            MemorySegment signature, long signatureAt, long signatureLength) {
        checkScratch(key.set(), key.set().scheme().workspaceBytes());
        return key.set().scheme().verify(key.segment(), key.offset(), message, messageAt, length, message, messageAt, 0, signature,
                signatureAt, signatureLength, scratch, 0);
    }
}
