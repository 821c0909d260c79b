package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a server chooses of what a client's hello offers (RFC 8446, section 4.1.1): suite, group, whom it says that it is, application protocol, each
/// by the order of its own configuration. One a handshake's slot. The connection's thread alone; 0 heap bytes.
final class ServerChoice {
    private int suite = -1;
    private NamedGroup group = NamedGroup.X25519;
    private @Nullable ServerIdentity identity;
    private int protocol = -1;
    private boolean middlebox;
    private boolean status;

    void begin() {
        letGo();
        protocol = -1;
    }

    /// Whose certificate was chosen has signed, or need not.
    void letGo() {
        ServerIdentity held = identity;
        identity = null;
        if (held != null) {
            held.letGo();
        }
    }

    /// Chooses.
    ///
    /// @param quic  whether QUIC carries the handshake
    /// @return null, or why nothing can be chosen
    @Nullable
    Alert choose(ClientHello hello, ServerContext context, boolean quic) {
        TlsServerConfig config = context.config();
        suite = -1;
        for (int i = 0; i < config.suites().size() && suite < 0; i++) {
            suite = hello.offersSuite(config.suites().get(i).code()) ? i : -1;
        }
        identity = context.hold(hello);
        NamedGroup chosen = group(hello, config);
        if (suite < 0 || chosen == null) {
            return Alert.HANDSHAKE_FAILURE;
        }
        if (identity == null && !hello.keys().areThere()) {
            return nobody(hello);
        }
        group = chosen;
        middlebox = hello.sessionBytes() > 0;
        status = hello.wantsStatus();
        return chooseProtocol(hello, context, quic);
    }

    /// {@return the first group with a share, else the first that the client has}
    private static @Nullable NamedGroup group(ClientHello hello, TlsServerConfig config) {
        NamedGroup offered = null;
        for (int i = 0; i < config.groups().size(); i++) {
            NamedGroup candidate = config.groups().get(i);
            if (hello.offersGroup(candidate.code())) {
                if (hello.share(candidate.code()) >= 0) {
                    return candidate;
                }
                offered = offered == null ? candidate : offered;
            }
        }
        return offered;
    }

    private @Nullable Alert chooseProtocol(ClientHello hello, ServerContext context, boolean quic) {
        TlsServerConfig config = context.config();
        MemorySegment[] protocols = context.protocols();
        int first = quic && !config.quicProtocols().isEmpty() ? config.protocols().size() : 0;
        int end = quic ? protocols.length : config.protocols().size();
        protocol = -1;
        for (int i = first; i < end && protocol < 0; i++) {
            protocol = hello.offersProtocol(protocols[i]) ? i : -1;
        }
        return protocol < 0 && end > first && hello.offersProtocols() ? Alert.NO_APPLICATION_PROTOCOL : null;
    }

    /// {@return whether a second hello, which is the first one otherwise, has the one share that was asked for, and no early data any more
    /// (section 4.1.2)}
    boolean isAnswered(ClientHello hello) {
        return hello.shares() == 1 && hello.share(group.code()) >= 0 && !hello.hasEarlyData();
    }

    /// {@return null where what QUIC needs is there, and nowhere else (RFC 9001, section 8); else why the handshake fails}
    static @Nullable Alert checkCarrier(ClientHello hello, ServerContext context, Handshake by) {
        if (by.quic == null) {
            return hello.parametersAt() < 0 ? null : Alert.UNSUPPORTED_EXTENSION;
        }
        if (hello.parametersAt() < 0) {
            return Alert.MISSING_EXTENSION;
        }
        if (hello.sessionBytes() > 0) {
            return by.violates(Alert.ILLEGAL_PARAMETER);
        }
        return hello.offersProtocols() && context.protocols().length > 0 ? null : Alert.NO_APPLICATION_PROTOCOL;
    }

    /// {@return why there is nobody whom the client would believe}
    static Alert nobody(ClientHello hello) {
        return hello.offersSchemes() ? Alert.HANDSHAKE_FAILURE : Alert.MISSING_EXTENSION;
    }

    /// {@return the suite, by its place in the configuration}
    int suite() {
        return suite;
    }

    NamedGroup group() {
        return group;
    }

    /// {@return whether there is somebody whom the client would believe, who is held: where not, only a resumed session goes on}
    boolean hasIdentity() {
        return identity != null;
    }

    ServerIdentity identity() {
        return Objects.requireNonNull(identity, "chosen");
    }

    /// {@return the application protocol, by its place in the configuration; below 0 for none}
    int protocol() {
        return protocol;
    }

    /// {@return whether the client wants a ChangeCipherSpec for the sake of middleboxes (appendix D.4): its session id is not empty}
    boolean wantsChange() {
        return middlebox;
    }

    /// {@return whether the client wants a response of OCSP with the certificate}
    boolean wantsStatus() {
        return status;
    }
}
