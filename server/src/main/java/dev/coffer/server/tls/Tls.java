package dev.coffer.server.tls;

import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.KeyLog;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// That a server speaks TLS, and as whom: a configuration and identities, which may be put in the place of others while it runs.
///
/// Any thread.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Tls {
    private final TlsServerConfig config;
    private volatile List<ServerIdentity> identities;
    private volatile @Nullable TicketKeys ticketKeys;  // null: nothing is resumed
    private volatile @Nullable ReplayGuard replayGuard;  // null: nothing is taken early

    private volatile @Nullable ClientVerifier clients;  // null: nobody is asked
    private volatile @Nullable MemorySegment resetKey;  // null: one that nobody else has
    private volatile @Nullable KeyLog keyLog;           // null: nobody hears secrets

    private Tls(TlsServerConfig config, List<ServerIdentity> identities, @Nullable ClientVerifier clients) {
        this.config = config;
        this.clients = clients;
        this.identities = List.copyOf(identities);
    }

    /// {@return TLS as that configuration says, its number of connections aside, which is the server's}
    ///
    /// @param identities  one or more, the first for clients that name no host or an unknown one; closed by whom they belong to, after
    ///                    the server
    public static Tls of(TlsServerConfig config, ServerIdentity... identities) {
        return new Tls(Objects.requireNonNull(config), List.of(identities), null);
    }

    /// {@return this, asking clients for certificates as the configuration says ([TlsServerConfig#clientAuthentication]); before the server is opened}
    ///
    /// @param verifier  who decides whom to trust
    public Tls withClients(ClientVerifier verifier) {
        return new Tls(config, identities, Objects.requireNonNull(verifier)).ticketKeys(ticketKeys).replayGuard(replayGuard).keyLog(keyLog).resetKey(resetKey);
    }

    /// Puts another verifier in the place of the one before, in every loop at its next turn: handshakes that began end as they began, and sessions that
    /// were verified by one of another [ClientVerifier#policy] are not resumed.
    ///
    /// @throws IllegalStateException  clients are not asked (caller's fault)
    public void clients(ClientVerifier verifier) {
        if (clients == null) {
            throw new IllegalStateException("tls: a verifier, and clients are not asked (expected withClients before the server is opened)");
        }
        clients = Objects.requireNonNull(verifier);
    }

    /// {@return who verifies clients, or null}
    public @Nullable ClientVerifier clients() {
        return clients;
    }

    /// {@return the configuration}
    public TlsServerConfig config() {
        return config;
    }

    /// {@return who the server is for handshakes that begin now}
    public List<ServerIdentity> identities() {
        return identities;
    }

    /// Puts others in the place of these, in every loop at its next turn: connections that are open go on, handshakes that began end as
    /// they began and hold the old ones meanwhile. Close those some seconds later, when every loop has had a turn: what begins before it has would find
    /// nobody.
    ///
    /// @throws IllegalArgumentException  none, or one whose scheme is not configured (caller's fault); nothing changes
    public void identities(List<ServerIdentity> others) {
        if (others.isEmpty() || !others.stream().allMatch(identity -> identity.schemes().stream().anyMatch(config.schemes()::contains))) {
            throw new IllegalArgumentException("tls: identities " + others + " (expected one or more that sign with " + config.schemes()
                    + ")");
        }
        identities = List.copyOf(others);
    }

    /// Lets clients resume their sessions by tickets under those keys, in every loop from its next turn on.
    ///
    /// @param keys  closed by whom they belong to, after the server; null: nothing is resumed, as it is at first
    /// @return this
    public Tls ticketKeys(@Nullable TicketKeys keys) {
        ticketKeys = keys;
        return this;
    }

    /// Takes what clients say with their hello (0-RTT, RFC 8446 section 2.3), each once, in every loop from its next turn on, if the configuration's tickets allow
    /// it ([dev.coffer.tls.TicketConfig#earlyBytes]). Requests that are not safe are answered 425 meanwhile (RFC 8470), the others are served though somebody may
    /// have said them before, at another server: [dev.coffer.server.Exchange#isEarly].
    ///
    /// @param guard  one for all loops, closed by whom it belongs to, after the server; null: nothing is taken early, as it is at first
    /// @return this
    public Tls replayGuard(@Nullable ReplayGuard guard) {
        replayGuard = guard;
        return this;
    }

    /// {@return who remembers what was taken early, or null}
    public @Nullable ReplayGuard replayGuard() {
        return replayGuard;
    }

    /// Has QUIC's stateless resets (RFC 9000, section 10.3) made with that key, so that a server which is started again at its address and port, on a machine
    /// of the same name, tells clients that a connection is gone; before the server is opened.
    ///
    /// @param key  [TicketKeyFile#RESET_KEY_BYTES], off the heap; copied by each loop when it opens. Null: one that is drawn then, as it is at first
    /// @return this
    public Tls resetKey(@Nullable MemorySegment key) {
        resetKey = key;
        return this;
    }

    /// {@return the key of stateless resets, or null}
    public @Nullable MemorySegment resetKey() {
        return resetKey;
    }

    /// {@return the keys that tickets are sealed under, or null}
    public @Nullable TicketKeys ticketKeys() {
        return ticketKeys;
    }

    /// Has somebody hear the secrets of every handshake, for debugging alone; before the server is opened.
    ///
    /// @param log  or null, as it is at first
    /// @return this
    public Tls keyLog(@Nullable KeyLog log) {
        keyLog = log;
        return this;
    }

    /// {@return who hears secrets, or null}
    public @Nullable KeyLog keyLog() {
        return keyLog;
    }
}
