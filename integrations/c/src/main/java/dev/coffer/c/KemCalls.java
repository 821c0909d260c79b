package dev.coffer.c;

import dev.coffer.crypto.Kem;
import dev.coffer.memory.Entropy;

/// Key encapsulation. What the calls mean and answer says `coffer.h`.
final class KemCalls {
    private KemCalls() {}

    static int encapsulate(int algorithm, long publicKey, long publicKeyBytes, long ciphertext, long ciphertextBytes, long shared,
            long sharedBytes, long workspace, long workspaceBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Kem kem = Algorithms.kem(algorithm);
            if (kem == null) {
                return Status.ALGORITHM;
            }
            int code = Status.first(Foreign.exactly(publicKey, publicKeyBytes, kem.encapsulationKeyBytes()),
                    held.output(ciphertext, ciphertextBytes, kem.ciphertextBytes()), held.output(shared, sharedBytes, kem.sharedBytes()),
                    held.workspace(workspace, workspaceBytes, Algorithms.SEED_ROOM_BYTES + kem.workspaceBytes()));
            if (code != Status.OK) {
                return code;
            }
            code = Status.first(Foreign.apart(publicKey, publicKeyBytes, ciphertext, ciphertextBytes),
                    Foreign.apart(publicKey, publicKeyBytes, shared, sharedBytes), Foreign.apart(ciphertext, ciphertextBytes, shared, sharedBytes),
                    Foreign.apart(workspace, workspaceBytes, publicKey, publicKeyBytes),
                    Status.first(Foreign.apart(workspace, workspaceBytes, ciphertext, ciphertextBytes),
                            Foreign.apart(workspace, workspaceBytes, shared, sharedBytes)));
            int place = code != Status.OK ? code : held.claimWorkspace(workspace);
            if (place < CMemory.BROUGHT) {
                return place;
            }
            boolean wiped = false;
            try {
                code = kem.encapsulate(Entropy.SYSTEM, Foreign.MEMORY, publicKey, Foreign.MEMORY, ciphertext, Foreign.MEMORY, shared,
                        held.workspace(place), held.workspaceAt(place, workspace)) ? Status.OK : Status.INVALID;
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

    static int decapsulate(int algorithm, long secretKey, long secretKeyBytes, long ciphertext, long ciphertextBytes, long shared,
            long sharedBytes, long workspace, long workspaceBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Kem kem = Algorithms.kem(algorithm);
            if (kem == null) {
                return Status.ALGORITHM;
            }
            int code = Status.first(Foreign.exactly(secretKey, secretKeyBytes, kem.decapsulationKeyBytes()),
                    Foreign.exactly(ciphertext, ciphertextBytes, kem.ciphertextBytes()), held.output(shared, sharedBytes, kem.sharedBytes()),
                    held.workspace(workspace, workspaceBytes, Algorithms.SEED_ROOM_BYTES + kem.workspaceBytes()));
            if (code != Status.OK) {
                return code;
            }
            code = Status.first(Foreign.apart(secretKey, secretKeyBytes, shared, sharedBytes),
                    Foreign.apart(ciphertext, ciphertextBytes, shared, sharedBytes),
                    Foreign.apart(workspace, workspaceBytes, secretKey, secretKeyBytes),
                    Foreign.apart(workspace, workspaceBytes, ciphertext, ciphertextBytes),
                    Foreign.apart(workspace, workspaceBytes, shared, sharedBytes));
            int place = code != Status.OK ? code : held.claimWorkspace(workspace);
            if (place < CMemory.BROUGHT) {
                return place;
            }
            boolean wiped = false;
            try {
                code = kem.decapsulate(Foreign.MEMORY, secretKey, Foreign.MEMORY, ciphertext, Foreign.MEMORY, shared, held.workspace(place),
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
}
