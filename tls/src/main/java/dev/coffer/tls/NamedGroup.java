package dev.coffer.tls;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The groups in which keys are exchanged (RFC 8446, section 4.2.7), as a server sees them: it answers a client's share with its own.
public enum NamedGroup {
    /// X25519 and ML-KEM-768 side by side, 0x11EC: a recording of today stays closed to a quantum computer of tomorrow.
    X25519MLKEM768(HybridGroup.X25519_MLKEM768),
    /// P-256 and ML-KEM-768 side by side, 0x11EB.
    SECP256R1MLKEM768(HybridGroup.SECP256R1_MLKEM768),
    /// X25519, 0x001D (RFC 7748).
    X25519(0x001d, dev.coffer.crypto.x25519.X25519.KEM),
    /// P-256, 0x0017 (FIPS 186-5); shares are uncompressed points.
    SECP256R1(0x0017, P256.KEM);

    /// Bytes of the longest shared secret: a hybrid's.
    static final int SHARED_BYTES_MAX = HybridGroup.SHARED_BYTES;
    /// Bytes of the longest share of a server: P-256's point and a ciphertext of ML-KEM-768.
    static final int SERVER_SHARE_BYTES_MAX = HybridGroup.SECP256R1_MLKEM768.serverShareBytes();

    private final int code;
    private final @Nullable HybridGroup hybrid;  // one of both
    private final @Nullable Kem kem;

    NamedGroup(HybridGroup hybrid) {
        this.code = hybrid.codepoint();
        this.hybrid = hybrid;
        this.kem = null;
    }

    NamedGroup(int code, Kem kem) {
        this.code = code;
        this.hybrid = null;
        this.kem = kem;
    }

    /// {@return the number on the wire, u16}
    public int code() {
        return code;
    }

    private Kem kem() {
        return Objects.requireNonNull(kem);
    }

    /// {@return bytes of a client's share}
    int clientShareBytes() {
        return hybrid != null ? hybrid.clientShareBytes() : kem().encapsulationKeyBytes();
    }

    /// {@return bytes of a server's share}
    int serverShareBytes() {
        return hybrid != null ? hybrid.serverShareBytes() : kem().ciphertextBytes();
    }

    /// {@return bytes of the shared secret}
    int sharedBytes() {
        return hybrid != null ? HybridGroup.SHARED_BYTES : kem().sharedBytes();
    }

    /// {@return bytes of the workspace of [#answer], of the largest group}
    static long workspaceBytes() {
        return Math.max(HybridGroup.WORKSPACE_BYTES,
                Math.max(dev.coffer.crypto.x25519.X25519.KEM.workspaceBytes(), P256.KEM.workspaceBytes()));
    }

    /// Answers a client's share: writes the server's, and the secret that both have then.
    ///
    /// @param client    [#clientShareBytes] bytes from the peer
    /// @param share     room for [#serverShareBytes]
    /// @param shared    room off the heap for [#sharedBytes]
    /// @param work      [#workspaceBytes] off the heap; zero afterwards
    /// @return whether the client's share is one; the peer's fault where it is not, and nothing is written
    boolean answer(Entropy entropy, MemorySegment client, long clientAt, MemorySegment share, long shareAt, MemorySegment shared,
            long sharedAt, MemorySegment work, long workAt) {
        if (hybrid != null) {
            return hybrid.answer(entropy, client, clientAt, hybrid.clientShareBytes(), share, shareAt, shared, sharedAt, work,
                    workAt) == Agreement.AGREED;
        }
        return kem().encapsulate(entropy, client, clientAt, share, shareAt, shared, sharedAt, work, workAt);
    }
}
