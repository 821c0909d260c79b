package dev.coffer.tls;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The groups in which keys are exchanged (RFC 8446, section 4.2.7), as a server sees them: it answers a client's share with its own.
///
/// The constants compute by our own code; [#withCurve] makes the same group with another form of its curve, libcrypto's for example. Two are equal
/// that have one number, whatever computes them. Immutable, thread-safe.
public final class NamedGroup {
    /// X25519 and ML-KEM-768 side by side, 0x11EC: a recording of today stays closed to a quantum computer of tomorrow.
    public static final NamedGroup X25519MLKEM768 = new NamedGroup("X25519MLKEM768", HybridGroup.X25519_MLKEM768);
    /// P-256 and ML-KEM-768 side by side, 0x11EB.
    public static final NamedGroup SECP256R1MLKEM768 = new NamedGroup("SECP256R1MLKEM768", HybridGroup.SECP256R1_MLKEM768);
    /// X25519, 0x001D (RFC 7748).
    public static final NamedGroup X25519 = new NamedGroup("X25519", 0x001d, dev.coffer.crypto.x25519.X25519.CURVE);
    /// P-256, 0x0017 (FIPS 186-5); shares are uncompressed points.
    public static final NamedGroup SECP256R1 = new NamedGroup("SECP256R1", 0x0017, P256.CURVE);

    private static final List<NamedGroup> ALL = List.of(X25519MLKEM768, SECP256R1MLKEM768, X25519, SECP256R1);

    /// Bytes of the longest shared secret: a hybrid's.
    static final int SHARED_BYTES_MAX = HybridGroup.SHARED_BYTES;
    /// Bytes of the longest share of a client: P-256's point and an encapsulation key of ML-KEM-768.
    static final int CLIENT_SHARE_BYTES_MAX = HybridGroup.SECP256R1_MLKEM768.clientShareBytes();
    /// Bytes of what a client keeps of its share at most: a hybrid's.
    static final int KEPT_BYTES_MAX = HybridGroup.CLIENT_SECRET_BYTES;
    /// Bytes of the longest share of a server: P-256's point and a ciphertext of ML-KEM-768.
    static final int SERVER_SHARE_BYTES_MAX = HybridGroup.SECP256R1_MLKEM768.serverShareBytes();

    private static final int DRAWS_MAX = 8;  // that many misses of a key of P-256 have a chance of 2^-256

    private final String name;
    private final int code;
    private final Curve curve;
    private final @Nullable HybridGroup hybrid;  // one of both
    private final @Nullable Kem kem;

    private NamedGroup(String name, HybridGroup hybrid) {
        this(name, hybrid.codepoint(), hybrid.curve(), hybrid, null);
    }

    private NamedGroup(String name, int code, Curve curve) {
        this(name, code, curve, null, curve.kem());
    }

    private NamedGroup(String name, int code, Curve curve, @Nullable HybridGroup hybrid, @Nullable Kem kem) {
        this.name = name;
        this.code = code;
        this.curve = curve;
        this.hybrid = hybrid;
        this.kem = kem;
    }

    /// {@return all of them, in the order of what is preferred}
    public static NamedGroup[] values() {
        return ALL.toArray(NamedGroup[]::new);
    }

    /// {@return the same group with another form of its curve}
    ///
    /// @throws IllegalArgumentException  another curve, or one that works in more than ours does (caller's fault)
    public NamedGroup withCurve(Curve form) {
        Curve own = own();
        if (!form.name().equals(own.name()) || form.workspaceBytes() > own.workspaceBytes()) {
            throw new IllegalArgumentException(name + ": " + form + " that works in " + form.workspaceBytes() + " bytes (expected a form of " + own
                    + " that works in " + own.workspaceBytes() + " at most)");
        }
        return new NamedGroup(name, code, form, hybrid, hybrid == null ? form.kem() : null);
    }

    private Curve own() {
        return dev.coffer.crypto.x25519.X25519.CURVE.name().equals(curve.name()) ? dev.coffer.crypto.x25519.X25519.CURVE : P256.CURVE;
    }

    /// {@return the curve that it agrees on, alone or beside ML-KEM, in the form that computes it}
    public Curve curve() {
        return curve;
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

    /// {@return bytes of the workspace of all operations, of the largest group: a client's}
    static long workspaceBytes() {
        return workspaceBytes(HybridGroup.WORKSPACE_BYTES);
    }

    /// {@return bytes of the workspace of [#answer], of the largest group}
    static long answerWorkspaceBytes() {
        return workspaceBytes(HybridGroup.ANSWER_WORKSPACE_BYTES);
    }

    private static long workspaceBytes(long hybridBytes) {
        return Math.max(hybridBytes,
                Math.max(dev.coffer.crypto.x25519.X25519.KEM.workspaceBytes(), P256.KEM.workspaceBytes()));
    }

    /// Answers a client's share: writes the server's, and the secret that both have then.
    ///
    /// @param client    [#clientShareBytes] bytes from the peer
    /// @param share     room for [#serverShareBytes]
    /// @param shared    room off the heap for [#sharedBytes]
    /// @param work      [#answerWorkspaceBytes] off the heap; zero afterwards
    /// @return whether the client's share is one; the peer's fault where it is not, and nothing is written
    boolean answer(Entropy entropy, MemorySegment client, long clientAt, MemorySegment share, long shareAt, MemorySegment shared,
            long sharedAt, MemorySegment work, long workAt) {
        if (hybrid != null) {
            return hybrid.answer(curve, entropy, client, clientAt, hybrid.clientShareBytes(), share, shareAt, shared, sharedAt, work,
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
            hybrid.share(curve, entropy, kept, keptAt, share, shareAt, work, workAt);
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
            return hybrid.finish(curve, kept, keptAt, server, serverAt, hybrid.serverShareBytes(), shared, sharedAt, work,
                    workAt) == Agreement.AGREED;
        }
        return kem().decapsulate(kept, keptAt, server, serverAt, shared, sharedAt, work, workAt);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NamedGroup that && code == that.code;
    }

    @Override
    public int hashCode() {
        return code;
    }

    /// {@return its name}
    @Override
    public String toString() {
        return name;
    }
}
