package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.internal.ExpandedPlace;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A public key of ML-DSA for repeated use: its matrix sampled, its polynomials transformed, its hash kept, in the caller's
/// memory. All of it is public.
///
/// For one thread while [#expand] or [#close] runs, else thread-safe; 0 heap bytes a call.
public final class ExpandedVerifyingKey implements AutoCloseable {
    private final MlDsa dsa;
    private final ExpandedPlace place;

    /// @param dsa     the parameter set
    /// @param memory  writable memory off the heap of [#bytes] from `at`, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedVerifyingKey(MlDsa dsa, MemorySegment memory, long at) {
        this.place = new ExpandedPlace(dsa.name(), memory, at, bytes(dsa));
        this.dsa = dsa;
    }

    /// {@return bytes of memory: k l polynomials of the matrix and k of t1, 1,024 each, and tr of 64}
    public static long bytes(MlDsa dsa) {
        return ExpandedLayout.verifyingBytes(dsa.p.k(), dsa.p.l());
    }

    /// Takes a key; the one before is forgotten.
    ///
    /// @param pk         [MlDsa#publicKeyBytes]; every string of that length is one
    /// @param workspace  [MlDsa#workspaceBytes] from `w`, off the heap
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or the workspace is on the heap (caller's fault); nothing is
    ///                                    written
    public void expand(MemorySegment pk, long pkAt, MemorySegment workspace, long w) {
        Ranges.check(dsa.name(), pk, pkAt, dsa.publicKeyBytes());
        place.checkSource(pk, pkAt, dsa.publicKeyBytes(), workspace, w, dsa.workspaceBytes());
        boolean whole = false;
        place.begin();
        try {
            dsa.lattice.expandPublic(pk, pkAt, place.memory, place.at, workspace, w);
            whole = true;
        } finally {
            place.end(whole, workspace, w, dsa.workspaceBytes());
        }
    }

    /// As [MlDsa#verify], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault); nothing is written
    public boolean verify(MemorySegment message, long messageAt, long length, MemorySegment context, long contextAt,
            int contextLength, MemorySegment signature, long signatureAt, long signatureLength, MemorySegment workspace,
            long w) {
        place.require();
        dsa.places.checkVerifying(place.memory, place.at, bytes(dsa), message, messageAt, length, context, contextAt, contextLength, signature,
                signatureAt, signatureLength, workspace, w);
        try {
            if (signatureLength != dsa.signatureBytes() || contextLength > MlDsa.CONTEXT_BYTES_MAX) {
                return false;
            }
            MlDsa.mu(place.memory, place.at + dsa.lattice.trAt(true), 0, context, contextAt, contextLength, message, messageAt, length,
                    dsa.small, workspace, w);
            return dsa.lattice.verify(place.memory, place.at, true, signature, signatureAt, workspace, w);
        } finally {
            Wipe.bytes(workspace, w, dsa.workspaceBytes());
        }
    }

    /// As [MlDsa#verifyMu], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault); nothing is written
    public boolean verifyMu(MemorySegment mu, long muAt, MemorySegment signature, long signatureAt, long signatureLength,
            MemorySegment workspace, long w) {
        place.require();
        dsa.places.checkVerifying(place.memory, place.at, bytes(dsa), mu, muAt, MlDsa.MU_BYTES, mu, muAt, 0, signature, signatureAt,
                signatureLength, workspace, w);
        try {
            MemorySegment.copy(mu, muAt, workspace, w + dsa.small.mu, MlDsa.MU_BYTES);
            return signatureLength == dsa.signatureBytes()
                    && dsa.lattice.verify(place.memory, place.at, true, signature, signatureAt, workspace, w);
        } finally {
            Wipe.bytes(workspace, w, dsa.workspaceBytes());
        }
    }

    /// Wipes the memory; another key may be expanded. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        place.close();
    }

    @Override
    public String toString() {
        return place.describe("ExpandedVerifyingKey");
    }
}
