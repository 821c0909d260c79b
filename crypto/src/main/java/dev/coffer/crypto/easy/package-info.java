/// The short way: one object, [dev.coffer.crypto.easy.EasyCrypto], that makes keys, seals, opens, signs, verifies, encapsulates and hashes
/// at one of three levels, and owns the memory and the entropy for it. Nonces are not the caller's business, algorithms are a level, and a
/// key of one kind does not compile in the place of another.
///
/// ```
///   try (EasyCrypto crypto = EasyCrypto.open(); var keys = crypto.keygen(Level.THREE)) {
///       byte[] sealed = crypto.seal(keys.publicKey(), "for one reader");
///       String text = crypto.openText(keys.secretKey(), sealed);
///   }
/// ```
///
/// The types of fixed size ([dev.coffer.crypto.easy.PublicKey], [dev.coffer.crypto.easy.SecretKey], [dev.coffer.crypto.easy.Ciphertext],
/// [dev.coffer.crypto.easy.SharedSecret], [dev.coffer.crypto.easy.Signature]) lie off the heap and have the parameter set as their type:
/// `PublicKey<KemSet.MlKem768>`. They serve over the caller's memory too. Older names and sizes: `docs/sizes.md`.
///
/// It stands on the primitives and adds two formats of its own, that of [dev.coffer.crypto.easy.EasyCrypto#seal]. Left out: sessions and
/// streams of any length (`session`, `stream`), key files (`key`).
///
/// The largest thing held is the region of one object, 232 KiB by default.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.easy;
