package dev.coffer.bench.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/// The peer: files of one folder over HTTP/3 by Netty's codec over quiche on one event loop, held in direct memory and sent in pieces without a copy of ours.
public final class NettyHttp3Server {
    private static final int PIECE_BYTES = 1 << 16;
    private static final int DATAGRAMS = 16;
    private static final int DATAGRAM_BYTES = 2048;

    private final Map<String, ByteBuf> contents = new HashMap<>();

    private NettyHttp3Server(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : found.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                contents.put("/" + file.getFileName(), Unpooled.unreleasableBuffer(Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly()));
            }
        }
    }

    /// Serves until its process is ended. When it does it listens at the same port over TCP too, which says so.
    ///
    /// @param args  folder, port, certificate and key
    public static void main(String[] args) throws Exception {
        NettyHttp3Server server = new NettyHttp3Server(Path.of(args[0]));
        int port = Integer.parseInt(args[1]);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        new Bootstrap().group(loop).channel(EpollDatagramChannel.class).option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DATAGRAMS * DATAGRAM_BYTES))
                .handler(NettyHttp3.sized(Http3.newQuicServerCodecBuilder()).sslContext(NettyHttp3.server(Path.of(args[2]), Path.of(args[3])))
                        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, NettyHttp3.grouped()).tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                        .handler(new ChannelInitializer<QuicChannel>() {
                            @Override
                            protected void initChannel(QuicChannel channel) {
                                channel.pipeline().addLast(new Http3ServerConnectionHandler(new ChannelInitializer<QuicStreamChannel>() {
                                    @Override
                                    protected void initChannel(QuicStreamChannel stream) {
                                        stream.pipeline().addLast(server.new Answers());
                                    }
                                }));
                            }
                        }).build())
                .bind(new InetSocketAddress("127.0.0.1", port)).sync();
        try (ServerSocket ready = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            while (true) {
                ready.accept().close();
            }
        }
    }

    private final class Answers extends Http3RequestStreamInboundHandler {
        private ByteBuf left = Unpooled.EMPTY_BUFFER;
        private String path = "";

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3HeadersFrame frame) {
            path = String.valueOf(frame.headers().path());
            ReferenceCountUtil.release(frame);
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3DataFrame frame) {
            ReferenceCountUtil.release(frame);
        }

        @Override
        protected void channelInputClosed(ChannelHandlerContext context) {
            ByteBuf content = contents.get(path);
            DefaultHttp3HeadersFrame head = new DefaultHttp3HeadersFrame();
            head.headers().status(content == null ? "404" : "200").set("content-type", "text/plain");
            left = content == null ? Unpooled.EMPTY_BUFFER : content.duplicate();
            head.headers().setLong("content-length", left.readableBytes());
            context.write(head);
            more(context);
        }

        /// A piece behind the other, each when the one before has gone.
        private void more(ChannelHandlerContext context) {
            ByteBuf piece = left.readSlice(Math.min(left.readableBytes(), PIECE_BYTES));
            boolean last = !left.isReadable();
            context.writeAndFlush(new DefaultHttp3DataFrame(piece)).addListener(sent -> {
                if (last) {
                    ((QuicStreamChannel) context.channel()).shutdownOutput();
                } else if (sent.isSuccess()) {
                    more(context);
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
