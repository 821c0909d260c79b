/// What the fields of 255 and 256 bits have in common: numbers in five limbs (unsaturated, as in "Curve25519", section 4, and in
/// fiat-crypto), their linear operations, and the radix 2^52 of two of them.
///
/// The columns of a product stand with each field: they have nine results and a carry, which Java hands to the reduction as
/// arguments alone, and the two must be compiled as one.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.internal.limbs;
