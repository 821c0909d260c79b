package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;

/// What may lie where in a call of [Falcon]: ranges within their segments, secrets and workspaces off the heap, outputs writable and apart
/// from all else. Looked at before anything is written.
record FalconPlaces(Parameters p, FalconLayout signing, FalconLayout generating, FalconLayout verifying) {
    void checkGenerating(MemorySegment seed, long seedAt, MemorySegment pk, long pkAt, MemorySegment sk, long skAt, MemorySegment w, long at) {
        Ranges.checkSecret(p.name(), seed, seedAt, Falcon.SEED_BYTES);
        Ranges.checkWritable(p.name(), pk, pkAt, p.publicKeyBytes());
        Ranges.checkWorkspace(p.name(), sk, skAt, p.privateKeyBytes());
        Ranges.checkWorkspace(p.name(), w, at, generating.bytes);
        Ranges.apart(p.name(), seed, seedAt, Falcon.SEED_BYTES, pk, pkAt, p.publicKeyBytes());
        Ranges.apart(p.name(), seed, seedAt, Falcon.SEED_BYTES, sk, skAt, p.privateKeyBytes());
        Ranges.apart(p.name(), pk, pkAt, p.publicKeyBytes(), sk, skAt, p.privateKeyBytes());
        apart(generating, w, at, seed, seedAt, Falcon.SEED_BYTES);
        apart(generating, w, at, pk, pkAt, p.publicKeyBytes());
        apart(generating, w, at, sk, skAt, p.privateKeyBytes());
    }

    void checkDeriving(MemorySegment sk, long skAt, MemorySegment pk, long pkAt, MemorySegment w, long at) {
        Ranges.checkSecret(p.name(), sk, skAt, p.privateKeyBytes());
        Ranges.checkWritable(p.name(), pk, pkAt, p.publicKeyBytes());
        Ranges.checkWorkspace(p.name(), w, at, generating.bytes);
        Ranges.apart(p.name(), pk, pkAt, p.publicKeyBytes(), sk, skAt, p.privateKeyBytes());
        apart(generating, w, at, sk, skAt, p.privateKeyBytes());
        apart(generating, w, at, pk, pkAt, p.publicKeyBytes());
    }

    /// @param key      a private key, or an expanded one
    /// @param message  or the state of one
    void checkSigning(FalconForm form, Entropy entropy, MemorySegment key, long keyAt, long keyBytes, MemorySegment message, long messageAt,
            long length, MemorySegment signature, long signatureAt, MemorySegment w, long at) {
        int signatureBytes = p.signatureBytesMax(form);
        if (entropy == Signature.DETERMINISTIC) {
            throw new IllegalArgumentException(p.name() + " has no deterministic variant (expected a source of random bytes)");
        }
        Ranges.check(p.name(), message, messageAt, length);
        Ranges.checkWritable(p.name(), signature, signatureAt, signatureBytes);
        Ranges.checkWorkspace(p.name(), w, at, signing.bytes);
        Ranges.apart(p.name(), key, keyAt, keyBytes, signature, signatureAt, signatureBytes);
        Ranges.apart(p.name(), message, messageAt, length, signature, signatureAt, signatureBytes);
        apart(signing, w, at, key, keyAt, keyBytes);
        apart(signing, w, at, message, messageAt, length);
        apart(signing, w, at, signature, signatureAt, signatureBytes);
    }

    /// @param layout   of the workspace: that of verifying, or a larger one
    /// @param message  or the state of one
    void checkVerifying(FalconLayout layout, MemorySegment pk, long pkAt, MemorySegment message, long messageAt, long length,
            MemorySegment signature, long signatureAt, long signatureLength, MemorySegment w, long at) {
        Ranges.check(p.name(), pk, pkAt, p.publicKeyBytes());
        Ranges.check(p.name(), message, messageAt, length);
        Ranges.check(p.name(), signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(p.name(), w, at, layout.bytes);
        apart(layout, w, at, pk, pkAt, p.publicKeyBytes());
        apart(layout, w, at, message, messageAt, length);
        apart(layout, w, at, signature, signatureAt, signatureLength);
    }

    private void apart(FalconLayout layout, MemorySegment w, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(p.name(), w, at, layout.bytes, segment, segmentAt, length);
    }
}
