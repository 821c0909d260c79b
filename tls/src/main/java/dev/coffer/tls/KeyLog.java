package dev.coffer.tls;

import java.lang.foreign.MemorySegment;

/// Hears the secrets of handshakes, for who reads what was captured of them (RFC 9850, the SSLKEYLOGFILE format). **Whoever has them reads and can change all that
/// is said on these connections**: for debugging, by an explicit wish, and else by nobody.
///
/// There are no secrets of exporters, as there are no exporters (section 7.5 of RFC 8446).
///
/// Called by each loop, on its thread, in the middle of a handshake. Who throws hears no more of that loop.
@FunctionalInterface
public interface KeyLog {
    /// What a secret is, by its name in the file.
    enum Label {
        /// Of what the client says with its hello, where either side has it: the server, where it takes that.
        CLIENT_EARLY_TRAFFIC_SECRET,
        /// Of what the client says in the handshake.
        CLIENT_HANDSHAKE_TRAFFIC_SECRET,
        /// Of what the server says in it.
        SERVER_HANDSHAKE_TRAFFIC_SECRET,
        /// Of the client's data, up to its first key update.
        CLIENT_TRAFFIC_SECRET_0,
        /// Of the server's.
        SERVER_TRAFFIC_SECRET_0
    }

    /// Hears a secret.
    ///
    /// @param memory       off the heap, to be read during the call
    /// @param randomAt     where the client's random lies, 32 bytes, by which a reader finds the connection
    /// @param secretAt     where the secret does
    /// @param secretBytes  32 or 48
    void secret(Label label, MemorySegment memory, long randomAt, long secretAt, int secretBytes);
}
