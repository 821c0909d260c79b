package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Client and server of ours with each other: whatever both have, in whatever pieces.
class TlsClientTest {
    private static final long NOW = 1_000;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(2, 1, 1).withSchemes(SignatureScheme.values())
            .withProtocols("h2", "http/1.1");
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(2, 1, 1).withProtocols("http/1.1");

    @TempDir
    private Path folder;

    private JdkVerifier trusting(ServerIdentity... identities) throws Exception {
        StringBuilder text = new StringBuilder();
        for (ServerIdentity identity : identities) {
            text.append("-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(identity.certificate().getEncoded())
                    + "\n-----END CERTIFICATE-----\n");
        }
        return JdkVerifier.of(Files.writeString(folder.resolve("trusted.pem"), text, StandardCharsets.US_ASCII));
    }

    /// Carries bytes between two engines, cut at random, until nothing moves.
    static void converse(Engine<?> one, Engine<?> other, long seed) {
        converse(one, other, seed, NOW);
    }

    static void converse(Engine<?> one, Engine<?> other, long seed, long now) {
        SplittableRandom random = new SplittableRandom(seed);
        MemorySegment[] wires = {Arena.ofAuto().allocate(1 << 20), Arena.ofAuto().allocate(1 << 20)};
        long[] held = {0, 0};
        boolean moved = true;
        while (moved) {
            moved = turn(one, wires[0], held, 0, random, now) | turn(other, wires[1], held, 1, random, now);
            moved |= deliver(other, wires[0], held, 0, random, now) | deliver(one, wires[1], held, 1, random, now);
        }
    }

    /// One side says all that it has to say, and the other hears it.
    static void exchange(Engine<?> from, Engine<?> to, long now) {
        MemorySegment wire = Arena.ofAuto().allocate(1 << 17);
        long[] held = {0};
        turn(from, wire, held, 0, new SplittableRandom(1), now);
        while (held[0] > 0 && deliver(to, wire, held, 0, new SplittableRandom(2), now)) {
            // as much as is taken
        }
    }

    private static boolean turn(Engine<?> engine, MemorySegment wire, long[] held, int side, SplittableRandom random, long now) {
        boolean moved = false;
        boolean more = true;
        while (more) {
            long room = engine.outputBytesMin() + random.nextInt(20_000);
            long wrote = wire.byteSize() - held[side] < room ? 0 : engine.pollOutput(wire, held[side], room, now);
            held[side] += wrote;
            more = wrote > 0;
            while (engine.pollEvent() != null) {
                more = true;
            }
            moved |= more;
        }
        return moved;
    }

    private static boolean deliver(Engine<?> to, MemorySegment wire, long[] held, int side, SplittableRandom random, long now) {
        long part = Math.min(held[side], Math.min(to.feedRoom(), 1 + random.nextInt(6000)));
        if (part == 0) {
            return false;
        }
        long taken = to.feed(wire, 0, part, now);
        assertEquals(part, taken);
        MemorySegment.copy(wire, taken, wire, 0, held[side] - taken);
        held[side] -= taken;
        return true;
    }

    private void echo(ServerIdentity identity, TlsServerConfig serverConfig, TlsClientConfig clientConfig, long seed) throws Exception {
        byte[] text = new byte[60_000];
        new SplittableRandom(seed).nextBytes(text);
        try (Place place = Place.of(serverConfig, identity); ClientPlace clients = ClientPlace.of(clientConfig, trusting(identity))) {
            Echo echo = new Echo(20_000);
            Speaker speaker = new Speaker(text);
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> echo);
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, now) -> speaker).to("coffer.test");
            server.reset(NOW);
            client.reset(NOW);
            converse(client, server, seed);
            String what = identity + ", " + serverConfig.suites() + ", " + serverConfig.groups() + ": " + client + ", " + server;
            assertArrayEquals(text, speaker.heard.toByteArray(), what);
            assertEquals("http/1.1", client.protocol());
            assertEquals("http/1.1", server.protocol());
            assertTrue(client.isEnded() && server.isEnded(), what);
            assertEquals(Alert.CLOSE_NOTIFY, server.alertReceived(), what);
            client.close();
            server.close();
            assertEquals(0, RawMemory.nonZero(place.memory()), "left by the server");
            assertEquals(0, RawMemory.nonZero(clients.memory()), "left by the client");
        }
    }

    @Test
    void anEchoInEveryGroupAndSuiteThatBothHave() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.P256, "coffer.test");
        long seed = 1;
        for (NamedGroup group : NamedGroup.values()) {
            echo(identity, SERVER.withGroups(group), CLIENT.withGroups(group), seed++);
            echo(identity, SERVER.withGroups(group), CLIENT, seed++);  // by a retry, for the two that the client has no share of
        }
        for (CipherSuite suite : SERVER.suites()) {
            echo(identity, SERVER.withSuites(suite), CLIENT, seed++);
        }
    }

    @Test
    void anEchoWithEveryKindOfCertificate() throws Exception {
        long seed = 100;
        for (SignatureScheme scheme : SignatureScheme.values()) {
            echo(scheme.algorithm() == null ? Identities.ofRsa("coffer.test") : Identities.of(scheme.algorithm(), "coffer.test"),
                    SERVER.withSchemes(scheme), CLIENT, seed++);
        }
    }

    private void refused(Alert alert, ServerIdentity identity, PeerVerifier verifier, String host, TlsServerConfig serverConfig)
            throws Exception {
        try (Place place = Place.of(serverConfig, identity); ClientPlace clients = ClientPlace.of(CLIENT, verifier)) {
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> new Echo(100));
            TlsClient<Speaker.Event> client =
                    new TlsClient<Speaker.Event>(clients.context(), 1, (connection, now) -> new Speaker(new byte[10])).to(host);
            server.reset(NOW);
            client.reset(NOW);
            converse(client, server, 5);
            assertEquals(alert, client.alertSent() == null ? client.alertReceived() : client.alertSent());
            assertTrue(client.isEnded() && server.isEnded());
            client.close();
            server.close();
            assertEquals(0, RawMemory.nonZero(clients.memory()), "left by the client");
        }
    }

    @Test
    void whoIsNotTrusted() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test", "*.wild.test");
        refused(Alert.BAD_CERTIFICATE, identity, trusting(identity), "other.test", SERVER);
        refused(Alert.BAD_CERTIFICATE, identity, trusting(identity), "a.b.wild.test", SERVER);
        refused(Alert.BAD_CERTIFICATE, identity, trusting(identity), "wild.test", SERVER);
        refused(Alert.BAD_CERTIFICATE, identity, trusting(identity), "127.0.0.1", SERVER);
        refused(Alert.UNKNOWN_CA, identity, JdkVerifier.ofSystem(), "coffer.test", SERVER);
        refused(Alert.NO_APPLICATION_PROTOCOL, identity, trusting(identity), "coffer.test", SERVER.withProtocols("h2"));
        refused(Alert.HANDSHAKE_FAILURE, identity, new JustOne(trusting(identity)), "coffer.test", SERVER);
    }

    @Test
    void aSignatureThatDoesNotVerify() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        JdkVerifier real = trusting(identity);
        refused(Alert.DECRYPT_ERROR, identity, new PeerVerifier() {
            @Override
            public PeerVerifier another() {
                return this;
            }

            @Override
            public int[] schemes() {
                return real.schemes();
            }

            @Override
            public Alert trust(MemorySegment chain, long at, int length, String host) {
                return real.trust(chain, at, length, host);
            }

            @Override
            public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                    int signatureLength) {
                return real.verifies(scheme, covered, coveredAt, coveredLength - 1, signature, signatureAt, signatureLength);
            }
        }, "coffer.test", SERVER);
    }

    /// Verifies with P-256 alone, which the server's key is not.
    private record JustOne(PeerVerifier real) implements PeerVerifier {
        @Override
        public PeerVerifier another() {
            return new JustOne(real.another());
        }

        @Override
        public int[] schemes() {
            return new int[] {0x0403};
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return real.trust(chain, at, length, host);
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return real.verifies(scheme, covered, coveredAt, coveredLength, signature, signatureAt, signatureLength);
        }
    }

    @Test
    void twoHandshakesAtOnceAreEachVerifiedWithTheirOwnServersKey() throws Exception {
        ServerIdentity[] who = {Identities.of(KeyAlgorithm.P256, "one.test"), Identities.of(KeyAlgorithm.P256, "two.test")};
        TlsServerConfig inPieces = SERVER.withCounts(2, 2, 2).withCarriedOutputBytesMin(64);
        try (Place place = Place.of(inPieces, who); ClientPlace clients = ClientPlace.of(CLIENT.withCounts(2, 2, 2), trusting(who))) {
            List<TlsServer<Echo.Event>> servers = new ArrayList<>();
            List<TlsClient<Speaker.Event>> both = new ArrayList<>();
            MemorySegment wire = Arena.ofAuto().allocate(1 << 16);
            for (int i = 0; i < 2; i++) {
                servers.add(new TlsServer<>(place.context(), i, (connection, now) -> new Echo(100)));
                both.add(new TlsClient<Speaker.Event>(clients.context(), i, (connection, now) -> new Speaker(new byte[10])).to(i == 0 ? "one.test"
                        : "two.test"));
                servers.get(i).reset(NOW);
                both.get(i).reset(NOW);
                servers.get(i).feed(wire, 0, both.get(i).pollOutput(wire, 0, 20_000, NOW), NOW);
            }
            for (int record = 0; record < 100; record++) {  // of one, of the other: both certificates come before either signature
                for (int i = 0; i < 2; i++) {
                    both.get(i).feed(wire, 0, servers.get(i).pollOutput(wire, 0, servers.get(i).outputBytesMin(), NOW), NOW);
                }
            }
            for (int i = 0; i < 2; i++) {
                assertNull(both.get(i).pollOutput(wire, 0, 20_000, NOW) > 0 ? both.get(i).alertSent() : Alert.INTERNAL_ERROR);
                assertTrue(both.get(i).isOpen(), both.get(i)::toString);
                both.get(i).close();
                servers.get(i).close();
            }
        }
    }

    @Test
    void aVerifierThatThrowsRefusesTheServer() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        for (boolean early : new boolean[] {true, false}) {
            refused(Alert.INTERNAL_ERROR, identity, new Throwing(trusting(identity), early), "coffer.test", SERVER);
        }
    }

    /// Throws at a chain, or at a signature.
    private record Throwing(PeerVerifier real, boolean early) implements PeerVerifier {
        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public int[] schemes() {
            return real.schemes();
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            if (early) {
                throw new IllegalStateException("a chain");
            }
            return real.trust(chain, at, length, host);
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            throw new StackOverflowError("a signature");
        }
    }

    @Test
    void anEndWithoutAWordCutsWhatIsCarried() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        try (Place place = Place.of(SERVER, identity); ClientPlace clients = ClientPlace.of(CLIENT, trusting(identity))) {
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(100));
            Speaker speaker = new Speaker(new byte[50]);
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 0, (connection, now) -> speaker).to("coffer.test");
            server.reset(NOW);
            client.reset(NOW);
            MemorySegment wire = Arena.ofAuto().allocate(1 << 16);
            for (int i = 0; i < 3; i++) {
                server.feed(wire, 0, client.pollOutput(wire, 0, 20_000, NOW), NOW);
                for (long wrote = 1; wrote > 0;) {
                    wrote = server.pollOutput(wire, 0, 20_000, NOW);
                    client.feed(wire, 0, wrote, NOW);
                }
            }
            assertTrue(client.isOpen());
            client.feedEnd(NOW);
            assertTrue(client.isTruncated() && client.isEnded());
            assertEquals(Speaker.Event.CUT, client.pollEvent());
            assertNull(client.alertReceived());
            client.close();
            server.close();
        }
    }

    /// A verifier of so many schemes, of which the last ones mean nothing.
    private record Many(PeerVerifier real, int count) implements PeerVerifier {
        @Override
        public int[] schemes() {
            int[] all = Arrays.copyOf(real.schemes(), count);
            for (int i = real.schemes().length; i < count; i++) {
                all[i] = 0xfe00 + i;
            }
            return all;
        }

        @Override
        public PeerVerifier another() {
            return new Many(real.another(), count);
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return real.trust(chain, at, length, host);
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return real.verifies(scheme, covered, coveredAt, coveredLength, signature, signatureAt, signatureLength);
        }
    }

    @Test
    void aHelloOfAllThatIsAllowedFitsItsSlotAndOneMoreIsRefused() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        CipherSuite[] suites = Collections.nCopies(8, CipherSuite.CHACHA20_POLY1305_SHA256).toArray(CipherSuite[]::new);
        NamedGroup[] groups = Collections.nCopies(8, NamedGroup.SECP256R1MLKEM768).toArray(NamedGroup[]::new);
        groups[7] = NamedGroup.X25519;
        TlsClientConfig most = CLIENT.withSuites(suites).withGroups(groups).withProtocols("a".repeat(251), "b".repeat(250), "http/1.1").withEarlyBytes(2048);
        try (ClientPlace clients = ClientPlace.of(most, new Many(trusting(identity), 32))) {
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 0, (connection, now) -> new Speaker(new byte[1]))
                    .to("a".repeat(253)).early(true);
            client.reset(NOW);
            MemorySegment hello = Arena.ofAuto().allocate(1 << 14);
            long said = client.pollOutput(hello, 0, 1 << 14, NOW);
            // all of it but the cookie and its head, which a retry alone has, QUIC's parameters, and a session, which there is none of
            long all = Wire.RECORD_HEADER_BYTES + ClientHelloWriter.BYTES_MAX - 6 - 1024 - 4 - QuicTransport.PARAMETERS_BYTES_MAX;
            assertEquals(all - ClientResumption.OFFER_BYTES_MAX + 6, said);
            client.reset(NOW);
            ClientResumption resumption = clients.context().resumption();
            for (int bytes : new int[] {SessionStore.TICKET_BYTES_MAX, SessionStore.TICKET_BYTES_MAX + 1}) {
                MemorySegment ticket = Arena.ofAuto().allocate(4 + 4 + 1 + 2 + bytes + 2 + 8);
                BigEndian.u16(ticket, 2, 1000);
                BigEndian.u16(ticket, 9, bytes);
                BigEndian.u16(ticket, 11 + bytes, 8);
                BigEndian.i64(ticket, 13 + bytes, (long) Wire.EARLY_DATA << 48 | 4L << 32 | 2048);
                assertNull(
                        resumption.onTicket(null, Wire.ascii("a".repeat(253)), 0, suites[0], clients.context().schedule(0), 0, Long.MAX_VALUE, null, ticket, 0,
                                (int) ticket.byteSize(), NOW));
                assertEquals(1, clients.context().sessions(), "one that is longer is not kept");
            }
            assertEquals(all - 16, client.pollOutput(hello, 0, 1 << 14, NOW), "a binder of SHA-256 is 16 bytes shorter");
            client.close();
            assertEquals(0, RawMemory.nonZero(clients.memory()));
        }
        assertThrows(IllegalArgumentException.class, () -> ClientPlace.of(CLIENT, new Many(trusting(identity), 33)));
        assertThrows(IllegalArgumentException.class, () -> CLIENT.withSuites(Collections.nCopies(9, suites[0]).toArray(CipherSuite[]::new)));
        NamedGroup[] nine = Collections.nCopies(9, NamedGroup.X25519).toArray(NamedGroup[]::new);
        assertThrows(IllegalArgumentException.class, () -> CLIENT.withGroups(nine));
    }
}
