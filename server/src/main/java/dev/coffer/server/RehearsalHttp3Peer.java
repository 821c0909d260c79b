package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.http3.Http3Client;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.QuicConfig;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEvent;
import dev.coffer.quic.QuicLoop;
import dev.coffer.quic.packet.Version;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.EarlyData;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A client of HTTP/3 in the [RehearsalHttp3]: one connection at a time, over a UDP socket of the JDK's. It trusts the certificate of the identity that it was made for
/// and no other.
class RehearsalHttp3Peer implements AutoCloseable {
    private static final int IO_BYTES = 1 << 11;
    private static final int STREAMS = 32;
    private static final int LOOPBACK = 0x7f000001;
    private static final String HOST = "localhost";
    private static final Ascii AUTHORITY = Ascii.of(HOST);
    private static final long SECOND = 1_000_000_000L;

    /// One request, with content of so many bytes.
    private static final class Question implements MessageSource {
        private final Method method;
        private final Ascii path;
        private final long length;
        private long left;

        Question(Method method, String path, long length) {
            this.method = method;
            this.path = Ascii.of(path);
            this.length = length;
            this.left = length;
        }

        @Override
        public void head(HeadWriter head) {
            head.request(method, AUTHORITY, path);
            if (length > 0) {
                head.content(length);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(room, left);
            output.asSlice(at, bytes).fill((byte) 'x');
            left -= bytes;
            return bytes;
        }
    }

    private final ClientContext context;
    private final QuicLoop loop;
    private final QuicConnection quic;
    private final Http3Client http;
    private final Region region;
    private final MemorySegment io;
    private final ByteBuffer bytes;
    private final MemorySegment header;
    private final MemorySegment path;
    private final RehearsalEarly early;
    private @Nullable DatagramChannel channel;
    private boolean begun;                  // HTTP/3
    private boolean ended;
    private int unanswered;
    private final StringBuilder told = new StringBuilder();

    /// @param server  what is rehearsed
    /// @param groups  that are offered
    RehearsalHttp3Peer(TlsServerConfig server, ServerIdentity identity, NamedGroup... groups) {
        TlsClientConfig config = TlsClientConfig.defaults().withCounts(1, 1, 1).withSuites(server.suites().getFirst()).withGroups(groups).withProtocols("h3")
                .withSessions(1);
        Http3Config http3 = Http3Config.defaults();
        MemoryPlan tls = config.plan();
        MemoryPlan quicPlan = QuicLoop.plan(quicConfig(), 1, 1, config.suites());
        region = Region.open(RegionConfig.defaults("rehearsal").withProtection(Protection.LOCKED, Level.OFF),
                MemoryPlan.group("rehearsal", tls, quicPlan, http3.clientPlan(), Http3Streams.planOfClient(http3, STREAMS), MemoryPlan.block("io", IO_BYTES),
                        MemoryPlan.block("header", DatagramHeader.BYTES), MemoryPlan.block("path", NetworkPath.BYTES),
                        MemoryPlan.block("early", RehearsalEarly.BYTES)));
        try {
            context = ClientContext.over(config, new RehearsalTlsPeer.Pinned(server, identity), Entropy.SYSTEM, region.carve(tls.name()));
            loop = QuicLoop.over(quicConfig(), 1, 1, config.suites(), Entropy.SYSTEM, region.carve(quicPlan.name()));
            quic = QuicConnection.client(loop, context, 0);
            MemorySegment engine = region.carve(http3.clientPlan().name());
            http = new Http3Client(http3, 30 * SECOND, SECOND, engine, 0,
                    Http3Streams.ofClient(http3, STREAMS, region.carve(Http3Streams.planOfClient(http3, STREAMS).name()), 0));
            io = region.carve("io");
            bytes = io.asByteBuffer();
            header = region.carve("header");
            path = region.carve("path");
            early = new RehearsalEarly(http, region.carve("early"));
            loop.early(server.tickets().earlyBytes() > 0 ? early : null);
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    private static QuicConfig quicConfig() {
        return QuicConfig.defaults().withBlocks(1032, 256);
    }

    /// Begins a connection.
    void connect(InetSocketAddress address, long nowNanos) throws IOException {
        begin(address, false, nowNanos);
    }

    /// Begins a connection that resumes the last one, with requests that go with its hello.
    void connectEarly(InetSocketAddress address, long nowNanos) throws IOException {
        begin(address, true, nowNanos);
        hear(nowNanos);
    }

    private void begin(InetSocketAddress address, boolean withRequests, long nowNanos) throws IOException {
        DatagramChannel opened = DatagramChannel.open();
        channel = opened;
        opened.configureBlocking(false);
        opened.connect(address);
        begun = false;
        ended = false;
        unanswered = 0;
        told.setLength(0);
        NetworkPath.ipv4(path, 0, LOOPBACK, address.getPort(), LOOPBACK, opened.socket().getLocalPort());
        quic.reset(nowNanos);
        early.begin();
        quic.early(withRequests);
        if (!quic.connect(HOST, Version.V1, path, 0, early.tokens(), early.tokenAt(), withRequests ? early.tokenBytes() : 0, nowNanos)) {
            throw new IllegalStateException("no place for its one handshake");
        }
    }

    private DatagramChannel channel() {
        return Objects.requireNonNull(channel, "open");
    }

    /// {@return whether requests can be asked}
    boolean isOpen() {
        return begun && !ended;
    }

    boolean isEnded() {
        return ended;
    }

    /// Asks.
    ///
    /// @return whether it can be asked now
    boolean ask(Method method, String target, long content) {
        boolean asked = begun && http.request(new Question(method, target, content)) >= 0;
        unanswered += asked ? 1 : 0;
        return asked;
    }

    /// {@return whether every answer has ended}
    final boolean isAnswered() {
        return unanswered == 0;
    }

    /// {@return the engine of its connection}
    final Http3Client http() {
        return http;
    }

    /// {@return the transport of its connection}
    final QuicConnection quic() {
        return quic;
    }

    /// Sends bytes that are no packet of ours.
    void sayRaw(byte[] datagram) throws IOException {
        channel().write(ByteBuffer.wrap(datagram));
    }

    /// Takes what has come and says what there is to say.
    ///
    /// @return whether something was
    boolean exchange(long nowNanos) throws IOException {
        boolean news = listen(nowNanos);
        if (quic.deadlineNanos() <= nowNanos) {
            quic.onDeadline(nowNanos);
            hear(nowNanos);
        }
        if (begun && !ended && http.deadlineNanos() <= nowNanos) {
            http.onDeadline(nowNanos);
        }
        hear(nowNanos);
        for (long length; (length = quic.pollOutput(io, 0, IO_BYTES, header, 0, nowNanos)) > 0; news = true) {
            int size = DatagramHeader.segmentBytes(header, 0);
            for (int at = 0; at < length; at += size) {
                bytes.limit((int) Math.min(at + size, length)).position(at);
                try {
                    channel().write(bytes);
                } catch (IOException e) {
                    ended = true;  // nobody is there
                }
            }
            hear(nowNanos);
        }
        return news;
    }

    private boolean listen(long nowNanos) {
        boolean news = false;
        while (true) {
            bytes.clear();
            int got;
            try {
                got = channel().read(bytes);
            } catch (IOException e) {  // nobody listens there any more
                ended = true;
                return news;
            }
            if (got <= 0) {
                return news;
            }
            news = true;
            NetworkPath.copy(path, 0, header, DatagramHeader.PATH);
            DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
            quic.feed(io, 0, got, header, 0, nowNanos);
            early.keep(quic);
            hear(nowNanos);
        }
    }

    /// The handshake is complete, or may be spoken into: HTTP/3 begins.
    void connected(long nowNanos) {
        http.reset(nowNanos);
        http.attach(quic);
        begun = true;
        told.append(quic.protocol()).append(' ');
    }

    private void hear(long nowNanos) {
        for (QuicEvent event; (event = quic.pollEvent()) != null;) {
            switch (event) {
                case EARLY -> connected(nowNanos);
                case CONNECTED -> {
                    told.append(quic.earlyData() == EarlyData.TAKEN ? "early " : "");
                    if (!begun) {
                        connected(nowNanos);
                    }
                }
                case STREAMS, DATAGRAMS -> {}
                case CLOSED -> {
                    ended = true;
                    if (begun) {
                        http.disconnect(nowNanos);
                    }
                }
            }
        }
        if (begun) {
            boolean more;
            do {
                more = !ended && http.advance(nowNanos);
                for (HttpEvent event; (event = http.pollEvent()) != null; more = true) {
                    heard(event);
                }
            } while (more && !ended);
        }
    }

    /// The engine has told something.
    void heard(HttpEvent event) {
        long stream = http.stream();
        switch (event) {
            case RESPONSE -> told.append(http.response(stream).status()).append(' ');
            case DATA -> http.consume(stream, http.dataLength(stream));
            case END -> unanswered--;
            case ABORTED -> {
                told.append("aborted ");
                unanswered--;
            }
            default -> {}
        }
    }

    /// {@return the protocol, and the status of each answer in the order in which they came, each with a space behind it}
    String told() {
        return told.toString();
    }

    /// Says goodbye and goes.
    void leave(long nowNanos) throws IOException {
        quic.close(0x100);
        exchange(nowNanos);
        cut();
    }

    /// Goes without a word.
    void cut() throws IOException {
        http.close();
        quic.close();
        channel().close();
    }

    /// {@return a datagram as long as a client's first, of a version that nobody speaks}
    static byte[] ofNoVersion(int bytes) {
        byte[] datagram = new byte[bytes];
        byte[] begin = "\u00c0\n\n\n\n\b12345678\b12345678".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(begin, 0, datagram, 0, Math.min(bytes, begin.length));
        return datagram;
    }

    @Override
    public void close() throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            http.close();
            quic.close();
            loop.close();
            context.close();
            region.close();
        }
    }
}
