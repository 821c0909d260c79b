package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.jsse.Certificates.Side;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Netty's `SslHandler` on our engine: an echo, of whole streams and of many connections, our engine and the JDK's on either side.
final class NettyTest {
    private static final long MINUTES = 5;
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private static final ExecutorService TASKS = Executors.newFixedThreadPool(2);

    static Stream<Arguments> pairs() {
        return Stream.of(Arguments.of(Side.OURS, Side.OURS), Arguments.of(Side.JDK, Side.OURS), Arguments.of(Side.OURS, Side.JDK));
    }

    @AfterAll
    static void end() {
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        TASKS.shutdown();
    }

    /// Says back what it hears.
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext to, Object heard) {
            to.write(heard);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext to) {
            to.flush();
        }
    }

    /// Sends so much, a piece after the other, and looks at what comes back.
    private static final class Asking extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Long> done;
        private final long bytes;
        private final int piece;
        private long sent;
        private long heard;

        Asking(long bytes, int piece, CompletableFuture<Long> done) {
            this.bytes = bytes;
            this.piece = piece;
            this.done = done;
        }

        @Override
        public void channelActive(ChannelHandlerContext of) {
            say(of);
        }

        private void say(ChannelHandlerContext to) {
            while (sent < bytes && sent - heard < 16L * piece) {
                int next = (int) Math.min(piece, bytes - sent);
                ByteBuf out = to.alloc().buffer(next);
                for (int i = 0; i < next; i++, sent++) {
                    out.writeByte((byte) (sent * 31 >>> 3));
                }
                to.write(out);
            }
            to.flush();
        }

        @Override
        public void channelRead(ChannelHandlerContext of, Object message) {
            ByteBuf in = (ByteBuf) message;
            while (in.isReadable()) {
                if (in.readByte() != (byte) (heard * 31 >>> 3)) {
                    done.completeExceptionally(new AssertionError("another byte at " + heard));
                }
                heard++;
            }
            in.release();
            if (heard == bytes) {
                done.complete(heard);
                of.close();
            } else {
                say(of);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext of, Throwable e) {
            done.completeExceptionally(e);
            of.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext of) {
            done.completeExceptionally(new AssertionError("closed after " + heard));
        }
    }

    static SslHandler patient(SslHandler handler) {
        handler.setHandshakeTimeout(MINUTES, TimeUnit.MINUTES);  // ten seconds are little on a busy machine
        return handler;
    }

    private static Channel serve(SSLContext context) throws Exception {
        return new ServerBootstrap().group(LOOPS).channel(NioServerSocketChannel.class).childHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                SSLEngine engine = context.createSSLEngine();
                engine.setUseClientMode(false);
                channel.pipeline().addLast(patient(new SslHandler(engine, false, TASKS)), new Echo());
            }
        }).bind(new InetSocketAddress("127.0.0.1", 0)).sync().channel();
    }

    private static CompletableFuture<Long> ask(SSLContext context, Channel server, long bytes, int piece) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        new Bootstrap().group(LOOPS).channel(NioSocketChannel.class).handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                SSLEngine engine = context.createSSLEngine("localhost", 443);
                engine.setUseClientMode(true);
                SSLParameters parameters = engine.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                engine.setSSLParameters(parameters);
                channel.pipeline().addLast(patient(new SslHandler(engine, false, TASKS)), new Asking(bytes, piece, done));
            }
        }).connect(server.localAddress()).addListener(future -> {
            if (!future.isSuccess()) {
                done.completeExceptionally(future.cause());
            }
        });
        return done;
    }

    private static void echo(Side client, Side server, int connections, long bytes, int piece) throws Exception {
        Channel listening = serve(server.server("EC", "Ed25519"));
        try {
            SSLContext context = client.client();
            List<CompletableFuture<Long>> all = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                all.add(ask(context, listening, bytes, piece));
            }
            for (CompletableFuture<Long> each : all) {
                assertEquals(bytes, each.get(MINUTES, TimeUnit.MINUTES));
            }
        } finally {
            listening.close().sync();
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void echoesComeBackWhole(Side client, Side server) throws Exception {
        echo(client, server, 8, 100_000, 9000);
    }

    @Test
    @Tag("long")
    void aHundredMegabytesComeBack() throws Exception {
        echo(Side.OURS, Side.OURS, 2, 100L << 20, 1 << 16);
        echo(Side.JDK, Side.OURS, 1, 100L << 20, 1 << 16);
        echo(Side.OURS, Side.JDK, 1, 100L << 20, 1 << 16);
    }

    @Test
    @Tag("long")
    void manyConnectionsOneAfterTheOtherGiveTheirMemoryBack() throws Exception {
        for (int i = 0; i < 50; i++) {
            echo(Side.OURS, Side.OURS, 20, 1000, 100);
        }
    }
}
