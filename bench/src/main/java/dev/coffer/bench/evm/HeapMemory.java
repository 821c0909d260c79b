package dev.coffer.bench.evm;

import java.util.Arrays;

/// EVM memory the usual way on the Java heap, as a baseline: written anew from a description of how Besu's `Memory` works,
/// not its code. A `byte[]` a frame that starts at 0 bytes and grows to the larger of what is needed and twice what
/// there is, by copying; the costs of the old and the new size computed at every access; a load makes a new array and
/// an object around it. Besu's own figures differ where its objects do more than this.
final class HeapMemory {
    private static final int WORD = 32;

    private byte[] bytes = new byte[0];
    private long activeWords;

    /// What a load makes: a value of 32 bytes of its own.
    static final class Value {
        final byte[] bytes;

        Value(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /// {@return gas that an access costs beside its own: C(new) - C(old), both computed}
    long expansionGas(long offset, long length) {
        long before = cost(activeWords);
        long after = cost(wordsFor(offset, length));
        return after > before ? after - before : 0;
    }

    private static long cost(long words) {
        long square = Math.multiplyExact(words, words);
        return Math.addExact(square / 512, Math.multiplyExact(words, 3));
    }

    private long wordsFor(long offset, long length) {
        if (length == 0) {
            return activeWords;
        }
        long end = Math.addExact(offset, length);
        return Math.max(activeWords, (end + WORD - 1) / WORD);
    }

    private void ensure(long offset, long length) {
        long words = wordsFor(offset, length);
        if (words <= activeWords) {
            return;
        }
        int needed = Math.toIntExact(Math.multiplyExact(words, WORD));
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
        }
        activeWords = words;
    }

    void setWord(long offset, byte[] word) {
        ensure(offset, WORD);
        System.arraycopy(word, 0, bytes, Math.toIntExact(offset), WORD);
    }

    void setByte(long offset, byte value) {
        ensure(offset, 1);
        bytes[Math.toIntExact(offset)] = value;
    }

    Value word(long offset) {
        ensure(offset, WORD);
        int at = Math.toIntExact(offset);
        return new Value(Arrays.copyOfRange(bytes, at, at + WORD));
    }

    void copy(long to, long from, long length) {
        if (length > 0) {
            ensure(Math.max(to, from), length);
            System.arraycopy(bytes, Math.toIntExact(from), bytes, Math.toIntExact(to), Math.toIntExact(length));
        }
    }
}
