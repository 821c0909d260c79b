package dev.coffer.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a head refuses is the same in every version: a message is written once and sent in any of them.
public abstract class CheckedHeadContract {
    private static final Ascii HOST = Ascii.of("a");
    private static final MemorySegment PATH = MemorySegment.ofArray("/".getBytes(StandardCharsets.US_ASCII));

    /// {@return a head that has just begun, on memory that is there for the test}
    protected abstract CheckedHead begun(boolean response);

    private static void refusesAll(CheckedHead head, List<Consumer<CheckedHead>> wrong) {
        for (int i = 0; i < wrong.size(); i++) {
            Consumer<CheckedHead> call = wrong.get(i);
            assertThrows(IllegalStateException.class, () -> call.accept(head), "call " + i);
        }
    }

    @Test
    void refusesWhatIsOutOfOrder() {
        List<Consumer<CheckedHead>> fields = List.of(h -> h.begin(FieldName.ETAG), h -> h.field(Ascii.of("x"), HOST),
                h -> h.field(FieldName.ETAG, HOST), h -> h.field(FieldName.ETAG, PATH, 0, 1), h -> h.content(0),
                HeadWriter::contentOfUnknownLength, HeadWriter::expectContinue, HeadWriter::close);
        List<Consumer<CheckedHead>> parts = List.of(h -> h.text(HOST), h -> h.text(PATH, 0, 1), h -> h.decimal(0),
                h -> h.hex(0), HeadWriter::end);
        List<Consumer<CheckedHead>> starts = List.of(h -> h.status(200), h -> h.request(Method.GET, HOST, Ascii.of("/")),
                h -> h.request(Method.GET, HOST, PATH, 0, 1), h -> h.tunnel(HOST));
        for (boolean response : new boolean[] {true, false}) {
            CheckedHead head = begun(response);
            List<Consumer<CheckedHead>> wrong = new ArrayList<>(fields);
            wrong.addAll(parts);
            wrong.addAll(response ? starts.subList(1, 3) : List.of(starts.get(0), starts.get(3)));
            refusesAll(head, wrong);
            starts.get(response ? 0 : 1).accept(head);
            refusesAll(head, starts);
            refusesAll(head, parts);
            head.begin(FieldName.ETAG);
            refusesAll(head, fields);
            refusesAll(head, List.of(CheckedHead::requireStarted));
            head.end();
            head.requireStarted();
        }
    }

    @Test
    void aResponseExpectsNothingAndARequestMay() {
        CheckedHead response = begun(true);
        response.status(200);
        assertThrows(IllegalStateException.class, response::expectContinue);
        assertEquals(false, response.expects());
        CheckedHead request = begun(false);
        request.request(Method.POST, HOST, Ascii.of("/")).expectContinue();
        assertEquals(true, request.expects());
    }

    @Test
    void aTunnelIsAStartWhoseEndItsSourceSays() {
        CheckedHead head = begun(true);
        assertThrows(IllegalArgumentException.class, () -> head.tunnel(Ascii.of("")));
        head.tunnel(HOST);
        assertEquals(HOST, head.tunnel());
        assertEquals(head.tunnelStatus(), head.status());
        assertEquals(CheckedHead.UNKNOWN, head.content());
        head.requireStarted();
        assertEquals(null, begun(true).tunnel(), "the next head is none");
    }

    @Test
    void saysWhatToUpgradeToWhereThereIsUpgradeAndOnlyIn426() {
        CheckedHead head = begun(true);
        head.status(426);
        if (head.tunnelStatus() == 101) {
            head.field(FieldName.UPGRADE, HOST);
        } else {
            assertThrows(IllegalArgumentException.class, () -> head.field(FieldName.UPGRADE, HOST));
        }
        assertThrows(IllegalArgumentException.class, () -> head.field(FieldName.CONNECTION, HOST));
    }

    @ParameterizedTest
    @EnumSource(value = FieldName.class, names = {"CONTENT_LENGTH", "TRANSFER_ENCODING", "CONNECTION", "KEEP_ALIVE", "PROXY_CONNECTION",
            "HOST", "EXPECT", "UPGRADE"})
    void framingIsTheEnginesByEachName(FieldName name) {
        CheckedHead head = begun(true);
        head.status(200);
        long before = head.to;
        assertThrows(IllegalArgumentException.class, () -> head.begin(name));
        assertThrows(IllegalArgumentException.class, () -> head.field(name, 1));
        assertThrows(IllegalArgumentException.class, () -> head.field(name, HOST));
        assertThrows(IllegalArgumentException.class, () -> head.field(name, PATH, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> head.date(name, 0));
        assertThrows(IllegalArgumentException.class, () -> head.field(name.lower(), HOST));
        assertEquals(before, head.to, "nothing of them is left");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Etag", "a b", "a:"})
    void refusesANameThatIsNoTokenInLowerCase(String name) {
        CheckedHead head = begun(true);
        head.status(200);
        assertThrows(IllegalArgumentException.class, () -> head.field(Ascii.of(name), HOST));
    }

    @Test
    void refusesNumbersBelowZeroAndStatusesThatAreNotAnAnswers() {
        CheckedHead head = begun(true);
        assertThrows(IllegalArgumentException.class, () -> head.status(199));
        assertThrows(IllegalArgumentException.class, () -> head.status(1000));
        head.status(999);
        assertEquals(999, head.status());
        assertThrows(IllegalArgumentException.class, () -> head.content(-1));
        head.begin(FieldName.AGE);
        assertThrows(IllegalArgumentException.class, () -> head.decimal(-1));
        head.decimal(0).end();
    }
}
