package dev.coffer.tls;

/// What a peer verifies, in its order (RFC 8446, section 4.2.3): of a hello, or of a server that asks who a client is.
interface OfferedSchemes {
    /// {@return the place of a scheme in the list, 0 for the one that it likes best; below 0 where it is not there}
    int rankOfScheme(int code);
}
