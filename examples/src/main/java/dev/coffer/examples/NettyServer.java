package dev.coffer.examples;

import dev.coffer.netty.CofferAllocatorConfig;
import dev.coffer.netty.CofferByteBufAllocator;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
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
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/// Netty's HTTP server on Coffer's memory: `examples/run NettyServer [port] [blocks of each class]`. Every five seconds it says
/// what is in use, the most that was, the bound, and how many allocations were refused. Few blocks show the limit.
public final class NettyServer {
    private static final byte[] HELLO = "Hello from planned memory\n".getBytes(StandardCharsets.US_ASCII);

    private NettyServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8081;
        CofferAllocatorConfig config = arguments.length > 1 ? tight(Integer.parseInt(arguments[1]))
                : CofferAllocatorConfig.defaults();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(config)) {
            new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
                    .option(ChannelOption.ALLOCATOR, allocator)          // these two
                    .childOption(ChannelOption.ALLOCATOR, allocator)     // are all that differs
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel child) {
                            child.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 16), new Hello());
                        }
                    }).bind(InetAddress.getLoopbackAddress(), port).sync();
            System.out.println("http://127.0.0.1:" + port + "/ on " + allocator.region());
            while (true) {
                System.out.printf("used %d, peak at most %d, bound %d bytes; %d refused%n", allocator.usedBytes(),
                        allocator.peakBytes(), allocator.capacityBytes(), allocator.refusedCount());
                Thread.sleep(5000);
            }
        } finally {
            group.shutdownGracefully();
        }
    }

    private static CofferAllocatorConfig tight(int blocks) {
        return new CofferAllocatorConfig(CofferAllocatorConfig.defaults().classes().stream()
                .map(c -> new CofferAllocatorConfig.SizeClass(c.bytes(), blocks)).toList(), 1 << 20);
    }

    private static final class Hello extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            ByteBuf body = context.alloc().buffer(HELLO.length).writeBytes(HELLO);
            var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, HELLO.length);
            HttpUtil.setKeepAlive(response, HttpUtil.isKeepAlive(request));
            context.writeAndFlush(response);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
