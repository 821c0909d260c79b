package dev.coffer.server.websocket;

import dev.coffer.testkit.Eventually;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A client that says frames as they are given and reads one at a time.
public final class Frames implements AutoCloseable {
    public static final String OPENING = "GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private final Socket socket;
    private final DataInputStream in;

    private Frames(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    static Frames connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 14);
        socket.connect(new InetSocketAddress(address.getAddress(), address.getPort()));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Eventually.MILLIS);
        return new Frames(socket);
    }

    /// {@return a client whose handshake was answered by 101}
    static Frames open(InetSocketAddress address) throws IOException {
        return open(address, "/");
    }

    public static Frames open(InetSocketAddress address, String path) throws IOException {
        Frames frames = connect(address).say(OPENING.replace("GET /", "GET " + path) + "\r\n");
        String head = frames.head();
        if (!head.startsWith("HTTP/1.1 101 ") || !head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
            throw new AssertionError(head);
        }
        return frames;
    }

    Frames say(String text) throws IOException {
        return say(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public Frames say(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /// Says bytes in two pieces.
    public Frames say(byte[] bytes, int cut) throws IOException {
        socket.getOutputStream().write(bytes, 0, cut);
        socket.getOutputStream().write(bytes, cut, bytes.length - cut);
        return this;
    }

    /// {@return bytes read, or -1 at the end}
    public int read(byte[] sink, int most) throws IOException {
        return in.read(sink, 0, most);
    }

    /// {@return a frame under a mask}
    public static byte[] frame(int first, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        byte[] key = {1, 2, 3, 4};
        frame.put(key);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ key[i & 3]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    public static byte[] frame(int first, String payload) {
        return frame(first, payload.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] close(int code) {
        return frame(0x88, new byte[] {(byte) (code >> 8), (byte) code});
    }

    Frames text(String text) throws IOException {
        return say(frame(0x81, text));
    }

    /// {@return the head of an answer, with its empty line}
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException(head.toString());
            }
            head.append((char) b);
        }
        return head.toString();
    }

    /// {@return the next frame in words, "end" in place of one, "cut" in the midst of one, or "reset"}
    public String next() throws IOException {
        try {
            int first = in.read();
            if (first < 0) {
                return "end";
            }
            int size = in.readUnsignedByte();
            byte[] payload = new byte[size == 127 ? (int) in.readLong() : size == 126 ? in.readUnsignedShort() : size];
            in.readFully(payload);
            String text = new String(payload, StandardCharsets.UTF_8);
            return switch (first) {
                case 0x81 -> "text " + text;
                case 0x82 -> "binary " + payload.length;
                case 0x88 -> "close" + (payload.length == 0 ? "" : " " + (ByteBuffer.wrap(payload).getShort() & 0xffff));
                case 0x89 -> "ping";
                case 0x8a -> "pong " + text;
                default -> throw new AssertionError("a frame of " + first);
            };
        } catch (EOFException e) {
            return "cut";
        } catch (SocketException e) {
            return "reset";
        }
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
