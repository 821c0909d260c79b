package dev.coffer.crypto.mldsa;

import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;

/// What may lie where in a call of [MlDsa]: ranges within their segments, secrets and workspaces off the heap, outputs writable and apart
/// from all else. Looked at before anything is written.
///
/// @param small  workspace of everything but signing
/// @param whole  workspace of signing
record MlDsaPlaces(Parameters p, MlDsaLayout small, MlDsaLayout whole) {
    void checkGenerating(MemorySegment seed, long seedAt, MemorySegment pk, long pkAt, MemorySegment sk, long skAt, long skBytes,
            MemorySegment workspace, long at) {
        Ranges.checkSecret(p.name(), seed, seedAt, MlDsa.SEED_BYTES);
        Ranges.checkWritable(p.name(), pk, pkAt, p.publicKeyBytes());
        Ranges.checkWorkspace(p.name(), sk, skAt, skBytes);
        Ranges.checkWorkspace(p.name(), workspace, at, small.bytes);
        Ranges.apart(p.name(), seed, seedAt, MlDsa.SEED_BYTES, pk, pkAt, p.publicKeyBytes());
        Ranges.apart(p.name(), seed, seedAt, MlDsa.SEED_BYTES, sk, skAt, skBytes);
        Ranges.apart(p.name(), pk, pkAt, p.publicKeyBytes(), sk, skAt, skBytes);
        apart(small, workspace, at, seed, seedAt, MlDsa.SEED_BYTES);
        apart(small, workspace, at, pk, pkAt, p.publicKeyBytes());
        apart(small, workspace, at, sk, skAt, skBytes);
    }

    void checkDeriving(MemorySegment sk, long skAt, long skBytes, MemorySegment pk, long pkAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(p.name(), sk, skAt, skBytes);
        Ranges.checkWritable(p.name(), pk, pkAt, p.publicKeyBytes());
        Ranges.checkWorkspace(p.name(), workspace, at, small.bytes);
        Ranges.apart(p.name(), pk, pkAt, p.publicKeyBytes(), sk, skAt, skBytes);
        apart(small, workspace, at, pk, pkAt, p.publicKeyBytes());
        apart(small, workspace, at, sk, skAt, skBytes);
    }

    void checkHashing(MemorySegment pk, long pkAt, MemorySegment tr, long trAt, MemorySegment workspace, long at) {
        Ranges.check(p.name(), pk, pkAt, p.publicKeyBytes());
        Ranges.checkWritable(p.name(), tr, trAt, MlDsa.MU_BYTES);
        Ranges.checkWorkspace(p.name(), workspace, at, small.bytes);
        apart(small, workspace, at, pk, pkAt, p.publicKeyBytes());
        apart(small, workspace, at, tr, trAt, MlDsa.MU_BYTES);
    }

    void checkSigning(MemorySegment sk, long skAt, long skBytes, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        Ranges.checkSecret(p.name(), sk, skAt, skBytes);
        Ranges.check(p.name(), message, messageAt, length);
        Ranges.check(p.name(), context, contextAt, contextLength);
        Ranges.checkWritable(p.name(), signature, signatureAt, p.signatureBytes());
        Ranges.checkWorkspace(p.name(), workspace, at, whole.bytes);
        Ranges.apart(p.name(), sk, skAt, skBytes, signature, signatureAt, p.signatureBytes());
        Ranges.apart(p.name(), message, messageAt, length, signature, signatureAt, p.signatureBytes());
        Ranges.apart(p.name(), context, contextAt, contextLength, signature, signatureAt, p.signatureBytes());
        apart(whole, workspace, at, sk, skAt, skBytes);
        apart(whole, workspace, at, message, messageAt, length);
        apart(whole, workspace, at, context, contextAt, contextLength);
        apart(whole, workspace, at, signature, signatureAt, p.signatureBytes());
    }

    void checkVerifying(MemorySegment pk, long pkAt, long pkBytes, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        Ranges.check(p.name(), pk, pkAt, pkBytes);
        Ranges.check(p.name(), message, messageAt, length);
        Ranges.check(p.name(), context, contextAt, contextLength);
        Ranges.check(p.name(), signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(p.name(), workspace, at, small.bytes);
        apart(small, workspace, at, pk, pkAt, pkBytes);
        apart(small, workspace, at, message, messageAt, length);
        apart(small, workspace, at, context, contextAt, contextLength);
        apart(small, workspace, at, signature, signatureAt, signatureLength);
    }

    private void apart(MlDsaLayout layout, MemorySegment workspace, long at, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(p.name(), workspace, at, layout.bytes, segment, segmentAt, length);
    }
}
