/// QPACK (RFC 9204), which HTTP/3 says fields in: [dev.coffer.http.qpack.QpackDecoder] with a [dev.coffer.http.qpack.SectionDecoder] for each stream, and
/// [dev.coffer.http.qpack.QpackEncoder]; over planned memory, fed in pieces of any size, 0 heap bytes after construction.
///
/// Here: both tables (section 3), instructions of both streams (4.3, 4.4), field lines (4.5), blocked streams (2.1.2, 2.2.1). What it shares with HPACK
/// (the Huffman code, numbers and strings, a table's ring, what may enter it) stands once, in `http.internal`. The largest thing held is the dynamic table of each
/// direction, of a size that is fixed in the plan; one of 0 bytes holds nothing at all.
@org.jspecify.annotations.NullMarked
package dev.coffer.http.qpack;
