package dev.coffer.client;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http2.Http2Config;

/// That a client speaks HTTP/2 beside HTTP/1.1, or alone. Calls to one origin then share a connection, as many at a time as the server allows;
/// another one is made when it allows no more. Limits of heads and content, and times, are those of [ClientConfig].
///
/// | component | default | cost |
/// |---|---|---|
/// | `streams` | 16 | of all connections together; each the place of a head and a window |
/// | `windowBytes` | 32 KiB | see `streams` |
///
/// A connection's tables lie where an active connection has HTTP/1.1's head and window. One of HTTP/2 stays active while it is open, also
/// between calls: an idle one ends after [ClientConfig.Times#idle], or when its place is wanted.
///
/// @param streams      exchanges over HTTP/2 at a time; more calls wait. 1..65536
/// @param windowBytes  content of one exchange that the server may send before it is taken: its flow-control window. A connection's is as large, and
///                     64 KiB at least. 1024..16 MiB
/// @param alone        over TLS nothing else is offered, and in the clear every server is taken to know it (RFC 9113, section 3.3). Otherwise TLS
///                     agrees on the version, and `http` is asked in HTTP/1.1
public record Http2Asking(int streams, int windowBytes, boolean alone) {
    private static final int STREAMS_MAX = 1 << 16;
    private static final int STREAMS_PER_CONNECTION_MAX = 1000;

    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http2Asking {
        if (streams < 1 || streams > STREAMS_MAX) {
            throw new IllegalArgumentException("streams: " + streams + " (expected 1.." + STREAMS_MAX + ")");
        }
        if (windowBytes < 1024 || windowBytes > 1 << 24) {
            throw new IllegalArgumentException("windowBytes: " + windowBytes + " (expected 1024.." + (1 << 24) + ")");
        }
    }

    /// {@return the defaults above, beside HTTP/1.1}
    public static Http2Asking defaults() {
        return new Http2Asking(16, 1 << 15, false);
    }

    /// {@return the same with other numbers}
    public Http2Asking withSize(int newStreams, int newWindowBytes) {
        return new Http2Asking(newStreams, newWindowBytes, alone);
    }

    /// {@return the same without HTTP/1.1, or beside it}
    public Http2Asking withAlone(boolean on) {
        return new Http2Asking(streams, windowBytes, on);
    }

    /// {@return what an engine is made with, beside an HTTP/1.1 of these limits}
    Http2Config engine(Http1Config http) {
        return Http2Config.of(http.limits(), Math.min(http.sentHeadBytesMax(), Http2Config.SENT_HEAD_BYTES_MAX)).withWindowBytes(windowBytes)
                .withStreamsMax(Math.min(streams, STREAMS_PER_CONNECTION_MAX));
    }
}
