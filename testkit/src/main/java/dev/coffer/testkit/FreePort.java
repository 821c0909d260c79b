package dev.coffer.testkit;

import java.net.InetAddress;
import java.net.ServerSocket;

/// For a test that must name a port before anyone listens there, or where nobody does. A port that was free a moment ago may be
/// another process's now, so what is done with it may fail for a reason that is nobody's fault: then it is done again with
/// another. Where it can be had, port 0 is better: the system's choice is held from the first moment.
public final class FreePort {
    private static final int TRIES = 20;

    private FreePort() {}

    /// What is done with the port; it leaves nothing behind when it fails.
    @FunctionalInterface
    public interface Use {
        /// Uses a port of the loopback address.
        void at(int port) throws Exception;
    }

    /// Finds a port and uses it, a number of times until that succeeds.
    ///
    /// @throws AssertionError  it never did; what came of the last port is its cause
    public static void with(Use use) {
        Throwable last = null;
        for (int tries = 0; tries < TRIES; tries++) {
            try {
                int port;
                try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    port = free.getLocalPort();
                }
                use.at(port);
                return;
            } catch (Exception | AssertionError e) {
                last = e;
            }
        }
        throw new AssertionError("with each of " + TRIES + " ports: " + last, last);
    }
}
