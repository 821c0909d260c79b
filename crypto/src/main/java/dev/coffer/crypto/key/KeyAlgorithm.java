package dev.coffer.crypto.key;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.p256.EcdsaP256;

/// The algorithms that a key may be for: what each is called in files, what its keys take, what they do.
public enum KeyAlgorithm {
    /// Key agreement (RFC 7748); identifier 1.3.101.110 (RFC 8410 section 3).
    X25519(new OctetsForm(null, dev.coffer.crypto.x25519.X25519.WORKSPACE_BYTES, "1.3.101.110")),
    /// Signatures (RFC 8032); identifier 1.3.101.112 (RFC 8410 section 3).
    ED25519(new OctetsForm(Ed25519.SCHEME, Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES), "1.3.101.112")),
    /// ECDH and ECDSA on P-256 (FIPS 186-5); identifier id-ecPublicKey with secp256r1 (RFC 5480 section 2.1.1).
    P256(new EcForm(Math.max(dev.coffer.crypto.p256.P256.WORKSPACE_BYTES,
            Math.max(EcdsaP256.SCHEME.signWorkspaceBytes(), EcdsaP256.SCHEME.workspaceBytes()))));

    final KeyForm form;

    KeyAlgorithm(KeyForm form) {
        this.form = form;
    }

    /// {@return bytes of a private key as it is held: of all of these 32}
    public int privateKeyBytes() {
        return form.privateBytes;
    }

    /// {@return bytes of a public key as it is stored here: 32, or 65 uncompressed ones}
    public int publicKeyBytes() {
        return form.publicBytes;
    }

    /// {@return bytes of a signature: 64; 0 for X25519, which has none}
    public int signatureBytes() {
        return signs() ? form.signature().signatureBytes() : 0;
    }

    /// {@return whether its keys sign and verify}
    public boolean signs() {
        return form.signature() != null;
    }

    /// {@return the scheme that its keys sign with, or null; a pair's secret begins with the private key that it takes}
    public Signature signature() {
        return form.signature();
    }

    /// {@return whether two of its keys agree on a secret}
    public boolean agrees() {
        return form.agrees();
    }

    /// {@return bytes of the secret that a [KeyPair] owns: private key, then public key}
    public int keyPairBytes() {
        return form.privateBytes + form.publicBytes;
    }

    /// {@return bytes of the workspace of every operation with its keys, reading and making them included: what the algorithm needs,
    /// one pair, and a seed or another public key; this algorithm's alone}
    public long workspaceBytes() {
        return pairAt() + keyPairBytes() + Math.max(form.seedBytes, form.publicBytes);
    }

    /// {@return offset of the pair in a workspace, behind what the operations take; behind it a seed or a public key}
    long pairAt() {
        return form.operationBytes;
    }

    long behindPairAt() {
        return form.operationBytes + keyPairBytes();
    }

    /// {@return bytes of the PKCS#8 form (RFC 5958 section 2)}
    public int pkcs8Bytes() {
        return DerWriter.bytes(pkcs8Content());
    }

    int pkcs8Content() {
        return DerWriter.bytes(1) + DerWriter.bytes(form.identifierBytes()) + DerWriter.bytes(form.encodedPrivateBytes());
    }

    /// {@return bytes of the SubjectPublicKeyInfo form (RFC 5280 section 4.1.2.7)}
    public int spkiBytes() {
        return DerWriter.bytes(spkiContent());
    }

    int spkiContent() {
        return DerWriter.bytes(form.identifierBytes()) + DerWriter.bytes(1 + form.publicBytes);
    }

    /// {@return bytes of the longer of both forms}
    public int derBytesMax() {
        return Math.max(pkcs8Bytes(), spkiBytes());
    }

    /// {@return bytes of the longer of both forms as PEM (RFC 7468)}
    public int pemBytesMax() {
        return Math.max(Pem.bytes(Pem.PRIVATE, pkcs8Bytes()), Pem.bytes(Pem.PUBLIC, spkiBytes()));
    }
}
