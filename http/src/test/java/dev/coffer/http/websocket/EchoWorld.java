package dev.coffer.http.websocket;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// An engine that echoes, and its client: bytes go in, in pieces of any size, and frames come out, through room of any size.
final class EchoWorld implements AutoCloseable {
    static final WebSocketLimits WIDE = new WebSocketLimits(1 << 20, 1 << 20);

    /// A message to be echoed.
    private record Message(boolean text, byte[] bytes) {}

    final Arena arena = Arena.ofConfined();
    final MemorySegment memory = arena.allocate(WebSocketEngine.BYTES, 64);
    final WebSocketEngine engine;
    final List<String> heard = new ArrayList<>();   // events, but for pieces of messages
    int piece = Integer.MAX_VALUE;
    int room = 1 << 12;
    boolean reads = true;               // the client takes what is said
    private final MemorySegment input = arena.allocate(1 << 17);
    private final MemorySegment output = arena.allocate(1 << 12);
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final ArrayDeque<Message> echoes = new ArrayDeque<>();
    private Message echoing;
    private int echoed;
    private boolean ended;              // of messages

    EchoWorld() {
        this(WIDE);
    }

    EchoWorld(WebSocketLimits limits) {
        engine = new WebSocketEngine(limits, memory, 0);
    }

    /// {@return a frame as a client sends it}
    static byte[] frame(int first, byte[] payload) {
        byte[] key = {(byte) 0x37, (byte) 0xfa, (byte) 0x21, (byte) (0x3d + payload.length)};
        ByteBuffer frame = ByteBuffer.allocate(payload.length + WebSocketFrame.HEAD_BYTES_MAX).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.put(key);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ key[i & 3]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    static byte[] frame(int first, String payload) {
        return frame(first, payload.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] close(int code, String reason) {
        byte[] words = reason.getBytes(StandardCharsets.UTF_8);
        return frame(0x88, ByteBuffer.allocate(2 + words.length).putShort((short) code).put(words).array());
    }

    static byte[] octets(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /// Sends bytes, and has what they bring about said.
    EchoWorld send(byte[] bytes) {
        unread.writeBytes(bytes);
        turn();
        return this;
    }

    EchoWorld send(int first, String payload) {
        return send(frame(first, payload));
    }

    void turn() {
        boolean more;
        do {
            more = read();
            while (reads && say()) {
                more = true;
            }
        } while (more);
    }

    /// Offers what was not read, a piece at a time.
    private boolean read() {
        byte[] all = unread.toByteArray();
        int done = 0;
        while (done < all.length) {
            int length = Math.min(Math.min(piece, all.length - done), (int) input.byteSize());
            MemorySegment.copy(all, done, input, ValueLayout.JAVA_BYTE, 0, length);
            int taken = offer(length);
            done += taken;
            if (taken < length) {
                break;
            }
        }
        unread.reset();
        unread.write(all, done, all.length - done);
        return done > 0;
    }

    private int offer(int length) {
        int taken = 0;
        while (true) {
            WebSocketEvent event = engine.read(input, taken, length - taken);
            if (engine.taken() > length - taken) {
                throw new AssertionError("took " + engine.taken() + " of " + (length - taken));
            }
            taken += (int) engine.taken();
            if (event == null) {
                return taken;
            }
            switch (event) {
                case FRAME -> {}
                case DATA -> {
                    message.writeBytes(input.asSlice(engine.dataAt(), engine.dataLength()).toArray(ValueLayout.JAVA_BYTE));
                    if (engine.ends()) {
                        heard.add((engine.isText() ? "text " : "binary ") + message.size());
                        echoes.add(new Message(engine.isText(), message.toByteArray()));
                        message.reset();
                    }
                }
                case CLOSE, FAILED -> heard.add(event + " " + engine.closeCode());
                case PING, PONG -> heard.add(event.name());
            }
        }
    }

    private boolean say() {
        long wrote = engine.poll(output, 0, room);
        if (wrote == 0 && engine.payloadLeft() > 0) {
            wrote = Math.min(engine.payloadLeft(), room);
            MemorySegment.copy(echoing.bytes, echoed, output, ValueLayout.JAVA_BYTE, 0, (int) wrote);
            echoed += (int) wrote;
            engine.passed(wrote);
        } else if (wrote == 0) {
            echoing = ended ? null : echoes.poll();
            if (echoing == null) {
                boolean closes = engine.isClosing() && !ended;
                if (closes) {
                    ended = true;
                    engine.endMessages();
                }
                return closes;
            }
            echoed = 0;
            engine.begin(echoing.text, echoing.bytes.length);
            return true;
        }
        said.writeBytes(output.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE));
        return true;
    }

    byte[] saidBytes() {
        return said.toByteArray();
    }

    /// {@return what was said since this was asked last, frame by frame, which are checked as a client checks them}
    List<String> said() {
        ByteBuffer bytes = ByteBuffer.wrap(said.toByteArray());
        said.reset();
        List<String> frames = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int first = bytes.get() & 0xff;
            int size = bytes.get() & 0xff;
            long length = size == 127 ? bytes.getLong() : size == 126 ? bytes.getShort() & 0xffff : size;
            if ((first & 0xf0) != 0x80 || size > 127 || size == 126 && length < 126 || size == 127 && length < 1 << 16) {
                throw new AssertionError("a frame of " + first + ", " + size);
            }
            byte[] payload = new byte[(int) length];
            bytes.get(payload);
            frames.add(switch (first & 0xf) {
                case WebSocketFrame.TEXT -> "text " + new String(payload, StandardCharsets.UTF_8);
                case WebSocketFrame.BINARY -> "binary " + length;
                case WebSocketFrame.PING -> "ping";
                case WebSocketFrame.PONG -> "pong " + new String(payload, StandardCharsets.ISO_8859_1);
                case WebSocketFrame.CLOSE -> "close" + (length == 0 ? ""
                        : " " + (ByteBuffer.wrap(payload).getShort() & 0xffff)
                                + (length == 2 ? "" : " " + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8)));
                default -> throw new AssertionError("opcode " + (first & 0xf));
            });
        }
        return frames;
    }

    @Override
    public void close() {
        arena.close();
    }
}
