package dev.coffer.server.events;

import dev.coffer.http.Ascii;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.hub.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Server-sent events: clients subscribe to it as a site, any thread publishes to all of them or sends to one.
///
/// ```java
/// EventHub hub = EventHub.of(EventConfig.standard());
/// Server.open(config, Router.of(Route.get("/events", hub)));
/// hub.publish("tick", "12:00");
/// ```
///
/// What is published is written once a loop, into a buffer of the last `broadcastEvents`, numbered from 1: the number is its id, and a
/// client that comes back with `Last-Event-ID` goes on behind it as far as the buffer reaches. A number that was not given yet
/// (the server began anew) means from now on. What is sent to one subscriber alone waits in a queue of its own, has no id, and overtakes
/// what is for all. Each arrives in the order of the calls. What happens to who reads too slowly is [EventConfig.WhenFull].
///
/// A stop of the server waits for open streams until `stopNanosMax`; [#endAll] before it ends them at once.
///
/// For any thread, and one server at a time; a caller waits while another one's event is copied. Over memory 0 heap bytes an event;
/// the forms of `String`s make its bytes. Queues are wiped when they are read or their stream ends, the buffer when it is written over or
/// the server closes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class EventHub extends Site {
    private static final Ascii LAST_EVENT_ID = Ascii.of("last-event-id");
    private static final int DIGITS_MAX = 18;
    private static final Subscriber NOBODY = (exchange, subscriber) -> {};

    private final EventConfig config;
    private final Subscriber subscriber;
    private final Lanes<EventLane> lanes = new Lanes<>("events", new EventLane[0]);

    private EventHub(EventConfig config, Subscriber subscriber) {
        this.config = Objects.requireNonNull(config);
        this.subscriber = Objects.requireNonNull(subscriber);
    }

    /// {@return a hub that nobody subscribes to yet}
    public static EventHub of(EventConfig config) {
        return of(config, NOBODY);
    }

    /// {@return a hub}
    ///
    /// @param subscriber  hears of each
    public static EventHub of(EventConfig config, Subscriber subscriber) {
        return new EventHub(config, subscriber);
    }

    EventConfig config() {
        return config;
    }

    Subscriber subscriber() {
        return subscriber;
    }

    /// Publishes an event to all subscribers.
    ///
    /// @param type  for the client's listeners; null for a plain message. ASCII, not held to after the call
    /// @param data  `length` bytes of UTF-8 at `at`, native or on the heap; each line end begins a new line
    /// @throws IllegalArgumentException  a type with a line end; more than `eventBytesMax`, with names, number and line ends
    ///                                   (caller's fault): nothing was published
    public void publish(@Nullable Ascii type, MemorySegment data, long at, long length) {
        EventText.checkType(type);
        Objects.checkFromIndexSize(at, length, data.byteSize());
        check(EventText.eventLength(Long.MAX_VALUE, type, data, at, length));
        synchronized (lanes) {      // the same numbers in every loop
            for (EventLane lane : lanes.all()) {
                lane.publish(false, type, data, at, length);
            }
        }
    }

    /// Publishes an event to all subscribers.
    ///
    /// @param type  ASCII; null for a plain message
    /// @throws IllegalArgumentException  as of the form over memory
    public void publish(@Nullable String type, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        publish(type == null ? null : Ascii.of(type), MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /// Says something to all subscribers that their clients skip.
    ///
    /// @throws IllegalArgumentException  more than `eventBytesMax` (caller's fault)
    public void comment(MemorySegment text, long at, long length) {
        Objects.checkFromIndexSize(at, length, text.byteSize());
        check(EventText.commentLength(text, at, length));
        synchronized (lanes) {
            for (EventLane lane : lanes.all()) {
                lane.publish(true, null, text, at, length);
            }
        }
    }

    /// Sends an event to one subscriber.
    ///
    /// @param to  its number, see [Subscriber]
    /// @return whether it is still there
    /// @throws IllegalArgumentException  as of [#publish]
    /// @throws IllegalStateException     `queueEvents` is 0 (caller's fault)
    public boolean send(long to, @Nullable Ascii type, MemorySegment data, long at, long length) {
        EventText.checkType(type);
        Objects.checkFromIndexSize(at, length, data.byteSize());
        int bytes = check(EventText.eventLength(EventText.NO_ID, type, data, at, length));
        EventLane lane = lanes.of(to);
        return lane != null && lane.send(to, bytes, type, data, at, length);
    }

    /// Sends an event to one subscriber.
    ///
    /// @return whether it is still there
    /// @throws IllegalArgumentException  as of [#publish]
    public boolean send(long to, @Nullable String type, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        return send(to, type == null ? null : Ascii.of(type), MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /// Ends a subscriber's stream, when what waits for it has been sent.
    ///
    /// @return whether it was still there
    public boolean end(long number) {
        EventLane lane = lanes.of(number);
        return lane != null && lane.end(number);
    }

    /// Ends all streams, when what waits for them has been sent.
    public void endAll() {
        for (EventLane lane : lanes.all()) {
            lane.endAll();
        }
    }

    /// {@return subscribers now}
    public int subscribers() {
        int sum = 0;
        for (EventLane lane : lanes.all()) {
            sum += lane.subscribers();
        }
        return sum;
    }

    /// {@return events that a subscriber did not get because it was too slow, of all of them since the start}
    public long lost() {
        long sum = 0;
        for (EventLane lane : lanes.all()) {
            sum += lane.lostEvents();
        }
        return sum;
    }

    /// {@return the number that a client says it has seen last (`Last-Event-ID`), -1 where it says none or no number}
    public static long lastEventId(Exchange exchange) {
        int index = exchange.request().find(LAST_EVENT_ID);
        int length = index < 0 ? 0 : exchange.request().valueLength(index);
        if (length == 0 || length > DIGITS_MAX) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = exchange.request().segment().get(ValueLayout.JAVA_BYTE, exchange.request().valueAt(index) + i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private int check(long bytes) {
        if (bytes > config.eventBytesMax()) {
            throw new IllegalArgumentException("event: " + bytes + " bytes, at most " + config.eventBytesMax());
        }
        return (int) bytes;
    }

    @Override
    public MemoryPlan plan(ServerConfig server, int exchanges) {
        return EventLane.plan(config, exchanges);
    }

    @Override
    public int timers() {
        return 1;
    }

    /// @throws IllegalStateException  it is another server's (caller's fault)
    @Override
    public Handler open(Place place) {
        return lanes.open(place, generation -> new EventLane(this, place, place.loop(), generation));
    }

    /// A stream that ends by itself, one that is refused, and one that was elsewhere before.
    @Override
    public Script rehearsal() {
        EventHub[] stage = new EventHub[1];
        stage[0] = of(EventConfig.standard().withSize(2, 256, 2, 2), (exchange, number) -> {
            stage[0].publish("all", "one\ntwo");
            stage[0].comment(MemorySegment.ofArray(new byte[] {'c'}), 0, 1);
            stage[0].send(number, null, "own");
            stage[0].end(number);
        });
        String end = " HTTP/1.1\r\nHost: a\r\n";
        return new Script(stage[0], List.of("GET /" + end + "\r\n", "GET /" + end + "Last-Event-ID: 1\r\n\r\n",
                "HEAD /" + end + "\r\n", "POST /" + end + "\r\n"));
    }
}
