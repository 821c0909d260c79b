package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// When a server waits for a slot, for room or for its client, how long, and who goes first.
class ServerTurnsTest extends HostileClient {
    @Test
    void whoIsTooSlowIsLeft() {
        assertEquals(TestClient.NOW + 5_000_000, server.deadlineNanos());
        server.onDeadline(TestClient.NOW + 4_999_999);
        assertFalse(server.isEnded());
        server.onDeadline(TestClient.NOW + 5_000_000);
        client.listen();
        assertTrue(server.isEnded());
        assertEquals(Alert.CLOSE_NOTIFY, client.alert());
        begin();
        client.handshake();
        client.raw(new byte[] {23});
        assertEquals(TestClient.NOW + 3_000_000, server.deadlineNanos());
        server.onDeadline(TestClient.NOW + 3_000_000);
        client.listen();
        assertTrue(server.isEnded());
    }

    @Test
    void recordsInFlightTooManyWaitAndGoOn() {
        List<TlsServer<Echo.Event>> servers = new ArrayList<>();
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Echo each = new Echo(40_000);
            servers.add(new TlsServer<>(place.context(), i, (connection, now) -> each));
            clients.add(new TestClient(servers.get(i), SUITE));
            clients.get(i).handshake();
        }
        List<byte[]> records = new ArrayList<>();
        for (TestClient each : clients) {
            records.add(each.record(Wire.APPLICATION_DATA, new byte[1 << 14]));
        }
        assertEquals(9000, clients.get(0).raw(java.util.Arrays.copyOf(records.get(0), 9000)));
        assertEquals(9000, clients.get(1).raw(java.util.Arrays.copyOf(records.get(1), 9000)));
        assertEquals(0, clients.get(2).raw(records.get(2)), "two are in flight");
        assertEquals(TestClient.NOW + 5_000_000, servers.get(2).deadlineNanos(), "it asks again in a moment");
        clients.get(0).raw(java.util.Arrays.copyOfRange(records.get(0), 9000, records.get(0).length));
        clients.get(0).listen();
        assertEquals(1 << 14, clients.get(0).content.size());
        servers.get(2).onDeadline(TestClient.NOW + 1_000_000);
        assertEquals(records.get(2).length, clients.get(2).raw(records.get(2)));
        clients.get(2).listen();
        assertEquals(1 << 14, clients.get(2).content.size());
        servers.forEach(TlsServer::close);
    }

    @Test
    void whoHoldsASlotWithAByteGivesItToWhoLacksOneAfterAWhile() {
        List<TlsServer<Echo.Event>> servers = new ArrayList<>();
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(new TlsServer<>(place.context(), i, (connection, now) -> new Echo(100)));
            clients.add(new TestClient(servers.get(i), SUITE));
        }
        assertEquals(1, clients.get(0).raw(new byte[] {22}));
        assertEquals(1, clients.get(1).raw(new byte[] {22}));
        byte[] hello = clients.get(2).hello(clients.get(2).extensions());
        assertEquals(0, clients.get(2).raw(clients.get(2).record(Wire.HANDSHAKE, hello)), "two bytes hold two slots");
        servers.get(2).onDeadline(TestClient.NOW + 749_999);
        assertEquals(0, servers.get(2).feedRoom(), "a record may take a moment");
        servers.get(2).onDeadline(TestClient.NOW + 750_000);
        clients.get(2).remember(hello);
        clients.get(2).say(Wire.HANDSHAKE, hello);
        clients.get(2).listen();
        clients.get(2).finish();
        assertTrue(servers.get(2).isOpen());
        assertTrue(servers.get(0).deadlineNanos() <= TestClient.NOW + 750_000, "it ends as soon as it is asked");
        servers.get(0).onDeadline(TestClient.NOW + 750_000);
        clients.get(0).listen();
        assertEquals(Alert.CLOSE_NOTIFY, clients.get(0).alert());
        assertTrue(servers.get(0).isEnded());
        assertFalse(servers.get(1).isEnded(), "one is enough");
        servers.forEach(TlsServer::close);
    }

    @Test
    void whoWasSilentForLongWaitsForASlotLikeAnother() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        client.listen();
        List<TlsServer<Echo.Event>> others = new ArrayList<>();
        for (int i : new int[] {0, 2}) {
            others.add(new TlsServer<>(place.context(), i, (connection, now) -> new Echo(100)));
            TestClient other = new TestClient(others.getLast(), SUITE);
            assertEquals(1, other.raw(new byte[] {22}));
        }
        long later = TestClient.NOW + 3_600_000_000_000L;
        assertEquals(0, server.feedRoom());
        others.get(0).close();
        assertEquals(0, client.output(0, later));
        server.onDeadline(later);
        assertTrue(server.isOpen() && server.feedRoom() > 0, server::toString);
        client.say(Wire.APPLICATION_DATA, new byte[] {2});
        client.listen();
        assertArrayEquals(new byte[] {1, 2}, client.content.toByteArray());
        others.get(1).close();
    }

    @Test
    void theEndOfABufferIsNoWantOfRoom() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[3000]);
        assertEquals(0, client.output(server.outputBytesMin() - 1, TestClient.NOW));
        assertEquals(Long.MAX_VALUE, server.deadlineNanos(), "who reads slowly is the driver's to time");
        client.listen();
        assertEquals(3000, client.content.size());
    }

    @Test
    void withoutAnyRoomForItsFlightItAsksAgainAndIsGivenUpInTheEnd() {
        byte[] hello = client.hello(client.extensions());
        client.say(Wire.HANDSHAKE, hello);
        assertEquals(0, client.output(0, TestClient.NOW));
        assertTrue(server.deadlineNanos() <= TestClient.NOW + 5_000_000);
        long end = TestClient.NOW;
        for (int i = 0; i < 10 && !server.isEnded(); i++) {
            end = server.deadlineNanos();
            server.onDeadline(end);
            client.output(0, end);
            assertTrue(server.isEnded() || server.deadlineNanos() > end, "no time that has passed already");
        }
        assertTrue(server.isEnded());
    }

    @Test
    void whatCameBeforeTheEndOfTheStreamIsTakenBeforeIt() {
        Echo small = new Echo(10);
        server = new TlsServer<>(place.context(), 1, (connection, now) -> small);
        client = new TestClient(server, SUITE);
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[100]);
        client.say(Wire.ALERT, new byte[] {1, 0});
        server.feedEnd(TestClient.NOW);
        client.listen();
        assertEquals(100, client.content.size(), "the application takes it ten at a time");
        assertFalse(server.isTruncated(), "the close_notify came");
        assertEquals(Alert.CLOSE_NOTIFY, server.alertReceived());
        assertTrue(server.isEnded());
    }

    @Test
    void anIdleConnectionLetsItsEngineGoAndHasAnotherLater() {
        List<Echo> lent = new ArrayList<>();
        TlsServer<Echo.Event> each = new TlsServer<>(place.context(), 0, (connection, now) -> {
            Echo fresh = new Echo(100);
            lent.add(fresh);
            return fresh;
        });
        TestClient peer = new TestClient(each, SUITE);
        peer.handshake();
        assertEquals(0, lent.size(), "nobody is asked before there is content");
        for (int i = 1; i < 4; i++) {
            peer.say(Wire.APPLICATION_DATA, new byte[] {(byte) i});
            peer.listen();
            assertEquals(i, lent.size());
            assertTrue(each.canRest());
            each.rest(TestClient.NOW + 77);
            assertFalse(each.canRest());
            assertEquals(TestClient.NOW + 77, each.deadlineNanos());
        }
        assertArrayEquals(new byte[] {1, 2, 3}, peer.content.toByteArray());
        each.onDeadline(TestClient.NOW + 77);
        peer.listen();
        assertEquals(Alert.CLOSE_NOTIFY, peer.alert());
        each.close();
    }
}
