package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.tls.TlsServerConfig;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A peer that has the keys and says anything in its packets, at every level, from any address, with key updates, gaps and packets that come twice, to a
/// connection whose application opens, reads, writes, resets and releases meanwhile. No exception, codes of the standard only, an end by a rule or by its own
/// times, nothing held, nothing left in memory, and a stream's row for as long as its application has it.
class HostileFramesTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final long MILLI = 1_000_000;
    private static final int STEPS_MAX = 400;
    private static final int DEADLINES_MAX = 1000;    // until its times have ended it
    private static final int CLIENT = 0x0a000002;
    private static final int SERVER = 0x0a000001;
    private static final int CLIENT_PORT = 5000;
    private static final int SERVER_PORT = 443;
    private static final int ROOM = 1 << 16;
    private final MemorySegment wire = Arena.ofAuto().allocate(2 * ROOM);
    private final MemorySegment packet = Arena.ofAuto().allocate(2000);
    private final MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
    private final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
    private final Map<String, Integer> closes = new TreeMap<>();   // sessions by the code of their end
    private long steps;
    private int whole;                                             // that no rule ended within all steps
    private Ends ends;
    private boolean toServer;
    private QuicConfig config;

    @AfterEach
    void close() {
        if (ends != null) {
            ends.close();
        }
    }

    /// One connection, from its handshake to its end.
    private final class Session {
        private final SplittableRandom random;
        private final boolean gentle;
        private final HostileFrames frames;
        private final QuicConnection target = toServer ? ends.server : ends.client;
        private final QuicConnection peer = toServer ? ends.client : ends.server;
        private final Set<Long> known = new TreeSet<>();   // streams that the application has
        private long now = 1000 * MILLI;

        Session(SplittableRandom random) {
            this.random = random;
            gentle = !one(3);
            frames = new HostileFrames(random, toServer, gentle, Math.min(8, config.streamsBidi()));
        }

        private boolean one(int of) {
            return random.nextInt(of) == 0;
        }

        void run() {
            ends.seed(random.nextLong());
            ends.server.reset(now);
            ends.client.reset(now);
            handshake();
            for (int i = 0; i < STEPS_MAX && target.c.phase == Connection.OPEN; i++) {
                step();
            }
            whole += target.c.phase == Connection.OPEN ? 1 : 0;
            timeEndsIt();
            count();
            ends.server.reset(now);
            ends.client.reset(now);
            assertEquals(0, ends.held());
            Ends.assertWiped(toServer ? ends.serverLoop : ends.clientLoop, TlsServerConfig.defaults().suites());
        }

        private void count() {
            long code = target.closeCode();
            assertTrue(code != TransportError.INTERNAL_ERROR || target.isClosedByPeer(), target::toString);
            closes.merge(target.isClosedByPeer() ? "by its peer" : Long.toHexString(code), 1, Integer::sum);
        }

        private void handshake() {
            NetworkPath.ipv4(path, 0, SERVER, SERVER_PORT, CLIENT, CLIENT_PORT);
            assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
            int early = !gentle && one(4) ? random.nextInt(6) : -1;
            for (int i = 0; i < 8; i++) {
                for (int packets = i == early ? 6 : 0; packets > 0; packets--) {
                    early();
                }
                datagrams(ends.client).forEach(datagram -> feed(ends.server, datagram, CLIENT, CLIENT_PORT));
                datagrams(ends.server).forEach(datagram -> feed(ends.client, datagram, SERVER, SERVER_PORT));
                now += 5 * MILLI;
                ends.client.onDeadline(now);
                ends.server.onDeadline(now);
            }
        }

        /// Hostile words at the handshake's levels.
        private void early() {
            ByteArrayOutputStream words = new ByteArrayOutputStream();
            for (int i = random.nextInt(3); i >= 0; i--) {
                frames.early(words, target.c);
            }
            say(words, random.nextInt(3), 0, 0);
        }

        private void step() {
            steps++;
            ByteArrayOutputStream words = new ByteArrayOutputStream();
            for (int i = random.nextInt(5); i >= 0; i--) {
                frames.write(words, target.c);
            }
            say(words, 2, toServer && one(12) ? random.nextInt(3) : 0, toServer && one(12) ? random.nextInt(3) : 0);
            if (one(100) && peer.c.phase == Connection.OPEN && peer.c.seals(2)) {
                peer.c.sealing(2).update();
            }
            application();
            if (one(3)) {
                hear();
            }
            if (one(4)) {
                now += random.nextInt(one(10) ? 3000 : 60) * MILLI;
                target.onDeadline(now);
            }
        }

        /// @param moved    added to the client's address
        /// @param another  added to its port
        private void say(ByteArrayOutputStream words, int space, int moved, int another) {
            if (words.size() == 0 || words.size() > 1300 || peer.c.phase != Connection.OPEN || peer.c.spaceAt(space) < 0 || !peer.c.seals(space)) {
                return;
            }
            byte[] sealed = seal(words.toByteArray(), space);
            for (int times = one(10) ? 2 : 1; times > 0; times--) {
                feed(target, sealed, (toServer ? CLIENT : SERVER) + moved, (toServer ? CLIENT_PORT : SERVER_PORT) + another);
            }
        }

        private byte[] seal(byte[] words, int space) {
            Connection c = peer.c;
            long number = PacketSpace.use(c.memory, c.spaceAt(space));
            if (one(40)) {
                PacketSpace.use(c.memory, c.spaceAt(space));    // a number that is never said
            }
            long numberAt = header(c, space, number);
            MemorySegment.copy(words, 0, packet, BYTE, numberAt + 4, words.length);
            long textEnd = Math.max(numberAt + 4 + words.length, space == 0 ? 1200 - 16 : 0);
            packet.asSlice(numberAt + 4 + words.length, textEnd - numberAt - 4 - words.length).fill((byte) 0);
            if (space < 2) {
                PacketWriter.length(packet, numberAt, textEnd);
            }
            long end = c.sealing(space).seal(packet, 0, numberAt, number, textEnd);
            return packet.asSlice(0, end).toArray(BYTE);
        }

        private long header(Connection c, int space, long number) {
            return switch (space) {
                case 0 ->
                    PacketWriter.initial(packet, 0, c.version, c.memory, c.peerIdAt(), LocalIds.at(c, 0), c.memory,
                            c.handshakeAt + ConnectionLayout.TOKEN, 0, number, 4);
                case 1 -> PacketWriter.longHeader(packet, 0, c.version, PacketType.HANDSHAKE, c.memory, c.peerIdAt(), LocalIds.at(c, 0), number, 4);
                default -> PacketWriter.shortHeader(packet, 0, c.memory, c.peerIdAt(), number, 4, false);
            };
        }

        private void feed(QuicConnection to, byte[] datagram, int host, int port) {
            MemorySegment.copy(datagram, 0, wire, BYTE, ROOM, datagram.length);
            DatagramHeader.ecn(header, 0, random.nextInt(4));
            boolean client = to == ends.client;
            NetworkPath.ipv4(header, DatagramHeader.PATH, host, port, client ? CLIENT : SERVER, client ? CLIENT_PORT : SERVER_PORT);
            to.feed(wire, ROOM, datagram.length, header, 0, now);
        }

        private List<byte[]> datagrams(QuicConnection from) {
            List<byte[]> all = new ArrayList<>();
            for (long bytes; (bytes = from.pollOutput(wire, 0, 20_000, header, 0, now)) > 0;) {
                int segment = DatagramHeader.segmentBytes(header, 0);
                for (long at = 0; at < bytes; at += segment) {
                    all.add(wire.asSlice(at, Math.min(segment, bytes - at)).toArray(BYTE));
                }
                assertTrue(all.size() < 5000, "it speaks for ever");
            }
            return all;
        }

        /// What the connection says; of three times the true peer hears it twice.
        private void hear() {
            List<byte[]> said = datagrams(target);
            if (!one(3)) {
                said.forEach(datagram -> feed(peer, datagram, toServer ? SERVER : CLIENT, toServer ? SERVER_PORT : CLIENT_PORT));
            }
        }

        private void application() {
            for (QuicEvent event; (event = target.pollEvent()) != null;) {
                for (long id; event == QuicEvent.STREAMS && (id = target.pollReady()) >= 0;) {
                    known.add(id);
                }
            }
            if (!target.isConnected()) {
                return;
            }
            if (one(10)) {
                long id = target.open(random.nextBoolean());
                known.addAll(id < 0 ? Set.of() : Set.of(id));
            }
            known.removeIf(this::use);
        }

        /// {@return whether the stream was released}
        private boolean use(long stream) {
            assertTrue(Streams.find(target.c, stream) >= 0, "the row of a stream that is not released is gone");
            boolean ours = (stream & 1) == (toServer ? 1 : 0);
            boolean reads = (stream & 2) == 0 || !ours;
            boolean writes = (stream & 2) == 0 || ours;
            int what = random.nextInt(9);
            if (reads && what < 3) {
                read(stream);
            } else if (reads && what == 3 && one(6)) {
                target.stopSending(stream, 6);
            } else if (writes && (what == 4 || what == 5)) {
                int most = (int) Math.min(target.outputPlace(stream), 3000);
                target.write(stream, MemorySegment.ofArray(new byte[most]), 0, random.nextInt(most + 1));
            } else if (writes && what == 6 && one(3)) {
                target.finish(stream);
            } else if (writes && what == 7 && one(6)) {
                target.reset(stream, 5);
            } else if (what == 8 && one(4)) {
                target.release(stream);
                return true;
            }
            return false;
        }

        private void read(long stream) {
            long there = target.inputLength(stream);
            if (there > 0) {
                target.inputAt(stream);
                target.consume(stream, random.nextLong(there + 1));
            }
            target.isInputEnded(stream);
            target.inputReset(stream);
        }

        /// Nobody says anything any more.
        private void timeEndsIt() {
            for (int i = 0; i < DEADLINES_MAX && target.c.phase != Connection.ENDED; i++) {
                datagrams(target);
                assertTrue(target.deadlineNanos() != Long.MAX_VALUE || target.c.phase == Connection.ENDED, () -> "no time ends " + target);
                now = Math.max(now, target.deadlineNanos());
                target.onDeadline(now);
            }
            assertEquals(Connection.ENDED, target.c.phase, () -> "its times do not end " + target);
        }
    }

    private HostileFramesTest of(boolean server, QuicConfig ofBoth) {
        toServer = server;
        config = ofBoth;
        ends = new Ends(config, config, Ends.tls());
        return this;
    }

    private void session(SplittableRandom random) {
        new Session(random).run();
    }

    /// @param codes  some of what ends are seen by, at least
    private void some(int sessions, int wholeOnes, String... codes) {
        Seeds.forEach(1, sessions, this::session);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(closes.keySet().containsAll(Set.of(codes)) && whole >= wholeOnes, this::reach);
        }
    }

    private void many(String name) {
        LongRun.of(name, 100_000, this::session);
        System.out.println(name + " " + reach());
    }

    private String reach() {
        return "ends " + closes + ", not by a rule " + whole + ", steps " + steps;
    }

    @Test
    void aServerEndsByARuleOrByItsTimes() {
        of(true, QuicConfig.defaults()).some(60, 10, "0", "5", "6", "7", "a");
    }

    @Test
    void aServerOfLittleRoomEndsByARuleOrByItsTimes() {
        of(true, QuicConfig.tight()).some(60, 3, "0", "3", "4", "5", "7", "a");
    }

    @Test
    void aClientEndsByARuleOrByItsTimes() {
        of(false, QuicConfig.defaults()).some(60, 3, "0", "5", "6", "a");
    }

    @Test
    @Tag("long")
    void serversForLong() {
        of(true, QuicConfig.defaults()).many("quic frames to servers");
    }

    @Test
    @Tag("long")
    void serversOfLittleRoomForLong() {
        of(true, QuicConfig.tight()).many("quic frames to servers of little room");
    }

    @Test
    @Tag("long")
    void clientsForLong() {
        of(false, QuicConfig.defaults()).many("quic frames to clients");
    }
}
