package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many connections and few slots, and no little ones for who has only to wait ([WaitingHandshakesTest]): who does not go on holds up nobody for long, and everybody else gets in.
class ScarceSlotsTest {
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final long SECOND = 1_000_000_000L;
    private static final int CONNECTIONS = 64;
    private static final int HANDSHAKES = 2;
    /// A hundredth of 10 s: a quarter of these, by how many slots there are for each connection, is less.
    private static final long PATIENCE = 10 * SECOND / 100;
    private static final long RECORD_PATIENCE = 10 * SECOND / 4;

    private Place place;
    private final List<TlsServer<Echo.Event>> servers = new ArrayList<>();
    private final List<TestClient> clients = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        open(0);
    }

    private void open(int keys) throws Exception {
        place = Place.of(TlsServerConfig.defaults().withCounts(CONNECTIONS, HANDSHAKES, 2).withTickets(new TicketConfig(2, 1000))
                .withCarriedOutputBytesMin(64).withWaiting(0).withKeys(keys),
                Identities.of(KeyAlgorithm.ED25519, "coffer.test"));
    }

    @AfterEach
    void close() {
        servers.forEach(TlsServer::close);
        place.context().ticketKeys(null);
        assertEquals(0, place.context().pool().usedBytes());
        assertEquals(0, RawMemory.nonZero(place.memory()), "left in the region");
        place.close();
    }

    private TestClient connect(Echo echo) {
        servers.add(new TlsServer<>(place.context(), servers.size(), (connection, now) -> echo));
        clients.add(new TestClient(servers.getLast(), SUITE));
        return clients.getLast();
    }

    private TestClient connect() {
        return connect(new Echo(100));
    }

    /// Says a hello, as much as is taken.
    private static boolean hello(TestClient client) {
        byte[] hello = client.hello(client.extensions());
        byte[] record = client.record(Wire.HANDSHAKE, hello);
        boolean taken = client.raw(record) == record.length;
        if (taken) {
            client.remember(hello);
        }
        return taken;
    }

    /// Does a whole handshake at that time, if it is let in.
    private static boolean shakes(TestClient client, TlsServer<Echo.Event> server, long now) {
        client.now = now;
        if (server.feedRoom() == 0) {
            server.onDeadline(now);
        }
        if (server.feedRoom() == 0) {
            return false;
        }
        client.handshake();
        return server.isOpen();
    }

    @Test
    void aHandshakeTooManyWaitsAndGoesOnWhenAnotherIsDone() {
        TestClient one = connect();
        byte[] first = one.hello(one.extensions());
        one.remember(first);
        one.say(Wire.HANDSHAKE, first);
        one.listen();
        assertTrue(hello(connect()));
        TestClient third = connect();
        assertFalse(hello(third));
        assertEquals(TestClient.NOW + 5_000_000, servers.get(2).deadlineNanos(), "it asks again in a moment");
        servers.get(2).onDeadline(TestClient.NOW + PATIENCE - 1);
        assertEquals(0, servers.get(2).feedRoom());
        one.finish();
        assertTrue(servers.get(0).isOpen());
        third.handshake();
        assertTrue(servers.get(2).isOpen(), () -> servers + " " + clients.get(2).alerts + " " + clients.get(2).messages.size());
    }

    @Test
    void whoSaysAHelloAndNothingElseMakesWayAfterAWhileTheOldestFirst() {
        for (int i = 0; i < 2; i++) {
            assertTrue(hello(connect()));
            clients.get(i).listen();
        }
        TestClient honest = connect();
        assertEquals(0, servers.get(2).feedRoom());
        servers.get(2).onDeadline(TestClient.NOW + PATIENCE - 1);
        assertEquals(0, servers.get(2).feedRoom(), "a round trip takes a moment");
        servers.get(2).onDeadline(TestClient.NOW + PATIENCE);
        honest.handshake();
        assertTrue(servers.get(2).isOpen(), () -> servers + " " + clients.get(2).alerts + " " + clients.get(2).messages.size());
        servers.get(0).onDeadline(TestClient.NOW + PATIENCE);
        clients.get(0).listen();
        assertEquals(Alert.CLOSE_NOTIFY, clients.get(0).alert());
        assertTrue(servers.get(0).isEnded());
        assertFalse(servers.get(1).isEnded(), "one is enough");
    }

    @Test
    void honestClientsGetInWhileSilentHellosTakeEverySlotAgainAndAgain() {
        long now = TestClient.NOW;
        int honest = 0;
        long longest = 0;
        for (int wave = 0; wave < 12; wave++) {
            int from = servers.size();
            for (int i = 0; i < 4; i++) {  // who attacks is always there first, and twice as often as there are slots
                connect().now = now;
                hello(clients.getLast());
                clients.getLast().listen();
            }
            TestClient client = connect();
            long asked = now;
            while (!shakes(client, servers.getLast(), now)) {
                now += 5_000_000;  // as its deadline says; and so do the others
                for (int i = from; i < servers.size() - 1; i++) {
                    clients.get(i).now = now;
                    servers.get(i).onDeadline(now);
                    if (servers.get(i).feedRoom() > 0 && !servers.get(i).isEnded() && clients.get(i).messages.isEmpty()) {
                        hello(clients.get(i));
                        clients.get(i).listen();
                    }
                }
                assertTrue(now - asked < 10 * SECOND, "wave " + wave);
            }
            honest++;
            longest = Math.max(longest, now - asked);
        }
        assertEquals(12, honest);
        assertTrue(longest <= 3 * PATIENCE + 3 * 5_000_000, "waited " + longest + " ns");
    }

    /// Opens as many connections as there are slots, which they keep: they have yet to hear their tickets.
    private void owedTickets(TicketKeys keys) {
        place.context().ticketKeys(keys);
        place.context().clock(TestClient.NOW, 1_800_000_000_000L);
        for (int i = 0; i < HANDSHAKES; i++) {
            TestClient each = connect();
            List<byte[]> extensions = new ArrayList<>(each.extensions());
            extensions.add(TestClient.extension(Wire.PSK_MODES, new byte[] {1, 1}));
            byte[] hello = each.hello(extensions);
            each.remember(hello);
            each.say(Wire.HANDSHAKE, hello);
            each.listen();
            each.say(Wire.HANDSHAKE, each.finished());
            each.applicationKeys();
            assertTrue(servers.get(i).isOpen());
            assertEquals(i + 1L, place.context().handshaking());
        }
    }

    @Test
    void ticketsThatHaveYetToGoAreDroppedForWhoLacksASlot() {
        try (TicketKeys keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000)) {
            owedTickets(keys);
            TestClient newcomer = connect();
            assertEquals(0, servers.get(2).feedRoom());
            servers.get(2).onDeadline(TestClient.NOW + PATIENCE);
            newcomer.handshake();
            assertTrue(servers.get(2).isOpen());
            TestClient first = clients.getFirst();
            first.say(Wire.APPLICATION_DATA, new byte[] {7});
            first.listen();
            assertFalse(servers.getFirst().isEnded(), "a connection that is open goes on");
            assertEquals(1, first.content.size());
            assertEquals(0, first.messages.stream().filter(message -> message[0] == Wire.NEW_SESSION_TICKET).count());
            assertEquals(Long.MAX_VALUE, servers.getFirst().deadlineNanos(), "nothing is left of the handshake, nor of its time");
        }
    }

    @Test
    void aTicketOfWhichAPartHasGoneCannotBeDroppedAndItsConnectionMakesWay() {
        try (TicketKeys keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000)) {
            owedTickets(keys);
            assertTrue(clients.getFirst().output(servers.getFirst().outputBytesMin(), TestClient.NOW) > 0);
            TestClient newcomer = connect();
            assertEquals(0, servers.get(2).feedRoom());
            servers.get(2).onDeadline(TestClient.NOW + PATIENCE);
            newcomer.handshake();
            assertTrue(servers.get(2).isOpen());
            servers.getFirst().onDeadline(TestClient.NOW + PATIENCE);
            clients.getFirst().output(20_000, TestClient.NOW + PATIENCE);
            assertEquals(Alert.CLOSE_NOTIFY, servers.getFirst().alertSent());
        }
    }

    @Test
    void contentThatWaitsForItsApplicationGivesItsSlotToWhoLacksOneAfterAWhile() {
        for (int i = 0; i < 2; i++) {
            connect(new Echo(10)).handshake();  // takes ten octets at a time, and hands out none of them
            clients.get(i).say(Wire.APPLICATION_DATA, new byte[1000]);
        }
        TestClient other = connect();
        assertEquals(0, servers.get(2).feedRoom(), "both slots are held");
        servers.get(2).onDeadline(TestClient.NOW + RECORD_PATIENCE - 1);
        assertEquals(0, servers.get(2).feedRoom());
        servers.get(2).onDeadline(TestClient.NOW + RECORD_PATIENCE);
        other.handshake();
        other.say(Wire.APPLICATION_DATA, new byte[] {1});
        other.listen();
        assertEquals(1, other.content.size());
        assertTrue(servers.get(0).deadlineNanos() <= TestClient.NOW + RECORD_PATIENCE, "it ends as soon as it is asked");
        assertFalse(servers.get(1).deadlineNanos() <= TestClient.NOW + RECORD_PATIENCE, "one is enough");
    }

    @Test
    void whoHasNothingToReadLacksNothingWhileOthersHoldEverySlot() {
        connect().handshake();
        clients.getFirst().say(Wire.APPLICATION_DATA, new byte[] {1});
        clients.getFirst().listen();
        for (int i = 1; i <= 2; i++) {
            connect(new Echo(10)).handshake();
            clients.get(i).say(Wire.APPLICATION_DATA, new byte[1000]);
        }
        TlsServer<Echo.Event> idle = servers.getFirst();
        assertTrue(idle.awaitsInput());
        assertEquals(Long.MAX_VALUE, idle.deadlineNanos(), "who looks notes nothing");
        idle.onDeadline(TestClient.NOW + 60 * SECOND);
        assertTrue(idle.awaitsInput() && !idle.isEnded());
        assertEquals(0, idle.feedRoom(), "now something has come, and there is no slot");
        assertFalse(idle.awaitsInput(), "it is not told of in vain");
        servers.get(1).close();
        assertFalse(idle.awaitsInput(), "a look notes nothing that has changed either");
        idle.onDeadline(TestClient.NOW + 60 * SECOND + 5_000_000);
        assertTrue(idle.awaitsInput() && idle.feedRoom() > 0, "it has asked again");
        assertFalse(idle.isEnded());
    }

    @Test
    void whoNeverStopsLeavesItsSlotAtTheEndOfARecordToWhoHasWaited() {
        byte[][] streams = new byte[2][];
        for (int i = 0; i < 2; i++) {
            TestClient each = connect(new Echo(5000));
            each.handshake();
            streams[i] = TestClient.concat(each.record(Wire.APPLICATION_DATA, new byte[1000]), each.record(Wire.APPLICATION_DATA, new byte[1000]));
            assertEquals(100, each.raw(Arrays.copyOf(streams[i], 100)));
        }
        TestClient third = connect();
        assertEquals(0, servers.get(2).feedRoom());
        byte[] rest = Arrays.copyOfRange(streams[0], 100, streams[0].length);
        assertEquals(streams[0].length / 2 - 100, clients.get(0).raw(rest), "to the end of its record, and no slot for the next");
        assertTrue(hello(third));
        third.listen();
        assertFalse(third.messages.isEmpty(), "it is answered");
        assertEquals(rest.length - (streams[0].length / 2 - 100),
                clients.get(0).raw(Arrays.copyOfRange(streams[0], streams[0].length / 2, streams[0].length)), "now it goes on");
    }

    @Test
    void whatAnApplicationHasNoRoomForStaysWithTheSystem() {
        Echo holding = new Echo(1000) {
            @Override
            public boolean isHolding() {
                return feedRoom() < 1000;
            }
        };
        TestClient client = connect(holding);
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[600]);
        assertEquals(0, place.context().pool().lent(TlsContext.KIND_RECORD), "all of it is taken");
        byte[] next = client.record(Wire.APPLICATION_DATA, new byte[600]);
        assertEquals(0, client.raw(next));
        assertEquals(Long.MAX_VALUE, servers.getFirst().deadlineNanos(), "it is no want of a slot, and nobody's time runs");
        client.listen();
        assertEquals(next.length, client.raw(next));
        client.listen();
        assertEquals(1200, client.content.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void keysOfMoreConnectionsThanHavePlacesRestAndComeBack(int keys) throws Exception {
        place.close();
        open(keys);
        int places = keys == 0 ? HANDSHAKES + 2 * 2 : keys;
        for (int i = 0; i < Math.max(4, 3 * places); i++) {
            connect().handshake();
        }
        assertEquals(places, place.context().pool().lent(TlsContext.KIND_KEYS));
        for (int round = 1; round <= 3; round++) {
            for (TestClient each : clients) {
                each.say(Wire.APPLICATION_DATA, new byte[] {(byte) round});
                each.listen();
                assertEquals(round, each.content.size());
            }
            TestClient updated = clients.get(round);
            updated.say(Wire.HANDSHAKE, TestClient.hex("18000001 01"));
            updated.updateWrite();
            updated.listen();
        }
        assertEquals(places, place.context().pool().lent(TlsContext.KIND_KEYS));
        assertTrue(Arrays.stream(new int[] {0, 1, 2}).allMatch(i -> servers.get(i).isOpen()));
    }
}
