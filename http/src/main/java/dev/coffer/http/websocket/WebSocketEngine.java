package dev.coffer.http.websocket;

import dev.coffer.http.Ascii;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The server's side of one WebSocket connection (RFC 6455, sections 5 to 8), over the caller's memory; reusable by [#reset]. What carries its
/// bytes, an HTTP/1.1 connection that was upgraded or a stream of HTTP/2, is not its business.
///
/// ```
///   reading:  OPEN --CLOSE--> all that follows is discarded        writing:  OPEN --close sent--> nothing more
///              '---FAILED--'                                        output ends when a close went each way, or one after a failure
/// ```
///
/// **Reading** is asked for, event by event: [#read] takes from the front of what has come and says what it came upon. Payload is unmasked where it
/// lies and never copied. A ping is answered before the next one is taken: while its pong waits for room, [#isHeld], nothing is read, so a
/// peer that pings and does not read is held back, and no pong is dropped (section 5.5.3 would allow that).
///
/// **Writing** is pulled: [#poll] gives heads and control frames, [#payloadLeft] and [#passed] are the message's between them. Any room makes
/// progress, a single byte too. 0 heap bytes; one thread at a time.
public final class WebSocketEngine {
    private static final int HEAD_IN = 0;
    private static final int HEAD_OUT = HEAD_IN + FrameHead.BYTES;
    private static final int CONTROL_IN = HEAD_OUT + 16;        // payload of a control frame
    private static final int CONTROL_OUT = CONTROL_IN + 128;    // a whole control frame
    /// Bytes of memory of one connection: two heads of 16, a control frame's payload and a control frame of 128 each, a whole number of lines.
    public static final int BYTES = (int) Align.up(CONTROL_OUT + ControlFrames.BYTES, Align.CACHE_LINE_BYTES);

    private enum Reading { HEAD, PAYLOAD, CONTROL, HELD, DONE }

    private final WebSocketLimits limits;
    private final MemorySegment memory;
    private final long base;
    private final Utf8Check utf8 = new Utf8Check();
    private final FrameHead head;
    private final ControlFrames controls;

    private Reading reading = Reading.HEAD;
    private boolean first;          // the frame begins its message
    private int phase;              // octets of the payload that have come, modulo 4
    private long frameLeft;
    private int message;            // TEXT or BINARY while there is one, else 0
    private long messageBytes;
    private long taken;
    private long dataAt;
    private long dataLength;
    private boolean ends;           // DATA: the message is complete
    private boolean text;           // DATA, FRAME: of which kind
    private int closeCode = CloseCode.NONE;
    private boolean received;       // a close frame
    private boolean failed;

    private int headOut;            // bytes of the head that is written, from `headOutAt` on
    private int headOutAt;
    private long payloadLeft;

    /// @param memory  where; stays the caller's, and must outlive the engine
    /// @param at      offset of [#BYTES] bytes, zero
    public WebSocketEngine(WebSocketLimits limits, MemorySegment memory, long at) {
        if (at < 0 || BYTES > memory.byteSize() - at) {
            throw new IllegalArgumentException("memory: " + memory.byteSize() + " bytes, engine wants " + BYTES + " at " + at);
        }
        this.limits = limits;
        this.memory = memory;
        this.base = at;
        this.head = new FrameHead(memory, at + HEAD_IN);
        this.controls = new ControlFrames(memory, at + CONTROL_OUT);
        reset();
    }

    /// {@return what one holds, and its Java objects}
    public static MemoryPlan plan() {
        return MemoryPlan.block("websocket", BYTES, 1, "heads 2 x 16, control frames 2 x 128")
                .withHeap(HeapLayout.instance(WebSocketEngine.class) + HeapLayout.instance(Utf8Check.class)
                        + HeapLayout.instance(FrameHead.class) + HeapLayout.instance(ControlFrames.class));
    }

    /// Forgets the connection and wipes what is left of it.
    public void reset() {
        Wipe.bytes(memory, base, BYTES);
        reading = Reading.HEAD;
        head.begin();
        frameLeft = 0;
        message = 0;
        taken = 0;
        dataLength = 0;
        closeCode = CloseCode.NONE;
        received = false;
        failed = false;
        headOut = 0;
        headOutAt = 0;
        payloadLeft = 0;
        controls.reset();
    }

    // Reading.

    /// Reads on, up to the next event. Payload is unmasked in place: what is handed in must be given once, from where [#taken] of the last call
    /// ended.
    ///
    /// @param input  memory that may be written to; `length` bytes at `at`
    /// @return what was come upon; null where more must come, or where it is held ([#isHeld])
    @SuppressWarnings("exports")  // an annotation that users need not have
    public @Nullable WebSocketEvent read(MemorySegment input, long at, long length) {
        taken = 0;
        while (true) {
            switch (reading) {
                case HEAD -> {
                    WebSocketEvent event = head(input, at, length);
                    if (event != null || reading == Reading.HEAD) {
                        return event;
                    }
                }
                case PAYLOAD -> {
                    if (frameLeft == 0 && !head.isLast()) {
                        reading = Reading.HEAD;
                        continue;
                    }
                    return payload(input, at, length);
                }
                case CONTROL -> {
                    int left = (int) frameLeft;
                    int bytes = (int) Math.min(left, length - taken);
                    long to = base + CONTROL_IN + head.length() - left;
                    MemorySegment.copy(input, at + taken, memory, to, bytes);
                    WebSocketFrame.mask(memory, to, bytes, head.key(), phase);
                    phase = phase + bytes & 3;
                    taken += bytes;
                    frameLeft -= bytes;
                    if (frameLeft > 0) {
                        return null;
                    }
                    WebSocketEvent event = control();
                    if (event != null || reading == Reading.HELD) {
                        return event;
                    }
                }
                case HELD -> {
                    return null;
                }
                case DONE -> {
                    taken = length;
                    return null;
                }
            }
        }
    }

    private @Nullable WebSocketEvent head(MemorySegment input, long at, long length) {
        FrameHead.Coming coming = head.take(input, at + taken, length - taken, message != 0);
        taken += head.taken();
        if (coming == FrameHead.Coming.MORE) {
            return null;
        }
        if (coming == FrameHead.Coming.ILLEGAL) {
            return fail(CloseCode.PROTOCOL_ERROR);
        }
        phase = 0;
        frameLeft = head.length();
        if (WebSocketFrame.isControl(head.opcode())) {
            reading = Reading.CONTROL;
            return null;
        }
        return frame();
    }

    private WebSocketEvent frame() {
        first = head.opcode() != WebSocketFrame.CONTINUATION;
        if (first) {
            message = head.opcode();
            messageBytes = 0;
            utf8.reset();
        }
        if (frameLeft > limits.frameBytesMax() || frameLeft > limits.messageBytesMax() - messageBytes) {
            return fail(CloseCode.TOO_BIG);
        }
        messageBytes += frameLeft;
        text = message == WebSocketFrame.TEXT;
        reading = Reading.PAYLOAD;
        return WebSocketEvent.FRAME;
    }

    private @Nullable WebSocketEvent payload(MemorySegment input, long at, long length) {
        long bytes = Math.min(frameLeft, length - taken);
        if (bytes == 0 && frameLeft > 0) {
            return null;
        }
        dataAt = at + taken;
        dataLength = bytes;
        WebSocketFrame.mask(input, dataAt, bytes, head.key(), phase);
        phase = (int) (phase + bytes & 3);
        taken += bytes;
        frameLeft -= bytes;
        ends = head.isLast() && frameLeft == 0;
        if (text && (!utf8.go(input, dataAt, bytes) || ends && !utf8.isComplete())) {
            return fail(CloseCode.INVALID_DATA);
        }
        if (frameLeft == 0) {
            reading = Reading.HEAD;
        }
        if (ends) {
            message = 0;
        }
        return WebSocketEvent.DATA;
    }

    /// A control frame is complete.
    private @Nullable WebSocketEvent control() {
        return switch (head.opcode()) {
            case WebSocketFrame.PING -> pinged();
            case WebSocketFrame.PONG -> {
                reading = Reading.HEAD;
                yield WebSocketEvent.PONG;
            }
            default -> closed();
        };
    }

    private @Nullable WebSocketEvent pinged() {
        if (controls.isSilent()) {
            reading = Reading.HEAD;
        } else if (controls.isUnderWay()) {
            reading = Reading.HELD;
            return null;
        } else {
            pong();
        }
        return WebSocketEvent.PING;
    }

    private void pong() {
        reading = Reading.HEAD;
        controls.pong(base + CONTROL_IN, (int) head.length());
    }

    /// A close frame is complete: empty, or a code and a reason in UTF-8 (section 5.5.1).
    private WebSocketEvent closed() {
        int length = (int) head.length();
        if (length > 0) {
            int code = length == 1 ? 0 : BigEndian.u16(memory, base + CONTROL_IN);
            if (!CloseCode.isOnTheWire(code)) {
                return fail(CloseCode.PROTOCOL_ERROR);
            }
            utf8.reset();
            if (!utf8.go(memory, base + CONTROL_IN + Short.BYTES, length - Short.BYTES) || !utf8.isComplete()) {
                return fail(CloseCode.INVALID_DATA);
            }
            closeCode = code;
        }
        received = true;
        reading = Reading.DONE;
        controls.close(closeCode, null);
        return WebSocketEvent.CLOSE;
    }

    private WebSocketEvent fail(int code) {
        failed = true;
        closeCode = code;
        reading = Reading.DONE;
        controls.close(code, null);
        return WebSocketEvent.FAILED;
    }

    /// {@return bytes that the last [#read] has taken}
    public long taken() {
        return taken;
    }

    /// {@return DATA: where the piece lies in the input}
    public long dataAt() {
        return dataAt;
    }

    /// {@return DATA: its bytes, 0 only where it [#ends] a message}
    public long dataLength() {
        return dataLength;
    }

    /// {@return DATA: whether the message is complete with it}
    public boolean ends() {
        return ends;
    }

    /// {@return FRAME and DATA: whether the message is text}
    public boolean isText() {
        return text;
    }

    /// {@return FRAME: whether it begins its message}
    public boolean isFirst() {
        return first;
    }

    /// {@return FRAME: whether it ends its message}
    public boolean isFinal() {
        return head.isLast();
    }

    /// {@return FRAME: bytes of its payload}
    public long frameLength() {
        return head.length();
    }

    /// {@return CLOSE: what the peer said, [CloseCode#NONE] where nothing; FAILED: why}
    public int closeCode() {
        return closeCode;
    }

    /// {@return whether a ping waits until an earlier one's pong has gone: until then nothing is read}
    public boolean isHeld() {
        return reading == Reading.HELD;
    }

    /// {@return whether the peer has closed or failed: what still comes is discarded}
    public boolean isReadEnded() {
        return reading == Reading.DONE;
    }

    // Writing.

    /// Sends a ping without payload, between messages.
    public void ping() {
        controls.ping();
    }

    /// Closes: a frame is due, which goes once [#endMessages] has said that no message is to go before it; nothing goes after it. A second call, and
    /// one after the peer's close, does nothing.
    ///
    /// @param code  one that may be sent ([CloseCode#isOnTheWire]), or [CloseCode#NONE] for an empty frame
    /// @param why   up to 123 bytes, or null
    /// @throws IllegalArgumentException  another code, a longer reason, or a reason without a code (caller's fault)
    @SuppressWarnings("exports")  // an annotation that users need not have
    public void close(int code, @Nullable Ascii why) {
        int reasonBytes = why == null ? 0 : why.length();
        if (code != CloseCode.NONE && !CloseCode.isOnTheWire(code) || reasonBytes > WebSocketFrame.CONTROL_BYTES_MAX - Short.BYTES
                || code == CloseCode.NONE && reasonBytes > 0) {
            throw new IllegalArgumentException("close: code " + code + ", " + reasonBytes + " bytes of a reason (expected 1000..1003, 1007..1014, "
                    + "3000..4999 or 1005 for none, at most 123)");
        }
        controls.close(code, why);
    }

    /// Says that no message is begun any more: what waited has been sent, or is given up. A close that is due goes behind the one that is under way.
    public void endMessages() {
        controls.endMessages();
    }

    /// {@return whether a close is due, or has gone: the peer's answer or fault, or our own}
    public boolean isClosing() {
        return controls.isCloseDue();
    }

    /// {@return whether no message can begin any more}
    public boolean areMessagesEnded() {
        return controls.areMessagesEnded();
    }

    /// {@return whether all is said: close frames went both ways, or one after a failure}
    public boolean isOutputEnded() {
        return controls.isClosed() && (received || failed);
    }

    /// Begins a message, of one frame.
    ///
    /// @param isText  whether it is text, which the caller has seen to be UTF-8
    /// @param length  of it, 0 or more
    /// @throws IllegalStateException  another one is under way, or there were to be no more (caller's fault)
    public void begin(boolean isText, long length) {
        if (payloadLeft > 0 || headOut > 0 || controls.areMessagesEnded()) {
            throw new IllegalStateException(controls.areMessagesEnded() ? "messages have ended" : "a message is under way");
        }
        headOut = WebSocketFrame.head(memory, base + HEAD_OUT, isText ? WebSocketFrame.TEXT : WebSocketFrame.BINARY, length);
        headOutAt = 0;
        payloadLeft = length;
    }

    /// {@return bytes of the message begun that come next, once [#poll] has nothing; 0 between messages}
    public long payloadLeft() {
        return payloadLeft;
    }

    /// Tells that bytes of the message were written.
    ///
    /// @param bytes  1..[#payloadLeft]
    public void passed(long bytes) {
        assert headOut == 0 && bytes <= payloadLeft : bytes + " bytes, left " + payloadLeft + ", head " + headOut;
        payloadLeft -= bytes;
    }

    /// Writes what comes next and is no payload: the head of the message begun or, between messages, control frames.
    ///
    /// @return bytes written, 0..`room`; 0 where payload comes next, or nothing
    public long poll(MemorySegment output, long at, long room) {
        long written = 0;
        while (written < room) {
            if (headOut > 0) {
                int bytes = (int) Math.min(room - written, headOut - headOutAt);
                MemorySegment.copy(memory, base + HEAD_OUT + headOutAt, output, at + written, bytes);
                headOutAt += bytes;
                written += bytes;
                headOut = headOutAt == headOut ? 0 : headOut;
            } else if (payloadLeft > 0 || !controls.isUnderWay() && !controls.compose()) {
                break;
            } else {
                written += controls.write(output, at + written, room - written);
                if (!controls.isUnderWay() && reading == Reading.HELD) {
                    release();
                }
            }
        }
        return written;
    }

    /// The ping that was held may have its answer now.
    private void release() {
        if (controls.isSilent()) {
            reading = Reading.HEAD;
        } else {
            pong();
        }
    }

    @Override
    public String toString() {
        return "WebSocketEngine[" + reading + (controls.isCloseDue() ? ", closing" : "") + (controls.isClosed() ? ", closed" : "") + "]";
    }
}
