package dev.coffer.crypto.mlkem;

import dev.coffer.crypto.internal.ExpandedPlace;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A decapsulation key of ML-KEM for repeated use: checked once, with its matrix sampled and its polynomials decoded, in
/// the caller's memory, off the heap and best locked; secret in its second part, z and s.
///
/// For one thread while [#expand] or [#close] runs, else thread-safe; 0 heap bytes a call.
public final class ExpandedDecapsulationKey implements AutoCloseable {
    private final MlKem kem;
    private final ExpandedPlace place;

    /// @param kem     the parameter set
    /// @param memory  writable memory off the heap of [#bytes] from `at`, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedDecapsulationKey(MlKem kem, MemorySegment memory, long at) {
        this.place = new ExpandedPlace(kem.name(), memory, at, bytes(kem));
        this.kem = kem;
    }

    /// {@return bytes of memory: k * k polynomials of the matrix, k of t and k of s, 512 each, and 32 of the encapsulation
    /// key's hash and of z}
    public static long bytes(MlKem kem) {
        return ExpandedLayout.secretBytes(kem.k());
    }

    /// Takes a key; the one before is forgotten.
    ///
    /// @param dk         [MlKem#decapsulationKeyBytes] off the heap
    /// @param workspace  [MlKem#workspaceBytes] from `w`, off the heap
    /// @return false where it is no decapsulation key (section 7.3; the fault of who made or changed it); then this holds
    ///         none
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or one is on the heap (caller's fault); nothing is written
    public boolean expand(MemorySegment dk, long dkAt, MemorySegment workspace, long w) {
        int k = kem.k();
        Ranges.checkSecret(kem.name(), dk, dkAt, kem.decapsulationKeyBytes());
        place.checkSource(dk, dkAt, kem.decapsulationKeyBytes(), workspace, w, kem.workspaceBytes());
        boolean whole = false;
        place.begin();
        try {
            if (!kem.checkHash(dk, dkAt, workspace, w)) {
                return false;
            }
            long ekAt = dkAt + (long) k * Polynomial.ENCODED_12_BYTES;
            MemorySegment.copy(workspace, w + kem.layout.hash, place.memory, place.at + ExpandedLayout.hash(k), MlKemLayout.SYMBYTES);
            MemorySegment.copy(dk, dkAt + kem.decapsulationKeyBytes() - MlKemLayout.SYMBYTES, place.memory,
                    place.at + ExpandedLayout.z(k), MlKemLayout.SYMBYTES);
            kem.kPke.expandSecret(dk, dkAt, place.memory, place.at);
            kem.kPke.expandPublic(dk, ekAt, place.memory, place.at, workspace, w);  // section 7.3 asks for no more than the hash
            whole = true;
            return true;
        } finally {
            place.end(whole, workspace, w, kem.workspaceBytes());
        }
    }

    /// As [MlKem#decapsulate], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault); nothing is written
    public void decapsulate(MemorySegment ciphertext, long ciphertextAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long w) {
        place.require();
        kem.ranges.checkDecapsulation(ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
        place.apart(workspace, w, kem.workspaceBytes());
        place.apart(shared, sharedAt, MlKem.SHARED_BYTES);
        try {
            kem.kPke.decrypt(place.memory, place.at, true, ciphertext, ciphertextAt, workspace, w);
            MemorySegment.copy(place.memory, place.at + ExpandedLayout.hash(kem.k()), workspace, w + kem.layout.hash,
                    MlKemLayout.SYMBYTES);
            kem.open(place.memory, place.at, true, place.at + ExpandedLayout.z(kem.k()), ciphertext, ciphertextAt, shared, sharedAt,
                    workspace, w);
        } finally {
            Wipe.bytes(workspace, w, kem.workspaceBytes());
        }
    }

    /// Wipes the memory; another key may be expanded. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        place.close();
    }

    @Override
    public String toString() {
        return place.describe("ExpandedDecapsulationKey");
    }
}
