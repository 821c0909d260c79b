package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Prehash;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/// Operations of one parameter set as functions of bytes, each on a workspace and outputs exactly as long as they are said to be.
record SlhDsaCase(SlhDsa dsa) {
    static final MemorySegment NONE = Memory.zeros(0);

    static List<SlhDsa> sets() {
        return SlhDsa.SETS;
    }

    /// {@return the sets that sign in some ten milliseconds}
    static Stream<SlhDsa> fast() {
        return SlhDsa.SETS.stream().filter(set -> !isSlow(set));
    }

    static boolean isSlow(SlhDsa set) {
        return set.name().endsWith("s");
    }

    static SlhDsaCase of(String parameterSet) {
        return new SlhDsaCase(SlhDsa.SETS.stream().filter(dsa -> dsa.name().equals(parameterSet)).findFirst().orElseThrow());
    }

    record Keys(MemorySegment pk, MemorySegment sk) {}

    private MemorySegment workspace() {
        return Memory.zeros(dsa.workspaceBytes());
    }

    Keys keyPair(MemorySegment seed) {
        Keys keys = new Keys(Memory.zeros(dsa.publicKeyBytes()), Memory.zeros(dsa.privateKeyBytes()));
        dsa.keyPair(seed, 0, keys.pk, 0, keys.sk, 0, workspace(), 0);
        return keys;
    }

    /// opt_rand that is given, or the deterministic variant.
    static Entropy random(MemorySegment random) {
        return random == null ? Signature.DETERMINISTIC : (segment, at, length) -> MemorySegment.copy(random, 0, segment, at, length);
    }

    /// {@return the signature, or null where the key is refused}
    MemorySegment sign(MemorySegment random, MemorySegment sk, MemorySegment message, MemorySegment context) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        return dsa.sign(random(random), sk, 0, message, 0, message.byteSize(), context, 0, (int) context.byteSize(), signature, 0,
                workspace(), 0) ? signature : null;
    }

    MemorySegment signPrehashed(MemorySegment random, MemorySegment sk, Prehash function, MemorySegment digest, MemorySegment context) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        return dsa.signPrehashed(random(random), sk, 0, function, digest, 0, context, 0, (int) context.byteSize(), signature, 0,
                workspace(), 0) ? signature : null;
    }

    MemorySegment signInternal(MemorySegment random, MemorySegment sk, MemorySegment message) {
        MemorySegment signature = Memory.zeros(dsa.signatureBytes());
        return dsa.signInternal(random(random), sk, message, signature, workspace()) ? signature : null;
    }

    boolean verify(MemorySegment pk, MemorySegment message, MemorySegment context, MemorySegment signature) {
        return dsa.verify(pk, 0, message, 0, message.byteSize(), context, 0, (int) context.byteSize(), signature, 0,
                signature.byteSize(), workspace(), 0);
    }

    boolean verifyPrehashed(MemorySegment pk, Prehash function, MemorySegment digest, MemorySegment context, MemorySegment signature) {
        return dsa.verifyPrehashed(pk, 0, function, digest, 0, context, 0, (int) context.byteSize(), signature, 0,
                signature.byteSize(), workspace(), 0);
    }

    boolean verifyInternal(MemorySegment pk, MemorySegment message, MemorySegment signature) {
        return dsa.verifyInternal(pk, message, signature, workspace());
    }
}
