/// Vector kernels for [dev.coffer.crypto]: nothing here is called by name. On the module path it is enough that this jar
/// lies there: the service binds it and resolves `jdk.incubator.vector`, of which the JVM warns in one line. On the class
/// path the JVM needs `--add-modules jdk.incubator.vector` too; without it scalar code serves.
module dev.coffer.crypto.vector {
    requires dev.coffer.crypto;
    requires jdk.incubator.vector;

    provides dev.coffer.crypto.internal.kernel.VectorKernels with dev.coffer.crypto.vector.JdkVectors;
}
