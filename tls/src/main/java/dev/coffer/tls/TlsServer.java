package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// A server's connection of TLS 1.3 ([TlsConnection]): it shows one of its context's identities and answers in the first group that the client
/// has a share of.
///
/// An end of the stream without a close_notify is told to the carried engine as an end, since what a server hears, such as a request of
/// HTTP, knows its own end. Clients resume where the context has keys for it ([ServerContext#ticketKeys]).
///
/// @param <E>  events of the engine that is carried
public final class TlsServer<E> extends TlsConnection<E> {
    private final ServerContext serverContext;
    private boolean verified;

    /// Makes a connection that [#reset] begins.
    ///
    /// @param connection  0..[TlsServerConfig#connections]-1: which place of the context is its own
    /// @throws IndexOutOfBoundsException  another number (caller's fault)
    public TlsServer(ServerContext context, int connection, Carrier<E> carrier) {
        super(context, connection, carrier);
        serverContext = context;
    }

    /// {@return bytes of the Java objects of one connection}
    public static long heapBytes() {
        return HeapLayout.instance(TlsServer.class) + partsHeapBytes();
    }

    @Override
    Handshake handshake(HandshakeSlot in) {
        return serverContext.handshake(in);
    }

    @Override
    boolean speaksFirst() {
        return false;
    }

    @Override
    boolean endsWithoutWord() {
        return false;
    }

    @Override
    void onOpen(Handshake handshake, long nowNanos) {
        onAgreed(handshake, nowNanos);
    }

    @Override
    void onAgreed(Handshake handshake, long nowNanos) {
        long from = handshake.peerAt();
        verified = serverContext.asksClients() && from >= 0;
        if (verified) {
            MemorySegment.copy(handshake.memory, from, serverContext.peers(), serverContext.peerAt(connection()), ClientVerifier.KEY_BYTES);
        }
    }

    @Override
    void onMoved(TlsConnection<E> from, int suiteHere) {
        TlsServer<E> other = (TlsServer<E>) from;
        if (other.verified) {
            serverContext.checkKeepsPeers();
            verified = true;
            MemorySegment.copy(other.serverContext.peers(), other.serverContext.peerAt(other.connection()), serverContext.peers(),
                    serverContext.peerAt(connection()),
                    ClientVerifier.KEY_BYTES);
        }
    }

    @Override
    void onForget() {
        if (verified) {
            verified = false;
            Wipe.bytes(serverContext.peers(), serverContext.peerAt(connection()), ClientVerifier.KEY_BYTES);
        }
    }

    /// {@return whether the client has shown a certificate that was verified, on this connection or when the session began that it resumed}
    public boolean isVerified() {
        return verified;
    }

    /// Writes who a client is that [#isVerified].
    ///
    /// @param target  room for [ClientVerifier#KEY_BYTES]: the SHA-256 of its certificate's SubjectPublicKeyInfo
    /// @return bytes written; 0 where it was not verified
    public int peerKey(MemorySegment target, long at) {
        if (verified) {
            MemorySegment.copy(serverContext.peers(), serverContext.peerAt(connection()), target, at, ClientVerifier.KEY_BYTES);
        }
        return verified ? ClientVerifier.KEY_BYTES : 0;
    }
}
