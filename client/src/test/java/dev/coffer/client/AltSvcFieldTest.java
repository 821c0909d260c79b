package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.client.AltSvcField.Found;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Values of Alt-Svc as RFC 7838 (section 3) has them, and as it has not.
class AltSvcFieldTest {
    private final AltSvcField field = new AltSvcField();

    private Found read(String value, Origin origin) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(bytes.length + 2);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 1, bytes.length);
            return field.read(memory, 1, bytes.length, origin);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "h3=\":443\" | 443 | 86400",
            "h3=\":8443\"; ma=3600 | 8443 | 3600",
            "h3=\":443\";ma=\"60\" ;persist=1 | 443 | 60",
            "h2=\":1\", h3-29=\":2\" , h3=\":3\"; ma=5, h3=\":4\"; ma=6 | 3 | 5",
            ",,h3=\"localhost:7\",, | 7 | 86400",
            "h3=\"LocalHost:7\" | 7 | 86400",
            "h3=\"other:5\", h3=\":6\" | 6 | 86400",
            "h3=\":443\"; ma=0 | 443 | 0",
            "h3=\":443\"; x=\"a\\\"b,c\"; ma=9 | 443 | 9",
            "h3=\":443\"; ma=99999999999999999999 | 443 | 2147483649"})
    void findsTheFirstOnThatHost(String value, int port, long seconds) {
        assertEquals(Found.HTTP_3, read(value, Origin.https("localhost", 443)), value);
        assertEquals(port, field.port(), value);
        assertEquals(seconds, field.seconds(), value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "clear | CLEAR", " clear  | CLEAR", "h2=\":443\" | OTHER", "h3=\"other:443\" | OTHER", "h3-29=\":443\" | OTHER", "'' | OTHER",
            "Clear | MALFORMED", "clear, h3=\":1\" | MALFORMED", "h3 | MALFORMED", "h3= | MALFORMED", "h3=443 | MALFORMED", "h3=\"443\" | MALFORMED",
            "h3=\":0\" | MALFORMED", "h3=\":65536\" | MALFORMED", "h3=\":443 | MALFORMED", "h3=\":443\" x | MALFORMED", "h3=\":443\"; | MALFORMED",
            "h3=\":443\"; ma | MALFORMED", "h3=\":443\"; ma=x | MALFORMED", "h3=\":443\"; ma=-1 | MALFORMED", "h3=\":4\\ | MALFORMED", "=\":1\" | MALFORMED"})
    void saysWhatElseAValueIs(String value, Found expected) {
        assertEquals(expected, read(value, Origin.https("localhost", 443)), value);
    }

    @Test
    void anAddressStandsInBrackets() {
        assertEquals(Found.HTTP_3, read("h3=\"[::1]:8443\"", Origin.https("::1", 443)));
        assertEquals(8443, field.port());
        assertEquals(Found.OTHER, read("h3=\"[::2]:8443\"", Origin.https("::1", 443)));
        assertEquals(Found.OTHER, read("h3=\"::1:8443\"", Origin.https("::1", 443)));
    }

    @Test
    void whateverIsCutOrChangedIsReadWithinItsBounds() {
        SplittableRandom random = new SplittableRandom(5);
        String whole = "h2=\"a:1\"; ma=3, h3=\"localhost:443\"; ma=\"77\"; persist=1; x=\"y\\\"z\", clear";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(whole.substring(0, random.nextInt(whole.length() + 1)));
            for (int k = random.nextInt(4); k > 0 && !text.isEmpty(); k--) {
                text.setCharAt(random.nextInt(text.length()), "\"\\;=, :h3\u0000\u00ff".charAt(random.nextInt(11)));
            }
            if (read(text.toString(), Origin.https("localhost", 443)) == Found.HTTP_3) {
                assertEquals(field.port(), Math.clamp(field.port(), 1, 65_535));
            }
        }
    }
}
