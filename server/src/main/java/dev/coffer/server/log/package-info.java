/// The access log: a line for each request that was answered or cut, in the Common Log Format, its combined form, or JSON.
///
/// Lines are put together in planned memory and handed through a ring of a loop's own to a thread of its own, which alone waits for the
/// disk. A loop never does: what the ring has no room for is dropped and counted. The largest thing held is the ring, 256 KiB a loop.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.log;
