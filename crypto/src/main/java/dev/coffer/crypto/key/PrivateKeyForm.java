package dev.coffer.crypto.key;

/// What a file holds of a private key of ML-KEM or ML-DSA: the CHOICE of RFC 9935, section 6, and RFC 9881, section 6. Every form is
/// read; of [#BOTH] the parts must agree. Other algorithms have one form each.
public enum PrivateKeyForm {
    /// The seed alone, 64 or 32 bytes, of which both keys are made again when it is read. The form that the RFCs recommend.
    SEED,
    /// The private key as the standard encodes it, which the JDK and older programs take, without the seed, which does not follow from it.
    EXPANDED,
    /// Seed, then expanded key.
    BOTH
}
