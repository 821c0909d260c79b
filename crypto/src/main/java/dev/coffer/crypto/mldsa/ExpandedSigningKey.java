package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.internal.ExpandedPlace;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A private key of ML-DSA for repeated use: checked once, with its matrix sampled and its polynomials transformed, in the
/// caller's memory, off the heap and best locked.
///
/// For one thread while [#expand] or [#close] runs, else thread-safe; 0 heap bytes a call.
public final class ExpandedSigningKey implements AutoCloseable {
    private final MlDsa dsa;
    private final ExpandedPlace place;

    /// @param dsa     the parameter set
    /// @param memory  writable memory off the heap of [#bytes] from `at`, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedSigningKey(MlDsa dsa, MemorySegment memory, long at) {
        this.place = new ExpandedPlace(dsa.name(), memory, at, bytes(dsa));
        this.dsa = dsa;
    }

    /// {@return bytes of memory: k l polynomials of the matrix, l of s1, k of s2 and of t0, 1,024 each, tr of 64 and K of 32}
    public static long bytes(MlDsa dsa) {
        return ExpandedLayout.signingBytes(dsa.p.k(), dsa.p.l());
    }

    /// Takes a key; the one before is forgotten.
    ///
    /// @param sk         [MlDsa#privateKeyBytes] off the heap
    /// @param workspace  [MlDsa#signWorkspaceBytes] from `w`, off the heap
    /// @return false where it is no private key (algorithm 25; the fault of who made it); then this holds none
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or one is on the heap (caller's fault); nothing is written
    public boolean expand(MemorySegment sk, long skAt, MemorySegment workspace, long w) {
        Ranges.checkSecret(dsa.name(), sk, skAt, dsa.privateKeyBytes());
        place.checkSource(sk, skAt, dsa.privateKeyBytes(), workspace, w, dsa.signWorkspaceBytes());
        boolean whole = false;
        place.begin();
        try {
            if (dsa.lattice.checkPrivateKey(sk, skAt, workspace, w + dsa.whole.term) < 0) {
                return false;
            }
            dsa.lattice.expandPrivate(sk, skAt, place.memory, place.at, workspace, w);
            whole = true;
            return true;
        } finally {
            place.end(whole, workspace, w, dsa.signWorkspaceBytes());
        }
    }

    /// As [MlDsa#sign], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault), or the source has no bytes; nothing is written
    public void sign(Entropy entropy, MemorySegment message, long messageAt, long length, MemorySegment context,
            long contextAt, int contextLength, MemorySegment signature, long signatureAt, MemorySegment workspace, long w) {
        place.require();
        MlDsa.checkContext(contextLength);
        check(message, messageAt, length, context, contextAt, contextLength, signature, signatureAt, workspace, w);
        try {
            MlDsa.mu(place.memory, place.at + dsa.lattice.trAt(true), 0, context, contextAt, contextLength, message, messageAt, length,
                    dsa.whole, workspace, w);
            dsa.signed(entropy, place.memory, place.at, true, signature, signatureAt, workspace, w);
        } finally {
            Wipe.bytes(workspace, w, dsa.signWorkspaceBytes());
        }
    }

    /// As [MlDsa#signMu], with this key.
    ///
    /// @throws IllegalStateException  it holds none (caller's fault), or the source has no bytes; nothing is written
    public void signMu(Entropy entropy, MemorySegment mu, long muAt, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long w) {
        place.require();
        check(mu, muAt, MlDsa.MU_BYTES, mu, muAt, 0, signature, signatureAt, workspace, w);
        try {
            MemorySegment.copy(mu, muAt, workspace, w + dsa.whole.mu, MlDsa.MU_BYTES);
            dsa.signed(entropy, place.memory, place.at, true, signature, signatureAt, workspace, w);
        } finally {
            Wipe.bytes(workspace, w, dsa.signWorkspaceBytes());
        }
    }

    private void check(MemorySegment message, long messageAt, long length, MemorySegment context, long contextAt,
            int contextLength, MemorySegment signature, long signatureAt, MemorySegment workspace, long w) {
        dsa.places.checkSigning(place.memory, place.at, bytes(dsa), message, messageAt, length, context, contextAt, contextLength, signature,
                signatureAt, workspace, w);
    }

    /// Wipes the memory; another key may be expanded. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        place.close();
    }

    @Override
    public String toString() {
        return place.describe("ExpandedSigningKey");
    }
}
