package dev.coffer.client;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.memory.layout.Align;
import dev.coffer.quic.QuicConfig;
import dev.coffer.server.net.DatagramConfig;
import java.util.Objects;

/// That a client speaks HTTP/3 (RFC 9114) to origins of `https`, over QUIC and one UDP socket. Calls to one origin share a connection, as many at a time as the server
/// allows. Limits of heads and content, and times, are those of [ClientConfig].
///
/// | component | default | cost |
/// |---|---|---|
/// | `when` | ANNOUNCED | |
/// | `connections` | 4 | a core, tables of QPACK, a handshake's place each |
/// | `streams` | 16 | of all connections together; each the place of a head |
/// | `windowBytes` | 64 KiB | three of them and more in blocks that all connections share |
/// | `waitNanos` | 300 ms | |
///
/// A connection ends after [ClientConfig.Times#idle] without a call, or when its place is wanted.
///
/// @param when         when it is tried
/// @param connections  at a time, 1..1000
/// @param streams      exchanges over HTTP/3 at a time; more calls wait. 1..65536
/// @param windowBytes  content of one exchange that the server may send before it is taken; a connection's is twice that, and 64 KiB at least. 4096..16 MiB
/// @param waitNanos    how long calls wait for a connection of QUIC before TCP is tried beside it. 0 or more
public record Http3Asking(When when, int connections, int streams, int windowBytes, long waitNanos) {
    /// When HTTP/3 is tried.
    public enum When {
        /// Where an origin has said that it speaks it (Alt-Svc, RFC 7838), from the next call on.
        ANNOUNCED,
        /// At every origin of `https`, at the port that it is known by; TCP where that does not come about.
        FIRST,
        /// Nothing else is spoken: calls fail where it does not come about, [Failure#NO_HTTP3] among others.
        ALONE
    }

    private static final int STREAMS_MAX = 1 << 16;
    private static final int STREAMS_PER_CONNECTION_MAX = 1000;
    private static final int CONNECTIONS_MAX = 1000;
    private static final int WINDOW_MIN = 4096;
    private static final int WINDOW_MAX = 1 << 24;
    private static final int CONNECTION_WINDOW_MIN = 1 << 16;
    private static final int SENT_HEAD_BYTES_MAX = 16_000;
    /// Unidirectional streams of a server's: three of HTTP/3's own (RFC 9114, section 6.2), and some that are to be passed over.
    private static final int PEER_STREAMS = 6;
    private static final int BLOCKS_PER_CONNECTION = 24;  // rows of its streams, packets under way
    private static final long SECOND = 1_000_000_000L;

    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http3Asking {
        Objects.requireNonNull(when);
        range("connections", connections, 1, CONNECTIONS_MAX);
        range("streams", streams, 1, STREAMS_MAX);
        range("windowBytes", windowBytes, WINDOW_MIN, WINDOW_MAX);
        range("waitNanos", waitNanos, 0, Long.MAX_VALUE / 4);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }

    /// {@return the defaults above}
    public static Http3Asking defaults() {
        return new Http3Asking(When.ANNOUNCED, 4, 16, 1 << 16, 3 * SECOND / 10);
    }

    /// {@return the same, tried at other times}
    public Http3Asking withWhen(When newWhen) {
        return new Http3Asking(newWhen, connections, streams, windowBytes, waitNanos);
    }

    /// {@return the same with other numbers}
    public Http3Asking withSize(int newConnections, int newStreams, int newWindowBytes) {
        return new Http3Asking(when, newConnections, newStreams, newWindowBytes, waitNanos);
    }

    /// {@return the same with another patience}
    public Http3Asking withWait(long nanos) {
        return new Http3Asking(when, connections, streams, windowBytes, nanos);
    }

    /// {@return what an engine is made with, beside an HTTP/1.1 of these limits}
    Http3Config engine(Http1Config http) {
        return new Http3Config(http.limits(), Math.min(streams, STREAMS_PER_CONNECTION_MAX), 4096, 16, 2048,
                Math.min(http.sentHeadBytesMax(), SENT_HEAD_BYTES_MAX), 0, 0);
    }

    /// {@return what QUIC is made with}
    ///
    /// @param patienceNanos  that a connection may be silent at least, while an answer is waited for
    QuicConfig quic(Http3Config http, long patienceNanos) {
        int connectionWindow = Math.max(2 * windowBytes, CONNECTION_WINDOW_MIN);
        int sendBytes = (int) Align.up(Math.max(windowBytes, http.outputBytesMin()), Align.CACHE_LINE_BYTES);
        QuicConfig defaults = QuicConfig.defaults();
        int blockBytes = windowBytes > 1 << 17 ? 4 * (defaults.blockBytes() - Long.BYTES) + Long.BYTES : defaults.blockBytes();
        int blocks = (connectionWindow + sendBytes) / (blockBytes - Long.BYTES) + connections * BLOCKS_PER_CONNECTION
                + Math.min(streams, STREAMS_PER_CONNECTION_MAX);
        return defaults.withStreams(0, PEER_STREAMS).withBlocks(blockBytes, blocks).withWindows(windowBytes, connectionWindow, sendBytes)
                .withIdle(Math.clamp(patienceNanos, 30 * SECOND, 1L << 49));
    }

    /// {@return what the socket is made with}
    DatagramConfig datagrams() {
        return DatagramConfig.standard().withReceives(2).withOutput(1 << 15, 16, 16);
    }
}
