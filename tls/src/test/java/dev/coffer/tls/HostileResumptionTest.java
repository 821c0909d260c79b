package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions, tickets and their keys where somebody means harm, or is merely early or late.
class HostileResumptionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int LIFETIME = 1000;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(2, 1, 1).withTickets(new TicketConfig(2, LIFETIME));
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(2, 1, 1).withGroups(NamedGroup.X25519).withSessions(16);
    private static final byte[] TEXT = "hello".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;
    private ServerIdentity identity;
    private TicketKeys keys;
    private Place place;
    private ClientPlace clients;
    private TlsServer<Echo.Event> server;
    private TlsClient<Speaker.Event> client;
    private long now = 5 * SECOND;

    @BeforeEach
    void open() throws Exception {
        identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test", "*.coffer.test");
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, LIFETIME);
        place = Place.of(SERVER, identity);
        place.context().ticketKeys(keys);
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(identity.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
        clients = ClientPlace.of(CLIENT, JdkVerifier.of(trusted));
    }

    @AfterEach
    void close() {
        assertEquals(0, place.context().pool().usedBytes());
        assertEquals(0, clients.context().pool().usedBytes());
        place.context().close();
        clients.context().close();
        assertEquals(0, RawMemory.nonZero(place.memory()), "left by the server");
        assertEquals(0, RawMemory.nonZero(clients.memory()), "left by the client");
        place.close();
        clients.close();
    }

    private void begin(String host) {
        server = new TlsServer<>(place.context(), 1, (connection, at) -> new Echo(20_000));
        client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, at) -> new Speaker(TEXT)).to(host);
        server.reset(now);
        client.reset(now);
    }

    private boolean end() {
        assertTrue(client.isOpen() && server.isOpen(), client + ", " + server);
        assertEquals(server.isResumed(), client.isResumed());
        boolean resumed = client.isResumed();
        client.close();
        server.close();
        now += SECOND;
        return resumed;
    }

    private boolean resumes(String host) {
        begin(host);
        TlsClientTest.converse(client, server, now, now);
        return end();
    }

    @Test
    void aSessionIsResumedUnderSharedKeysThatNobodyTurns() {
        MemorySegment file = Arena.ofAuto().allocate(TicketKeys.FILE_BYTES_MAX);
        int bytes = TicketKeys.turn(file, 0, 0, Entropy.SYSTEM, 0, 0, LIFETIME);
        try (TicketKeys shared = TicketKeys.shared(Arena.ofAuto().allocate(TicketKeys.BYTES))) {
            assertTrue(shared.take(file, 0, bytes));
            place.context().ticketKeys(shared);
            place.context().clock(now, 1_800_000_000_000L);
            assertFalse(resumes("coffer.test"));
            assertTrue(resumes("coffer.test"));
        }
    }

    @Test
    void keysThatAreClosedAreLookedAtNoMore() {
        try (Arena arena = Arena.ofConfined()) {
            TicketKeys gone = TicketKeys.fresh(arena.allocate(TicketKeys.BYTES), Entropy.SYSTEM, LIFETIME);
            place.context().ticketKeys(gone);
            assertFalse(resumes("coffer.test"));
            assertTrue(resumes("coffer.test"));
            gone.close();
        }
        assertFalse(resumes("coffer.test"));
    }

    /// Nobody who could sign, but a key; asked for another share, the key is gone, and somebody who could sign is wanted. Schemes may not come
    /// with the second hello: that is a change.
    @Test
    void aKeyThatIsGoneAfterARetryLeavesNobodyToSign() {
        server = new TlsServer<>(place.context(), 1, (connection, at) -> new Echo(20_000));
        TestClient hostile = new TestClient(server, CipherSuite.CHACHA20_POLY1305_SHA256);
        byte[] groups = TestClient.extension(Wire.SUPPORTED_GROUPS, TestClient.list16(TestClient.concat(TestClient.u16(0x001d), TestClient.u16(0x0018))));
        byte[] odd = TestClient.extension(Wire.KEY_SHARE, TestClient.list16(TestClient.concat(TestClient.u16(0x0018), TestClient.list16(new byte[97]))));
        byte[] key = TestClient.extension(Wire.PRE_SHARED_KEY, TestClient.concat(
                TestClient.list16(TestClient.concat(TestClient.list16(new byte[240]), new byte[4])),
                TestClient.list16(TestClient.concat(new byte[] {32}, new byte[32]))));
        byte[] first = hostile.hello(List.of(hostile.extensions().get(0), groups, odd,
                TestClient.extension(Wire.PSK_MODES, TestClient.hex("0101")), key));
        hostile.remember(first);
        hostile.say(Wire.HANDSHAKE, first);
        hostile.listen();
        assertEquals(Wire.SERVER_HELLO, hostile.messages.getFirst()[0], "a retry");
        hostile.say(Wire.HANDSHAKE, hostile.hello(List.of(hostile.extensions().get(0), groups, hostile.extensions().get(3))));
        hostile.listen();
        assertEquals(Alert.MISSING_EXTENSION, hostile.alert(), "as without a key and without schemes (RFC 8446 section 9.2)");
        server.close();
    }

    @Test
    void aTicketBeforeTheClientHasFinishedIsPassedOver() {
        begin("coffer.test");
        MemorySegment wire = Arena.ofAuto().allocate(40_000);
        server.feed(wire, 0, client.pollOutput(wire, 0, 20_000, now), now);
        for (long wrote = server.pollOutput(wire, 0, 20_000, now); wrote > 0; wrote = server.pollOutput(wire, 0, 20_000, now)) {
            assertEquals(wrote, client.feed(wire, 0, wrote, now));
        }
        assertTrue(client.isOpen(), "it has heard the server's Finished, and has not said its own");
        byte[] ticket = TestClient.message(Wire.NEW_SESSION_TICKET, TestClient.hex("00000e10 00000000 01 00 0001 aa 0000"));
        RecordKeys theirs = place.context().expanded().first();
        MemorySegment.copy(TestClient.concat(TestClient.hex("17 03 03"), TestClient.u16(ticket.length + 17), ticket,
                new byte[] {Wire.HANDSHAKE}), 0, wire, ValueLayout.JAVA_BYTE, 0, 5 + ticket.length + 1);
        theirs.seal(wire, 0, ticket.length + 1);
        assertEquals(5 + ticket.length + 17, client.feed(wire, 0, 5 + ticket.length + 17, now));
        assertEquals(0, clients.context().sessions(), "of a key that is made of nothing");
        TlsClientTest.converse(client, server, now, now);
        assertFalse(end());
        assertEquals(2, clients.context().sessions());
    }

    @Test
    void aServerWithManyTicketsDrivesOutNoOtherServersSessions() {
        assertFalse(resumes("a.coffer.test"));
        MemorySegment ticket = MemorySegment.ofArray(TestClient.hex("00000e10 00000000 01 00 0001 aa 0000"));
        for (int i = 0; i < 1000; i++) {
            now += SECOND / 1000;
            clients.context().resumption().onTicket(null, Wire.ascii("b.coffer.test"), 0, CLIENT.suites().getFirst(), clients.context().schedule(0), 0,
                    Long.MAX_VALUE, null, ticket, 0, ticket.byteSize() > 0 ? (int) ticket.byteSize() : 0, now);
        }
        assertEquals(2 + SessionStore.HOST_ENTRIES_MAX, clients.context().sessions());
        assertTrue(resumes("a.coffer.test"));
    }

    @Test
    void aSessionEndsWithTheIdentityThatItWasMadeWith() throws Exception {
        assertFalse(resumes("coffer.test"));
        assertTrue(resumes("coffer.test"));
        begin("coffer.test");
        TlsClientTest.converse(client, server, now, now);
        clients.context().identity(Identities.of(KeyAlgorithm.ED25519, "client"));
        assertEquals(0, clients.context().sessions(), "of who we were");
        assertTrue(end());
        assertFalse(resumes("coffer.test"));
        assertTrue(resumes("coffer.test"));
    }

    @Test
    void aTicketOfAConnectionOfAnotherIdentityIsPassedOver() throws Exception {
        begin("coffer.test");
        MemorySegment wire = Arena.ofAuto().allocate(40_000);
        server.feed(wire, 0, client.pollOutput(wire, 0, 20_000, now), now);
        clients.context().identity(Identities.of(KeyAlgorithm.ED25519, "client"));
        TlsClientTest.converse(client, server, now, now);
        assertFalse(end());
        assertEquals(0, clients.context().sessions(), "the handshake began as somebody else");
    }

    /// Trusts everybody, and fails when it is asked who that was.
    private record Failing(int at) implements ClientVerifier {
        @Override
        public ClientVerifier another() {
            return this;
        }

        @Override
        public int[] schemes() {
            return new int[] {0x0403, 0x0807};
        }

        @Override
        public Alert trust(MemorySegment chain, long from, int length, String host) {
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }

        @Override
        public void key(MemorySegment target, long to) {
            Wire.u8(target, to, 1);
            fail(0);
        }

        @Override
        public long untilSeconds() {
            fail(1);
            return Long.MIN_VALUE;
        }

        @Override
        public long policy() {
            return 1;
        }

        private void fail(int here) {
            if (at == here) {
                throw new IllegalStateException("a verifier that fails");
            }
        }
    }

    @Test
    void aVerifierThatFailsToSayWhomItTrustedEndsThatHandshakeAlone() throws Exception {
        ServerIdentity who = Identities.of(KeyAlgorithm.ED25519, "client");
        for (int at = 0; at < 3; at++) {
            place.context().close();
            place.close();
            place = Place.of(SERVER.withClientAuthentication(ClientAuthentication.REQUIRED), new Failing(at), Entropy.SYSTEM, identity);
            place.context().ticketKeys(keys);
            clients.context().identity(who);
            begin("coffer.test");
            TlsClientTest.converse(client, server, now, now);
            assertEquals(at < 2 ? Alert.INTERNAL_ERROR : Alert.CLOSE_NOTIFY, server.alertSent());
            assertEquals(at == 2, server.isVerified());
            assertEquals(0, clients.context().sessions(), "of one whose time was over before it began, no ticket");
            client.close();
            server.close();
        }
    }

    @Test
    void theSameHelloTwiceIsAnsweredTwiceAndOpensNothingForWhoSaysItAgain() {
        assertFalse(resumes("coffer.test"));
        begin("coffer.test");
        MemorySegment wire = Arena.ofAuto().allocate(40_000);
        long said = client.pollOutput(wire, 0, 20_000, now);
        byte[] hello = wire.asSlice(0, said).toArray(ValueLayout.JAVA_BYTE);
        client.close();
        byte[][] answers = new byte[2][];
        for (int i = 0; i < 2; i++) {
            server.reset(now);
            MemorySegment.copy(hello, 0, wire, ValueLayout.JAVA_BYTE, 0, hello.length);
            server.feed(wire, 0, hello.length, now);
            answers[i] = wire.asSlice(0, server.pollOutput(wire, 0, 20_000, now)).toArray(ValueLayout.JAVA_BYTE);
            assertFalse(server.isOpen());
            server.close();
        }
        assertEquals(answers[0].length, answers[1].length);
        assertFalse(Arrays.equals(answers[0], answers[1]), "other keys each time");
        assertArrayEquals(new byte[] {22, 3, 3}, Arrays.copyOf(answers[0], 3));
    }

    /// {@return a hello with keys that are nobody's, and behind them one that is ours, whose binder is right}
    private byte[] hello(TestClient by, int strangers, String modes) {
        MemorySegment m = Arena.ofAuto().allocate(1 << 16);
        ServerContext context = place.context();
        int suite = SERVER.suites().indexOf(by.suite);
        KeySchedule schedule = context.schedule(suite);
        byte[] none = by.hello(by.extensions());
        MemorySegment.copy(none, 0, m, ValueLayout.JAVA_BYTE, 8192, none.length);
        assertEquals(null, context.hello().read(m, 8192 + 4, none.length - 4));
        context.resumption().begin(context.hello(), m, 0);
        assertEquals(2, context.resumption().count(by.now));
        context.resumption().write(0, by.suite, schedule, -1, m, 0, 1024, 2048, null, by.now);
        byte[] ticket = m.asSlice(2048 + 16, Tickets.BYTES).toArray(ValueLayout.JAVA_BYTE);
        byte[] identities = {};
        byte[] binders = {};
        for (int i = 0; i < strangers; i++) {
            identities = TestClient.concat(identities, TestClient.list16(new byte[10 + i]), new byte[4]);
            binders = TestClient.concat(binders, new byte[] {32}, new byte[32]);
        }
        byte[] key = TestClient.concat(TestClient.list16(TestClient.concat(identities, TestClient.list16(ticket), new byte[4])),
                TestClient.list16(TestClient.concat(binders, new byte[] {32}, new byte[32])));
        List<byte[]> extensions = by.extensions();
        extensions.add(TestClient.extension(Wire.PSK_MODES, TestClient.hex(modes)));
        extensions.add(TestClient.extension(Wire.PRE_SHARED_KEY, key));
        byte[] hello = by.hello(extensions);
        int covered = hello.length - 2 - 33 * (strangers + 1);
        Hash.SHA_256.hash(m, 16384, MemorySegment.ofArray(hello), 0, covered, m, 4096);
        schedule.resumption(m, 1024, m, 2048 + 13, 1, m, 4224);
        schedule.early(m, 4224, m, 4352);
        schedule.binder(m, 4352, m, 4096, MemorySegment.ofArray(hello), hello.length - 32);
        return hello;
    }

    /// {@return the ordinal of the key that the server takes; below 0 for none}
    private int taken(int strangers, String modes) {
        server = new TlsServer<>(place.context(), 1, (connection, at) -> new Echo(20_000));
        TestClient hostile = new TestClient(server, CipherSuite.CHACHA20_POLY1305_SHA256);
        hostile.say(Wire.HANDSHAKE, hello(hostile, strangers, modes));
        MemorySegment wire = Arena.ofAuto().allocate(20_000);
        int said = (int) server.pollOutput(wire, 0, 20_000, hostile.now);
        assertEquals(null, server.alertSent());
        server.close();
        int end = Wire.RECORD_HEADER_BYTES + BigEndian.u16(wire, 3);
        assertTrue(end <= said && Wire.u8(wire, 0) == Wire.HANDSHAKE);
        return BigEndian.i32(wire, end - 6) == (Wire.PRE_SHARED_KEY << 16 | 2) ? BigEndian.u16(wire, end - 2) : -1;
    }

    @Test
    void eachKeyHasItsOwnBinderAndTheFirstFourAreLookedAt() {
        for (int strangers = 0; strangers < PreSharedKeys.IDENTITIES_MAX; strangers++) {
            assertEquals(strangers, taken(strangers, "0101"));
        }
        assertEquals(-1, taken(PreSharedKeys.IDENTITIES_MAX, "0101"));
    }

    /// Section 4.2.9: nothing is resumed without a key exchange, whatever the ticket.
    @Test
    void aKeyIsTakenWithAKeyExchangeAlone() {
        assertEquals(0, taken(0, "020001"));
        assertEquals(-1, taken(0, "0100"));
        assertEquals(-1, taken(0, "0102"), "a mode that nobody knows");
    }
}
