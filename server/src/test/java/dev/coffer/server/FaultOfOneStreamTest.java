package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.engine.Engine;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// An answer that throws behind frames that are written is told of at the next poll: whatever else the loop does in between, it is that
/// answer's fault and its connection goes on.
class FaultOfOneStreamTest {
    private static final int OUTPUT_BYTES = 1 << 15;
    private static final byte GET_ROOT = (byte) 0x84;       // `:path: /`; the other fields are in RFC 7541's table, too

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment output = arena.allocate(OUTPUT_BYTES);
    private int asked;

    /// The head of every other answer throws.
    private final class Faulty implements Answer {
        private final boolean throwing = asked++ % 2 == 1;

        @Override
        public void head(HeadWriter head) {
            if (throwing) {
                throw new IllegalStateException("an answer's fault");
            }
            head.content(1);
        }

        @Override
        public long body(MemorySegment into, long at, long room) {
            into.set(ValueLayout.JAVA_BYTE, at, (byte) 'a');
            return 1;
        }
    }

    private HttpLane lane() throws IOException {
        ServerConfig config = ServerConfig.tight().withSize(1, 16, 4).withHttp2(Http2Serving.defaults().withSize(24, 20));
        LoopStatistics statistics = new LoopStatistics();
        HttpLane lane = new HttpLane(config, Site.of(exchange -> exchange.respond(200, new Faulty())), 0, statistics, new Failures(statistics, Level.OFF));
        lane.open(proxy(LoopContext.class), arena.allocate(lane.plan().totalBytes(), 64));
        return lane;
    }

    private static <T> T proxy(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
            Class<?> result = method.getReturnType();
            return result == int.class ? (Object) 0 : result == long.class ? (Object) 0L : result == boolean.class ? (Object) false
                    : result == Now.class ? new Now() : result == Timer.class ? proxy(result) : null;
        }));
    }

    private Protocol begin(HttpLane lane) {
        Protocol protocol = lane.acquire();
        protocol.engine().reset(0);
        protocol.begin(proxy(Transport.class));
        feed(protocol, Http2Server.preface());
        feed(protocol, new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
        protocol.engine().pollOutput(output, 0, OUTPUT_BYTES, 0);
        return protocol;
    }

    private void feed(Protocol protocol, byte... bytes) {
        protocol.engine().feed(arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes)), 0, bytes.length, 0);
        while (protocol.event(0)) {
            // all that has come
        }
    }

    private void get(Protocol protocol, int stream) {
        byte[] block = {(byte) 0x82, (byte) 0x86, GET_ROOT};
        feed(protocol, ByteBuffer.allocate(12).put(new byte[] {0, 0, 3, 1, 5}).putInt(stream).put(block).array());
    }

    /// {@return whether the engine goes on with something to say}
    private boolean poll(Protocol protocol) {
        Engine<?> engine = protocol.engine();
        try {
            return engine.pollOutput(output, 0, OUTPUT_BYTES, 0) > 0;
        } catch (IllegalStateException thrown) {
            assertEquals("an answer's fault", thrown.getMessage());
            return protocol.failed(thrown) && engine.pollOutput(output, 0, OUTPUT_BYTES, 0) >= 0;
        }
    }

    @Test
    void anotherConnectionIsPolledBeforeItIsTold() throws IOException {
        HttpLane lane = lane();
        Protocol one = begin(lane);
        Protocol other = begin(lane);
        get(one, 1);
        get(one, 3);
        assertTrue(poll(one), "the first answer; the second has thrown behind it");
        get(other, 1);
        assertTrue(poll(other));
        assertTrue(poll(one), "500 for the second");
        assertFalse(one.engine().isEnded());
    }

    @Test
    void theClientTakesTheRequestBackBeforeItIsTold() throws IOException {
        HttpLane lane = lane();
        Protocol one = begin(lane);
        get(one, 1);
        get(one, 3);
        assertTrue(poll(one));
        feed(one, new byte[] {0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 8});
        get(one, 5);  // with the place of the one that has thrown
        assertTrue(poll(one), "told, and nobody's answer but that one's");
        assertFalse(one.engine().isEnded());
    }
}
