package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
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
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions of ours that are resumed: by tickets that fit, and not by others, which cost a whole handshake and nothing else.
class ResumptionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int LIFETIME = 1000;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(2, 1, 1).withProtocols("h2", "http/1.1")
            .withTickets(new TicketConfig(2, LIFETIME));
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(2, 1, 1).withProtocols("http/1.1");
    private static final byte[] TEXT = "resumed or not".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;
    private ServerIdentity identity;
    private TicketKeys keys;
    private Place place;
    private ClientPlace clients;
    private long now = 5 * SECOND;

    @BeforeEach
    void open() throws Exception {
        identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test", "*.coffer.test");
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, LIFETIME);
        server(SERVER);
        client(CLIENT);
    }

    private void server(TlsServerConfig config) {
        close(place);
        place = Place.of(config, identity);
        place.context().ticketKeys(keys);
    }

    private void client(TlsClientConfig config) throws Exception {
        close(clients);
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(identity.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
        clients = ClientPlace.of(config, JdkVerifier.of(trusted));
    }

    /// Nothing is left anywhere once a context is closed.
    private static void close(AutoCloseable of) {
        MemorySegment memory = of instanceof Place place ? place.memory() : of instanceof ClientPlace client ? client.memory() : null;
        if (of instanceof Place place) {
            assertEquals(0, place.context().pool().usedBytes());
            place.context().close();
        } else if (of instanceof ClientPlace client) {
            assertEquals(0, client.context().pool().usedBytes());
            client.context().close();
        }
        if (memory != null) {
            assertEquals(0, RawMemory.nonZero(memory), "left behind");
        }
        if (of instanceof Place place) {
            place.close();
        } else if (of instanceof ClientPlace client) {
            client.close();
        }
    }

    @AfterEach
    void close() {
        close(place);
        close(clients);
        keys.close();
    }

    /// {@return whether a connection is resumed, on both sides alike, and hears its echo}
    private boolean resumes(String host) {
        Echo echo = new Echo(20_000);
        Speaker speaker = new Speaker(TEXT);
        TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, at) -> echo);
        TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, at) -> speaker).to(host);
        server.reset(now);
        client.reset(now);
        TlsClientTest.converse(client, server, now, now);
        assertArrayEquals(TEXT, speaker.heard.toByteArray(), client + ", " + server);
        assertEquals(client.isResumed(), server.isResumed());
        boolean resumed = client.isResumed();
        client.close();
        server.close();
        ClientResumption of = clients.context().resumption();
        assertEquals(0, RawMemory.nonZero(of.memory(), of.secretAt(1), ClientResumption.CONNECTION_BYTES), "the connection's secret");
        now += SECOND;
        return resumed;
    }

    private boolean resumes() {
        return resumes("coffer.test");
    }

    @Test
    void aSessionIsResumedInEverySuiteAndGroupAndAfterARetry() throws Exception {
        for (CipherSuite suite : SERVER.suites()) {
            for (NamedGroup group : NamedGroup.values()) {
                server(SERVER.withSuites(suite).withGroups(group));
                client(CLIENT);
                assertFalse(resumes(), suite + ", " + group);
                assertTrue(resumes(), suite + ", " + group);
                assertTrue(resumes(), suite + ", " + group + ", once more");
            }
        }
    }

    @Test
    void aTicketIsUsedOnceAndTheStoreIsBounded() throws Exception {
        client(CLIENT.withSessions(3));
        assertFalse(resumes());
        assertEquals(2, clients.context().sessions());
        assertTrue(resumes());
        assertEquals(3, clients.context().sessions());
        place.context().ticketKeys(null);
        for (int left = 2; left >= 0; left--) {
            assertFalse(resumes());
            assertEquals(left, clients.context().sessions());
        }
        client(CLIENT.withSessions(0));
        place.context().ticketKeys(keys);
        assertFalse(resumes());
        assertFalse(resumes());
    }

    @Test
    void withoutKeysOrTicketsNothingIsResumed() throws Exception {
        server(SERVER.withTickets(TicketConfig.none()));
        assertFalse(resumes());
        assertEquals(0, clients.context().sessions());
        server(SERVER);
        place.context().ticketKeys(null);
        assertFalse(resumes());
        assertEquals(0, clients.context().sessions());
        place.context().ticketKeys(keys);
        assertFalse(resumes());
        server(SERVER.withTickets(TicketConfig.none()));
        assertFalse(resumes(), "a ticket of another server's with the same keys");
    }

    @Test
    void ofAnotherNameOrProtocolOrHashNothingIsResumed() throws Exception {
        assertFalse(resumes("a.coffer.test"));
        assertFalse(resumes("b.coffer.test"), "the client has none");
        assertTrue(resumes("A.coffer.test"), "letters of either case are the same");
        assertTrue(resumes("a.coffer.test"));
        server(SERVER.withProtocols("h2", "other"));
        client(CLIENT.withProtocols("other"));
        assertFalse(resumes());
        server(SERVER);
        assertTrue(clients.context().sessions() > 0);
        client(CLIENT.withSuites(CipherSuite.CHACHA20_POLY1305_SHA256, CipherSuite.AES_256_GCM_SHA384));
        assertFalse(resumes());
        server(SERVER.withSuites(CipherSuite.AES_256_GCM_SHA384));
        assertFalse(resumes(), "the hash is another");
        assertTrue(resumes());
        server(SERVER.withGroups(NamedGroup.SECP256R1).withSuites(CipherSuite.CHACHA20_POLY1305_SHA256));
        assertFalse(resumes(), "the hash is another, and it shows with the retry");
    }

    @Test
    void theServerTakesNoTicketOfAnotherNameOrProtocolWhateverTheClientOffers() throws Exception {
        assertFalse(resumes("a.coffer.test"));
        MemorySegment other = Arena.ofAuto().allocate(32);
        MemorySegment work = Arena.ofAuto().allocate(Hash.STATE_BYTES_MAX);
        Hash.SHA_256.hash(work, 0, Wire.ascii("b.coffer.test"), 0, 13, other, 0);
        tickets(entry -> MemorySegment.copy(other, 0, entry, SessionStore.HOST, 32));
        assertFalse(resumes("b.coffer.test"), "of another name");
        client(CLIENT.withProtocols("http/1.1", "other"));
        assertFalse(resumes());
        server(SERVER.withProtocols("other"));
        assertFalse(resumes(), "of another protocol");
        assertTrue(resumes());
    }

    @Test
    void aTicketIsTakenToTheEndOfItsTimeAndNotAfter() {
        assertFalse(resumes());
        now += (LIFETIME - 2) * SECOND;
        assertTrue(resumes(), "a moment before");
        now += (LIFETIME + 1) * SECOND;
        assertEquals(3, clients.context().sessions(), "of two handshakes");
        assertFalse(resumes(), "the client offers it no more");
        assertEquals(2, clients.context().sessions(), "what was too old is gone");
    }

    @Test
    void theServerTakesNoTicketThatIsTooOldWhateverTheClientThinks() {
        assertFalse(resumes());
        place.context().clock(now, now / 1_000_000 + LIFETIME * 1000L);
        assertFalse(resumes());
        assertTrue(resumes(), "a new one");
    }

    @Test
    void keysAreTurnedAndTheOnesBeforeOpenForTheirTime() {
        long begin = now;
        for (int turn = 0; turn < 8; turn++) {
            assertEquals(turn > 0, resumes(), "at " + (now - begin) / SECOND);
            now += (LIFETIME / 2 + 1) * SECOND;
        }
        assertTrue(keys.version(now / SECOND) > 6);
    }

    @Test
    void nothingIsResumedPastSevenDays() throws Exception {
        keys.close();
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, TicketKeys.LIFETIME_SECONDS_MAX);
        server(SERVER.withTickets(new TicketConfig(1, TicketKeys.LIFETIME_SECONDS_MAX)));
        assertFalse(resumes());
        for (int day = 1; day < 7; day++) {
            now += 24 * 3600 * SECOND - SECOND;
            assertTrue(resumes(), "day " + day);
        }
        now += 24 * 3600 * SECOND;
        assertFalse(resumes(), "of seven days ago");
    }

    @Test
    void closedKeysOpenNothing() {
        assertFalse(resumes());
        keys.close();
        assertFalse(resumes());
        assertFalse(resumes());
    }

    /// Changes every session's ticket that the client keeps.
    private void tickets(Consumer<MemorySegment> change) {
        MemorySegment store = clients.context().resumption().store().memory();
        for (long at = 0; at < store.byteSize(); at += SessionStore.ENTRY_BYTES) {
            change.accept(store.asSlice(at, SessionStore.ENTRY_BYTES));
        }
    }

    @Test
    void aForgedTicketCostsAWholeHandshakeAndNothingElse() {
        for (int at : new int[] {0, 15, 16, 39, 40, 41, 44, 100, Tickets.BYTES - 16, Tickets.BYTES - 1}) {
            assertFalse(resumes());
            tickets(entry -> Wire.u8(entry, SessionStore.TICKET + at, Wire.u8(entry, SessionStore.TICKET + at) ^ 1));
            assertFalse(resumes(), "byte " + at);
            tickets(entry -> entry.fill((byte) 0));
        }
    }

    @Test
    void theJdkResumes() throws Exception {
        SSLContext context = TlsServerTest.context(identity);
        TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, at) -> echo);
        for (int i = 0; i < 3; i++) {
            echo = new Echo(20_000);
            Wired wired = new Wired(server, TlsServerTest.engine(context, "coffer.test"), i);
            wired.toSend = TEXT;
            wired.closeAfter = true;
            wired.run();
            assertArrayEquals(TEXT, wired.heard.toByteArray());
            assertEquals(i > 0, server.isResumed(), "connection " + i);
            server.close();
        }
    }

    private Echo echo;

    /// A hello with keys, of which the extension's body is this.
    private Alert refused(byte[] body, boolean modes, byte[]... behind) {
        echo = new Echo(20_000);
        TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, at) -> echo);
        TestClient client = new TestClient(server, CipherSuite.CHACHA20_POLY1305_SHA256);
        List<byte[]> extensions = client.extensions();
        if (modes) {
            extensions.add(TestClient.extension(Wire.PSK_MODES, TestClient.hex("0101")));
        }
        extensions.add(TestClient.extension(Wire.PRE_SHARED_KEY, body));
        extensions.addAll(List.of(behind));
        byte[] hello = client.hello(extensions);
        client.remember(hello);
        client.say(Wire.HANDSHAKE, hello);
        client.listen();
        Alert alert = client.alert();
        server.close();
        assertEquals(0, place.context().pool().usedBytes());
        return alert;
    }

    private static byte[] identities(int count, int bytes) {
        byte[] all = {};
        for (int i = 0; i < count; i++) {
            all = TestClient.concat(all, TestClient.list16(new byte[bytes]), new byte[4]);
        }
        return TestClient.list16(all);
    }

    private static byte[] binders(int count, int bytes) {
        byte[] all = {};
        for (int i = 0; i < count; i++) {
            all = TestClient.concat(all, new byte[] {(byte) bytes}, new byte[bytes]);
        }
        return TestClient.list16(all);
    }

    @Test
    void malformedKeysHaveTheirAlerts() {
        assertEquals(null, refused(TestClient.concat(identities(1, 240), binders(1, 32)), true), "sound, and nobody's");
        assertEquals(null, refused(TestClient.concat(identities(9, 1), binders(9, 255)), true));
        byte[] sound = TestClient.concat(identities(2, 10), binders(2, 32));
        assertEquals(Alert.MISSING_EXTENSION, refused(sound, false), "section 4.2.9");
        assertEquals(Alert.ILLEGAL_PARAMETER, refused(sound, true, TestClient.extension(0xfe00, new byte[0])), "not the last");
        assertEquals(Alert.ILLEGAL_PARAMETER, refused(TestClient.concat(identities(2, 10), binders(1, 32)), true));
        assertEquals(Alert.ILLEGAL_PARAMETER, refused(TestClient.concat(identities(1, 10), binders(2, 32)), true));
        assertEquals(Alert.DECODE_ERROR, refused(TestClient.concat(identities(1, 10), binders(1, 31)), true), "a binder that is too short");
        assertEquals(Alert.DECODE_ERROR, refused(TestClient.concat(identities(1, 0), binders(1, 32)), true), "an empty identity");
        assertEquals(Alert.DECODE_ERROR, refused(TestClient.concat(identities(0, 0), binders(0, 0)), true));
        assertEquals(Alert.DECODE_ERROR, refused(TestClient.concat(identities(1, 10), binders(0, 0)), true));
        for (int length = 0; length < sound.length; length++) {
            assertEquals(Alert.DECODE_ERROR, refused(Arrays.copyOf(sound, length), true), length + " bytes of " + sound.length);
        }
        assertEquals(Alert.DECODE_ERROR, refused(Arrays.copyOf(sound, sound.length + 1), true));
    }

    /// {@return what the server says to a hello of our client, in which byte `at` from its end was changed}
    private Alert changed(int at) {
        echo = new Echo(20_000);
        TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, of) -> echo);
        TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, of) -> new Speaker(TEXT)).to("coffer.test");
        server.reset(now);
        client.reset(now);
        MemorySegment wire = Arena.ofAuto().allocate(20_000);
        long said = client.pollOutput(wire, 0, 20_000, now);
        Wire.u8(wire, said - at, Wire.u8(wire, said - at) ^ 0x10);
        server.feed(wire, 0, said, now);
        server.pollOutput(wire, 0, 20_000, now);
        Alert alert = server.alertSent();
        server.close();
        client.close();
        return alert;
    }

    @Test
    void aBinderThatIsWrongInOneBitEndsTheConnection() {
        for (int at : new int[] {1, 2, 16, 31, 32}) {
            assertFalse(resumes());
            assertEquals(Alert.DECRYPT_ERROR, changed(at), "byte " + at + " from the end");
            tickets(entry -> entry.fill((byte) 0));
        }
        assertFalse(resumes());
        assertEquals(Alert.DECRYPT_ERROR, changed(36), "the age, which the binder covers");
        tickets(entry -> entry.fill((byte) 0));
        assertFalse(resumes());
        place.context().ticketKeys(null);
        assertEquals(null, changed(1), "a binder of a key that is not taken says nothing");
    }

    /// {@return what a client says to a server's hello with that extension}
    private Alert heard(boolean offers, String extension) throws Exception {
        client(CLIENT.withSuites(CipherSuite.CHACHA20_POLY1305_SHA256).withGroups(NamedGroup.X25519));
        if (offers) {
            server(SERVER.withSuites(CipherSuite.CHACHA20_POLY1305_SHA256));
            assertFalse(resumes());
        }
        TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, of) -> new Speaker(TEXT)).to("coffer.test");
        client.reset(now);
        MemorySegment wire = Arena.ofAuto().allocate(20_000);
        client.pollOutput(wire, 0, 20_000, now);
        byte[] session = wire.asSlice(5 + 4 + 2 + 32 + 1, 32).toArray(ValueLayout.JAVA_BYTE);
        byte[] share = new byte[32];
        share[0] = 9;
        byte[] hello = TestClient.message(Wire.SERVER_HELLO, TestClient.concat(TestClient.u16(Wire.TLS_1_2), new byte[32], new byte[] {32}, session,
                TestClient.u16(0x1303), new byte[1], TestClient.list16(TestClient.concat(TestClient.extension(Wire.SUPPORTED_VERSIONS,
                        TestClient.u16(Wire.TLS_1_3)),
                        TestClient.extension(Wire.KEY_SHARE, TestClient.concat(TestClient.u16(0x1d),
                                TestClient.list16(share))),
                        TestClient.hex(extension)))));
        byte[] record = TestClient.concat(new byte[] {22, 3, 3}, TestClient.u16(hello.length), hello);
        MemorySegment.copy(record, 0, wire, ValueLayout.JAVA_BYTE, 0, record.length);
        client.feed(wire, 0, record.length, now);
        client.pollOutput(wire, 0, 20_000, now);
        Alert alert = client.alertSent();
        client.close();
        return alert;
    }

    @Test
    void whatAServerMaySayOfAKey() throws Exception {
        assertEquals(null, heard(false, ""));
        assertEquals(null, heard(true, "0029 0002 0000"));
        assertEquals(Alert.UNSUPPORTED_EXTENSION, heard(false, "0029 0002 0000"));
        assertEquals(Alert.ILLEGAL_PARAMETER, heard(true, "0029 0002 0001"));
        assertEquals(Alert.DECODE_ERROR, heard(true, "0029 0003 000000"));
        assertEquals(Alert.ILLEGAL_PARAMETER, heard(true, "0029 0002 0000 0029 0002 0000"));
    }

    @Test
    void whatAServerMaySayInATicket() {
        assertEquals(null, ticket("00000e10 00000000 01 00 0001 aa 0000"));
        assertEquals(1, clients.context().sessions());
        assertEquals(null, ticket("00000000 00000000 01 00 0001 aa 0000"), "to be forgotten at once");
        assertEquals(null, ticket("00093a80 00000000 00 0001 aa 0008 002a 0004 00004000"));
        assertEquals(2, clients.context().sessions());
        assertEquals(Alert.ILLEGAL_PARAMETER, ticket("00093a81 00000000 00 0001 aa 0000"), "more than seven days");
        assertEquals(Alert.DECODE_ERROR, ticket("00000e10 00000000 00 0000 0000"), "an empty one");
        String sound = "00000e10 00000000 01 00 0001 aa 0004 fe00 0000";
        assertEquals(null, ticket(sound));
        String hex = sound.replace(" ", "");
        for (int length = 0; length < hex.length(); length += 2) {
            assertEquals(Alert.DECODE_ERROR, ticket(hex.substring(0, length)), "of " + length / 2 + " bytes");
        }
        assertEquals(Alert.DECODE_ERROR, ticket(sound + "00"));
    }

    private Alert ticket(String hex) {
        byte[] bytes = TestClient.hex(hex);
        MemorySegment message = Arena.ofAuto().allocate(Math.max(1, bytes.length)).copyFrom(MemorySegment.ofArray(bytes));
        return clients.context().resumption().onTicket(null, Wire.ascii("coffer.test"), 0, CLIENT.suites().getFirst(), clients.context().schedule(0), 0,
                Long.MAX_VALUE, null, message, 0, bytes.length, now);
    }
}
