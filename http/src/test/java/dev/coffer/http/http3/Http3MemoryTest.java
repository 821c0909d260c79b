package dev.coffer.http.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.http.FieldName;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.testkit.ObjectBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What a connection and a stream hold is what their plans say, off the heap and on it.
class Http3MemoryTest {
    @Test
    void heapBytesOfThePlanAreThoseOfTheObjects() {
        for (Http3Config config : new Http3Config[] {Http3Config.tight(), Http3Config.defaults()}) {
            MemorySegment memory = Arena.global().allocate(1 << 20, 64);  // a confined arena would lead to the thread, and from there to everything
            Http3Streams streams = new Http3Streams(config, 4, memory, 0, null);
            Object[] constants = {config, memory, HttpEvent.values(), Method.values(), Refusal.values(), MemorySegment.NULL, Lifecycle.State.values(),
                    Lifecycle.Retreat.values(), Lifecycle.Peer.values(), Stream.Answer.values(), Stream.Part.values(), CheckedHead.At.values(),
                    new SectionDecoder(), new QpackDecoder(memory, 0, 0, 0), Http3Streams.STREAM, FieldName.values()};
            Http3Streams clients = Http3Streams.ofClient(config, 4, memory, 1 << 18);
            assertEquals(config.plan().heapBytes(), ObjectBytes.beside(new Http3Server(config, memory, 1 << 19, streams), streams, constants));
            assertEquals(config.clientPlan().heapBytes(), ObjectBytes.beside(new Http3Client(config, 1, 1, memory, 1 << 19, clients), clients, constants));
            assertEquals(Http3Streams.planOfClient(config, 4).heapBytes(), ObjectBytes.beside(clients, constants));
            assertEquals(Http3Streams.plan(config, 4).heapBytes(), ObjectBytes.beside(streams, constants));
        }
    }

    /// Of the tight profile a connection has nothing but a frame's place off the heap, and a stream its head alone.
    @Test
    void theTightProfileHasNoTables() {
        assertEquals(ControlReader.PRIORITY_BYTES_MAX, Http3Config.tight().plan().totalBytes());
        assertEquals(8 * 576, Http3Streams.plan(Http3Config.tight(), 8).find("http3 stream").totalBytes());
        assertEquals(1024 + 32 * 8, Http3Streams.plan(Http3Config.tight(), 1).find("http3 stream").totalBytes(), "room for one, at least");
    }
}
