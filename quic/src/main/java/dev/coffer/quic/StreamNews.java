package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Of which streams of a connection there is something new: from which row on of their chain there may be some, and of how many rows, round about. So what is new of one stream costs no look at
/// another, and of many one look at each. Over the layout of [Streams]. Stateless; 0 heap bytes.
final class StreamNews {
    private static final long LOOK = Streams.NEWS;       // u32, block of a row; 0 for the first
    private static final long LOOKS = Streams.NEWS + 4;  // u32

    private StreamNews() {}

    /// There is something new of a stream. Where it is of one alone [#told] looks at no other; else at each once.
    static void tell(Streams.Owner of, long row) {
        StreamRow.set(of.blocks().memory(), row, StreamRow.TELL);
        if (looks(of) == 0) {
            LittleEndian.i32(of.memory(), of.streamsAt() + LOOK, of.blocks().at(row));
            looks(of, 1);
        } else if (looks(of) > 1 || LittleEndian.i32(of.memory(), of.streamsAt() + LOOK) != of.blocks().at(row)) {
            looks(of, Streams.rows(of));
        }
    }

    /// {@return rows that [#told] looks at, at most, until there is something new again}
    static int looks(Streams.Owner of) {
        return LittleEndian.i32(of.memory(), of.streamsAt() + LOOKS);
    }

    private static void looks(Streams.Owner of, int rows) {
        LittleEndian.i32(of.memory(), of.streamsAt() + LOOKS, rows);
    }

    /// {@return a stream of which there is something new, -1 for none}
    ///
    /// @param take  whether it is named by that
    static long told(Streams.Owner of, boolean take) {
        Blocks blocks = of.blocks();
        MemorySegment in = blocks.memory();
        long look = of.streamsAt() + LOOK;
        while (looks(of) > 0) {
            int at = LittleEndian.i32(of.memory(), look);
            int block = at == Blocks.NONE ? Streams.first(of) : at;
            long row = block == Blocks.NONE ? -1 : blocks.content(block);
            boolean any = row >= 0 && StreamRow.has(in, row, StreamRow.TELL) && !StreamRow.has(in, row, StreamRow.RELEASED);
            if (any && !take) {
                return StreamRow.id(in, row);
            }
            looks(of, row < 0 ? 0 : looks(of) - 1);
            LittleEndian.i32(of.memory(), look, row < 0 ? Blocks.NONE : blocks.next(block));
            if (any) {
                StreamRow.clear(in, row, StreamRow.TELL);
                StreamRow.set(in, row, StreamRow.KNOWN);
                return StreamRow.id(in, row);
            }
        }
        return -1;
    }

    /// A row has come before all others: it may stand among those that are to be looked at.
    static void opened(Streams.Owner of) {
        if (looks(of) > 0) {
            looks(of, looks(of) + 1);
        }
    }

    /// A row is no more.
    static void forgotten(Streams.Owner of, int block, int next) {
        if (LittleEndian.i32(of.memory(), of.streamsAt() + LOOK) == block) {
            LittleEndian.i32(of.memory(), of.streamsAt() + LOOK, next);
        }
    }
}
