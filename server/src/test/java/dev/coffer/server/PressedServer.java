package dev.coffer.server;

import dev.coffer.instruments.ChildJvm;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;

/// A server in a process of its own whose descriptors run out after two connections and before its first request:
/// `FOLDER PORTABLE`. Asserts on.
final class PressedServer {
    private static final int HOARD = 4096;
    private static final int EARLY = 2;         // connections that are there before the descriptors run out

    private PressedServer() {}

    public static void main(String... arguments) throws IOException {
        FileInputStream[] hoard = new FileInputStream[HOARD];
        try {
            new FileInputStream("/dev/null").close();
            new FileInputStream("/none").close();
        } catch (IOException e) {
            hoard[0] = null;  // the classes of both ways out are there
        }
        Setup config = Setup.standard(Path.of(arguments[0])).sized(2, 8, 8)
                .withPortable(Boolean.parseBoolean(arguments[1]));
        try (Server server = config.open()) {
            server.start();
            ChildJvm.pause("ready " + server.address().getPort());
            while (server.connections() < EARLY) {  // else a busy machine exhausts them before it is accepted
                Thread.onSpinWait();
            }
            ChildJvm.pause("exhausted " + exhaust(hoard));
            for (FileInputStream held : hoard) {
                if (held != null) {
                    held.close();
                }
            }
            ChildJvm.pause("freed " + server.hasFailed());
            ChildJvm.pause("exhausted-again " + exhaust(hoard));
        }
        ChildJvm.pause("closed");
    }

    private static int exhaust(FileInputStream[] hoard) {
        int count = 0;
        try {
            while (count < HOARD) {
                hoard[count] = new FileInputStream("/dev/null");
                count++;
            }
        } catch (IOException e) {
            return count;
        }
        throw new IllegalStateException("no limit of descriptors");
    }
}
