package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.server.ContentSink;
import dev.coffer.server.Exchange;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.MediaType;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A call over a connection that is there makes no object: on the client's thread, and on that of who asks.
class ClientSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS =
            List.of(Calls.class, Asking.class, Waiting.class, Cancelled.class, Shared.class, OverQuic.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noCallMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// Posts some bytes, reads the answer's fields, sums its content.
    private static final class Post implements Request, ResponseSink {
        private static final Ascii TARGET = Ascii.of("/echo");
        private static final Ascii VALUE = Ascii.of("a value");
        private static final int BYTES = 700;
        private static final MemorySegment BODY = Arena.global().allocate(BYTES);
        private final Origin origin;
        private int sent;
        private long got;
        private volatile int ends;
        private volatile Failure failure;

        Post(Origin origin) {
            this.origin = origin;
        }

        @Override
        public Origin origin() {
            return origin;
        }

        @Override
        public Method method() {
            return Method.PUT;
        }

        @Override
        public Ascii target() {
            return TARGET;
        }

        @Override
        public void begin() {
            sent = 0;
            got = 0;
        }

        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.USER_AGENT, VALUE).content(BYTES);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            int bytes = (int) Math.min(room, BYTES - sent);
            MemorySegment.copy(BODY, sent, output, at, bytes);
            sent += bytes;
            return bytes;
        }

        @Override
        public void head(Call call) {
            if (call.response().status() != 200 || call.response().find(FieldName.CONTENT_TYPE) < 0) {
                throw new IllegalStateException("status " + call.response().status());
            }
        }

        @Override
        public long take(Call call, MemorySegment content, long at, long length) {
            got += length;
            return length;
        }

        @Override
        public void end(Call call) {
            if (got != BYTES) {
                throw new IllegalStateException("got " + got);
            }
            ends = ends + 1;
        }

        @Override
        public void failed(Call call, Failure why) {
            failure = why;
            ends = ends + 1;
        }
    }

    /// A client and a server of ours, whose answer is as many bytes as it was sent.
    private abstract static class Pair implements SteadyPath {
        final Server server;
        final Client client;
        final Post[] posts;
        private final long clientThread;

        Pair(int posts) throws IOException {
            this(posts, false);
        }

        /// @param second  whether HTTP/2 is spoken
        Pair(int posts, boolean second) throws IOException {
            MemorySegment bytes = Arena.global().allocate(Post.BYTES);
            ContentSink sink = new ContentSink() {
                @Override
                public long take(Exchange exchange, MemorySegment content, long at, long length) {
                    return length;
                }

                @Override
                public void end(Exchange exchange) {
                    exchange.respond(200, MediaType.TEXT, bytes, 0, Post.BYTES);
                }
            };
            server = Server.open(second ? ServerConfig.standard().withHttp2(Http2Serving.defaults()) : ServerConfig.standard(),
                    Site.of(exchange -> exchange.receive(sink, 1 << 20)));
            server.start();
            ClientConfig config = ClientConfig.standard().withSize(4, 2, 2, 8);
            client = Client.open(second ? config.withHttp2(new Http2Asking(4, 1 << 15, true)) : config);
            clientThread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-client")).findFirst()
                    .orElseThrow().threadId();
            this.posts = new Post[posts];
            for (int i = 0; i < posts; i++) {
                this.posts[i] = new Post(Origin.http("127.0.0.1", server.address().getPort()));
            }
        }

        void ask(Post post) {
            long ticket;
            while ((ticket = client.tryAsk(post, post)) == Client.FULL) {
                LockSupport.parkNanos(20_000);  // a place is given back after its end was told
            }
            if (ticket < 0) {
                throw new IllegalStateException("ticket " + ticket);
            }
        }

        void await(Post post, int ends, Failure expected) {
            while (post.ends < ends) {
                LockSupport.parkNanos(20_000);
            }
            if (post.failure != expected) {
                throw new IllegalStateException("failure " + post.failure);
            }
        }

        @Override
        public long thread() {
            return clientThread;
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    static class Calls extends Pair {
        Calls() throws IOException {
            super(1);
        }

        @Override
        public void run() {
            int before = posts[0].ends;
            ask(posts[0]);
            await(posts[0], before + 1, null);
        }

        @Override
        public int operations() {
            return 128;
        }
    }

    static final class Asking extends Calls {
        Asking() throws IOException {}

        @Override
        public long thread() {
            return Thread.currentThread().threadId();
        }
    }

    /// More calls than connections.
    static class Waiting extends Pair {
        private int asked;

        Waiting() throws IOException {
            this(false);
        }

        Waiting(boolean second) throws IOException {
            super(6, second);
        }

        @Override
        public void run() {
            asked++;
            for (Post post : posts) {
                ask(post);
            }
            for (Post post : posts) {
                await(post, asked, null);
            }
        }

        @Override
        public int operations() {
            return 32;  // of several calls each
        }
    }

    /// Several calls at a time on one connection of HTTP/2, and more than it may carry.
    static final class Shared extends Waiting {
        Shared() throws IOException {
            super(true);
        }
    }

    /// Several calls at a time on one connection of HTTP/3. The server is of the engines alone.
    static final class OverQuic implements SteadyPath {
        private final Path folder = Files.createTempDirectory("coffer-h3");
        private final Http3Origin origin;
        private final Client client;
        private final Post[] posts = new Post[6];
        private final long clientThread;
        private int asked;

        OverQuic() throws Exception {
            Localhost localhost = Localhost.in(folder);
            origin = new Http3Origin(localhost.identity(), "h3", 100, 0);
            client = Client.open(localhost.client(0).withHttp3(Http3Asking.defaults().withWhen(Http3Asking.When.ALONE)));
            clientThread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-client")).findFirst()
                    .orElseThrow().threadId();
            for (int i = 0; i < posts.length; i++) {
                posts[i] = new Post(Origin.https("localhost", origin.port()));
            }
        }

        @Override
        public void run() {
            asked++;
            for (Post post : posts) {
                while (client.tryAsk(post, post) < 0) {
                    LockSupport.parkNanos(20_000);  // a place is given back after its end was told
                }
            }
            for (Post post : posts) {
                while (post.ends < asked) {
                    LockSupport.parkNanos(20_000);
                }
                if (post.failure != null) {
                    throw new IllegalStateException("failure " + post.failure);
                }
            }
        }

        @Override
        public long thread() {
            return clientThread;
        }

        @Override
        public int operations() {
            return 32;  // of several calls each
        }

        @Override
        public void close() throws IOException {
            client.close();
            origin.close();
            for (String name : new String[] {"store.p12", "trusted.pem"}) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.delete(folder);
        }
    }

    /// A call that is given up while it waits for a connection.
    static final class Cancelled extends Pair {
        private int asked;

        Cancelled() throws IOException {
            super(5);
        }

        @Override
        public void run() {
            asked++;
            for (int i = 0; i < 4; i++) {
                ask(posts[i]);
            }
            long ticket;
            Post late = posts[4];
            while ((ticket = client.tryAsk(late, late)) < 0) {
                LockSupport.parkNanos(20_000);
            }
            client.cancel(ticket);
            client.resume(ticket);
            for (int i = 0; i < 4; i++) {
                await(posts[i], asked, null);
            }
            while (late.ends < asked) {
                LockSupport.parkNanos(20_000);
            }
        }

        @Override
        public int operations() {
            return 32;  // of several calls each
        }
    }
}
