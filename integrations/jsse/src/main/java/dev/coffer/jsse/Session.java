package dev.coffer.jsse;

import java.security.Principal;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSessionBindingEvent;
import javax.net.ssl.SSLSessionBindingListener;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/// What is known of a connection, and of those that resume it: names and certificates, no secret. Any thread.
final class Session extends ExtendedSSLSession {
    /// Bytes of a record at most: header, content, padding or type, tag (RFC 8446, section 5.2).
    static final int PACKET_BYTES = 5 + (1 << 14) + 256;
    /// Bytes of its content at most.
    static final int CONTENT_BYTES = 1 << 14;

    private static final int ID_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();  // for names of sessions alone, which are no secret

    private final byte[] id;
    private final @Nullable String host;
    private final int port;
    private final Shared shared;
    private final String[] localSchemes;
    private volatile long accessed = System.currentTimeMillis();
    private volatile String suite = Names.NO_SUITE;
    private volatile String protocol = "NONE";
    private volatile X509Certificate @Nullable [] peer;
    private volatile X509Certificate @Nullable [] local;
    private volatile List<SNIServerName> names = List.of();
    private volatile String[] peerSchemes = {};

    /// What sessions have in common that come of one handshake with certificates: those that resume it.
    private static final class Shared {
        private final long created = System.currentTimeMillis();
        private final Map<String, Object> values = new HashMap<>();  // under this
        private volatile boolean valid;
        private volatile @Nullable Sessions keeper;

        Shared(boolean valid) {
            this.valid = valid;
        }
    }

    /// @param id            of no bytes for a session that is none yet
    /// @param localSchemes  what we verify, in the JCA's words
    Session(byte[] id, @Nullable String host, int port, String[] localSchemes) {
        this(id, host, port, localSchemes, new Shared(id.length > 0));
    }

    private Session(byte[] id, @Nullable String host, int port, String[] localSchemes, Shared shared) {
        this.id = id;
        this.host = host;
        this.port = port;
        this.localSchemes = localSchemes;
        this.shared = shared;
    }

    /// {@return the name of a session that is made now}
    static byte[] newId() {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return id;
    }

    /// {@return one that goes on with this: the same certificates and values under a name of its own}
    Session next() {
        Session next = new Session(newId(), host, port, localSchemes, shared);
        next.begin(names, peerSchemes);
        next.suite = suite;
        next.peer = peer;
        next.local = local;
        return next;
    }

    /// {@return whether both come of one handshake with certificates}
    boolean isOf(Session other) {
        return shared == other.shared;
    }

    /// A context keeps it.
    void keptBy(Sessions sessions) {
        shared.keeper = sessions;
    }

    /// The handshake is under way.
    void begin(List<SNIServerName> asked, String[] schemesOfPeer) {
        protocol = Names.PROTOCOL;
        names = asked;
        peerSchemes = schemesOfPeer;
    }

    void peerSchemes(String[] schemes) {
        peerSchemes = schemes;
    }

    void agreed(String newSuite) {
        suite = newSuite;
    }

    void peer(X509Certificate @Nullable [] chain) {
        peer = chain;
    }

    X509Certificate @Nullable [] peer() {
        return peer;
    }

    void local(X509Certificate @Nullable [] chain) {
        local = chain;
    }

    void touch() {
        accessed = System.currentTimeMillis();
    }

    @Override
    public byte[] getId() {
        return id.clone();
    }

    @Override
    public @Nullable SSLSessionContext getSessionContext() {
        return shared.keeper;
    }

    @Override
    public long getCreationTime() {
        return shared.created;
    }

    @Override
    public long getLastAccessedTime() {
        return accessed;
    }

    /// Nobody resumes it any more, nor what came of the same handshake.
    @Override
    public void invalidate() {
        shared.valid = false;
        Sessions sessions = shared.keeper;
        if (sessions != null) {
            sessions.invalidate(this);
        }
    }

    @Override
    public boolean isValid() {
        return shared.valid;
    }

    @Override
    public void putValue(String name, Object value) {
        if (name == null || value == null) {
            throw new IllegalArgumentException("a session's value: " + (name == null ? "no name" : "none for " + name));
        }
        Object before;
        synchronized (shared) {
            before = shared.values.put(name, value);
        }
        unbound(name, before);
        if (value instanceof SSLSessionBindingListener listener) {
            listener.valueBound(new SSLSessionBindingEvent(this, name));
        }
    }

    private void unbound(String name, @Nullable Object value) {
        if (value instanceof SSLSessionBindingListener listener) {
            listener.valueUnbound(new SSLSessionBindingEvent(this, name));
        }
    }

    @Override
    public @Nullable Object getValue(String name) {
        if (name == null) {
            throw new IllegalArgumentException("a session's value: no name");
        }
        synchronized (shared) {
            return shared.values.get(name);
        }
    }

    @Override
    public void removeValue(String name) {
        if (name == null) {
            throw new IllegalArgumentException("a session's value: no name");
        }
        Object before;
        synchronized (shared) {
            before = shared.values.remove(name);
        }
        unbound(name, before);
    }

    @Override
    public String[] getValueNames() {
        synchronized (shared) {
            return shared.values.keySet().toArray(String[]::new);
        }
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
        X509Certificate[] chain = peer;
        if (chain == null) {
            throw new SSLPeerUnverifiedException("peer not authenticated");
        }
        return Arrays.copyOf(chain, chain.length, Certificate[].class);
    }

    @Override
    public Certificate @Nullable [] getLocalCertificates() {
        X509Certificate[] chain = local;
        return chain == null ? null : Arrays.copyOf(chain, chain.length, Certificate[].class);
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
        X509Certificate[] chain = peer;
        if (chain == null) {
            throw new SSLPeerUnverifiedException("peer not authenticated");
        }
        return chain[0].getSubjectX500Principal();
    }

    @Override
    public @Nullable Principal getLocalPrincipal() {
        X509Certificate[] chain = local;
        return chain == null ? null : chain[0].getSubjectX500Principal();
    }

    @Override
    public String getCipherSuite() {
        return suite;
    }

    @Override
    public String getProtocol() {
        return protocol;
    }

    @Override
    public @Nullable String getPeerHost() {
        return host;
    }

    @Override
    public int getPeerPort() {
        return port;
    }

    @Override
    public int getPacketBufferSize() {
        return PACKET_BYTES;
    }

    @Override
    public int getApplicationBufferSize() {
        return CONTENT_BYTES;
    }

    @Override
    public String[] getLocalSupportedSignatureAlgorithms() {
        return localSchemes.clone();
    }

    @Override
    public String[] getPeerSupportedSignatureAlgorithms() {
        return peerSchemes.clone();
    }

    @Override
    public List<SNIServerName> getRequestedServerNames() {
        return names;
    }

    @Override
    public List<byte[]> getStatusResponses() {
        return List.of();  // none is asked for
    }

    @Override
    public String toString() {
        return "Session[" + suite + "]";
    }
}
