package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.word.Word;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;

/// Recursive length prefix (Yellow Paper, appendix B) and hashes on arrays, for tests.
final class RlpModel {
    private RlpModel() {}

    static byte[] keccak(byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(Hash.STATE_BYTES_MAX + 32, 8);
            Hash.KECCAK_256.hash(room, 0, MemorySegment.ofArray(bytes), 0, bytes.length, room, Hash.STATE_BYTES_MAX);
            return room.asSlice(Hash.STATE_BYTES_MAX, 32).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /// {@return a number as so many bytes}
    static byte[] bytes(BigInteger value, int length) {
        byte[] out = new byte[length];
        byte[] raw = value.toByteArray();
        int used = Math.min(length, raw.length);
        System.arraycopy(raw, raw.length - used, out, length - used, used);
        return out;
    }

    /// {@return the account of a key of secp256k1, a word}
    static long[] address(BigInteger key) {
        BigInteger[] point = Secp256k1Model.times(key, Secp256k1Model.G);
        return Word.of(new BigInteger(1, keccak(joined(bytes(point[0], 32), bytes(point[1], 32)))).mod(BigInteger.ONE.shiftLeft(160)));
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] number(BigInteger number) {
        return string(number.signum() == 0 ? new byte[0] : bytes(number, (number.bitLength() + 7) / 8));
    }

    static byte[] number(long number) {
        return number(BigInteger.valueOf(number));
    }

    static byte[] string(byte[] bytes) {
        return bytes.length == 1 && bytes[0] >= 0 ? bytes : joined(head(0x80, bytes.length), bytes);
    }

    static byte[] list(byte[]... items) {
        byte[] all = joined(items);
        return joined(head(0xc0, all.length), all);
    }

    private static byte[] head(int kind, int length) {
        return length <= 55 ? new byte[] {(byte) (kind + length)} : length < 256 ? new byte[] {(byte) (kind + 56), (byte) length}
                : new byte[] {(byte) (kind + 57), (byte) (length >>> 8), (byte) length};
    }
}
