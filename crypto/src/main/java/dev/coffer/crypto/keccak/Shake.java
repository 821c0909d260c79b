package dev.coffer.crypto.keccak;

import dev.coffer.crypto.internal.XofFunction;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;

/// SHAKE128 and SHAKE256 (FIPS 202, section 6.2), and cSHAKE (SP 800-185, section 3): SHAKE under a function name and a
/// customization string. Both are public; the block that they make is built once. With both empty cSHAKE is SHAKE
/// (SP 800-185, section 3.3). Users reach it through [dev.coffer.crypto.Xof].
public final class Shake extends XofFunction {
    /// Bytes of a state: 200 of Keccak, and the position.
    public static final long STATE_BYTES = Sponge.STATE_BYTES;

    private static final int SUFFIX = 0b11111;       // the bits 1111 and the first one of the padding (FIPS 202, 6.2)
    private static final int SUFFIX_CUSTOM = 0b100;  // the bits 00 and the first one of the padding (SP 800-185, 3.3)

    private final MemorySegment prefix;  // bytepad(encode_string(N) || encode_string(S), rate), without the zeros
    private final int suffix;

    /// Made at start, by [dev.coffer.crypto.Xof] and [Kmac].
    ///
    /// @param strengthBits   128 or 256
    /// @param function       N of the standard
    /// @param customization  S of the standard
    public Shake(int strengthBits, byte[] function, byte[] customization) {
        super((isPlain(function, customization) ? "SHAKE" : "cSHAKE") + strengthBits, rate(strengthBits));
        boolean plain = isPlain(function, customization);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!plain) {
            bytes.writeBytes(leftEncode(rateBytes()));
            bytes.writeBytes(leftEncode((long) function.length * Byte.SIZE));
            bytes.writeBytes(function);
            bytes.writeBytes(leftEncode((long) customization.length * Byte.SIZE));
            bytes.writeBytes(customization);
        }
        this.prefix = MemorySegment.ofArray(bytes.toByteArray()).asReadOnly();
        this.suffix = plain ? SUFFIX : SUFFIX_CUSTOM;
    }

    private static boolean isPlain(byte[] function, byte[] customization) {
        return function.length == 0 && customization.length == 0;
    }

    private static int rate(int strengthBits) {
        if (strengthBits != 128 && strengthBits != 256) {
            throw new IllegalArgumentException("cSHAKE strength: " + strengthBits + " bits (expected 128 or 256)");
        }
        return Keccak.STATE_BYTES - 2 * strengthBits / Byte.SIZE;
    }

    /// {@return left_encode (section 2.3.1): the number of bytes, then the bytes, big-endian}
    static byte[] leftEncode(long value) {
        int count = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 7) / Byte.SIZE);
        byte[] bytes = new byte[1 + count];
        bytes[0] = (byte) count;
        for (int i = 0; i < count; i++) {
            bytes[count - i] = (byte) (value >>> Byte.SIZE * i);
        }
        return bytes;
    }

    @Override
    public void begin(MemorySegment state, long at) {
        Sponge.begin(state, at);
        Sponge.absorb(state, at, rateBytes(), prefix, 0, prefix.byteSize());
        Sponge.padWithZeros(state, at);
    }

    @Override
    public void take(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Sponge.absorb(state, at, rateBytes(), input, inputAt, length);
    }

    @Override
    public void end(MemorySegment state, long at) {
        Sponge.pad(state, at, rateBytes(), suffix);
    }

    @Override
    public void give(MemorySegment state, long at, MemorySegment output, long outputAt, long length) {
        Sponge.squeeze(state, at, rateBytes(), output, outputAt, length);
    }
}
