package dev.coffer.server.websocket;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.http.websocket.CloseCode;
import dev.coffer.http.websocket.WebSocketEngine;
import dev.coffer.http.websocket.WebSocketHandshake;
import dev.coffer.http.websocket.WebSocketLimits;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.Signal;
import dev.coffer.server.hub.Lanes;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A hub's sockets of one loop, and what is on its way to them. Any thread puts messages in, under the monitor of this object, for as long as it takes to
/// copy one; the loop takes them out under the same one. What comes is the loop's alone.
///
/// ```
///   | sockets x 320 | messages x messageBytesMax | sends x sentBytesMax | broadcasts x sentBytesMax, a ring |
/// ```
final class WebSocketLane implements Handler, Lanes.Lane {
    private static final Ascii GET = Ascii.of("GET");
    private static final int RETRY_SECONDS = 1;
    private static final int REASON_BYTES_MAX = 123;
    private static final long TICK_NANOS_MIN = 10_000_000L;

    final WebSocketConfig config;
    final WebSocketListener listener;
    final int index;
    final MemorySegment memory;
    final Now now;
    final ReceivedMessages received;
    final SentMessages sent;                // under the monitor
    private final WebSocketHub hub;
    private final WebSocketHandshake handshake = new WebSocketHandshake();
    private final WebSocket[] sockets;
    private final WebSocket[] free;
    private final int[] closes;             // by slot: a code that another thread wants said, else 0
    private final SlotAccount socketAccount;
    private final Signal signal;
    private final Timer timer;
    private int freeCount;
    private boolean timed;
    private @Nullable WebSocket wantingFirst;  // for a place of a message to one
    private @Nullable WebSocket wantingLast;
    private @Nullable WebSocket soonFirst;     // who is to have a turn
    private long lost;
    private boolean closed;

    /// @param generation  that no number of its sockets has had
    WebSocketLane(WebSocketHub hub, Place place, int index, long generation) {
        this.hub = hub;
        this.config = hub.config();
        this.listener = hub.listener();
        this.index = index;
        MemoryPlan plan = plan(config);
        memory = place.carve(plan.totalBytes());
        received = new ReceivedMessages(this, config, memory, plan.offsetOf("received message"));
        sent = new SentMessages(config, memory, plan.offsetOf("sent message"), plan.offsetOf("message to all"));
        sockets = new WebSocket[config.sockets()];
        free = new WebSocket[sockets.length];
        closes = new int[sockets.length];
        WebSocketLimits limits = new WebSocketLimits(config.frameBytesMax(), config.messageBytesMax());
        for (int i = sockets.length - 1; i >= 0; i--) {
            sockets[i] = new WebSocket(this, i, new WebSocketEngine(limits, memory, (long) i * WebSocketEngine.BYTES), generation);
            free[freeCount++] = sockets[i];
        }
        socketAccount = new SlotAccount("websocket", WebSocketEngine.BYTES, sockets.length);
        place.account(socketAccount);
        place.account(received.account());
        place.account(sent.account());
        signal = place.signal(this::wake);
        timer = place.timer(this::sweep);
        now = place.now();
    }

    static MemoryPlan plan(WebSocketConfig config) {
        int count = config.sockets();
        return MemoryPlan.group("websockets",
                MemoryPlan.block("websocket", WebSocketEngine.BYTES, count, "an idle one holds no more"),
                ReceivedMessages.plan(config), SentMessages.placesPlan(config), SentMessages.broadcastsPlan(config))
                .withHeap(count * WebSocket.heapBytes(config) + 2 * HeapLayout.array(WebSocket.class, count) + HeapLayout.array(int.class, count)
                        + WebSocketHandshake.heapBytes());
    }

    // Handshakes.

    @Override
    public void handle(Exchange exchange) {
        RequestHead request = exchange.request();
        int status = WebSocketHandshake.judge(request);
        if (status != WebSocketHandshake.OPENS) {
            refuse(exchange, status);
            return;
        }
        if (!hub.isWelcome(request)) {
            exchange.respond(Status.FORBIDDEN);
            return;
        }
        listener.opening(exchange);
        if (exchange.isAnswered()) {
            return;
        }
        WebSocket socket = freeCount == 0 ? null : free[--freeCount];
        if (socket == null) {
            exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS).respond(Status.SERVICE_UNAVAILABLE);
            return;
        }
        socketAccount.taken();
        boolean opened = false;
        try {
            open(exchange, request, socket);
            opened = true;
        } finally {
            if (!opened) {
                left(socket);
            }
        }
        if (!timed) {
            timed = true;
            timer.arm(now.nanos() + tickNanos());
        }
        listener.opened(socket);
    }

    private static void refuse(Exchange exchange, int status) {
        if (status == Status.UPGRADE_REQUIRED) {
            exchange.field(FieldName.UPGRADE, WebSocketHandshake.WEBSOCKET).field(FieldName.SEC_WEBSOCKET_VERSION, WebSocketHandshake.VERSION);
        } else if (status == Status.METHOD_NOT_ALLOWED) {
            exchange.field(FieldName.ALLOW, GET);
        }
        exchange.respond(status);
    }

    private void open(Exchange exchange, RequestHead request, WebSocket socket) {
        Ascii protocol = WebSocketHandshake.protocol(request, hub.protocols());
        if (request.protocolLength() < 0) {
            long at = exchange.scratchAt();
            handshake.accept(request, exchange.scratch(), at);
            exchange.field(FieldName.SEC_WEBSOCKET_ACCEPT, exchange.scratch(), at, WebSocketHandshake.ACCEPT_BYTES);
        }
        if (protocol != null) {
            exchange.field(FieldName.SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        exchange.tunnel(WebSocketHandshake.WEBSOCKET, socket.carrier());
        synchronized (this) {
            socket.outbox.begin(sent.newest() + 1);
            closes[socket.slot()] = 0;
            socket.begin(exchange, protocol);
        }
    }

    /// A socket is nobody's any more.
    void left(WebSocket socket) {
        free[freeCount++] = socket;
        socketAccount.released();
    }

    // The loop's turns.

    private void wake() {
        for (int left = sockets.length; left > 0; left--) {
            WebSocket socket = takeSoon();
            if (socket == null) {
                return;
            }
            boolean done = false;
            try {
                socket.turn();
                done = true;
            } finally {
                if (!done) {
                    socket.abort();
                    signal.give();  // for those behind it
                }
            }
        }
        signal.give();  // connections have their turn, however fast others send
    }

    private synchronized @Nullable WebSocket takeSoon() {
        WebSocket socket = soonFirst;
        if (socket != null) {
            soonFirst = socket.nextSoon;
            socket.nextSoon = null;
            socket.isSoon = false;
        }
        return socket;
    }

    /// Has a socket have a turn. From any thread.
    void soon(WebSocket socket) {
        synchronized (this) {
            link(socket);
        }
        signal.give();
    }

    private void link(WebSocket socket) {
        if (!socket.isSoon) {
            socket.isSoon = true;
            socket.nextSoon = soonFirst;
            soonFirst = socket;
        }
    }

    private void sweep() {
        timed = freeCount < sockets.length;
        if (timed) {
            timer.arm(now.nanos() + tickNanos());
            for (WebSocket socket : sockets) {
                if (socket.isOpen()) {
                    socket.tick(now.nanos());
                }
            }
        }
    }

    private long tickNanos() {
        return Math.max(TICK_NANOS_MIN, Math.min(config.idleNanos(), Math.min(config.messageNanosMax(), config.closeNanosMax())) / 4);
    }

    // Messages that go: under the monitor, by any thread.

    void check(MemorySegment data, long at, long length) {
        Objects.checkFromIndexSize(at, length, data.byteSize());
        if (length > config.sentBytesMax()) {
            throw new IllegalArgumentException("message: " + length + " bytes, at most " + config.sentBytesMax());
        }
    }

    void checkClose(int code, @Nullable Ascii reason) {
        if (!CloseCode.isOnTheWire(code) || reason != null && reason.length() > REASON_BYTES_MAX) {
            throw new IllegalArgumentException("close: code " + code + ", " + (reason == null ? 0 : reason.length())
                    + " bytes of a reason (expected 1000..1003, 1007..1014 or 3000..4999, at most " + REASON_BYTES_MAX + ")");
        }
    }

    /// {@return whether a message to one socket was taken}
    synchronized boolean enqueue(WebSocket socket, boolean text, MemorySegment data, long at, long length) {
        if (closed || socket.outbox.isEnded()) {
            return false;
        }
        if (socket.outbox.isFull() || !sent.hasPlace()) {
            socket.isRefused = true;
            if (!socket.outbox.isFull()) {
                want(socket);
            }
            return false;
        }
        int place = sent.take(text, (int) length);
        boolean done = false;
        try {
            MemorySegment.copy(data, at, memory, sent.placeAt(place), length);
            socket.outbox.add(place);
            done = true;
        } finally {
            if (!done) {
                freePlace(place);
            }
        }
        return true;
    }

    /// {@return whether the socket of that number is there, and has taken the message}
    boolean send(long number, boolean text, MemorySegment data, long at, long length) {
        synchronized (this) {
            WebSocket socket = of(number);
            if (socket == null || closes[socket.slot()] != 0 || !enqueue(socket, text, data, at, length)) {
                return false;
            }
            link(socket);
        }
        signal.give();
        return true;
    }

    /// Puts a message to all in.
    void broadcast(boolean text, MemorySegment data, long at, long length) {
        synchronized (this) {
            if (closed) {
                return;
            }
            sent.broadcast(text, data, at, length);
            for (WebSocket socket : sockets) {
                if (socket.isOpen()) {
                    lost += socket.outbox.isOvertaken() ? 1 : 0;
                    link(socket);
                }
            }
        }
        signal.give();
    }

    boolean close(long number, int code) {
        synchronized (this) {
            WebSocket socket = of(number);
            if (socket == null) {
                return false;
            }
            if (closes[socket.slot()] == 0) {
                closes[socket.slot()] = code;
            }
            link(socket);
        }
        signal.give();
        return true;
    }

    private @Nullable WebSocket of(long number) {
        int slot = Lanes.slot(number);
        return !closed && slot < sockets.length && number != 0 && sockets[slot].number() == number ? sockets[slot] : null;
    }

    /// {@return a code that another thread wants said, else 0}
    synchronized int closeWanted(WebSocket socket) {
        return closes[socket.slot()];
    }

    /// {@return whether a message to one socket was refused and another one would be taken: told once}
    synchronized boolean takeRoom(WebSocket socket) {
        if (!socket.isRefused || socket.outbox.isEnded() || socket.outbox.isFull()) {
            return false;
        }
        if (!sent.hasPlace()) {
            want(socket);
            return false;
        }
        socket.isRefused = false;
        return true;
    }

    /// A socket that may have been called for a place has had its turn: what it has not taken is another one's.
    synchronized void passOn() {
        callWanting();
    }

    /// Nothing more is taken for a socket.
    synchronized void end(WebSocket socket) {
        socket.outbox.end();
    }

    /// Waits for a place, first come first served.
    private void want(WebSocket socket) {
        if (!socket.isWanting) {
            socket.isWanting = true;
            if (wantingLast == null) {
                wantingFirst = socket;
            } else {
                wantingLast.nextWanting = socket;
            }
            wantingLast = socket;
        }
    }

    /// A place is free: who has waited the longest has a turn.
    private void callWanting() {
        WebSocket first = wantingFirst;
        if (first != null && sent.hasPlace()) {
            wantingFirst = first.nextWanting;
            wantingLast = wantingFirst == null ? null : wantingLast;
            first.nextWanting = null;
            first.isWanting = false;
            link(first);
            signal.give();
        }
    }

    synchronized Outbox.Found next(WebSocket socket, boolean ownAlone) {
        return socket.outbox.next(ownAlone);
    }

    synchronized boolean copy(WebSocket socket, MemorySegment output, long at, int bytes) {
        return socket.outbox.copy(output, at, bytes);
    }

    /// A message has gone: who was refused for want of room may have some.
    synchronized void sent(WebSocket socket) {
        if (socket.outbox.sent() && socket.isRefused) {
            link(socket);
            signal.give();
        }
    }

    synchronized void dropWaiting(WebSocket socket) {
        socket.outbox.dropWaiting();
    }

    synchronized void clear(WebSocket socket) {
        socket.outbox.clear();
        socket.isRefused = false;
    }

    @Override
    public long nextGeneration() {
        long highest = 0;
        for (WebSocket socket : sockets) {
            highest = Math.max(highest, socket.generation());
        }
        return highest + 1;
    }

    /// A message to one has gone, or is given up.
    void freePlace(int place) {
        sent.release(place);
        callWanting();
    }

    synchronized long lostMessages() {
        return lost;
    }

    synchronized int open() {
        int count = 0;
        for (WebSocket socket : sockets) {
            count += socket.isOpen() ? 1 : 0;
        }
        return count;
    }

    @Override
    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Wipe.bytes(memory, 0, memory.byteSize());
    }
}
