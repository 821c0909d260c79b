package dev.coffer.server.events;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.ObjectBytes;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;

/// The objects that a loop's hub is planned with are those that JOL counts.
class EventPlanTest {
    @Test
    void theHeapColumnIsWhatJolCounts() {
        for (EventConfig config : new EventConfig[] {EventConfig.standard(), EventConfig.standard().withSize(7, 512, 9, 5)}) {
            for (int exchanges : new int[] {1, 5, 64, 5000}) {
                int count = Math.min(exchanges, config.subscribers());
                long one = ClassLayout.parseClass(Subscription.class).instanceSize() + 2 * bytes(new int[config.queueEvents()]);
                long all = count * one + 2 * bytes(new Subscription[count]) + bytes(new int[config.broadcastEvents()]);
                assertEquals(all, EventLane.plan(config, exchanges).heapBytes(), config + " of " + exchanges);
            }
        }
    }

    private static long bytes(Object array) {
        return ObjectBytes.of(array);
    }
}
