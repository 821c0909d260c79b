/// A Diffie-Hellman exchange seen as key encapsulation: what X25519 and P-256 share as [dev.coffer.crypto.Kem]s, and the seam at which another
/// module's code may compute them ([dev.coffer.crypto.exchange.Curve]). The shared secret is that of the group, as TLS 1.3 takes it (RFC 8446,
/// section 7.4.2), not hashed as HPKE's DHKEM is (RFC 9180, section 4.1). Holds nothing.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.exchange;
