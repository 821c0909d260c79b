package dev.coffer.tls;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
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
    /// Bytes of the longest share of a client: P-256's point and an encapsulation key of ML-KEM-768.
    static final int CLIENT_SHARE_BYTES_MAX = HybridGroup.SECP256R1_MLKEM768.clientShareBytes();
    /// Bytes of what a client keeps of its share at most: a hybrid's.
    static final int KEPT_BYTES_MAX = HybridGroup.CLIENT_SECRET_BYTES;
    /// Bytes of the longest share of a server: P-256's point and a ciphertext of ML-KEM-768.
    static final int SERVER_SHARE_BYTES_MAX = HybridGroup.SECP256R1_MLKEM768.serverShareBytes();

    private static final int DRAWS_MAX = 8;  // that many misses of a key of P-256 have a chance of 2^-256

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

    /// Makes a client's share.
    ///
    /// @param share  room for [#clientShareBytes]
    /// @param kept   room off the heap for [#KEPT_BYTES_MAX]: what [#finish] needs
    /// @param work   [#workspaceBytes] off the heap; zero afterwards
    void share(Entropy entropy, MemorySegment share, long shareAt, MemorySegment kept, long keptAt, MemorySegment work, long workAt) {
        if (hybrid != null) {
            hybrid.share(entropy, kept, keptAt, share, shareAt, work, workAt);
            return;
        }
        long seed = keptAt + kem().decapsulationKeyBytes();
        try {
            int draws = 0;
            do {
                if (draws++ == DRAWS_MAX) {
                    throw new IllegalStateException(this + ": the entropy source gave no key in " + DRAWS_MAX + " draws");
                }
                entropy.fill(kept, seed, kem().seedBytes());
            } while (!kem().keyPair(kept, seed, share, shareAt, kept, keptAt, work, workAt));
        } finally {
            Wipe.bytes(kept, seed, kem().seedBytes());
        }
    }

    /// Takes a server's share: the secret that both have then.
    ///
    /// @param kept    what [#share] wrote
    /// @param server  [#serverShareBytes] bytes from the peer
    /// @param shared  room off the heap for [#sharedBytes]
    /// @return whether the server's share is one; the peer's fault where it is not, and nothing is written
    boolean finish(MemorySegment kept, long keptAt, MemorySegment server, long serverAt, MemorySegment shared, long sharedAt,
            MemorySegment work, long workAt) {
        if (hybrid != null) {
            return hybrid.finish(kept, keptAt, server, serverAt, hybrid.serverShareBytes(), shared, sharedAt, work,
                    workAt) == Agreement.AGREED;
        }
        return kem().decapsulate(kept, keptAt, server, serverAt, shared, sharedAt, work, workAt);
    }
}
