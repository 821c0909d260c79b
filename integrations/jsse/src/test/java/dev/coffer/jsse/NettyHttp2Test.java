package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.jsse.Certificates.Side;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.net.InetSocketAddress;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// HTTP/2 of Netty over its `SslContext` with our provider, which takes one line; agreed on by ALPN, on either side.
final class NettyHttp2Test {
    private static final long MINUTES = 5;
    private static final int CONNECTIONS = 3;
    private static final int STREAMS = 8;
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    static Stream<Arguments> pairs() {
        return Stream.of(Arguments.of(Side.JDK, Side.OURS), Arguments.of(Side.OURS, Side.JDK));
    }

    @AfterAll
    static void end() {
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static SslContext context(SslContextBuilder of, Side side) throws Exception {
        Provider provider = side == Side.OURS ? Certificates.COFFER : Security.getProvider("SunJSSE");
        return of.sslProvider(SslProvider.JDK).sslContextProvider(provider).protocols("TLSv1.3")
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE, ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
                .build();
    }

    /// Answers with as many bytes as came.
    private static final class Echo extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private int heard;

        @Override
        protected void channelRead0(ChannelHandlerContext to, Http2StreamFrame frame) {
            if (frame instanceof Http2DataFrame data) {
                heard += data.content().readableBytes();
                if (data.isEndStream()) {
                    to.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")).stream(data.stream()));
                    to.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[heard]), true).stream(data.stream()));
                }
                to.flush();
            }
        }
    }

    /// Counts what comes back.
    private static final class Counting extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private final CompletableFuture<String> answer;
        private String status = "";
        private int bytes;

        Counting(CompletableFuture<String> answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext of, Http2StreamFrame frame) {
            if (frame instanceof Http2HeadersFrame head) {
                status = head.headers().status().toString();
            } else if (frame instanceof Http2DataFrame data) {
                bytes += data.content().readableBytes();
                if (data.isEndStream()) {
                    answer.complete(status + " " + bytes);
                }
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext of) {
            answer.completeExceptionally(new AssertionError("closed after " + bytes));
        }
    }

    private static Channel serve(SslContext context) throws Exception {
        return new ServerBootstrap().group(LOOPS).channel(NioServerSocketChannel.class).childHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(NettyTest.patient(context.newHandler(channel.alloc())), new ApplicationProtocolNegotiationHandler("none") {
                    @Override
                    protected void configurePipeline(ChannelHandlerContext of, String protocol) {
                        assertEquals(ApplicationProtocolNames.HTTP_2, protocol);
                        of.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(), new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new Echo());
                            }
                        }));
                    }
                });
            }
        }).bind(new InetSocketAddress("127.0.0.1", 0)).sync().channel();
    }

    /// {@return a connection, once it has agreed on HTTP/2}
    private static CompletableFuture<Channel> connect(SslContext context, Channel server) {
        CompletableFuture<Channel> agreed = new CompletableFuture<>();
        new Bootstrap().group(LOOPS).channel(NioSocketChannel.class).handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(NettyTest.patient(context.newHandler(channel.alloc(), "localhost", 443)),
                        new ApplicationProtocolNegotiationHandler("none") {
                            @Override
                            protected void configurePipeline(ChannelHandlerContext of, String protocol) {
                                if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                                    agreed.completeExceptionally(new AssertionError("agreed on " + protocol));
                                    return;
                                }
                                of.pipeline().addLast(Http2FrameCodecBuilder.forClient().build(), new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel stream) {}
                                }));
                                agreed.complete(of.channel());
                            }

                            @Override
                            protected void handshakeFailure(ChannelHandlerContext of, Throwable why) {
                                agreed.completeExceptionally(why);
                            }
                        });
            }
        }).connect(server.localAddress()).addListener(opened -> {
            if (!opened.isSuccess()) {
                agreed.completeExceptionally(opened.cause());
            }
        });
        return agreed;
    }

    private static CompletableFuture<String> ask(Channel connection, int bytes) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        new Http2StreamChannelBootstrap(connection).handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Counting(answer));
            }
        }).open().addListener(opened -> {
            if (!opened.isSuccess()) {
                answer.completeExceptionally(opened.cause());
                return;
            }
            Http2StreamChannel stream = (Http2StreamChannel) opened.getNow();
            stream.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().method("POST").scheme("https").path("/").authority("localhost")));
            stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[bytes]), true));
        });
        return answer;
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void streamsOfManyConnectionsAreAnswered(Side client, Side server) throws Exception {
        KeyManager keys = Certificates.keys("EC")[0];
        Channel listening = serve(context(SslContextBuilder.forServer(keys), server));
        try {
            SslContext asking = context(SslContextBuilder.forClient().trustManager(Certificates.trust()[0]).endpointIdentificationAlgorithm("HTTPS"), client);
            List<CompletableFuture<Channel>> connections = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(connect(asking, listening));
            }
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS * STREAMS; i++) {
                answers.add(ask(connections.get(i % CONNECTIONS).get(MINUTES, TimeUnit.MINUTES), bytes(i)));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertEquals("200 " + bytes(i), answers.get(i).get(MINUTES, TimeUnit.MINUTES));
            }
            for (CompletableFuture<Channel> each : connections) {
                each.get().close().sync();
            }
        } finally {
            listening.close().sync();
        }
    }

    private static int bytes(int i) {
        return i == 17 ? 1 << 20 : 1 + i * 37;
    }
}
