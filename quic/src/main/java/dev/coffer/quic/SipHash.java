package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// SipHash-2-4 (Aumasson and Bernstein, 2012): whoever does not know the key cannot choose inputs that fall together. Stateless; 0 heap bytes.
final class SipHash {
    static final int KEY_BYTES = 16;

    private SipHash() {}

    /// {@return 64 bits}
    ///
    /// @param key  [#KEY_BYTES] from `keyAt`
    static long of(MemorySegment key, long keyAt, MemorySegment in, long at, int length) {
        long k0 = LittleEndian.i64(key, keyAt);
        long k1 = LittleEndian.i64(key, keyAt + Long.BYTES);
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;
        int words = length / Long.BYTES + 1;      // of the message, its rest with the length in the last
        for (int word = 0; word <= words; word++) {
            boolean ends = word == words;         // the finish: four rounds without a message
            long m = ends ? 0 : word(in, at + (long) word * Long.BYTES, length - word * Long.BYTES, length);
            v2 ^= ends ? 0xff : 0;
            v3 ^= m;
            for (int round = 0; round < (ends ? 4 : 2); round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static long word(MemorySegment in, long at, int left, int length) {
        if (left >= Long.BYTES) {
            return LittleEndian.i64(in, at);
        }
        long m = (long) length << 56;
        for (int i = 0; i < left; i++) {
            m |= Byte.toUnsignedLong(in.get(ValueLayout.JAVA_BYTE, at + i)) << Byte.SIZE * i;
        }
        return m;
    }
}
