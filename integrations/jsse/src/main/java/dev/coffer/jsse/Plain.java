package dev.coffer.jsse;

import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The application, as a connection sees it: what an `SSLEngine`'s caller puts into a call and takes out of it. It holds nothing itself: content
/// goes from the caller's buffers to the record that is made, and from the record that was opened to the caller's buffers, in the call that
/// brought these.
final class Plain implements Engine<Void> {
    private static final ByteBuffer[] NONE = {};

    private ByteBuffer[] buffers = NONE;  // of the call under way: sources or targets
    private int from;
    private int end;
    private long moved;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean cut;

    /// The buffers of a call.
    void lend(ByteBuffer[] of, int offset, int length) {
        buffers = of;
        from = offset;
        end = offset + length;
        moved = 0;
    }

    /// The call is over.
    ///
    /// @return bytes that were moved
    long takeBack() {
        buffers = NONE;
        from = 0;
        end = 0;
        return moved;
    }

    /// Nothing more is said.
    void endOutput() {
        outputEnded = true;
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        long done = 0;
        for (int i = from; i < end && done < length; i++) {
            ByteBuffer target = buffers[i];
            long part = Math.min(target.remaining(), length - done);
            MemorySegment.copy(input, at + done, MemorySegment.ofBuffer(target), 0, part);
            target.position(target.position() + (int) part);
            done += part;
        }
        moved += done;
        return done;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        long done = 0;
        for (int i = from; i < end && done < length && !outputEnded; i++) {
            ByteBuffer source = buffers[i];
            long part = Math.min(source.remaining(), length - done);
            MemorySegment.copy(MemorySegment.ofBuffer(source), 0, output, at + done, part);
            source.position(source.position() + (int) part);
            done += part;
        }
        moved += done;
        return done;
    }

    @Override
    public long feedRoom() {
        return Long.MAX_VALUE;
    }

    @Override
    public void feedEnd(long nowNanos) {
        inputEnded = true;
    }

    @Override
    public void disconnect(long nowNanos) {
        cut = true;
    }

    @Override
    public long outputBytesMin() {
        return 1;
    }

    @Override
    public boolean isOutputEnded() {
        return outputEnded || cut;
    }

    @Override
    public @Nullable Void pollEvent() {
        return null;
    }

    @Override
    public long deadlineNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onDeadline(long nowNanos) {}

    @Override
    public void shutdown(long nowNanos) {
        outputEnded = true;
    }

    @Override
    public boolean isEnded() {
        return cut || inputEnded && outputEnded;
    }

    @Override
    public void reset(long nowNanos) {
        inputEnded = false;
        outputEnded = false;
        cut = false;
    }

    @Override
    public void close() {
        takeBack();
    }
}
