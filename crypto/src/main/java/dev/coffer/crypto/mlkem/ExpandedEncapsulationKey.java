package dev.coffer.crypto.mlkem;

import dev.coffer.crypto.internal.ExpandedPlace;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;

/// An encapsulation key of ML-KEM for repeated use: checked once, with its matrix sampled, in the caller's memory. All of
/// it is public.
///
/// For one thread while [#expand] or [#close] runs, else thread-safe; 0 heap bytes a call.
public final class ExpandedEncapsulationKey implements AutoCloseable {
    private final MlKem kem;
    private final ExpandedPlace place;

    /// @param kem     the parameter set
    /// @param memory  writable memory off the heap of [#bytes] from `at`, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedEncapsulationKey(MlKem kem, MemorySegment memory, long at) {
        this.place = new ExpandedPlace(kem.name(), memory, at, bytes(kem));
        this.kem = kem;
    }

    /// {@return bytes of memory: k * k polynomials of the matrix and k of t, 512 each, and the key's hash of 32}
    public static long bytes(MlKem kem) {
        return ExpandedLayout.publicBytes(kem.k());
    }

    /// Takes a key; the one before is forgotten.
    ///
    /// @param ek         [MlKem#encapsulationKeyBytes] from whoever shall share secrets
    /// @param workspace  [MlKem#workspaceBytes] from `w`, off the heap
    /// @return false where it is no encapsulation key (section 7.2; the fault of who made it); then this holds none
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or the workspace is on the heap (caller's fault); nothing is
    ///                                    written
    public boolean expand(MemorySegment ek, long ekAt, MemorySegment workspace, long w) {
        Ranges.check(kem.name(), ek, ekAt, kem.encapsulationKeyBytes());
        place.checkSource(ek, ekAt, kem.encapsulationKeyBytes(), workspace, w, kem.workspaceBytes());
        boolean whole = false;
        place.begin();
        try {
            kem.hashKey(ek, ekAt, workspace, w, place.memory, place.at + ExpandedLayout.hash(kem.k()));
            whole = kem.kPke.expandPublic(ek, ekAt, place.memory, place.at, workspace, w);
            return whole;
        } finally {
            place.end(whole, workspace, w, kem.workspaceBytes());
        }
    }

    /// As [MlKem#encapsulate], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault), or the source has no bytes; nothing is written
    public void encapsulate(Entropy entropy, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment workspace, long w) {
        place.require();
        kem.ranges.checkEncapsulation(place.memory, place.at, bytes(kem), ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
        boolean whole = false;
        boolean begun = false;
        try {
            kem.draw(entropy, workspace, w);
            begun = true;
            MemorySegment.copy(place.memory, place.at + ExpandedLayout.hash(kem.k()), workspace, w + kem.layout.hash,
                    MlKemLayout.SYMBYTES);
            kem.share(place.memory, place.at, true, ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
            whole = true;
        } finally {
            kem.ranges.endEncapsulation(whole || !begun, ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
        }
    }

    /// Wipes the memory; another key may be expanded. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        place.close();
    }

    @Override
    public String toString() {
        return place.describe("ExpandedEncapsulationKey");
    }
}
