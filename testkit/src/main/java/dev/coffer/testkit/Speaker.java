package dev.coffer.testkit;

import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// What a connection of TLS carries in tests, on either side: says bytes, and keeps what it hears.
public final class Speaker implements Engine<Speaker.Event> {
    /// What it tells.
    public enum Event { ALL_HEARD, CUT }

    /// What it has heard since it was told what to say.
    public final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final boolean echoed;       // it ends when it has heard as much as it has said
    private byte[] text;
    private int said;
    private int most = Integer.MAX_VALUE;
    private boolean cut;
    private boolean ended;
    private Event told;

    /// One that ends when it has heard as much as it has said.
    public Speaker(byte[] text) {
        this(text, true);
    }

    /// One that goes on until its peer ends.
    public Speaker(String text) {
        this(text.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    private Speaker(byte[] text, boolean echoed) {
        this.text = text;
        this.echoed = echoed;
    }

    /// Has it say something else from here on, and forget what it has heard.
    public void say(String more) {
        heard.reset();
        text = more.getBytes(StandardCharsets.ISO_8859_1);
        said = 0;
    }

    /// Has it say so many octets at a time at most, which is a record each.
    public Speaker inPieces(int octets) {
        most = octets;
        return this;
    }

    /// {@return what it has heard, an octet a character}
    public String text() {
        return heard.toString(StandardCharsets.ISO_8859_1);
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
        int part = cut ? 0 : (int) Math.min(Math.min(length, most), text.length - said);
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
        return cut || ended || echoed && said == text.length && heard.size() >= text.length;
    }

    @Override
    public Event pollEvent() {
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
