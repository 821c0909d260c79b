package dev.coffer.client;

import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.drive.LoopConfig;
import dev.coffer.tls.TlsClientConfig;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a client may hold and how long it waits. Bytes are off heap.
///
/// @param connections  at most, idle ones included; a row each. 1..65536, standard 64
/// @param perOrigin    of these, to one origin. 1..`connections`, standard 8
/// @param active       exchanges on the wire at once, each some 24 KiB; more calls wait. 1..`connections`, standard 16
/// @param calls        under way at once, those that wait for a connection included; one more is refused. 1..65536, standard 256
/// @param origins      with connections or calls at once; a call to one more fails. 1..65536, standard 64
/// @param http         limits of an answer; its `idleNanosMax` is not used here
/// @param outputBytes  own output buffer of an active connection, used when all blocks are lent; `http.sentHeadBytesMax()`..1 MiB, a
///                     multiple of 64, standard 4096
/// @param blocks       large output buffers, 0..4096, standard 4
/// @param blockBytes   of one, `outputBytes`..1 MiB, a multiple of 64, standard 16 KiB
/// @param locked       whether the memory must stay out of swap
/// @param commit       when memory is committed: ON_OPEN, all of it, or ON_TOUCH, when it is first needed; what nobody has used for a second or two is given back, wiped.
///                     Standard ON_OPEN, or what the system property `coffer.commit` says: `open` or `touch`
/// @param portable     the JDK's sockets, even where Linux's own calls are at hand
/// @param times        how long it waits
/// @param tls          for origins of `https`; null, the standard: calls to them fail
/// @param http2        that HTTP/2 is spoken as well; null, the standard: HTTP/1.1 alone
/// @param http3        that HTTP/3 is spoken as well, where TLS is; null, the standard: no UDP socket is opened
/// @param trace        who hears what connections do; null, the standard: nobody
@SuppressWarnings("exports")  // annotations that users need not have
public record ClientConfig(int connections, int perOrigin, int active, int calls, int origins, Http1Config http, int outputBytes,
        int blocks, int blockBytes, Level locked, Commit commit, boolean portable, Times times, @Nullable ClientTls tls, @Nullable Http2Asking http2,
        @Nullable Http3Asking http3, @Nullable ClientTrace trace) {
    private static final int MIB = 1 << 20;
    private static final int ROWS_MAX = 1 << 16;
    /// Cookies and long queries: what browsers send.
    private static final int SENT_HEAD_BYTES = 4096;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    /// Time limits in nanoseconds, 1 ms or more each, save the last.
    ///
    /// @param connect    to find a host's addresses, and again to connect to any of them; shared out evenly among them. Standard 10 s
    /// @param firstByte  from the last byte of a request to the first of its answer. Standard 30 s. How slowly a head and content may
    ///                   come is `http`'s to say
    /// @param call       from asking to the end, for requests that say nothing else. Standard 60 s
    /// @param idle       that a connection is kept without a request. Standard 15 s, less than most servers
    /// @param stop       that calls under way are given when the client is closed; 0 or more, standard 0
    public record Times(long connect, long firstByte, long call, long idle, long stop) {
        /// Checks every range.
        ///
        /// @throws IllegalArgumentException  a number out of its range (caller's fault)
        public Times {
            range("connect", connect, MILLI, Long.MAX_VALUE / 4);
            range("firstByte", firstByte, MILLI, Long.MAX_VALUE / 4);
            range("call", call, MILLI, Long.MAX_VALUE / 4);
            range("idle", idle, MILLI, Long.MAX_VALUE / 4);
            range("stop", stop, 0, Long.MAX_VALUE / 4);
        }
    }

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public ClientConfig {
        Objects.requireNonNull(locked);
        Objects.requireNonNull(commit);
        Objects.requireNonNull(times);
        range("connections", connections, 1, ROWS_MAX);
        range("perOrigin", perOrigin, 1, connections);
        range("active", active, 1, connections);
        range("calls", calls, 1, ROWS_MAX);
        range("origins", origins, 1, ROWS_MAX);
        range("outputBytes", outputBytes, headBytesMax(http, http2) + (tls == null ? 0 : tls.config().recordOverheadBytes()), MIB);
        range("blocks", blocks, 0, 4096);
        range("blockBytes", blockBytes, outputBytes, MIB);
        if (outputBytes % 64 != 0 || blockBytes % 64 != 0) {
            throw new IllegalArgumentException("outputBytes " + outputBytes + ", blockBytes " + blockBytes
                    + " (expected multiples of 64)");
        }
    }

    /// {@return the standard client, about half a megabyte; content of any length is taken}
    public static ClientConfig standard() {
        return new ClientConfig(64, 8, 16, 256, 64, new Http1Config(Limits.defaults().withBodyBytesMax(Long.MAX_VALUE), 2048, 256, 0,
                SENT_HEAD_BYTES, SECOND), SENT_HEAD_BYTES, 4, 1 << 14, Level.BEST_EFFORT, LoopConfig.COMMIT, false,
                new Times(10 * SECOND, 30 * SECOND, 60 * SECOND, 15 * SECOND, 0), null, null, null, null);
    }

    /// {@return this configuration with other numbers of connections, of those to one origin, of active ones and of calls}
    public ClientConfig withSize(int newConnections, int newPerOrigin, int newActive, int newCalls) {
        return new ClientConfig(newConnections, newPerOrigin, newActive, newCalls, origins, http, outputBytes, blocks, blockBytes,
                locked, commit, portable, times, tls, http2, http3, trace);
    }

    /// {@return this configuration with another number of origins}
    public ClientConfig withOrigins(int newOrigins) {
        return new ClientConfig(connections, perOrigin, active, calls, newOrigins, http, outputBytes, blocks, blockBytes, locked, commit,
                portable, times, tls, http2, http3, trace);
    }

    /// {@return this configuration with other limits of HTTP}
    public ClientConfig withHttp(Http1Config other) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, other, outputBytes, blocks, blockBytes, locked, commit,
                portable, times, tls, http2, http3, trace);
    }

    /// {@return this configuration with other output buffers: an active connection's own, and how many large ones of how many bytes}
    public ClientConfig withOutput(int ownBytes, int count, int bytes) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, ownBytes, count, bytes, locked, commit, portable, times, tls, http2,
                http3,
                trace);
    }

    /// {@return this configuration with memory locked at another level}
    public ClientConfig withLocked(Level level) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, outputBytes, blocks, blockBytes, level, commit, portable,
                times, tls, http2, http3, trace);
    }

    /// {@return this configuration with memory that is committed at another time}
    public ClientConfig withCommit(Commit when) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, outputBytes, blocks, blockBytes, locked, when, portable,
                times, tls, http2, http3, trace);
    }

    /// {@return this configuration on the JDK's sockets, or on the system's own}
    public ClientConfig withPortable(boolean on) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, outputBytes, blocks, blockBytes, locked, commit, on,
                times, tls, http2, http3, trace);
    }

    /// {@return this configuration with other time limits}
    public ClientConfig withTimes(Times other) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, outputBytes, blocks, blockBytes, locked, commit, portable,
                other, tls, http2, http3, trace);
    }

    /// {@return this configuration with TLS for origins of `https`, with room for a record around the longest head in each active
    /// connection's own output; or without}
    ///
    /// @param newTls  null for without
    public ClientConfig withTls(@Nullable ClientTls newTls) {
        return with(newTls, http2);
    }

    /// {@return this configuration speaking HTTP/2 as well; or not. By ALPN over TLS, in the clear where nothing else is spoken}
    ///
    /// @param newHttp2  null for HTTP/1.1 alone
    public ClientConfig withHttp2(@Nullable Http2Asking newHttp2) {
        return with(tls, newHttp2);
    }

    /// {@return this configuration speaking HTTP/3 as well, to origins of `https`; or not}
    ///
    /// @param newHttp3  null for TCP alone
    public ClientConfig withHttp3(@Nullable Http3Asking newHttp3) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, outputBytes, blocks, blockBytes, locked, commit, portable,
                times, tls, http2, newHttp3, trace);
    }

    private ClientConfig with(@Nullable ClientTls newTls, @Nullable Http2Asking newHttp2) {
        int head = headBytesMax(http, newHttp2) + (newTls == null ? 0 : newTls.config().recordOverheadBytes());
        int output = Math.max(outputBytes, (int) Align.up(head, Align.CACHE_LINE_BYTES));
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, output, blocks, Math.max(blockBytes, output), locked, commit,
                portable, times, newTls, newHttp2, http3, trace);
    }

    /// {@return this configuration with another who hears what connections do, null for nobody}
    public ClientConfig withTrace(@Nullable ClientTrace newTrace) {
        return new ClientConfig(connections, perOrigin, active, calls, origins, http, outputBytes, blocks, blockBytes, locked, commit, portable,
                times, tls, http2, http3, newTrace);
    }

    private static int headBytesMax(Http1Config http, @Nullable Http2Asking http2) {
        return http2 == null ? http.sentHeadBytesMax() : Math.max(http.sentHeadBytesMax(), http2.engine(http).outputBytesMin());
    }

    /// {@return what TLS is opened with: a place for each active connection, and a record: a sink that holds content back holds up
    /// nobody else}
    TlsClientConfig tlsConfig() {
        TlsClientConfig config =
                Objects.requireNonNull(tls, "spoken").config().withCounts(active, active, active).withCarriedOutputBytesMin(headBytesMax(http, http2));
        return http2 == null ? config : http2.alone() ? config.withProtocols("h2") : config.withProtocols("h2", "http/1.1");
    }

    /// {@return what an engine is made with: its idle time runs between a request and its answer alone}
    Http1Config engine() {
        Limits limits = http.limits();
        return http.withLimits(limits.withTimes(limits.headNanosMax(), times.firstByte(), limits.graceNanos()));
    }

    LoopConfig loop() {
        return new LoopConfig("client", 0, false, connections, blocks, blockBytes, locked, commit, portable, SECOND, times.stop());
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
