package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.join;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// Settings that a client remembers of a server for requests that go with a hello (RFC 9114, section 7.2.4.2; RFC 9204, section 3.2.3).
class Http3EarlySettingsTest {
    private static final long[] BEFORE = {1, 4096, 7, 100, 6, 2000, 8, 1};
    private final MemorySegment terms = Arena.ofAuto().allocate(Http3Config.TERMS_BYTES);

    private Http3EarlySettingsTest remembered() {
        Http3Caller first = new Http3Caller();
        assertFalse(first.engine.isSettled());
        settle(first, BEFORE);
        assertTrue(first.engine.isSettled());
        assertEquals(Http3Config.TERMS_BYTES, first.engine.writeTerms(terms, 0));
        return this;
    }

    private static void settle(Http3Caller caller, long... settings) {
        caller.wire.send(3, join(numbers(Frame.CONTROL), frame(Frame.SETTINGS, numbers(settings))), false);
        caller.run();
    }

    /// {@return how a connection ends whose server says these, having taken what went early or not}
    private String closed(boolean taken, long... settings) {
        Http3Caller caller = new Http3Caller();
        caller.engine.rememberTerms(terms, 0);
        caller.get("/");
        assertEquals(0, caller.engine.encoder.pending(), "no table is used before settings are there");
        if (!taken) {
            caller.engine.forgetTerms();
        }
        settle(caller, settings);
        return caller.closed();
    }

    @Test
    void aServerThatTakesEarlyRequestsSaysAsMuchAsBefore() {
        remembered();
        assertEquals("-", closed(true, BEFORE));
        assertEquals("-", closed(true, 1, 4096, 7, 101, 6, 2001, 8, 1, 0x33, 1), "more");
        assertEquals("H3_SETTINGS_ERROR", closed(true, 1, 4096, 7, 100, 8, 1), "the limit left out, though none is more");
        assertEquals("QPACK_DECODER_STREAM_ERROR", closed(true, 1, 4095, 7, 100, 6, 2000, 8, 1));
        assertEquals("QPACK_DECODER_STREAM_ERROR", closed(true, 1, 4097, 7, 100, 6, 2000, 8, 1), "the table is there already");
        assertEquals("QPACK_DECODER_STREAM_ERROR", closed(true, 7, 100, 6, 2000, 8, 1), "left out");
        assertEquals("H3_SETTINGS_ERROR", closed(true, 1, 4096, 7, 99, 6, 2000, 8, 1));
        assertEquals("H3_SETTINGS_ERROR", closed(true, 1, 4096, 6, 2000, 8, 1));
        assertEquals("H3_SETTINGS_ERROR", closed(true, 1, 4096, 7, 100, 6, 1999, 8, 1));
        assertEquals("H3_SETTINGS_ERROR", closed(true, 1, 4096, 7, 100, 6, 2000, 8, 0));
        assertEquals("H3_SETTINGS_ERROR", closed(true, 1, 4096, 7, 100, 6, 2000));
    }

    @Test
    void aServerThatDoesNotTakeThemIsBoundToNothing() {
        remembered();
        assertEquals("-", closed(false));
        assertEquals("-", closed(false, 1, 100));
    }

    @Test
    void whereThereWasNoTableOneMayCome() {
        Http3Caller first = new Http3Caller();
        settle(first);
        first.engine.writeTerms(terms, 0);
        assertEquals("-", closed(true, BEFORE[0], BEFORE[1], BEFORE[2], BEFORE[3], 8, 1));
        assertEquals("H3_SETTINGS_ERROR", closed(true, 6, 1000), "of no limit");
        assertEquals("-", closed(true));
    }
}
