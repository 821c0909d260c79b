package dev.coffer.bench.serve;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/// The peer: files of one folder over HTTP/1.1 by Netty's codec and native epoll on one event loop, written the way Netty's own
/// examples and benchmarks are. Small files are held in direct memory and sent without a copy, which spares it a read a
/// request; large ones go by `sendfile`. Over TLS, by the JDK's engine or by BoringSSL (`netty-tcnative`), all of them are held, as the
/// kernel cannot encrypt them, and HTTP/2 is spoken too.
public final class NettyServer {
    /// Above it a file is sent by the kernel: where Netty's file region begins to pay.
    private static final long IN_MEMORY_MAX = 1 << 18;

    private final Map<String, ByteBuf> contents = new HashMap<>();
    private final Map<String, Path> files = new HashMap<>();

    /// @param heldMax  bytes of the longest file that is held in memory
    private NettyServer(Path folder, long heldMax) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : found.toList()) {
                String path = "/" + file.getFileName();
                if (Files.size(file) <= heldMax) {
                    byte[] bytes = Files.readAllBytes(file);
                    contents.put(path, Unpooled.unreleasableBuffer(
                            Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly()));
                } else {
                    files.put(path, file);
                }
            }
        }
    }

    /// Serves until its process is ended.
    ///
    /// @param args  folder and port; for TLS the provider, certificate and key besides
    public static void main(String[] args) throws Exception {
        boolean secure = args.length > 2;
        NettyServer server = new NettyServer(Path.of(args[0]), secure ? Long.MAX_VALUE : IN_MEMORY_MAX);
        SslContext tls = secure ? NettyTls.server(SslProvider.valueOf(args[2]), Path.of(args[3]), Path.of(args[4])) : null;
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Channel listener = new ServerBootstrap().group(loop).channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls == null) {
                            server.http1(channel.pipeline());
                        } else {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()), server.new Chosen());
                        }
                    }
                }).bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1]))).sync().channel();
        listener.closeFuture().sync();
    }

    private void http1(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpServerCodec(), new Answers());
    }

    /// What the client chose by ALPN.
    private final class Chosen extends ApplicationProtocolNegotiationHandler {
        Chosen() {
            super(ApplicationProtocolNames.HTTP_1_1);
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                context.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(), new NettyStreams(contents));
            } else {
                http1(context.pipeline());
            }
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<HttpObject> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) throws IOException {
            if (message instanceof HttpRequest request) {
                ByteBuf content = contents.get(request.uri());
                if (content != null) {
                    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK,
                            content.duplicate());
                    fields(response, content.readableBytes());
                    write(context, request, response);
                } else if (files.containsKey(request.uri())) {
                    Path file = files.get(request.uri());
                    long bytes = Files.size(file);
                    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                    fields(response, bytes);
                    context.write(response);
                    context.write(new DefaultFileRegion(file.toFile(), 0, bytes));
                    write(context, request, LastHttpContent.EMPTY_LAST_CONTENT);
                } else {
                    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND);
                    fields(response, 0);
                    write(context, request, response);
                }
            }
        }

        private static void fields(HttpResponse response, long bytes) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
                    .set(HttpHeaderNames.CONTENT_LENGTH, bytes);
        }

        private static void write(ChannelHandlerContext context, HttpRequest request, Object last) {
            if (HttpUtil.isKeepAlive(request)) {
                context.write(last);
            } else {
                context.write(last).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
