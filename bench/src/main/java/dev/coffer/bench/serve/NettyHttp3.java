package dev.coffer.bench.serve;

import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The peer's HTTP/3: Netty's codec over quiche and BoringSSL, on epoll, with datagrams grouped where the kernel can (UDP_SEGMENT).
final class NettyHttp3 {
    private static final int SEGMENTS = 10;             // as Netty's own examples have it
    private static final int DATAGRAM_BYTES = 1350;
    private static final long STREAM_WINDOW = 4 << 20;
    private static final long WINDOW = 16 << 20;
    private static final int STREAMS = 100;

    private NettyHttp3() {}

    static QuicSslContext server(Path certificate, Path key) {
        return QuicSslContextBuilder.forServer(key.toFile(), null, certificate.toFile()).applicationProtocols(Http3.supportedApplicationProtocols())
                .option(BoringSSLContextOption.GROUPS, new String[] {"X25519MLKEM768", "X25519", "P-256"}).build();
    }

    /// {@return a client's side that offers one group and believes everybody: the load is not what is measured}
    static QuicSslContext client(String group) {
        return QuicSslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).applicationProtocols(Http3.supportedApplicationProtocols())
                .option(BoringSSLContextOption.GROUPS, new String[] {group}).build();
    }

    /// {@return the same with windows and sizes that hold nothing up}
    static <B extends QuicCodecBuilder<B>> B sized(B builder) {
        return builder.maxIdleTimeout(1, TimeUnit.HOURS).initialMaxData(WINDOW).initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW).initialMaxStreamsBidirectional(STREAMS)
                .maxSendUdpPayloadSize(DATAGRAM_BYTES).maxRecvUdpPayloadSize(1500);
    }

    static SegmentedDatagramPacketAllocator grouped() {
        return EpollDatagramChannel.isSegmentedDatagramPacketSupported() ? EpollQuicUtils.newSegmentedAllocator(SEGMENTS)
                : SegmentedDatagramPacketAllocator.NONE;
    }
}
