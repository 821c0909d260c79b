package dev.coffer.examples;

import dev.coffer.netty.CofferAllocatorConfig;
import dev.coffer.netty.CofferByteBufAllocator;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// An echo server of Netty on planned memory, asked once.
public final class OneNettyServer {
    private OneNettyServer() {}

    public static void main(String[] arguments) throws InterruptedException, IOException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(CofferAllocatorConfig.defaults())) {
            Channel server = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
                    .childOption(ChannelOption.ALLOCATOR, allocator)        // all that differs
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel child) {
                            child.pipeline().addLast(new Echo());
                        }
                    }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort())) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                System.out.println(new String(client.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
            }
            System.out.println("at most " + allocator.peakBytes() + " of " + allocator.capacityBytes() + " bytes were in use");
            group.shutdownGracefully().sync();                              // before the memory under it is closed
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);                                 // releases it
        }
    }
}
