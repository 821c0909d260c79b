package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;

/// Operations of one parameter set as functions of bytes, each on a workspace and outputs exactly as long as they are said
/// to be, and in every form that must give one answer: encoded key, expanded key, message in pieces.
record MlDsaCase(MlDsa dsa) {
    static final MemorySegment NONE = Memory.zeros(0);

    static Stream<MlDsa> sets() {
        return Stream.of(MlDsa.ML_DSA_44, MlDsa.ML_DSA_65, MlDsa.ML_DSA_87);
    }

    static MlDsaCase of(String parameterSet) {
        return new MlDsaCase(sets().filter(dsa -> dsa.name().equals(parameterSet)).findFirst().orElseThrow());
    }

    /// {@return the parameter set that a file of Wycheproof's is for, `mldsa_65_...`}
    static MlDsaCase ofFile(String file) {
        return of("ML-DSA-" + file.split("_")[1]);
    }

    record Keys(MemorySegment pk, MemorySegment sk) {}

    private MemorySegment signing() {
        return Memory.zeros(dsa.signWorkspaceBytes());
    }

    private MemorySegment workspace() {
        return Memory.zeros(dsa.workspaceBytes());
    }

    Keys keyPair(MemorySegment seed) {
        Keys keys = new Keys(Memory.zeros(dsa.publicKeyBytes()), Memory.zeros(dsa.privateKeyBytes()));
        dsa.keyPair(seed, 0, keys.pk, 0, keys.sk, 0, workspace(), 0);
        return keys;
    }

    /// rnd that is given, or the deterministic variant.
    static Entropy rnd(MemorySegment rnd) {
        return rnd == null ? Signature.DETERMINISTIC : (segment, at, length) -> MemorySegment.copy(rnd, 0, segment, at, length);
    }

    private interface Signing {
        void sign(ExpandedSigningKey key, MemorySegment signature);
    }

    /// {@return the signature, or null where the key is refused, in both forms}
    private MemorySegment both(boolean taken, MemorySegment plain, MemorySegment sk, Signing signing) {
        MemorySegment again = Memory.zeros(dsa.signatureBytes());
        try (ExpandedSigningKey key = new ExpandedSigningKey(dsa, Memory.zeros(ExpandedSigningKey.bytes(dsa)), 0)) {
            if (taken != key.expand(sk, 0, signing(), 0)) {
                throw new AssertionError("expansion and signing differ");
            }
            if (taken) {
                signing.sign(key, again);
            }
        }
        if (plain.mismatch(again) >= 0) {
            throw new AssertionError("the expanded key signs otherwise");
        }
        return taken ? plain : null;
    }

    MemorySegment sign(MemorySegment rnd, MemorySegment sk, MemorySegment message, MemorySegment context) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        int length = (int) context.byteSize();
        boolean taken = dsa.sign(rnd(rnd), sk, 0, message, 0, message.byteSize(), context, 0, length, signature, 0, signing(), 0);
        return both(taken, signature, sk, (key, out) -> key.sign(rnd(rnd), message, 0, message.byteSize(), context, 0, length, out, 0,
                signing(), 0));
    }

    MemorySegment signMu(MemorySegment rnd, MemorySegment sk, MemorySegment mu) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        boolean taken = dsa.signMu(rnd(rnd), sk, 0, mu, 0, signature, 0, signing(), 0);
        return both(taken, signature, sk, (key, out) -> key.signMu(rnd(rnd), mu, 0, out, 0, signing(), 0));
    }

    MemorySegment signPrehashed(MemorySegment rnd, MemorySegment sk, Prehash function, MemorySegment digest, MemorySegment context) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        return dsa.signPrehashed(rnd(rnd), sk, 0, function, digest, 0, context, 0, (int) context.byteSize(), signature, 0, signing(), 0)
                ? signature : null;
    }

    MemorySegment signInternal(MemorySegment rnd, MemorySegment sk, MemorySegment message) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        return dsa.signInternal(rnd(rnd), sk, 0, message, message.byteSize(), signature, signing(), 0) ? signature : null;
    }

    boolean verify(MemorySegment pk, MemorySegment message, MemorySegment context, MemorySegment signature) {
        int length = (int) context.byteSize();
        boolean valid = dsa.verify(pk, 0, message, 0, message.byteSize(), context, 0, length, signature, 0, signature.byteSize(),
                workspace(), 0);
        try (ExpandedVerifyingKey key = new ExpandedVerifyingKey(dsa, Memory.zeros(ExpandedVerifyingKey.bytes(dsa)), 0)) {
            key.expand(pk, 0, workspace(), 0);
            if (valid != key.verify(message, 0, message.byteSize(), context, 0, length, signature, 0, signature.byteSize(), workspace(),
                    0)) {
                throw new AssertionError("the expanded key verifies otherwise");
            }
        }
        if (length <= MlDsa.CONTEXT_BYTES_MAX && valid != dsa.verifyMu(pk, 0, mu(pk, message, context), 0, signature, 0,
                signature.byteSize(), workspace(), 0)) {
            throw new AssertionError("mu verifies otherwise");
        }
        return valid;
    }

    boolean verifyMu(MemorySegment pk, MemorySegment mu, MemorySegment signature) {
        boolean valid = dsa.verifyMu(pk, 0, mu, 0, signature, 0, signature.byteSize(), workspace(), 0);
        try (ExpandedVerifyingKey key = new ExpandedVerifyingKey(dsa, Memory.zeros(ExpandedVerifyingKey.bytes(dsa)), 0)) {
            key.expand(pk, 0, workspace(), 0);
            if (valid != key.verifyMu(mu, 0, signature, 0, signature.byteSize(), workspace(), 0)) {
                throw new AssertionError("the expanded key verifies otherwise");
            }
        }
        return valid;
    }

    /// {@return mu of a message that comes in pieces of 1, 2, 3... bytes}
    MemorySegment mu(MemorySegment pk, MemorySegment message, MemorySegment context) {
        MemorySegment tr = Memory.zeros(MlDsa.MU_BYTES);
        MemorySegment mu = Memory.zeros(MlDsa.MU_BYTES);
        MemorySegment state = Memory.zeros(MlDsa.STATE_BYTES);
        dsa.hashPublicKey(pk, 0, tr, 0, workspace(), 0);
        MlDsa.beginMu(tr, 0, context, 0, (int) context.byteSize(), state, 0);
        long piece = 1;
        for (long at = 0; at < message.byteSize(); at += piece, piece++) {
            MlDsa.updateMu(message, at, Math.min(piece, message.byteSize() - at), state, 0);
        }
        MlDsa.endMu(mu, 0, state, 0);
        return mu;
    }

    boolean verifyPrehashed(MemorySegment pk, Prehash function, MemorySegment digest, MemorySegment context, MemorySegment signature) {
        return dsa.verifyPrehashed(pk, 0, function, digest, 0, context, 0, (int) context.byteSize(), signature, 0,
                signature.byteSize(), workspace(), 0);
    }

    boolean verifyInternal(MemorySegment pk, MemorySegment message, MemorySegment signature) {
        return dsa.verifyInternal(pk, message, message.byteSize(), signature, signature.byteSize(), workspace());
    }
}
