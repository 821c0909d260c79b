package dev.coffer.bench.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The load of handshakes of groups that the system's OpenSSL may not have: connections by BoringSSL, some at a time, each for one
/// request. Told as `openssl s_time` tells it. By the JDK's selector: the native transport that there is asks for what it lacks when it connects.
public final class NettyConnections {
    private static final int AT_A_TIME = 8;
    private static final int FIRST_SECONDS_MAX = 20;  // this process and its library start first

    private final Bootstrap bootstrap = new Bootstrap();
    private final SslContext tls;
    private final ByteBuf request;
    private final AtomicLong made = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final CountDownLatch first = new CountDownLatch(1);
    private volatile boolean over;

    private NettyConnections(EventLoopGroup loop, int port, String path, String group) throws Exception {
        tls = NettyTls.client(group);
        request = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(
                ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII)).asReadOnly());
        bootstrap.group(loop).channel(NioSocketChannel.class).remoteAddress("127.0.0.1", port)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Asks());
                    }
                });
    }

    /// Connects for so many seconds, from the first answer on.
    ///
    /// @param args  port, path, group, seconds
    public static void main(String[] args) throws Exception {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        NettyConnections load = new NettyConnections(loop, Integer.parseInt(args[0]), args[1], args[2]);
        for (int i = 0; i < AT_A_TIME; i++) {
            load.bootstrap.connect();
        }
        load.first.await(FIRST_SECONDS_MAX, TimeUnit.SECONDS);
        Thread.sleep(TimeUnit.SECONDS.toMillis(Integer.parseInt(args[3])));
        load.over = true;
        loop.shutdownGracefully(100, 2000, TimeUnit.MILLISECONDS).await();
        if (load.failed.get() > 0 || load.made.get() == 0) {
            System.out.println(load.failed + " failed, " + load.made + " made");
            System.exit(1);
        }
        System.out.printf(Locale.ROOT, "%d connections in %s real seconds%n", load.made.get(), args[3]);
    }

    private final class Asks extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean answered;

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done) {
                if (done.isSuccess()) {
                    context.writeAndFlush(request.duplicate());
                } else if (!over) {  // what the end of the load cuts off is no failure
                    failed.incrementAndGet();
                    over = true;
                }
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf content) {
            answered |= content.isReadable();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (answered) {
                made.incrementAndGet();
                first.countDown();
            }
            if (!over) {
                bootstrap.connect();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
