package dev.coffer.crypto.key;

import dev.coffer.crypto.ed25519.Ed25519;

/// The classical algorithms that a key may be for.
public enum KeyAlgorithm {
    /// Key agreement (RFC 7748); identifier 1.3.101.110 (RFC 8410 section 3).
    X25519(dev.coffer.crypto.x25519.X25519.PUBLIC_KEY_BYTES, 0,
            "302e020100300506032b656e04220420", "", "302a300506032b656e032100"),
    /// Signatures (RFC 8032); identifier 1.3.101.112 (RFC 8410 section 3).
    ED25519(Ed25519.PUBLIC_KEY_BYTES, Ed25519.SIGNATURE_BYTES,
            "302e020100300506032b657004220420", "", "302a300506032b6570032100"),
    /// ECDH and ECDSA on P-256 (FIPS 186-5); identifier id-ecPublicKey with secp256r1 (RFC 5480 section 2.1.1).
    P256(dev.coffer.crypto.p256.P256.PUBLIC_KEY_BYTES, dev.coffer.crypto.p256.EcdsaP256.SIGNATURE_BYTES,
            "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420", "a144034200",
            "3059301306072a8648ce3d020106082a8648ce3d030107034200");

    /// Bytes of a private key, of all of them.
    public static final int PRIVATE_KEY_BYTES = 32;
    /// Bytes of the longest public key: P-256's, uncompressed.
    public static final int PUBLIC_KEY_BYTES_MAX = 65;

    private final int publicKeyBytes;
    private final int signatureBytes;
    final byte[] privateHead;    // PKCS#8 up to the private key
    final byte[] privateMiddle;  // PKCS#8 from there to the public key; empty where there is none
    final byte[] publicHead;     // SubjectPublicKeyInfo up to the public key

    KeyAlgorithm(int publicKeyBytes, int signatureBytes, String privateHead, String privateMiddle, String publicHead) {
        this.publicKeyBytes = publicKeyBytes;
        this.signatureBytes = signatureBytes;
        java.util.HexFormat hex = java.util.HexFormat.of();
        this.privateHead = hex.parseHex(privateHead);
        this.privateMiddle = hex.parseHex(privateMiddle);
        this.publicHead = hex.parseHex(publicHead);
    }

    /// {@return bytes of a public key as it is stored here: 32, or 65 uncompressed ones}
    public int publicKeyBytes() {
        return publicKeyBytes;
    }

    /// {@return bytes of a signature: 64; 0 for X25519, which has none}
    public int signatureBytes() {
        return signatureBytes;
    }

    /// {@return bytes of the secret that a [KeyPair] owns: private key, then public key}
    public int keyPairBytes() {
        return PRIVATE_KEY_BYTES + publicKeyBytes;
    }

    /// {@return bytes of the PKCS#8 form}
    public int pkcs8Bytes() {
        int behind = privateMiddle.length == 0 ? 0 : privateMiddle.length + publicKeyBytes;
        return privateHead.length + PRIVATE_KEY_BYTES + behind;
    }

    /// {@return bytes of the SubjectPublicKeyInfo form}
    public int spkiBytes() {
        return publicHead.length + publicKeyBytes;
    }

    boolean isEdwards() {
        return this != P256;
    }
}
