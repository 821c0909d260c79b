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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Handshakes that have nothing to do but wait for the client's last word do it in little memory (decision 0156): who is slow holds up nobody.
class WaitingHandshakesTest {
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final long SECOND = 1_000_000_000L;
    /// With five connections and two slots: a quarter of 10 s, by how many slots there are for each connection.
    private static final long PATIENCE = 10 * SECOND / 4 / 5 * 2;

    private Place place;
    private TicketKeys keys;
    private final List<TlsServer<Echo.Event>> servers = new ArrayList<>();
    private final List<TestClient> clients = new ArrayList<>();

    private void open(int connections, int handshakes, int waiting) throws Exception {
        place = Place.of(TlsServerConfig.defaults().withCounts(connections, handshakes, 2).withWaiting(waiting).withCarriedOutputBytesMin(64),
                Identities.of(KeyAlgorithm.ED25519, "coffer.test"));
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        place.context().ticketKeys(keys);
    }

    @AfterEach
    void close() {
        servers.forEach(TlsServer::close);
        place.context().ticketKeys(null);
        keys.close();
        assertEquals(0, place.context().pool().usedBytes());
        assertEquals(0, RawMemory.nonZero(place.memory()), "left in the region");
        place.close();
    }

    private TestClient connect(long now) {
        servers.add(new TlsServer<>(place.context(), servers.size(), (connection, at) -> new Echo(100)));
        clients.add(new TestClient(servers.getLast(), SUITE));
        clients.getLast().now = now;
        return clients.getLast();
    }

    /// Says a hello that wants tickets, and hears the flight.
    private boolean hello(TestClient client) {
        List<byte[]> extensions = new ArrayList<>(client.extensions());
        extensions.add(TestClient.extension(Wire.PSK_MODES, new byte[] {1, 1}));
        byte[] hello = client.hello(extensions);
        byte[] record = client.record(Wire.HANDSHAKE, hello);
        if (client.raw(record) != record.length) {
            return false;
        }
        client.remember(hello);
        client.listen();
        return true;
    }

    private long lent(int kind) {
        return place.context().pool().lent(kind);
    }

    /// {@return octets of the pool that are not zero, in all slots of a kind}
    private int nonZero(int kind) {
        long before = 0;
        TlsServerConfig config = place.context().config();
        long[] bytes = {slotBytes(config, 0) * config.handshakes(), slotBytes(config, 1) * config.records(), slotBytes(config, 2) * config.waiting(),
                slotBytes(config, 3) * config.expandedKeys()};
        for (int i = 0; i < kind; i++) {
            before += bytes[i];
        }
        return RawMemory.nonZero(place.context().pool().segment(), before, (int) bytes[kind]);
    }

    /// {@return octets that are not zero of what all small places keep until Finished is heard, and no longer}
    private int toldSecrets() {
        TlsServerConfig config = place.context().config();
        long from = slotBytes(config, 0) * config.handshakes() + slotBytes(config, 1) * config.records();
        int octets = 0;
        for (int i = 0; i < config.waiting(); i++) {
            octets += RawMemory.nonZero(place.context().pool().segment(), from + i * slotBytes(config, 2), (int) ServerFinish.TICKETS);
        }
        return octets;
    }

    private static long slotBytes(TlsServerConfig config, int kind) {
        return config.slots().kinds().get(kind).slotBytes();
    }

    @Test
    void twoHundredAndFiftySixSlowClientsGetInAtOnceWithThirtyTwoSlots() throws Exception {
        open(256, 32, 224);
        assertEquals(224, TlsServerConfig.defaults().waiting());
        long now = TestClient.NOW;
        for (int i = 0; i < 256; i++) {
            assertTrue(hello(connect(now)), "client " + i);
        }
        assertEquals(32, lent(TlsContext.KIND_HANDSHAKE));
        assertEquals(224, lent(TlsContext.KIND_WAITING));
        now += 2 * SECOND;
        for (int i = 0; i < 256; i++) {
            servers.get(i).onDeadline(now);
            clients.get(i).now = now;
            clients.get(i).finish();
            clients.get(i).say(Wire.APPLICATION_DATA, new byte[] {(byte) i});
            clients.get(i).listen();
            assertTrue(servers.get(i).isOpen(), () -> servers.toString());
            assertEquals(1, clients.get(i).content.size());
            assertEquals(2, clients.get(i).messages.stream().filter(message -> message[0] == Wire.NEW_SESSION_TICKET).count());
        }
        assertEquals(0, place.context().handshaking());
    }

    @Test
    void theLargeSlotIsZeroOnceTheFlightHasGoneAndTheSmallOneOnceFinishedIsHeard() throws Exception {
        open(4, 2, 2);
        TestClient client = connect(TestClient.NOW);
        assertTrue(hello(client));
        assertEquals(0, lent(TlsContext.KIND_HANDSHAKE));
        assertEquals(1, lent(TlsContext.KIND_WAITING));
        assertEquals(0, nonZero(TlsContext.KIND_HANDSHAKE));
        assertTrue(nonZero(TlsContext.KIND_WAITING) > 64);
        assertTrue(toldSecrets() > 40);
        client.finish();
        assertEquals(1, lent(TlsContext.KIND_WAITING), "tickets have yet to go");
        assertEquals(0, toldSecrets(), "what Finished had to say, and what it made of secrets, is told and gone");
        client.listen();
        assertEquals(0, place.context().handshaking());
        assertEquals(0, nonZero(TlsContext.KIND_WAITING));
    }

    /// What Finished is told by is all that is left of secrets, whether there is a small place for it or not.
    @Test
    void whoFindsNoSmallPlaceHasNoMoreSecretsThanWhoFindsOne() throws Exception {
        open(4, 2, 0);
        TestClient client = connect(TestClient.NOW);
        assertTrue(hello(client));
        assertEquals(1, lent(TlsContext.KIND_HANDSHAKE));
        int before = (int) (ServerSecrets.BYTES - ServerFinish.INPUT);
        long slots = place.context().pool().segment().address();
        for (int i = 0; i < 2; i++) {
            assertEquals(0, RawMemory.nonZero(slots + i * slotBytes(place.context().config(), 0), before), "of what led there, in slot " + i);
        }
        int kept = 0;
        for (int i = 0; i < 2; i++) {
            kept += RawMemory.nonZero(slots + i * slotBytes(place.context().config(), 0) + before, (int) ServerFinish.TICKETS);
        }
        assertTrue(kept > 40, "what Finished must say, and the next secret: " + kept);
        client.finish();
        client.listen();
        assertTrue(servers.getFirst().isOpen());
        assertEquals(0, nonZero(TlsContext.KIND_HANDSHAKE));
    }

    /// Half of it lies in the large slot: it is heard there to its end, whoever lacks the slot, and whatever place is free.
    @Test
    void whoIsInTheMiddleOfFinishedIsNotMoved() throws Exception {
        open(3, 1, 1);
        assertTrue(hello(connect(TestClient.NOW)));
        assertEquals(1, lent(TlsContext.KIND_WAITING));
        TestClient second = connect(TestClient.NOW);
        assertTrue(hello(second));
        assertEquals(1, lent(TlsContext.KIND_HANDSHAKE), "the small place is the first one's");
        byte[] finished = second.finished();
        second.say(Wire.HANDSHAKE, Arrays.copyOf(finished, 20));
        clients.getFirst().finish();
        clients.getFirst().listen();
        assertEquals(0, lent(TlsContext.KIND_WAITING), "a small place is free");
        TestClient third = connect(TestClient.NOW);
        assertFalse(hello(third));
        servers.get(2).onDeadline(TestClient.NOW + 5_000_000);
        assertEquals(0, lent(TlsContext.KIND_WAITING), "nothing moves");
        assertEquals(1, lent(TlsContext.KIND_HANDSHAKE));
        second.say(Wire.HANDSHAKE, Arrays.copyOfRange(finished, 20, finished.length));
        second.applicationKeys();
        second.listen();
        assertTrue(servers.get(1).isOpen(), servers.get(1).toString());
        second.say(Wire.APPLICATION_DATA, new byte[] {7});
        second.listen();
        assertEquals(1, second.content.size());
        servers.get(2).onDeadline(TestClient.NOW + 10_000_000);
        third.now = TestClient.NOW + 10_000_000;
        assertTrue(hello(third), "whose turn it is then");
    }

    @Test
    void whoFindsNoSmallPlaceKeepsItsSlotUntilOneIsFreeAndAnotherLacksIt() throws Exception {
        open(5, 2, 1);
        for (int i = 0; i < 3; i++) {
            assertTrue(hello(connect(TestClient.NOW)));
        }
        assertEquals(2, lent(TlsContext.KIND_HANDSHAKE));
        assertEquals(1, lent(TlsContext.KIND_WAITING));
        TestClient fourth = connect(TestClient.NOW);
        assertFalse(hello(fourth));
        clients.getFirst().finish();
        clients.getFirst().listen();
        assertEquals(0, lent(TlsContext.KIND_WAITING));
        assertEquals(2, lent(TlsContext.KIND_HANDSHAKE), "nobody has asked since");
        servers.get(3).onDeadline(TestClient.NOW + 5_000_000);
        assertEquals(1, lent(TlsContext.KIND_WAITING), "at once, and not after a while");
        assertTrue(hello(fourth));
        TestClient fifth = connect(TestClient.NOW + 5_000_000);
        assertFalse(hello(fifth));
        servers.get(4).onDeadline(TestClient.NOW + PATIENCE);
        assertTrue(hello(fifth), "where no small place is left, who has waited the longest in a large one makes way");
        assertTrue(servers.get(2).deadlineNanos() <= TestClient.NOW + PATIENCE, "it is told so");
        for (int i : new int[] {1, 3, 4}) {
            clients.get(i).finish();
            clients.get(i).listen();
            assertTrue(servers.get(i).isOpen(), "number " + i);
        }
    }

    @Test
    void aWrongOneCutShortOrTooLongHasItsAlertInASmallPlaceToo() throws Exception {
        open(4, 1, 2);
        Alert[] expected = {Alert.DECRYPT_ERROR, Alert.DECODE_ERROR, Alert.DECODE_ERROR, Alert.DECODE_ERROR, Alert.UNEXPECTED_MESSAGE};
        byte[][] said = {new byte[32], new byte[31], new byte[33], new byte[100], null};
        for (int i = 0; i < said.length; i++) {
            TestClient client = connect(TestClient.NOW);
            assertTrue(hello(client));
            assertEquals(1, lent(TlsContext.KIND_WAITING));
            client.say(Wire.HANDSHAKE, said[i] == null ? TestClient.hex("05000000") : TestClient.message(Wire.FINISHED, said[i]));
            client.listen();
            assertEquals(expected[i], client.alert());
            assertEquals(0, place.context().handshaking());
            assertEquals(0, nonZero(TlsContext.KIND_WAITING));
            servers.removeLast().close();
        }
    }

    @Test
    void whoNeverSaysItsLastWordEndsWithTheTimeOfAHandshake() throws Exception {
        open(4, 1, 2);
        TestClient client = connect(TestClient.NOW);
        assertTrue(hello(client));
        TlsServer<Echo.Event> server = servers.getFirst();
        assertEquals(TestClient.NOW + 10 * SECOND, server.deadlineNanos());
        server.onDeadline(TestClient.NOW + 10 * SECOND);
        assertEquals(0, place.context().handshaking());
        assertEquals(0, nonZero(TlsContext.KIND_WAITING));
    }

    private void handshakes(int count) throws Exception {
        open(2, 1, 1);
        for (int i = 0; i < count; i++) {
            TestClient client = connect(TestClient.NOW);
            int at = i;
            assertTrue(hello(client), () -> "handshake " + at + ": " + servers.getLast() + ", " + place.context().pool());
            if (i % 3 > 0) {
                client.finish();
                client.listen();
                assertTrue(servers.getLast().isOpen(), () -> "handshake " + at + ": " + servers.getLast());
            }
            servers.removeLast().close();
            clients.clear();
            assertEquals(0, place.context().pool().usedBytes());
        }
        for (int kind = 0; kind <= TlsContext.KIND_KEYS; kind++) {
            assertEquals(0, place.context().pool().account(kind).usedBytes());
            assertEquals(0, nonZero(kind));
        }
    }

    @Test
    void theLedgerIsWhereItWasAfterHandshakesThatEndAndSuchThatDoNot() throws Exception {
        handshakes(300);
    }

    @Test
    @Tag("long")
    void theLedgerIsWhereItWasAfterTenThousand() throws Exception {
        handshakes(10_000);
    }
}
