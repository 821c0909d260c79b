/// A Netty allocator over Coffer pools: planned, bounded, wiped on release.
module dev.coffer.netty {
    requires transitive dev.coffer.memory;
    requires transitive io.netty.buffer;
    requires io.netty.common;

    exports dev.coffer.netty;  // CofferByteBufAllocator and its configuration
}
