package dev.coffer.tls;

/// Whether a server asks its clients for certificates (RFC 8446, section 4.3.2).
public enum ClientAuthentication {
    /// No.
    NONE,
    /// It does, and goes on with who has none; who has one must be trusted.
    OPTIONAL,
    /// Who has none is refused, `certificate_required`.
    REQUIRED
}
