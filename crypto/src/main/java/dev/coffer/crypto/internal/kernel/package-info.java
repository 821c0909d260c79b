/// The door for kernels on the vector module: [dev.coffer.crypto.internal.kernel.VectorKernels] is what the module
/// `dev.coffer.crypto.vector` provides, [dev.coffer.crypto.internal.kernel.Kernels] the one place that finds, tests and
/// chooses them. Exported to that module alone: crypto itself neither needs nor sees the incubator. Holds nothing.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.internal.kernel;
