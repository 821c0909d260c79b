/// Integers modulo the prime order of a group, for edwards25519 (RFC 8032 section 5.1) and P-256 (SP 800-186 section
/// 3.2.1.3): what a signature is made of. Not for users. Holds nothing; the largest thing is the scratch of an
/// inversion.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.internal.order;
