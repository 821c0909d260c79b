package dev.coffer.c;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.memory.Entropy;

/// Signatures. What the calls mean and answer says `coffer.h`.
final class SignatureCalls {
    static final int HEDGED = 0;
    static final int DETERMINISTIC = 1;

    private SignatureCalls() {}

    static int sign(int algorithm, int variant, long secretKey, long secretKeyBytes, long message, long messageBytes, long context,
            long contextBytes, long signature, long signatureBytes, long workspace, long workspaceBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Signature scheme = Algorithms.signature(algorithm);
            if (scheme == null) {
                return Status.ALGORITHM;
            }
            if (variant != HEDGED && (variant != DETERMINISTIC || scheme instanceof Falcon)) {
                return Status.VALUE;
            }
            int code = Status.first(Foreign.exactly(secretKey, secretKeyBytes, scheme.privateKeyBytes()), Foreign.range(message, messageBytes),
                    Foreign.atMost(context, contextBytes, scheme.contextBytesMax()),
                    held.output(signature, signatureBytes, scheme.signatureBytes()),
                    held.workspace(workspace, workspaceBytes, KeyCalls.workspaceBytes(scheme)));
            if (code != Status.OK) {
                return code;
            }
            code = Status.first(Foreign.apart(secretKey, secretKeyBytes, signature, signatureBytes),
                    Foreign.apart(message, messageBytes, signature, signatureBytes), Foreign.apart(context, contextBytes, signature, signatureBytes),
                    apart(workspace, workspaceBytes, secretKey, secretKeyBytes, message, messageBytes, context, contextBytes, signature,
                            signatureBytes));
            int place = code != Status.OK ? code : held.claimWorkspace(workspace);
            if (place < CMemory.BROUGHT) {
                return place;
            }
            boolean wiped = false;
            try {
                code = scheme.sign(variant == HEDGED ? Entropy.SYSTEM : Signature.DETERMINISTIC, Foreign.MEMORY, secretKey, Foreign.MEMORY,
                        Foreign.start(message, messageBytes), messageBytes, Foreign.MEMORY, Foreign.start(context, contextBytes), (int) contextBytes,
                        Foreign.MEMORY, signature, held.workspace(place),
                        held.workspaceAt(place, workspace)) ? Status.OK : Status.INVALID;
                wiped = true;
            } finally {
                held.leaveWorkspace(place, wiped);
            }
            return code;
        } catch (IllegalStateException nothingDrawn) {
            return Status.ENTROPY;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int verify(int algorithm, long publicKey, long publicKeyBytes, long message, long messageBytes, long context, long contextBytes,
            long signature, long signatureBytes, long workspace, long workspaceBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Signature scheme = Algorithms.signature(algorithm);
            if (scheme == null) {
                return Status.ALGORITHM;
            }
            int code = Status.first(Foreign.exactly(publicKey, publicKeyBytes, scheme.publicKeyBytes()), Foreign.range(message, messageBytes),
                    Foreign.atMost(context, contextBytes, scheme.contextBytesMax()),
                    Foreign.exactly(signature, signatureBytes, scheme.signatureBytes()),
                    held.workspace(workspace, workspaceBytes, KeyCalls.workspaceBytes(scheme)));
            if (code != Status.OK) {
                return code;
            }
            code = apart(workspace, workspaceBytes, publicKey, publicKeyBytes, message, messageBytes, context, contextBytes, signature,
                    signatureBytes);
            int place = code != Status.OK ? code : held.claimWorkspace(workspace);
            if (place < CMemory.BROUGHT) {
                return place;
            }
            boolean wiped = false;
            try {
                code = scheme.verify(Foreign.MEMORY, publicKey, Foreign.MEMORY, Foreign.start(message, messageBytes), messageBytes, Foreign.MEMORY,
                        Foreign.start(context, contextBytes),
                        (int) contextBytes, Foreign.MEMORY, signature, signatureBytes, held.workspace(place),
                        held.workspaceAt(place, workspace)) ? Status.OK : Status.INVALID;
                wiped = true;
            } finally {
                held.leaveWorkspace(place, wiped);
            }
            return code;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    private static int apart(long workspace, long workspaceBytes, long a, long aBytes, long b, long bBytes, long c, long cBytes, long d,
            long dBytes) {
        return Status.first(Foreign.apart(workspace, workspaceBytes, a, aBytes), Foreign.apart(workspace, workspaceBytes, b, bBytes),
                Foreign.apart(workspace, workspaceBytes, c, cBytes), Foreign.apart(workspace, workspaceBytes, d, dBytes));
    }
}
