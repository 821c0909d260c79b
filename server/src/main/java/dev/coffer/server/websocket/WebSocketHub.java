package dev.coffer.server.websocket;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.RequestHead;
import dev.coffer.http.websocket.WebSocketHandshake;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.hub.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A site at which clients open WebSockets, over HTTP/1.1 by upgrade and over HTTP/2 by extended CONNECT; and what any thread sends by.
///
/// ```java
/// WebSocketHub hub = WebSocketHub.of(WebSocketConfig.standard(), (socket, text, data, at, length, last) -> socket.send(text, data, at, length));
/// Server.open(config, Router.of(Route.get("/echo", hub)));
/// hub.broadcast("news");
/// ```
///
/// **Whose pages may open one.** A browser says from which page a handshake comes, and sends the user's cookies along: by default only pages of the same
/// host and port are welcome, and who is no browser ([WebSocketHandshake#isSameOrigin]); others hear 403. [#withOrigins] and [#withAnyOrigin] change that.
///
/// **Back-pressure.** What is sent is copied into planned memory, or refused at once: nobody waits. [WebSocket#send] and [#send] say no when the socket has as
/// many messages waiting as it may, or all places are lent; [WebSocketListener#sendable] says when there is room again. [#broadcast] never says no: it is
/// written once a loop, over the oldest, and who has not read that one yet loses it or is closed ([WebSocketConfig.WhenFull]). A socket that takes nothing
/// of what waits for it is ended by the server's patience (`graceNanos`, `bytesPerSecondMin`), so what it holds comes back.
///
/// **The end.** A stop of the server sends 1001 to all and waits for their answers, for `closeNanosMax` at most.
///
/// For any thread, and one server at a time; a caller waits while another one's message is copied. Memory is wiped when a message has gone, has been
/// heard, or is written over.
public final class WebSocketHub extends Site {
    private static final Ascii[] NONE = {};

    private final WebSocketConfig config;
    private final WebSocketListener listener;
    private final Ascii[] protocols;
    private final Ascii @Nullable [] origins;   // welcome beside this server's own; null for any
    private final Lanes<WebSocketLane> lanes = new Lanes<>("websocket", new WebSocketLane[0]);

    private WebSocketHub(WebSocketConfig config, WebSocketListener listener, Ascii[] protocols, Ascii @Nullable [] origins) {
        this.config = Objects.requireNonNull(config);
        this.listener = Objects.requireNonNull(listener);
        this.protocols = protocols;
        this.origins = origins;
    }

    /// {@return a hub for pages of the same origin, without subprotocols}
    ///
    /// @param listener  hears of each socket; shared by all loops
    public static WebSocketHub of(WebSocketConfig config, WebSocketListener listener) {
        return new WebSocketHub(config, listener, NONE, NONE);
    }

    /// {@return this hub, not yet opened, with subprotocols (RFC 6455, section 1.9): the first that a client lists and that is here is agreed on}
    ///
    /// @param names  tokens
    public WebSocketHub withProtocols(String... names) {
        return new WebSocketHub(config, listener, Arrays.stream(names).map(Ascii::of).toArray(Ascii[]::new), origins);
    }

    /// {@return this hub, not yet opened, for pages of other origins too}
    ///
    /// @param others  as browsers write them, `https://example.com`, compared octet for octet
    public WebSocketHub withOrigins(String... others) {
        return new WebSocketHub(config, listener, protocols, Arrays.stream(others).map(Ascii::of).toArray(Ascii[]::new));
    }

    /// {@return this hub, not yet opened, for pages of whatever origin: for what needs no cookie and is everybody's}
    public WebSocketHub withAnyOrigin() {
        return new WebSocketHub(config, listener, protocols, null);
    }

    WebSocketConfig config() {
        return config;
    }

    WebSocketListener listener() {
        return listener;
    }

    Ascii[] protocols() {
        return protocols;
    }

    boolean isWelcome(RequestHead request) {
        if (origins == null || WebSocketHandshake.isSameOrigin(request)) {
            return true;
        }
        int index = request.find(FieldName.ORIGIN);
        for (Ascii origin : origins) {
            if (request.valueIs(index, origin)) {
                return request.find(FieldName.ORIGIN, index + 1) < 0;
            }
        }
        return false;
    }

    /// Sends a message to one socket, see [WebSocket#send].
    ///
    /// @param to  its [WebSocket#number]
    /// @return whether it will be sent: not where the socket is gone or closing, or there is no room
    /// @throws IllegalArgumentException   more than `sentBytesMax` (caller's fault)
    /// @throws IndexOutOfBoundsException  not in the segment (caller's fault)
    public boolean send(long to, boolean text, MemorySegment data, long at, long length) {
        check(data, at, length);
        WebSocketLane lane = lanes.of(to);
        return lane != null && lane.send(to, text, data, at, length);
    }

    /// Sends text to one socket.
    ///
    /// @return as of the form over memory
    public boolean send(long to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return send(to, true, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /// Sends a message to all sockets that are open now, in every loop in the same order.
    ///
    /// @throws IllegalArgumentException   more than `sentBytesMax` (caller's fault): it is sent to nobody
    /// @throws IndexOutOfBoundsException  not in the segment (caller's fault)
    public void broadcast(boolean text, MemorySegment data, long at, long length) {
        check(data, at, length);
        synchronized (lanes) {
            for (WebSocketLane lane : lanes.all()) {
                lane.broadcast(text, data, at, length);
            }
        }
    }

    /// Sends text to all sockets that are open now.
    ///
    /// @throws IllegalArgumentException  as of the form over memory
    public void broadcast(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        broadcast(true, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private void check(MemorySegment data, long at, long length) {
        Objects.checkFromIndexSize(at, length, data.byteSize());
        if (length > config.sentBytesMax()) {
            throw new IllegalArgumentException("message: " + length + " bytes, at most " + config.sentBytesMax());
        }
    }

    /// Closes a socket, when what waits for it has been sent.
    ///
    /// @param code  see [dev.coffer.http.websocket.CloseCode#isOnTheWire]
    /// @return whether it was still there
    /// @throws IllegalArgumentException  another code (caller's fault)
    public boolean close(long number, int code) {
        WebSocketLane lane = lanes.of(number);
        if (lane != null) {
            lane.checkClose(code, null);
        }
        return lane != null && lane.close(number, code);
    }

    /// {@return sockets that are open now}
    public int sockets() {
        int sum = 0;
        for (WebSocketLane lane : lanes.all()) {
            sum += lane.open();
        }
        return sum;
    }

    /// {@return messages to all that a socket did not get because it was too slow, of all of them since the start}
    public long lost() {
        long sum = 0;
        for (WebSocketLane lane : lanes.all()) {
            sum += lane.lostMessages();
        }
        return sum;
    }

    @Override
    public MemoryPlan plan(ServerConfig server, int exchanges) {
        return WebSocketLane.plan(config);
    }

    @Override
    public int resting() {
        return config.sockets();
    }

    @Override
    public int timers() {
        return 1;
    }

    /// @throws IllegalStateException  it is another server's (caller's fault)
    @Override
    public Handler open(Place place) {
        return lanes.open(place, generation -> new WebSocketLane(this, place, place.loop(), generation));
    }

    /// Handshakes that are refused; a socket that echoes, is pinged, sent to by all ways, and closed.
    @Override
    public Script rehearsal() {
        return new Script(WebSocketRehearsal.stage(), WebSocketRehearsal.REQUESTS);
    }
}
