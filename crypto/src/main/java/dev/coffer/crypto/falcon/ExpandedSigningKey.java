package dev.coffer.crypto.falcon;

import dev.coffer.crypto.internal.ExpandedPlace;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A private key of Falcon for repeated use: checked once, with its basis transformed and its tree grown (section 3.8.3), in the caller's
/// memory, off the heap and best locked. It signs in about half the time, and with no floating-point division or square root.
///
/// For one thread while [#expand] or [#close] runs, else thread-safe; 0 heap bytes a call.
public final class ExpandedSigningKey implements AutoCloseable {
    private final Falcon falcon;
    private final ExpandedPlace place;

    /// @param falcon  the parameter set
    /// @param memory  writable memory off the heap of [#bytes] from `at`, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedSigningKey(Falcon falcon, MemorySegment memory, long at) {
        this.place = new ExpandedPlace(falcon.name(), memory, at, bytes(falcon));
        this.falcon = falcon;
    }

    /// {@return bytes of memory: n (4 + 1 + log2 n) doubles of the basis and the tree, and f and g in 16 bits a coefficient}
    public static long bytes(Falcon falcon) {
        return Signer.expandedBytes(falcon.p);
    }

    /// Takes a key; the one before is forgotten.
    ///
    /// @param sk         [Falcon#privateKeyBytes] off the heap
    /// @param workspace  [Falcon#signWorkspaceBytes] from `w`, off the heap
    /// @return false where it is no private key (the fault of who made it); then this holds none
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or one is on the heap (caller's fault); nothing is written
    public boolean expand(MemorySegment sk, long skAt, MemorySegment workspace, long w) {
        Ranges.checkSecret(falcon.name(), sk, skAt, falcon.privateKeyBytes());
        place.checkSource(sk, skAt, falcon.privateKeyBytes(), workspace, w, falcon.signWorkspaceBytes());
        boolean whole = false;
        place.begin();
        try {
            whole = falcon.signer.decode(sk, skAt, workspace, w) && falcon.signer.expand(workspace, w, place.memory, place.at);
            return whole;
        } finally {
            place.end(whole, workspace, w, falcon.signWorkspaceBytes());
        }
    }

    /// As [Falcon#sign(FalconForm,Entropy,MemorySegment,long,MemorySegment,long,long,MemorySegment,long,MemorySegment,long)], with this
    /// key.
    ///
    /// @return bytes of the signature; 0 where the machine made a fault, then nothing was written
    /// @throws IllegalStateException  it holds none (caller's fault), or the source has no bytes; nothing is written
    public int sign(FalconForm form, Entropy entropy, MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt, MemorySegment workspace, long w) {
        place.require();
        falcon.places.checkSigning(form, entropy, place.memory, place.at, bytes(falcon), message, messageAt, length, signature, signatureAt,
                workspace, w);
        try {
            falcon.draw(entropy, workspace, w);
            falcon.hash(message, messageAt, length, falcon.signing, workspace, w);
            return falcon.signed(form, place.memory, place.at, signature, signatureAt, workspace, w);
        } finally {
            Wipe.bytes(workspace, w, falcon.signWorkspaceBytes());
        }
    }

    /// As [Falcon#signMessage], with this key.
    ///
    /// @return bytes of the signature; 0 where the machine made a fault, then nothing was written
    /// @throws IllegalStateException  it holds none, or there is no message (caller's fault), or the source has no bytes; nothing is written
    public int signMessage(FalconForm form, Entropy entropy, MemorySegment state, long stateAt, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long w) {
        place.require();
        falcon.places.checkSigning(form, entropy, place.memory, place.at, bytes(falcon), state, stateAt, FalconMessage.STATE_BYTES, signature,
                signatureAt, workspace, w);
        FalconMessage.apart(state, stateAt, place.memory, place.at, bytes(falcon));
        FalconMessage.require(state, stateAt, true);
        try {
            falcon.drawSeed(entropy, workspace, w);
            FalconMessage.hash(state, stateAt, falcon.p.n(), falcon.signing, workspace, w);
            return falcon.signed(form, place.memory, place.at, signature, signatureAt, workspace, w);
        } finally {
            Wipe.both(state, stateAt, FalconMessage.STATE_BYTES, workspace, w, falcon.signWorkspaceBytes());
        }
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
