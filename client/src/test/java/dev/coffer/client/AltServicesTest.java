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

    /// Alt-Svc, and perhaps Age behind it.
    private record One(MemorySegment segment, int first) implements Fields {
        private static One of(String value, String... age) {
            String all = value + String.join("", age);
            return new One(MemorySegment.ofArray(all.getBytes(StandardCharsets.US_ASCII)), value.length());
        }

        @Override
        public int count() {
            return segment.byteSize() > first ? 2 : 1;
        }

        @Override
        public FieldName name(int index) {
            return index == 0 ? FieldName.ALT_SVC : FieldName.AGE;
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
            return index == 0 ? 0 : first;
        }

        @Override
        public int valueLength(int index) {
            return index == 0 ? first : (int) segment.byteSize() - first;
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

    /// RFC 7838, section 3.1: what it has lain in a cache is taken off.
    @Test
    void anAnswerOfACacheIsBelievedForWhatIsLeft() {
        for (String age : new String[] {"", "0", "40", "59", "60", "61", "99999999999999999999", "x", "-1"}) {
            services.heard(origin, One.of("h3=\":8443\"; ma=60", age), 0);
            long left = switch (age) {
                case "40" -> 20;
                case "59" -> 1;
                case "60", "61", "99999999999999999999" -> 0;
                default -> 60;
            };
            assertEquals(left > 0 ? 8443 : AltServices.NONE, port(Math.max(0, left - 1) * SECOND), "age " + age);
            assertEquals(AltServices.NONE, port(left * SECOND), "age " + age);
        }
    }

    /// RFC 7838, section 6: also behind the pause that a failure brings.
    @Test
    void anAlternativeThatSaysItIsNoneIsForgotten() {
        hears(443, 0);
        services.broken(origin, 0);
        services.forget(origin);
        assertEquals(AltServices.NONE, port(86_399 * SECOND));
        services.forget(Origin.of(URI.create("https://other.test")));
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
