package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.CheckedHeadContract;
import dev.coffer.http.internal.CheckedHeadContract.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The writer alone: each way to give a value, each refusal, and the last byte of room.
class HeadTextTest {
    private static final Ascii HOST = Ascii.of("a");
    private static final int AT = 3;  // neither the output nor a value begins where its segment does

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment output = arena.allocate(512);
    private final HeadText head = new HeadText();

    @AfterEach
    void close() {
        arena.close();
    }

    @TestFactory
    Stream<DynamicTest> refusesWhatAHeadOfAnyVersionDoes() {
        return CheckedHeadContract.of(this::begun);
    }

    private CheckedHead begun(Kind kind) {
        switch (kind) {
            case RESPONSE -> head.begin(output, AT, 500, true);
            case REQUEST -> head.begin(output, AT, 500, false);
            case TRAILERS -> head.beginTrailers(output, AT, 500);
        }
        return head;
    }

    private String written(boolean response, Consumer<HeadWriter> writes) {
        head.begin(output, AT, 500, response);
        writes.accept(head);
        return Lab.text(output, AT, head.finish());
    }

    /// `text` in memory with a control before and behind it.
    private MemorySegment between(String text) {
        MemorySegment memory = arena.allocate(text.length() + 2);
        memory.fill((byte) '\n');
        MemorySegment.copy(text.getBytes(StandardCharsets.ISO_8859_1), 0, memory, ValueLayout.JAVA_BYTE, 1, text.length());
        return memory;
    }

    @Test
    void aTargetFromMemoryIsWrittenAsOneInText() {
        for (String target : List.of("/", "/a?b", "/%20~|")) {
            String expected = "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
            assertEquals(expected, written(false, h -> h.request(Method.GET, HOST, Ascii.of(target))));
            assertEquals(expected, written(false,
                    h -> assertSame(h, h.request(Method.GET, HOST, between(target), 1, target.length()))));
        }
    }

    @Test
    void theAsteriskIsForOptionsAlone() {
        String expected = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n";
        assertEquals(expected, written(false, h -> h.request(Method.OPTIONS, HOST, Ascii.of("*"))));
        assertEquals(expected, written(false, h -> h.request(Method.OPTIONS, HOST, between("*"), 1, 1)));
        refusesTarget(Method.GET, "*");
        refusesTarget(Method.OPTIONS, "*a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/ ", "/#", "/a\r", "/\u00e9", "/\u007f", " /"})
    void refusesATargetThatCouldEndTheLine(String target) {
        refusesTarget(Method.GET, target);
    }

    private void refusesTarget(Method method, String target) {
        head.begin(output, AT, 500, false);
        if (target.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            assertThrows(IllegalArgumentException.class, () -> head.request(method, HOST, Ascii.of(target)));
        }
        assertThrows(IllegalArgumentException.class, () -> head.request(method, HOST, between(target), 1, target.length()));
    }

    @Test
    void aValueFromMemoryIsJudgedByItsOwnBytesAlone() {
        assertEquals("HTTP/1.1 200 OK\r\nETag: a\t\u00ff\r\n\r\n",
                written(true, h -> h.status(200).field(FieldName.ETAG, between("a\t\u00ff"), 1, 3)));
        assertEquals("HTTP/1.1 200 OK\r\nETag: \r\n\r\n", written(true, h -> h.status(200).field(FieldName.ETAG, between(""), 1, 0)));
        for (String bad : List.of("\nab", "a\rb", "ab\n", "a\0", "\u007f")) {
            head.begin(output, AT, 500, true);
            head.status(200).begin(FieldName.ETAG);
            assertThrows(IllegalArgumentException.class, () -> head.text(between(bad), 1, bad.length()), bad);
        }
    }

    @Test
    void numbersAreWrittenWhole() {
        assertEquals("HTTP/1.1 200 OK\r\nAge: 0\r\nAge: 10\r\nAge: 9223372036854775807\r\nETag: af09\r\n\r\n",
                written(true, h -> h.status(200).field(FieldName.AGE, 0).field(FieldName.AGE, 10)
                        .field(FieldName.AGE, Long.MAX_VALUE).begin(FieldName.ETAG).hex(0xaf09).end()));
    }

    private String message(boolean response, DateField clock, Consumer<HeadWriter> writes) {
        head.begin(output, AT, 500, response);
        writes.accept(head);
        return Lab.text(output, AT, head.finishMessage(clock, response, false, false));
    }

    /// One Date (RFC 9110, sections 5.3 and 6.6.1): the source's, where it has one.
    @Test
    void aSourceThatSaysTheDateSaysItAlone() {
        DateField clock = new DateField();
        clock.update(784_111_777);
        String start = "HTTP/1.1 200 OK\r\n";
        String length = "Content-Length: 0\r\n";
        assertEquals(start + length + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", message(true, clock, h -> h.status(200)));
        String early = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
        assertEquals(start + early + length + "\r\n", message(true, clock, h -> h.status(200).date(FieldName.DATE, 0)));
        assertEquals(start + "date: x\r\n" + length + "\r\n", message(true, clock, h -> h.status(200).field(Ascii.of("date"), Ascii.of("x"))));
    }

    /// RFC 9110, sections 8.6, 10.1.1 and 15.3.6.
    @Test
    void aRequestWithoutContentSaysSoWhereItsMethodHasSomeAndExpectsNothing() {
        for (Method method : List.of(Method.POST, Method.PUT, Method.PATCH, Method.GET, Method.DELETE)) {
            String length = method == Method.GET || method == Method.DELETE ? "" : "Content-Length: 0\r\n";
            assertEquals(method + " / HTTP/1.1\r\nHost: a\r\n" + length + "\r\n",
                    message(false, null, h -> h.request(method, HOST, Ascii.of("/")).expectContinue()));
        }
        assertEquals("HTTP/1.1 204 No Content\r\n\r\n", message(true, null, h -> h.status(204).content(5)), "section 8.6");
        assertEquals("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", message(true, null, h -> h.status(205).contentOfUnknownLength()));
    }

    @Test
    void whatDoesNotFitIsWipedAndWhatDoesIsWhole() {
        Consumer<HeadWriter> writes = h -> h.status(200).field(FieldName.AGE, 1234).field(Ascii.of("x"), Ascii.of("yz"))
                .date(FieldName.LAST_MODIFIED, 784_111_777).field(FieldName.ETAG, between("ab"), 1, 2);
        String whole = written(true, writes);
        for (int room = 0; room <= whole.length(); room++) {
            output.fill((byte) '#');
            output.asSlice(AT, room).fill((byte) 0);
            head.begin(output, AT, room, true);
            writes.accept(head);
            long bytes = head.finish();
            assertEquals(room == whole.length() ? room : -1, bytes, "room " + room);
            String within = bytes < 0 ? "\0".repeat(room) : whole;
            assertEquals("#".repeat(AT) + within + "#".repeat(512 - AT - room), Lab.text(output, 0, output.byteSize()), "room " + room);
        }
    }

    @Test
    void fieldsFromMemoryAndFromTextFollowEachOther() {
        assertEquals("HTTP/1.1 200 OK\r\nETag: \"x\"\r\nServer: s\r\nAge: 5\r\n\r\n", written(true,
                h -> h.status(200).field(FieldName.ETAG, between("\"x\""), 1, 3).field(FieldName.SERVER, Ascii.of("s")).field(FieldName.AGE, 5)));
    }
}
