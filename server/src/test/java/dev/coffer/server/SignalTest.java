package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.testkit.Eventually;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Tasks of a loop that any thread asks for.
@Timeout(600)
class SignalTest {
    private Signal signal;

    private final class Asked extends Site {
        private final Runnable task;

        Asked(Runnable task) {
            this.task = task;
        }

        @Override
        public Handler open(Place place) {
            signal = place.signal(task);
            return exchange -> exchange.respond(200);
        }
    }

    @Test
    void whatWasWrittenBeforeTheLastSignalIsSeenByTheTask() throws Exception {
        AtomicLong written = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        AtomicInteger elsewhere = new AtomicInteger();
        try (Server server = Server.open(ServerConfig.standard(), new Asked(() -> {
            seen.set(written.get());
            if (!Thread.currentThread().getName().startsWith("coffer-loop")) {
                elsewhere.incrementAndGet();
            }
        }))) {
            server.start();
            for (int round = 0; round < 20; round++) {
                CountDownLatch done = new CountDownLatch(4);
                for (int i = 0; i < 4; i++) {
                    Thread.ofPlatform().start(() -> {
                        for (int n = 0; n < 500; n++) {
                            written.incrementAndGet();
                            signal.give();
                        }
                        done.countDown();
                    });
                }
                Eventually.open(done);
                long all = written.get();
                Eventually.equal(all, seen::get);  // none is lost
            }
            assertEquals(0, elsewhere.get());
            assertEquals(0, server.count(Count.FAILED));
        }
        signal.give();  // comes to nothing
    }

    @Test
    void aTaskThatThrowsIsCountedAndHurtsNobody() throws Exception {
        CountDownLatch twice = new CountDownLatch(2);
        try (Server server = Server.open(ServerConfig.standard(), new Asked(() -> {
            twice.countDown();
            throw new IllegalStateException("on purpose");
        }))) {
            server.start();
            signal.give();
            Eventually.equal(1, () -> server.count(Count.FAILED));
            signal.give();
            Eventually.open(twice);
            try (Client client = new Client(server.address())) {
                assertEquals(200, client.get("/").status());
            }
        }
    }
}
