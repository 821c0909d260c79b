package dev.coffer.crypto.falcon;

import dev.coffer.crypto.KatDigests.NistRandom;
import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;

/// Operations of one parameter set as functions of bytes, each on a workspace and outputs exactly as long as they are said to be.
record FalconCase(Falcon falcon) {
    static Stream<Falcon> sets() {
        return Stream.of(Falcon.FALCON_512, Falcon.FALCON_1024);
    }

    record Keys(MemorySegment pk, MemorySegment sk) {}

    Keys keyPair(MemorySegment seed) {
        Keys keys = new Keys(Memory.zeros(falcon.publicKeyBytes()), Memory.zeros(falcon.privateKeyBytes()));
        falcon.keyPair(seed, 0, keys.pk, 0, keys.sk, 0, Memory.zeros(falcon.workspaceBytes()), 0);
        return keys;
    }

    /// {@return the signature, or null where there is none}
    MemorySegment sign(FalconForm form, Entropy entropy, MemorySegment sk, MemorySegment message) {
        MemorySegment signature = Memory.zeros(falcon.signatureBytesMax(form));
        int bytes = falcon.sign(form, entropy, sk, 0, message, 0, message.byteSize(), signature, 0,
                Memory.zeros(falcon.signWorkspaceBytes()), 0);
        return bytes == 0 ? null : signature.asSlice(0, bytes);
    }

    /// {@return the signature by a key that was expanded for it}
    MemorySegment signExpanded(FalconForm form, Entropy entropy, MemorySegment sk, MemorySegment message) {
        MemorySegment signature = Memory.zeros(falcon.signatureBytesMax(form));
        MemorySegment w = Memory.zeros(falcon.signWorkspaceBytes());
        try (ExpandedSigningKey key = new ExpandedSigningKey(falcon, Memory.zeros(ExpandedSigningKey.bytes(falcon)), 0)) {
            if (!key.expand(sk, 0, w, 0)) {
                return null;
            }
            return signature.asSlice(0, key.sign(form, entropy, message, 0, message.byteSize(), signature, 0, w, 0));
        }
    }

    /// {@return a source that gives what NIST's generator does}
    static Entropy from(NistRandom random) {
        return (segment, at, length) -> MemorySegment.copy(random.bytes((int) length), 0, segment, at, length);
    }

    boolean verify(FalconForm form, MemorySegment pk, MemorySegment message, MemorySegment signature) {
        return falcon.verify(form, pk, 0, message, 0, message.byteSize(), signature, 0, signature.byteSize(),
                Memory.zeros(falcon.verifyWorkspaceBytes()), 0);
    }
}
