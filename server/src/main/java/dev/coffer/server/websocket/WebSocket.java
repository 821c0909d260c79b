package dev.coffer.server.websocket;

import dev.coffer.http.Ascii;
import dev.coffer.http.websocket.CloseCode;
import dev.coffer.http.websocket.WebSocketEngine;
import dev.coffer.http.websocket.WebSocketEvent;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.Exchange;
import dev.coffer.server.Tunnel;
import dev.coffer.server.hub.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One open socket, as its listener sees it: on the loop's thread alone; for other threads [WebSocketHub] speaks by [#number]. Made at start, used for one
/// client after another: whoever keeps it past [WebSocketListener#closed] talks to somebody else.
@SuppressWarnings("exports")  // annotations that users need not have
public final class WebSocket {
    private static final int NO_PLACE = -1;
    private static final long NEVER = Long.MAX_VALUE;

    private final WebSocketLane lane;
    private final int slot;
    private final WebSocketEngine engine;
    private final Carrier carrier = new Carrier();
    final Outbox outbox;                // guarded by the lane's monitor
    @Nullable
    WebSocket nextSoon;                 // links of the lane's lists: under its monitor,
    boolean isSoon;
    @Nullable
    WebSocket nextWanting;
    boolean isWanting;
    boolean isRefused;                  // a message, so that its sender waits to hear that there is room
    @Nullable
    WebSocket nextWaiting;              // and the loop's own
    boolean isWaiting;

    private volatile long number;       // of who has it now; 0 for nobody
    private long generation;
    private @Nullable Exchange exchange;  // null for nobody
    private @Nullable Ascii protocol;
    private @Nullable Object attachment;
    private int place = NO_PLACE;       // of the message that is put together
    private int have;                   // bytes of it, written or about to be
    private boolean wantsPlace;
    private long began;                 // that message
    private boolean paused;
    private boolean behind;             // something that has come was not read
    private boolean closing;            // nothing is told to the listener any more, and nothing taken from it
    private int closeCode;              // to be said when what waits has been sent, else 0
    private @Nullable Ascii closeReason;
    private long closeUntil;
    private boolean peerGone;
    private long heard;                 // when the last byte came
    private boolean pinged;             // since then

    WebSocket(WebSocketLane lane, int slot, WebSocketEngine engine, long generation) {
        this.lane = lane;
        this.slot = slot;
        this.engine = engine;
        this.generation = generation;
        this.outbox = new Outbox(lane, lane.config.queue());
    }

    private Exchange exchange() {
        return Objects.requireNonNull(exchange, "open");
    }

    static long heapBytes(WebSocketConfig config) {
        return HeapLayout.instance(WebSocket.class) + HeapLayout.instance(Carrier.class) + Outbox.heapBytes(config)
                + WebSocketEngine.plan().heapBytes();
    }

    /// {@return the number by which any thread speaks of it, never used again for another one}
    public long number() {
        return number;
    }

    /// {@return the subprotocol that was agreed on, or null}
    public @Nullable Ascii protocol() {
        return protocol;
    }

    /// {@return an object of the application's, null at first}
    public @Nullable Object attachment() {
        return attachment;
    }

    /// Keeps an object of the application's until the socket is over: one made at start, where no heap may be used.
    public void attach(@Nullable Object object) {
        attachment = object;
    }

    /// Writes the peer's address as text, see [Exchange#peer].
    public int peer(MemorySegment target, long at) {
        return exchange().peer(target, at);
    }

    /// Sends a message, which is copied: behind what was sent to this socket before.
    ///
    /// @param text  whether it is text, which must be UTF-8: it is believed
    /// @param data  `length` bytes at `at`, native or on the heap
    /// @return whether it will be sent. False where as many wait as may (`queue`), where all places are lent (`sends`), or where the socket is closing;
    ///         in the first two cases [WebSocketListener#sendable] says when another try is worth it
    /// @throws IllegalArgumentException   more than `sentBytesMax` (caller's fault)
    /// @throws IndexOutOfBoundsException  not in the segment (caller's fault)
    public boolean send(boolean text, MemorySegment data, long at, long length) {
        lane.check(data, at, length);
        if (closing || exchange == null) {
            return false;
        }
        boolean will = lane.enqueue(this, text, data, at, length);
        if (will) {
            exchange.resumeAnswer();
        }
        return will;
    }

    /// Closes, when what waits has been sent. Nothing more is told of it but its end. A second call does nothing.
    ///
    /// @param code    see [CloseCode#isOnTheWire]
    /// @param reason  up to 123 bytes; null for none
    /// @throws IllegalArgumentException  another code, a longer reason (caller's fault)
    public void close(int code, @Nullable Ascii reason) {
        lane.checkClose(code, reason);
        if (!closing && exchange != null) {
            closing = true;
            closeCode = code;
            closeReason = reason;
            lane.end(this);
            releasePlace();
            goOn();
            exchange.resumeAnswer();
        }
    }

    /// Ends the connection at once, without a close.
    public void abort() {
        if (exchange != null) {
            closing = true;
            exchange.abort();
        }
    }

    /// Takes nothing from the peer until [#resume]; what has come stays where it is, and the peer is held back.
    public void pause() {
        paused = true;
        if (wantsPlace) {
            lane.received.callWaiting();
        }
    }

    /// Goes on after [#pause].
    public void resume() {
        paused = false;
        goOn();
    }

    /// Has what was not read looked at again, from the loop's next turn.
    private void goOn() {
        if (behind || wantsPlace) {
            lane.soon(this);
        }
    }

    // The lane's.

    void begin(Exchange newExchange, @Nullable Ascii newProtocol) {
        generation++;
        exchange = newExchange;
        protocol = newProtocol;
        heard = lane.now.nanos();
        closeUntil = NEVER;
        number = Lanes.number(generation, lane.index, slot);
    }

    Tunnel carrier() {
        return carrier;
    }

    boolean isOpen() {
        return number != 0;
    }

    /// Closes at once, behind the message that is under way; what waits is given up.
    void closeNow(int code) {
        if (exchange == null) {
            return;
        }
        closing = true;
        closeCode = 0;
        engine.close(code, null);
        giveUpWaiting();
        ending();
        goOn();
        exchange.resumeAnswer();
    }

    private void giveUpWaiting() {
        engine.endMessages();
        lane.dropWaiting(this);
    }

    /// A close is due, whoever began it.
    private void ending() {
        closing = true;
        lane.end(this);
        closeUntil = Math.min(closeUntil, lane.now.nanos() + lane.config.closeNanosMax());
        releasePlace();
    }

    /// Something was put into its outbox, or held it back and does not any more.
    void turn() {
        try {
            if (exchange != null) {
                goAhead();
            }
        } finally {
            lane.passOn();
        }
    }

    private void goAhead() {
        int code = lane.closeWanted(this);
        if (code != 0) {
            close(code, null);
        }
        boolean held = isHeldBack();    // first: who is called for a place takes it, whether more has come or not
        if (behind && !held && !engine.isHeld()) {
            exchange().resume();
        } else {
            exchange().resumeAnswer();
        }
        if (exchange != null && !closing && lane.takeRoom(this)) {
            lane.listener.sendable(this);
        }
    }

    /// {@return whether it would take a place for a message}
    boolean isInWant() {
        return wantsPlace && !paused;
    }

    long generation() {
        return generation;
    }

    int slot() {
        return slot;
    }

    /// Looks at its times.
    void tick(long nanos) {
        WebSocketConfig config = lane.config;
        if (nanos >= closeUntil) {
            abort();
        } else if (closing) {
            return;
        } else if ((place != NO_PLACE || wantsPlace) && nanos - began >= config.messageNanosMax()) {
            closeNow(CloseCode.POLICY_VIOLATION);
        } else if (!paused && !behind && nanos - heard >= config.idleNanos()) {
            if (pinged) {
                abort();
            } else {
                pinged = true;
                heard = nanos;  // as long again
                engine.ping();
                exchange().resumeAnswer();
            }
        }
    }

    /// {@return whether nothing is read: the application wants none, or there is no place for a message}
    private boolean isHeldBack() {
        return !closing && (paused || wantsPlace && !takePlace());
    }

    private boolean takePlace() {
        place = lane.received.take();
        wantsPlace = place < 0;
        if (wantsPlace) {
            place = NO_PLACE;
            lane.received.await(this);
        } else {
            lane.received.callWaiting();
        }
        return !wantsPlace;
    }

    private void releasePlace() {
        if (wantsPlace) {
            wantsPlace = false;
            lane.received.callWaiting();
        }
        if (place != NO_PLACE) {
            int released = place;
            place = NO_PLACE;
            lane.received.release(released, have);
        }
    }

    /// What the exchange brings and asks for.
    private final class Carrier implements Tunnel {
        @Override
        public long take(Exchange of, MemorySegment content, long at, long length) {
            heard = lane.now.nanos();
            pinged = false;
            long done = 0;
            while (!isHeldBack()) {
                WebSocketEvent event = engine.read(content, at + done, length - done);
                done += engine.taken();
                if (event == null) {
                    break;
                }
                hear(event, content, length - done);
            }
            behind = done < length;
            return done;
        }

        private void hear(WebSocketEvent event, MemorySegment content, long rest) {
            switch (event) {
                case FRAME -> {
                    if (!closing && lane.received.areWhole() && engine.isFirst()) {
                        have = 0;
                        began = lane.now.nanos();
                        wantsPlace = !engine.isFinal() || engine.frameLength() > rest;
                    }
                }
                case DATA -> {
                    if (!closing) {
                        data(content);
                    }
                }
                case PING -> exchange().resumeAnswer();
                case PONG -> {}
                case CLOSE, FAILED -> {
                    ending();
                    exchange().resumeAnswer();
                }
            }
        }

        private void data(MemorySegment content) {
            if (place == NO_PLACE) {
                lane.listener.message(WebSocket.this, engine.isText(), content, engine.dataAt(), engine.dataLength(), engine.ends());
                return;
            }
            int to = have;
            have += (int) engine.dataLength();
            MemorySegment.copy(content, engine.dataAt(), lane.memory, lane.received.at(place) + to, engine.dataLength());
            if (engine.ends()) {
                int heard = place;      // whoever closes from within does not wipe it there and then
                int bytes = have;
                place = NO_PLACE;
                try {
                    lane.listener.message(WebSocket.this, engine.isText(), lane.memory, lane.received.at(heard), bytes, true);
                } finally {
                    lane.received.release(heard, bytes);
                }
            }
        }

        @Override
        public void end(Exchange of) {
            peerGone = true;
            exchange().resumeAnswer();
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long written = 0;
            while (written < room && !peerGone) {
                long bytes = engine.poll(output, at + written, room - written);
                if (bytes == 0) {
                    if (engine.payloadLeft() == 0) {
                        if (!next()) {
                            break;
                        }
                        continue;
                    }
                    bytes = Math.min(engine.payloadLeft(), room - written);
                    if (!lane.copy(WebSocket.this, output, at + written, (int) bytes)) {
                        return FAILED;
                    }
                    engine.passed(bytes);
                }
                written += bytes;
                if (engine.payloadLeft() == 0) {
                    lane.sent(WebSocket.this);
                }
            }
            if (behind && !engine.isHeld() && !paused && !wantsPlace) {
                lane.soon(WebSocket.this);
            }
            return written > 0 ? written : peerGone || engine.isOutputEnded() ? END : 0;
        }

        /// Begins the next message, or lets the close go behind the last one: what was sent before the peer closed, or failed, still goes.
        private boolean next() {
            if (engine.areMessagesEnded()) {
                return false;
            }
            switch (lane.next(WebSocket.this, engine.isClosing())) {
                case MESSAGE -> engine.begin(outbox.isText(), outbox.length());
                case OVERTAKEN -> {
                    engine.close(CloseCode.TRY_AGAIN_LATER, null);
                    giveUpWaiting();
                    ending();
                }
                case NOTHING -> {
                    if (!engine.isClosing() && closeCode == 0) {
                        return false;
                    }
                    engine.close(closeCode == 0 ? CloseCode.NONE : closeCode, closeReason);
                    engine.endMessages();
                    ending();
                }
            }
            return true;
        }

        @Override
        public void stopping(Exchange of) {
            closeNow(CloseCode.GOING_AWAY);
        }

        @Override
        public void ended(boolean complete) {
            int code = engine.isReadEnded() ? engine.closeCode() : CloseCode.ABNORMAL;
            releasePlace();
            exchange = null;
            number = 0;
            lane.clear(WebSocket.this);
            try {
                lane.listener.closed(WebSocket.this, code);
            } finally {
                renew();
                lane.left(WebSocket.this);
            }
        }
    }

    private void renew() {
        engine.reset();
        protocol = null;
        attachment = null;
        have = 0;
        paused = false;
        behind = false;
        closing = false;
        closeCode = 0;
        closeReason = null;
        peerGone = false;
        pinged = false;
    }

    /// {@return states, never what is said}
    @Override
    public String toString() {
        return "WebSocket[" + number + (closing ? ", closing" : "") + ", " + engine + "]";
    }
}
