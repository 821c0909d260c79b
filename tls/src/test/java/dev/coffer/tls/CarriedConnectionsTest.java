package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.key.KeyAlgorithm;
import org.junit.jupiter.api.Test;

/// Connections that QUIC carries have handshakes here and no records: neither secrets nor keys of theirs are planned.
class CarriedConnectionsTest {
    private static final int OWN = 2;
    private static final int CARRIED = 6;
    private static final TlsServerConfig ALL = TlsServerConfig.tight().withCounts(OWN + CARRIED, 4, 1).withKeys(0);
    private static final TlsServerConfig SOME = ALL.withCarried(CARRIED);

    @Test
    void thePlanHasSecretsAndKeysOfTheOthersAlone() {
        assertEquals(OWN * ALL.connectionBytes(), SOME.plan().child(TlsContext.CONNECTIONS).totalBytes());
        assertEquals((OWN + CARRIED) * ALL.connectionBytes(), ALL.plan().child(TlsContext.CONNECTIONS).totalBytes());
        assertEquals(OWN, SOME.expandedKeys());
        assertEquals(6, ALL.expandedKeys(), "four that shake hands, two for a record");
        assertEquals(1, ALL.withKeys(1).expandedKeys());
        assertEquals(6, ALL.withKeys(7).expandedKeys(), "more are of no use");
        assertThrows(IllegalArgumentException.class, () -> ALL.withCarried(OWN + CARRIED + 1));
        assertEquals(ALL, SOME.withCounts(OWN + CARRIED, 4, 1), "other counts, other connections");
    }

    @Test
    void oneThatIsCarriedHasNoRecords() throws Exception {
        try (Place place = Place.of(SOME, Identities.of(KeyAlgorithm.ED25519, "coffer.test"))) {
            new TlsServer<Echo.Event>(place.context(), OWN - 1, (connection, now) -> new Echo(1)).close();
            assertThrows(IndexOutOfBoundsException.class, () -> new TlsServer<Echo.Event>(place.context(), OWN, (connection, now) -> new Echo(1)));
            QuicHandshake.server(place.context(), OWN + CARRIED - 1, new QuicPair.Told(0)).close();
        }
    }
}
