package dev.coffer.jsse;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsConnection;
import dev.coffer.tls.TlsContext;
import dev.coffer.tls.TlsServer;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One engine's connection of [TlsConnection], its context of its own, and their memory: a piece of the vault, which comes back when this is closed
/// or its engine is forgotten.
///
/// ```
///   piece   what the context plans | a record of ours, on its way to the caller's buffer
/// ```
///
/// Time limits are none: an `SSLEngine` has no clock, and whoever drives one has. One thread at a time.
final class Link implements AutoCloseable {
    private static final long NO_LIMIT = Long.MAX_VALUE / 8;

    private final Vault.Piece piece;
    private final TlsContext context;
    private final TlsConnection<Void> connection;
    private final Plain plain;
    private final MemorySegment memory;
    private final long outbox;
    private boolean closed;

    private Link(Vault.Piece piece, long outbox, TlsContext context, Function<Plain, TlsConnection<Void>> maker) {
        this.piece = piece;
        this.memory = piece.segment();
        this.outbox = outbox;
        this.context = context;
        this.plain = new Plain();
        this.connection = maker.apply(plain);
        connection.reset(System.nanoTime());
    }

    /// Makes the connection in a piece that is there.
    @FunctionalInterface
    private interface Maker {
        Link make(Vault.Piece piece, MemorySegment memory, long outbox);
    }

    private static Link open(Vault vault, Object holder, MemoryPlan plan, boolean waits, Maker maker) throws SSLException {
        long bytes = plan.totalBytes();
        long outbox = Align.up(bytes, Align.CACHE_LINE_BYTES);
        long all = outbox + Align.up(Session.PACKET_BYTES, Align.CACHE_LINE_BYTES);
        Vault.Piece piece = vault.engine(all, holder, waits);
        if (piece == null) {
            throw new SSLException("no room for one more connection: " + vault.refusal(all) + " (more of it by engines=COUNT of "
                    + CofferJsseProvider.NAME + ")");
        }
        boolean made = false;
        try {
            Link link = maker.make(piece, piece.segment().asSlice(0, bytes), outbox);
            made = true;
            return link;
        } finally {
            if (!made) {
                piece.close();
            }
        }
    }

    /// {@return a client's connection, which speaks first}
    ///
    /// @param name      of the host, as it is asked for; empty for none
    /// @param identity  whom it shows to a server that asks; asked for then
    static Link client(Vault vault, Object holder, Settings settings, Trust trust, String name, ClientContext.IdentityChooser identity)
            throws SSLException {
        TlsClientConfig config = TlsClientConfig.defaults().withCounts(1, 1, 1).withSessions(0).withNanosMax(NO_LIMIT, NO_LIMIT)
                .withSuites(settings.cipherSuites().toArray(CipherSuite[]::new))
                .withGroups(settings.groups().toArray(NamedGroup[]::new)).withProtocols(settings.applicationProtocols());
        return open(vault, holder, config.plan(), true, (piece, memory, outbox) -> {
            ClientContext context = ClientContext.over(config, trust, Entropy.SYSTEM, memory);
            context.chooser(identity);
            return new Link(piece, outbox, context, plain -> new TlsClient<Void>(context, 0, (connection, now) -> plain).to(name));
        });
    }

    /// {@return a server's connection}
    ///
    /// @param protocols  application protocols, of which the first is taken that the client has too
    /// @param tickets    null where no session is to be resumed. None is where the client is asked who it is: a ticket carries no chain, and who resumed
    ///                   would have no certificates to show, and pass by the trust manager
    static Link server(Vault vault, Object holder, Settings settings, Trust trust, ServerIdentity identity, String[] protocols,
            @Nullable TicketKeys tickets) throws SSLException {
        TlsServerConfig config = TlsServerConfig.defaults().withCounts(1, 1, 1).withNanosMax(NO_LIMIT, NO_LIMIT)
                .withHelloBytesMax(Hello.BYTES_MAX).withSuites(settings.cipherSuites().toArray(CipherSuite[]::new))
                .withGroups(settings.groups().toArray(NamedGroup[]::new))
                .withSchemes(identity.scheme()).withProtocols(protocols).withClientAuthentication(settings.clientAuthentication());
        Trust asked = config.clientAuthentication() == ClientAuthentication.NONE ? null : trust;
        return open(vault, holder, config.plan(), false, (piece, memory, outbox) -> {
            ServerContext context = ServerContext.over(config, List.of(identity), asked, Entropy.SYSTEM, memory);
            context.ticketKeys(asked == null ? tickets : null);
            context.clock(System.nanoTime(), System.currentTimeMillis());
            return new Link(piece, outbox, context, plain -> new TlsServer<Void>(context, 0, (connection, now) -> plain));
        });
    }

    TlsConnection<Void> connection() {
        return connection;
    }

    /// Takes one record of the peer's, whole, or its header where that is wrong.
    void feed(MemorySegment from, long at, long length) {
        long taken = connection.feed(from, at, length, System.nanoTime());
        assert taken == length || connection.isEnded() : taken + " of " + length;
        if (connection.isOpen()) {
            connection.carryNow(System.nanoTime());  // a server may speak first
        }
    }

    /// Takes one record whose content goes to the caller's buffers.
    ///
    /// @return bytes of content
    long open(ByteBuffer record, int length, ByteBuffer[] targets, int offset, int count) {
        plain.lend(targets, offset, count);
        long moved;
        try {
            feed(MemorySegment.ofBuffer(record), 0, length);
        } finally {
            moved = plain.takeBack();
        }
        return moved;
    }

    /// Makes the next record.
    ///
    /// @param count  of sources; 0 where nothing of the application's may go
    /// @return bytes of content that it took
    long seal(ByteBuffer[] sources, int offset, int count, ByteBuffer target) {
        plain.lend(sources, offset, count);
        long moved;
        long written = 0;
        try {
            written = connection.pollOutput(memory, outbox, Session.PACKET_BYTES, System.nanoTime());
        } finally {
            moved = plain.takeBack();
        }
        MemorySegment.copy(memory, outbox, MemorySegment.ofBuffer(target), 0, written);
        target.position(target.position() + (int) written);
        return moved;
    }

    /// {@return all that is left to be said, for a connection that is over}
    byte[] lastWords() {
        byte[] words = {};
        for (long written; (written = connection.pollOutput(memory, outbox, Session.PACKET_BYTES, System.nanoTime())) > 0;) {
            int before = words.length;
            words = Arrays.copyOf(words, before + (int) written);
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, outbox, words, before, (int) written);
        }
        return words;
    }

    /// Nothing more of the application's is said: a close_notify goes next. In a handshake it ends.
    void endOutput() {
        if (connection.isOpen()) {
            connection.carryNow(System.nanoTime());
            plain.endOutput();
        } else {
            connection.shutdown(System.nanoTime());
        }
    }

    /// {@return the fatal alert that goes next, or has gone; null for none}
    @Nullable
    Alert fault() {
        Alert alert = connection.alertPending();
        alert = alert == null ? connection.alertSent() : alert;
        return alert != null && alert.isFatal() ? alert : null;
    }

    /// Wipes everything and gives the memory back. Twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            connection.close();
            context.close();
            piece.close();
        }
    }
}
