package dev.coffer.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// What a head refuses is the same in every version: a message is written once and sent in any of them.
///
/// Handed out as tests to the class of each version, and not inherited by it: on the module path a launcher may call what lies in that class'
/// own package alone.
public final class CheckedHeadContract {
    /// What is begun.
    public enum Kind { RESPONSE, REQUEST, TRAILERS }

    private static final Ascii HOST = Ascii.of("a");
    private static final MemorySegment PATH = MemorySegment.ofArray("/".getBytes(StandardCharsets.US_ASCII));
    private static final List<FieldName> OURS = List.of(FieldName.CONTENT_LENGTH, FieldName.TRANSFER_ENCODING, FieldName.CONNECTION,
            FieldName.KEEP_ALIVE, FieldName.PROXY_CONNECTION, FieldName.HOST, FieldName.EXPECT, FieldName.UPGRADE);

    private final Function<Kind, CheckedHead> begun;

    private CheckedHeadContract(Function<Kind, CheckedHead> begun) {
        this.begun = begun;
    }

    /// {@return the contract of one version}
    ///
    /// @param begun  a head that has just begun, on memory that is there for the test; the one before is forgotten
    public static Stream<DynamicTest> of(Function<Kind, CheckedHead> begun) {
        CheckedHeadContract contract = new CheckedHeadContract(begun);
        return Stream.of(dynamicTest("refuses what is out of order", contract::refusesWhatIsOutOfOrder),
                dynamicTest("only a request expects something", contract::onlyARequestExpectsSomething),
                dynamicTest("who has no content expects nothing", contract::whoHasNoContentExpectsNothing),
                dynamicTest("what only a head can say is no trailer", contract::whatOnlyAHeadCanSayIsNoTrailer),
                dynamicTest("205 and TRACE have no content", contract::someHaveNoContent),
                dynamicTest("a tunnel is a start whose end its source says", contract::aTunnelIsAStartWhoseEndItsSourceSays),
                dynamicTest("says what to upgrade to where there is Upgrade, and only in 426", contract::saysWhatToUpgradeToIn426Alone),
                dynamicTest("framing is the engine's by each name", contract::framingIsTheEnginesByEachName),
                dynamicTest("refuses a name that is no token in lower case", contract::refusesANameThatIsNoTokenInLowerCase),
                dynamicTest("refuses numbers below zero and statuses that are not an answer's", contract::refusesNumbersAndStatuses));
    }

    private CheckedHead response() {
        return begun.apply(Kind.RESPONSE);
    }

    private CheckedHead request() {
        return begun.apply(Kind.REQUEST);
    }

    private static void refusesAll(CheckedHead head, List<Consumer<CheckedHead>> wrong) {
        for (int i = 0; i < wrong.size(); i++) {
            Consumer<CheckedHead> call = wrong.get(i);
            assertThrows(IllegalStateException.class, () -> call.accept(head), "call " + i);
        }
    }

    private void refusesWhatIsOutOfOrder() {
        List<Consumer<CheckedHead>> fields = List.of(h -> h.begin(FieldName.ETAG), h -> h.field(Ascii.of("x"), HOST),
                h -> h.field(FieldName.ETAG, HOST), h -> h.field(FieldName.ETAG, PATH, 0, 1), h -> h.content(0),
                HeadWriter::contentOfUnknownLength, HeadWriter::expectContinue, HeadWriter::close);
        List<Consumer<CheckedHead>> parts = List.of(h -> h.text(HOST), h -> h.text(PATH, 0, 1), h -> h.decimal(0),
                h -> h.hex(0), HeadWriter::end);
        List<Consumer<CheckedHead>> starts = List.of(h -> h.status(200), h -> h.request(Method.GET, HOST, Ascii.of("/")),
                h -> h.request(Method.GET, HOST, PATH, 0, 1), h -> h.tunnel(HOST));
        for (boolean answers : new boolean[] {true, false}) {
            CheckedHead head = answers ? response() : request();
            List<Consumer<CheckedHead>> wrong = new ArrayList<>(fields);
            wrong.addAll(parts);
            wrong.addAll(answers ? starts.subList(1, 3) : List.of(starts.get(0), starts.get(3)));
            refusesAll(head, wrong);
            starts.get(answers ? 0 : 1).accept(head);
            refusesAll(head, starts);
            refusesAll(head, parts);
            head.begin(FieldName.ETAG);
            refusesAll(head, fields);
            refusesAll(head, List.of(CheckedHead::requireStarted));
            head.end();
            head.requireStarted();
        }
    }

    /// Who answers would wait for a 100 that nobody sends (RFC 9110, section 10.1.1).
    private void onlyARequestExpectsSomething() {
        CheckedHead head = response();
        head.status(200);
        assertThrows(IllegalStateException.class, head::expectContinue);
        assertFalse(head.expects());
        CheckedHead trailers = begun.apply(Kind.TRAILERS);
        assertThrows(IllegalStateException.class, trailers::expectContinue);
        CheckedHead asking = request();
        asking.request(Method.POST, HOST, Ascii.of("/")).content(5).expectContinue();
        assertTrue(asking.expects());
    }

    /// RFC 9110, section 10.1.1.
    private void whoHasNoContentExpectsNothing() {
        for (List<Consumer<CheckedHead>> said : List.<List<Consumer<CheckedHead>>>of(List.of(HeadWriter::expectContinue),
                List.of(HeadWriter::expectContinue, h -> h.content(0)), List.of(h -> h.content(0), HeadWriter::expectContinue))) {
            CheckedHead head = request();
            head.request(Method.POST, HOST, Ascii.of("/"));
            said.forEach(part -> part.accept(head));
            assertFalse(head.expects());
        }
        CheckedHead head = request();
        head.request(Method.POST, HOST, Ascii.of("/")).expectContinue().contentOfUnknownLength();
        assertTrue(head.expects());
    }

    /// RFC 9110, section 6.5.1: what our own receivers would refuse.
    private void whatOnlyAHeadCanSayIsNoTrailer() {
        for (FieldName name : List.of(FieldName.CONTENT_TYPE, FieldName.CONTENT_RANGE, FieldName.AUTHORIZATION, FieldName.SET_COOKIE, FieldName.TE,
                FieldName.CACHE_CONTROL, FieldName.IF_MATCH, FieldName.TRAILER)) {
            CheckedHead head = begun.apply(Kind.TRAILERS);
            long before = head.to;
            for (Consumer<CheckedHead> way : List.<Consumer<CheckedHead>>of(h -> h.begin(name), h -> h.field(name, 1), h -> h.field(name, HOST),
                    h -> h.field(name, PATH, 0, 1), h -> h.date(name, 0), h -> h.field(name.lower(), HOST))) {
                assertThrows(IllegalArgumentException.class, () -> way.accept(head), name.toString());
            }
            assertEquals(before, head.to, "nothing of " + name + " is left");
            head.field(FieldName.ETAG, HOST).field(Ascii.of("x"), HOST);
        }
        CheckedHead interim = begun.apply(Kind.TRAILERS);
        interim.anyStatus(103);
        interim.field(FieldName.CACHE_CONTROL, HOST);
    }

    /// RFC 9110, sections 15.3.6 and 9.3.8.
    private void someHaveNoContent() {
        for (Consumer<CheckedHead> said : List.<Consumer<CheckedHead>>of(h -> h.content(5), HeadWriter::contentOfUnknownLength)) {
            CheckedHead head = response();
            said.accept((CheckedHead) head.status(205));
            assertEquals(CheckedHead.NO_CONTENT, head.content());
            CheckedHead asking = request();
            asking.request(Method.TRACE, HOST, Ascii.of("/"));
            assertThrows(IllegalArgumentException.class, () -> said.accept(asking));
            asking.content(0);
        }
    }

    private void aTunnelIsAStartWhoseEndItsSourceSays() {
        CheckedHead head = response();
        assertThrows(IllegalArgumentException.class, () -> head.tunnel(Ascii.of("")));
        head.tunnel(HOST);
        assertEquals(HOST, head.tunnel());
        assertEquals(head.tunnelStatus(), head.status());
        assertThrows(IllegalStateException.class, () -> head.content(3), "RFC 9110, section 8.6: no length with 101");
        assertEquals(CheckedHead.UNKNOWN, head.content());
        head.requireStarted();
        assertNull(response().tunnel(), "the next head is none");
    }

    private void saysWhatToUpgradeToIn426Alone() {
        CheckedHead head = response();
        head.status(426);
        if (head.tunnelStatus() == 101) {
            head.field(FieldName.UPGRADE, HOST);
        } else {
            assertThrows(IllegalArgumentException.class, () -> head.field(FieldName.UPGRADE, HOST));
        }
        assertThrows(IllegalArgumentException.class, () -> head.field(FieldName.CONNECTION, HOST));
    }

    private void framingIsTheEnginesByEachName() {
        for (FieldName name : OURS) {
            CheckedHead head = response();
            head.status(200);
            long before = head.to;
            List<Consumer<CheckedHead>> ways = List.of(h -> h.begin(name), h -> h.field(name, 1), h -> h.field(name, HOST),
                    h -> h.field(name, PATH, 0, 1), h -> h.date(name, 0), h -> h.field(name.lower(), HOST));
            for (int i = 0; i < ways.size(); i++) {
                Consumer<CheckedHead> way = ways.get(i);
                assertThrows(IllegalArgumentException.class, () -> way.accept(head), name + ", way " + i);
            }
            assertEquals(before, head.to, "nothing of " + name + " is left");
        }
    }

    private void refusesANameThatIsNoTokenInLowerCase() {
        for (String name : List.of("", "Etag", "a b", "a:")) {
            CheckedHead head = response();
            head.status(200);
            assertThrows(IllegalArgumentException.class, () -> head.field(Ascii.of(name), HOST), "name '" + name + "'");
        }
    }

    private void refusesNumbersAndStatuses() {
        CheckedHead head = response();
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
