package dev.coffer.crypto.mlkem;

import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// An encapsulation key of ML-KEM for repeated use: checked once, with its matrix sampled, in the caller's memory. All of
/// it is public.
///
/// For one thread while [#expand] or [#close] runs, else thread-safe; 0 heap bytes a call.
public final class ExpandedEncapsulationKey implements AutoCloseable {
    private final MlKem kem;
    private final MemorySegment memory;
    private final long at;
    private boolean expanded;

    /// @param kem     the parameter set
    /// @param memory  writable memory off the heap of [#bytes] from `at`, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedEncapsulationKey(MlKem kem, MemorySegment memory, long at) {
        Ranges.checkWorkspace(kem.name(), memory, at, bytes(kem));
        this.kem = kem;
        this.memory = memory;
        this.at = at;
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
        Ranges.checkWorkspace(kem.name(), workspace, w, kem.workspaceBytes());
        Ranges.apart(kem.name(), memory, at, bytes(kem), ek, ekAt, kem.encapsulationKeyBytes());
        Ranges.apart(kem.name(), memory, at, bytes(kem), workspace, w, kem.workspaceBytes());
        Ranges.apart(kem.name(), ek, ekAt, kem.encapsulationKeyBytes(), workspace, w, kem.workspaceBytes());
        expanded = false;
        try {
            kem.hashKey(ek, ekAt, workspace, w, memory, at + ExpandedLayout.hash(kem.k()));
            expanded = kem.kPke.expandPublic(ek, ekAt, memory, at, workspace, w);
            return expanded;
        } finally {
            Wipe.bytes(workspace, w, kem.workspaceBytes());
            if (!expanded) {
                Wipe.bytes(memory, at, bytes(kem));
            }
        }
    }

    /// As [MlKem#encapsulate], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault), or the source has no bytes; nothing is written
    public void encapsulate(Entropy entropy, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment workspace, long w) {
        if (!expanded) {
            throw new IllegalStateException(kem + ": no key was expanded here (expected expand first)");
        }
        kem.checkEncapsulation(memory, at, bytes(kem), ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
        boolean whole = false;
        boolean begun = false;
        try {
            kem.draw(entropy, workspace, w);
            begun = true;
            MemorySegment.copy(memory, at + ExpandedLayout.hash(kem.k()), workspace, w + kem.layout.hash,
                    MlKemLayout.SYMBYTES);
            kem.share(memory, at, true, ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
            whole = true;
        } finally {
            kem.finish(whole || !begun, ciphertext, ciphertextAt, shared, sharedAt, workspace, w);
        }
    }

    /// Wipes the memory; another key may be expanded. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        expanded = false;
        Ending.wipe(memory, at, bytes(kem));
    }

    @Override
    public String toString() {
        return "ExpandedEncapsulationKey[" + kem + (expanded ? "]" : ", empty]");
    }
}
