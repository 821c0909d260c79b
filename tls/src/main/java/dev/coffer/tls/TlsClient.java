package dev.coffer.tls;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A client's connection of TLS 1.3 ([TlsConnection]): it names a host, offers what its context is configured for, and goes on only when the
/// context's [PeerVerifier] trusts the server under that name and its signature over the handshake is valid.
///
/// The carrier is asked as soon as the handshake is done, since a client speaks first. An end of the stream without a close_notify cuts the
/// carried engine off ([#disconnect]): what it hears may be cut short by anybody. Sessions that a server gives tickets for are kept
/// and resumed, each once, as many as are configured ([TlsClientConfig#sessions]), always with a key exchange. A server that asks for a certificate is shown the context's ([ClientContext#identity]), or told that there is none.
///
/// @param <E>  events of the engine that is carried
@SuppressWarnings("exports")  // annotations that users need not have
public final class TlsClient<E> extends TlsConnection<E> {
    private final ClientContext clientContext;
    private String host = "";
    private MemorySegment name = MemorySegment.NULL;
    private MemorySegment peer = MemorySegment.NULL;  // the host, in lower case
    private int suite;                                // once it is open
    private long ends;
    private int identityVersion;                      // of whom we were
    private @Nullable SessionKeeper keeper;           // of its sessions; null: its context
    private boolean early;                            // something may be said with the hello
    private int only = -1;                            // the one protocol that is offered, by its place in the configuration; below 0: all
    private boolean earlyTaken;                       // it was, and the server took it

    /// Makes a connection that [#to] and [#reset] begin.
    ///
    /// @param connection  0..[TlsClientConfig#connections]-1: which place of the context is its own
    /// @throws IndexOutOfBoundsException  another number (caller's fault)
    public TlsClient(ClientContext context, int connection, Carrier<E> carrier) {
        super(context, connection, carrier);
        clientContext = context;
    }

    /// {@return bytes of the Java objects of one connection}
    public static long heapBytes() {
        return HeapLayout.instance(TlsClient.class) + partsHeapBytes();
    }

    /// Says whom the next connection is to, from the next [#reset] on. Makes an object.
    ///
    /// @param newHost  a name of 1..253 ASCII letters, digits, hyphens, underscores and dots, or an IP address, which is not told to the server;
    ///                 empty where there is neither: then the verifier is told so, and nothing is kept to be resumed
    /// @return this
    /// @throws IllegalArgumentException  something else (caller's fault)
    public TlsClient<E> to(String newHost) {
        ServerName named = ServerName.of(newHost);
        host = named.host();
        name = named.name();
        peer = named.peer();
        return this;
    }

    /// Has somebody else keep the sessions of this connection, from the next [#reset] on: also of one to nobody known. The context needs room for one
    /// session ([TlsClientConfig#sessions]) on its way.
    ///
    /// @param newKeeper  null, as it is at first: the context keeps them
    /// @return this
    public TlsClient<E> sessions(@Nullable SessionKeeper newKeeper) {
        keeper = newKeeper;
        return this;
    }

    /// Says whether the next connections, from the next [#reset] on, may say something with their hello, where a server's ticket and the configuration
    /// ([TlsClientConfig#earlyBytes]) allow it: then the carrier is asked as soon as the hello has gone, and what its engine says until the server is heard goes at once.
    /// **Who listens can say it again to the server**, so it has to be harmless twice, such as a request by GET. What the server does not take is said again, once, when
    /// the handshake is done; but where it chooses another application protocol than the session's the connection ends.
    ///
    /// @return this
    public TlsClient<E> early(boolean may) {
        early = may;
        return this;
    }

    /// Says that the next connections, from the next [#reset] on, offer one application protocol alone: for a server that has asked for it where it
    /// would speak another.
    ///
    /// @param protocol  one of [TlsClientConfig#protocols]; null, as it is at first: all of them
    /// @return this
    /// @throws IllegalArgumentException  it is not configured (caller's fault)
    public TlsClient<E> offering(@Nullable String protocol) {
        int place = protocol == null ? -1 : clientContext.config().protocols().indexOf(protocol);
        if (protocol != null && place < 0) {
            throw new IllegalArgumentException("tls: protocol " + protocol + " (expected one of " + clientContext.config().protocols() + ")");
        }
        only = place;
        return this;
    }

    /// {@return whether something was said with the hello, or might have been, and the server took it}
    public boolean isEarlyTaken() {
        return earlyTaken;
    }

    @Override
    Handshake handshake(HandshakeSlot in) {
        ClientHandshake handshake = clientContext.handshake(in.slot());
        handshake.of(clientContext, connection(), host, name, peer, keeper, early, only);
        return handshake;
    }

    @Override
    boolean speaksFirst() {
        return true;
    }

    @Override
    boolean endsWithoutWord() {
        return true;
    }

    @Override
    void onAgreed(Handshake handshake, long nowNanos) {
        carry(nowNanos);
    }

    @Override
    void onOpen(Handshake handshake, long nowNanos) {
        ClientHandshake done = (ClientHandshake) handshake;
        earlyTaken = done.earlyData() == EarlyData.TAKEN;
        suite = done.suiteIndex();
        ends = done.ends();
        identityVersion = done.identityVersion();
        carry(nowNanos);
    }

    @Override
    @Nullable
    Alert onTicket(MemorySegment from, long at, int length, long nowNanos) {
        if (identityVersion != clientContext.identityVersion() || host.isEmpty() && keeper == null) {
            return null;  // of a session of somebody else's, or of nobody known
        }
        return clientContext.resumption().onTicket(keeper, peer, connection(), clientContext.config().suites().get(suite), clientContext.schedule(suite),
                agreed(), ends, null,
                from, at, length, nowNanos);
    }

    @Override
    ClientResumption resumption() {
        return clientContext.resumption();
    }

    @Override
    void onMoved(TlsConnection<E> from, int suiteHere) {
        TlsClient<E> other = (TlsClient<E>) from;
        host = other.host;
        name = other.name;
        peer = other.peer;
        keeper = other.keeper;
        suite = suiteHere;
        earlyTaken = other.earlyTaken;
        ends = other.ends;
        identityVersion = clientContext.identityVersion();
        MemorySegment.copy(other.clientContext.resumption().memory(), other.clientContext.resumption().secretAt(other.connection()),
                clientContext.resumption().memory(),
                clientContext.resumption().secretAt(connection()), ClientResumption.CONNECTION_BYTES);
    }

    @Override
    void onForget() {
        earlyTaken = false;
        clientContext.resumption().forget(connection());
    }
}
