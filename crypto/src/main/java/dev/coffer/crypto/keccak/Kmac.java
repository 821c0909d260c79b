package dev.coffer.crypto.keccak;

import dev.coffer.crypto.internal.MacFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// KMAC128 and KMAC256 (SP 800-185, section 4): cSHAKE over the padded key, the message and the tag's length. Users
/// reach it through [dev.coffer.crypto.Mac]. The state holds two states of cSHAKE: the running one, and the one that has taken the key.
public final class Kmac extends MacFunction {
    private static final int TAG_BYTES_MIN = 16;
    private static final long KEYED = Sponge.STATE_BYTES;
    private static final long ENCODED = KEYED + Sponge.STATE_BYTES;  // room for one encoded length
    private static final int ENCODED_BYTES_MAX = 1 + Long.BYTES;

    private final Shake xof;
    private final MemorySegment rate;       // left_encode(rate), which opens bytepad (section 2.3.3)
    private final MemorySegment tagLength;  // right_encode(bits of the tag) (section 2.3.1)

    /// Made at start, by [dev.coffer.crypto.Mac].
    ///
    /// @param strengthBits   128 or 256
    /// @param tagBytes       at least 16
    /// @param customization  S of the standard
    public Kmac(int strengthBits, int tagBytes, byte[] customization) {
        super("KMAC" + strengthBits, tagBytes, ENCODED + ENCODED_BYTES_MAX);
        if (tagBytes < TAG_BYTES_MIN) {
            throw new IllegalArgumentException("KMAC tag: " + tagBytes + " bytes (expected at least " + TAG_BYTES_MIN + ")");
        }
        this.xof = new Shake(strengthBits, "KMAC".getBytes(StandardCharsets.US_ASCII), customization);
        this.rate = MemorySegment.ofArray(Shake.leftEncode(xof.rateBytes())).asReadOnly();
        byte[] left = Shake.leftEncode((long) tagBytes * Byte.SIZE);
        byte[] right = new byte[left.length];  // right_encode has the count behind
        System.arraycopy(left, 1, right, 0, left.length - 1);
        right[left.length - 1] = left[0];
        this.tagLength = MemorySegment.ofArray(right).asReadOnly();
    }

    @Override
    public void begin(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength) {
        xof.begin(state, at);
        xof.take(state, at, rate, 0, rate.byteSize());
        xof.take(state, at, state, at + ENCODED, leftEncode(keyLength * Byte.SIZE, state, at + ENCODED));
        xof.take(state, at, key, keyAt, keyLength);
        Sponge.padWithZeros(state, at);
        MemorySegment.copy(state, at, state, at + KEYED, Sponge.STATE_BYTES);
    }

    private static int leftEncode(long value, MemorySegment segment, long at) {
        int count = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 7) / Byte.SIZE);
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) count);
        for (int i = 0; i < count; i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + count - i, (byte) (value >>> Byte.SIZE * i));
        }
        return 1 + count;
    }

    @Override
    public void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        xof.take(state, at, input, inputAt, length);
    }

    @Override
    public void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        xof.take(state, at, tagLength, 0, tagLength.byteSize());
        xof.end(state, at);
        xof.give(state, at, output, outputAt, tagBytes());
        MemorySegment.copy(state, at + KEYED, state, at, Sponge.STATE_BYTES);
    }
}
