package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.CONTROL;
import static dev.coffer.http.http3.Http3Peer.ENCODER;
import static dev.coffer.http.http3.Http3Peer.data;
import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static dev.coffer.http.http3.Http3Peer.request;
import static dev.coffer.http.http3.Http3Peer.section;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Streams whose sections are read no more (RFC 9204, section 4.4.2): more of them in one turn than the decoder has places for, and a peer that never reads of them.
class Http3CancellationsTest {
    private static final int MANY = 8 + 32;     // more than all places
    private static final long CANCELLED = 0x10c;
    private static final List<String> ANSWER = List.of("HEADERS :status=200, content-type=text/plain, content-length=5", "DATA 5", "end");

    /// Four streams at a time, of which one waits.
    @Test
    void aBurstOfRequestsThatAreRejectedIsNoFault() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 4, 4096, 4096);
        peer.hello();
        peer.send(0, request("POST", "/wait"));
        for (int i = 1; i <= MANY; i++) {
            peer.wire.send(4L * i, request("GET", "/wait"), true);
        }
        peer.run();
        assertEquals("-", peer.closed());
        assertEquals("[RESET H3_REQUEST_REJECTED, STOP H3_REQUEST_REJECTED]", peer.said(4L * MANY).toString());
    }

    @Test
    void aBurstOfUploadsThatAreTakenBackIsNoFault() {
        Http3Peer peer = new Http3Peer();
        peer.hello();
        for (int i = 0; i <= MANY; i++) {
            peer.send(4L * i, request("POST", "/wait"));
        }
        for (int i = 1; i <= MANY; i++) {
            peer.wire.resetByPeer(4L * i, CANCELLED);
        }
        peer.run();
        assertEquals("-", peer.closed());
    }

    @Test
    void aBurstOfUploadsThatAreAnsweredBeforeTheirEndIsNoFault() {
        Http3Peer peer = new Http3Peer();
        peer.hello();
        for (int i = 0; i < MANY; i++) {
            peer.wire.send(4L * i, request("POST", "/"), false);
        }
        peer.run();
        assertEquals("-", peer.closed());
        for (int i = 0; i < MANY; i++) {
            assertEquals(ANSWER, peer.said(4L * i).subList(0, ANSWER.size()));
        }
    }

    /// A client whose server goes away has an answer that was on its way.
    @Test
    void aServerThatTakesNoneOfManyIsHeardToTheEndOfTheRest() {
        Http3Caller caller = new Http3Caller();
        caller.hello();
        for (int i = 0; i < MANY; i++) {
            caller.get("/" + i);
        }
        caller.says(0, false, frame(Frame.HEADERS, section(":status", "200")), data(10));
        caller.says(CONTROL + 1, false, frame(Frame.GOAWAY, numbers(4)));
        assertEquals("-", caller.closed());
        caller.says(0, true, data(10));
        assertEquals("H3_NO_ERROR", caller.closed());
        assertTrue(caller.events.toString().contains("END 1"), caller.events::toString);
    }

    /// A client that lets us open no decoder stream never hears of any: its connection fails when there is no place left, and no stream is given back twice.
    @Test
    void whoNeverReadsOfThemIsToldSoOnce() {
        Http3Peer peer = new Http3Peer();
        peer.wire.unidirectionalMax = 1;
        peer.hello();
        for (int i = 0; i < 32; i++) {
            peer.send(4L * i, request("POST", "/wait")).reset(4L * i, CANCELLED);
        }
        assertEquals("-", peer.closed());
        peer.send(400, request("POST", "/"));  // it is answered, and what is to come of it not read
        assertEquals("H3_EXCESSIVE_LOAD", peer.closed());
        peer.checkNothingHeld();
    }

    /// Sixteen sections have all the places, and end while another waits for one: it goes on, by whatever they ended.
    @Test
    void aSectionThatWaitsForAPlaceHasItWhenOneEnds() {
        for (boolean whole : new boolean[] {true, false}) {
            Http3Peer peer = new Http3Peer();
            peer.hello();
            peer.encoder.settings(4096, 100);
            byte[] first = peer.remembered(400, "/", "x-a", "b".repeat(30));
            peer.send(ENCODER, numbers(Frame.ENCODER), peer.instructions());
            peer.end(400, first);
            byte[] refers = peer.remembered(404, "/", "x-a", "b".repeat(30));
            peer.send(ENCODER, peer.instructions());
            peer.end(404, refers);
            for (int i = 0; i < 16; i++) {
                peer.send(4L * i, Arrays.copyOf(refers, refers.length - 1));
            }
            peer.end(64, refers);
            assertFalse(peer.said(64).contains("end"), "no place");
            if (whole) {
                peer.end(0, Arrays.copyOfRange(refers, refers.length - 1, refers.length));
            } else {
                peer.reset(0, CANCELLED);
            }
            assertEquals(ANSWER, peer.said(64), whole ? "one came whole" : "one was taken back");
        }
    }
}
