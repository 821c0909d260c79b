import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Netty's HTTP/3 over quiche as a client: a file as often as is said, at once.
///
/// `URL FILE COUNT GROUP`: with a group no other is offered
class NettyClient {
    private static final long WINDOW = 1 << 20;

    public static void main(String[] args) throws Exception {
        URI uri = URI.create(args[0]);
        byte[] expected = Files.readAllBytes(Path.of(args[1]));
        int count = Integer.parseInt(args[2]);
        QuicSslContextBuilder tls = QuicSslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols(Http3.supportedApplicationProtocols());
        if (args.length > 3) {
            tls.option(BoringSSLContextOption.GROUPS, new String[] {args[3]});
        }
        QuicSslContext context = tls.build();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel socket = new Bootstrap().group(group).channel(NioDatagramChannel.class)
                .handler(Http3.newQuicClientCodecBuilder().sslContext(context).maxIdleTimeout(30, TimeUnit.SECONDS).initialMaxData(8 * WINDOW)
                        .initialMaxStreamDataBidirectionalLocal(WINDOW).build())
                .bind(0).sync().channel();
        QuicChannel quic = QuicChannel.newBootstrap(socket).handler(new Http3ClientConnectionHandler())
                .remoteAddress(new InetSocketAddress("127.0.0.1", uri.getPort())).connect().get();
        CountDownLatch ended = new CountDownLatch(count);
        AtomicReference<Object> wrong = new AtomicReference<>();
        for (int i = 0; i < count; i++) {
            QuicStreamChannel stream = Http3.newRequestStream(quic, new Http3RequestStreamInboundHandler() {
                private final ByteArrayOutputStream content = new ByteArrayOutputStream();
                private CharSequence status = "";

                @Override
                protected void channelRead(ChannelHandlerContext context, Http3HeadersFrame frame) {
                    status = frame.headers().status() == null ? status : frame.headers().status();
                    ReferenceCountUtil.release(frame);
                }

                @Override
                protected void channelRead(ChannelHandlerContext context, Http3DataFrame frame) {
                    ByteBuf bytes = frame.content();
                    byte[] piece = new byte[bytes.readableBytes()];
                    bytes.readBytes(piece);
                    content.writeBytes(piece);
                    ReferenceCountUtil.release(frame);
                }

                @Override
                protected void channelInputClosed(ChannelHandlerContext context) {
                    if (!"200".contentEquals(status) || !Arrays.equals(expected, content.toByteArray())) {
                        wrong.set("status " + status + ", " + content.size() + " bytes");
                    }
                    ended.countDown();
                    context.close();
                }
            }).sync().getNow();
            DefaultHttp3HeadersFrame head = new DefaultHttp3HeadersFrame();
            head.headers().method("GET").scheme("https").authority("localhost:" + uri.getPort()).path(uri.getPath());
            stream.writeAndFlush(head).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT).sync();
        }
        if (!ended.await(60, TimeUnit.SECONDS) || wrong.get() != null) {
            throw new AssertionError(ended.getCount() + " without an end, " + wrong.get());
        }
        System.exit(0);
    }
}
