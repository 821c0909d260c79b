package dev.coffer.server;

import dev.coffer.http.http3.Http3Config;
import dev.coffer.quic.QuicConfig;
import dev.coffer.server.net.DatagramConfig;

/// That a server speaks HTTP/3 beside the versions over TCP: over QUIC, at the same address and port in UDP, with the same certificates and tickets. The first loop
/// alone serves it, whatever others there are.
///
/// | component | default | cost |
/// |---|---|---|
/// | `config` | heads of 8 KiB, 100 streams a connection, tables of 4 and 2 KiB | its tables, a connection |
/// | `quic` | windows of 64 KiB a stream, 128 KiB of it under way, 4,096 blocks of 1 KiB | 4 MiB of blocks for all connections; a core of some KiB a connection |
/// | `grouped` | true | 0.7 MB for the socket, in which one call takes and sends many datagrams; false: 20 KB |
/// | `connections` | 128 | each a core, tables, and its objects |
/// | `handshakes` | 16 | each 3 KiB beside TLS's own place |
/// | `streams` | 256 | each 9 KiB and an exchange |
///
/// Streams are shared as HTTP/2's are ([dev.coffer.http.http3.Http3Streams]). One connection more is refused (CONNECTION_REFUSED), and a client that may comes by TCP.
///
/// @param config       limits of a connection and of a stream
/// @param quic         windows and blocks. Its `streamsBidi` must be `config.streamsMax`
/// @param grouped      whether the socket has memory for what the system groups (GRO, GSO)
/// @param connections  at a time, those that are in handshake or closing among them. 1..1048576
/// @param handshakes   of these, at a time. 1..`connections`
/// @param streams      open at a time; one more is refused so that its client may ask again. 1..1048576
public record Http3Serving(Http3Config config, QuicConfig quic, boolean grouped, int connections, int handshakes, int streams) {
    /// 128 answers of 22 KB have room.
    private static final int BLOCKS = 4096;
    private static final int SEND_BYTES = 1 << 17;
    private static final int RECORDS = 1024;
    private static final int SMALL_RECEIVES = 4;
    private static final int SMALL_OUTPUT_BYTES = 1 << 13;
    private static final int SMALL_OUTPUTS = 8;
    private static final int COUNT_MAX = 1 << 20;
    /// Streams of one direction that a client has: its control stream and QPACK's two (RFC 9114, section 6.2; RFC 9204, section 4.2), and some that are reserved.
    private static final int UNIDIRECTIONAL = 8;
    /// Blocks that a connection holds while nothing is asked: those streams of both sides, three each.
    private static final int IDLE_BLOCKS = 6;
    private static final int BLOCKS_MAX = 1 << 20;
    private static final int HANDSHAKES_SHARE = 64;

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Http3Serving {
        if (quic.streamsBidi() != config.streamsMax() || quic.streamsUni() < 3) {
            throw new IllegalArgumentException("quic: " + quic.streamsBidi() + " streams both ways and " + quic.streamsUni() + " of one (expected "
                    + config.streamsMax() + ", as HTTP/3 has, and 3 or more)");
        }
        if (quic.sendBytes() < config.outputBytesMin()) {
            throw new IllegalArgumentException("quic: sendBytes " + quic.sendBytes() + " (expected " + config.outputBytesMin() + " or more, a head)");
        }
        range("connections", connections, COUNT_MAX);
        range("handshakes", handshakes, connections);
        range("streams", streams, COUNT_MAX);
    }

    /// {@return the defaults above}
    public static Http3Serving defaults() {
        QuicConfig quic = QuicConfig.defaults();
        return of(Http3Config.defaults(), quic.withBlocks(quic.blockBytes(), BLOCKS).withWindows(quic.streamBytes(), quic.connectionBytes(), SEND_BYTES)
                .withTables(RECORDS, quic.ranges()), true, 128, 16, 256);
    }

    /// {@return the least: 4 connections, 2 of them in handshake, 4 streams each}
    public static Http3Serving tight() {
        return of(Http3Config.tight(), QuicConfig.tight(), false, 4, 2, 16);
    }

    private static Http3Serving of(Http3Config config, QuicConfig quic, boolean grouped, int connections, int handshakes, int streams) {
        return new Http3Serving(config, quic.withStreams(config.streamsMax(), UNIDIRECTIONAL), grouped, connections, handshakes, streams);
    }

    /// {@return the same with another configuration, QUIC's streams as it says}
    public Http3Serving withConfig(Http3Config other) {
        return of(other, quic, grouped, connections, handshakes, streams);
    }

    /// {@return the same with another transport, its streams as HTTP/3 says}
    public Http3Serving withQuic(QuicConfig other) {
        return of(config, other, grouped, connections, handshakes, streams);
    }

    /// {@return the same with other numbers of connections, of those in handshake, and of streams}
    public Http3Serving withSize(int newConnections, int newHandshakes, int newStreams) {
        return new Http3Serving(config, quic, grouped, newConnections, newHandshakes, newStreams);
    }

    /// {@return the same for so many connections, with what they need beside their cores: of more than there are now each brings the six blocks that it holds while nothing is asked, and
    /// one in 64 a place for its handshake}
    ///
    /// @throws IllegalArgumentException  more than there may be, or than there may be blocks for (caller's fault): the message says how many there may be
    public Http3Serving withConnections(int newConnections) {
        long blocks = quic.blocks() + (long) IDLE_BLOCKS * Math.max(0, newConnections - connections);
        if (newConnections <= COUNT_MAX && blocks > BLOCKS_MAX) {
            throw new IllegalArgumentException("connections: " + newConnections + " (expected 1.." + (connections + (BLOCKS_MAX - quic.blocks()) / IDLE_BLOCKS)
                    + ", as each holds " + IDLE_BLOCKS + " of QUIC's blocks, of which there are " + BLOCKS_MAX + " at most)");
        }
        QuicConfig larger = newConnections > COUNT_MAX ? quic : quic.withBlocks(quic.blockBytes(), (int) blocks);
        return new Http3Serving(config, larger, grouped, newConnections, Math.min(newConnections, Math.max(handshakes, newConnections / HANDSHAKES_SHARE)),
                streams);
    }

    /// {@return the socket's memory}
    DatagramConfig datagrams() {
        DatagramConfig standard = DatagramConfig.standard();
        return grouped ? standard : standard.withGrouped(false).withReceives(SMALL_RECEIVES).withOutput(SMALL_OUTPUT_BYTES, SMALL_OUTPUTS, SMALL_OUTPUTS);
    }

    private static void range(String what, int value, int to) {
        if (value < 1 || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected 1.." + to + ")");
        }
    }
}
