package dev.coffer.http.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Up to ninety requests at a time to a server of few places, whose words come in any pieces and any order: sections before the instructions that they need,
/// heads that share one room, little credit. Who is polite has an answer to each; who also resets, stops, and gives the server no streams of its own, has one
/// to each that he left alone, or a connection closed for its load. No exception, nothing held, all zero. What breaks rules is `Http3FuzzTest`'s.
class HostileClientTest {
    private static final int TURNS_MAX = 20_000;
    private final Map<String, Integer> ends = new TreeMap<>();   // sessions by the code that closed them
    private int answered;
    private int blocked;                                         // sections that came before their instructions

    /// One connection and its client, who says each request piece by piece.
    private final class Session {
        private final SplittableRandom random;
        private final boolean polite;
        private final Http3Peer peer;
        private final Map<Long, byte[]> unsaid = new LinkedHashMap<>();
        private final Set<Long> asked = new TreeSet<>();
        private final Set<Long> brokenOff = new HashSet<>();
        private final int requests;
        private byte[] instructions = {};
        private int decoderRead;
        private int made;

        Session(SplittableRandom random, boolean polite) {
            this.random = random;
            this.polite = polite;
            boolean shared = one(4);
            Http3Config config = one(2) ? Http3Config.defaults().withTables(4096, 16, 0) : Http3Config.defaults();
            requests = 1 + random.nextInt(polite ? 90 : 60);
            int places = !polite && one(2) ? 1 + random.nextInt(20) : shared ? 64 : 128;
            peer = new Http3Peer(shared ? config.withHeadShareBytes(1024) : config, places, 256 << random.nextInt(5), 2048 << random.nextInt(3));
            peer.wire.unidirectionalMax = polite ? 3 : random.nextInt(4);
            peer.wire.creditEach = one(3) ? 20 + random.nextInt(300) : Long.MAX_VALUE / 2;
            peer.wire.creditUnidirectionalMin = polite ? 1024 : 0;  // RFC 9114, section 6.2: with less what the decoder says of sections has no room, which is a load of theirs
            peer.wire.piece = one(3) ? 1 + random.nextInt(60) : Integer.MAX_VALUE;
            peer.wire.pieceOut = one(3) ? 1 + random.nextInt(60) : Integer.MAX_VALUE;
        }

        private boolean one(int of) {
            return random.nextInt(of) == 0;
        }

        private boolean isOpen() {
            return peer.wire.closed == SimulatedStreams.NONE;
        }

        void run() {
            peer.hello();
            peer.encoder.settings(4096, 16);
            instructions = Http3Peer.join(Http3Peer.numbers(Frame.ENCODER), peer.instructions());
            for (int turn = 0; isOpen() && (made < requests || !unsaid.isEmpty() || instructions.length > 0); turn++) {
                assertTrue(turn < TURNS_MAX, "it does not come to its end");
                say();
                transport();
            }
            for (int i = 0; i < 50 && isOpen(); i++) {
                creditAll();
                turn();
                if (!polite) {
                    peer.pass(2_000_000_000);  // who stopped an answer may never end his words: their time is over then
                }
            }
            ends.merge(peer.closed(), 1, Integer::sum);
            check();
        }

        private void say() {
            int what = random.nextInt(10);
            if (what < 2 && made < requests) {
                unsaid.put(4L * made, request(4L * made));
                made++;
            } else if (what < 4 && instructions.length > 0) {
                int bytes = 1 + random.nextInt(Math.min(instructions.length, 80));
                peer.wire.send(Http3Peer.ENCODER, Arrays.copyOf(instructions, bytes), false);
                instructions = Arrays.copyOfRange(instructions, bytes, instructions.length);
            } else if (!unsaid.isEmpty()) {
                Long[] streams = unsaid.keySet().toArray(Long[]::new);
                more(streams[random.nextInt(streams.length)]);
            }
        }

        private byte[] request(long stream) {
            String path = switch (random.nextInt(4)) {
                case 0 -> "/";
                case 1 -> "/echo";
                case 2 -> "/" + random.nextInt(6000);
                default -> "/hints";
            };
            boolean content = path.equals("/echo") || one(4);
            String value = "v".repeat(1 + random.nextInt(60)) + random.nextInt(5);
            byte[] all = one(3) ? Http3Peer.request(content ? "POST" : "GET", path, "x-a", value)
                    : peer.remembered(stream, path, "x-a", value, "x-b", "w".repeat(random.nextInt(40)), "x-c", "z" + random.nextInt(3));
            byte[] more = peer.instructions();
            blocked += more.length > 0 ? 1 : 0;
            instructions = Http3Peer.join(instructions, more);
            for (int pieces = content ? 1 + random.nextInt(3) : 0; pieces > 0; pieces--) {
                all = Http3Peer.join(all, Http3Peer.data(1 + random.nextInt(900)));
            }
            all = one(6) ? Http3Peer.join(all, Http3Peer.frame(0x21, new byte[random.nextInt(20)])) : all;
            return content && one(4) ? Http3Peer.join(all, Http3Peer.frame(Frame.HEADERS, Http3Peer.section("x-t", "u"))) : all;
        }

        private void more(long stream) {
            byte[] left = unsaid.remove(stream);
            if (!polite && one(12)) {
                breakOff(stream);
                return;
            }
            int bytes = one(3) ? left.length : 1 + random.nextInt(Math.min(left.length, 100));
            peer.wire.send(stream, Arrays.copyOf(left, bytes), bytes == left.length);
            if (bytes < left.length) {
                unsaid.put(stream, Arrays.copyOfRange(left, bytes, left.length));
            }
            asked.add(stream);
        }

        private void breakOff(long stream) {
            if (one(2) || peer.wire.find(stream) == null) {
                peer.wire.resetByPeer(stream, 0x10c);
            } else {
                peer.wire.stopByPeer(stream, 0x10c);
            }
            brokenOff.add(stream);
        }

        private void transport() {
            if (one(3)) {
                turn();
            }
            if (one(5) && peer.wire.count() > 0) {
                credit(peer.wire.lane(random.nextInt(peer.wire.count())).id, random.nextInt(200));
            }
            if (!polite && one(60)) {
                peer.pass(random.nextInt(2_000_000_000));
            }
        }

        private void credit(long stream, long bytes) {
            if (polite || (stream & 2) == 0) {
                peer.wire.credit(stream, bytes);
            }
        }

        private void creditAll() {
            for (int i = 0; i < peer.wire.count(); i++) {
                credit(peer.wire.lane(i).id, 100_000);
            }
        }

        private void turn() {
            peer.run();
            for (int i = 0; i < peer.wire.count(); i++) {
                SimulatedStreams.Lane lane = peer.wire.lane(i);
                if ((lane.id & 3) == 3 && lane.sentLength > Math.max(1, decoderRead) && lane.sent[0] == Frame.DECODER) {
                    int from = Math.max(1, decoderRead);
                    assertEquals(QpackEncoder.TAKEN, peer.encoder.feed(MemorySegment.ofArray(lane.sent), from, lane.sentLength - from));
                    decoderRead = lane.sentLength;
                }
            }
        }

        private void check() {
            String closed = peer.closed();
            assertTrue(closed.equals("-") || !polite && (closed.equals("H3_NO_ERROR") || closed.equals("H3_EXCESSIVE_LOAD")), closed);
            if (!closed.equals("H3_EXCESSIVE_LOAD")) {
                asked.stream().filter(stream -> !brokenOff.contains(stream)).forEach(this::checkAnswered);
            }
            peer.engine.close();
            peer.checkNothingHeld();
            assertEquals(0, RawMemory.nonZero(peer.memory), "left of the connection");
        }

        private void checkAnswered(long stream) {
            SimulatedStreams.Lane lane = peer.wire.find(stream);
            boolean refused = lane.reset != SimulatedStreams.NONE || lane.stopped != SimulatedStreams.NONE;
            assertTrue(lane.ended || refused, () -> "stream " + stream + " has no end: " + peer.said(stream) + ", " + peer.engine);
            answered += refused ? 0 : 1;
        }
    }

    private void polite(SplittableRandom random) {
        new Session(random, true).run();
    }

    private void hostile(SplittableRandom random) {
        new Session(random, false).run();
    }

    @Test
    void inWhateverPiecesAPoliteClientSpeaksEachRequestHasItsEnd() {
        Seeds.forEach(1, 60, this::polite);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(answered > 1500 && blocked > 500, () -> answered + " answered, " + blocked + " blocked");
        }
    }

    @Test
    void whoBreaksOffHarmsNoOtherRequest() {
        Seeds.forEach(1, 120, this::hostile);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(ends.getOrDefault("H3_EXCESSIVE_LOAD", 0) > 3 && ends.getOrDefault("H3_NO_ERROR", 0) > 60 && answered > 1000,
                    () -> ends + ", answered " + answered);
        }
    }

    @Test
    @Tag("long")
    void politeClientsForLong() {
        LongRun.of("http3 polite clients", 100_000, this::polite);
        System.out.println("ends " + ends + ", answered " + answered + ", blocked " + blocked);
    }

    @Test
    @Tag("long")
    void clientsThatBreakOffForLong() {
        LongRun.of("http3 clients that break off", 100_000, this::hostile);
        System.out.println("ends " + ends + ", answered " + answered + ", blocked " + blocked);
    }
}
