package dev.coffer.quic;

import dev.coffer.memory.QuicVarint;

/// What connections may hold and are told; of bytes and counts, each with its cost.
///
/// | component | unit | default | tight | range |
/// |---|---|---|---|---|
/// | `blockBytes` | bytes | 1,032 | 128 | a multiple of 8, 128..16384; of one block, which holds a stream, or data |
/// | `blocks` | blocks | 1,024 | 80 | 16..2^20; of all connections together. Who finds none waits, so too few make connections slow: of tight ones 12 each were enough, and with 8 each a handshake took longer than its 10 s where five in a hundred are lost; a head wants all its blocks at once |
/// | `streamsBidi` | streams | 100 | 4 | 0..2^16; that the peer may have open at a time, a block each |
/// | `streamsUni` | streams | 3 | 3 | 0..2^16 |
/// | `streamBytes` | bytes | 65,536 | 256 | 64..2^30; of a stream that may wait to be read |
/// | `connectionBytes` | bytes | 262,144 | 1,024 | 64..2^30; of all streams of a connection |
/// | `sendBytes` | bytes | 65,536 | 1,280 | 64..2^30; of a stream that may wait for their acknowledgement |
/// | `records` | records | 512 | 24 | 6..2^16; of packets under way, a third of it at least as many packets |
/// | `ranges` | ranges | 32 | 8 | 2..64; of packet numbers that were received |
/// | `cryptoBytes` | bytes | 16,384 | 4,096 | 2,048..2^16; of a level that may come early (RFC 9000, section 7.5 asks for 4,096) |
/// | `datagramBytes` | bytes | 1,452 | 1,200 | 1,200..1,472; the largest that is sent, once the path has shown that it carries it (RFC 8899); 1,200 until then |
/// | `idleNanos` | ns | 30 s | 30 s | 1 s..2^50; 0 for never, but for a peer that acknowledges nothing: a minute (decision 0187) |
/// | `ackDelayNanos` | ns | 25 ms | 25 ms | 0..2^14 ms - 1; that an acknowledgement may wait |
/// | `cubic` | | true | false | else NewReno |
/// | `datagramQueueBytes` | bytes | 0 | 0 | 0, or a multiple of 8, 64..65,528; of DATAGRAM frames (RFC 9221) that wait to go, and as many of those that came, a connection; 0: none are spoken |
public record QuicConfig(int blockBytes, int blocks, int streamsBidi, int streamsUni, int streamBytes, int connectionBytes, int sendBytes, int records,
        int ranges, int cryptoBytes, int datagramBytes, long idleNanos, long ackDelayNanos, boolean cubic, int datagramQueueBytes) {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;
    private static final int STREAMS_MAX = 1 << 16;
    private static final int WINDOW_MIN = 64;
    private static final int WINDOW_MAX = 1 << 30;
    private static final int QUEUE_BYTES_MIN = 64;
    private static final int QUEUE_BYTES_MAX = (1 << 16) - 8;
    /// Least datagram that every path carries (RFC 9000, section 14).
    public static final int DATAGRAM_BYTES_MIN = 1200;
    /// Largest: what an Ethernet carries over IPv4.
    public static final int DATAGRAM_BYTES_MAX = 1472;

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public QuicConfig {
        check("blockBytes", blockBytes, Blocks.BLOCK_BYTES_MIN, Blocks.BLOCK_BYTES_MAX);
        check("blocks", blocks, 16, 1 << 20);
        check("streamsBidi", streamsBidi, 0, STREAMS_MAX);
        check("streamsUni", streamsUni, 0, STREAMS_MAX);
        check("streamBytes", streamBytes, WINDOW_MIN, WINDOW_MAX);
        check("connectionBytes", connectionBytes, WINDOW_MIN, WINDOW_MAX);
        check("sendBytes", sendBytes, WINDOW_MIN, WINDOW_MAX);
        check("records", records, 2 * SentPackets.ITEMS_MAX, 1 << 16);
        check("ranges", ranges, 2, 64);
        check("cryptoBytes", cryptoBytes, 2048, 1 << 16);
        check("datagramBytes", datagramBytes, DATAGRAM_BYTES_MIN, DATAGRAM_BYTES_MAX);
        check("idleNanos", idleNanos, idleNanos == 0 ? 0 : SECOND, 1L << 50);
        check("ackDelayNanos", ackDelayNanos, 0, ((1 << 14) - 1) * MILLI);
        check("datagramQueueBytes", datagramQueueBytes, datagramQueueBytes == 0 ? 0 : QUEUE_BYTES_MIN, QUEUE_BYTES_MAX);
        if (datagramQueueBytes % Long.BYTES != 0) {
            throw new IllegalArgumentException("quic: datagramQueueBytes " + datagramQueueBytes + " (expected a multiple of 8)");
        }
        if (blockBytes % Long.BYTES != 0) {
            throw new IllegalArgumentException("quic: blockBytes " + blockBytes + " (expected a multiple of 8)");
        }
    }

    private static void check(String name, long value, long least, long most) {
        assert most <= QuicVarint.VALUE_MAX : name;
        if (value < least || value > most) {
            throw new IllegalArgumentException("quic: " + name + " " + value + " (expected " + least + ".." + most + ")");
        }
    }

    /// {@return for servers with memory}
    public static QuicConfig defaults() {
        return new QuicConfig(1032, 1024, 100, 3, 1 << 16, 1 << 18, 1 << 16, 512, 32, 1 << 14, 1452, 30 * SECOND, 25 * MILLI, true, 0);
    }

    /// {@return for as little memory as goes}
    public static QuicConfig tight() {
        return new QuicConfig(128, 80, 4, 3, 256, 1024, 1280, 24, 8, 4096, DATAGRAM_BYTES_MIN, 30 * SECOND, 25 * MILLI, false, 0);
    }

    /// {@return this with other counts of streams}
    public QuicConfig withStreams(int newBidi, int newUni) {
        return new QuicConfig(blockBytes, blocks, newBidi, newUni, streamBytes, connectionBytes, sendBytes, records, ranges, cryptoBytes, datagramBytes,
                idleNanos, ackDelayNanos, cubic, datagramQueueBytes);
    }

    /// {@return this with other blocks}
    public QuicConfig withBlocks(int newBlockBytes, int newBlocks) {
        return new QuicConfig(newBlockBytes, newBlocks, streamsBidi, streamsUni, streamBytes, connectionBytes, sendBytes, records, ranges, cryptoBytes,
                datagramBytes, idleNanos, ackDelayNanos, cubic, datagramQueueBytes);
    }

    /// {@return this with other windows}
    public QuicConfig withWindows(int newStreamBytes, int newConnectionBytes, int newSendBytes) {
        return new QuicConfig(blockBytes, blocks, streamsBidi, streamsUni, newStreamBytes, newConnectionBytes, newSendBytes, records, ranges, cryptoBytes,
                datagramBytes, idleNanos, ackDelayNanos, cubic, datagramQueueBytes);
    }

    /// {@return this with another table of packets under way and of ranges received}
    public QuicConfig withTables(int newRecords, int newRanges) {
        return new QuicConfig(blockBytes, blocks, streamsBidi, streamsUni, streamBytes, connectionBytes, sendBytes, newRecords, newRanges, cryptoBytes,
                datagramBytes, idleNanos, ackDelayNanos, cubic, datagramQueueBytes);
    }

    /// {@return this with another largest datagram}
    public QuicConfig withDatagram(int newDatagramBytes) {
        return new QuicConfig(blockBytes, blocks, streamsBidi, streamsUni, streamBytes, connectionBytes, sendBytes, records, ranges, cryptoBytes,
                newDatagramBytes, idleNanos, ackDelayNanos, cubic, datagramQueueBytes);
    }

    /// {@return this with another idle time-out; 0 for none}
    public QuicConfig withIdle(long newIdleNanos) {
        return new QuicConfig(blockBytes, blocks, streamsBidi, streamsUni, streamBytes, connectionBytes, sendBytes, records, ranges, cryptoBytes, datagramBytes,
                newIdleNanos, ackDelayNanos, cubic, datagramQueueBytes);
    }

    /// {@return this with CUBIC, or with NewReno}
    public QuicConfig withCubic(boolean newCubic) {
        return new QuicConfig(blockBytes, blocks, streamsBidi, streamsUni, streamBytes, connectionBytes, sendBytes, records, ranges, cryptoBytes, datagramBytes,
                idleNanos, ackDelayNanos, newCubic, datagramQueueBytes);
    }

    /// {@return this with datagrams (RFC 9221), for which each connection has so many bytes both ways; 0 for none}
    public QuicConfig withDatagrams(int newDatagramQueueBytes) {
        return new QuicConfig(blockBytes, blocks, streamsBidi, streamsUni, streamBytes, connectionBytes, sendBytes, records, ranges, cryptoBytes, datagramBytes,
                idleNanos, ackDelayNanos, cubic, newDatagramQueueBytes);
    }
}
