package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.RawMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a client gets wrong, each with the alert that it earns; after every end nothing is lent and the keys are gone.
class HostileClientTest {
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final TlsServerConfig CONFIG = TlsServerConfig.defaults().withCounts(3, 2, 2).withProtocols("http/1.1", "echo")
            .withNanosMax(5_000_000, 3_000_000);
    private static final ServerIdentity IDENTITY = identity();

    private Place place;
    private Echo echo;
    private TlsServer<Echo.Event> server;
    private TestClient client;

    private static ServerIdentity identity() {
        try {
            return Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void open() {
        place = Place.of(CONFIG, IDENTITY);
        begin();
    }

    private void begin() {
        echo = new Echo(40_000);
        server = new TlsServer<>(place.context(), 1, (connection, now) -> echo);
        client = new TestClient(server, SUITE);
    }

    @AfterEach
    void close() {
        end();
        place.close();
    }

    /// Nothing is lent, and nothing of the connection is left in the region but the identities' public parts.
    private void end() {
        server.close();
        assertEquals(0, place.context().pool().usedBytes(), "lent at the end");
        assertEquals(0, RawMemory.nonZero(place.memory().address(), (int) place.memory().byteSize()), "left in the region");
    }

    private void expect(Alert alert, Consumer<TestClient> wrong) {
        begin();
        wrong.accept(client);
        client.listen();
        assertEquals(alert, client.alert(), server.toString());
        assertEquals(alert, server.alertSent());
        assertTrue(server.isEnded() || !alert.isFatal());
        assertEquals(0, place.context().pool().usedBytes(), "lent after a fault");
        assertEquals(Long.MAX_VALUE, server.feedRoom());
        end();
    }

    private static List<byte[]> without(List<byte[]> extensions, int kind) {
        return extensions.stream().filter(each -> ((each[0] & 0xff) << 8 | each[1] & 0xff) != kind).toList();
    }

    private static List<byte[]> with(List<byte[]> extensions, int kind, byte[] body) {
        List<byte[]> all = new ArrayList<>(without(extensions, kind));
        all.add(TestClient.extension(kind, body));
        return all;
    }

    private void refuseHello(Alert alert, int kind, String body) {
        expect(alert, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), kind, TestClient.hex(body)))));
    }

    @Test
    void aHandshakeAndAnEcho() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, "hello".getBytes(StandardCharsets.US_ASCII));
        client.listen();
        assertEquals("hello", client.content.toString(StandardCharsets.US_ASCII));
        assertTrue(server.isOpen());
        client.say(Wire.ALERT, new byte[] {1, 0});
        client.listen();
        assertEquals(Alert.CLOSE_NOTIFY, client.alert());
        assertTrue(server.isEnded());
        assertFalse(server.isTruncated());
    }

    @Test
    void whatAHelloMustHave() {
        for (int kind : new int[] {Wire.SUPPORTED_GROUPS, Wire.SIGNATURE_ALGORITHMS, Wire.KEY_SHARE}) {
            expect(Alert.MISSING_EXTENSION, c -> c.say(Wire.HANDSHAKE, c.hello(without(c.extensions(), kind))));
        }
        expect(Alert.PROTOCOL_VERSION, c -> c.say(Wire.HANDSHAKE, c.hello(without(c.extensions(), Wire.SUPPORTED_VERSIONS))));
        refuseHello(Alert.PROTOCOL_VERSION, Wire.SUPPORTED_VERSIONS, "020303");
        refuseHello(Alert.HANDSHAKE_FAILURE, Wire.SIGNATURE_ALGORITHMS, "0002 0401");
        refuseHello(Alert.NO_APPLICATION_PROTOCOL, Wire.ALPN, "0003 02 6832");
    }

    @Test
    void lengthsThatDoNotFit() {
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_VERSIONS, "0103");
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_VERSIONS, "040304");
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_GROUPS, "0000");
        refuseHello(Alert.DECODE_ERROR, Wire.SUPPORTED_GROUPS, "0003001d00");
        refuseHello(Alert.DECODE_ERROR, Wire.SIGNATURE_ALGORITHMS, "0004 0807");
        refuseHello(Alert.DECODE_ERROR, Wire.KEY_SHARE, "0004 001d 0001");
        refuseHello(Alert.DECODE_ERROR, Wire.KEY_SHARE, "0004 001d 0000");
        refuseHello(Alert.DECODE_ERROR, Wire.KEY_SHARE, "0003 001d 00");
        refuseHello(Alert.DECODE_ERROR, Wire.ALPN, "0002 00 61");
        refuseHello(Alert.DECODE_ERROR, Wire.ALPN, "0003 03 6161");
        refuseHello(Alert.DECODE_ERROR, Wire.SERVER_NAME, "0000");
        refuseHello(Alert.DECODE_ERROR, Wire.SERVER_NAME, "0003 00 0001");
        refuseHello(Alert.DECODE_ERROR, Wire.SERVER_NAME, "0003 00 0000");
        refuseHello(Alert.DECODE_ERROR, Wire.EARLY_DATA, "00");
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, c.hello(new byte[33], c.extensions())));
        expect(Alert.DECODE_ERROR, c -> {
            byte[] hello = c.hello(c.extensions());
            hello[3]--;  // one byte shorter than its lists say
            c.say(Wire.HANDSHAKE, java.util.Arrays.copyOf(hello, hello.length - 1));
        });
    }

    @Test
    void fieldsThatContradictEachOther() {
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "0005 0017 0001 04");  // of a group that is not offered
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "0005 001d 0001 04");  // of another length than the group's
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "0024 001d 0020" + "00".repeat(32));  // of low order
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "000a 001d 0001 04 001d 0001 04");  // twice
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.KEY_SHARE, "00a5" + "001d000104".repeat(33));  // too many
        refuseHello(Alert.ILLEGAL_PARAMETER, Wire.SERVER_NAME, "0008 00 0001 61 00 0001 62");
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            List<byte[]> twice = new ArrayList<>(c.extensions());
            twice.add(TestClient.extension(0x1234, new byte[0]));
            twice.add(TestClient.extension(0x1234, new byte[0]));
            c.say(Wire.HANDSHAKE, c.hello(twice));
        });
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            List<byte[]> early = new ArrayList<>(c.extensions());
            early.add(0, TestClient.extension(Wire.PRE_SHARED_KEY, new byte[9]));
            c.say(Wire.HANDSHAKE, c.hello(early));
        });
    }

    @Test
    void messagesThatAreNotTheirs() {
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.FINISHED, new byte[32])));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, new byte[0]));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.APPLICATION_DATA, new byte[20]));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.CHANGE_CIPHER_SPEC, new byte[] {1}));  // before the hello
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, TestClient.concat(c.hello(c.extensions()), new byte[] {1})));
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.raw("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)));
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.hex("01 00 20 01")));  // longer than a hello may be
        expect(Alert.RECORD_OVERFLOW, c -> c.raw(TestClient.hex("16 03 03 41 01")));
    }

    private void after(Alert alert, Consumer<TestClient> wrong) {
        expect(alert, c -> {
            c.handshake();
            c.say(Wire.APPLICATION_DATA, new byte[] {7});
            c.listen();
            wrong.accept(c);
        });
        assertTrue(!alert.isFatal() || echo.isEnded(), "the application has heard of it");
    }

    @Test
    void recordsThatAreWrongOnceKeysAreThere() {
        after(Alert.BAD_RECORD_MAC, c -> {
            byte[] record = c.record(Wire.APPLICATION_DATA, new byte[100]);
            record[60] ^= 1;
            c.raw(record);
        });
        after(Alert.BAD_RECORD_MAC, c -> {
            c.record(Wire.APPLICATION_DATA, new byte[1]);  // lost on the way
            c.say(Wire.APPLICATION_DATA, new byte[1]);
        });
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(TestClient.hex("160303000400000000")));  // in the clear
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(TestClient.hex("140303000101")));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(TestClient.hex("15030300020250")));  // an alert that anybody could have put in
        after(Alert.UNEXPECTED_MESSAGE, c -> c.raw(c.record(0, new byte[30])));  // padding alone
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(99, new byte[3]));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.CHANGE_CIPHER_SPEC, new byte[] {1}));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, new byte[0]));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, c.hello(c.extensions())));
        after(Alert.RECORD_OVERFLOW, c -> c.raw(c.record(Wire.APPLICATION_DATA, new byte[(1 << 14) + 1])));
        after(Alert.RECORD_OVERFLOW, c -> c.raw(TestClient.hex("17 03 03 41 01")));
        after(Alert.DECODE_ERROR, c -> c.say(Wire.ALERT, new byte[] {1}));
        after(Alert.DECODE_ERROR, c -> c.say(Wire.ALERT, new byte[] {1, 0, 1, 0}));
    }

    @Test
    void aFinishedThatIsNotTheirs() {
        expect(Alert.DECRYPT_ERROR, c -> {
            byte[] hello = c.hello(c.extensions());
            c.remember(hello);
            c.say(Wire.HANDSHAKE, hello);
            c.listen();
            byte[] finished = c.finished();
            finished[20] ^= 0x10;
            c.say(Wire.HANDSHAKE, finished);
        });
        expect(Alert.DECODE_ERROR, c -> {
            byte[] hello = c.hello(c.extensions());
            c.remember(hello);
            c.say(Wire.HANDSHAKE, hello);
            c.listen();
            c.say(Wire.HANDSHAKE, TestClient.message(Wire.FINISHED, new byte[31]));
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            byte[] hello = c.hello(c.extensions());
            c.remember(hello);
            c.say(Wire.HANDSHAKE, hello);
            c.listen();
            c.say(Wire.APPLICATION_DATA, new byte[5]);
        });
    }

    @Test
    void keyUpdatesBothWays() {
        client.handshake();
        for (int i = 0; i < 40; i++) {
            client.say(Wire.HANDSHAKE, TestClient.hex(i % 2 == 0 ? "18000001 01" : "18000001 00"));
            client.updateWrite();
            byte[] said = ("again " + i).getBytes(StandardCharsets.US_ASCII);
            client.content.reset();
            client.say(Wire.APPLICATION_DATA, said);
            client.listen();
            assertArrayEquals(said, client.content.toByteArray());
        }
        assertEquals(20, client.messages.stream().filter(message -> message[0] == Wire.KEY_UPDATE).count());
    }

    @Test
    void keyUpdatesThatAreWrong() {
        after(Alert.ILLEGAL_PARAMETER, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000001 02")));
        after(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000002 00 00")));
        after(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000001 00 18000001 00")));
        after(Alert.UNEXPECTED_MESSAGE, c -> {
            c.say(Wire.HANDSHAKE, TestClient.hex("180000"));
            c.say(Wire.APPLICATION_DATA, new byte[1]);  // in the middle of a message
        });
        after(Alert.UNEXPECTED_MESSAGE, c -> {
            for (int i = 0; i < 33; i++) {
                c.say(Wire.HANDSHAKE, TestClient.hex("18000001 00"));
                c.updateWrite();
            }
        });
    }

    @Test
    void aKeyUpdateInTwoRecordsIsOne() {
        client.handshake();
        client.say(Wire.HANDSHAKE, TestClient.hex("180000"));
        client.say(Wire.HANDSHAKE, TestClient.hex("01 00"));
        client.updateWrite();
        client.say(Wire.APPLICATION_DATA, new byte[] {1, 2});
        client.listen();
        assertArrayEquals(new byte[] {1, 2}, client.content.toByteArray());
    }

    @Test
    void aHelloInAnyPieces() {
        for (int cut = 1; cut < 200; cut += 7) {
            begin();
            byte[] hello = client.hello(client.extensions());
            client.remember(hello);
            for (int at = 0; at < hello.length; at += cut) {
                client.say(Wire.HANDSHAKE, java.util.Arrays.copyOfRange(hello, at, Math.min(hello.length, at + cut)));
            }
            client.listen();
            client.finish();
            assertTrue(server.isOpen(), "cut at " + cut);
            end();
        }
    }

    @Test
    void aHelloWithAnyByteChangedIsAnsweredOrRefusedAndNothingIsHeld() {
        SplittableRandom random = new SplittableRandom(7);
        begin();
        byte[] good = client.record(Wire.HANDSHAKE, client.hello(client.extensions()));
        for (int i = 0; i < good.length; i++) {
            begin();
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 + random.nextInt(255));
            client.raw(bad);
            byte[] said = poll();
            assertNull(server.pollEvent());
            assertTrue(said.length > 0 || server.alertSent() == null, "byte " + i);
            end();
        }
    }

    private byte[] poll() {
        java.lang.foreign.MemorySegment out = java.lang.foreign.Arena.ofAuto().allocate(1 << 15);
        long wrote = server.pollOutput(out, 0, 1 << 15, TestClient.NOW);
        return out.asSlice(0, wrote).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Test
    void earlyDataIsPassedOverUpToABound() {
        begin();
        List<byte[]> extensions = new ArrayList<>(client.extensions());
        extensions.add(TestClient.extension(Wire.EARLY_DATA, new byte[0]));
        byte[] hello = client.hello(extensions);
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        byte[] early = TestClient.concat(TestClient.hex("17 03 03 00 40"), new byte[64]);
        client.raw(early);
        client.raw(early);
        client.listen();
        client.finish();
        assertTrue(server.isOpen());
        end();
        expect(Alert.BAD_RECORD_MAC, c -> {
            byte[] again = c.hello(extensions);
            c.say(Wire.HANDSHAKE, again);
            for (int i = 0; i < 5; i++) {
                c.raw(TestClient.concat(TestClient.hex("17 03 03 40 00"), new byte[1 << 14]));
            }
        });
    }

    @Test
    void padding() {
        client.handshake();
        client.raw(client.record(Wire.APPLICATION_DATA, new byte[] {1}, 16_000));
        client.listen();
        assertArrayEquals(new byte[] {1}, client.content.toByteArray());
    }

    @Test
    void anEndWithoutACloseNotifyIsTold() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        server.feedEnd(client.now);
        client.listen();
        assertTrue(server.isTruncated());
        assertEquals(Alert.CLOSE_NOTIFY, client.alert());
        assertTrue(server.isEnded());
    }

    @Test
    void anAlertOfTheirsEndsIt() {
        client.handshake();
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        client.say(Wire.ALERT, new byte[] {2, 80});
        assertEquals(Alert.INTERNAL_ERROR, server.alertReceived());
        client.listen();
        assertTrue(server.isEnded() && echo.isEnded());
        assertNull(client.alert());
        begin();
        client.handshake();
        client.say(Wire.ALERT, new byte[] {1, 90});
        client.say(Wire.APPLICATION_DATA, new byte[] {1});
        client.listen();
        assertArrayEquals(new byte[] {1}, client.content.toByteArray(), "user_canceled says nothing yet");
    }

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

    @Test
    void theProtocolThatBothHaveIsSaid() {
        byte[] hello = client.hello(with(client.extensions(), Wire.ALPN, TestClient.hex("000a 04 6563686f 04 6d696e65")));
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        client.listen();
        assertArrayEquals(TestClient.hex("0800000d 000b 0010 0007 0005 04 6563686f"), client.messages.get(1));
        client.finish();
        assertEquals("echo", server.protocol());
    }
}
