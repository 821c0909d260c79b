package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// The caller's ranges in the operations of a key encapsulation: checked before anything is written, and wiped where an operation came to
/// nothing. One for each algorithm; immutable, thread-safe; 0 heap bytes for whatever passes.
///
/// What is written lies apart from what is still read and from the workspace, which lies apart from everything. A private key that is as long
/// as its seed may be made in the seed's place.
///
/// @param name  the algorithm, for the messages; all else are bytes
public record KemRanges(String name, int seedBytes, int publicBytes, int privateBytes, int ciphertextBytes, int sharedBytes,
        long workspaceBytes) {

    /// Checks the ranges of a key pair that is made.
    ///
    /// @throws IndexOutOfBoundsException  one does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   they overlap, an output is read-only, a secret or the workspace is on the heap (caller's fault)
    public void checkKeyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt, MemorySegment w, long at) {
        Ranges.checkSecret(name, seed, seedAt, seedBytes);
        checkOutputs(ek, ekAt, publicBytes, dk, dkAt, privateBytes, w, at);
        Ranges.apart(name, seed, seedAt, seedBytes, ek, ekAt, publicBytes);
        if (seedBytes == privateBytes) {
            Ranges.inPlaceOrApart(name, seed, seedAt, seedBytes, dk, dkAt, privateBytes);
        } else {
            Ranges.apart(name, seed, seedAt, seedBytes, dk, dkAt, privateBytes);
        }
        checkApart(w, at, seed, seedAt, seedBytes);
    }

    /// Checks the ranges of an encapsulation.
    ///
    /// @throws IndexOutOfBoundsException  as above
    /// @throws IllegalArgumentException   as above
    public void checkEncapsulation(MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared, long sharedAt,
            MemorySegment w, long at) {
        checkEncapsulation(ek, ekAt, publicBytes, ciphertext, ciphertextAt, shared, sharedAt, w, at);
    }

    /// Checks the ranges of an encapsulation with a public key in another form.
    ///
    /// @throws IndexOutOfBoundsException  as above
    /// @throws IllegalArgumentException   as above
    public void checkEncapsulation(MemorySegment key, long keyAt, long keyBytes, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment w, long at) {
        Ranges.check(name, key, keyAt, keyBytes);
        checkOutputs(ciphertext, ciphertextAt, ciphertextBytes, shared, sharedAt, sharedBytes, w, at);
        checkApart(w, at, key, keyAt, keyBytes);
        Ranges.apart(name, key, keyAt, keyBytes, ciphertext, ciphertextAt, ciphertextBytes);
        Ranges.apart(name, key, keyAt, keyBytes, shared, sharedAt, sharedBytes);
    }

    /// Checks the ranges of a decapsulation.
    ///
    /// @throws IndexOutOfBoundsException  as above
    /// @throws IllegalArgumentException   as above
    public void checkDecapsulation(MemorySegment dk, long dkAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared, long sharedAt,
            MemorySegment w, long at) {
        checkPrivate(dk, dkAt, w, at);
        checkDecapsulation(ciphertext, ciphertextAt, shared, sharedAt, w, at);
        Ranges.apart(name, dk, dkAt, privateBytes, shared, sharedAt, sharedBytes);
    }

    /// Checks the ranges of a decapsulation, all but the key's.
    ///
    /// @throws IndexOutOfBoundsException  as above
    /// @throws IllegalArgumentException   as above
    public void checkDecapsulation(MemorySegment ciphertext, long ciphertextAt, MemorySegment shared, long sharedAt, MemorySegment w, long at) {
        Ranges.check(name, ciphertext, ciphertextAt, ciphertextBytes);
        Ranges.checkWorkspace(name, shared, sharedAt, sharedBytes);
        Ranges.checkWorkspace(name, w, at, workspaceBytes);
        Ranges.apart(name, ciphertext, ciphertextAt, ciphertextBytes, shared, sharedAt, sharedBytes);
        checkApart(w, at, ciphertext, ciphertextAt, ciphertextBytes);
        checkApart(w, at, shared, sharedAt, sharedBytes);
    }

    /// Checks a private key that is read, and the workspace.
    ///
    /// @throws IndexOutOfBoundsException  as above
    /// @throws IllegalArgumentException   as above
    public void checkPrivate(MemorySegment dk, long dkAt, MemorySegment w, long at) {
        Ranges.checkSecret(name, dk, dkAt, privateBytes);
        Ranges.checkWorkspace(name, w, at, workspaceBytes);
        checkApart(w, at, dk, dkAt, privateBytes);
    }

    /// Checks a public key that is read, and the workspace.
    ///
    /// @throws IndexOutOfBoundsException  as above
    /// @throws IllegalArgumentException   as above
    public void checkPublic(MemorySegment ek, long ekAt, MemorySegment w, long at) {
        Ranges.check(name, ek, ekAt, publicBytes);
        Ranges.checkWorkspace(name, w, at, workspaceBytes);
        checkApart(w, at, ek, ekAt, publicBytes);
    }

    /// A public output and a secret one.
    private void checkOutputs(MemorySegment open, long openAt, long openBytes, MemorySegment secret, long secretAt, long secretBytes,
            MemorySegment w, long at) {
        Ranges.checkWritable(name, open, openAt, openBytes);
        Ranges.checkWorkspace(name, secret, secretAt, secretBytes);
        Ranges.checkWorkspace(name, w, at, workspaceBytes);
        Ranges.apart(name, open, openAt, openBytes, secret, secretAt, secretBytes);
        checkApart(w, at, open, openAt, openBytes);
        checkApart(w, at, secret, secretAt, secretBytes);
    }

    private void checkApart(MemorySegment w, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(name, w, at, workspaceBytes, segment, segmentAt, length);
    }

    /// Ends what has made a key pair: wipes the workspace, and a pair that is not whole.
    public void endKeyPair(boolean whole, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt, MemorySegment w, long at) {
        Ending.end(whole, ek, ekAt, publicBytes, dk, dkAt, privateBytes, w, at, workspaceBytes);
    }

    /// Ends an encapsulation: wipes the workspace, and outputs that are not whole.
    public void endEncapsulation(boolean whole, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared, long sharedAt, MemorySegment w,
            long at) {
        Ending.end(whole, ciphertext, ciphertextAt, ciphertextBytes, shared, sharedAt, sharedBytes, w, at, workspaceBytes);
    }
}
