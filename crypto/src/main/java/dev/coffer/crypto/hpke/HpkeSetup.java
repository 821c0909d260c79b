package dev.coffer.crypto.hpke;

/// What came of setting up a context. All but [#READY] leave no context, and outputs unchanged or wiped.
public enum HpkeSetup {
    /// There is a context: it may seal or open, and export.
    READY,
    /// A public key is none, or one of small order, with which the secret would be known to everyone (RFC 9180, section 7.1.4): the
    /// recipient's for a sender, the sender's for a receiver. The fault of who made it.
    NO_PUBLIC_KEY,
    /// The encapsulated key is none: of another length, no point, or one of small order. The peer's fault, or that of who changed it on
    /// the way.
    NO_ENCAPSULATED_KEY,
    /// The private key is none of its group (P-256: 0, or not below the order). The caller's fault, or that of the key's source.
    NO_PRIVATE_KEY
}
