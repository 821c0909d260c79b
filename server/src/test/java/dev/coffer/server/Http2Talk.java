package dev.coffer.server;

import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A client of HTTP/2 over a socket in the clear, which gives a server all the window that it wants. One thread.
final class Http2Talk implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;

    /// What one stream has said.
    static final class Answer {
        final List<String> fields = new ArrayList<>();
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        boolean ended;
        int reset = -1;

        String text() {
            return content.toString(StandardCharsets.ISO_8859_1);
        }

        String status() {
            return fields.getFirst();
        }
    }

    final Map<Integer, Answer> answers = new HashMap<>();
    final List<String> goodbyes = new ArrayList<>();
    private final Arena arena = Arena.ofAuto();
    private final Socket socket;
    private final DataInputStream in;
    private final HpackEncoder encoder = new HpackEncoder(arena.allocate(HpackEncoder.plan(4096).totalBytes(), 64), 0, 4096);
    private final HpackDecoder decoder = new HpackDecoder(arena.allocate(HpackDecoder.plan(4096).totalBytes(), 64), 0, 4096);
    private final MemorySegment out = arena.allocate(1 << 15);
    private final MemorySegment text = arena.allocate(1 << 15);
    boolean answersPings = true;
    int pings;

    private Http2Talk(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    static Http2Talk open(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(Eventually.MILLIS);
        socket.setTcpNoDelay(true);
        return new Http2Talk(socket);
    }

    Http2Talk hello() throws IOException {
        raw(Http2Server.preface());
        frame(SETTINGS, 0, 0, ByteBuffer.allocate(6).putShort((short) 4).putInt(1 << 30).array());
        frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(1 << 30).array());
        return this;
    }

    void raw(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void frame(int type, int flags, int stream, byte... payload) throws IOException {
        raw(ByteBuffer.allocate(9 + payload.length).put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags).putInt(stream)
                .put(payload).array());
    }

    Http2Talk request(int stream, String method, String path, boolean ends, String... more) throws IOException {
        encoder.begin(out, 0);
        field(":method", method);
        field(":scheme", "http");
        field(":path", path);
        field(":authority", "localhost");
        for (int i = 0; i < more.length; i += 2) {
            field(more[i], more[i + 1]);
        }
        long length = encoder.end();
        frame(HEADERS, 4 | (ends ? 1 : 0), stream, out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        return this;
    }

    private void field(String name, String value) {
        byte[] both = (name + value).getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(both, 0, text, ValueLayout.JAVA_BYTE, 0, both.length);
        encoder.field(text, 0, name.length(), name.length(), value.length());
    }

    Http2Talk get(int stream, String path, String... more) throws IOException {
        return request(stream, "GET", path, true, more);
    }

    /// Reads a frame.
    ///
    /// @return whether there was one: not where the connection has ended
    boolean read() throws IOException {
        int first = in.read();
        if (first < 0) {
            return false;
        }
        int length = first << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        Answer answer = stream == 0 ? null : answers.computeIfAbsent(stream, id -> new Answer());
        switch (type) {
            case DATA -> {
                answer.content.writeBytes(payload);
                answer.ended |= (flags & 1) != 0;
            }
            case HEADERS -> {
                fields(payload, answer.fields);
                answer.ended |= (flags & 1) != 0;
            }
            case RST_STREAM -> {
                answer.reset = ByteBuffer.wrap(payload).getInt();
                answer.ended = true;
            }
            case SETTINGS -> {
                if ((flags & 1) == 0) {
                    frame(SETTINGS, 1, 0);
                }
            }
            case PING -> {
                pings++;
                if ((flags & 1) == 0 && answersPings) {
                    frame(PING, 1, 0, payload);
                }
            }
            case GOAWAY -> goodbyes.add(ByteBuffer.wrap(payload).getInt() + " " + ByteBuffer.wrap(payload).getInt(4));
            default -> {}
        }
        return true;
    }

    private void fields(byte[] block, List<String> fields) {
        MemorySegment bytes = arena.allocate(Math.max(1, block.length)).copyFrom(MemorySegment.ofArray(block));
        decoder.begin(text, 0, 1 << 15);
        for (int at = 0; at < block.length; at += decoder.taken()) {
            if (decoder.decode(bytes, at, block.length - at) == HpackDecoder.FIELD) {
                fields.add(string(decoder.nameAt(), decoder.nameLength()) + "=" + string(decoder.valueAt(), decoder.valueLength()));
            }
        }
        if (!decoder.end()) {
            throw new AssertionError("a block that is cut");
        }
    }

    private String string(long at, int length) {
        return new String(text.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    /// Reads until a stream has ended.
    Answer answer(int stream) throws IOException {
        while (!answers.computeIfAbsent(stream, id -> new Answer()).ended) {
            if (!read()) {
                throw new AssertionError("the connection has ended before stream " + stream + ": " + goodbyes);
            }
        }
        return answers.get(stream);
    }

    /// Reads until the connection has ended.
    void end() throws IOException {
        while (read()) {
            // all that is said
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
