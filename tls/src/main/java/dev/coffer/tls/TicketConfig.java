package dev.coffer.tls;

/// How a server lets clients resume (RFC 8446, section 2.2), where it has [TicketKeys]: without them there are no tickets, whatever is said here.
///
/// @param count            tickets that a client gets behind each handshake: 0..8; 0: none, and none is taken. Default 2, one for each of two
///                         connections that a client may open next
/// @param lifetimeSeconds  how long each may be used: 1..604,800, seven days. Default 21,600, six hours
public record TicketConfig(int count, int lifetimeSeconds) {
    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public TicketConfig {
        TlsSizes.range("count", count, 0, 8);
        TlsSizes.range("lifetimeSeconds", lifetimeSeconds, 1, TicketKeys.LIFETIME_SECONDS_MAX);
    }

    /// {@return the defaults above}
    public static TicketConfig defaults() {
        return new TicketConfig(2, 6 * 3600);
    }

    /// {@return no tickets}
    public static TicketConfig none() {
        return new TicketConfig(0, 1);
    }
}
