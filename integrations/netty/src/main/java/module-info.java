/// A Netty allocator over a Coffer pool.
module dev.coffer.netty {
    requires transitive dev.coffer.memory;
}
