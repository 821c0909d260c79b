package dev.coffer.cli.budget;

import dev.coffer.http.Limits;
import dev.coffer.quic.QuicConfig;
import dev.coffer.server.Http3Serving;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsServerConfig;
import java.util.Objects;

/// The configuration whose bytes are counted, several times over, and the figures that it is held against. What a profile says of everything else stays. Stateless.
public final class Target {
    /// Connections of HTTP/3, those in handshake among them.
    public static final int HTTP3 = 4;
    /// Of these, in handshake.
    public static final int HANDSHAKES = 2;
    /// Open streams of each of the others.
    public static final int STREAMS = 4;
    /// Places of streams: theirs.
    public static final int STREAM_PLACES = STREAMS * (HTTP3 - HANDSHAKES);
    /// Bytes that the configuration may take at most, by issue 13: the estimate of milli-http's tight configuration, without ML-KEM.
    public static final long GATE_BYTES = 69_700;
    /// What is aimed at, and what would be a record.
    public static final long AIM_BYTES = 57_344;
    public static final long RECORD_BYTES = 49_152;
    /// Blocks of QUIC that they share: the profile's. What a server for more connections has beside is for those.
    private static final int BLOCKS = QuicConfig.tight().blocks();
    private static final int RECORDS = 1;  // the slab for one large record at a time, and the expanded keys of one connection, which all share

    private Target() {}

    /// {@return the tight profile over TLS with HTTP/3, as `coffer serve --profile tight --tls` has it by default, its files aside}
    ///
    /// @param identities  as whom; none for a plan alone
    public static ServerConfig tight(ServerIdentity... identities) {
        Http3Serving third = Http3Serving.tight();
        Limits limits = third.config().limits();
        TlsServerConfig tls = TlsServerConfig.tight().withProtocols("http/1.1").withQuicProtocols("h3");
        return ServerConfig.tight().withTls(Tls.of(tls, identities))
                .withHttp3(third.withQuic(third.quic().withIdle(Math.max(third.quic().idleNanos(), limits.idleNanosMax()))));
    }

    /// {@return a configuration with room for the target so many times, and for nothing else}
    ///
    /// @param base   with TLS and HTTP/3
    /// @param times  1 or more
    /// @throws IllegalArgumentException  not with TLS and HTTP/3 (caller's fault)
    public static ServerConfig of(ServerConfig base, int times) {
        Tls tls = base.tls();
        Http3Serving third = base.http3();
        if (tls == null || third == null) {
            throw new IllegalArgumentException("budget: a server without " + (tls == null ? "TLS" : "HTTP/3") + " (expected both)");
        }
        Tls sized = Tls.of(tls.config().withCounts(times * (1 + HTTP3), times * HANDSHAKES, RECORDS).withKeys(RECORDS),
                tls.identities().toArray(ServerIdentity[]::new));
        Http3Serving counted = Objects.requireNonNull(third).withSize(times * HTTP3, times * HANDSHAKES, times * STREAM_PLACES)
                .withQuic(third.quic().withBlocks(third.quic().blockBytes(), times * Math.min(BLOCKS, third.quic().blocks())));
        return base.withSize(1, times, times).withTls(sized).withHttp3(counted);
    }
}
