package dev.coffer.tls;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// A client and a server that say the same in every conversation, since their randomness begins anew with each: what was recorded of one is
/// right for the next. Each can be had alone, with a [Script] in the other's place.
final class Subject implements AutoCloseable {
    static final long NOW = 1_000;
    static final byte[] SAID = "what is said".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final int ROOM = 1 << 17;
    private static final NamedGroup X25519_REMEMBERED = NamedGroup.X25519.withCurve(new Remembered());

    /// Randomness that a seed decides, and that can begin anew.
    private static final class Again implements Entropy {
        private final long seed;
        private SplittableRandom random;

        Again(long seed) {
            this.seed = seed;
            begin();
        }

        void begin() {
            random = new SplittableRandom(seed);
        }

        @Override
        public void fill(MemorySegment segment, long at, long length) {
            for (long i = 0; i < length; i++) {
                segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt());
            }
        }
    }

    /// What is carried by either: hears, counts, and answers with what it heard.
    static final class Ear extends Echo {
        final ByteArrayOutputStream heard = new ByteArrayOutputStream();

        Ear() {
            super(1 << 15);
        }

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            long taken = super.feed(input, at, length, nowNanos);
            heard.writeBytes(input.asSlice(at, taken).toArray(ValueLayout.JAVA_BYTE));
            return taken;
        }
    }

    final CipherSuite suite;
    private final TlsServerConfig serverConfig;
    private final Again serverRandom = new Again(4711);
    private final Again clientRandom = new Again(815);
    final Place place;
    final ClientPlace clientPlace;
    private final MemorySegment wire = Arena.ofAuto().allocate(ROOM);
    private final MemorySegment zeros = Arena.ofAuto().allocate(1 << 18);
    Script toServer;
    Script toClient;

    Subject(CipherSuite suite, PeerVerifier verifier, boolean retries) throws Exception {
        this(suite, verifier, retries, Wire.INNER_BYTES_MAX);
    }

    /// @param limit  of the records that the client takes
    Subject(CipherSuite suite, PeerVerifier verifier, boolean retries, int limit) throws Exception {
        this.suite = suite;
        this.serverConfig = TlsServerConfig.defaults().withCounts(1, 1, 1).withWaiting(1).withSuites(suite).withHelloBytesMax(2048)
                .withGroups(retries ? NamedGroup.SECP256R1 : X25519_REMEMBERED);
        TlsClientConfig clientConfig = TlsClientConfig.defaults().withCounts(1, 1, 1).withSuites(suite)
                .withGroups(X25519_REMEMBERED, NamedGroup.SECP256R1).withRecordSizeLimit(limit);
        this.place = Place.of(serverConfig, serverRandom, Identities.of(KeyAlgorithm.ED25519, "coffer.test"));
        this.clientPlace = ClientPlace.of(clientConfig, verifier, clientRandom);
        record();
    }

    TlsServer<Echo.Event> server(Ear ear) {
        serverRandom.begin();
        TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> ear);
        server.reset(NOW);
        return server;
    }

    TlsClient<Echo.Event> client(Ear ear) {
        clientRandom.begin();
        TlsClient<Echo.Event> client = new TlsClient<Echo.Event>(clientPlace.context(), 0, (connection, now) -> ear).to("coffer.test");
        client.reset(NOW);
        return client;
    }

    /// {@return all that an engine has to say now}
    byte[] said(Engine<?> engine) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (long wrote = 1; wrote > 0;) {
            wrote = engine.pollOutput(wire, 0, 1 << 15, NOW);
            all.writeBytes(wire.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE));
            while (engine.pollEvent() != null) {
                wrote = 1;
            }
        }
        return all.toByteArray();
    }

    /// Feeds bytes, as far as they are taken.
    void feed(Engine<?> engine, byte[] bytes, int from, int to) {
        for (int done = from; done < to;) {
            int part = (int) Math.min(Math.min(engine.feedRoom(), ROOM), to - done);
            if (part == 0) {
                return;
            }
            MemorySegment.copy(bytes, done, wire, ValueLayout.JAVA_BYTE, 0, part);
            long taken = engine.feed(wire, 0, part, NOW);
            if (taken < part) {
                throw new AssertionError("room for " + part + ", taken " + taken);
            }
            done += part;
        }
    }

    private void feed(Engine<?> engine, byte[] bytes) {
        feed(engine, bytes, 0, bytes.length);
    }

    /// {@return the server's secret of one direction}
    private byte[] secret(boolean write) {
        long at = serverConfig.plan().offsetOf(TlsContext.CONNECTIONS) + (write ? PacketProtection.STATE_BYTES : 0);
        return place.memory().asSlice(at, suite.secretBytes()).toArray(ValueLayout.JAVA_BYTE);
    }

    private void record() {
        TlsServer<Echo.Event> server = server(new Ear());
        TlsClient<Echo.Event> client = client(new Ear());
        byte[] up = said(client);
        byte[] down = {};
        feed(server, up);
        byte[] part = said(server);
        if (secret(true)[0] == 0 && secret(true)[1] == 0) {  // a retry
            down = part;
            feed(client, part);
            part = said(client);
            up = TestClient.concat(up, part);
            feed(server, part);
            part = said(server);
        }
        byte[] clientHandshake = secret(false);
        down = TestClient.concat(down, part);
        // The server's write state has stepped on with its Finished; what it was is the client's to read.
        long clientKeys = clientPlace.context().config().plan().offsetOf(TlsContext.CONNECTIONS);
        int hello = serverHelloEnd(down);
        feed(client, down, down.length - part.length, hello);
        byte[] serverHandshake = clientPlace.memory().asSlice(clientKeys, suite.secretBytes()).toArray(ValueLayout.JAVA_BYTE);
        feed(client, down, hello, down.length);
        byte[] finish = said(client);
        up = TestClient.concat(up, finish);
        feed(server, finish);
        if (!server.isOpen() || !client.isOpen()) {
            throw new AssertionError(server + ", " + client);
        }
        toServer = new Script(suite, clientHandshake, secret(false)).record(up);
        toClient = new Script(suite, serverHandshake, secret(true)).record(down);
        for (Script script : new Script[] {toServer, toClient}) {
            script.say(Wire.APPLICATION_DATA, SAID).say(Wire.HANDSHAKE, TestClient.hex("18000001 01")).say(Wire.APPLICATION_DATA, SAID)
                    .say(Wire.ALERT, (byte) 1, (byte) 90).say(Wire.APPLICATION_DATA, SAID).say(Wire.ALERT, (byte) 1, (byte) 0);
        }
        server.close();
        client.close();
        checkNothingLeft();
    }

    /// {@return where the last record without protection ends that is a hello}
    private static int serverHelloEnd(byte[] stream) {
        int end = 0;
        for (int p = 0; p < stream.length && stream[p] != Wire.APPLICATION_DATA;) {
            int next = p + Wire.RECORD_HEADER_BYTES + ((stream[p + 3] & 0xff) << 8 | stream[p + 4] & 0xff);
            end = stream[p] == Wire.HANDSHAKE ? next : end;
            p = next;
        }
        return end;
    }

    void checkNothingLeft() {
        check(place.memory(), place.context());
        check(clientPlace.memory(), clientPlace.context());
    }

    private void check(MemorySegment memory, TlsContext context) {
        if (context.pool().usedBytes() != 0) {
            throw new AssertionError(context + ": lent " + context.pool().usedBytes());
        }
        long at = MemorySegment.mismatch(memory, 0, memory.byteSize(), zeros, 0, memory.byteSize());
        if (at >= 0) {
            throw new AssertionError(context + ": left at " + at);
        }
    }

    @Override
    public void close() {
        place.close();
        clientPlace.close();
    }
}
