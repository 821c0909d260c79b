/// The vocabulary: [dev.coffer.crypto.Hash], [dev.coffer.crypto.Xof], [dev.coffer.crypto.Mac], [dev.coffer.crypto.AeadKey] and the
/// outlines [dev.coffer.crypto.Signature] and [dev.coffer.crypto.Kem], which the packages of the standards fill.
///
/// One shape for all of it. An algorithm is a stateless object, made once, shared by every thread; what it knows lies in
/// memory that the caller gives: `(state, at)`, of a size that the algorithm states and a plan can hold. So a thousand
/// running hashes are a thousand states and no object, a state is saved by copying its bytes, and every call is free of
/// heap allocation from the second on (the first links its classes). A state belongs to one thread at a time.
///
/// Ranges are `(segment, at, length)` in bytes at any alignment, checked before anything is written: one outside its
/// segment is an [IndexOutOfBoundsException]. States and workspaces must not overlap inputs or outputs. An operation
/// that ends in an exception leaves outputs unchanged or wiped. Native segments keep secrets off the heap; heap segments
/// work too and are for public data.
///
/// Strict profile, the default: a secret is in scalar locals and in the caller's memory, nowhere else, and no branch,
/// index or division depends on it. Lengths are public. What the JIT does to that is not specified; the timing tests of
/// the `long` profile watch it. Registers and thread stacks are not wiped.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto;
