package dev.coffer.tls;

import dev.coffer.memory.layout.HeapLayout;

/// A server's connection of TLS 1.3 ([TlsConnection]): it shows one of its context's identities and answers in the first group that the client
/// has a share of.
///
/// An end of the stream without a close_notify is told to the carried engine as an end, since what a server hears, such as a request of
/// HTTP, knows its own end. Clients resume where the context has keys for it ([ServerContext#ticketKeys]).
///
/// @param <E>  events of the engine that is carried
public final class TlsServer<E> extends TlsConnection<E> {
    private final ServerContext context;

    /// Makes a connection that [#reset] begins.
    ///
    /// @param connection  0..[TlsServerConfig#connections]-1: which place of the context is its own
    /// @throws IndexOutOfBoundsException  another number (caller's fault)
    public TlsServer(ServerContext context, int connection, Carrier<E> carrier) {
        super(context, connection, carrier);
        this.context = context;
    }

    /// {@return bytes of the Java objects of one connection}
    public static long heapBytes() {
        return HeapLayout.instance(TlsServer.class) + partsHeapBytes();
    }

    @Override
    Handshake handshake(long slot) {
        return context.handshake(slot);
    }

    @Override
    boolean speaksFirst() {
        return false;
    }

    @Override
    boolean endsWithoutWord() {
        return false;
    }
}
