package dev.coffer.tls;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a handshake is signed with (RFC 8446, section 4.2.3; of ML-DSA the registry's numbers).
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
    MLDSA87(0x0906, KeyAlgorithm.ML_DSA_87);

    private final int code;
    private final KeyAlgorithm algorithm;

    SignatureScheme(int code, KeyAlgorithm algorithm) {
        this.code = code;
        this.algorithm = algorithm;
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

    /// {@return the algorithm of its keys}
    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    /// {@return bytes of the longest signature on the wire}
    int signatureBytesMax() {
        return this == ECDSA_SECP256R1_SHA256 ? EcdsaSignature.DER_BYTES_MAX : algorithm.signatureBytes();
    }

    /// {@return bytes of the workspace of [#sign]}
    long workspaceBytes() {
        return rawBytes() + algorithm.workspaceBytes();
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
        Entropy hedge = algorithm.hasSeeds() ? entropy : Signature.DETERMINISTIC;
        if (rawBytes() == 0) {
            pair.sign(hedge, message, messageAt, length, signature, signatureAt, work, workAt);
            return algorithm.signatureBytes();
        }
        try {
            pair.sign(hedge, message, messageAt, length, work, workAt, work, workAt + rawBytes());
            return EcdsaSignature.toDer(work, workAt, signature, signatureAt);
        } finally {
            Wipe.bytes(work, workAt, rawBytes());
        }
    }
}
