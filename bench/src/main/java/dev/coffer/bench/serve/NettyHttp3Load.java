package dev.coffer.bench.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The load: Netty's client of HTTP/3, in a process of its own that stays, so that it is warm. It reads orders, a line each, and answers each with one:
///
/// | order | answer |
/// |---|---|
/// | `requests PORT PATH CONNECTIONS STREAMS SECONDS` | answers that were complete, content octets |
/// | `connections PORT PATH AT_ONCE SECONDS` | connections that had a handshake and an answer |
/// | `idle PORT PATH CONNECTIONS` | connections that are held, each after one answer, until the next order |
public final class NettyHttp3Load {
    private static final String GROUP = "X25519";
    private static final int DATAGRAMS = 16;
    private static final int DATAGRAM_BYTES = 2048;
    private static final long NANOS = 1_000_000_000L;

    private final QuicSslContext tls = NettyHttp3.client(GROUP);
    private final Channel socket;
    private final List<QuicChannel> held = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong octets = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile int current;           // order; what an earlier one has begun counts for none, and begins nothing more

    private NettyHttp3Load() throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        socket = new Bootstrap().group(loop).channel(EpollDatagramChannel.class).option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DATAGRAMS * DATAGRAM_BYTES))
                .option(ChannelOption.SO_RCVBUF, 1 << 22)
                .handler(NettyHttp3.sized(Http3.newQuicClientCodecBuilder()).sslContext(tls).build()).bind(0).sync().channel();
    }

    /// Works until its input ends.
    public static void main(String[] args) throws Exception {
        NettyHttp3Load load = new NettyHttp3Load();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line; (line = orders.readLine()) != null;) {
            System.out.println(load.obey(line.split(" ")));
        }
        System.exit(0);
    }

    private String obey(String[] order) throws Exception {
        for (QuicChannel channel : held) {
            channel.close().await();
        }
        held.clear();
        int of = ++current;
        answered.set(0);
        octets.set(0);
        failed.set(0);
        int port = Integer.parseInt(order[1]);
        int count = Integer.parseInt(order[3]);
        switch (order[0]) {
            case "requests" -> {
                List<QuicChannel> all = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    all.add(connect(port));
                }
                for (QuicChannel channel : all) {
                    for (int i = 0; i < Integer.parseInt(order[4]); i++) {
                        ask(channel, port, order[2], of, true, false);
                    }
                }
                Thread.sleep(1000L * Integer.parseInt(order[5]));
                current++;
                String said = answered + " " + octets + " " + failed;
                for (QuicChannel channel : all) {
                    channel.close().await();
                }
                return said;
            }
            case "connections" -> {
                for (int i = 0; i < count; i++) {
                    again(port, order[2], of);
                }
                Thread.sleep(1000L * Integer.parseInt(order[4]));
                current++;
                return answered + " " + octets + " " + failed;
            }
            case "idle" -> {
                for (int i = 0; i < count; i++) {
                    QuicChannel channel = connect(port);
                    held.add(channel);
                    long before = answered.get();
                    ask(channel, port, order[2], of, false, false);
                    for (long until = System.nanoTime() + 10 * NANOS; answered.get() == before && System.nanoTime() < until;) {
                        LockSupport.parkNanos(100_000);  // not spinning: the loop has this processor too
                    }
                }
                return answered + " " + octets + " " + failed;
            }
            default -> throw new IllegalArgumentException(order[0]);
        }
    }

    private io.netty.util.concurrent.Future<QuicChannel> begin(int port) {
        return QuicChannel.newBootstrap(socket).option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, NettyHttp3.grouped())
                .handler(new Http3ClientConnectionHandler()).remoteAddress(new InetSocketAddress("127.0.0.1", port)).connect();
    }

    private QuicChannel connect(int port) throws Exception {
        return begin(port).get(20, TimeUnit.SECONDS);
    }

    private void again(int port, String path, int of) {
        begin(port).addListener(begun -> {
            if (begun.isSuccess()) {
                ask((QuicChannel) begun.getNow(), port, path, of, false, true);
            } else if (of == current) {
                failed.incrementAndGet();
            }
        });
    }

    /// @param of      whose order it is
    /// @param repeat  whether the next one follows on the same connection
    /// @param renew   whether the connection ends with its answer, and the next one begins
    private void ask(QuicChannel channel, int port, String path, int of, boolean repeat, boolean renew) {
        Http3.newRequestStream(channel, new Http3RequestStreamInboundHandler() {
            private boolean good;

            @Override
            protected void channelRead(ChannelHandlerContext context, Http3HeadersFrame frame) {
                good = "200".contentEquals(frame.headers().status());
                ReferenceCountUtil.release(frame);
            }

            @Override
            protected void channelRead(ChannelHandlerContext context, Http3DataFrame frame) {
                octets.addAndGet(of == current ? frame.content().readableBytes() : 0);
                ReferenceCountUtil.release(frame);
            }

            @Override
            protected void channelInputClosed(ChannelHandlerContext context) {
                boolean goesOn = of == current;
                if (goesOn) {
                    (good ? answered : failed).incrementAndGet();
                }
                context.close();
                if (renew) {
                    channel.close();
                }
                if (goesOn && repeat) {
                    ask(channel, port, path, of, true, false);
                } else if (goesOn && renew) {
                    again(port, path, of);
                }
            }
        }).addListener(opened -> {
            if (opened.isSuccess()) {
                DefaultHttp3HeadersFrame head = new DefaultHttp3HeadersFrame();
                head.headers().method("GET").scheme("https").authority("localhost:" + port).path(path);
                ((QuicStreamChannel) opened.getNow()).writeAndFlush(head).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            } else if (of == current) {
                failed.incrementAndGet();
            }
        });
    }
}
