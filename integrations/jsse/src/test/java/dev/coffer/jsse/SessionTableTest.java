package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.tls.SessionKeeper;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The table of sessions alone: rules that connections would hide behind others of theirs, such as a ticket's own end.
final class SessionTableTest {
    private static final KeyPair PAIR = Certificates.pair("EC");
    private static final X509Certificate[] VALID = {Certificates.certificate(PAIR, "localhost", "CN=valid", 0)};
    private static final X509Certificate[] EXPIRED = {Certificates.certificate(PAIR, "localhost", "CN=expired", 60)};

    private final Vault vault = Vault.open(CofferJsseConfig.defaults().withEngines(1));
    private final Sessions sessions = new Sessions(vault);
    private final Keys managers = new Keys(null, vault);
    private final MemorySegment secret = Arena.ofAuto().allocate(SessionKeeper.SESSION_BYTES);

    @AfterEach
    void close() {
        vault.close();
    }

    private Sessions.Key key(int port) {
        return new Sessions.Key("localhost", port, null, List.of(), List.of(), null, managers);
    }

    private Session keep(Sessions.Key key, X509Certificate[] peer) {
        Session made = new Session(Session.newId(), "localhost", key.port(), new String[0]);
        made.peer(peer);
        sessions.keep(key, made, secret, 0, SessionKeeper.SESSION_BYTES);
        return made;
    }

    @Test
    void aSessionWithWhoseCertificateHasExpiredSinceIsNotOffered() {
        keep(key(1), EXPIRED);
        keep(key(2), new X509Certificate[] {VALID[0], EXPIRED[0]});
        Session good = keep(key(3), VALID);
        for (int port = 1; port <= 2; port++) {
            assertTrue(!sessions.has(key(port)), "port " + port);
            assertNull(sessions.take(key(port)), "port " + port);
        }
        assertTrue(sessions.has(key(3)));
        Sessions.Kept taken = sessions.take(key(3));
        assertNotNull(taken);
        taken.secret().close();
        assertEquals(good, taken.session());
    }

    @Test
    void aClientWhoseCertificateHasExpiredSinceIsNotKnown() {
        sessions.remember(new byte[] {1}, VALID);
        sessions.remember(new byte[] {2}, EXPIRED);
        sessions.remember(new byte[] {3}, new X509Certificate[] {VALID[0], EXPIRED[0]});
        assertArrayEquals(VALID, sessions.client(new byte[] {1}));
        assertNull(sessions.client(new byte[] {2}));
        assertNull(sessions.client(new byte[] {3}));
    }

    @Test
    void oneServersSessionsAreFourAndTheNewest() {
        Session other = keep(key(2), VALID);
        List<Session> made = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            made.add(keep(key(1), VALID));
        }
        assertNotNull(sessions.getSession(other.getId()), "another server's");
        for (int i = 0; i < 6; i++) {
            assertEquals(i < 2, sessions.getSession(made.get(i).getId()) == null, "of six the number " + i);
        }
    }
}
