package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The log records of one transaction, in arrays of fixed size. Made by [WorldState].
public final class LogBuffer {
    private static final int TOPICS_MAX = 4;
    private static final int STRIDE = Word.LONGS * (1 + TOPICS_MAX);   // address, topics

    private final long[] words;
    private final int[] topics;
    private final int[] ends;
    private final MemorySegment data;
    private int count;

    LogBuffer(int logsMax, int bytesMax) {
        words = new long[STRIDE * logsMax];
        topics = new int[logsMax];
        ends = new int[logsMax];
        data = MemorySegment.ofArray(new byte[bytesMax]);
    }

    /// {@return heap bytes of the arrays}
    static long heapBytes(int logsMax, int bytesMax) {
        return WorldStateConfig.heapBytes(8L * STRIDE * logsMax) + 2 * WorldStateConfig.heapBytes(4L * logsMax) + WorldStateConfig.heapBytes(bytesMax);
    }

    boolean append(long[] s, int address, MemorySegment from, long at, long length, long[] t, int first, int topicCount) {
        int start = count == 0 ? 0 : ends[count - 1];
        if (count == ends.length || length > data.byteSize() - start) {
            return false;
        }
        MemorySegment.copy(from, at, data, start, length);
        Word.copy(s, address, words, STRIDE * count);
        for (int i = 0; i < topicCount; i++) {
            Word.copy(t, first - Word.LONGS * i, words, STRIDE * count + Word.LONGS * (1 + i));
        }
        topics[count] = topicCount;
        ends[count++] = start + (int) length;
        return true;
    }

    void truncate(int to) {
        count = to;
    }

    /// {@return records held}
    public int count() {
        return count;
    }

    /// {@return topics of a record, 0..4}
    public int topics(int index) {
        return topics[index];
    }

    /// Writes the address of a record.
    public void address(int index, long[] to, int r) {
        Word.copy(words, STRIDE * index, to, r);
    }

    /// Writes a topic of a record.
    public void topic(int index, int topic, long[] to, int r) {
        Word.copy(words, STRIDE * index + Word.LONGS * (1 + topic), to, r);
    }

    /// {@return the data of a record, as an array of its own; makes an object}
    public byte[] data(int index) {
        int start = index == 0 ? 0 : ends[index - 1];
        return data.asSlice(start, ends[index] - start).toArray(ValueLayout.JAVA_BYTE);
    }
}
