package dev.coffer.tls;

/// How a server lets clients resume (RFC 8446, section 2.2), where it has [TicketKeys]: without them there are no tickets, whatever is said here.
///
/// @param count            tickets that a client gets behind each handshake: 0..8; 0: none, and none is taken. Default 2, one for each of two
///                         connections that a client may open next
/// @param lifetimeSeconds  how long each may be used: 1..604,800, seven days. Default 21,600, six hours
/// @param earlyBytes       of content that a client may say with its hello, before the handshake (section 4.2.10), where the context has a [ReplayGuard]: 0..16,384;
///                         0: none. Default 0, since **who listens can say it again**: the guard takes it once in one process, but not in another one that a
///                         client tries next, and the carried engine must know what is harmless twice ([TlsConnection#isEarly])
public record TicketConfig(int count, int lifetimeSeconds, int earlyBytes) {
    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public TicketConfig {
        TlsSizes.range("count", count, 0, 8);
        TlsSizes.range("lifetimeSeconds", lifetimeSeconds, 1, TicketKeys.LIFETIME_SECONDS_MAX);
        TlsSizes.range("earlyBytes", earlyBytes, 0, Wire.CONTENT_BYTES_MAX);
    }

    /// Without early data.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public TicketConfig(int count, int lifetimeSeconds) {
        this(count, lifetimeSeconds, 0);
    }

    /// {@return this with so many bytes of early data}
    public TicketConfig withEarlyBytes(int newEarlyBytes) {
        return new TicketConfig(count, lifetimeSeconds, newEarlyBytes);
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
