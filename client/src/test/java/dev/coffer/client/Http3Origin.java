package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.RequestHead;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Server;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.QuicConfig;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEvent;
import dev.coffer.quic.QuicLoop;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A server of HTTP/3 over the engines of ours on a thread of its own, for tests of a client. What it answers is said by the path:
///
/// `/N` N bytes, known beforehand; `/N/t` the same with a trailer, of unknown length; `/echo` what was sent; `/wait` nothing, until [#release]; `/reject` H3_REQUEST_REJECTED-like: the
/// exchange is given up; `/wrong` 421.
final class Http3Origin implements AutoCloseable {
    private static final int CONNECTIONS = 8;
    private static final int STREAMS = 200;
    private static final long PATIENCE_NANOS = Eventually.MILLIS * 1_000_000L;  // a handshake in an interpreter, beside other builds, may take longer than the 10 s of defaults
    private static final Ascii TYPE = Ascii.of("text/plain");
    private static final Ascii SUM = Ascii.of("x-sum");

    private final DatagramChannel channel;
    private final Selector selector;
    private final int port;
    private final Thread thread;
    private final QuicLoop loop;
    private final ServerContext context;
    private final List<End> ends = new ArrayList<>();
    private final Map<String, End> byId = new HashMap<>();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;
    volatile Throwable fault;
    /// Connections whose handshake was completed.
    final AtomicInteger connections = new AtomicInteger();
    /// Those that the client has closed.
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();
    volatile String lastAltUsed;

    /// @param protocol  of ALPN
    /// @param streams   of a connection at a time, by the transport's limit
    Http3Origin(ServerIdentity identity, String protocol, int streams, int port) throws IOException {
        TlsServerConfig tls =
                TlsServerConfig.defaults().withProtocols(protocol).withCounts(CONNECTIONS, CONNECTIONS, 1).withNanosMax(PATIENCE_NANOS, PATIENCE_NANOS);
        QuicConfig quic = QuicConfig.defaults().withStreams(streams, 3);
        Http3Config http = Http3Config.defaults().withLimits(Limits.defaults().withTimes(PATIENCE_NANOS, PATIENCE_NANOS, PATIENCE_NANOS));
        context = ServerContext.over(tls, List.of(identity), Entropy.SYSTEM, memory(tls.plan().totalBytes()));
        loop = QuicLoop.over(quic, CONNECTIONS, CONNECTIONS, tls.suites(), Entropy.SYSTEM,
                memory(QuicLoop.plan(quic, CONNECTIONS, CONNECTIONS, tls.suites()).totalBytes()));
        Http3Streams shared = new Http3Streams(http, STREAMS, memory(Http3Streams.plan(http, STREAMS).totalBytes()), 0, null);
        for (int i = 0; i < CONNECTIONS; i++) {
            ends.add(new End(QuicConnection.server(loop, context, i), new Http3Server(http, memory(http.plan().totalBytes()), 0, shared)));
        }
        channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        channel.configureBlocking(false);
        this.port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        thread = Thread.ofPlatform().name("http3-origin").daemon().start(this::run);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    int port() {
        return port;
    }

    String url(String path) {
        return "https://localhost:" + port() + path;
    }

    /// Has something done on its thread; it is done when this returns, so that whatever is asked afterwards finds it done.
    void tell(Runnable task) {
        CountDownLatch done = new CountDownLatch(1);
        tasks.add(() -> {
            task.run();
            done.countDown();
        });
        selector.wakeup();
        Eventually.holds("the server did as it was told", () -> done.getCount() == 0 || fault != null);
    }

    /// Answers all that wait.
    void release() {
        tell(() -> ends.forEach(End::release));
    }

    /// Goes away: GOAWAY, and an end.
    void goAway() {
        tell(() -> ends.forEach(end -> {
            if (end.live) {
                end.http.shutdown(System.nanoTime());
            }
        }));
    }

    /// Vanishes without a word.
    void vanish() {
        tell(() -> {
            try {
                channel.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void run() {
        MemorySegment in = memory(2048);
        ByteBuffer buffer = in.asByteBuffer();
        MemorySegment header = memory(DatagramHeader.BYTES);
        try {
            while (!stopping) {
                long now = System.nanoTime();
                long deadline = Long.MAX_VALUE;
                for (End end : ends) {
                    deadline = Math.min(deadline, end.deadlineNanos());
                }
                if (deadline > now) {
                    selector.select(deadline == Long.MAX_VALUE ? 0 : Math.max(1, (deadline - now) / 1_000_000 + 1));
                }
                for (Runnable task; (task = tasks.poll()) != null;) {
                    task.run();
                }
                selector.selectedKeys().clear();
                for (InetSocketAddress from; channel.isOpen() && (from = (InetSocketAddress) channel.receive(buffer.clear())) != null;) {
                    int length = buffer.position();
                    End end = find(in, length);
                    if (end != null) {
                        byte[] address = from.getAddress().getAddress();
                        NetworkPath.ipv4(header, 0, ByteBuffer.wrap(address).getInt(), from.getPort(), 0x7f000001, 443);
                        end.quic.feed(in, 0, length, header, 0, System.nanoTime());
                    }
                }
                for (End end : ends) {
                    end.turn();
                }
            }
        } catch (Throwable t) {
            fault = t;
        }
    }

    private static String id(MemorySegment in, long at, int length) {
        return java.util.HexFormat.of().formatHex(in.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    private End find(MemorySegment in, int length) {
        boolean isLong = in.get(ValueLayout.JAVA_BYTE, 0) < 0;
        if (length < 20) {
            return null;
        }
        String id = isLong ? id(in, 6, in.get(ValueLayout.JAVA_BYTE, 5)) : id(in, 1, 8);
        End known = byId.get(id);
        if (known == null && isLong) {
            known = ends.stream().filter(end -> !end.live).findFirst().orElse(null);
            if (known != null) {
                known.begin();
                byId.put(id, known);
            }
        }
        return known;
    }

    /// One connection.
    private final class End {
        final QuicConnection quic;
        final Http3Server http;
        final MemorySegment out = memory(1500);
        final MemorySegment header = memory(DatagramHeader.BYTES);
        final Map<Long, Answer> answers = new HashMap<>();
        boolean live;
        boolean attached;

        End(QuicConnection quic, Http3Server http) {
            this.quic = quic;
            this.http = http;
        }

        void begin() {
            live = true;
            attached = false;
            answers.clear();
            quic.reset(System.nanoTime());
            http.reset(System.nanoTime());
        }

        long deadlineNanos() {
            return !live ? Long.MAX_VALUE : Math.min(quic.deadlineNanos(), attached ? http.deadlineNanos() : Long.MAX_VALUE);
        }

        void release() {
            for (Map.Entry<Long, Answer> entry : answers.entrySet()) {
                if (entry.getValue().waits) {
                    entry.getValue().waits = false;
                    http.respond(entry.getKey(), entry.getValue());
                }
            }
        }

        void turn() throws IOException {
            if (!live) {
                return;
            }
            long now = System.nanoTime();
            if (quic.deadlineNanos() <= now) {
                quic.onDeadline(now);
            }
            if (attached && http.deadlineNanos() <= now) {
                http.onDeadline(now);
            }
            boolean more;
            do {
                more = false;
                for (QuicEvent event; (event = quic.pollEvent()) != null; more = true) {
                    if (event == QuicEvent.CONNECTED) {
                        attached = true;
                        http.attach(quic);
                        connections.incrementAndGet();
                    } else if (event == QuicEvent.CLOSED) {
                        closed.addAndGet(quic.isClosedByPeer() ? 1 : 0);
                        http.disconnect(now);
                    }
                }
                more |= attached && !http.isEnded() && http.advance(now);
                for (HttpEvent event; attached && (event = http.pollEvent()) != null; more = true) {
                    event(event, http.stream());
                }
                for (long wrote; (wrote = quic.pollOutput(out, 0, out.byteSize(), header, 0, now)) > 0; more = true) {
                    if (out.get(ValueLayout.JAVA_BYTE, 0) < 0) {
                        int destination = out.get(ValueLayout.JAVA_BYTE, 5);
                        byId.put(id(out, 7 + destination, out.get(ValueLayout.JAVA_BYTE, 6 + destination)), this);
                    }
                    if (channel.isOpen()) {
                        byte[] to = header.asSlice(NetworkPath.REMOTE + 12, 4).toArray(ValueLayout.JAVA_BYTE);
                        channel.send(out.asByteBuffer().limit((int) wrote),
                                new InetSocketAddress(InetAddress.getByAddress(to), NetworkPath.remotePort(header, 0)));
                    }
                }
            } while (more);
            if (quic.isEnded()) {
                live = false;
                byId.values().removeIf(end -> end == this);
                http.close();
                quic.close();
            }
        }

        private void event(HttpEvent event, long stream) {
            switch (event) {
                case REQUEST -> {
                    requests.incrementAndGet();
                    RequestHead head = http.request(stream);
                    int used = head.find(Ascii.of("alt-used"));
                    lastAltUsed = used < 0 ? null : Asked.text(head, used);
                    http.proceed(stream);
                    answers.put(stream, new Answer(new String(head.segment().asSlice(head.pathAt(), head.pathLength()).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.US_ASCII)));
                }
                case DATA -> {
                    Answer answer = answers.get(stream);
                    int length = (int) http.dataLength(stream);
                    answer.take(http.dataSegment(stream), http.dataAt(stream), length);
                    http.consume(stream, length);
                }
                case END -> {
                    Answer answer = answers.get(stream);
                    if (answer.path.equals("/reject")) {
                        http.abort(stream);
                    } else if (!answer.waits) {
                        http.respond(stream, answer);
                    }
                }
                case SENT, ABORTED -> answers.remove(stream);
                default -> {}
            }
        }
    }

    private static final class Answer implements MessageSource {
        final String path;
        boolean waits;
        private byte[] content = {};
        private int length;
        private int given;

        Answer(String path) {
            this.path = path;
            this.waits = path.equals("/wait");
            this.length = path.matches("/[0-9]+(/t)?") ? Integer.parseInt(path.split("/")[1]) : 0;
        }

        void take(MemorySegment from, long at, int bytes) {
            if (path.equals("/echo")) {
                byte[] more = java.util.Arrays.copyOf(content, content.length + bytes);
                MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, more, content.length, bytes);
                content = more;
                length = more.length;
            }
        }

        @Override
        public void head(HeadWriter head) {
            given = 0;
            head.status(path.equals("/wrong") ? 421 : 200).field(FieldName.CONTENT_TYPE, TYPE);
            if (path.endsWith("/t")) {
                head.contentOfUnknownLength();
            } else {
                head.content(length);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            int bytes = (int) Math.min(room, length - given);
            if (bytes == 0) {
                return END;
            }
            for (int i = 0; i < bytes; i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, content.length > 0 ? content[given + i] : (byte) ('a' + (given + i) % 26));
            }
            given += bytes;
            return bytes;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(SUM, TYPE);
        }
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        selector.wakeup();
        Eventually.holds("the server's thread ends", () -> !thread.isAlive());
        channel.close();
        selector.close();
        ends.forEach(end -> {
            end.http.close();
            end.quic.close();
        });
        loop.close();
        context.close();
        if (fault != null) {
            throw new AssertionError("the server has failed", fault);
        }
    }
}
