package dev.coffer.server;

import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.drive.LoopConfig;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ClientAuthentication;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a server serves, whatever it serves. Bytes are off heap and a loop's own.
///
/// | component | standard | tight | cost |
/// |---|---|---|---|
/// | `loops` | 1 | 1 | a thread and a region each |
/// | `connections` | 512 | 128 | of all loops together; a row each |
/// | `active` | 256 | 64 | of all loops together; each 20 KiB, tight 4 KiB |
/// | `http` | heads of 16 KiB | heads of 2 KiB | |
/// | `outputBytes` | 1024 | 512 | an active connection |
/// | `blocks` x `blockBytes` | 16 x 64 KiB | 4 x 16 KiB | of each loop |
///
/// @param address      where to listen; port 0 for one that the system chooses
/// @param loops        threads, 1..64
/// @param connections  at most, of all loops together; divided evenly. `loops`..1048576
/// @param active       of these, with a request that is read or answered, at most; divided evenly. One more waits for up to
///                     `starvedNanosMax` and then hears 503. `loops`..`connections`
/// @param http         limits of a connection
/// @param outputBytes  own output buffer of an active connection, used when all blocks are lent;
///                     `http.sentHeadBytesMax()`..1 MiB, a multiple of 64
/// @param blocks       large output buffers, 0..4096; with TLS 1 or more: a handshake has no output buffer of its own
/// @param blockBytes   of one, `outputBytes`..1 MiB, a multiple of 64
/// @param locked       whether the memory must stay out of swap
/// @param commit       when memory is committed. ON_OPEN: all of it, so that the server cannot fail for want of memory later. ON_TOUCH: each page when
///                     it is first needed; what nobody has used for a second or two is given back, wiped. The plan is the same. Default ON_OPEN, or what
///                     the system property `coffer.commit` says: `open` or `touch`
/// @param portable     the JDK's sockets and files, even where Linux's own calls are at hand
/// @param answerNanosMax  from a request's head to its answer, for handlers that say nothing else ([Exchange#limit]); past
///                     it 408 or 503. 1 ms or more, default 60 s
/// @param starvedNanosMax how long a connection waits for the memory of an active one. While one waits, of the connections that have
///                     begun a head and not ended it for half of that, and for a second, the one that holds its memory the longest
///                     gives it up and hears 408. 1 ms or more, default 5 s
/// @param stopNanosMax how long a stop waits for answers in flight, default 10 s
/// @param tls          as whom the server speaks TLS 1.3 before all else; null, the default: in the clear
/// @param http2        that HTTP/2 is spoken as well; null, the default: HTTP/1.1 alone
/// @param http3        that HTTP/3 is spoken as well, at the same port in UDP; null, the default: it is not. With `tls` alone, and where clients are not asked for
///                     certificates
@SuppressWarnings("exports")  // annotations that users need not have
public record ServerConfig(InetSocketAddress address, int loops, int connections, int active, Http1Config http,
        int outputBytes, int blocks, int blockBytes, Level locked, Commit commit, boolean portable, long answerNanosMax,
        long starvedNanosMax, long stopNanosMax, @Nullable Tls tls, @Nullable Http2Serving http2,
        @Nullable Http3Serving http3) {
    /// Bytes of a head that says where HTTP/3 is spoken.
    public static final int ANNOUNCEMENT_BYTES = 64;
    private static final int OWN_FIELD_BYTES = ":status".length() + 3 + "date".length() + 29;  // of each head, names and values
    private static final int MIB = 1 << 20;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public ServerConfig {
        Objects.requireNonNull(locked);
        Objects.requireNonNull(commit);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
        range("loops", loops, 1, 64);
        range("connections", connections, loops, MIB);
        range("active", active, loops, connections);
        range("outputBytes", outputBytes, headBytesMax(http, http2) + (tls == null ? 0 : tls.config().recordOverheadBytes()), MIB);
        range("blocks", blocks, tls == null ? 0 : 1, 4096);
        range("blockBytes", blockBytes, outputBytes, MIB);
        range("answerNanosMax", answerNanosMax, MILLI, Long.MAX_VALUE / 4);
        range("starvedNanosMax", starvedNanosMax, MILLI, Long.MAX_VALUE / 4);
        range("stopNanosMax", stopNanosMax, 0, Long.MAX_VALUE / 4);
        if (http3 != null && (tls == null || tls.config().clientAuthentication() != ClientAuthentication.NONE)) {
            throw new IllegalArgumentException(
                    "http3: " + (tls == null ? "without TLS" : "and clients are asked for certificates (expected none: over QUIC nobody hears"
                            + " who they are)"));
        }
        if (outputBytes % 64 != 0 || blockBytes % 64 != 0) {
            throw new IllegalArgumentException("outputBytes " + outputBytes + ", blockBytes " + blockBytes
                    + " (expected multiples of 64)");
        }
    }

    /// {@return the standard profile, on a port of the system's choice at the loopback address}
    public static ServerConfig standard() {
        return new ServerConfig(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, 512, 256,
                Http1Config.defaults(), 1024, 16, 1 << 16, Level.BEST_EFFORT, LoopConfig.COMMIT, false, 60 * SECOND, 5 * SECOND, 10 * SECOND, null, null, null);
    }

    /// {@return the tight profile: small heads, few connections, below 600 KiB}
    public static ServerConfig tight() {
        return new ServerConfig(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, 128, 64,
                Http1Config.tight(), 512, 4, 1 << 14, Level.BEST_EFFORT, LoopConfig.COMMIT, false, 60 * SECOND, 5 * SECOND, 10 * SECOND, null, null, null);
    }

    /// {@return this configuration at another address}
    public ServerConfig withAddress(InetSocketAddress where) {
        return new ServerConfig(where, loops, connections, active, http, outputBytes, blocks, blockBytes, locked, commit, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration with other numbers of loops, connections and active ones}
    public ServerConfig withSize(int newLoops, int newConnections, int newActive) {
        return new ServerConfig(address, newLoops, newConnections, newActive, http, outputBytes, blocks, blockBytes, locked, commit,
                portable, answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration with other limits of what a peer may ask for}
    public ServerConfig withLimits(Limits limits) {
        return withHttp(http.withLimits(limits));
    }

    /// {@return this configuration with other HTTP limits}
    public ServerConfig withHttp(Http1Config other) {
        return new ServerConfig(address, loops, connections, active, other, outputBytes, blocks, blockBytes, locked, commit,
                portable, answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration with room for longer heads of answers: so many bytes more of each, and of each active connection's
    /// own output}
    ///
    /// @param bytes  0 or more, rounded up to 64
    public ServerConfig withLongerHeads(int bytes) {
        int more = (int) Align.up(bytes, Align.CACHE_LINE_BYTES);
        Http1Config longer = new Http1Config(http.limits(), http.bodyWindowBytes(), http.chunkExtensionBytesMax(), http.drainBytesMax(),
                http.sentHeadBytesMax() + more, http.continueNanosMax());
        Http2Serving second = http2 == null ? null
                : http2.withConfig(http2.config().withSentHeadBytesMax(http2.config().sentHeadBytesMax() + more));
        Http3Serving third = http3 == null ? null : http3.withConfig(http3.config().withSentHeadBytesMax(http3.config().sentHeadBytesMax() + more));
        return new ServerConfig(address, loops, connections, active, longer, outputBytes + more, blocks,
                Math.max(blockBytes, outputBytes + more), locked, commit, portable, answerNanosMax, starvedNanosMax, stopNanosMax, tls, second, third);
    }

    /// {@return this configuration with other large output buffers}
    public ServerConfig withBlocks(int count, int bytes) {
        return new ServerConfig(address, loops, connections, active, http, outputBytes, count, bytes, locked, commit, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration with memory locked at another level}
    public ServerConfig withLocked(Level level) {
        return new ServerConfig(address, loops, connections, active, http, outputBytes, blocks, blockBytes, level, commit, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration with memory that is committed at another time}
    public ServerConfig withCommit(Commit when) {
        return new ServerConfig(address, loops, connections, active, http, outputBytes, blocks, blockBytes, locked, when, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration on the JDK's sockets and files, or on the system's own}
    public ServerConfig withPortable(boolean on) {
        return new ServerConfig(address, loops, connections, active, http, outputBytes, blocks, blockBytes, locked, commit, on,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, http2, http3);
    }

    /// {@return this configuration with other times, in nanoseconds: to an answer, for memory, of a stop}
    public ServerConfig withTimes(long answer, long starved, long stop) {
        return new ServerConfig(address, loops, connections, active, http, outputBytes, blocks, blockBytes, locked, commit, portable,
                answer, starved, stop, tls, http2, http3);
    }

    /// {@return this configuration behind TLS, with room for a record around the longest head in each active connection's own output; or in
    /// the clear}
    ///
    /// @param newTls  as whom; null for in the clear
    public ServerConfig withTls(@Nullable Tls newTls) {
        int output = output(newTls, http2);
        return new ServerConfig(address, loops, connections, active, http, output, blocks, Math.max(blockBytes, output), locked, commit, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, newTls, http2, http3);
    }

    /// {@return this configuration with HTTP/2 as well, with room for its heads in each active connection's own output; or without. Over TLS it is
    /// also to be offered: `TlsServerConfig.withProtocols("h2", "http/1.1")`}
    ///
    /// @param newHttp2  null for HTTP/1.1 alone
    public ServerConfig withHttp2(@Nullable Http2Serving newHttp2) {
        int output = output(tls, newHttp2);
        return new ServerConfig(address, loops, connections, active, http, output, blocks, Math.max(blockBytes, output), locked, commit, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, newHttp2, http3);
    }

    /// {@return this configuration with HTTP/3 as well, announced in the answers of the other versions (Alt-Svc, RFC 7838), for which their heads are made longer by
    /// [#ANNOUNCEMENT_BYTES]; or without. TLS is also to offer it: `TlsServerConfig.withQuicProtocols("h3")`}
    ///
    /// @param newHttp3  null for none
    public ServerConfig withHttp3(@Nullable Http3Serving newHttp3) {
        ServerConfig longer = http3 != null || newHttp3 == null ? this : withLongerHeads(ANNOUNCEMENT_BYTES);
        return new ServerConfig(address, loops, connections, active, longer.http, longer.outputBytes, blocks, longer.blockBytes, locked, commit, portable,
                answerNanosMax, starvedNanosMax, stopNanosMax, tls, longer.http2, newHttp3);
    }

    /// {@return bytes of an own output that takes the longest head, in a record where there is TLS}
    private int output(@Nullable Tls newTls, @Nullable Http2Serving newHttp2) {
        return Math.max(outputBytes, (int) Align.up(headBytesMax(http, newHttp2) + (newTls == null ? 0 : newTls.config().recordOverheadBytes()),
                Align.CACHE_LINE_BYTES));
    }

    private static long headBytesMax(Http1Config http, @Nullable Http2Serving http2) {
        return http2 == null ? http.sentHeadBytesMax() : Math.max(http.sentHeadBytesMax(), http2.config().outputBytesMin());
    }

    /// {@return bytes of the longest head that is sent, as the engines say}
    int headBytesMax() {
        return (int) headBytesMax(http, http2);
    }

    /// {@return bytes of field values that an exchange copies: what is longer than a version's longest head has room for, beside status and date, could not be said in it}
    int exchangeFieldBytes() {
        int heads = Math.min(http.sentHeadBytesMax(), Math.min(http2 == null ? Integer.MAX_VALUE : http2.config().sentHeadBytesMax(),
                http3 == null ? Integer.MAX_VALUE : http3.config().sentHeadBytesMax()));
        return Math.clamp(heads - OWN_FIELD_BYTES & -(int) Align.CACHE_LINE_BYTES, (int) Align.CACHE_LINE_BYTES, Exchange.FIELD_BYTES_MAX);
    }

    /// {@return streams of one loop}
    int streamsOf(int loop) {
        return http2 == null ? 0 : Math.max(1, share(http2.streams(), loop));
    }

    /// {@return windows of one loop}
    int windowsOf(int loop) {
        return http2 == null ? 0 : Math.max(1, share(http2.windows(), loop));
    }

    /// {@return streams of HTTP/3 of one loop: the first one serves it}
    int http3StreamsOf(int loop) {
        return http3 == null || loop > 0 ? 0 : http3.streams();
    }

    /// {@return connections of HTTP/3 of one loop}
    int http3ConnectionsOf(int loop) {
        return http3 == null || loop > 0 ? 0 : http3.connections();
    }

    /// {@return of these, in handshake at a time}
    int http3HandshakesOf(int loop) {
        return http3 == null || loop > 0 ? 0 : http3.handshakes();
    }

    /// {@return connections of HTTP/2 at rest of one loop}
    int restingOf(int loop) {
        return http2 == null ? 0 : share(http2.resting(), loop);
    }

    /// {@return connections of one loop: an even share; the first loops have one more where it is uneven}
    int connectionsOf(int loop) {
        return share(connections, loop);
    }

    /// {@return active connections of one loop}
    int activeOf(int loop) {
        return share(active, loop);
    }

    private int share(int all, int loop) {
        return all / loops + (loop < all % loops ? 1 : 0);
    }

    /// {@return the configuration of one loop}
    LoopConfig loop(int index) {
        return new LoopConfig("loop-" + index, index, index == 0, connectionsOf(index), blocks, blockBytes, locked, commit, portable, starvedNanosMax,
                stopNanosMax);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
