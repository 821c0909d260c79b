package dev.coffer.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.http.internal.CheckedHeadContract.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// A head before HPACK sees it refuses what one in text does.
class HeadFieldsTest {
    private static final int BYTES_MAX = 512;

    private final MemorySegment place = Arena.ofAuto().allocate(HeadFields.bytes(BYTES_MAX));
    private final HeadFields head = new HeadFields(place, 0, BYTES_MAX, null);

    @TestFactory
    Stream<DynamicTest> refusesWhatAHeadOfAnyVersionDoes() {
        return CheckedHeadContract.of(this::begun);
    }

    /// Which would make the message malformed (RFC 9113, section 8.2.1), where text says the same with and without.
    @Test
    void blanksAroundAValueAreNotSent() {
        for (String value : List.of(" a b", "a b\t ", " \t a b \t")) {
            assertEquals("a b", sent(value), "value '" + value + "'");
        }
        assertEquals("", sent(" "));
    }

    /// RFC 9113, section 8.2.2: with another value the peer takes the request for malformed. Each way to write a field.
    @Test
    void teSaysTrailersAndNothingElse() {
        for (String value : List.of("trailers", " Trailers ", "", "gzip", "trailers, gzip", "trailer", "trailers;q=1")) {
            Ascii text = Ascii.of(value);
            MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, value.length())).copyFrom(MemorySegment.ofArray(value.getBytes(
                    StandardCharsets.US_ASCII)));
            boolean good = value.strip().equalsIgnoreCase("trailers");
            for (Consumer<CheckedHead> way : List.<Consumer<CheckedHead>>of(to -> to.field(FieldName.TE, text), to -> to.field(Ascii.of("te"), text),
                    to -> to.field(FieldName.TE, bytes, 0, value.length()), to -> to.begin(FieldName.TE).text(text).end())) {
                CheckedHead to = begun(Kind.REQUEST);
                to.request(Method.GET, Ascii.of("a"), Ascii.of("/"));
                if (good) {
                    way.accept(to);
                } else {
                    assertThrows(IllegalArgumentException.class, () -> way.accept(to), value);
                }
            }
        }
        head.drop();
        assertEquals(0, LongStream.of(place.toArray(ValueLayout.JAVA_LONG)).filter(word -> word != 0).count(), "what is left of it");
    }

    /// One Date (RFC 9110, sections 5.3 and 6.6.1): the source's, where it has one.
    @Test
    void aSourceThatSaysTheDateSaysItAlone() {
        DateField clock = new DateField();
        clock.update(784_111_777);
        HeadFields dated = new HeadFields(place, 0, BYTES_MAX, clock);
        for (Consumer<HeadFields> way : List.<Consumer<HeadFields>>of(to -> {}, to -> to.date(FieldName.DATE, 0),
                to -> to.field(Ascii.of("date"), Ascii.of("x")))) {
            dated.beginResponse();
            dated.status(200);
            way.accept(dated);
            dated.finish(false);
            assertEquals(1, count(dated, "date"));
            dated.drop();
        }
    }

    /// RFC 9110, sections 8.6, 10.1.1.
    @Test
    void aRequestWithoutContentSaysSoWhereItsMethodHasSomeAndExpectsNothing() {
        for (Method method : List.of(Method.POST, Method.PUT, Method.PATCH, Method.GET, Method.DELETE)) {
            head.beginRequest(true);
            head.request(method, Ascii.of("a"), Ascii.of("/")).expectContinue();
            head.finishRequest();
            assertEquals(method == Method.GET || method == Method.DELETE ? 0 : 1, count(head, "content-length"));
            assertEquals(0, count(head, "expect"));
            head.drop();
        }
    }

    /// RFC 9110, section 8.6.
    @Test
    void whatNeverHasContentHasNoLength() {
        head.beginResponse();
        head.status(204).content(5);
        head.finish(true);
        assertEquals(0, count(head, "content-length"));
        head.drop();
    }

    private static int count(HeadFields of, String name) {
        int count = 0;
        for (boolean more = of.first(); more; more = of.next()) {
            count += Ascii.of(name).matches(of.memory(), of.nameAt(), of.nameLength()) ? 1 : 0;
        }
        return count;
    }

    /// {@return what a client gets of it}
    private String sent(String value) {
        MemorySegment block = Arena.ofAuto().allocate(BYTES_MAX);
        head.beginTrailers();
        head.field(FieldName.SERVER, Ascii.of(value));
        head.finishTrailers();
        HpackEncoder encoder = new HpackEncoder(Arena.ofAuto().allocate(HpackEncoder.plan(0).totalBytes(), 64), 0, 0);
        encoder.begin(block, 0);
        for (boolean more = head.first(); more; more = head.next()) {
            encoder.field(head.memory(), head.nameAt(), head.nameLength(), head.valueAt(), head.valueLength());
        }
        long end = encoder.end();
        head.drop();
        assertEquals(0, LongStream.of(place.toArray(ValueLayout.JAVA_LONG)).filter(word -> word != 0).count(), "what is left of it");
        HpackDecoder decoder = new HpackDecoder(Arena.ofAuto().allocate(HpackDecoder.plan(0).totalBytes(), 64), 0, 0);
        MemorySegment fields = Arena.ofAuto().allocate(BYTES_MAX);
        decoder.begin(fields, 0, BYTES_MAX);
        assertEquals(HpackDecoder.FIELD, decoder.decode(block, 0, (int) end));
        return new String(fields.asSlice(decoder.valueAt(), decoder.valueLength()).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private CheckedHead begun(Kind kind) {
        head.drop();
        switch (kind) {
            case RESPONSE -> head.beginResponse();
            case REQUEST -> head.beginRequest(true);
            case TRAILERS -> head.beginTrailers();
        }
        return head;
    }
}
