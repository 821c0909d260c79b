package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;

/// What simulated connections talk about: a client says something on many streams, a server says all of it again.
final class Echo {
    private Echo() {}

    static byte at(long stream, long offset) {
        return (byte) (stream * 17 + offset * 31 + (offset >>> 8) * 7);
    }

    /// Echoes whatever comes on streams of both ways.
    static void echo(QuicConnection server) {
        for (long stream; (stream = server.pollReady()) != StreamTransport.NONE;) {
            if (server.inputReset(stream) != StreamTransport.NONE) {
                server.reset(stream, 7);
                server.release(stream);
                continue;
            }
            for (long bytes; (bytes = Math.min(server.inputLength(stream), server.outputFree(stream))) > 0;) {
                server.write(stream, server.inputSegment(stream), server.inputAt(stream), bytes);
                server.consume(stream, bytes);
            }
            if (server.isInputEnded(stream)) {
                server.finish(stream);
                server.release(stream);
            }
        }
    }

    /// Says so many bytes on each stream and hears them again.
    static final class Speaker {
        private static final class Said {
            long written;
            long heard;
            boolean finished;
        }

        final QuicConnection client;
        final int streams;
        final int bytes;
        final Map<Long, Said> open = new TreeMap<>();
        int opened;
        int done;

        Speaker(QuicConnection client, int streams, int bytes) {
            this.client = client;
            this.streams = streams;
            this.bytes = bytes;
        }

        void go() {
            while (opened < streams) {
                long stream = client.open(true);
                if (stream == StreamTransport.NONE) {
                    break;
                }
                opened++;
                open.put(stream, new Said());
                say(stream);
            }
            for (long stream; (stream = client.pollReady()) != StreamTransport.NONE;) {
                hear(stream);
            }
        }

        private void say(long stream) {
            Said said = open.get(stream);
            for (long room; said.written < bytes && (room = Math.min(client.outputRoom(stream), bytes - said.written)) > 0;) {
                long to = client.outputAt(stream);
                for (long i = 0; i < room; i++) {
                    client.outputSegment(stream).set(ValueLayout.JAVA_BYTE, to + i, at(stream, said.written + i));
                }
                client.wrote(stream, room);
                said.written += room;
            }
            if (said.written == bytes && !said.finished) {
                said.finished = true;
                client.finish(stream);
            }
        }

        private void hear(long stream) {
            Said said = open.get(stream);
            for (long length; (length = client.inputLength(stream)) > 0;) {
                long from = client.inputAt(stream);
                for (long i = 0; i < length; i++) {
                    assertEquals(at(stream, said.heard + i), client.inputSegment(stream).get(ValueLayout.JAVA_BYTE, from + i), "stream " + stream);
                }
                client.consume(stream, length);
                said.heard += length;
            }
            if (client.isInputEnded(stream)) {
                assertEquals(bytes, said.heard);
                assertTrue(said.finished);
                client.release(stream);
                open.remove(stream);
                done++;
                return;
            }
            say(stream);
        }
    }
}
