package dev.coffer.http.http3;

import dev.coffer.memory.layout.HeapLayout;
import org.jspecify.annotations.Nullable;

/// The request streams of one connection that are lent a place, in the order in which they began.
final class StreamList {
    private final @Nullable Stream[] streams;
    private int count;

    StreamList(int most) {
        streams = new Stream[most];
    }

    static long heapBytes(int most) {
        return HeapLayout.instance(StreamList.class) + HeapLayout.array(Stream.class, most);
    }

    int count() {
        return count;
    }

    boolean isFull() {
        return count == streams.length;
    }

    boolean isEmpty() {
        return count == 0;
    }

    Stream get(int index) {
        Stream stream = streams[index];
        if (stream == null) {
            throw new AssertionError("stream " + index + " of " + count);
        }
        return stream;
    }

    void add(Stream stream) {
        streams[count++] = stream;
    }

    void remove(Stream stream) {
        int index = 0;
        while (get(index) != stream) {
            index++;
        }
        System.arraycopy(streams, index + 1, streams, index, count - index - 1);
        streams[--count] = null;
    }

    void clear() {
        java.util.Arrays.fill(streams, 0, count, null);
        count = 0;
    }

    /// {@return of what streams share, what these have for their heads}
    int headBytes() {
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += get(i).headBytes + get(i).trailersBytes;
        }
        return bytes;
    }

    @Nullable
    Stream byId(long id) {
        for (int i = 0; i < count; i++) {
            if (get(i).id == id) {
                return get(i);
            }
        }
        return null;
    }

    @Nullable
    Stream byNumber(long number) {
        for (int i = 0; i < count; i++) {
            if (get(i).number == number) {
                return get(i);
            }
        }
        return null;
    }
}
