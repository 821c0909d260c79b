/// A JCA provider, [dev.coffer.jca.CofferProvider]: the algorithms of `dev.coffer.crypto` under the JDK's standard names. It translates
/// names, keys and errors, and decides nothing about cryptography.
///
/// Encodings: PKCS#8 (RFC 5958) and SubjectPublicKeyInfo (RFC 5280), as the JDK and Bouncy Castle write them; what was read is given back
/// byte for byte. Left out on purpose: curves other than P-256, X25519 and Ed25519, GCM with nonces other than 12 or tags other than 16
/// bytes, AES-192: they are refused when an engine is initialised, and the JCA asks the next provider.
///
/// Largest thing held: the two areas of a [dev.coffer.jca.CofferProviderConfig], 4 MiB together by default.
package dev.coffer.jca;
