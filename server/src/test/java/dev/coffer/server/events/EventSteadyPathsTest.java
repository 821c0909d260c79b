package dev.coffer.server.events;

import dev.coffer.http.Ascii;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an event costs over a real socket: 0 heap bytes of the loop's thread and of the publisher's, whoever executes it.
class EventSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noEventMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Sent.class, Published.class));
    }

    /// An event for all, one for one, a comment; each is heard before the next.
    private abstract static class Streamed implements SteadyPath {
        private static final Ascii TYPE = Ascii.of("type");
        private final Arena arena = Arena.ofShared();
        private final MemorySegment data = arena.allocate(40).fill((byte) 'x');
        private final byte[] sink = new byte[4096];
        private final EventHub hub;
        private final Server server;
        private final Socket socket;
        private volatile long number = -1;

        Streamed() throws IOException {
            hub = EventHub.of(EventConfig.standard(), (exchange, subscriber) -> number = subscriber);
            server = Server.open(ServerConfig.standard(), hub);
            server.start();
            socket = new Socket(server.address().getAddress(), server.address().getPort());
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().read(sink);
        }

        @Override
        public void run() throws IOException {
            hub.publish(TYPE, data, 0, 40);
            hear();
            hub.send(number, null, data, 3, 20);
            hear();
            hub.comment(data, 0, 5);
            hear();
        }

        private void hear() throws IOException {
            InputStream in = socket.getInputStream();
            in.read(sink);
        }

        @Override
        public int operations() {
            return 50;
        }

        @Override
        public void close() throws IOException {
            hub.endAll();
            socket.close();
            server.close();
            arena.close();
        }
    }

    /// As the loop's thread sees it.
    static final class Sent extends Streamed {
        Sent() throws IOException {}

        @Override
        public long thread() {
            return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0")).findFirst().orElseThrow()
                    .threadId();
        }
    }

    /// As the publisher sees it.
    static final class Published extends Streamed {
        Published() throws IOException {}
    }
}
