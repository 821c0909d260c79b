package dev.coffer.server.events;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Answer;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// A hub's lane and a subscription of it, without sockets: what is under way when the buffer of all comes round.
class EventLaneTest {
    private static final EventConfig SMALL = EventConfig.standard().withSize(3, 128, 4, 2);

    /// A client has the half of an event when the buffer of all has come round: it is lost, and the stream ends; one event before that it is said whole, and what follows.
    @Test
    void whoIsOvertakenInTheMidstOfAnEventHasLostThatOne() throws Exception {
        byte[] event = "id: 1\ndata: halfhalf\n\n".getBytes(StandardCharsets.US_ASCII);
        for (int later = 3; later <= 4; later++) {
            MemorySegment output = MemorySegment.ofArray(new byte[1 << 10]);
            OneLane site = new OneLane(EventHub.of(SMALL.withTimes(0, 1_000_000_000L)));
            Server server = Server.open(ServerConfig.standard(), site);
            Subscription slow = new Subscription(site.lane, 0, 0, 1);
            slow.begin(null, 1);
            site.publish("halfhalf");
            assertEquals(event.length / 2, slow.body(output, 0, event.length / 2));
            for (int i = 0; i < later; i++) {
                site.publish("later");
            }
            if (later < SMALL.broadcastEvents()) {
                long rest = slow.body(output, event.length / 2, output.byteSize() - event.length / 2);
                assertEquals(event.length - event.length / 2 + later * "id: 2\ndata: later\n\n".length(), rest);
                assertArrayEquals(event, output.asSlice(0, event.length).toArray(ValueLayout.JAVA_BYTE));
                assertEquals(0, site.lane.lostEvents());
            } else {
                assertEquals(Answer.END, slow.body(output, 0, output.byteSize()));
                assertEquals(1, site.lane.lostEvents());
            }
            server.close();
        }
    }

    /// A hub's lane, at hand.
    private static final class OneLane extends Site {
        private final EventHub of;
        private EventLane lane;

        OneLane(EventHub of) {
            this.of = of;
        }

        @Override
        public MemoryPlan plan(ServerConfig config, int exchanges) {
            return of.plan(config, exchanges);
        }

        @Override
        public int timers() {
            return of.timers();
        }

        @Override
        public Handler open(Place place) {
            lane = new EventLane(of, place, 0, 1);
            return lane;
        }

        void publish(String text) {
            byte[] data = text.getBytes(StandardCharsets.US_ASCII);
            lane.publish(false, null, MemorySegment.ofArray(data), 0, data.length);
        }
    }
}
