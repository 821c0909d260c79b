package dev.coffer.server;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Protection.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;

/// How files are served. Bytes are off heap and a loop's own.
///
/// | component | standard | tight | cost |
/// |---|---|---|---|
/// | `loops` | 1 | 1 | a thread and a region each |
/// | `connections` | 256 | 64 | of all loops together; each 20 KiB, tight 3.5 KiB |
/// | `files` | 256 | 64 | of each loop; 1152 bytes and a descriptor each |
/// | `http` | heads of 16 KiB | heads of 2 KiB | |
/// | `outputBytes` | 1024 | 512 | a connection |
/// | `blocks` x `blockBytes` | 16 x 64 KiB | 4 x 16 KiB | of each loop |
///
/// @param root         the folder; what lies beneath it is public
/// @param address      where to listen; port 0 for one that the system chooses
/// @param loops        threads, 1..64
/// @param connections  at most, of all loops together; divided evenly. `loops`..65536
/// @param files        kept open by each loop, 1..65536; fewer than connections may answer 503 when all are in use
/// @param http         limits of a connection
/// @param outputBytes  own output buffer of a connection, used when all blocks are lent;
///                     `http.sentHeadBytesMax()`..1 MiB, a multiple of 64
/// @param blocks       large output buffers, 0..4096
/// @param blockBytes   of one, `outputBytes`..1 MiB, a multiple of 64
/// @param locked       whether the memory must stay out of swap
/// @param portable     the JDK's sockets and files, even where Linux's own calls are at hand
/// @param stopNanosMax how long a stop waits for answers in flight
public record ServerConfig(Path root, InetSocketAddress address, int loops, int connections, int files,
        Http1Config http, int outputBytes, int blocks, int blockBytes, Level locked, boolean portable,
        long stopNanosMax) {
    private static final int MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000L;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public ServerConfig {
        Objects.requireNonNull(root);
        Objects.requireNonNull(locked);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
        range("loops", loops, 1, 64);
        range("connections", connections, loops, 65_536);
        range("files", files, 1, 65_536);
        range("outputBytes", outputBytes, http.sentHeadBytesMax(), MIB);
        range("blocks", blocks, 0, 4096);
        range("blockBytes", blockBytes, outputBytes, MIB);
        range("stopNanosMax", stopNanosMax, 0, Long.MAX_VALUE / 4);
        if (outputBytes % 64 != 0 || blockBytes % 64 != 0) {
            throw new IllegalArgumentException("outputBytes " + outputBytes + ", blockBytes " + blockBytes
                    + " (expected multiples of 64)");
        }
    }

    /// {@return the standard profile, on a port of the system's choice at the loopback address}
    public static ServerConfig standard(Path root) {
        return new ServerConfig(root, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, 256, 256,
                Http1Config.defaults(), 1024, 16, 1 << 16, Level.BEST_EFFORT, false, 10 * SECOND);
    }

    /// {@return the tight profile: small heads, few connections, below 600 KiB}
    public static ServerConfig tight(Path root) {
        return new ServerConfig(root, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, 64, 64,
                Http1Config.tight(), 512, 4, 1 << 14, Level.BEST_EFFORT, false, 10 * SECOND);
    }

    /// {@return this configuration at another address}
    public ServerConfig at(InetSocketAddress where) {
        return new ServerConfig(root, where, loops, connections, files, http, outputBytes, blocks, blockBytes,
                locked, portable, stopNanosMax);
    }

    /// {@return this configuration with other numbers of loops, connections and files}
    public ServerConfig sized(int newLoops, int newConnections, int newFiles) {
        return new ServerConfig(root, address, newLoops, newConnections, newFiles, http, outputBytes, blocks,
                blockBytes, locked, portable, stopNanosMax);
    }

    /// {@return this configuration with other HTTP limits}
    public ServerConfig with(Http1Config other) {
        return new ServerConfig(root, address, loops, connections, files, other, outputBytes, blocks, blockBytes,
                locked, portable, stopNanosMax);
    }

    /// {@return this configuration with other large output buffers}
    public ServerConfig withBlocks(int count, int bytes) {
        return new ServerConfig(root, address, loops, connections, files, http, outputBytes, count, bytes,
                locked, portable, stopNanosMax);
    }

    /// {@return this configuration with memory locked at another level}
    public ServerConfig withLocked(Level level) {
        return new ServerConfig(root, address, loops, connections, files, http, outputBytes, blocks, blockBytes,
                level, portable, stopNanosMax);
    }

    /// {@return this configuration on the JDK's sockets and files, or on the system's own}
    public ServerConfig withPortable(boolean on) {
        return new ServerConfig(root, address, loops, connections, files, http, outputBytes, blocks, blockBytes,
                locked, on, stopNanosMax);
    }

    /// {@return this configuration with another patience when it stops}
    public ServerConfig withStopNanosMax(long nanos) {
        return new ServerConfig(root, address, loops, connections, files, http, outputBytes, blocks, blockBytes,
                locked, portable, nanos);
    }

    /// {@return connections of one loop: an even share; the first loops have one more where it is uneven}
    int connectionsOf(int loop) {
        return connections / loops + (loop < connections % loops ? 1 : 0);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
