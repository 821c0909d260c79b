/// X25519, the key agreement of RFC 7748 sections 4.1, 5 and 6.1, over the caller's memory.
///
/// Every 32-byte string is a public key: bit 255 is ignored and values of p and above are taken modulo p (section 5).
/// A shared secret of all zeros, which only points of small order give, is refused, as section 6.1 allows and RFC 8446
/// section 7.4.2 demands. X448 is left out.
///
/// The largest thing here is one [dev.coffer.crypto.x25519.X25519#WORKSPACE_BYTES] workspace.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.x25519;
