package dev.coffer.http.http3;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random sessions: right frames among wrong ones, in any pieces, on any streams, with resets, credit that comes late, applications that hold content and
/// times that pass. No exception, nothing held, nothing left in memory; every exchange has its end, and the transport's rules are kept.
class Http3FuzzTest {
    private static final Http3Config CONFIG = Http3Config.defaults().withLimits(Limits.defaults().withHead(400, 12).withBodyBytesMax(3000)).withStreamsMax(6)
            .withTables(200, 2, 200);
    private static final String[] PATHS = {"/", "/700", "/echo", "/hold", "/fail", "/hints", "/tunnel"};

    private final Map<String, Integer> ends = new TreeMap<>();   // sessions by the code that closed them
    private int answered;

    private void session(SplittableRandom random) {
        Http3Peer peer = new Http3Peer(CONFIG, 5, 1 + random.nextInt(200), CONFIG.outputBytesMin() + random.nextInt(300));
        peer.wire.piece = 1 + random.nextInt(60);
        peer.wire.pieceOut = 1 + random.nextInt(300);
        peer.wire.creditEach = random.nextInt(4) == 0 ? random.nextInt(500) : Long.MAX_VALUE / 2;
        peer.hello();
        peer.encoder.settings(200, 2);
        boolean gentle = random.nextBoolean();
        int streams = random.nextInt(3) == 0 ? 40 : 8;
        for (int i = random.nextInt(1, 4 * streams); i > 0 && !peer.engine.isEnded(); i--) {
            long stream = 4L * random.nextInt(streams);
            switch (gentle ? gentler(random) : random.nextInt(12)) {
                case 0, 1, 2 -> send(peer, random, stream, Http3Peer.request("POST", PATHS[random.nextInt(PATHS.length - 1)]), random.nextInt(2) == 0);
                case 3 -> send(peer, random, stream, Http3Peer.data(random.nextInt(400)), random.nextInt(3) == 0);
                case 4 ->
                    send(peer, random, stream, peer.remembered(stream, "/", "x" + random.nextInt(3), "v".repeat(random.nextInt(40))), random.nextBoolean());
                case 5 ->
                    send(peer, random, Http3Peer.ENCODER, peer.wire.find(Http3Peer.ENCODER) == null ? new byte[] {Frame.ENCODER} : peer.instructions(), false);
                case 6 -> send(peer, random, stream, Http3Peer.frame(random.nextInt(0x30), new byte[random.nextInt(9)]), false);
                case 7 ->
                    send(peer, random, stream, Http3Peer.frame(Frame.HEADERS, Http3Peer.section(":method", "CONNECT", ":protocol", "x", ":scheme", "https",
                            ":authority", "a", ":path", "/tunnel")), false);
                case 8 -> {
                    byte[] noise = new byte[random.nextInt(1, 20)];
                    for (int j = 0; j < noise.length; j++) {
                        noise[j] = (byte) (random.nextBoolean() ? random.nextInt(12) : random.nextInt(256));
                    }
                    send(peer, random, random.nextInt(4) == 0 ? 2 + 4L * random.nextInt(6) : stream, noise, false);
                }
                case 9 -> {
                    if (peer.wire.find(stream) != null && !peer.wire.find(stream).released) {
                        if (random.nextBoolean()) {
                            peer.reset(stream, random.nextInt(0x100, 0x112));
                        } else {
                            peer.wire.stopByPeer(stream, 0x10c);
                            peer.run();
                        }
                    }
                }
                case 10 -> peer.pass(random.nextLong(8_000_000_000L));
                default -> application(peer, random, stream);
            }
        }
        if (random.nextBoolean()) {
            peer.engine.shutdown(peer.now);
        }
        for (int i = 0; i < 40 && !peer.engine.isEnded(); i++) {  // time ends all of it
            peer.engine.deadlineNanos();
            peer.pass(10_000_000_000L);
            for (Http3Peer.Exchange exchange : peer.exchanges.values().toArray(new Http3Peer.Exchange[0])) {
                peer.engine.abort(exchange.stream);
            }
            peer.run();
        }
        if (!peer.engine.isEnded() || !peer.exchanges.isEmpty() || !peer.events.getLast().equals("CLOSED")) {
            throw new AssertionError(peer.engine + ", " + peer.exchanges.keySet() + ", " + peer.events);
        }
        ends.merge(peer.closed(), 1, Integer::sum);
        answered += (int) peer.events.stream().filter(event -> event.startsWith("SENT")).count();
        peer.checkNothingHeld();
        peer.engine.close();
        for (byte b : peer.memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                throw new AssertionError("something is left of the connection");
            }
        }
    }

    /// Seldom what ends a connection, so that others live longer: content anywhere, frames of any type, noise.
    private static int gentler(SplittableRandom random) {
        int kind = random.nextInt(12);
        return (kind == 3 || kind == 6 || kind == 8) && random.nextInt(40) > 0 ? 0 : kind;
    }

    private static void send(Http3Peer peer, SplittableRandom random, long stream, byte[] bytes, boolean fin) {
        SimulatedStreams.Lane lane = peer.wire.find(stream);
        if (lane != null && (lane.fin || lane.peerReset != SimulatedStreams.NONE)) {
            return;  // a client's transport sends nothing behind its end
        }
        int cut = random.nextInt(3) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
        peer.send(stream, java.util.Arrays.copyOf(bytes, cut));
        if (cut < bytes.length && random.nextInt(3) > 0) {
            peer.send(stream, java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
        }
        if (fin) {
            peer.end(stream);
        }
    }

    private static void application(Http3Peer peer, SplittableRandom random, long stream) {
        for (Http3Peer.Exchange exchange : peer.exchanges.values().toArray(new Http3Peer.Exchange[0])) {
            long there = peer.engine.dataLength(exchange.stream);
            if (exchange.held && there > 0) {
                exchange.take((int) Math.min(there, 1 + random.nextInt(50)));
            }
        }
        SimulatedStreams.Lane lane = peer.wire.find(stream);
        if (lane != null && !lane.released) {
            peer.wire.credit(stream, random.nextInt(600));
        }
        peer.run();
    }

    @Test
    void amongHundredsOfSessionsNoneDoesHarm() {
        Seeds.forEach(1, 500, this::session);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(ends.size() >= 6 && answered > 500, () -> ends + ", answered " + answered);
        }
        assertTrue(!ends.containsKey("H3_INTERNAL_ERROR"), ends::toString);
    }

    @Test
    @Tag("long")
    void amongMillionsOfSessionsNoneDoesHarm() {
        LongRun.of("http3", 1_000_000, this::session);
        System.out.println("ends " + ends + ", answered " + answered);
        assertTrue(!ends.containsKey("H3_INTERNAL_ERROR"), ends::toString);
    }
}
