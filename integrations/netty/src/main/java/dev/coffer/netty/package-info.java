/// [dev.coffer.netty.CofferByteBufAllocator]: an existing Netty 4.2 server gets planned, bounded and wiped memory by one
/// line, `bootstrap.childOption(ChannelOption.ALLOCATOR, allocator)`. Names and errors are translated here; the rules
/// are those of `dev.coffer.memory`.
///
/// Largest buffer: all of the configuration's large area in one piece, 3 MiB by default; a larger one is refused.
package dev.coffer.netty;
