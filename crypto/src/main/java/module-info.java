/// Cryptography over the caller's memory: allocates nothing, puts no secret on the Java heap.
module dev.coffer.crypto {
    requires transitive dev.coffer.memory;
}
