package dev.coffer.crypto;

/// What came of a key agreement.
public enum Agreement {
    /// The shared secret was written.
    AGREED,
    /// The peer's point has small order, so the secret would be known to everyone (RFC 7748 section 6.1). The peer's
    /// fault; nothing was written.
    LOW_ORDER,
    /// The peer's bytes encode no point of the curve (SP 800-56A section 5.6.2.3). The peer's fault; nothing was
    /// written.
    NO_POINT,
    /// The private key is 0 or not below the order of the group. The caller's fault, or that of the key's source;
    /// nothing was written.
    BAD_PRIVATE_KEY,
    /// The peer's bytes are no share of a hybrid group: another length than its own, or no encapsulation key of ML-KEM
    /// (FIPS 203 section 7.2). The peer's fault; nothing was written.
    NO_SHARE
}
