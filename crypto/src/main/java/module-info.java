/// Cryptography over the caller's memory: allocates nothing, puts no secret on the Java heap.
@SuppressWarnings("module")  // the qualified export names a module that stands above this one and is built later
module dev.coffer.crypto {
    requires transitive dev.coffer.memory;
    requires jdk.management;  // counts heap bytes in the self-test of the vector kernels
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us

    exports dev.coffer.crypto;          // Hash, Xof, Mac, Aead: the vocabulary
    exports dev.coffer.crypto.argon2;   // keys of passphrases, RFC 9106
    exports dev.coffer.crypto.easy;     // one object for the common case, types of fixed size
    exports dev.coffer.crypto.ed25519;  // signatures, RFC 8032
    exports dev.coffer.crypto.exchange; // curves on which two sides agree, and who computes them
    exports dev.coffer.crypto.falcon;   // signatures, the submission to NIST
    exports dev.coffer.crypto.session;  // sealed messages between two parties, in a planned workspace
    exports dev.coffer.crypto.stream;   // sealed streams of any length in constant memory
    exports dev.coffer.crypto.kdf;      // HKDF, and TLS 1.3's form of it
    exports dev.coffer.crypto.packet;   // protection of records and packets, RFC 8446 and RFC 9001
    exports dev.coffer.crypto.key;      // keys that own a secret, PKCS#8 and SubjectPublicKeyInfo
    exports dev.coffer.crypto.hpke;     // hybrid public key encryption, RFC 9180
    exports dev.coffer.crypto.hybrid;   // a curve and ML-KEM side by side, as TLS uses them, and X-Wing
    exports dev.coffer.crypto.mldsa;    // signatures, FIPS 204
    exports dev.coffer.crypto.mlkem;    // key encapsulation, FIPS 203
    exports dev.coffer.crypto.p256;     // key pairs, ECDH and ECDSA, FIPS 186-5
    exports dev.coffer.crypto.rsa;      // RSA-PSS with a key that computes elsewhere, RFC 8017
    exports dev.coffer.crypto.slhdsa;   // signatures, FIPS 205
    exports dev.coffer.crypto.x25519;   // key agreement, RFC 7748

    // What stands behind Aead and HeaderProtection, for the module that puts the system's libcrypto there.
    exports dev.coffer.crypto.internal to dev.coffer.crypto.libcrypto;

    // AES on a block, for connection IDs that a load balancer reads.
    exports dev.coffer.crypto.aead to dev.coffer.quic;

    // Kernels on the vector module, which is an incubator: only who puts this jar beside ours sees it.
    exports dev.coffer.crypto.internal.kernel to dev.coffer.crypto.vector;
    uses dev.coffer.crypto.internal.kernel.VectorKernels;
}
