/// ChaCha20 (RFC 8439), Keccak-f[1600] (FIPS 202) and SHA-256 (FIPS 180-4) on `jdk.incubator.vector`, for [dev.coffer.crypto], which finds
/// them as a service and decides by a self-test whether they serve: `dev.coffer.crypto.internal.kernel`. Until C2 has
/// compiled it, vector code keeps its lanes in heap arrays: so these serve public data, and secrets only in the fast profile,
/// `Aead.fast()` and `SlhDsa.fast()`. Each has a scalar form in crypto that passes the same tests. Holds nothing.
package dev.coffer.crypto.vector;
