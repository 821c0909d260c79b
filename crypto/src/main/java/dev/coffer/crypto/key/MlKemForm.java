package dev.coffer.crypto.key;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Keys of RFC 9935. A decapsulation key holds its encapsulation key (FIPS 203, section 7.1).
final class MlKemForm extends SeededForm {
    private static final int SHARED = MlKem.SHARED_BYTES;
    private static final int BEHIND_EK_BYTES = 2 * 32;  // H(ek) and z
    /// Any m serves to see whether two keys belong together.
    private static final Entropy ANY = (segment, at, length) -> {
        for (long i = 0; i < length; i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) 0x5a);
        }
    };

    private final MlKem kem;

    MlKemForm(MlKem kem, String identifier) {
        super(kem.decapsulationKeyBytes(), kem.encapsulationKeyBytes(), MlKem.SEED_BYTES,
                kem.workspaceBytes() + kem.ciphertextBytes() + 2 * SHARED, identifier);
        this.kem = kem;
    }

    @Override
    void makeBoth(MemorySegment w, long seed, long pair, long at) {
        kem.keyPair(w, seed, w, pair + privateBytes, w, pair, w, at);
    }

    /// What one key closes, the other opens (SP 800-227, section 4.1, pairwise consistency): the hash of the encapsulation key within alone
    /// would not show that it is another's.
    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        long ek = pair + privateBytes;
        long ciphertext = at + kem.workspaceBytes();
        long shared = ciphertext + kem.ciphertextBytes();
        MemorySegment.copy(w, pair + privateBytes - BEHIND_EK_BYTES - publicBytes, w, ek, publicBytes);
        return kem.encapsulate(ANY, w, ek, w, ciphertext, w, shared, w, at)
                && kem.decapsulate(w, pair, w, ciphertext, w, shared + SHARED, w, at)
                && ConstantTime.equal(w, shared, w, shared + SHARED, SHARED);
    }

    @Override
    boolean readPublic(MemorySegment encoded, long encodedAt, long length, MemorySegment target, long targetAt, MemorySegment w,
            long at) {
        return length == publicBytes && kem.isEncapsulationKey(encoded, encodedAt, w, at)
                && super.readPublic(encoded, encodedAt, length, target, targetAt, w, at);
    }

    @Override
    Kem kem() {
        return kem;
    }
}
