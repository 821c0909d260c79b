package dev.coffer.quic;

import dev.coffer.quic.token.ConnectionIdSource;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a [QuicEndpoint] knows beyond its own life, so that another process goes on where it ended. Nothing of it is kept but copies in the endpoint's memory.
///
/// @param tickets   of address tokens, derived by a label of their own; null: no Retry, no token for another time
/// @param resetKey  32 bytes from `resetAt`, off the heap, which never turn: stateless resets are theirs (RFC 9000, section 10.3); null: of a key that nobody else
///                  has, so that after a restart clients wait for their time-out
/// @param resetAt   offset
/// @param server    what the server is called beside its address, the same after a restart: servers that share a reset key say no resets for each other's connections (section 21.11), where
///                  they differ in this, in the address or in the port; "" for nothing
/// @param ids       QUIC-LB's, in memory of the caller's that outlives the endpoint; null: 8 random bytes
@SuppressWarnings("exports")  // annotations that users need not have
public record EndpointKeys(@Nullable TicketKeys tickets, @Nullable MemorySegment resetKey, long resetAt, String server, @Nullable ConnectionIdSource ids) {
    /// {@return none at all}
    public static EndpointKeys none() {
        return new EndpointKeys(null, null, 0, "", null);
    }

    /// {@return this with keys of address tokens}
    public EndpointKeys withTickets(TicketKeys keys) {
        return new EndpointKeys(keys, resetKey, resetAt, server, ids);
    }

    /// {@return this with the key of stateless resets}
    public EndpointKeys withResets(MemorySegment key, long at) {
        return new EndpointKeys(tickets, key, at, server, ids);
    }

    /// {@return this as the server of another name}
    public EndpointKeys withServer(String name) {
        return new EndpointKeys(tickets, resetKey, resetAt, name, ids);
    }

    /// {@return this with another source of IDs}
    public EndpointKeys withIds(ConnectionIdSource source) {
        return new EndpointKeys(tickets, resetKey, resetAt, server, source);
    }

    @Override
    public String toString() {
        return "EndpointKeys[" + (tickets == null ? "no tokens" : "tokens") + ", " + (resetKey == null ? "no resets" : "resets") + ", " + ids + "]";
    }
}
