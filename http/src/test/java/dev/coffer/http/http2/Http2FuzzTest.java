package dev.coffer.http.http2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random and mutated frames, in pieces, with time that passes and output that is read or not: no exception, no hang, nothing that is held when all
/// is over, every exchange ended once.
class Http2FuzzTest {
    private static final Http2Config SMALL = Http2Config.defaults().withStreamsMax(4).withWindowBytes(1024)
            .withLimits(new Limits(100, 200, 400, 10, 3000, 1_000_000_000L, 1_000_000_000L, 700_000_000L, 100)).withSentHeadBytesMax(256);
    private static final String[] PATHS = {"/", "/echo", "/wait", "/hold", "/fail", "/2000", "/throw", "bad"};

    private static void session(SplittableRandom random) {
        session(random, random.nextBoolean());
    }

    /// @param rests  the connection is at rest whenever it can be
    private static Http2Peer session(SplittableRandom random, boolean rests) {
        Http2Peer peer = new Http2Peer(SMALL, 3, 2);
        if (rests) {
            peer.rests = new Http2Rests(1 + random.nextInt(3), peer.arena.allocate(Http2Rests.plan(3).totalBytes(), 64), 0);
        } else {
            random.nextInt(3);
        }
        peer.piece = random.nextInt(4) == 0 ? 1 : random.nextInt(1, 200);
        peer.room = random.nextInt(4) == 0 ? SMALL.outputBytesMin() : 1 << 14;
        if (random.nextInt(20) == 0) {
            peer.send(bytes(random, 40));
        } else {
            peer.hello();
            if (random.nextInt(4) == 0) {
                peer.frame(Frame.SETTINGS, 0, 0, Http2Peer.setting(Frame.INITIAL_WINDOW_SIZE, random.nextInt(20)));
            }
        }
        int highest = 1;
        for (int i = random.nextInt(30); i > 0; i--) {
            int stream = random.nextInt(3) == 0 ? (highest += 2) : random.nextInt(6) == 0 ? random.nextInt(12) : highest;
            peer.reads = random.nextInt(8) != 0;
            switch (random.nextInt(17)) {
                case 0, 1 -> peer.get(stream, PATHS[random.nextInt(PATHS.length)], "x", "y".repeat(random.nextInt(250)));
                case 2, 3 -> peer.post(stream, PATHS[random.nextInt(PATHS.length)]);
                case 4, 5 -> peer.data(stream, random.nextBoolean(), random.nextInt(600));
                case 6 -> peer.frame(Frame.WINDOW_UPDATE, 0, random.nextBoolean() ? 0 : stream,
                        Http2Peer.ints(random.nextInt(5) == 0 ? random.nextInt() : random.nextInt(3000)));
                case 7 -> peer.frame(Frame.RST_STREAM, 0, stream, Http2Peer.ints(8));
                case 8 -> peer.frame(Frame.SETTINGS, 0, 0,
                        Http2Peer.setting(random.nextInt(1, 7), random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(20_000)));
                case 9 -> peer.frame(random.nextInt(18), random.nextInt(256), random.nextInt(10), bytes(random, random.nextInt(60)));
                case 10 -> peer.frame(Frame.HEADERS, random.nextInt(256) & ~Frame.PADDED, stream, bytes(random, random.nextInt(60)));
                case 11 -> {
                    peer.pass(random.nextLong(1_500_000_000L));
                    if (peer.engine.deadlineNanos() <= peer.now) {
                        throw new AssertionError("a time that is over is due again: " + peer.said());
                    }
                }
                case 12 -> peer.exchanges.values().stream().findFirst().ifPresent(exchange -> act(peer, exchange, random));
                case 13 -> {
                    peer.frame(Frame.HEADERS, random.nextInt(2), highest += 2, Http2Peer.request("POST", "/wait"));
                    peer.engine.deadlineNanos();
                    if (!peer.engine.isEnded()) {
                        peer.pass(random.nextLong(1_100_000_000L));
                    }
                    if (!peer.engine.isEnded()) {
                        peer.frame(Frame.CONTINUATION, Frame.END_HEADERS, highest);
                    }
                }
                case 14, 15 -> peer.remembered(stream, "/", "x-" + random.nextInt(20), "y".repeat(random.nextInt(random.nextInt(4) == 0 ? 250 : 40)));
                default -> {
                    byte[] frame = Http2Peer.frameBytes(Frame.HEADERS, 5, stream, 60, Http2Peer.get("/"));
                    frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
                    peer.send(frame);
                }
            }
            if (peer.engine.isEnded()) {
                break;
            }
        }
        peer.reads = true;
        peer.turn();
        end(peer, random);
        return peer;
    }

    private static void act(Http2Peer peer, Http2Peer.Exchange exchange, SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> peer.engine.abort(exchange.stream);
            case 1 -> peer.engine.discard(exchange.stream);
            case 2 -> peer.engine.resume(exchange.stream);
            default -> {
                if (peer.engine.dataLength(exchange.stream) > 0) {
                    exchange.take(1 + random.nextInt((int) peer.engine.dataLength(exchange.stream)));
                }
            }
        }
        peer.turn();
    }

    private static void end(Http2Peer peer, SplittableRandom random) {
        int way = random.nextInt(4);
        if (way == 0) {
            peer.engine.disconnect(peer.now);
        } else if (way == 1) {
            peer.engine.shutdown(peer.now);
        } else if (way == 2 && !peer.engine.isEnded()) {
            peer.engine.feedEnd(peer.now);
        } else {
            letItEnd(peer);
        }
        peer.turn();
        if (way == 0 && (!peer.engine.isEnded() || !peer.exchanges.isEmpty() || !peer.events.getLast().equals("CLOSED"))) {
            throw new AssertionError("an end without its events: " + peer.events);
        }
        peer.engine.close();
        for (MemorySegment memory : new MemorySegment[] {peer.memory, peer.sharedMemory}) {
            for (byte b : memory.toArray(ValueLayout.JAVA_BYTE)) {
                if (b != 0) {
                    throw new AssertionError("something is left in memory");
                }
            }
        }
        peer.streams.accounts().forEach(account -> {
            if (account.usedBytes() != 0) {
                throw new AssertionError(account + " holds something");
            }
        });
    }

    /// Everything is answered or given up, and the client says nothing more: by time alone the connection ends, and with it whatever it holds.
    private static void letItEnd(Http2Peer peer) {
        for (int i = 0; i < 40 && !peer.engine.isEnded(); i++) {
            List.copyOf(peer.exchanges.values()).forEach(exchange -> {
                if (exchange.path.equals("/wait") || exchange.path.equals("/hold")) {
                    peer.engine.abort(exchange.stream);
                }
            });
            peer.pass(1_000_000_000L);
        }
        if (!peer.engine.isEnded() || !peer.exchanges.isEmpty() || peer.streams.accounts().stream().anyMatch(account -> account.usedBytes() != 0)) {
            throw new AssertionError("it never ends: " + peer.engine + " " + peer.events + " " + peer.said());
        }
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void amongThousandsOfSessionsNoneDoesHarm() {
        Seeds.forEach(1, 6000, Http2FuzzTest::session);
    }

    @Test
    void aConnectionThatRestsWheneverItCanSaysTheSameOctets() {
        int[] rested = new int[1];
        Seeds.forEach(1, 2000, random -> {
            long seed = random.nextLong();
            Http2Peer peer = session(new SplittableRandom(seed), true);
            assertArrayEquals(session(new SplittableRandom(seed), false).raw.toByteArray(), peer.raw.toByteArray(), () -> peer.said().toString());
            rested[0] += peer.rested;
        });
        assertTrue(rested[0] > 2000, "rested " + rested[0] + " times");
    }

    @Test
    @Tag("long")
    void amongMillionsOfSessionsNoneDoesHarm() {
        LongRun.of("http2", 3_000_000L, Http2FuzzTest::session);
    }
}
