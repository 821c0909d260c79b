package dev.coffer.server.route;

import dev.coffer.http.Status;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a router does for a request over a real socket: 0 heap bytes of its loop's thread, whoever executes it.
class RouterSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noRequestMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Routed.class));
    }

    /// Every way through a router, one request at a time.
    static final class Routed implements SteadyPath {
        private static final String[] REQUESTS = {"GET / ", "GET /users/a%62c/posts/%37 ", "HEAD /users/1/posts/2 ", "PUT /users/1/posts/2 ",
                "BREW /users/1/posts/2 ", "OPTIONS /users/1/posts/2 ", "OPTIONS * ", "GET /none ", "GET /a/%2e%2e ", "GET /m/x/y/z ",
                "POST /small "};
        private final Server server;
        private final Socket socket;
        private final byte[][] requests = new byte[REQUESTS.length][];
        private final byte[] sink = new byte[4096];

        Routed() throws IOException {
            Handler plain = Routed::answer;
            server = Server.open(ServerConfig.standard(), Router.of(Route.get("/", plain), Route.get("/users/{id}/posts/{post}", plain),
                    Route.under("/m/{x}/", Router.of(Route.get("/{rest*}", plain))), Route.post("/small", plain).withLimits(0, 1_000_000_000L)));
            server.start();
            socket = new Socket(server.address().getAddress(), server.address().getPort());
            for (int i = 0; i < requests.length; i++) {
                requests[i] = (REQUESTS[i] + "HTTP/1.1\r\nHost: a\r\n" + (i == requests.length - 1 ? "Content-Length: 1\r\n\r\nx" : "\r\n"))
                        .getBytes(StandardCharsets.US_ASCII);
            }
        }

        private static void answer(Exchange exchange) {
            int id = exchange.parameter("id");
            if (id >= 0) {
                Percent.decode(exchange.request().segment(), exchange.parameterAt(id), exchange.parameterLength(id), exchange.scratch(),
                        exchange.scratchAt(), Exchange.SCRATCH_BYTES);
            }
            exchange.respond(Status.OK);
        }

        @Override
        public void run() throws IOException {
            InputStream in = socket.getInputStream();
            for (byte[] request : requests) {
                socket.getOutputStream().write(request);
                in.read(sink);
            }
        }

        @Override
        public int operations() {
            return 14;
        }

        @Override
        public long thread() {
            return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0")).findFirst().orElseThrow()
                    .threadId();
        }

        @Override
        public void close() throws IOException {
            socket.close();
            server.close();
        }
    }
}
