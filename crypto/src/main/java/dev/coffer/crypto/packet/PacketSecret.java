package dev.coffer.crypto.packet;

import dev.coffer.crypto.kdf.Hkdf;
import java.lang.foreign.MemorySegment;

/// What is made of a traffic secret (RFC 8446 sections 7.2 and 7.3, RFC 9001 sections 5.1 and 6.1): IV, key and the secret of the next
/// generation. It holds a place to work in and no secret. One thread at a time; 0 heap bytes.
final class PacketSecret {
    private static final int IV_BYTES = PacketState.IV_BYTES;

    private final PacketProtocol protocol;
    private final Hkdf hkdf;
    private final int secretBytes;
    private final int keyBytes;
    private final MemorySegment work;
    private final long workAt;

    /// @param work  [Hkdf#workspaceBytes] from `workAt`; zero after each call
    PacketSecret(PacketProtocol protocol, CipherSuite suite, MemorySegment work, long workAt) {
        this.protocol = protocol;
        this.hkdf = suite.hkdf();
        this.secretBytes = suite.secretBytes();
        this.keyBytes = suite.aead().keyBytes();
        this.work = work;
        this.workAt = workAt;
    }

    void iv(MemorySegment secret, long at, MemorySegment iv, long ivAt) {
        expand(secret, at, protocol.iv, iv, ivAt, IV_BYTES);
    }

    void key(MemorySegment secret, long at, MemorySegment key, long keyAt) {
        expand(secret, at, protocol.key, key, keyAt, keyBytes);
    }

    /// Writes the next generation's secret over this one.
    void step(MemorySegment secret, long at) {
        expand(secret, at, protocol.update, secret, at, secretBytes);
    }

    private void expand(MemorySegment secret, long at, MemorySegment label, MemorySegment output, long outputAt, int length) {
        hkdf.expandLabel(work, workAt, secret, at, label, 0, (int) label.byteSize(), label, 0, 0, output, outputAt, length);
    }
}
