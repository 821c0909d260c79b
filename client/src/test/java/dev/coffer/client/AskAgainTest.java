package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.coffer.testkit.Eventually;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A call that ends asks another in its place; its place is free when that is told.
@Timeout(600)
class AskAgainTest {
    private static final ClientConfig ONE = ClientConfig.standard().withSize(1, 1, 1, 1);

    /// Asks again at each end, so often.
    private static final class Again extends Asked {
        private int left;
        private Call kept;
        private final boolean twice;
        final AtomicInteger refused = new AtomicInteger();
        final AtomicLong released = new AtomicLong();

        Again(String uri, int times, boolean twice) {
            super(dev.coffer.http.Method.GET, uri, null);
            this.left = times;
            this.twice = twice;
        }

        @Override
        public void head(Call call) {
            super.head(call);
            kept = call;
            if (left == 3) {
                refuses(call);  // not yet
            }
        }

        @Override
        public void end(Call call) {
            if (left-- > 0) {
                long renewed = call.askAgain(this, this);
                assertNotEquals(ticket, renewed);
                ticket = renewed;
                if (twice) {
                    refuses(call);
                }
            } else {
                super.end(call);
            }
        }

        @Override
        public void failed(Call call, Failure why) {
            kept = call;
            if (left-- > 0) {
                ticket = call.askAgain(this, this);
            } else {
                super.failed(call, why);
            }
        }

        @Override
        public void released() {
            refuses(kept);  // too late
            released.incrementAndGet();
        }

        /// Counts, as what is thrown here reaches no test.
        private void refuses(Call call) {
            try {
                call.askAgain(this, this);
            } catch (IllegalStateException e) {
                refused.incrementAndGet();
            }
        }
    }

    @Test
    void theOnlyCallGoesOnWithoutGivingItsPlaceAway() throws Exception {
        try (Peer peer = Peer.answering(Peer.OK); Client client = Client.open(ONE)) {
            for (boolean twice : new boolean[] {false, true}) {
                Again asked = new Again(peer.uri("/"), 3, twice);
                asked.by(client).await();
                assertEquals("ok".repeat(4), asked.text());
                Eventually.equal(1L, asked.released::get);
                assertEquals(twice ? 5 : 2, asked.refused.get(), "by the first head, by each of three ends and when it was over");
            }
            assertEquals(8, client.count(Client.Count.CALLS));
            assertEquals(8, client.count(Client.Count.ANSWERED));
        }
    }

    @Test
    void aCallThatFailedGoesOnToo() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            if (n == 2) {
                Peer.write(socket, Peer.OK);
            }
        }); Client client = Client.open(ONE)) {
            Again asked = new Again(peer.uri("/"), 9, false);
            asked.left = 2;
            asked.by(client).await();
            assertEquals("ok", asked.text());
            assertEquals(2, client.count(Client.Count.FAILED));
        }
    }

    @Test
    void inAClientThatHasStoppedNothingIsAskedAgain() throws Exception {
        try (Peer peer = new Peer((socket, n) -> {
            Peer.readHead(socket);
            socket.getInputStream().read();  // says nothing until the client has gone
        })) {
            Again asked = new Again(peer.uri("/"), 1, false);
            try (Client client = Client.open(ONE)) {
                asked.by(client);
                Eventually.holds("it is there", () -> client.connections() == 1);
            }
            assertEquals(Client.STOPPED, asked.ticket);
        }
    }
}
