package dev.coffer.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    /// RFC 9110, section 15; RFC 8297, 8470 and 6585.
    private static final String PHRASES = """
            100 Continue
            101 Switching Protocols
            103 Early Hints
            200 OK
            201 Created
            202 Accepted
            204 No Content
            205 Reset Content
            206 Partial Content
            301 Moved Permanently
            302 Found
            303 See Other
            304 Not Modified
            307 Temporary Redirect
            308 Permanent Redirect
            400 Bad Request
            401 Unauthorized
            403 Forbidden
            404 Not Found
            405 Method Not Allowed
            406 Not Acceptable
            408 Request Timeout
            409 Conflict
            410 Gone
            411 Length Required
            412 Precondition Failed
            413 Content Too Large
            414 URI Too Long
            415 Unsupported Media Type
            416 Range Not Satisfiable
            417 Expectation Failed
            421 Misdirected Request
            422 Unprocessable Content
            425 Too Early
            426 Upgrade Required
            429 Too Many Requests
            431 Request Header Fields Too Large
            500 Internal Server Error
            501 Not Implemented
            502 Bad Gateway
            503 Service Unavailable
            504 Gateway Timeout
            505 HTTP Version Not Supported
            """;

    private static MemorySegment memory(String text) {
        return Arena.ofAuto().allocate(Math.max(1, text.length()))
                .copyFrom(MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void everyListedNameIsFoundAndItsNeighboursAreNot() {
        for (FieldName name : FieldName.values()) {
            assertSame(name, FieldName.of(name.ordinal()));
            String lower = name.lower().toString();
            if (name != FieldName.OTHER) {
                assertSame(name, FieldName.of(memory(lower), 0, lower.length()));
                assertSame(FieldName.OTHER, FieldName.of(memory(lower + "x"), 0, lower.length() + 1));
                String other = lower.substring(0, lower.length() - 1) + "_";
                assertSame(FieldName.OTHER, FieldName.of(memory(other), 0, other.length()));
                assertTrue(name.canonical().matchesAnyCase(memory(lower), 0, lower.length()));
            }
        }
        assertSame(FieldName.OTHER, FieldName.of(memory("x"), 0, 1));
    }

    @Test
    void methodsAreCaseSensitive() {
        for (Method method : Method.values()) {
            String token = method.name();
            assertSame(method, Method.of(memory(token), 0, token.length()));
            assertSame(Method.OTHER, Method.of(memory(token.toLowerCase()), 0, token.length()));
            assertTrue(!method.isSafe() || method.isIdempotent(), "safe means idempotent: " + method);
        }
    }

    @Test
    void phrasesAreThoseOfTheRegistry() {
        StringBuilder all = new StringBuilder();
        for (int status = 100; status < 1000; status++) {
            all.append(Status.phrase(status).length() == 0 ? "" : status + " " + Status.phrase(status) + "\n");
        }
        assertEquals(PHRASES, all.toString());
        assertTrue(Status.isBodiless(101) && Status.isBodiless(204) && Status.isBodiless(304));
        assertFalse(Status.isBodiless(200) || Status.isBodiless(205));
    }

    @Test
    void textOfEveryLengthIsWrittenWholeAndNothingBesideIt() {
        MemorySegment target = Arena.ofAuto().allocate(80);
        for (int length = 0; length <= 40; length++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++) {
                text.append((char) ('!' + i));
            }
            Ascii ascii = Ascii.of(text.toString());
            for (int at = 8; at < 16; at++) {
                target.fill((byte) 0x80);
                ascii.write(target, at);
                for (int i = 0; i < target.byteSize(); i++) {
                    byte expected = i >= at && i < at + length ? (byte) text.charAt(i - at) : (byte) 0x80;
                    assertEquals(expected, target.get(ValueLayout.JAVA_BYTE, i), length + " bytes at " + at + ", octet " + i);
                }
            }
        }
    }

    @Test
    void textIsWrittenUpToTheLastByteOfASegmentAndNotPastIt() {
        for (int length = 1; length <= 17; length++) {
            Ascii ascii = Ascii.of("x".repeat(length));
            MemorySegment segment = Arena.ofAuto().allocate(length);
            ascii.write(segment, 0);
            assertTrue(ascii.matches(segment, 0, length), length + " bytes");
            assertThrows(IndexOutOfBoundsException.class, () -> ascii.write(segment, 1), length + " bytes");
        }
    }

    @Test
    void textIsComparedAndCopied() {
        Ascii text = Ascii.of("Keep-Alive");
        MemorySegment same = memory("xkeep-ALIVEy");
        assertTrue(text.matchesAnyCase(same, 1, 10));
        assertFalse(text.matches(same, 1, 10));
        assertFalse(text.matchesAnyCase(same, 1, 11));
        assertFalse(text.matchesAnyCase(same, 0, 10));
        text.write(same, 1);
        assertTrue(text.matches(same, 1, 10) && text.prefixes(same, 1, 11));
        assertFalse(text.prefixes(same, 1, 9));
        assertEquals(text, Ascii.of("Keep-Alive"));
        assertEquals(text.hashCode(), Ascii.of("Keep-Alive").hashCode());
        assertFalse(Ascii.of("@").matchesAnyCase(memory("`"), 0, 1), "only letters have cases");
        assertThrows(IllegalArgumentException.class, () -> Ascii.of("\u00e9"));
    }

    @Test
    void datesAreThoseOfTheJdkOverTenThousandYears() {
        MemorySegment at = memory(" ".repeat(HttpDate.BYTES));
        var form = java.time.format.DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", java.util.Locale.US)
                .withZone(java.time.ZoneOffset.UTC);
        long first = java.time.Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
        long last = java.time.Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
        int count = 0;
        for (long t = first; t <= last; t += 86_400 * 29 + 12_345, count++) {
            HttpDate.write(at, 0, t);
            byte[] bytes = at.toArray(ValueLayout.JAVA_BYTE);
            assertEquals(form.format(java.time.Instant.ofEpochSecond(t)), new String(bytes, StandardCharsets.US_ASCII));
            assertEquals(t, HttpDate.parse(at, 0, HttpDate.BYTES, 2026));
        }
        assertTrue(count > 120_000);
        HttpDate.write(at, 0, last);
        assertThrows(IllegalArgumentException.class, () -> HttpDate.write(at, 0, last + 1));
        assertThrows(IllegalArgumentException.class, () -> HttpDate.write(at, 0, first - 1));
    }

    private static long parse(String text) {
        return HttpDate.parse(memory(text), 0, text.length(), 2026);
    }

    @Test
    void datesOfAllThreeFormsAreReadAndOthersAreNot() {
        long expected = 784_111_777;
        assertEquals(expected, parse("Sun, 06 Nov 1994 08:49:37 GMT"));
        assertEquals(expected, parse("Sunday, 06-Nov-94 08:49:37 GMT"));
        assertEquals(expected, parse("Sun Nov  6 08:49:37 1994"));
        assertEquals(expected + 10 * 86_400, parse("Wed Nov 16 08:49:37 1994"));
        assertEquals(parse("Wed, 01 Jan 2076 00:00:00 GMT"), parse("Wednesday, 01-Jan-76 00:00:00 GMT"));
        assertEquals(parse("Sat, 01 Jan 1977 00:00:00 GMT"), parse("Saturday, 01-Jan-77 00:00:00 GMT"));
        assertEquals(parse("Thu, 29 Feb 2024 00:00:00 GMT"), parse("Wed, 28 Feb 2024 00:00:00 GMT") + 86_400);
        for (String bad : new String[] {"", "Sun", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
                "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
                "Sun, 29 Feb 2023 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT", "Sun, 06 Nov 19a4 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT ", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994 "}) {
            assertEquals(HttpDate.NONE, parse(bad), bad);
        }
    }

    /// Any one octet of a date replaced by any other: refused, unless it is a date still by the grammar of RFC 9110,
    /// section 5.6.7, whose names of days need not be the day's.
    @Test
    void aDateWithOneOctetWrongIsNone() {
        String[] dates = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Wednesday, 16-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994", "Wed Nov 16 08:49:37 1994"};
        String time = "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)";
        String day = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
        String month = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
        String date = "(0[1-9]|[12][0-9]|30)";  // November's
        var form = java.util.regex.Pattern.compile(day + ", " + date + " " + month + " ([1-9][0-9]{3}|0[0-9]*[1-9][0-9]*) "
                + time + " GMT|" + day + ".*day, " + date + "-" + month + "-[0-9]{2} " + time + " GMT|" + day + " " + month
                + " ( [1-9]|" + date + ") " + time + " [0-9]{4}");
        int refused = 0;
        for (String right : dates) {
            for (int i = 0; i < right.length(); i++) {
                for (char c = ' '; c <= '~'; c++) {
                    String text = right.substring(0, i) + c + right.substring(i + 1);
                    if (!form.matcher(text).matches()) {
                        assertEquals(HttpDate.NONE, parse(text), text);
                        refused++;
                    }
                }
            }
        }
        assertTrue(refused > 9_000, "refused " + refused);
    }

    /// Fields made of text, for the methods that every table shares.
    private record Lines(MemorySegment segment, String[] names, int[] at, int[] lengths) implements Fields {
        static Lines of(String... namesAndValues) {
            StringBuilder all = new StringBuilder();
            String[] names = new String[namesAndValues.length / 2];
            int[] at = new int[names.length];
            int[] lengths = new int[names.length];
            for (int i = 0; i < names.length; i++) {
                names[i] = namesAndValues[2 * i];
                all.append(names[i]);
                at[i] = all.length();
                lengths[i] = namesAndValues[2 * i + 1].length();
                all.append(namesAndValues[2 * i + 1]);
            }
            return new Lines(memory(all.toString()), names, at, lengths);
        }

        @Override
        public int count() {
            return names.length;
        }

        @Override
        public FieldName name(int index) {
            return FieldName.of(segment, nameAt(index), nameLength(index));
        }

        @Override
        public long nameAt(int index) {
            return at[index] - names[index].length();
        }

        @Override
        public int nameLength(int index) {
            return names[index].length();
        }

        @Override
        public long valueAt(int index) {
            return at[index];
        }

        @Override
        public int valueLength(int index) {
            return lengths[index];
        }
    }

    @Test
    void listsAreSearchedOverAllLines() {
        Fields fields = Lines.of("connection", "a, B ,\t c\t", "x-own", "d", "connection", "e,,f", "te", "");
        for (String member : new String[] {"a", "b", "C", "e", "F"}) {
            assertTrue(fields.lists(FieldName.CONNECTION, Ascii.of(member)), member);
        }
        for (String other : new String[] {"d", "a, B", "ef", "g"}) {
            assertFalse(fields.lists(FieldName.CONNECTION, Ascii.of(other)), other);
        }
        assertFalse(fields.lists(FieldName.TE, Ascii.of("a")));
        assertEquals(1, fields.find(Ascii.of("x-own")));
        assertEquals(2, fields.find(FieldName.CONNECTION, 1));
        assertEquals(-1, fields.find(FieldName.HOST));
        assertEquals(-1, fields.find(Ascii.of("x-ow")));
        assertTrue(fields.valueIs(1, Ascii.of("d")));
    }

    @Test
    void readingAndWritingTakeNoHeapBytes() {
        MemorySegment at = Arena.ofAuto().allocate(64);
        Ascii close = Ascii.of("close");
        DateField date = new DateField();
        Fields fields = Lines.of("connection", "a, close", "etag", "\"1\"");
        long[] clock = {0};
        long bytes = HeapBytes.least(3, 3, () -> {
            for (int i = 0; i < 20_000; i++) {
                HttpDate.write(at, 0, ++clock[0]);
                date.update(clock[0]);
                date.write(at, 0);
                if (HttpDate.parse(at, 0, HttpDate.BYTES, 2026) != clock[0] || !fields.lists(FieldName.CONNECTION, close)
                        || fields.find(FieldName.ETAG) != 1) {
                    throw new AssertionError();
                }
            }
        });
        assertEquals(0, bytes);
    }

    /// RFC 9110, sections 9.2.1 and 9.2.2; PATCH: RFC 5789.
    @Test
    void methodsAreSafeAndIdempotentAsTheStandardSays() {
        java.util.Set<Method> safe = java.util.EnumSet.of(Method.GET, Method.HEAD, Method.OPTIONS, Method.TRACE);
        java.util.Set<Method> twice = java.util.EnumSet.of(Method.PUT, Method.DELETE);
        for (Method method : Method.values()) {
            assertEquals(safe.contains(method), method.isSafe(), method.name());
            assertEquals(safe.contains(method) || twice.contains(method), method.isIdempotent(), method.name());
        }
    }
}
