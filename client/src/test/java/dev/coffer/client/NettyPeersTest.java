package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Method;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.tls.Tls;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import dev.coffer.testkit.Eventually;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Netty's HTTP/2 and WebSocket over TLS with ours, on either side: a second reading of the standards.
@Timeout(600)
class NettyPeersTest {
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static final String HTTP_2 = "h2";
    private static final String HTTP_1_1 = "http/1.1";

    @TempDir
    private static Path folder;
    private static Localhost localhost;

    @BeforeAll
    static void make() throws Exception {
        localhost = Localhost.in(folder);
    }

    @AfterAll
    static void end() {
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static SslContext context(SslContextBuilder of, String... protocols) throws Exception {
        return of.sslProvider(SslProvider.JDK).protocols("TLSv1.3").ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE, ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocols))
                .build();
    }

    private static Server serve(Site site) throws Exception {
        Server server = Server.open(ServerConfig.standard().withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withHttp2(Http2Serving.defaults().withSize(128, 128))  // for all streams at once: a client of Netty's does not ask again
                .withTls(Tls.of(localhost.serving(HTTP_2, HTTP_1_1), localhost.identity())), site);
        server.start();
        return server;
    }

    private static SslHandler patient(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(Eventually.MILLIS);  // ten seconds are little on a busy machine
        return handler;
    }

    private static <T> T done(CompletableFuture<T> what) throws Exception {
        return what.get(Eventually.MILLIS, TimeUnit.MILLISECONDS);
    }

    private static byte[] bytes(int seed, int length) {
        byte[] made = new byte[length];
        new SplittableRandom(seed).nextBytes(made);
        return made;
    }

    private static <C extends Channel> ChannelInitializer<C> with(Consumer<ChannelPipeline> parts) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(C channel) {
                parts.accept(channel.pipeline());
            }
        };
    }

    /// {@return a connection of Netty's that has agreed on a protocol, and speaks it}
    private static Channel connect(Server server, String protocol, Consumer<ChannelPipeline> speaks) throws Exception {
        SslContext context = context(SslContextBuilder.forClient().trustManager(localhost.certificate()).endpointIdentificationAlgorithm("HTTPS"), protocol);
        CompletableFuture<Channel> agreed = new CompletableFuture<>();
        new Bootstrap().group(LOOPS).channel(NioSocketChannel.class).option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Eventually.MILLIS)
                .handler(with(pipeline -> pipeline.addLast(
                        patient(context.newHandler(pipeline.channel().alloc(), "localhost", server.address().getPort())),
                        new ApplicationProtocolNegotiationHandler("none") {
                            @Override
                            protected void configurePipeline(ChannelHandlerContext of, String chosen) {
                                assertEquals(protocol, chosen);
                                speaks.accept(of.pipeline());
                                agreed.complete(of.channel());
                            }

                            @Override
                            protected void handshakeFailure(ChannelHandlerContext of, Throwable why) {
                                agreed.completeExceptionally(why);
                            }
                        })))
                .connect(server.address()).addListener(opened -> {
                    if (!opened.isSuccess()) {
                        agreed.completeExceptionally(opened.cause());
                    }
                });
        return done(agreed);
    }

    private static Channel connectHttp2(Server server) throws Exception {
        return connect(server, HTTP_2, pipeline -> pipeline.addLast(
                Http2FrameCodecBuilder.forClient().initialSettings(Http2Settings.defaultSettings().initialWindowSize(20_000)).build(),
                new Http2MultiplexHandler(with(stream -> {
                }))));
    }

    /// A request of Netty's, and what comes back.
    private static CompletableFuture<byte[]> ask(Channel connection, byte[] content) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        new Http2StreamChannelBootstrap(connection).handler(with(stream -> stream.addLast(new SimpleChannelInboundHandler<Http2StreamFrame>() {
            @Override
            protected void channelRead0(ChannelHandlerContext of, Http2StreamFrame frame) {
                if (frame instanceof Http2HeadersFrame head) {
                    assertEquals("200", head.headers().status().toString());
                } else if (frame instanceof Http2DataFrame data) {
                    got.writeBytes(ByteBufUtil.getBytes(data.content()));
                    if (data.isEndStream()) {
                        answer.complete(got.toByteArray());
                    }
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext of, Throwable why) {
                answer.completeExceptionally(why);
            }

            @Override
            public void channelInactive(ChannelHandlerContext of) {
                answer.completeExceptionally(new AssertionError("ended after " + got.size()));
            }
        }))).open().addListener(opened -> {
            if (!opened.isSuccess()) {
                answer.completeExceptionally(opened.cause());
                return;
            }
            Http2StreamChannel stream = (Http2StreamChannel) opened.getNow();
            stream.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().method("POST").scheme("https").path("/").authority("localhost")));
            stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(content), true));
        });
        return answer;
    }

    @Test
    void streamsOfNettysClientAreAnsweredByOurServer() throws Exception {
        try (Server server = serve(Easy.answering(request -> Response.bytes("application/octet-stream", request.bytes())))) {
            List<Channel> connections = List.of(connectHttp2(server), connectHttp2(server));
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(ask(connections.get(i % 2), bytes(i, length(i))));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertArrayEquals(bytes(i, length(i)), done(answers.get(i)), "stream " + i);
            }
            for (Channel connection : connections) {
                connection.close().sync();
            }
        }
    }

    private static int length(int i) {
        return i == 17 ? 400_000 : 1 + i * 437;
    }

    /// Says back what it hears; some paths it does not take at first, or not in HTTP/2.
    private static final class Origin {
        final AtomicInteger refused = new AtomicInteger();
        final AtomicInteger first = new AtomicInteger();
        final BlockingQueue<Channel> connections = new LinkedBlockingQueue<>();
        private final Channel listening;

        Origin() throws Exception {
            SslContext context = context(SslContextBuilder.forServer(localhost.key(), localhost.certificate()), HTTP_2, HTTP_1_1);
            listening = new ServerBootstrap().group(LOOPS).channel(NioServerSocketChannel.class).childHandler(with(pipeline -> pipeline.addLast(
                    patient(context.newHandler(pipeline.channel().alloc())), new ApplicationProtocolNegotiationHandler(HTTP_1_1) {
                        @Override
                        protected void configurePipeline(ChannelHandlerContext of, String protocol) {
                            if (protocol.equals(HTTP_2)) {
                                connections.add(of.channel());
                                of.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(), new Http2MultiplexHandler(with(stream -> stream
                                        .addLast(second()))));
                            } else {
                                of.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), first());
                            }
                        }
                    }))).bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
        }

        private ChannelHandler second() {
            return new SimpleChannelInboundHandler<Http2StreamFrame>() {
                private String path = "";
                private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

                @Override
                protected void channelRead0(ChannelHandlerContext to, Http2StreamFrame frame) {
                    if (frame instanceof Http2HeadersFrame head) {
                        path = head.headers().path().toString();
                        if (path.equals("/refused") && refused.getAndIncrement() == 0) {
                            to.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
                        } else if (path.equals("/first")) {
                            to.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.HTTP_1_1_REQUIRED));
                        } else if (head.isEndStream()) {
                            answer(to);
                        }
                    } else if (frame instanceof Http2DataFrame data && !path.equals("/first")) {
                        heard.writeBytes(ByteBufUtil.getBytes(data.content()));
                        if (data.isEndStream()) {
                            answer(to);
                        }
                    }
                }

                private void answer(ChannelHandlerContext to) {
                    to.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
                    to.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(heard.toByteArray()), true));
                }
            };
        }

        private ChannelHandler first() {
            return new SimpleChannelInboundHandler<FullHttpRequest>() {
                @Override
                protected void channelRead0(ChannelHandlerContext to, FullHttpRequest request) {
                    first.incrementAndGet();
                    DefaultFullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, request.content().retain());
                    answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, request.content().readableBytes());
                    to.writeAndFlush(answer);
                }
            };
        }

        String uri(String path) {
            return "https://localhost:" + ((InetSocketAddress) listening.localAddress()).getPort() + path;
        }

        void close() throws Exception {
            listening.close().sync();
        }
    }

    private static Asked echoed(Client client, String uri, String content) {
        return new Asked(Method.POST, uri, content).by(client);
    }

    private static void assertEchoed(String content, Asked asked) {
        assertNull(asked.await().failure);
        assertEquals(content, asked.text());
    }

    @Test
    void ourClientAsksNettysServerAndSendsAgainWhatThatDoesNotTake() throws Exception {
        Origin origin = new Origin();
        try (Client client = Client.open(localhost.client(0).withHttp2(Http2Asking.defaults()))) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                all.add(echoed(client, origin.uri("/" + i), "x".repeat(length(i))));
            }
            for (int i = 0; i < all.size(); i++) {
                assertEchoed("x".repeat(length(i)), all.get(i));
            }
            assertEquals(1, client.count(Count.CONNECTIONS));
            Asked refused = echoed(client, origin.uri("/refused"), "once more");
            assertEchoed("once more", refused);
            assertEquals(2, refused.begins);
            Asked first = echoed(client, origin.uri("/first"), "in the other version");
            assertEchoed("in the other version", first);
            assertEquals(2, first.begins);
            assertEquals(1, origin.first.get());
            assertEquals(2, client.count(Count.CONNECTIONS));
            origin.connections.take().close().sync();  // with GOAWAY
            Eventually.equal(0L, client::connections);  // a request that met its end would not be sent again
            assertEchoed("on another", echoed(client, origin.uri("/next"), "on another"));
            assertEquals(3, client.count(Count.CONNECTIONS));
        } finally {
            origin.close();
        }
    }

    private static WebSocketHub hub() {
        return WebSocketHub.of(WebSocketConfig.standard(), (socket, text, data, at, length, last) -> socket.send(text, data, at, length));
    }

    /// What a WebSocket of Netty's hears, in words.
    private static final class Ears extends SimpleChannelInboundHandler<WebSocketFrame> {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        @Override
        protected void channelRead0(ChannelHandlerContext of, WebSocketFrame frame) {
            heard.add(switch (frame) {
                case TextWebSocketFrame text -> "text " + text.text();
                case BinaryWebSocketFrame binary -> "binary " + binary.content().readableBytes();
                case PongWebSocketFrame pong -> "pong " + pong.content().readableBytes();
                case CloseWebSocketFrame close -> "close " + close.statusCode();
                default -> frame.toString();
            });
        }

        String next() throws Exception {
            return heard.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void converse(Channel socket, Ears ears) throws Exception {
        socket.writeAndFlush(new TextWebSocketFrame("one"));
        assertEquals("text one", ears.next());
        socket.writeAndFlush(new TextWebSocketFrame(false, 0, "two "));
        socket.writeAndFlush(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[5])));
        assertEquals("pong 5", ears.next(), "between two pieces of a message");
        socket.writeAndFlush(new ContinuationWebSocketFrame(true, 0, "pieces"));
        assertEquals("text two pieces", ears.next());
        socket.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes(1, 3000))));
        assertEquals("binary 3000", ears.next());
        socket.writeAndFlush(new CloseWebSocketFrame(1000, "bye"));
        assertEquals("close 1000", ears.next());
    }

    @Test
    void aWebSocketOfNettysClientTalksToOurs() throws Exception {
        WebSocketHub hub = hub();
        try (Server server = serve(hub)) {
            Ears ears = new Ears();
            CompletableFuture<Boolean> open = new CompletableFuture<>();
            WebSocketClientProtocolConfig config = WebSocketClientProtocolConfig.newBuilder()
                    .webSocketUri(URI.create("wss://localhost:" + server.address().getPort() + "/")).handleCloseFrames(false).dropPongFrames(false)
                    .handshakeTimeoutMillis(Eventually.MILLIS)
                    .customHeaders(new DefaultHttpHeaders()).generateOriginHeader(false).build();
            Channel channel = connect(server, HTTP_1_1, pipeline -> {
                pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(8192),
                        new WebSocketClientProtocolHandler(config), new ChannelDuplexHandler() {
                            @Override
                            public void userEventTriggered(ChannelHandlerContext of, Object event) throws Exception {
                                if (event == WebSocketClientProtocolHandler.ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                                    open.complete(true);
                                }
                                super.userEventTriggered(of, event);
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext of, Throwable why) {
                                open.completeExceptionally(why);
                            }
                        }, ears);
                pipeline.context(HttpClientCodec.class).fireChannelActive();  // as it has been for long: the handshake begins
            });
            done(open);
            converse(channel, ears);
            channel.close().sync();
            Eventually.equal(0L, hub::sockets);
        }
    }

    /// The frames of a WebSocket in a stream of HTTP/2 (RFC 8441), between Netty's codecs of both.
    private static final class Tunnel extends ChannelDuplexHandler {
        final CompletableFuture<String> status = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext of, Object message) {
            if (message instanceof Http2HeadersFrame head) {
                status.complete(head.headers().status().toString());
            } else if (message instanceof Http2DataFrame data) {
                of.fireChannelRead(data.content());
            }
        }

        @Override
        public void write(ChannelHandlerContext of, Object message, ChannelPromise promise) {
            of.write(message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise);
        }
    }

    @Test
    void aWebSocketInAStreamOfNettysTalksToOurs() throws Exception {
        WebSocketHub hub = hub();
        try (Server server = serve(hub)) {
            Channel connection = connectHttp2(server);
            Ears ears = new Ears();
            Tunnel tunnel = new Tunnel();
            Http2StreamChannel stream = new Http2StreamChannelBootstrap(connection).handler(with(parts -> parts.addLast(tunnel,
                    new WebSocket13FrameDecoder(false, false, 65_536), new WebSocket13FrameEncoder(true), ears))).open().sync().getNow();
            Http2Headers head = new DefaultHttp2Headers().method("CONNECT").scheme("https").path("/").authority("localhost");
            head.set(Http2Headers.PseudoHeaderName.PROTOCOL.value(), "websocket").set("sec-websocket-version", "13");
            stream.writeAndFlush(new DefaultHttp2HeadersFrame(head));
            assertEquals("200", done(tunnel.status));
            converse(stream, ears);
            Eventually.equal(0L, hub::sockets);
            connection.close().sync();
        }
    }
}
