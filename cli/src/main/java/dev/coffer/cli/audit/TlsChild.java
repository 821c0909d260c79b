package dev.coffer.cli.audit;

import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.instruments.ProcessMemory;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.Align;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.KeyLog;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.SignatureScheme;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServer;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The process that [TlsProof] searches: clients and servers of TLS, stopped in the middle of their handshakes, open, and ended. The secrets, which a key log hears,
/// are written for the parent with every octet changed, and computed nowhere else: what is found of them is TLS's own.
final class TlsChild {
    static final String SHAKING = "shaking";
    static final String OPEN = "open";
    static final String ENDED = "ended";
    static final String CLOSED = "closed";
    static final int CONNECTIONS = 8;
    /// Of an entry in the file: label, length, the secret.
    static final int ENTRY_BYTES = 1 + 1 + 48;

    private static final int ENTRIES_MAX = 2 * 4 * CONNECTIONS;  // both sides hear each
    private static final int IO_BYTES = 1 << 15;
    private static final int HELLO_BYTES = 1300;                 // the server's hello whole, with a share of ML-KEM, and not all that is behind it
    private static final long NOW = 1_000_000_000L;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final MemorySegment HEARD = Arena.global().allocate(ENTRIES_MAX * (long) ENTRY_BYTES);
    private static int entries;
    private static byte[][] kept = new byte[0][];                // of the fault: what must not be there

    private TlsChild() {}

    /// {@return an octet of a secret as the file has it, and back}
    static byte changed(int index, byte octet) {
        return (byte) (octet ^ 0x5b + 37 * index);
    }

    /// @param arguments  folder, file for the secrets, seed of the tickets' keys, fault or "-"
    public static void main(String... arguments) throws IOException, UnusableKeysException {
        Path folder = Path.of(arguments[0]);
        Path told = Path.of(arguments[1]);
        PlantedSecrets planted = new PlantedSecrets(Long.parseLong(arguments[2]), 1);
        String fault = arguments[3];
        TlsServerConfig ofServer = TlsServerConfig.defaults().withCounts(CONNECTIONS, CONNECTIONS, CONNECTIONS);
        TlsClientConfig ofClient = TlsClientConfig.defaults().withCounts(CONNECTIONS, CONNECTIONS, CONNECTIONS).withSessions(1);
        MemoryPlan plan = MemoryPlan.group("audit", ofServer.plan(), ofClient.plan(),
                MemoryPlan.block("tickets", Align.up(TicketKeys.BYTES, Align.CACHE_LINE_BYTES)));
        RegionConfig config = RegionConfig.defaults("audit-tls");
        config = fault.equals(TlsProof.UNLOCKED) ? config.withProtection(Protection.LOCKED, Level.OFF) : config;
        KeyLog log = fault.equals(TlsProof.ON_HEAP) ? TlsChild::keep : TlsChild::hear;
        try (ServerKeys own = ServerKeys.of(folder.resolve("localhost.pem"), folder.resolve("localhost-key.pem"), numbers -> {
            throw new IllegalStateException("a key of RSA");
        }, (file, room) -> 0); Region region = Region.open(config, plan)) {
            MemorySegment serving = region.carve(ofServer.plan().name());
            MemorySegment asking = region.carve(ofClient.plan().name());
            TicketKeys tickets = TicketKeys.fresh(region.carve("tickets"), planted(planted), 600);
            ServerContext servers = ServerContext.over(ofServer, List.of(own.identity()), Entropy.SYSTEM, serving);
            ClientContext clients = ClientContext.over(ofClient, new Trusting(), Entropy.SYSTEM, asking);
            servers.ticketKeys(tickets);
            servers.clock(NOW, System.currentTimeMillis());
            servers.keyLog(log);
            clients.keyLog(log);
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                pairs.add(new Pair(servers, clients, i));
            }
            pairs.forEach(Pair::begin);
            pause(SHAKING, told, PlanProof.start(region) + " " + region.bytes());
            pairs.forEach(Pair::converse);
            pause(OPEN, told, "" + pairs.stream().filter(pair -> pair.client.isOpen() && pair.server.isOpen()).count());
            if (!fault.equals(TlsProof.UNENDED)) {
                pairs.forEach(Pair::close);
            }
            pause(ENDED, told, "");
            servers.close();
            clients.close();
            tickets.close();
            try (ProcessMemory memory = ProcessMemory.ofSelf()) {
                if (fault.equals(TlsProof.UNWIPED)) {
                    serving.set(BYTE, serving.byteSize() - 1, (byte) 1);
                }
                pause(CLOSED, told, "" + (memory.nonZero(serving.address(), serving.byteSize()) + memory.nonZero(asking.address(), asking.byteSize())));
            }
        }
    }

    private static void pause(String stage, Path told, String words) throws IOException {
        try (FileChannel out = FileChannel.open(told, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.write(HEARD.asSlice(0, (long) entries * ENTRY_BYTES).asByteBuffer());
        }
        ChildJvm.pause(stage + " " + words);
    }

    /// {@return what draws a key that the parent knows; names of keys, which are public, are drawn as ever}
    private static Entropy planted(PlantedSecrets secrets) {
        return (segment, at, length) -> {
            Entropy.SYSTEM.fill(segment, at, length);
            for (int i = 0; i < PlantedSecrets.BYTES && length == PlantedSecrets.BYTES; i++) {
                segment.set(BYTE, at + i, secrets.at(0, i));
            }
        };
    }

    private static void hear(KeyLog.Label label, MemorySegment memory, long randomAt, long secretAt, int secretBytes) {
        long entry = (long) ENTRY_BYTES * entries++;
        HEARD.set(BYTE, entry, (byte) label.ordinal());
        HEARD.set(BYTE, entry + 1, (byte) secretBytes);
        for (int i = 0; i < secretBytes; i++) {
            HEARD.set(BYTE, entry + 2 + i, changed(i, memory.get(BYTE, secretAt + i)));
        }
    }

    private static void keep(KeyLog.Label label, MemorySegment memory, long randomAt, long secretAt, int secretBytes) {
        hear(label, memory, randomAt, secretAt, secretBytes);
        kept = new byte[][] {kept.length == 0 ? null : kept[0], memory.asSlice(secretAt, secretBytes).toArray(BYTE)};
    }

    /// A client, a server, and what is between them.
    private static final class Pair {
        private final TlsServer<Object> server;
        private final TlsClient<Object> client;
        private final MemorySegment wire = Arena.global().allocate(IO_BYTES);
        private long held;  // bytes of the server's flight that the client has heard; the others stay where they are
        private long flight;

        Pair(ServerContext servers, ClientContext clients, int index) {
            server = new TlsServer<>(servers, index, (connection, now) -> new Said());
            client = new TlsClient<Object>(clients, index, (connection, now) -> new Said()).to("localhost");
            server.reset(NOW);
            client.reset(NOW);
        }

        /// Up to the server's hello in the client's hands.
        void begin() {
            carry(client, server);
            for (long bytes; (bytes = server.pollOutput(wire, flight, IO_BYTES - flight, NOW)) > 0; flight += bytes) {
                drain(server);
            }
            held = client.feed(wire, 0, HELLO_BYTES, NOW);
            drain(client);
        }

        void converse() {
            feed(client, held, flight);
            while (carry(client, server) | carry(server, client)) {
                // until both are silent
            }
        }

        private boolean carry(Engine<?> from, Engine<?> to) {
            boolean moved = false;
            for (long bytes; (bytes = from.pollOutput(wire, 0, IO_BYTES, NOW)) > 0; moved = true) {
                feed(to, 0, bytes);
            }
            drain(from);
            return moved;
        }

        private void feed(Engine<?> to, long from, long end) {
            for (long taken = from; taken < end;) {
                taken += to.feed(wire, taken, end - taken, NOW);
                drain(to);
            }
        }

        private static void drain(Engine<?> engine) {
            while (engine.pollEvent() != null) {
                // nothing that happens is anybody's here
            }
        }

        void close() {
            client.close();
            server.close();
        }
    }

    /// Says some words, and hears whatever comes.
    private static final class Said implements Engine<Object> {
        private static final byte[] WORDS = "said inside".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        private int sent;
        private boolean over;

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            return length;
        }

        @Override
        public long feedRoom() {
            return Long.MAX_VALUE;
        }

        @Override
        public void feedEnd(long nowNanos) {
            over = true;
        }

        @Override
        public void disconnect(long nowNanos) {
            over = true;
        }

        @Override
        public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
            int part = (int) Math.min(length, WORDS.length - sent);
            MemorySegment.copy(WORDS, sent, output, BYTE, at, part);
            sent += part;
            return part;
        }

        @Override
        public long outputBytesMin() {
            return 1;
        }

        @Override
        public boolean isOutputEnded() {
            return over;
        }

        @Override
        public Object pollEvent() {
            return null;
        }

        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void onDeadline(long nowNanos) {}

        @Override
        public void shutdown(long nowNanos) {
            over = true;
        }

        @Override
        public boolean isEnded() {
            return over;
        }

        @Override
        public void reset(long nowNanos) {}

        @Override
        public void close() {
            over = true;
        }
    }

    /// Takes whoever is there: it is this process.
    private static final class Trusting implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {SignatureScheme.ECDSA_SECP256R1_SHA256.code()};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }
    }
}
