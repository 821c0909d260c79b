package dev.coffer.http.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the connections of one loop lend their streams is shared: who takes all that is given leaves some for who comes later.
class Http2SharesTest {
    private static final int STREAMS = 64;
    private static final int WINDOWS = 16;

    private static Http2Peer first() {
        return new Http2Peer(Http2Config.defaults().withStreamsMax(1000), STREAMS, WINDOWS);
    }

    /// Asks for more streams than there are.
    ///
    /// @return how many it was given
    private static int greedy(Http2Peer peer, boolean uploads, int from) {
        long before = peer.events.stream().filter(event -> event.startsWith("REQUEST")).count();
        for (int i = 0; i < STREAMS + 1; i++) {
            if (uploads) {
                peer.post(from + 2 * i, "/hold");
            } else {
                peer.get(from + 2 * i, "/wait");
            }
        }
        return (int) (peer.events.stream().filter(event -> event.startsWith("REQUEST")).count() - before);
    }

    /// {@return what who takes all that is given gets of so many, one after the other}
    private static int share(int all) {
        int held = 1;
        while (4 * (all - held - 1) > held) {
            held++;
        }
        return held;
    }

    @Test
    void theShareIsFourFifthsAndNeverTheLastOne() {
        assertEquals(List.of(1, 1, 2, 3, 4, 12, 51, 102, 204),
                List.of(share(1), share(2), share(3), share(4), share(5), share(16), share(64), share(128), share(256)));
    }

    @ParameterizedTest
    @CsvSource({"false, 64", "true, 16"})
    void eachThatTakesAllItIsGivenLeavesSomeForTheNext(boolean uploads, int all) {
        Http2Peer peer = first().hello();
        int taken = greedy(peer, uploads, 1);
        assertEquals(share(all), taken, "the first leaves a fifth");
        for (int left = all - taken; left > 0; left -= taken) {
            Http2Peer next = new Http2Peer(peer).hello();
            taken = greedy(next, uploads, 1);
            assertEquals(share(left), taken, "of " + left + " that are left");
        }
        Http2Peer late = new Http2Peer(peer).hello();
        assertEquals(0, greedy(late, uploads, 1), "more connections than there are places");
        assertTrue(late.last().endsWith("REFUSED_STREAM"), late::last);
        peer.frame(Frame.RST_STREAM, 0, 1, Http2Peer.ints(8));
        assertEquals(1, greedy(late, uploads, 1 + 2 * (STREAMS + 1)), "the one that came free is a newcomer's");
    }

    /// Any order of connections, streams and ends: who has none is never refused while one is free, nobody has more than its share, and all comes back.
    @Test
    void whoHasNoneIsGivenOneWhileThereIsAny() {
        Seeds.forEach(1, 30, random -> {
            Http2Peer origin = first().hello();
            List<Http2Peer> peers = new ArrayList<>(List.of(origin));
            List<Integer> next = new ArrayList<>(List.of(1));
            for (int i = 0; i < 8; i++) {
                peers.add(new Http2Peer(origin).hello());
                next.add(1);
            }
            for (int step = 0; step < 300; step++) {
                int which = random.nextInt(random.nextBoolean() ? 2 : peers.size());
                Http2Peer peer = peers.get(which);
                int held = peer.engine.streams.count();
                if (held > 0 && random.nextInt(3) == 0) {
                    peer.frame(Frame.RST_STREAM, 0, peer.engine.streams.first.id, Http2Peer.ints(8));
                    continue;
                }
                long free = STREAMS - origin.streams.accounts().getFirst().usedBytes() / (origin.config.headBytes() + origin.config.fieldBytes());
                peer.get(next.get(which), "/wait");
                next.set(which, next.get(which) + 2);
                boolean given = held == 0 ? free > 0 : held < 4 * (free - 1);
                assertEquals(held + (given ? 1 : 0), peer.engine.streams.count(), "of " + free + " free, having " + held);
                assertTrue(peer.engine.streams.count() <= share(STREAMS));
            }
            peers.forEach(peer -> peer.engine.close());
            assertEquals(0, origin.streams.accounts().getFirst().usedBytes());
        });
    }
}
