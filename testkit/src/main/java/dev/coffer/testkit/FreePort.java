package dev.coffer.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// For a test that must name a port before anyone listens there, or one where nobody does. A port that was free a moment ago may be
/// another process's now, so what is done with it may fail for a reason that is nobody's fault: then it is done again with
/// another. Where it can be had, port 0 is better: the system's choice is held from the first moment.
public final class FreePort {
    private static final int TRIES = 20;

    private FreePort() {}

    /// {@return a socket that holds a port of the loopback address, where nobody listens until it is closed: who calls there is refused}
    public static Socket refusing() throws IOException {
        Socket held = new Socket();
        try {
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return held;
        } catch (IOException e) {
            held.close();
            throw e;
        }
    }

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
