package dev.coffer.crypto.keccak;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The permutation Keccak-f[1600] (FIPS 202, section 3): scalar, 25 lanes in locals, no branch or index that depends on
/// data. Stateless, thread-safe; 0 heap bytes from the first call on.
public final class Keccak {
    /// Bytes of the state (section 3.1): 25 lanes of 64 bits; lane (x, y) lies at `8 * (5 * y + x)`, little-endian.
    public static final int STATE_BYTES = 25 * Long.BYTES;
    /// Rounds of Keccak-f[1600] (section 3.4): 12 + 2 * 6.
    public static final int ROUNDS = 12 + 2 * 6;

    // Section 3.2.5, algorithm 5. Read by round number, which is public.
    private static final long[] ROUND_CONSTANTS = {
            0x0000000000000001L, 0x0000000000008082L, 0x800000000000808aL, 0x8000000080008000L,
            0x000000000000808bL, 0x0000000080000001L, 0x8000000080008081L, 0x8000000000008009L,
            0x000000000000008aL, 0x0000000000000088L, 0x0000000080008009L, 0x000000008000000aL,
            0x000000008000808bL, 0x800000000000008bL, 0x8000000000008089L, 0x8000000000008003L,
            0x8000000000008002L, 0x8000000000000080L, 0x000000000000800aL, 0x800000008000000aL,
            0x8000000080008081L, 0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L,
    };
    private static final ValueLayout.OfLong LANE = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Keccak() {}

    /// Permutes the state in place. Where FIPS 202 names a lane A[x, y], the local is `axy`.
    ///
    /// @param state  writable memory
    /// @param at     offset of [#STATE_BYTES] bytes, any alignment
    /// @throws IndexOutOfBoundsException  the state does not lie in the segment (caller's fault)
    public static void permute(MemorySegment state, long at) {
        permute(state, at, Long.BYTES);
    }

    /// Permutes a state whose lanes lie `stride` bytes apart: one of several that are interleaved.
    ///
    /// @throws IndexOutOfBoundsException  the state does not lie in the segment (caller's fault)
    public static void permute(MemorySegment state, long at, long stride) {
        long a00 = lane(state, at, stride, 0, 0);
        long a10 = lane(state, at, stride, 1, 0);
        long a20 = lane(state, at, stride, 2, 0);
        long a30 = lane(state, at, stride, 3, 0);
        long a40 = lane(state, at, stride, 4, 0);
        long a01 = lane(state, at, stride, 0, 1);
        long a11 = lane(state, at, stride, 1, 1);
        long a21 = lane(state, at, stride, 2, 1);
        long a31 = lane(state, at, stride, 3, 1);
        long a41 = lane(state, at, stride, 4, 1);
        long a02 = lane(state, at, stride, 0, 2);
        long a12 = lane(state, at, stride, 1, 2);
        long a22 = lane(state, at, stride, 2, 2);
        long a32 = lane(state, at, stride, 3, 2);
        long a42 = lane(state, at, stride, 4, 2);
        long a03 = lane(state, at, stride, 0, 3);
        long a13 = lane(state, at, stride, 1, 3);
        long a23 = lane(state, at, stride, 2, 3);
        long a33 = lane(state, at, stride, 3, 3);
        long a43 = lane(state, at, stride, 4, 3);
        long a04 = lane(state, at, stride, 0, 4);
        long a14 = lane(state, at, stride, 1, 4);
        long a24 = lane(state, at, stride, 2, 4);
        long a34 = lane(state, at, stride, 3, 4);
        long a44 = lane(state, at, stride, 4, 4);
        for (int round = 0; round < ROUNDS; round++) {
            // theta (3.2.1)
            long c0 = a00 ^ a01 ^ a02 ^ a03 ^ a04;
            long c1 = a10 ^ a11 ^ a12 ^ a13 ^ a14;
            long c2 = a20 ^ a21 ^ a22 ^ a23 ^ a24;
            long c3 = a30 ^ a31 ^ a32 ^ a33 ^ a34;
            long c4 = a40 ^ a41 ^ a42 ^ a43 ^ a44;
            long d0 = c4 ^ (c1 << 1 | c1 >>> 63);
            long d1 = c0 ^ (c2 << 1 | c2 >>> 63);
            long d2 = c1 ^ (c3 << 1 | c3 >>> 63);
            long d3 = c2 ^ (c4 << 1 | c4 >>> 63);
            long d4 = c3 ^ (c0 << 1 | c0 >>> 63);
            // rho and pi (3.2.2, 3.2.3); turned by hand, as a call may be one too many for C2 to inline behind 25 loads, and stays a call
            long b00 = a00 ^ d0;
            long b10 = (a11 ^ d1) << 44 | (a11 ^ d1) >>> 20;
            long b20 = (a22 ^ d2) << 43 | (a22 ^ d2) >>> 21;
            long b30 = (a33 ^ d3) << 21 | (a33 ^ d3) >>> 43;
            long b40 = (a44 ^ d4) << 14 | (a44 ^ d4) >>> 50;
            long b01 = (a30 ^ d3) << 28 | (a30 ^ d3) >>> 36;
            long b11 = (a41 ^ d4) << 20 | (a41 ^ d4) >>> 44;
            long b21 = (a02 ^ d0) << 3 | (a02 ^ d0) >>> 61;
            long b31 = (a13 ^ d1) << 45 | (a13 ^ d1) >>> 19;
            long b41 = (a24 ^ d2) << 61 | (a24 ^ d2) >>> 3;
            long b02 = (a10 ^ d1) << 1 | (a10 ^ d1) >>> 63;
            long b12 = (a21 ^ d2) << 6 | (a21 ^ d2) >>> 58;
            long b22 = (a32 ^ d3) << 25 | (a32 ^ d3) >>> 39;
            long b32 = (a43 ^ d4) << 8 | (a43 ^ d4) >>> 56;
            long b42 = (a04 ^ d0) << 18 | (a04 ^ d0) >>> 46;
            long b03 = (a40 ^ d4) << 27 | (a40 ^ d4) >>> 37;
            long b13 = (a01 ^ d0) << 36 | (a01 ^ d0) >>> 28;
            long b23 = (a12 ^ d1) << 10 | (a12 ^ d1) >>> 54;
            long b33 = (a23 ^ d2) << 15 | (a23 ^ d2) >>> 49;
            long b43 = (a34 ^ d3) << 56 | (a34 ^ d3) >>> 8;
            long b04 = (a20 ^ d2) << 62 | (a20 ^ d2) >>> 2;
            long b14 = (a31 ^ d3) << 55 | (a31 ^ d3) >>> 9;
            long b24 = (a42 ^ d4) << 39 | (a42 ^ d4) >>> 25;
            long b34 = (a03 ^ d0) << 41 | (a03 ^ d0) >>> 23;
            long b44 = (a14 ^ d1) << 2 | (a14 ^ d1) >>> 62;
            // chi and iota (3.2.4, 3.2.5)
            a00 = b00 ^ (~b10 & b20) ^ ROUND_CONSTANTS[round];
            a10 = b10 ^ (~b20 & b30);
            a20 = b20 ^ (~b30 & b40);
            a30 = b30 ^ (~b40 & b00);
            a40 = b40 ^ (~b00 & b10);
            a01 = b01 ^ (~b11 & b21);
            a11 = b11 ^ (~b21 & b31);
            a21 = b21 ^ (~b31 & b41);
            a31 = b31 ^ (~b41 & b01);
            a41 = b41 ^ (~b01 & b11);
            a02 = b02 ^ (~b12 & b22);
            a12 = b12 ^ (~b22 & b32);
            a22 = b22 ^ (~b32 & b42);
            a32 = b32 ^ (~b42 & b02);
            a42 = b42 ^ (~b02 & b12);
            a03 = b03 ^ (~b13 & b23);
            a13 = b13 ^ (~b23 & b33);
            a23 = b23 ^ (~b33 & b43);
            a33 = b33 ^ (~b43 & b03);
            a43 = b43 ^ (~b03 & b13);
            a04 = b04 ^ (~b14 & b24);
            a14 = b14 ^ (~b24 & b34);
            a24 = b24 ^ (~b34 & b44);
            a34 = b34 ^ (~b44 & b04);
            a44 = b44 ^ (~b04 & b14);
        }
        state.set(LANE, at, a00);
        state.set(LANE, at + 1 * stride, a10);
        state.set(LANE, at + 2 * stride, a20);
        state.set(LANE, at + 3 * stride, a30);
        state.set(LANE, at + 4 * stride, a40);
        state.set(LANE, at + 5 * stride, a01);
        state.set(LANE, at + 6 * stride, a11);
        state.set(LANE, at + 7 * stride, a21);
        state.set(LANE, at + 8 * stride, a31);
        state.set(LANE, at + 9 * stride, a41);
        state.set(LANE, at + 10 * stride, a02);
        state.set(LANE, at + 11 * stride, a12);
        state.set(LANE, at + 12 * stride, a22);
        state.set(LANE, at + 13 * stride, a32);
        state.set(LANE, at + 14 * stride, a42);
        state.set(LANE, at + 15 * stride, a03);
        state.set(LANE, at + 16 * stride, a13);
        state.set(LANE, at + 17 * stride, a23);
        state.set(LANE, at + 18 * stride, a33);
        state.set(LANE, at + 19 * stride, a43);
        state.set(LANE, at + 20 * stride, a04);
        state.set(LANE, at + 21 * stride, a14);
        state.set(LANE, at + 22 * stride, a24);
        state.set(LANE, at + 23 * stride, a34);
        state.set(LANE, at + 24 * stride, a44);
    }

    /// {@return lane A[x, y]}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: with the 25 stores, 25 inlined loads are more
    /// than its registers can name ("out of virtual registers in LIR generator"). It then gives up with profiling, and where a busy
    /// machine had begun without, the permutation stayed ten times slower for ever. C2 inlines it, at no cost.
    private static long lane(MemorySegment state, long at, long stride, int x, int y) {
        assert 0 <= x && x < 5 && 0 <= y && y < 5 : "lane " + x + ", " + y;
        return state.get(LANE, at + stride * (5 * y + x));
    }
}
