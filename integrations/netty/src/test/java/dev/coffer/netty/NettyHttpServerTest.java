package dev.coffer.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.netty.CofferAllocatorConfig.SizeClass;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Eventually;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Netty's own HTTP codec on a Coffer allocator, over real sockets: the allocator is the only line that differs.
class NettyHttpServerTest {
    /// Answers with the request's body.
    private static final class Echo extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            ByteBuf body = context.alloc().buffer(request.content().readableBytes());
            body.writeBytes(request.content());
            var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            context.writeAndFlush(response);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static final class Server implements AutoCloseable {
        final CofferByteBufAllocator allocator;
        final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        final Channel channel;

        Server(CofferAllocatorConfig config) throws InterruptedException {
            allocator = CofferByteBufAllocator.open(config);
            channel = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
                    .option(ChannelOption.ALLOCATOR, allocator)
                    .childOption(ChannelOption.ALLOCATOR, allocator)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel child) {
                            child.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Echo());
                        }
                    }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        }

        Socket connect() throws IOException {
            Socket socket = new Socket();
            socket.setSoTimeout(Eventually.MILLIS);
            socket.connect(channel.localAddress() instanceof InetSocketAddress at ? at : null);
            return socket;
        }

        @Override
        public void close() {
            channel.close().syncUninterruptibly();
            group.shutdownGracefully(0, 5, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
            assertEquals(0, allocator.usedBytes(), "bytes held after the last channel closed");
            assertEquals(0, RawMemory.nonZero(allocator.region().data()), "bytes left in released blocks");
            allocator.close();
        }
    }

    private static String exchange(Socket socket, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bytes.length
                + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.append((char) next);
        }
        assertTrue(head.toString().startsWith("HTTP/1.1 200"), head.toString());
        return new String(in.readNBytes(bytes.length), StandardCharsets.US_ASCII);
    }

    @Test
    void answersThousandsOfRequestsWithinItsPlanAndLeavesNothing() throws Exception {
        try (Server server = new Server(CofferAllocatorConfig.defaults())) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                sockets.add(server.connect());
            }
            for (int i = 0; i < 2000; i++) {
                String body = "x".repeat(i % 7 == 0 ? 5000 + i : i % 300);
                assertEquals(body, exchange(sockets.get(i % 8), body));
                assertTrue(server.allocator.usedBytes() <= server.allocator.capacityBytes());
            }
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aRefusedAllocationCostsThatConnectionAndNoOther() throws Exception {
        // Room for requests of a few KiB; a body of 200 KB cannot be gathered.
        CofferAllocatorConfig tight = new CofferAllocatorConfig(
                List.of(new SizeClass(256, 64), new SizeClass(2048, 16), new SizeClass(4096, 12)), 1 << 16);
        try (Server server = new Server(tight)) {
            try (Socket modest = server.connect(); Socket greedy = server.connect()) {
                assertEquals("before", exchange(modest, "before"));
                String answer;
                try {
                    answer = exchange(greedy, "y".repeat(200_000));
                } catch (IOException reset) {
                    answer = null;
                }
                assertEquals(null, answer, "the greedy connection is closed");
                assertTrue(server.allocator.refusedCount() > 0);
                for (int i = 0; i < 100; i++) {
                    assertEquals("after" + i, exchange(modest, "after" + i));
                }
            }
        }
    }
}
