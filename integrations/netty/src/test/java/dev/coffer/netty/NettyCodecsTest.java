package dev.coffer.netty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Eventually;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Netty's own codecs on the allocator's defaults (WebSocket with a larger area), a mebibyte each way: what they ask for while
/// they decode, decrypt and gather, they get. The client is the JDK's.
class NettyCodecsTest {
    private static final byte[] UPLOAD = new byte[1 << 20];
    private static SslContext serverTls;
    private static SSLContext clientTls;

    @BeforeAll
    static void certificate() throws Exception {
        new SplittableRandom(1).nextBytes(UPLOAD);
        X509Bundle bundle = new CertificateBuilder().subject("CN=localhost").addSanDnsName("localhost").addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true).buildSelfSigned();
        KeyManagerFactory keys = bundle.toKeyManagerFactory();
        serverTls = SslContextBuilder.forServer(keys).sslProvider(SslProvider.JDK)
                .ciphers(Http2SecurityUtil.CIPHERS, io.netty.handler.ssl.SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
                .build();
        TrustManagerFactory trust = bundle.toTrustManagerFactory();
        clientTls = SSLContext.getInstance("TLS");
        clientTls.init(null, trust.getTrustManagers(), null);
    }

    @AfterAll
    static void forget() {
        serverTls = null;
    }

    /// Answers with the request's body, from a buffer of its own of that size.
    private static final class Echo extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            ByteBuf body = context.alloc().buffer(request.content().readableBytes());
            body.writeBytes(request.content());
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            context.writeAndFlush(response);
        }
    }

    private static final class FrameEcho extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            ByteBuf copy = context.alloc().buffer(frame.content().readableBytes());
            copy.writeBytes(frame.content());
            context.writeAndFlush(new BinaryWebSocketFrame(copy));
        }
    }

    private static final class Server implements AutoCloseable {
        final CofferByteBufAllocator allocator;
        final EventLoopGroup group;
        final Channel channel;

        Server(Consumer<SocketChannel> pipeline) throws InterruptedException {
            this(CofferAllocatorConfig.defaults(), NioIoHandler.newFactory(), NioServerSocketChannel.class, pipeline);
        }

        Server(CofferAllocatorConfig config, IoHandlerFactory io, Class<? extends ServerChannel> kind,
                Consumer<SocketChannel> pipeline) throws InterruptedException {
            allocator = CofferByteBufAllocator.open(config);
            group = new MultiThreadIoEventLoopGroup(1, io);
            channel = new ServerBootstrap().group(group).channel(kind)
                    .option(ChannelOption.ALLOCATOR, allocator)
                    .childOption(ChannelOption.ALLOCATOR, allocator)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel child) {
                            pipeline.accept(child);
                        }
                    }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        }

        URI uri(String scheme) {
            return URI.create(scheme + "://127.0.0.1:" + ((InetSocketAddress) channel.localAddress()).getPort() + "/");
        }

        @Override
        public void close() {
            channel.close().syncUninterruptibly();
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
            assertEquals(0, allocator.refusedCount(), "refused");
            assertEquals(0, allocator.usedBytes(), "bytes held after the last channel closed");
            assertEquals(0, RawMemory.nonZero(allocator.region().data()), "bytes left in released blocks");
            allocator.close();
        }
    }

    private static void http1(Channel child) {
        child.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(4 << 20), new Echo());
    }

    private static void http2(Channel child) {
        child.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(),
                new Http2MultiplexHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true), new HttpObjectAggregator(4 << 20),
                                new Echo());
                    }
                }));
    }

    private static void upload(Server server, HttpClient.Version version, String scheme) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(version).sslContext(clientTls).build()) {
            for (int bytes : new int[] {0, 1, 65_536, 65_537, 131_072, 1 << 20}) {
                HttpRequest request = HttpRequest.newBuilder(server.uri(scheme))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(UPLOAD, 0, bytes)).build();
                HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                assertEquals(200, response.statusCode());
                assertEquals(version, response.version());
                assertArrayEquals(java.util.Arrays.copyOf(UPLOAD, bytes), response.body());
            }
            client.shutdownNow();
        }
    }

    private static SslHandler tls(Channel child) {
        SslHandler handler = serverTls.newHandler(child.alloc());
        handler.setHandshakeTimeoutMillis(Eventually.MILLIS);  // ten seconds are little on a busy machine
        return handler;
    }

    @Test
    void http1Uploads() throws Exception {
        try (Server server = new Server(NettyCodecsTest::http1)) {
            upload(server, HttpClient.Version.HTTP_1_1, "http");
        }
    }

    @Test
    void http1UploadsOverTls() throws Exception {
        try (Server server = new Server(child -> {
            child.pipeline().addLast(tls(child));
            http1(child);
        })) {
            upload(server, HttpClient.Version.HTTP_1_1, "https");
        }
    }

    @Test
    void http2UploadsOverTls() throws Exception {
        try (Server server = new Server(child -> child.pipeline().addLast(tls(child),
                new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
                    @Override
                    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                        assertEquals(ApplicationProtocolNames.HTTP_2, protocol);
                        http2(context.channel());
                    }
                }))) {
            upload(server, HttpClient.Version.HTTP_2, "https");
        }
    }

    @Test
    void nativeTransportWhereItIs() throws Exception {
        assumeTrue(Epoll.isAvailable(), () -> "no epoll transport here: " + Epoll.unavailabilityCause());
        try (Server server = new Server(CofferAllocatorConfig.defaults(), EpollIoHandler.newFactory(),
                EpollServerSocketChannel.class, child -> {
                    child.pipeline().addLast(tls(child));
                    http1(child);
                })) {
            upload(server, HttpClient.Version.HTTP_1_1, "https");
        }
    }

    @Test
    void webSocketMessages() throws Exception {
        // On a busy machine a frame is decoded out of several reads: what was read, grown by half its size again, the frame's own
        // copy, the message's and the echo's are there at once, four times the message.
        CofferAllocatorConfig config = CofferAllocatorConfig.defaults().withLargeBytes(8 << 20);
        try (Server server = new Server(config, NioIoHandler.newFactory(), NioServerSocketChannel.class,
                child -> child.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(65_536),
                        new WebSocketServerProtocolHandler("/", null, true, 2 << 20), new WebSocketFrameAggregator(2 << 20),
                        new FrameEcho()));
                HttpClient client = HttpClient.newHttpClient()) {
            Gatherer gatherer = new Gatherer();
            WebSocket socket = Eventually.done(client.newWebSocketBuilder().buildAsync(server.uri("ws"), gatherer));
            Eventually.done(socket.sendBinary(ByteBuffer.wrap(UPLOAD, 0, 300_000), false));
            Eventually.done(socket.sendBinary(ByteBuffer.wrap(UPLOAD, 300_000, UPLOAD.length - 300_000), true));
            assertArrayEquals(UPLOAD, Eventually.done(gatherer.whole));
            Eventually.done(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
            client.shutdownNow();
        }
    }

    private static final class Gatherer implements WebSocket.Listener {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final CompletableFuture<byte[]> whole = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            if (last) {
                whole.complete(bytes.toByteArray());
            }
            socket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            whole.completeExceptionally(error);
        }
    }

    @Test
    void theBufferThatCodecsDoubleIsServed() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(CofferAllocatorConfig.defaults())) {
            for (int bytes : new int[] {65_536, 65_537, 131_072, 1 << 20, 2 << 20}) {
                ByteBuf buffer = allocator.buffer(bytes);
                assertTrue(buffer.isWritable(bytes));
                buffer.release();
            }
            assertEquals(0, allocator.usedBytes());
        }
    }
}
