package dev.coffer.c;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// Sizes, and keys of either kind. What the calls mean and answer says `coffer.h`.
final class KeyCalls {
    /// Numbers of `struct coffer_sizes`.
    static final int SIZES = 9;

    private static final int DRAWS_MAX = 8;  // of P-256 a seed in 2^32 makes no key

    private KeyCalls() {}

    static int describe(int algorithm, long sizes, long sizesBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            int code = sizesBytes != (long) SIZES * Long.BYTES ? Status.LENGTH : held.numbers(sizes, sizesBytes);
            return code != Status.OK ? code : describe(algorithm, sizes);
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    private static int describe(int algorithm, long sizes) {
        Kem kem = Algorithms.kem(algorithm);
        Signature scheme = Algorithms.signature(algorithm);
        Hash hash = Algorithms.hash(algorithm);
        if (kem != null) {
            long workspace = Algorithms.SEED_ROOM_BYTES + kem.workspaceBytes();
            write(sizes, kem.seedBytes(), kem.encapsulationKeyBytes(), kem.decapsulationKeyBytes(), kem.ciphertextBytes(), kem.sharedBytes(), 0, 0, 0,
                    workspace);
        } else if (scheme != null) {
            write(sizes, scheme.seedBytes(), scheme.publicKeyBytes(), scheme.privateKeyBytes(), 0, 0, scheme.signatureBytes(),
                    scheme.contextBytesMax(), 0, workspaceBytes(scheme));
        } else if (hash != null) {
            write(sizes, 0, 0, 0, 0, 0, 0, 0, hash.digestBytes(), hash.stateBytes());
        } else {
            return Status.ALGORITHM;
        }
        return Status.OK;
    }

    static long workspaceBytes(Signature scheme) {
        return Math.max(Algorithms.SEED_ROOM_BYTES + scheme.workspaceBytes(), scheme.signWorkspaceBytes());
    }

    private static void write(long sizes, long seed, long publicKey, long secretKey, long ciphertext, long shared, long signature, long context,
            long digest, long workspace) {
        Foreign.write(sizes, seed);
        Foreign.write(sizes + 8, publicKey);
        Foreign.write(sizes + 16, secretKey);
        Foreign.write(sizes + 24, ciphertext);
        Foreign.write(sizes + 32, shared);
        Foreign.write(sizes + 40, signature);
        Foreign.write(sizes + 48, context);
        Foreign.write(sizes + 56, digest);
        Foreign.write(sizes + 64, workspace);
    }

    static int keygen(int algorithm, long seed, long seedBytes, long publicKey, long publicKeyBytes, long secretKey, long secretKeyBytes,
            long workspace, long workspaceBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Kem kem = Algorithms.kem(algorithm);
            Signature scheme = Algorithms.signature(algorithm);
            if (kem == null && scheme == null) {
                return Status.ALGORITHM;
            }
            int seedExpected = kem != null ? kem.seedBytes() : scheme.seedBytes();
            long needed = kem != null ? Algorithms.SEED_ROOM_BYTES + kem.workspaceBytes() : workspaceBytes(scheme);
            boolean isDrawn = seed == 0 && seedBytes == 0;
            int code = Status.first(isDrawn ? Status.OK : Foreign.exactly(seed, seedBytes, seedExpected),
                    held.output(publicKey, publicKeyBytes, kem != null ? kem.encapsulationKeyBytes() : scheme.publicKeyBytes()),
                    held.output(secretKey, secretKeyBytes, kem != null ? kem.decapsulationKeyBytes() : scheme.privateKeyBytes()),
                    held.workspace(workspace, workspaceBytes, needed));
            if (code != Status.OK) {
                return code;
            }
            code = Status.first(Foreign.apart(seed, seedBytes, publicKey, publicKeyBytes),
                    Foreign.apart(seed, seedBytes, secretKey, secretKeyBytes), Foreign.apart(publicKey, publicKeyBytes, secretKey, secretKeyBytes),
                    Foreign.apart(workspace, workspaceBytes, publicKey, publicKeyBytes),
                    Status.first(Foreign.apart(workspace, workspaceBytes, secretKey, secretKeyBytes),
                            Foreign.apart(workspace, workspaceBytes, seed, seedBytes)));
            int place = code != Status.OK ? code : held.claimWorkspace(workspace);
            if (place < CMemory.BROUGHT) {
                return place;
            }
            boolean wiped = false;
            try {
                MemorySegment room = held.workspace(place);
                long at = held.workspaceAt(place, workspace);
                code = isDrawn ? draw(kem, scheme, publicKey, secretKey, room, at)
                        : keyPair(kem, scheme, Foreign.MEMORY, seed, publicKey, secretKey, room, at) ? Status.OK : Status.INVALID;
                wiped = true;
            } finally {
                held.leaveWorkspace(place, wiped);
            }
            return code;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    /// Makes a pair of a seed that nobody else has: drawn at the workspace's start and wiped there.
    private static int draw(Kem kem, Signature scheme, long publicKey, long secretKey, MemorySegment room, long at) {
        long seedBytes = kem != null ? kem.seedBytes() : scheme.seedBytes();
        try {
            for (int draws = 0; draws < DRAWS_MAX; draws++) {
                Entropy.SYSTEM.fill(room, at, seedBytes);
                if (keyPair(kem, scheme, room, at, publicKey, secretKey, room, at)) {
                    return Status.OK;
                }
            }
            return Status.ENTROPY;
        } catch (IllegalStateException nothingDrawn) {
            return Status.ENTROPY;
        } finally {
            Wipe.bytes(room, at, seedBytes);
        }
    }

    private static boolean keyPair(Kem kem, Signature scheme, MemorySegment seed, long seedAt, long publicKey, long secretKey,
            MemorySegment room, long at) {
        return kem != null
                ? kem.keyPair(seed, seedAt, Foreign.MEMORY, publicKey, Foreign.MEMORY, secretKey, room, at + Algorithms.SEED_ROOM_BYTES)
                : scheme.keyPair(seed, seedAt, Foreign.MEMORY, publicKey, Foreign.MEMORY, secretKey, room, at + Algorithms.SEED_ROOM_BYTES);
    }
}
