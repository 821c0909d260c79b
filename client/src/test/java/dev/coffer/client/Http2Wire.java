package dev.coffer.client;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;

/// A server's side of one connection of HTTP/2, frame by frame.
final class Http2Wire {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int END_HEADERS = 4;
    static final int END_STREAM = 1;
    static final byte[] STATUS_200 = {(byte) 0x88};  // RFC 7541, appendix A

    final DataInputStream in;
    private final Socket socket;
    int type;
    int stream;

    Http2Wire(Socket socket, byte... settings) throws IOException {
        this.socket = socket;
        in = new DataInputStream(socket.getInputStream());
        in.readFully(new byte[24]);
        send(SETTINGS, 0, 0, settings);
    }

    void send(int newType, int newFlags, int newStream, byte... payload) throws IOException {
        socket.getOutputStream().write(frame(newType, newFlags, newStream, payload));
    }

    void next() throws IOException {
        int head = in.readInt();
        type = head & 0xff;
        in.skipNBytes(1);
        stream = in.readInt();
        in.skipNBytes(head >>> 8);
    }

    /// Waits until heads of so many requests have come.
    void heads(int count) throws IOException {
        for (int seen = 0; seen < count; seen += type == HEADERS ? 1 : 0) {
            next();
        }
    }

    void answer(int to) throws IOException {
        send(HEADERS, END_HEADERS | END_STREAM, to, STATUS_200);
    }

    /// Answers all that comes, but for one stream.
    void answerAllBut(int silent) throws IOException {
        try {
            while (true) {
                next();
                if (type == HEADERS && stream != silent) {
                    answer(stream);
                }
            }
        } catch (EOFException e) {
            // the client has gone
        }
    }

    static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length).putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload).array();
    }

    static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    static byte[] setting(int name, int value) {
        return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
    }
}
