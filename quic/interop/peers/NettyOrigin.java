import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Netty's HTTP/3 over quiche as a server of a folder, which asks every client for its address first (Retry).
///
/// `FOLDER PORT CERTIFICATE KEY`
class NettyOrigin {
    private static final long WINDOW = 1 << 20;

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        QuicSslContext context = QuicSslContextBuilder.forServer(Path.of(args[3]).toFile(), null, Path.of(args[2]).toFile())
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .option(BoringSSLContextOption.GROUPS, new String[] {"X25519MLKEM768", "X25519", "P-256"}).build();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        new Bootstrap().group(group).channel(NioDatagramChannel.class)
                .handler(Http3.newQuicServerCodecBuilder().sslContext(context).maxIdleTimeout(30, TimeUnit.SECONDS).initialMaxData(8 * WINDOW)
                        .initialMaxStreamDataBidirectionalRemote(WINDOW).initialMaxStreamsBidirectional(100).tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                        .handler(new ChannelInitializer<QuicChannel>() {
                            @Override
                            protected void initChannel(QuicChannel channel) {
                                channel.pipeline().addLast(new Http3ServerConnectionHandler(new ChannelInitializer<QuicStreamChannel>() {
                                    @Override
                                    protected void initChannel(QuicStreamChannel stream) {
                                        stream.pipeline().addLast(new Answers(folder));
                                    }
                                }));
                            }
                        }).build())
                .bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1]))).sync().channel();
        System.out.println("serving");
    }

    private static final class Answers extends Http3RequestStreamInboundHandler {
        private final Path folder;
        private String path = "";

        Answers(Path folder) {
            this.folder = folder;
        }

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
        protected void channelInputClosed(ChannelHandlerContext context) throws Exception {
            Path file = folder.resolve(path.substring(1)).normalize();
            boolean there = file.startsWith(folder) && Files.isRegularFile(file);
            byte[] bytes = there ? Files.readAllBytes(file) : new byte[0];
            DefaultHttp3HeadersFrame head = new DefaultHttp3HeadersFrame();
            head.headers().status(there ? "200" : "404").addLong("content-length", bytes.length);
            context.write(head);
            context.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(bytes))).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        }
    }
}
