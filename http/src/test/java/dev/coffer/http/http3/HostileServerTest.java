package dev.coffer.http.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Method;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A server that says anything to a client that asks and asks again: right heads among wrong ones, on its control stream and QPACK's too, with resets, stops,
/// GOAWAYs, little credit and time that passes. No exception, codes of the protocol only, every connection ends by its times, nothing is held, and all is zero.
class HostileServerTest {
    private static final Method[] METHODS = {Method.GET, Method.HEAD, Method.POST};
    private static final int STEPS_MAX = 60;
    private static final int TURNS_MAX = 60;              // until its times have ended it
    private static final long CONTROL = 3;
    private final Map<String, Integer> ends = new TreeMap<>();   // sessions by the code that closed them
    private int answered;

    /// One connection and what is said to it.
    private final class Session {
        private final SplittableRandom random;
        private final boolean gentle;       // it mostly answers as it should
        private final Http3Caller client = new Http3Caller();
        private final Set<Long> discarded = new HashSet<>();

        Session(SplittableRandom random) {
            this.random = random;
            gentle = one(2);
            client.wire.piece = one(3) ? 1 + random.nextInt(40) : Integer.MAX_VALUE;
            client.wire.pieceOut = one(3) ? 1 + random.nextInt(40) : Integer.MAX_VALUE;
            client.wire.creditEach = one(3) ? random.nextInt(400) : Long.MAX_VALUE / 2;
            client.wire.unidirectionalMax = one(2) ? random.nextInt(4) : 3;
        }

        private boolean one(int of) {
            return random.nextInt(of) == 0;
        }

        void run() {
            if (gentle || !one(8)) {
                client.hello();
            }
            for (int i = 0; i < STEPS_MAX && isOpen(); i++) {
                step(4L * random.nextInt(10));
            }
            if (one(2) && !client.engine.isEnded()) {
                client.engine.shutdown(client.now);
                client.run();
            }
            timeEndsIt();
            answered += (int) client.calls.values().stream().filter(call -> client.events.contains("END " + call.stream)).count();
            ends.merge(client.closed(), 1, Integer::sum);
            client.checkNothingHeld();
            client.engine.close();
            assertEquals(0, RawMemory.nonZero(client.memory), "left of the connection");
        }

        private boolean isOpen() {
            return !client.engine.isEnded() && client.wire.closed == SimulatedStreams.NONE;
        }

        private void step(long stream) {
            SimulatedStreams.Lane lane = client.wire.find(stream);
            boolean there = lane != null && !lane.released;
            switch (random.nextInt(14)) {
                case 0, 1, 2 -> ask();
                case 3, 4, 5, 6, 7, 8 -> answer(stream);
                case 9 -> {
                    if (there) {
                        breakOff(stream);
                    }
                }
                case 10 -> control();
                case 11 -> streams();
                case 12 -> client.pass(random.nextLong(4_000_000_000L));
                default -> {
                    if (there) {
                        client.wire.credit(stream, random.nextInt(500));
                    }
                    giveUpOne();
                }
            }
        }

        private void ask() {
            int method = random.nextInt(METHODS.length);
            client.call(METHODS[method], "/", METHODS[method] == Method.POST ? random.nextInt(500) : 0);
        }

        private void answer(long stream) {
            SimulatedStreams.Lane lane = client.wire.find(stream);
            if (lane != null && !lane.fin && lane.peerReset == SimulatedStreams.NONE) {
                boolean wild = !gentle || one(50);
                client.says(stream, one(wild ? 5 : 3), wild ? words() : lane.queued == 0 ? head(":status", "200", "x", "y".repeat(random.nextInt(50)))
                        : one(8) ? Http3Peer.frame(0x21, new byte[random.nextInt(30)]) : Http3Peer.data(random.nextInt(300)));
            }
        }

        private void breakOff(long stream) {
            int code = random.nextInt(0x100, 0x112);
            if (one(2)) {
                client.wire.resetByPeer(stream, code);
            } else {
                client.wire.stopByPeer(stream, code);
            }
            client.run();
        }

        private void control() {
            SimulatedStreams.Lane lane = client.wire.find(CONTROL);
            if (lane != null && !lane.fin) {
                byte[] goaway = Http3Peer.frame(Frame.GOAWAY, Http3Peer.numbers(4L * random.nextInt(12)));
                client.says(CONTROL, false, one(4) ? goaway : !gentle && one(3) ? words() : Http3Peer.frame(0x21));
            }
        }

        private void streams() {
            if (!gentle || one(20)) {
                client.says(7 + 4L * random.nextInt(4), false, one(2) ? Http3Peer.numbers(random.nextInt(5)) : noise(1));
            }
        }

        private void giveUpOne() {
            Object[] calls = client.calls.keySet().toArray();
            if (calls.length > 0 && one(4)) {
                giveUp((long) calls[random.nextInt(calls.length)], one(2));
            }
            client.run();
        }

        private void giveUp(long call, boolean discard) {
            if (discarded.contains(call) || client.events.contains("END " + call)
                    || client.events.stream().anyMatch(event -> event.startsWith("ABORTED " + call + " "))) {
                return;  // it is over, and its number is no caller's any more
            }
            if (discard) {
                discarded.add(call);  // whose end is not told
                client.engine.discard(call);
            } else {
                client.engine.abort(call);
            }
        }

        private void timeEndsIt() {
            for (int i = 0; i < TURNS_MAX && !client.engine.isEnded(); i++) {
                client.pass(20_000_000_000L);
            }
            assertTrue(client.engine.isEnded(), () -> "no time ends " + client.engine);
        }

        private byte[] words() {
            return switch (random.nextInt(16)) {
                case 0, 1, 2 -> head(":status", one(8) ? "103" : "200", "content-type", "text/plain");
                case 3 -> head(":status", "" + (100 + random.nextInt(3)), "x", "y".repeat(random.nextInt(50)));
                case 4, 5, 6, 7 -> Http3Peer.data(random.nextInt(300));
                case 8 -> head("x-t", "u");
                case 9 -> Http3Peer.frame(0x21, new byte[random.nextInt(30)]);
                case 10 -> Http3Peer.frame(random.nextInt(0x30), new byte[random.nextInt(9)]);
                case 11 -> head(":status", "200", "content-length", "" + random.nextInt(300));
                case 12 -> head(":status", "204");
                case 13 -> noise(1 + random.nextInt(12));
                case 14 -> head(":status", "200", "x", "z".repeat(9000));
                default -> Http3Peer.frame(Frame.HEADERS, (byte) random.nextInt(4), (byte) random.nextInt(4), (byte) random.nextInt(), (byte) random.nextInt());
            };
        }

        private static byte[] head(String... namesAndValues) {
            return Http3Peer.frame(Frame.HEADERS, Http3Peer.section(namesAndValues));
        }

        private byte[] noise(int bytes) {
            byte[] noise = new byte[bytes];
            random.nextBytes(noise);
            return noise;
        }
    }

    private void session(SplittableRandom random) {
        new Session(random).run();
    }

    @Test
    void whateverAServerSaysAConnectionEndsByARuleOrByItsTimes() {
        Seeds.forEach(1, 400, this::session);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(ends.size() >= 8 && ends.containsKey("H3_FRAME_UNEXPECTED") && ends.containsKey("QPACK_DECOMPRESSION_FAILED")
                    && ends.containsKey("H3_ID_ERROR") && ends.getOrDefault("H3_NO_ERROR", 0) > 20, ends::toString);
            assertTrue(answered > 100, () -> answered + " answered");
        }
        assertTrue(!ends.containsKey("H3_INTERNAL_ERROR"), ends::toString);
    }

    @Test
    @Tag("long")
    void whateverAServerSaysForLong() {
        LongRun.of("http3 hostile servers", 100_000, this::session);
        System.out.println("ends " + ends + ", answered " + answered);
        assertTrue(!ends.containsKey("H3_INTERNAL_ERROR"), ends::toString);
    }
}
