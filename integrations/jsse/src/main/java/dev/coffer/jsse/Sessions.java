package dev.coffer.jsse;

import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/// The sessions of a context, of one side.
///
/// A **client's** are those that servers gave tickets for: each is a secret in the vault and an `SSLSession` that [#getSession] finds, until it is resumed, which it is
/// once, invalidated, too old, or has to make room. A session is resumed by a connection that would trust whom the first one trusted ([Key]), and by no
/// other. **When full**, by number or by memory, the oldest of this context makes room; where it has none the ticket is passed over.
///
/// A **server** keeps what it knows of a session in the client's ticket, so none is listed here; but it remembers the certificates of clients that it has
/// verified, by a digest that their tickets carry: who resumes shows them again, and who was forgotten is asked again.
///
/// Any thread.
final class Sessions implements SSLSessionContext {
    private static final int SIZE = 1024;
    private static final int TIMEOUT_SECONDS = 6 * 3600;
    /// Sessions with one server that are kept at a time: a server gives two by default, and programs open several connections.
    private static final int OF_ONE_MAX = 4;
    /// Clients that a server remembers at most, where the program sets no limit.
    private static final int CLIENTS_MAX = 20_480;

    private final Vault vault;
    private final Map<ByteBuffer, Kept> kept = new LinkedHashMap<>();                          // by id, the oldest first; under this, as all that follows
    private final Map<ByteBuffer, X509Certificate[]> clients = new LinkedHashMap<>(16, 0.75f, true);  // by digest, whose use is the longest ago first
    private int size = SIZE;
    private int timeout = TIMEOUT_SECONDS;

    /// Whom a session was begun with, and how it was decided that it is he.
    ///
    /// @param host         and `port` that the engine was made for
    /// @param identified   by which rules the name was looked at; null where it was not
    /// @param names        that were asked for
    /// @param schemes      that were verified
    /// @param constraints  of algorithms, whoever they are
    /// @param managers     that the context was given last: those before may have trusted others, and shown another certificate
    record Key(String host, int port, @Nullable String identified, List<SNIServerName> names, List<Integer> schemes, @Nullable Object constraints,
            Keys managers) {}

    /// A session and its secret.
    record Kept(Key key, Session session, Piece secret) {}

    Sessions(Vault vault) {
        this.vault = vault;
    }

    // ---- a client's

    /// A ticket came.
    ///
    /// @param secret  memory with the session, [dev.coffer.tls.SessionKeeper#SESSION_BYTES] from `at`
    synchronized void keep(Key key, Session session, MemorySegment secret, long at, long bytes) {
        forgetOld();
        if (!session.isValid()) {
            return;
        }
        makeRoomBeside(key);
        Piece place = vault.session(bytes);
        if (place == null && !kept.isEmpty()) {
            forget(kept.values().iterator().next());
            place = vault.session(bytes);
        }
        if (place == null) {
            return;
        }
        boolean done = false;
        try {
            place.watch(this);
            MemorySegment.copy(secret, at, place.segment(), 0, bytes);
            session.keptBy(this);
            kept.put(ByteBuffer.wrap(session.getId()), new Kept(key, session, place));
            done = true;
        } finally {
            if (!done) {
                place.close();
            }
        }
    }

    private void makeRoomBeside(Key key) {
        Kept oldest = null;
        int count = 0;
        for (Kept each : kept.values()) {
            if (each.key().equals(key)) {
                oldest = oldest == null ? each : oldest;
                count++;
            }
        }
        if (oldest != null && count >= OF_ONE_MAX) {
            forget(oldest);
        }
        while (size > 0 && kept.size() >= size) {
            forget(kept.values().iterator().next());
        }
    }

    private void forget(Kept of) {
        kept.remove(ByteBuffer.wrap(of.session().getId()));
        of.secret().close();
    }

    private void forgetOld() {
        for (Kept each : new ArrayList<>(kept.values())) {
            if (isOld(each.session()) || !each.session().isValid()) {
                forget(each);
            }
        }
    }

    private boolean isOld(Session session) {
        return timeout > 0 && System.currentTimeMillis() - session.getCreationTime() >= timeout * 1000L;
    }

    /// Takes the newest session out that a connection may resume; its secret is the caller's to close.
    synchronized @Nullable Kept take(Key key) {
        forgetOld();
        Kept newest = newest(key);
        if (newest != null) {
            kept.remove(ByteBuffer.wrap(newest.session().getId()));
        }
        return newest;
    }

    private @Nullable Kept newest(Key key) {
        Kept newest = null;
        for (Kept each : kept.values()) {
            newest = each.key().equals(key) && areValid(each.session().peer()) ? each : newest;
        }
        return newest;
    }

    /// {@return whether there is a session that a connection may resume}
    synchronized boolean has(Key key) {
        forgetOld();
        return newest(key) != null;
    }

    private static boolean areValid(X509Certificate @Nullable [] chain) {
        try {
            for (X509Certificate each : chain == null ? new X509Certificate[0] : chain) {
                each.checkValidity();
            }
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    /// A session is not to be resumed any more, nor any that came of the same handshake.
    synchronized void invalidate(Session of) {
        for (Kept each : new ArrayList<>(kept.values())) {
            if (each.session().isOf(of)) {
                forget(each);
            }
        }
    }

    // ---- a server's

    /// Remembers a client that was verified.
    synchronized void remember(byte[] digest, X509Certificate[] chain) {
        clients.put(ByteBuffer.wrap(digest), chain);
        forgetClients();
    }

    private void forgetClients() {
        int most = size > 0 ? Math.min(size, CLIENTS_MAX) : CLIENTS_MAX;
        for (Iterator<X509Certificate[]> eldest = clients.values().iterator(); clients.size() > most;) {
            eldest.next();
            eldest.remove();
        }
    }

    /// {@return the chain of a client that was verified before and is valid yet; null where it is not known}
    synchronized X509Certificate @Nullable [] client(byte[] digest) {
        X509Certificate[] chain = clients.get(ByteBuffer.wrap(digest));
        return chain != null && areValid(chain) ? chain : null;
    }

    /// {@return how long a server's session may be resumed}
    synchronized int ticketSeconds() {
        return timeout > 0 ? Math.min(timeout, TicketKeys.LIFETIME_SECONDS_MAX) : TicketKeys.LIFETIME_SECONDS_MAX;
    }

    // ---- what a program asks

    @Override
    public synchronized @Nullable SSLSession getSession(byte[] sessionId) {
        forgetOld();
        Kept found = kept.get(ByteBuffer.wrap(sessionId));
        return found == null ? null : found.session();
    }

    @Override
    public synchronized Enumeration<byte[]> getIds() {
        forgetOld();
        return Collections.enumeration(kept.values().stream().map(each -> each.session().getId()).toList());
    }

    @Override
    public synchronized void setSessionTimeout(int seconds) {
        if (seconds < 0) {
            throw new IllegalArgumentException("session timeout: " + seconds + " s (expected 0 or more)");
        }
        timeout = seconds;
        forgetOld();
    }

    @Override
    public synchronized int getSessionTimeout() {
        return timeout;
    }

    @Override
    public synchronized void setSessionCacheSize(int newSize) {
        if (newSize < 0) {
            throw new IllegalArgumentException("session cache: " + newSize + " (expected 0 or more)");
        }
        size = newSize;
        while (size > 0 && kept.size() > size) {
            forget(kept.values().iterator().next());
        }
        forgetClients();
    }

    @Override
    public synchronized int getSessionCacheSize() {
        return size;
    }
}
