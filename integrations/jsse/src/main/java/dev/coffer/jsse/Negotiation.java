package dev.coffer.jsse;

import dev.coffer.tls.Alert;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsConnection;
import java.lang.foreign.MemorySegment;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLProtocolException;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// What an engine and its peer agree on: who is asked for and who answers, by which managers, which application protocol, which session comes of
/// it. Its engine's lock or its engine's task is around every call; the answers that others may ask for are of any thread.
final class Negotiation {
    private final TlsEngine engine;
    private final TlsContextSpi context;
    private @Nullable Hello hello = new Hello();          // until the handshake is over, as the trust
    private @Nullable Trust trust;
    private @Nullable Throwable keyFault;
    private byte[] lastWords = {};
    private volatile Session session;
    private volatile @Nullable Session shaking;
    private volatile @Nullable String protocol;           // null until it is agreed on
    private volatile @Nullable String shakingProtocol;

    Negotiation(TlsEngine engine, TlsContextSpi context) {
        this.engine = engine;
        this.context = context;
        this.session = new Session(new byte[0], null, -1, new String[0]);
    }

    Session session() {
        return session;
    }

    @Nullable
    Session handshakeSession() {
        return shaking;
    }

    @Nullable
    String protocol() {
        return protocol;
    }

    @Nullable
    String handshakeProtocol() {
        return shakingProtocol;
    }

    /// {@return an alert that is all that a server has to say before there is a connection}
    byte[] lastWords() {
        return lastWords;
    }

    /// Begins: a client has a connection then, a server when a hello has come.
    @Nullable
    Link begin() throws SSLException {
        check();
        if (!engine.isClient()) {
            return null;
        }
        List<SNIServerName> names = engine.settings.names(engine.host());
        Resumption resumption = resumption(names);
        Trust asked = begin(names, new String[0]);  // later: a context that is told others meanwhile resumes nothing of this
        String name = "";
        for (SNIServerName each : names) {
            name = each instanceof SNIHostName host ? host.getAsciiName() : name;
        }
        return Link.client(context.vault(), engine, engine.settings, asked, name, this::chooseIdentity, resumption);
    }

    /// {@return how this client resumes}
    ///
    /// @throws SSLHandshakeException  it must, and has nothing to resume
    private Resumption resumption(List<SNIServerName> names) throws SSLHandshakeException {
        Settings settings = engine.settings;
        Sessions sessions = context.sessions(true);
        String host = engine.getPeerHost();
        int port = engine.getPeerPort();
        SSLParameters parameters = settings.parameters();
        Sessions.Key key = host == null || port < 0 ? null
                : new Sessions.Key(host.toLowerCase(Locale.ROOT), port, parameters.getEndpointIdentificationAlgorithm(), names,
                        Arrays.stream(settings.schemes()).boxed().toList(), parameters.getAlgorithmConstraints(),
                        context.keys());
        if (!settings.createsSessions() && (key == null || !sessions.has(key))) {
            throw new SSLHandshakeException("No existing session to resume");
        }
        return new Resumption(sessions, key, settings.createsSessions());
    }

    private void check() throws SSLException {
        Settings settings = engine.settings;
        if (settings.cipherSuites().isEmpty() || settings.groups().isEmpty() || settings.schemes().length == 0) {
            throw new SSLHandshakeException("No appropriate protocol (protocol is disabled or cipher suites are inappropriate): suites, groups or "
                    + "signature schemes of which none is had here");
        }
    }

    /// A session begins to come into being.
    private Trust begin(List<SNIServerName> names, String[] peerSchemes) {
        int[] schemes = engine.settings.schemes();
        Session made = new Session(Session.newId(), engine.getPeerHost(), engine.getPeerPort(), Names.algorithms(schemes));
        made.begin(names, peerSchemes);
        shaking = made;
        Trust asked = new Trust(context.trust(), engine, schemes, context.sessions(engine.isClient()));
        trust = asked;
        return asked;
    }

    /// {@return whether a record can be worked on: of a client's hello all have to be there}
    boolean isWhole(byte[] record, @Nullable Link link) {
        return link != null || hello().take(record);
    }

    /// Works on a record.
    ///
    /// @param link  null for a server that has heard nothing before
    /// @return the connection
    Link take(byte[] record, @Nullable Link link) throws SSLException {
        if (link != null) {
            link.feed(MemorySegment.ofArray(record), 0, record.length);
            return link;
        }
        Hello of = hello();
        Link made = answer(of);
        boolean shown = false;
        try {
            for (byte[] each : of.records()) {
                if (!made.connection().isOutputEnded() && made.fault() == null) {
                    made.feed(MemorySegment.ofArray(each), 0, each.length);
                }
            }
            shown = true;
            return made;
        } finally {
            if (!shown) {
                made.close();  // nobody else knows of it yet
            }
        }
    }

    private Hello hello() {
        return Objects.requireNonNull(hello, "a handshake");
    }

    private Link answer(Hello hello) throws SSLException {
        Alert none = hello.fault();
        if (none != null) {
            throw refused(none, none == Alert.ILLEGAL_PARAMETER ? "Illegal server name" : "what came is no hello", null);
        }
        Settings settings = engine.settings;
        TicketKeys tickets = context.tickets();  // first: those of a context that is told others meanwhile are closed
        Trust asked = begin(hello.names(), Names.algorithms(hello.schemes()));
        if (!settings.accepts(hello.names())) {
            throw refused(Alert.UNRECOGNIZED_NAME, "Unrecognized server name indication", null);
        }
        String[] protocols = protocols(hello.protocols());
        ServerIdentity identity;
        try {
            identity = context.keys().server(engine, hello.schemes());
        } catch (SSLException | RuntimeException e) {
            throw refused(Alert.INTERNAL_ERROR, e.getMessage(), e);
        }
        if (identity == null) {
            throw refused(hello.schemes().length == 0 ? Alert.MISSING_EXTENSION : Alert.HANDSHAKE_FAILURE,
                    "no certificate with a key that the client verifies (Ed25519, ECDSA on P-256 or ML-DSA)", null);
        }
        show(identity);
        try {
            return Link.server(context.vault(), engine, settings, settings.cipherSuites(hello.suites()), asked, identity, protocols, tickets,
                    context.sessions(false).ticketSeconds());
        } catch (SSLException | RuntimeException e) {
            throw refused(Alert.INTERNAL_ERROR, e.getMessage(), e);
        }
    }

    /// {@return the application protocols of which one may be taken: where the program chooses it is that one}
    private String[] protocols(List<String> offered) throws SSLException {
        BiFunction<SSLEngine, List<String>, String> selector = engine.settings.selector();
        if (selector == null) {
            return engine.settings.applicationProtocols();
        }
        if (offered.isEmpty()) {
            shakingProtocol = "";
            return new String[0];
        }
        String chosen;
        try {
            chosen = selector.apply(engine, offered);
        } catch (RuntimeException e) {
            throw refused(Alert.INTERNAL_ERROR, "the selector of application protocols", e);
        }
        if (chosen == null || !chosen.isEmpty() && !offered.contains(chosen)) {
            throw refused(Alert.NO_APPLICATION_PROTOCOL, "Invalid application_layer_protocol_negotiation extension", null);
        }
        shakingProtocol = chosen;
        return chosen.isEmpty() ? new String[0] : new String[] {chosen};
    }

    /// {@return what is thrown where a server has to say no before there is a connection}
    private SSLException refused(Alert alert, @Nullable String why, @Nullable Throwable cause) {
        lastWords = new byte[] {21, 3, 3, 0, 2, 2, (byte) alert.code()};  // RFC 8446, sections 5.1 and 6: type, version, length, fatal
        return Faults.of(alert, why, cause);
    }

    private void show(ServerIdentity identity) {
        Session now = shaking;
        if (now != null) {
            now.local(identity.chain().toArray(X509Certificate[]::new));
        }
    }

    /// A server asks who we are.
    private @Nullable ServerIdentity chooseIdentity(int[] schemes, List<byte[]> authorities) {
        Session now = shaking;
        if (now != null) {
            now.peerSchemes(Names.algorithms(schemes));  // key managers look at them
        }
        try {
            Principal[] issuers = authorities.isEmpty() ? null : authorities.stream().map(X500Principal::new).toArray(Principal[]::new);
            ServerIdentity chosen = context.keys().client(engine, schemes, issuers);
            if (chosen != null) {
                show(chosen);
            }
            return chosen;
        } catch (SSLException e) {
            keyFault = e;
            throw new IllegalStateException(e);
        } catch (RuntimeException e) {
            keyFault = e;
            throw e;
        }
    }

    void onPeer(X509Certificate[] chain) {
        Session now = shaking;
        if (now != null) {
            now.peer(chain);
        }
    }

    /// The handshake is done.
    void end(Link link) {
        TlsConnection<Void> connection = link.connection();
        Session made = shaking;
        String agreed = connection.protocol();
        protocol = agreed == null ? "" : agreed;
        if (made != null) {
            Session done = resumed(link, made);
            done.agreed(Names.name(connection.suite()));
            session = done;
            Resumption resumption = link.resumption();
            if (resumption != null) {
                resumption.opened(done);
            }
        }
        broken();
        hello = null;
        trust = null;
    }

    /// {@return the session of the connection: where an earlier one was resumed, with whom that was begun}
    private Session resumed(Link link, Session made) {
        Resumption resumption = link.resumption();
        Session offered = resumption == null ? null : resumption.offered();
        if (offered != null && link.connection().isResumed()) {
            return offered.next();
        }
        byte[] client = link.peerKey();
        Trust asked = trust;
        if (client != null && asked != null) {
            if (link.connection().isResumed()) {
                made.peer(asked.chain());
            } else {
                context.sessions(false).remember(client, asked.chain());
            }
        }
        return made;
    }

    /// There is no handshake any more.
    void broken() {
        shaking = null;
        shakingProtocol = null;
    }

    /// The connection was cut off.
    void cut() {
        session.invalidate();
    }

    /// {@return what is to be thrown, where the connection has failed; null where it has not}
    @Nullable
    SSLException fault(Link link, boolean shakes) {
        Alert said = link.fault();
        if (said != null) {
            Throwable cause = trust != null && trust.fault() != null ? trust.fault() : keyFault;
            String why = cause != null ? cause.getMessage()
                    : said == Alert.HANDSHAKE_FAILURE && !engine.settings.createsSessions() ? "Not resumption, and no new session is allowed"
                            : said.name().toLowerCase(Locale.ROOT);
            return Faults.of(said, why, cause);
        }
        Alert heard = link.connection().alertReceived();
        if (heard != null && heard.isFatal()) {
            return Faults.of(heard, "Received fatal alert: " + heard.name().toLowerCase(Locale.ROOT), null);
        }
        if (heard != null && shakes) {
            return new SSLProtocolException("Received close_notify during handshake");
        }
        return heard == null && link.connection().isEnded() ? new SSLException("the connection has ended") : null;
    }
}
