package dev.coffer.crypto;

import dev.coffer.crypto.aead.AesGcm;
import dev.coffer.crypto.aead.ChaCha20Poly1305;
import dev.coffer.crypto.aead.JdkAesGcm;
import dev.coffer.crypto.internal.AeadFunction;

/// Algorithms for authenticated encryption with associated data: what they are called, what they need. An [AeadKey] seals and
/// opens with one.
///
/// Stateless, thread-safe. What is here is strict: scalar code, secrets in locals and in the caller's memory, no
/// secret-dependent branch or index. [#fast] gives the same algorithm with vector kernels, [#accelerated] AES-GCM on the JDK's
/// AES.
public final class Aead {
    /// AEAD_CHACHA20_POLY1305 (RFC 8439, section 2.8): key 32, nonce 12 bytes.
    public static final Aead CHACHA20_POLY1305 = new Aead(new ChaCha20Poly1305(false, false));
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): key 32, nonce 24 bytes, long enough to be drawn at random.
    public static final Aead XCHACHA20_POLY1305 = new Aead(new ChaCha20Poly1305(true, false));

    /// AEAD_AES_128_GCM (SP 800-38D, RFC 5116 section 5.1): key 16, nonce 12 bytes.
    public static final Aead AES_128_GCM = new Aead(new AesGcm(16));
    /// AEAD_AES_256_GCM (SP 800-38D, RFC 5116 section 5.2): key 32, nonce 12 bytes.
    public static final Aead AES_256_GCM = new Aead(new AesGcm(32));

    /// Bytes of the tag, always the full 128 bits: shorter ones are refused by not being there.
    public static final int TAG_BYTES = AeadFunction.TAG_BYTES;

    /// The vectors' form of each, made when it is first asked for, with the choice.
    private static final class Fast {
        static final Aead IETF = ChaCha20Poly1305.vectorsServe() ? new Aead(new ChaCha20Poly1305(false, true)) : CHACHA20_POLY1305;
        static final Aead EXTENDED = ChaCha20Poly1305.vectorsServe() ? new Aead(new ChaCha20Poly1305(true, true)) : XCHACHA20_POLY1305;
    }

    private final AeadFunction function;
    private final String name;
    private final int keyBytes;
    private final int nonceBytes;
    private final long scheduleBytes;
    private final long workspaceBytes;
    private final long lengthMax;

    private Aead(AeadFunction function) {
        this.function = function;
        this.name = function.name();
        this.keyBytes = function.keyBytes();
        this.nonceBytes = function.nonceBytes();
        this.scheduleBytes = AeadKey.COUNTS_BYTES + function.scheduleBytes();
        this.workspaceBytes = function.workspaceBytes();
        this.lengthMax = function.lengthMax();
    }

    /// {@return the algorithm that a function of another module of this house makes, one that reaches a library's code for
    /// example; its type is exported to those modules alone}
    @SuppressWarnings("exports")
    public static Aead of(AeadFunction function) {
        return new Aead(function);
    }

    /// {@return a new AES-GCM of its own, accelerated by the JDK's AES, which uses the processor's instructions}
    ///
    /// **Not strict**: loading a key puts it into a heap array, and the JDK keeps it and its schedule in others that nobody
    /// wipes; they wait for the collector. Texts stay off the heap, the key stream does not, but is wiped after each call.
    /// The result is for one thread at a time and for one key at a time: a schedule that it made before the last one, or
    /// that another made, is refused. Loading allocates, sealing and opening do not.
    ///
    /// @param keyBytes  16 or 32
    /// @throws IllegalArgumentException  another size (caller's fault)
    public static Aead accelerated(int keyBytes) {
        if (keyBytes != 16 && keyBytes != 32) {
            throw new IllegalArgumentException("AES key: " + keyBytes + " bytes (expected 16 or 32)");
        }
        return new Aead(new JdkAesGcm(keyBytes));
    }

    /// {@return the standard's name, such as `ChaCha20-Poly1305`}
    public String name() {
        return name;
    }

    /// {@return bytes of a key}
    public int keyBytes() {
        return keyBytes;
    }

    /// {@return bytes of a nonce; every other size is refused}
    public int nonceBytes() {
        return nonceBytes;
    }

    /// {@return bytes of an expanded key with its two counts, at any alignment: an [AeadKey]'s place}
    public long scheduleBytes() {
        return scheduleBytes;
    }

    /// {@return bytes of a workspace, at any alignment; one serves all keys of a thread or event loop, and nothing is in it
    /// between calls}
    public long workspaceBytes() {
        return workspaceBytes;
    }

    /// {@return bytes of the longest text that one nonce may seal}
    public long lengthMax() {
        return lengthMax;
    }

    /// {@return the same algorithm in the fast profile: its secrets pass through vector lanes, which lie in heap arrays
    /// until C2 has compiled the kernel (hundreds of calls) and are never wiped there; this very object where there is
    /// no such kernel, or `dev.coffer.crypto.vector` (artifact `coffer-crypto-vector`) or the JDK's vector module is absent, or
    /// the kernel failed the self-test that its first use makes: the log says once which}
    public Aead fast() {
        return this == CHACHA20_POLY1305 ? Fast.IETF : this == XCHACHA20_POLY1305 ? Fast.EXTENDED : this;
    }

    AeadFunction function() {
        return function;
    }

    @Override
    public String toString() {
        return name;
    }
}
