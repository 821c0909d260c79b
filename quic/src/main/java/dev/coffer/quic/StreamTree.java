package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Rows of streams by their ID: a digital search tree whose links lie in the rows and in their blocks' headers. A frame may name any stream, and a datagram may have hundreds of frames:
/// what one costs must not grow with the number of streams (RFC 9000, section 21.9). Stateless; 0 heap bytes.
///
/// ```
///   a row's way: bit 0 of its ID, bit 1, ... until a place is free; a row may stand on any place of its way
/// ```
///
/// IDs are given in order and their low bits decide: two rows that go the same way for n steps have IDs 2^n apart, so a peer that wants a way of 22 rows opens and ends a million streams
/// for it. No way is longer than the 62 bits of an ID.
final class StreamTree {
    private StreamTree() {}

    /// {@return the number of a stream's block, or [Blocks#NONE]}
    ///
    /// @param at  offset of the tree's root, u32: 0 of an empty one
    static int find(MemorySegment memory, long at, Blocks blocks, long id) {
        MemorySegment in = blocks.memory();
        int block = LittleEndian.i32(memory, at);
        for (int bit = 0; block != Blocks.NONE && StreamRow.id(in, blocks.content(block)) != id; bit++) {
            block = child(blocks, block, id, bit);
        }
        return block;
    }

    /// Puts in a row that is not in it.
    static void add(MemorySegment memory, long at, Blocks blocks, int block) {
        long id = StreamRow.id(blocks.memory(), blocks.content(block));
        MemorySegment in = memory;
        long link = at;
        for (int bit = 0, above; (above = LittleEndian.i32(in, link)) != Blocks.NONE; bit++) {
            in = blocks.memory();
            link = link(blocks, above, id, bit);
        }
        LittleEndian.i32(in, link, block);
    }

    /// Takes out a row that is in it; a row below, whose way leads past there, takes its place.
    static void remove(MemorySegment memory, long at, Blocks blocks, int block) {
        MemorySegment rows = blocks.memory();
        long id = StreamRow.id(rows, blocks.content(block));
        MemorySegment in = memory;
        long link = at;  // that leads to the row
        for (int bit = 0, above; (above = LittleEndian.i32(in, link)) != block; bit++) {
            in = rows;
            link = link(blocks, above, id, bit);
        }
        int heir = Blocks.NONE;
        for (long down = down(blocks, block), next; down >= 0; down = next) {
            heir = LittleEndian.i32(rows, down);
            next = down(blocks, heir);
            if (next < 0) {
                LittleEndian.i32(rows, down, Blocks.NONE);
            }
        }
        if (heir != Blocks.NONE) {
            LittleEndian.i32(rows, link(blocks, heir, 0, 0), child(blocks, block, 0, 0));
            LittleEndian.i32(rows, link(blocks, heir, 1, 0), child(blocks, block, 1, 0));
        }
        LittleEndian.i32(in, link, heir);
    }

    /// {@return a link of a row that leads to another, or -1}
    private static long down(Blocks blocks, int block) {
        for (int way = 0; way <= 1; way++) {
            if (child(blocks, block, way, 0) != Blocks.NONE) {
                return link(blocks, block, way, 0);
            }
        }
        return -1;
    }

    private static int child(Blocks blocks, int block, long id, int bit) {
        return LittleEndian.i32(blocks.memory(), link(blocks, block, id, bit));
    }

    static long link(Blocks blocks, int block, long id, int bit) {
        return blocks.content(block) + ((id >>> bit & 1) == 0 ? StreamRow.BELOW : -Blocks.SPARE_BYTES);
    }
}
