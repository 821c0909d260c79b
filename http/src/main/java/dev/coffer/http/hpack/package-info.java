/// HPACK (RFC 7541), which HTTP/2 says fields in: [dev.coffer.http.hpack.HpackDecoder], fed in pieces of any size, and
/// [dev.coffer.http.hpack.HpackEncoder]; both over planned memory, 0 heap bytes after construction.
///
/// Here: primitives (section 5), static and dynamic table (2.3, 4), all representations (6), the Huffman code (appendix B). The
/// largest thing held is the dynamic table of each direction, of a size that is fixed in the plan.
@org.jspecify.annotations.NullMarked
package dev.coffer.http.hpack;
