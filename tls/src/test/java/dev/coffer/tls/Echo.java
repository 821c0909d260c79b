package dev.coffer.tls;

import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What the tests carry: says back what it hears, octet by octet, and ends when its peer has. It takes at most its window, so that it holds
/// back who sends without listening.
class Echo implements Engine<Echo.Event> {
    enum Event { HEARD, ENDED, CUT }

    private final byte[] window;
    private int held;
    private boolean heard;
    private boolean ended;
    private boolean cut;
    private @Nullable Event told;
    long deadline = Long.MAX_VALUE;
    long taken;

    Echo(int window) {
        this.window = new byte[window];
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        int part = (int) Math.min(length, window.length - held);
        MemorySegment.copy(input, ValueLayout.JAVA_BYTE, at, window, held, part);
        held += part;
        taken += part;
        heard |= part > 0;
        return part;
    }

    @Override
    public long feedRoom() {
        return window.length - held;
    }

    @Override
    public void feedEnd(long nowNanos) {
        ended = true;
    }

    @Override
    public void disconnect(long nowNanos) {
        cut = true;
        held = 0;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        int part = (int) Math.min(length, held);
        MemorySegment.copy(window, 0, output, ValueLayout.JAVA_BYTE, at, part);
        System.arraycopy(window, part, window, 0, held - part);
        held -= part;
        return part;
    }

    @Override
    public long outputBytesMin() {
        return 1;
    }

    @Override
    public boolean isOutputEnded() {
        return cut || ended && held == 0;
    }

    @Override
    public @Nullable Event pollEvent() {
        if (heard) {
            heard = false;
            return Event.HEARD;
        }
        Event now = cut ? Event.CUT : ended ? Event.ENDED : null;
        if (now == told) {
            return null;
        }
        told = now;
        return now;
    }

    @Override
    public long deadlineNanos() {
        return deadline;
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
    public void reset(long nowNanos) {
        held = 0;
        taken = 0;
        heard = false;
        ended = false;
        cut = false;
        told = null;
    }

    @Override
    public void close() {}
}
