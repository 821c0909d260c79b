package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.memory.MemoryPlan;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A KEM, a KDF and an AEAD: what both sides of HPKE have to agree on (RFC 9180, section 5). Immutable, thread-safe.
///
/// ```
///   context    mark 8 | next message's number 8 | base nonce 16 | exporter secret Nh | AEAD key and its counts    contextBytes
///   workspace  nonce 16 | shared secret 32 | key 32 | secret Nh | key schedule's context | an operation's own     workspaceBytes
/// ```
///
/// Contexts are kept, one for each peer; a workspace serves all contexts of a thread or event loop and is zero between calls.
@SuppressWarnings("exports")  // annotations that users need not have
public final class HpkeSuite {
    static final int KEY_BYTES_MAX = 32;
    static final int NONCE_BYTES = 12;
    static final int SHARED_BYTES = 32;

    private final HpkeKem kem;
    private final HpkeKdf kdf;
    private final HpkeAead aead;
    private final @Nullable AeadLimits limits;  // null for export-only
    private final long contextBytes;
    private final long workspaceBytes;
    final byte[] id;
    // A workspace.
    static final long NONCE = 0;
    static final long SHARED = NONCE + 16;
    static final long KEY = SHARED + SHARED_BYTES;
    static final long SECRET = KEY + KEY_BYTES_MAX;
    final long schedule;  // mode, hash of the psk's id, hash of the info
    final long operation;
    final long scheduleBytes;
    // A context.
    static final long MARK = 0;
    static final long SEQUENCE = MARK + Long.BYTES;
    static final long BASE_NONCE = SEQUENCE + Long.BYTES;
    static final long EXPORTER = BASE_NONCE + 16;
    final long aeadKey;

    private HpkeSuite(HpkeKem kem, HpkeKdf kdf, HpkeAead aead, @Nullable AeadLimits limits) {
        this.kem = kem;
        this.kdf = kdf;
        this.aead = aead;
        this.limits = limits;
        this.id = new byte[] {'H', 'P', 'K', 'E', (byte) (kem.id() >> 8), (byte) kem.id(), (byte) (kdf.id() >> 8), (byte) kdf.id(),
                (byte) (aead.id() >> 8), (byte) aead.id()};
        Aead cipher = aead.aead();
        this.schedule = SECRET + kdf.hashBytes();
        this.scheduleBytes = 1 + 2L * kdf.hashBytes();
        this.operation = schedule + scheduleBytes;
        this.workspaceBytes = operation + Math.max(kem.kem().workspaceBytes(),
                Math.max(kdf.labeled.workspaceBytes(), cipher == null ? 0 : cipher.workspaceBytes()));
        this.aeadKey = EXPORTER + kdf.hashBytes();
        this.contextBytes = aeadKey + (cipher == null ? 0 : cipher.scheduleBytes());
    }

    /// {@return a suite, with the limits of [AeadLimits#quic] for its keys: right for messages of at most 65,536 bytes}
    public static HpkeSuite of(HpkeKem kem, HpkeKdf kdf, HpkeAead aead) {
        return new HpkeSuite(Objects.requireNonNull(kem), Objects.requireNonNull(kdf), Objects.requireNonNull(aead),
                aead.aead() == null ? null : AeadLimits.quic(aead.aead()));
    }

    /// {@return the same with limits of its own: how many messages a context seals, and how many may fail to verify}
    ///
    /// @throws IllegalStateException  export-only (caller's fault)
    public HpkeSuite withLimits(AeadLimits changed) {
        if (aead.aead() == null) {
            throw new IllegalStateException(this + ": seals nothing that could be limited");
        }
        return new HpkeSuite(kem, kdf, aead, Objects.requireNonNull(changed));
    }

    /// {@return the KEM}
    public HpkeKem kem() {
        return kem;
    }

    /// {@return the KDF}
    public HpkeKdf kdf() {
        return kdf;
    }

    /// {@return the AEAD}
    public HpkeAead aead() {
        return aead;
    }

    /// {@return how often the key of a context may be used; null for export-only}
    public @Nullable AeadLimits limits() {
        return limits;
    }

    /// {@return bytes of a context, at any alignment}
    public long contextBytes() {
        return contextBytes;
    }

    /// {@return bytes of a workspace, at any alignment}
    public long workspaceBytes() {
        return workspaceBytes;
    }

    /// {@return bytes that sealing adds to a text: the tag; beside it a message sealed at once has [HpkeKem#encapsulatedKeyBytes]}
    public int tagBytes() {
        return aead.aead() == null ? 0 : Aead.TAG_BYTES;
    }

    /// {@return what [HpkeSender#in] and [HpkeReceiver#in] take: one context and one workspace}
    public MemoryPlan plan(String name) {
        return MemoryPlan.group(name, MemoryPlan.block("context", contextBytes, 1, "mark, number, nonce, exporter secret, AEAD key"),
                MemoryPlan.block("workspace", workspaceBytes, 1, "the largest of KEM, KDF and AEAD, and the key schedule"));
    }

    /// {@return the names of its parts}
    @Override
    public String toString() {
        return kem + ", " + kdf + ", " + aead;
    }
}
