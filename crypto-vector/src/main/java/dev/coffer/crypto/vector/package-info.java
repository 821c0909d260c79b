/// ChaCha20 (RFC 8439), Keccak-f[1600] (FIPS 202) and SHA-256 (FIPS 180-4) on `jdk.incubator.vector`, for [dev.coffer.crypto], which finds
/// them as a service and decides by a self-test whether they serve: `dev.coffer.crypto.internal.kernel`. Until C2 has
/// compiled it, vector code keeps its lanes in heap arrays: so these serve public data, and secrets only in the fast profile,
/// `Aead.fast()` and `SlhDsa.fast()`. Each has a scalar form in crypto that passes the same tests. Holds nothing.
///
/// 0 heap bytes a call is what the self-test and the tests measure of compiled code, and not by construction: a call that C2 refuses to inline hands a vector
/// over in a box of 64 bytes or more, whatever lies in it. So no method of
/// Keccak's, which serves the strict profile too, takes or gives one; those of SHA-256 do, in small methods.
package dev.coffer.crypto.vector;
