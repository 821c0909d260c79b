package dev.coffer.server;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Scarcity;
import java.io.IOException;
import java.nio.file.Path;

/// A server in a process of its own whose descriptors run out after two connections and before its first request:
/// `FOLDER PORTABLE`. Asserts on.
final class PressedServer {
    private static final int EARLY = 2;         // connections that are there before the descriptors run out

    private PressedServer() {}

    public static void main(String... arguments) throws IOException {
        Scarcity scarcity = new Scarcity();
        Setup config = Setup.standard(Path.of(arguments[0])).sized(2, 8, 8)
                .withPortable(Boolean.parseBoolean(arguments[1]));
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
