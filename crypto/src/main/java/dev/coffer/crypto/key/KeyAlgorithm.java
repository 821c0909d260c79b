package dev.coffer.crypto.key;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import org.jspecify.annotations.Nullable;

/// The algorithms that a key may be for: what each is called in files, what its keys take, what they do.
@SuppressWarnings("exports")  // annotations that users need not have
public enum KeyAlgorithm {
    /// Key agreement (RFC 7748); identifier 1.3.101.110 (RFC 8410 section 3).
    X25519(new OctetsForm(null, dev.coffer.crypto.x25519.X25519.WORKSPACE_BYTES, "1.3.101.110")),
    /// Signatures (RFC 8032); identifier 1.3.101.112 (RFC 8410 section 3).
    ED25519(new OctetsForm(Ed25519.SCHEME, Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES), "1.3.101.112")),
    /// ECDH and ECDSA on P-256 (FIPS 186-5); identifier id-ecPublicKey with secp256r1 (RFC 5480 section 2.1.1).
    P256(new EcForm(Math.max(dev.coffer.crypto.p256.P256.WORKSPACE_BYTES,
            Math.max(EcdsaP256.SCHEME.signWorkspaceBytes(), EcdsaP256.SCHEME.workspaceBytes())))),
    /// Key encapsulation (FIPS 203); identifier 2.16.840.1.101.3.4.4.1 (RFC 9935 section 3).
    ML_KEM_512(new MlKemForm(MlKem.ML_KEM_512, "2.16.840.1.101.3.4.4.1")),
    /// Key encapsulation (FIPS 203); identifier 2.16.840.1.101.3.4.4.2 (RFC 9935 section 3).
    ML_KEM_768(new MlKemForm(MlKem.ML_KEM_768, "2.16.840.1.101.3.4.4.2")),
    /// Key encapsulation (FIPS 203); identifier 2.16.840.1.101.3.4.4.3 (RFC 9935 section 3).
    ML_KEM_1024(new MlKemForm(MlKem.ML_KEM_1024, "2.16.840.1.101.3.4.4.3")),
    /// Key encapsulation, X25519 with ML-KEM-768 (draft-connolly-cfrg-xwing-kem-10); identifier 1.3.6.1.4.1.62253.25722 (its section 6).
    X_WING(new XWingForm("1.3.6.1.4.1.62253.25722")),
    /// Signatures (FIPS 204); identifier 2.16.840.1.101.3.4.3.17 (RFC 9881 section 2).
    ML_DSA_44(new MlDsaForm(MlDsa.ML_DSA_44, "2.16.840.1.101.3.4.3.17")),
    /// Signatures (FIPS 204); identifier 2.16.840.1.101.3.4.3.18 (RFC 9881 section 2).
    ML_DSA_65(new MlDsaForm(MlDsa.ML_DSA_65, "2.16.840.1.101.3.4.3.18")),
    /// Signatures (FIPS 204); identifier 2.16.840.1.101.3.4.3.19 (RFC 9881 section 2).
    ML_DSA_87(new MlDsaForm(MlDsa.ML_DSA_87, "2.16.840.1.101.3.4.3.19")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.20 (RFC 9909 section 3).
    SLH_DSA_SHA2_128S(new SlhDsaForm(SlhDsa.SHA2_128S, "2.16.840.1.101.3.4.3.20")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.21 (RFC 9909 section 3).
    SLH_DSA_SHA2_128F(new SlhDsaForm(SlhDsa.SHA2_128F, "2.16.840.1.101.3.4.3.21")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.22 (RFC 9909 section 3).
    SLH_DSA_SHA2_192S(new SlhDsaForm(SlhDsa.SHA2_192S, "2.16.840.1.101.3.4.3.22")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.23 (RFC 9909 section 3).
    SLH_DSA_SHA2_192F(new SlhDsaForm(SlhDsa.SHA2_192F, "2.16.840.1.101.3.4.3.23")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.24 (RFC 9909 section 3).
    SLH_DSA_SHA2_256S(new SlhDsaForm(SlhDsa.SHA2_256S, "2.16.840.1.101.3.4.3.24")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.25 (RFC 9909 section 3).
    SLH_DSA_SHA2_256F(new SlhDsaForm(SlhDsa.SHA2_256F, "2.16.840.1.101.3.4.3.25")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.26 (RFC 9909 section 3).
    SLH_DSA_SHAKE_128S(new SlhDsaForm(SlhDsa.SHAKE_128S, "2.16.840.1.101.3.4.3.26")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.27 (RFC 9909 section 3).
    SLH_DSA_SHAKE_128F(new SlhDsaForm(SlhDsa.SHAKE_128F, "2.16.840.1.101.3.4.3.27")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.28 (RFC 9909 section 3).
    SLH_DSA_SHAKE_192S(new SlhDsaForm(SlhDsa.SHAKE_192S, "2.16.840.1.101.3.4.3.28")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.29 (RFC 9909 section 3).
    SLH_DSA_SHAKE_192F(new SlhDsaForm(SlhDsa.SHAKE_192F, "2.16.840.1.101.3.4.3.29")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.30 (RFC 9909 section 3).
    SLH_DSA_SHAKE_256S(new SlhDsaForm(SlhDsa.SHAKE_256S, "2.16.840.1.101.3.4.3.30")),
    /// Signatures (FIPS 205); identifier 2.16.840.1.101.3.4.3.31 (RFC 9909 section 3).
    SLH_DSA_SHAKE_256F(new SlhDsaForm(SlhDsa.SHAKE_256F, "2.16.840.1.101.3.4.3.31")),
    /// Signatures, not a standard yet ([Falcon]); identifier 1.3.9999.3.11, provisional: of the Open Quantum Safe project and Bouncy Castle.
    FALCON_512(new FalconKeyForm(Falcon.FALCON_512, 9, "1.3.9999.3.11")),
    /// Signatures, not a standard yet ([Falcon]); identifier 1.3.9999.3.14, provisional: of the Open Quantum Safe project and Bouncy Castle.
    FALCON_1024(new FalconKeyForm(Falcon.FALCON_1024, 10, "1.3.9999.3.14"));

    private static final int FILE_BYTES_MIN = 4096;
    private static final int TEXT_BYTES = 2048;

    final KeyForm form;

    KeyAlgorithm(KeyForm form) {
        this.form = form;
    }

    /// {@return bytes of a private key as it is held, which is how its scheme takes it: of curves 32, of lattices the expanded one}
    public int privateKeyBytes() {
        return form.privateBytes;
    }

    /// {@return bytes of a public key as it is stored here; of P-256 65 uncompressed ones}
    public int publicKeyBytes() {
        return form.publicBytes;
    }

    /// {@return bytes of a signature; 0 where keys do not sign}
    public int signatureBytes() {
        Signature scheme = form.signature();
        return scheme == null ? 0 : scheme.signatureBytes();
    }

    /// {@return whether its keys sign and verify}
    public boolean signs() {
        return form.signature() != null;
    }

    /// {@return the scheme that its keys sign with, or null; a pair's secret begins with the private key that it takes}
    public @Nullable Signature signature() {
        return form.signature();
    }

    /// {@return the KEM that its keys are of, or null; a pair's secret begins with the decapsulation key that it takes}
    public @Nullable Kem kem() {
        return form.kem();
    }

    /// {@return whether a private key has the three forms of [PrivateKeyForm] in files, and a pair keeps its seed}
    public boolean hasSeeds() {
        return form.keepsSeed();
    }

    /// {@return whether two of its keys agree on a secret}
    public boolean agrees() {
        return form.agrees();
    }

    /// {@return bytes of the secret that a [KeyPair] owns: private key, then public key, then the seed where there are seeds}
    public int keyPairBytes() {
        return form.privateBytes + form.publicBytes + (form.keepsSeed() ? form.seedBytes : 0);
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

    /// {@return bytes of the PKCS#8 form (RFC 5958 section 2), of the longest where there are three}
    public int pkcs8Bytes() {
        return pkcs8Bytes(PrivateKeyForm.BOTH);
    }

    /// {@return bytes of the PKCS#8 form with a private key in this form; which one is the same to algorithms that have one}
    public int pkcs8Bytes(PrivateKeyForm of) {
        return DerWriter.bytes(pkcs8Content(of));
    }

    int pkcs8Content(PrivateKeyForm of) {
        return DerWriter.bytes(1) + DerWriter.bytes(form.identifierBytes()) + DerWriter.bytes(form.encodedPrivateBytes(of));
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

    /// {@return bytes of the longest file of such a key that is read: the longest PEM block, and 2,048 bytes of text or attributes; at
    /// least 4,096}
    public int fileBytesMax() {
        return Math.max(FILE_BYTES_MIN, pemBytesMax() + TEXT_BYTES);
    }

    /// {@return the name that its standard gives such keys, as messages have it: `ML-DSA-65`, `SLH-DSA-SHA2-128s`, `Ed25519`, `P-256`}
    @Override
    public String toString() {
        Signature scheme = signature();
        Kem kem = kem();
        return this == P256 ? "P-256" : scheme != null ? scheme.name() : kem == null ? name() : kem.name();
    }
}
