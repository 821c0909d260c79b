package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Where an origin is left alone, and for how long.
class AltServicesTest {
    private static final long SECOND = 1_000_000_000L;

    private record One(MemorySegment segment) implements Fields {
        private static One of(String value) {
            return new One(MemorySegment.ofArray(value.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public int count() {
            return 1;
        }

        @Override
        public FieldName name(int index) {
            return FieldName.ALT_SVC;
        }

        @Override
        public long nameAt(int index) {
            return 0;
        }

        @Override
        public int nameLength(int index) {
            return 0;
        }

        @Override
        public long valueAt(int index) {
            return 0;
        }

        @Override
        public int valueLength(int index) {
            return (int) segment.byteSize();
        }
    }

    private final AltServices services = new AltServices(2);
    private final Origin origin = Origin.of(URI.create("https://coffer.test"));

    private boolean hears(int port, long now) {
        return services.heard(origin, One.of("h3=\":" + port + "\""), now);
    }

    private int port(long now) {
        return services.port(origin, AltServices.NONE, false, now);
    }

    /// {@return seconds for which it is left alone from then on}
    private long pause(long now) {
        long seconds = 0;
        while (port(now + seconds * SECOND) == AltServices.NONE) {
            seconds++;
        }
        return seconds;
    }

    @Test
    void eachFailureDoublesThePauseAndASuccessEndsIt() {
        hears(443, 0);
        long now = 0;
        for (int times = 1; times <= 8; times *= 2) {
            services.broken(origin, now);
            assertEquals(300L * times, pause(now));
            now += 300L * times * SECOND;
        }
        services.works(origin);
        services.broken(origin, now);
        assertEquals(300, pause(now));
    }

    /// A server that names another port each time is asked no more often for it.
    @Test
    void anotherPortIsNotANewBeginning() {
        hears(443, 0);
        long now = 0;
        for (int i = 0; i < 4; i++) {
            services.broken(origin, now);
            now += (300L << i) * SECOND;
        }
        services.broken(origin, now);
        assertTrue(hears(8443, now));
        assertEquals(300, pause(now), "it may be better there, in a while");
        assertEquals(8443, port(now + 300 * SECOND));
        now += 300 * SECOND;
        services.broken(origin, now);
        assertEquals(9600, pause(now), "what came to nothing before still counts");
    }
}
