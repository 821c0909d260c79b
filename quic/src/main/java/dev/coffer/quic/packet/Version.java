package dev.coffer.quic.packet;

import dev.coffer.crypto.packet.PacketProtocol;
import org.jspecify.annotations.Nullable;

/// Versions of QUIC that are spoken here, and what differs between them on the wire: the number, the bits of a long header's type, and
/// the labels of the keys. Immutable, thread-safe.
@SuppressWarnings("exports")  // annotations that users need not have
public enum Version {
    /// RFC 9000, section 15.
    V1(0x0000_0001, PacketProtocol.QUIC_1, 0),
    /// RFC 9369, section 3.1: the types are those of version 1, each one further (section 3.2).
    V2(0x6b33_43cf, PacketProtocol.QUIC_2, 1);

    /// The number that says a packet negotiates versions (RFC 8999, section 6).
    public static final int NEGOTIATION = 0;

    private static final int TYPES = 4;  // of long headers, two bits

    private final int code;
    private final PacketProtocol protocol;
    private final int turn;  // how far the types are turned

    Version(int code, PacketProtocol protocol, int turn) {
        this.code = code;
        this.protocol = protocol;
        this.turn = turn;
    }

    /// {@return the version with that number, or null: the peer's may be any}
    public static @Nullable Version of(int code) {
        return code == V1.code ? V1 : code == V2.code ? V2 : null;
    }

    /// {@return a number that no version has and every client passes over (RFC 9000, section 15): `0x?a?a?a?a`}
    ///
    /// @param random  any bits, of which 16 are used
    public static int reserved(int random) {
        return random & 0xf0f0_f0f0 | 0x0a0a_0a0a;
    }

    /// {@return the number that long headers say}
    public int code() {
        return code;
    }

    /// {@return what the keys of its packets are derived with}
    public PacketProtocol protocol() {
        return protocol;
    }

    /// {@return the two bits of a long header that say its type}
    ///
    /// @param type  one of those with a long header and this version
    int bits(PacketType type) {
        return (type.ordinal() + turn) % TYPES;
    }

    PacketType type(int bits) {
        return switch ((bits - turn) & TYPES - 1) {
            case 0 -> PacketType.INITIAL;
            case 1 -> PacketType.ZERO_RTT;
            case 2 -> PacketType.HANDSHAKE;
            default -> PacketType.RETRY;
        };
    }
}
