package dev.coffer.quic;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.parameter.TransportParameters;
import java.util.Arrays;

/// Where a connection's state lies: what it keeps as long as it lives, and what it is lent for its handshake. Immutable.
///
/// ```
///   core        recovery | streams | CRYPTO of 1-RTT | 1-RTT keys, resting | path | IDs | packets of 1-RTT | datagrams, where the plan has them
///   handshake   packets, CRYPTO and keys of Initial and Handshake | IDs of the beginning | token, of clients
/// ```
final class ConnectionLayout {
    /// IDs of the peer's that are kept: one in use, and those that it gave in reserve (active_connection_id_limit).
    static final int PEER_IDS = 2;
    /// IDs of ours that the peer has at a time: one in use, and one in reserve for another path.
    static final int LOCAL_IDS = 2;
    /// Of one: its number i64, the ID, its reset token.
    static final long PEER_ID_NUMBER = 0;
    static final long PEER_ID = 8;
    static final long PEER_ID_TOKEN = PEER_ID + ConnectionId.BYTES;
    static final long PEER_ID_HAS_TOKEN = PEER_ID_TOKEN + TransportParameters.RESET_TOKEN_BYTES;
    static final long PEER_ID_BYTES = 48;
    private static final int HANDSHAKE_RANGES = 4;  // of a level there are some ten packets
    private static final int LEVELS = 2;  // that a handshake has beside 1-RTT
    /// Longest token that a client takes from a Retry; another is dropped.
    static final int TOKEN_BYTES_MAX = 256;

    // The core.
    static final long RECOVERY = 0;
    static final long STREAMS = RECOVERY + LossRecovery.BYTES;
    static final long CRYPTO_SEND = STREAMS + Streams.BYTES;
    static final long CRYPTO_RECEIVE = CRYPTO_SEND + SendBuffer.BYTES;
    static final long SEALING = CRYPTO_RECEIVE + ReceiveBuffer.BYTES;
    static final long OPENING = SEALING + SealingKeys.STATE_BYTES;
    static final long PATH = OPENING + OpeningKeys.STATE_BYTES;
    static final long LOCAL = PATH + NetworkPath.BYTES;
    /// Of blocks.
    static final long OWNER = LOCAL + LocalIds.BYTES;
    static final long PEER_IDS_AT = OWNER + Blocks.OWNER_BYTES;
    private static final long SPACE = PEER_IDS_AT + PEER_IDS * PEER_ID_BYTES;

    // The handshake: of each level, Initial first.
    private static final long LEVEL_CRYPTO_SEND = 0;
    private static final long LEVEL_CRYPTO_RECEIVE = LEVEL_CRYPTO_SEND + SendBuffer.BYTES;
    private static final long LEVEL_SEALING = LEVEL_CRYPTO_RECEIVE + ReceiveBuffer.BYTES;
    private static final long LEVEL_OPENING = LEVEL_SEALING + SealingKeys.STATE_BYTES;
    private static final long LEVEL_SPACE = LEVEL_OPENING + OpeningKeys.STATE_BYTES;
    private static final long LEVEL_BYTES = LEVEL_SPACE + PacketSpace.bytes(HANDSHAKE_RANGES);
    /// The destination of the client's very first packet.
    static final long ORIGINAL_ID = LEVELS * LEVEL_BYTES;
    /// What a server chose in its Retry, where there was one: the destination of the client's next packets.
    static final long RETRY_ID = ORIGINAL_ID + 24;
    /// The first ID that the peer had as its source, and that the transport parameters must say.
    static final long FIRST_PEER_ID = RETRY_ID + 24;
    static final long PARAMETERS = FIRST_PEER_ID + 24;
    /// i64, when it began.
    static final long BEGUN = PARAMETERS + ((TransportParameters.BYTES + 7) & -8);
    /// Of a loop of which some connections may be clients': what a server gave, to be said back.
    static final long TOKEN = BEGUN + Long.BYTES;

    private ConnectionLayout() {}

    static int ranges(QuicConfig config, int space) {
        return space == PacketSpace.APPLICATION ? config.ranges() : HANDSHAKE_RANGES;
    }

    /// {@return bytes of the core}
    static long coreBytes(QuicConfig config) {
        return Align.up(datagrams(0, config) + DatagramFrames.bytes(config), Align.CACHE_LINE_BYTES);
    }

    /// {@return where the queues of datagrams lie, if there are any}
    static long datagrams(long core, QuicConfig config) {
        return core + SPACE + PacketSpace.bytes(config.ranges());
    }

    /// {@return the core, row by row}
    static MemoryPlan corePlan(QuicConfig config) {
        long queues = DatagramFrames.bytes(config);
        MemoryPlan[] rows = {MemoryPlan.block("recovery", STREAMS), MemoryPlan.block("flow control", CRYPTO_SEND - STREAMS),
                MemoryPlan.block("crypto", SEALING - CRYPTO_SEND), MemoryPlan.block("packet keys", PATH - SEALING),
                MemoryPlan.block("path and IDs", SPACE - PATH),
                MemoryPlan.block("received ranges", coreBytes(config) - SPACE - queues), MemoryPlan.block("datagrams", queues)};
        return MemoryPlan.group("quic core", queues == 0 ? Arrays.copyOf(rows, rows.length - 1) : rows);
    }

    /// {@return what is lent for a handshake, row by row}
    ///
    /// @param server  whether no connection is a client's
    static MemoryPlan handshakePlan(boolean server) {
        return MemoryPlan.group("levels", MemoryPlan.block("crypto", LEVEL_SEALING, LEVELS, "where it stands; its bytes are in blocks"),
                MemoryPlan.block("packet keys", LEVEL_SPACE - LEVEL_SEALING, LEVELS, ""),
                MemoryPlan.block("received ranges", LEVEL_BYTES - LEVEL_SPACE, LEVELS, ""),
                MemoryPlan.block(server ? "IDs, parameters" : "IDs, parameters, token", TOKEN + (server ? 0 : TOKEN_BYTES_MAX) - LEVELS * LEVEL_BYTES));
    }

    private static long at(long core, long handshake, int space, long inCore, long inLevel) {
        return space == PacketSpace.APPLICATION ? core + inCore : handshake < 0 ? -1 : handshake + space * LEVEL_BYTES + inLevel;
    }

    /// {@return offset of a space; of the handshake's -1 where none is lent}
    static long space(long core, long handshake, int space) {
        return at(core, handshake, space, SPACE, LEVEL_SPACE);
    }

    static long cryptoSend(long core, long handshake, int space) {
        return at(core, handshake, space, CRYPTO_SEND, LEVEL_CRYPTO_SEND);
    }

    static long cryptoReceive(long core, long handshake, int space) {
        return at(core, handshake, space, CRYPTO_RECEIVE, LEVEL_CRYPTO_RECEIVE);
    }

    static long sealing(long core, long handshake, int space) {
        return at(core, handshake, space, SEALING, LEVEL_SEALING);
    }

    static long opening(long core, long handshake, int space) {
        return at(core, handshake, space, OPENING, LEVEL_OPENING);
    }
}
