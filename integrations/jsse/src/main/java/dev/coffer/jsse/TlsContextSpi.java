package dev.coffer.jsse;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.tls.TicketKeys;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// What an `SSLContext` is made of: the caller's managers, the keys that they showed, the sessions, and the keys of its tickets. Any thread, once it
/// is initialised.
final class TlsContextSpi extends SSLContextSpi {
    private static final int TICKET_SECONDS = 6 * 3600;

    private final Vault vault;
    private final Sessions clientSessions;
    private final Sessions serverSessions;
    private volatile @Nullable Keys keys;  // set last, asked first
    private @Nullable X509TrustManager trust;
    private @Nullable TicketKeys tickets;  // under this, as their memory; null until the first server asks for them
    private @Nullable Piece ticketMemory;

    TlsContextSpi(Vault vault) {
        this.vault = vault;
        this.clientSessions = new Sessions(vault);
        this.serverSessions = new Sessions(vault);
    }

    Vault vault() {
        return vault;
    }

    /// {@return the sessions of a side}
    Sessions sessions(boolean ofClients) {
        return ofClients ? clientSessions : serverSessions;
    }

    Keys keys() {
        return initialised(keys);
    }

    X509TrustManager trust() {
        return initialised(trust);
    }

    /// {@return the keys of a server's tickets, until the context is given other managers: then they are closed, and open and seal nothing. Null where there is no room
    /// for them: then nobody resumes}
    @Nullable
    synchronized TicketKeys tickets() {
        if (tickets == null) {
            Piece memory = vault.tickets(TicketKeys.BYTES);
            if (memory != null) {
                ticketMemory = memory.watch(this);
                tickets = TicketKeys.fresh(memory.segment(), Entropy.SYSTEM, TICKET_SECONDS);
            }
        }
        return tickets;
    }

    private synchronized void closeTickets() {
        TicketKeys keysBefore = tickets;
        Piece memory = ticketMemory;
        tickets = null;
        ticketMemory = null;
        if (keysBefore != null) {
            keysBefore.close();
        }
        if (memory != null) {
            memory.close();
        }
    }

    private static <T> T initialised(@Nullable T what) {
        if (what == null) {
            throw new IllegalStateException("SSLContext is not initialized");
        }
        return what;
    }

    @Override
    @SuppressWarnings("NullAway")  // JSSE's interface is not marked, and means null by it
    protected void engineInit(KeyManager @Nullable [] managers, TrustManager @Nullable [] trusts, @Nullable SecureRandom random)
            throws KeyManagementException {
        X509KeyManager found = null;
        for (KeyManager each : managers == null ? new KeyManager[0] : managers) {
            found = found == null && each instanceof X509KeyManager x509 ? x509 : found;
        }
        trust = trustManager(trusts);
        keys = new Keys(found, vault);  // another each time: sessions of the managers before are not resumed
        closeTickets();  // last: whoever asks for new ones sees the new managers
    }

    private static X509TrustManager trustManager(TrustManager @Nullable [] given) throws KeyManagementException {
        TrustManager[] from = given;
        try {
            if (from == null) {
                TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init((KeyStore) null);
                from = factory.getTrustManagers();
            }
        } catch (GeneralSecurityException e) {
            throw new KeyManagementException("the JDK's own trust managers", e);
        }
        for (TrustManager each : from) {
            if (each instanceof X509TrustManager x509) {
                return x509;
            }
        }
        return new Nobody();
    }

    /// Trusts nobody: of a context that was given no trust manager for X.509.
    private static final class Nobody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("no trust manager for X.509 was given");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("no trust manager for X.509 was given");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        keys();
        return new TlsEngine(this, null, -1, null);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(@Nullable String host, int port) {
        keys();
        return new TlsEngine(this, host, port, null);
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        keys();
        return Factories.sockets(this);
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        keys();
        return Factories.serverSockets(this);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return serverSessions;
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return clientSessions;
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return Settings.standard();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return Settings.standard();
    }
}
