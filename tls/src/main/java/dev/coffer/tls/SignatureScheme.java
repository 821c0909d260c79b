package dev.coffer.tls;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.crypto.rsa.RsaPss;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a handshake is signed with (RFC 8446, section 4.2.3; of ML-DSA the registry's numbers).
@SuppressWarnings("exports")  // annotations that users need not have
public enum SignatureScheme {
    /// Ed25519, pure (RFC 8032).
    ED25519(0x0807, KeyAlgorithm.ED25519),
    /// ECDSA on P-256 with SHA-256; signatures are DER.
    ECDSA_SECP256R1_SHA256(0x0403, KeyAlgorithm.P256),
    /// ML-DSA-44 (FIPS 204), pure, under no context.
    MLDSA44(0x0904, KeyAlgorithm.ML_DSA_44),
    /// ML-DSA-65.
    MLDSA65(0x0905, KeyAlgorithm.ML_DSA_65),
    /// ML-DSA-87.
    MLDSA87(0x0906, KeyAlgorithm.ML_DSA_87),
    /// RSASSA-PSS with SHA-256, by a key of rsaEncryption.
    RSA_PSS_RSAE_SHA256(0x0804, RsaPss.SHA_256),
    /// RSASSA-PSS with SHA-384.
    RSA_PSS_RSAE_SHA384(0x0805, RsaPss.SHA_384),
    /// RSASSA-PSS with SHA-512.
    RSA_PSS_RSAE_SHA512(0x0806, RsaPss.SHA_512);

    /// What RSA keys sign with.
    static final List<SignatureScheme> RSA = List.of(RSA_PSS_RSAE_SHA256, RSA_PSS_RSAE_SHA384, RSA_PSS_RSAE_SHA512);
    /// What a client's certificate may sign with: its slots have room for no more.
    private static final List<SignatureScheme> CLIENTS =
            List.of(ED25519, ECDSA_SECP256R1_SHA256, RSA_PSS_RSAE_SHA256, RSA_PSS_RSAE_SHA384, RSA_PSS_RSAE_SHA512);

    private final int code;
    private final @Nullable KeyAlgorithm algorithm;
    private final @Nullable RsaPss pss;

    SignatureScheme(int code, KeyAlgorithm algorithm) {
        this.code = code;
        this.algorithm = algorithm;
        this.pss = null;
    }

    SignatureScheme(int code, RsaPss pss) {
        this.code = code;
        this.algorithm = null;
        this.pss = pss;
    }

    /// {@return what keys of an algorithm sign a handshake with, or null where they do not}
    static @Nullable SignatureScheme of(KeyAlgorithm algorithm) {
        for (SignatureScheme scheme : values()) {
            if (scheme.algorithm == algorithm) {
                return scheme;
            }
        }
        return null;
    }

    /// {@return the number on the wire, u16}
    public int code() {
        return code;
    }

    /// {@return the algorithm of its keys; null of RSA, whose keys are an [RsaKey]}
    public @Nullable KeyAlgorithm algorithm() {
        return algorithm;
    }

    /// {@return whether a client may show a certificate whose key signs with it}
    public boolean isForClients() {
        return CLIENTS.contains(this);
    }

    /// {@return what clients' certificates may sign with}
    static List<SignatureScheme> ofClients() {
        return CLIENTS;
    }

    /// {@return bytes of the longest signature on the wire}
    int signatureBytesMax() {
        return this == ECDSA_SECP256R1_SHA256 ? EcdsaSignature.DER_BYTES_MAX : algorithm == null ? RsaKey.MODULUS_BYTES_MAX : algorithm.signatureBytes();
    }

    /// {@return bytes of the workspace of [#sign]}
    long workspaceBytes() {
        return algorithm == null ? RsaPss.WORKSPACE_BYTES : rawBytes() + algorithm.workspaceBytes();
    }

    private int rawBytes() {
        return this == ECDSA_SECP256R1_SHA256 ? EcdsaP256.SIGNATURE_BYTES : 0;
    }

    /// Signs what a CertificateVerify covers. ML-DSA hedges with the source; the others need none.
    ///
    /// @param signature  room for [#signatureBytesMax]
    /// @param work       [#workspaceBytes] off the heap, apart from the rest; zero afterwards
    /// @return bytes of the signature as the wire has it
    int sign(Entropy entropy, KeyPair pair, MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt, MemorySegment work, long workAt) {
        Entropy hedge = pair.algorithm().hasSeeds() ? entropy : Signature.DETERMINISTIC;
        if (rawBytes() == 0) {
            pair.sign(hedge, message, messageAt, length, signature, signatureAt, work, workAt);
            return pair.algorithm().signatureBytes();
        }
        try {
            pair.sign(hedge, message, messageAt, length, work, workAt, work, workAt + rawBytes());
            return EcdsaSignature.toDer(work, workAt, signature, signatureAt);
        } finally {
            Wipe.bytes(work, workAt, rawBytes());
        }
    }

    /// The same by an RSA key.
    ///
    /// @throws IllegalStateException  the key is closed, or the machine computed wrongly; nothing is written
    int sign(Entropy entropy, RsaKey key, MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            MemorySegment work, long workAt) {
        if (!Objects.requireNonNull(pss, "of RSA").sign(entropy, key, message, messageAt, length, signature, signatureAt, work, workAt)) {
            throw new IllegalStateException("an RSA key that does not sign: " + key);
        }
        return key.modulusBytes();
    }
}
