package dev.coffer.server;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.Entropy;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Scarcity;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/// A server in a process of its own whose descriptors run out after two connections and before its first request, or its first handshake:
/// `FOLDER PORTABLE [tls]`. Asserts on.
final class PressedServer {
    private static final int EARLY = 2;         // connections that are there before the descriptors run out

    private static final long BUSY_NANOS = 600_000_000_000L;  // a handshake waits for its turn on a busy machine

    private PressedServer() {}

    public static void main(String... arguments) throws Exception {
        Scarcity scarcity = new Scarcity();
        Setup config = Setup.standard(Path.of(arguments[0])).sized(2, 8, 8)
                .withPortable(Boolean.parseBoolean(arguments[1]));
        if (arguments.length > 2) {
            TicketKeys tickets = TicketKeys.fresh(Arena.global().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 600);
            Tls tls = Tls.of(TlsServerConfig.defaults().withProtocols("h2", "http/1.1").withNanosMax(BUSY_NANOS, BUSY_NANOS),
                    Certified.make(KeyAlgorithm.P256, "localhost").identity());
            config = new Setup(config.config().withHttp2(Http2Serving.defaults()).withTls(tls.ticketKeys(tickets)), config.root(), config.files());
        }
        try (Server server = config.open()) {
            server.start();
            ChildJvm.pause("ready " + server.address().getPort());
            while (server.connections() < EARLY) {  // else a busy machine exhausts them before it is accepted
                Thread.onSpinWait();
            }
            ChildJvm.pause("exhausted " + scarcity.exhaust());
            scarcity.close();
            ChildJvm.pause("freed " + server.hasFailed());
            ChildJvm.pause("exhausted-again " + scarcity.exhaust());
        }
        ChildJvm.pause("closed");
    }
}
