package dev.coffer.memory;

import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.CutMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Memory that refuses to be read: closed, another thread's, or a mapped file that is cut to [#readable] bytes behind
/// [#at]. Filled with the digit `1`, so that every codec likes it, with a string's length in front.
final class FailingMemory implements AutoCloseable {
    /// How it fails.
    enum Kind { CLOSED, OF_ANOTHER_THREAD, CUT }

    private static final int PAGE = CutMemory.READABLE;
    private static final int BYTES = 2 * PAGE;

    final Kind kind;
    final MemorySegment segment;
    final long at;        // where reading begins
    final long bytes;     // to be read from there, more than can be
    private final Runnable end;

    private FailingMemory(Kind kind, MemorySegment segment, long at, long bytes, Runnable end) {
        this.kind = kind;
        this.segment = segment;
        this.at = at;
        this.bytes = bytes;
        this.end = end;
    }

    /// {@return memory whose first `readable` bytes can be read, where it is cut, and none where it is not}
    static FailingMemory of(Kind kind, int readable) {
        long at = PAGE - readable;
        long bytes = readable + 200 + (readable & 1);  // an even number of digits
        return switch (kind) {
            case CLOSED -> {
                Arena arena = Arena.ofShared();
                MemorySegment segment = fill(arena.allocate(BYTES), at, bytes);
                arena.close();
                yield new FailingMemory(kind, segment, at, bytes, () -> {});
            }
            case OF_ANOTHER_THREAD -> {
                MemorySegment[] made = new MemorySegment[1];
                Thread other = Thread.ofPlatform().start(() -> made[0] = fill(Arena.ofConfined().allocate(BYTES), at, bytes));
                join(other);
                yield new FailingMemory(kind, made[0], at, bytes, () -> {});
            }
            case CUT -> cut(at, bytes);
        };
    }

    private static FailingMemory cut(long at, long bytes) {
        CutMemory cut = new CutMemory(fill(Arena.ofAuto().allocate(BYTES), at, bytes));
        return new FailingMemory(Kind.CUT, cut.segment(), at, bytes, cut::close);
    }

    private static MemorySegment fill(MemorySegment segment, long at, long bytes) {
        segment.fill((byte) '1');
        BigEndian.u32(segment, at - 4, bytes);
        return segment;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// {@return a buffer whose data are the bytes to be read}
    Buffer buffer() {
        Buffer buffer = Buffer.over(segment, at, bytes);
        buffer.length(bytes);
        return buffer;
    }

    /// {@return a buffer whose data is a string of the bytes to be read}
    Buffer string() {
        Buffer buffer = Buffer.over(segment, at - 4, bytes + 4);
        buffer.length(bytes + 4);
        return buffer;
    }

    /// {@return the bytes to be read, as characters}
    CharSequence text() {
        return new CharSequence() {
            @Override
            public int length() {
                return (int) bytes;
            }

            @Override
            public char charAt(int index) {
                return (char) segment.get(ValueLayout.JAVA_BYTE, at + index);
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Override
    public void close() {
        end.run();
    }
}
