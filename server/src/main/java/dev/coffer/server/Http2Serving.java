package dev.coffer.server;

import dev.coffer.http.http2.Http2Config;
import java.util.Objects;

/// That a server speaks HTTP/2 beside HTTP/1.1: by ALPN over TLS, by prior knowledge in the clear (RFC 9113, sections 3.2, 3.3).
///
/// | component | default | cost |
/// |---|---|---|
/// | `config` | heads of 8 KiB, 100 streams a connection | its tables lie where an active connection has HTTP/1.1's head, so they cost no more |
/// | `streams` | 256 | of all loops together; each 9 KiB and an exchange |
/// | `windows` | 16 | of all loops together; each 64 KiB |
/// | `resting` | 256 | of all loops together; each 2 KiB, in blocks of 128 bytes |
///
/// A connection without a stream gives its place back and keeps what is in its tables, and some numbers: 1 KiB after a browser's first request. Where
/// all blocks are lent it keeps its place, until somebody waits for that.
///
/// No connection has more than four fifths of a loop's streams or windows, and the last one always goes to a connection that has none
/// ([dev.coffer.http.http2.Http2Streams]): a client that is refused so hears REFUSED_STREAM.
///
/// @param config   limits of a connection and of a stream
/// @param streams  open at a time, divided evenly among the loops; one more is refused so that its client may ask again. 1..1048576
/// @param windows  of these, whose requests have content. 1..`streams`
/// @param resting  connections that keep their tables while they say nothing, divided evenly among the loops. 0..1048576
public record Http2Serving(Http2Config config, int streams, int windows, int resting) {
    private static final int STREAMS_MAX = 1 << 20;
    private static final int RESTING_MAX = 1 << 20;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http2Serving {
        Objects.requireNonNull(config);
        if (streams < 1 || streams > STREAMS_MAX) {
            throw new IllegalArgumentException("streams: " + streams + " (expected 1.." + STREAMS_MAX + ")");
        }
        if (windows < 1 || windows > streams) {
            throw new IllegalArgumentException("windows: " + windows + " (expected 1.." + streams + ")");
        }
        if (resting < 0 || resting > RESTING_MAX) {
            throw new IllegalArgumentException("resting: " + resting + " (expected 0.." + RESTING_MAX + ")");
        }
    }

    /// {@return the defaults above}
    public static Http2Serving defaults() {
        return new Http2Serving(Http2Config.defaults(), 256, 16, 256);
    }

    /// {@return the same with another configuration}
    public Http2Serving withConfig(Http2Config other) {
        return new Http2Serving(other, streams, windows, resting);
    }

    /// {@return the same with other numbers of streams and windows}
    public Http2Serving withSize(int newStreams, int newWindows) {
        return new Http2Serving(config, newStreams, newWindows, resting);
    }

    /// {@return the same with room for another number of connections at rest}
    public Http2Serving withResting(int connections) {
        return new Http2Serving(config, streams, windows, connections);
    }
}
