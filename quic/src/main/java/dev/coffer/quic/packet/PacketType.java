package dev.coffer.quic.packet;

/// What a packet is (RFC 9000, sections 17.2 and 17.3). The order of the first four is that of their bits in version 1.
public enum PacketType {
    /// Section 17.2.2.
    INITIAL,
    /// Section 17.2.3.
    ZERO_RTT,
    /// Section 17.2.4.
    HANDSHAKE,
    /// Section 17.2.5: without number and protection.
    RETRY,
    /// Section 17.3.1, with a short header.
    ONE_RTT,
    /// Section 17.2.1, of no version.
    VERSION_NEGOTIATION
}
