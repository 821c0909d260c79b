package dev.coffer.tls;

import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What a client carries in the tests: says a text, hears as much, and ends.
final class Speaker implements Engine<Speaker.Event> {
    enum Event { ALL_HEARD, CUT }

    private final byte[] text;
    private int said;
    final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private boolean cut;
    private boolean ended;
    private @Nullable Event told;

    Speaker(byte[] text) {
        this.text = text;
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        heard.writeBytes(input.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
        return length;
    }

    @Override
    public long feedRoom() {
        return Long.MAX_VALUE;
    }

    @Override
    public void feedEnd(long nowNanos) {
        ended = true;
    }

    @Override
    public void disconnect(long nowNanos) {
        cut = true;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        int part = cut ? 0 : (int) Math.min(length, text.length - said);
        MemorySegment.copy(text, said, output, ValueLayout.JAVA_BYTE, at, part);
        said += part;
        return part;
    }

    @Override
    public long outputBytesMin() {
        return 1;
    }

    @Override
    public boolean isOutputEnded() {
        return cut || ended || said == text.length && heard.size() >= text.length;
    }

    @Override
    public @Nullable Event pollEvent() {
        Event now = cut ? Event.CUT : isOutputEnded() ? Event.ALL_HEARD : null;
        if (now == told) {
            return null;
        }
        told = now;
        return now;
    }

    @Override
    public long deadlineNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onDeadline(long nowNanos) {}

    @Override
    public void shutdown(long nowNanos) {
        ended = true;
    }

    @Override
    public boolean isEnded() {
        return isOutputEnded();
    }

    @Override
    public void reset(long nowNanos) {}

    @Override
    public void close() {}
}
