package dev.coffer.crypto.key;

import dev.coffer.memory.Secret;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// For tests: keys read in one step, with room for any algorithm.
final class Keys {
    /// The algorithms whose keys are short; [PostQuantumKeysTest] has the others.
    static final List<KeyAlgorithm> CURVES = List.of(KeyAlgorithm.X25519, KeyAlgorithm.ED25519, KeyAlgorithm.P256);
    /// Bytes of a workspace for any algorithm, and for a whole file.
    static final long OPERATION_BYTES = Arrays.stream(KeyAlgorithm.values()).mapToLong(KeyAlgorithm::workspaceBytes).max().orElseThrow();
    static final long WORKSPACE_BYTES = EncodedKey.FILE_BYTES_MAX + OPERATION_BYTES;
    static final int PUBLIC_KEY_BYTES = 65;
    static final int DER_BYTES = 200;
    static final int PEM_BYTES = 400;

    private Keys() {}

    static KeyPair decode(MemorySegment source, long sourceAt, long length, Secret secret, MemorySegment workspace, long at) {
        try (EncodedKey key = EncodedKey.in(source, sourceAt, length)) {
            return key.keyPair(secret, workspace, at);
        }
    }

    static PublicKey decodePublic(MemorySegment source, long sourceAt, long length, MemorySegment home, long homeAt,
            MemorySegment workspace, long at) {
        try (EncodedKey key = EncodedKey.in(source, sourceAt, length)) {
            return key.publicKey(home, homeAt, workspace, at);
        }
    }

    static KeyPair read(Path file, Secret secret, MemorySegment workspace, long at) throws IOException {
        try (EncodedKey key = EncodedKey.read(file, workspace, at, EncodedKey.FILE_BYTES_MAX)) {
            return key.keyPair(secret, workspace, at + EncodedKey.FILE_BYTES_MAX);
        }
    }

    static PublicKey readPublic(Path file, MemorySegment home, long homeAt, MemorySegment workspace, long at) throws IOException {
        try (EncodedKey key = EncodedKey.read(file, workspace, at, EncodedKey.FILE_BYTES_MAX)) {
            return key.publicKey(home, homeAt, workspace, at + EncodedKey.FILE_BYTES_MAX);
        }
    }
}
