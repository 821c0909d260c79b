/// Kernels on the vector module, `jdk.incubator.vector`, and [dev.coffer.crypto.internal.vector.Kernels], the one place
/// that chooses them. Until C2 has compiled it, vector code keeps its lanes in heap arrays: so these serve public data,
/// and secrets only in the fast profile. Each has a scalar form beside it that passes the same tests. Holds nothing.
package dev.coffer.crypto.internal.vector;
