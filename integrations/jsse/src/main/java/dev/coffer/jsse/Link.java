package dev.coffer.jsse;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.internal.vault.Forgotten;
import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.memory.layout.Align;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TicketConfig;
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
import java.util.concurrent.locks.ReentrantLock;
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
/// An open one moves to a [Room] as soon as nothing is under way, and leaves that memory to the next handshake.
///
/// Time limits are none: an `SSLEngine` has no clock, and whoever drives one has. One thread at a time.
final class Link implements AutoCloseable {
    private static final long NO_LIMIT = Long.MAX_VALUE / 8;

    private final Plain plain;
    private final @Nullable Resumption resumption;  // a client's
    private @Nullable Piece piece;            // null once it has moved, as the context
    private @Nullable TlsContext context;
    private TlsConnection<Void> connection;
    private MemorySegment memory;                   // with the outbox in it
    private long outbox;
    private ReentrantLock lock = new ReentrantLock();  // once it has moved, the room's
    private Room.@Nullable Place place;
    private @Nullable Runnable leave;                  // gives the place back
    private boolean closed;

    private Link(Piece piece, long outbox, TlsContext context, @Nullable Resumption resumption,
            Function<Plain, TlsConnection<Void>> maker) {
        this.piece = piece;
        this.resumption = resumption;
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
        Link make(Piece piece, MemorySegment memory, long outbox);
    }

    private static Link open(Vault vault, Object holder, MemoryPlan plan, boolean waits, Maker maker) throws SSLException {
        long bytes = plan.totalBytes();
        long outbox = Align.up(bytes, Align.CACHE_LINE_BYTES);
        long all = outbox + Align.up(Session.PACKET_BYTES, Align.CACHE_LINE_BYTES);
        Piece piece = vault.engine(all, holder, waits);
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
    static Link client(Vault vault, Object holder, Settings settings, Trust trust, String name, ClientContext.IdentityChooser identity,
            Resumption resumption) throws SSLException {
        TlsClientConfig config = TlsClientConfig.defaults().withCounts(1, 1, 1).withSessions(1).withNanosMax(NO_LIMIT, NO_LIMIT)
                .withSuites(settings.cipherSuites().toArray(CipherSuite[]::new))
                .withGroups(settings.groups().toArray(NamedGroup[]::new)).withProtocols(settings.applicationProtocols());
        return open(vault, holder, config.plan(), true, (piece, memory, outbox) -> {
            ClientContext context = ClientContext.over(config, trust, Entropy.SYSTEM, memory);
            context.chooser(identity);
            return new Link(piece, outbox, context, resumption,
                    plain -> new TlsClient<Void>(context, 0, (connection, now) -> plain).to(name).sessions(resumption));
        });
    }

    /// {@return a server's connection}
    ///
    /// @param suites     in the order in which they are preferred
    /// @param protocols  application protocols, of which the first is taken that the client has too
    /// @param tickets    null where no session is to be resumed
    /// @param seconds    that a session may be resumed
    static Link server(Vault vault, Object holder, Settings settings, List<CipherSuite> suites, Trust trust, ServerIdentity identity, String[] protocols,
            @Nullable TicketKeys tickets, int seconds) throws SSLException {
        TlsServerConfig config = TlsServerConfig.defaults().withCounts(1, 1, 1).withNanosMax(NO_LIMIT, NO_LIMIT)
                .withHelloBytesMax(Hello.BYTES_MAX).withSuites(suites.toArray(CipherSuite[]::new))
                .withGroups(settings.groups().toArray(NamedGroup[]::new))
                .withSchemes(identity.scheme()).withProtocols(protocols).withTickets(new TicketConfig(TicketConfig.defaults().count(), seconds))
                .withClientAuthentication(settings.clientAuthentication());
        Trust asked = config.clientAuthentication() == ClientAuthentication.NONE ? null : trust;
        return open(vault, holder, config.plan(), false, (piece, memory, outbox) -> {
            ServerContext context = ServerContext.over(config, List.of(identity), asked, Entropy.SYSTEM, memory);
            context.ticketKeys(tickets);
            context.known(trust::knows);
            context.resumesOnly(!settings.createsSessions());
            context.clock(System.nanoTime(), System.currentTimeMillis());
            return new Link(piece, outbox, context, null, plain -> new TlsServer<Void>(context, 0, (connection, now) -> plain));
        });
    }

    TlsConnection<Void> connection() {
        return connection;
    }

    /// {@return a client's, null of a server}
    @Nullable
    Resumption resumption() {
        return resumption;
    }

    /// {@return who a client is that was verified, as [Trust#key] said; null where none was}
    byte @Nullable [] peerKey() {
        MemorySegment key = MemorySegment.ofArray(new byte[ClientVerifier.KEY_BYTES]);
        return connection instanceof TlsServer<Void> server && server.peerKey(key, 0) > 0 ? key.toArray(ValueLayout.JAVA_BYTE) : null;
    }

    /// Moves to where open connections live, if it is one and there is room.
    void moveOut(Vault vault, Object holder) {
        if (place != null || !connection.canMove()) {
            return;
        }
        Room.Place taken = vault.room(connection);
        if (taken == null) {
            return;
        }
        leave = Forgotten.watch(holder, taken);  // before anything else that may fail: where it fails the place is given back already
        place = taken;
        connection = taken.connection();
        lock = taken.lock();
        memory = taken.memory();
        outbox = taken.outbox();
        giveBack();
    }

    /// What it shook hands in.
    private void giveBack() {
        TlsContext ofHandshake = context;
        Piece lent = piece;
        context = null;
        piece = null;
        try {
            if (ofHandshake != null) {
                ofHandshake.close();
            }
        } finally {
            if (lent != null) {
                lent.close();
            }
        }
    }

    /// Takes one record of the peer's, whole, or its header where that is wrong.
    void feed(MemorySegment from, long at, long length) {
        lock.lock();
        try {
            take(from, at, length);
        } finally {
            lock.unlock();
        }
    }

    private void take(MemorySegment from, long at, long length) {
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
        lock.lock();
        plain.lend(sources, offset, count);
        long moved;
        try {
            long written = connection.pollOutput(memory, outbox, Session.PACKET_BYTES, System.nanoTime());
            MemorySegment.copy(memory, outbox, MemorySegment.ofBuffer(target), 0, written);
            target.position(target.position() + (int) written);
        } finally {
            moved = plain.takeBack();
            lock.unlock();
        }
        return moved;
    }

    /// {@return all that is left to be said, for a connection that is over}
    byte[] lastWords() {
        lock.lock();
        try {
            return words();
        } finally {
            lock.unlock();
        }
    }

    private byte[] words() {
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
        lock.lock();
        try {
            if (connection.isOpen()) {
                connection.carryNow(System.nanoTime());
                plain.endOutput();
            } else {
                connection.shutdown(System.nanoTime());
            }
        } finally {
            lock.unlock();
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
        if (closed) {
            return;
        }
        closed = true;
        Runnable from = leave;
        try {
            if (from != null) {
                from.run();
            } else {
                connection.close();
            }
        } finally {
            giveBack();  // nothing, where it has moved and that went well
        }
    }
}
