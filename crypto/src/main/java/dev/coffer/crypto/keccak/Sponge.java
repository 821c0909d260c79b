package dev.coffer.crypto.keccak;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The sponge construction (FIPS 202, section 4) over one state in memory: absorb, pad, squeeze, any number of bytes at
/// a time. The rate is the caller's to remember. Stateless, thread-safe; ranges are checked by the callers.
final class Sponge {
    private static final long LANES = 0;
    private static final long POSITION = LANES + Keccak.STATE_BYTES;  // bytes of the block absorbed or squeezed
    static final long STATE_BYTES = POSITION + Long.BYTES;

    private Sponge() {}

    static void begin(MemorySegment state, long at) {
        Wipe.bytes(state, at, STATE_BYTES);  // all zero is: nothing absorbed
    }

    /// Adds bytes to the block; permutes whenever one is full.
    static void absorb(MemorySegment state, long at, int rate, MemorySegment input, long inputAt, long length) {
        int position = LittleEndian.i32(state, at + POSITION);
        long taken = 0;
        if (position != 0) {
            taken = Math.min(rate - position, length);
            addBytes(state, at + LANES + position, input, inputAt, taken);
            position += (int) taken;
            if (position < rate) {
                LittleEndian.i32(state, at + POSITION, position);
                return;
            }
            Keccak.permute(state, at + LANES);
        }
        for (; length - taken >= rate; taken += rate) {
            for (int i = 0; i < rate; i += Long.BYTES) {
                addLane(state, at + LANES + i, LittleEndian.i64(input, inputAt + taken + i));
            }
            Keccak.permute(state, at + LANES);
        }
        addBytes(state, at + LANES, input, inputAt + taken, length - taken);
        LittleEndian.i32(state, at + POSITION, (int) (length - taken));
    }

    /// Fills the rest of the block with zeros, which add nothing, and permutes: SP 800-185's bytepad.
    static void padWithZeros(MemorySegment state, long at) {
        if (LittleEndian.i32(state, at + POSITION) != 0) {
            Keccak.permute(state, at + LANES);
            LittleEndian.i32(state, at + POSITION, 0);
        }
    }

    /// Adds the suffix and pad10*1 (section 5.1): the message has ended, bytes may be squeezed.
    ///
    /// @param suffix  the bits after the message with the first one of the padding, low bit first (section B.2)
    static void pad(MemorySegment state, long at, int rate, int suffix) {
        addByte(state, at + LANES + LittleEndian.i32(state, at + POSITION), suffix);
        addByte(state, at + LANES + rate - 1, 0x80);
        Keccak.permute(state, at + LANES);
        LittleEndian.i32(state, at + POSITION, 0);
    }

    static void squeeze(MemorySegment state, long at, int rate, MemorySegment output, long outputAt, long length) {
        int position = LittleEndian.i32(state, at + POSITION);
        for (long done = 0; done < length;) {
            if (position == rate) {
                Keccak.permute(state, at + LANES);
                position = 0;
            }
            long part = Math.min(rate - position, length - done);
            MemorySegment.copy(state, at + LANES + position, output, outputAt + done, part);
            position += (int) part;
            done += part;
        }
        LittleEndian.i32(state, at + POSITION, position);
    }

    private static void addBytes(MemorySegment state, long to, MemorySegment input, long from, long length) {
        long i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            addLane(state, to + i, LittleEndian.i64(input, from + i));
        }
        for (; i < length; i++) {
            addByte(state, to + i, input.get(ValueLayout.JAVA_BYTE, from + i));
        }
    }

    private static void addLane(MemorySegment state, long at, long lane) {
        LittleEndian.i64(state, at, LittleEndian.i64(state, at) ^ lane);
    }

    private static void addByte(MemorySegment state, long at, int bits) {
        state.set(ValueLayout.JAVA_BYTE, at, (byte) (state.get(ValueLayout.JAVA_BYTE, at) ^ bits));
    }
}
