package dev.coffer.client;

import dev.coffer.memory.engine.Engine;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsServer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Whom a [Rehearsal] asks: a port of this machine, one connection at a time, TLS, and one answer to whatever is asked, in HTTP/1.1 or HTTP/2.
final class RehearsalOrigin implements AutoCloseable {
    private static final int IO_BYTES = 1 << 15;  // a record, and more
    private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0};  // ours, and that we have read theirs
    private static final byte[] STREAM = {0, 0, 1, 1, 4, 0, 0, 0, 1, (byte) 0x88, 0, 0, 2, 0, 1, 0, 0, 0, 1, 'o', 'k'};  // :status 200, content

    private final ServerSocketChannel listener;
    private final TlsServer<Object> engine;
    private final MemorySegment io;
    private final ByteBuffer bytes;
    private @Nullable SocketChannel channel;

    /// What is carried: says its answer when the question has come.
    private static final class Answering implements Engine<Object> {
        private static final int PREFACE_BYTES = 24;  // RFC 9113, section 3.4
        private static final int FRAME_BYTES = 9;
        private static final int HEADERS = 1;
        private final boolean http2;
        private byte[] heard = {};
        private byte[] due = {};
        private boolean over;

        Answering(boolean http2) {
            this.http2 = http2;
            due = http2 ? SETTINGS : due;
        }

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            byte[] more = input.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
            heard = concat(heard, more);
            if (http2 ? isAskedByFrames() : new String(heard, StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                due = concat(due, http2 ? STREAM : ANSWER);
                heard = new byte[0];
            }
            return length;
        }

        private boolean isAskedByFrames() {
            for (int p = PREFACE_BYTES; p + FRAME_BYTES <= heard.length;) {
                int end = p + FRAME_BYTES + ((heard[p] & 0xff) << 16 | (heard[p + 1] & 0xff) << 8 | heard[p + 2] & 0xff);
                if (heard[p + 3] == HEADERS && end <= heard.length) {
                    return true;
                }
                p = end;
            }
            return false;
        }

        private static byte[] concat(byte[] first, byte[] second) {
            byte[] all = new byte[first.length + second.length];
            System.arraycopy(first, 0, all, 0, first.length);
            System.arraycopy(second, 0, all, first.length, second.length);
            return all;
        }

        @Override
        public long feedRoom() {
            return Long.MAX_VALUE;
        }

        @Override
        public void feedEnd(long nowNanos) {
            over = true;
        }

        @Override
        public void disconnect(long nowNanos) {
            over = true;
        }

        @Override
        public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
            int part = (int) Math.min(length, due.length);
            MemorySegment.copy(due, 0, output, ValueLayout.JAVA_BYTE, at, part);
            byte[] left = new byte[due.length - part];
            System.arraycopy(due, part, left, 0, left.length);
            due = left;
            return part;
        }

        @Override
        public long outputBytesMin() {
            return 1;
        }

        @Override
        public boolean isOutputEnded() {
            return over;
        }

        @Override
        public @Nullable Object pollEvent() {
            return null;
        }

        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void onDeadline(long nowNanos) {}

        @Override
        public void shutdown(long nowNanos) {
            over = true;
        }

        @Override
        public boolean isEnded() {
            return over;
        }

        @Override
        public void reset(long nowNanos) {}

        @Override
        public void close() {
            over = true;
        }
    }

    /// @param memory  [#bytes] of it
    RehearsalOrigin(ServerContext context, MemorySegment memory) throws IOException {
        io = memory;
        bytes = memory.asByteBuffer();
        engine = new TlsServer<>(context, 0, (connection, nowNanos) -> new Answering("h2".equals(connection.protocol())));
        listener = ServerSocketChannel.open();
        boolean bound = false;
        try {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            listener.configureBlocking(false);
            bound = true;
        } finally {
            if (!bound) {
                listener.close();
            }
        }
    }

    /// Bytes of memory that one needs.
    static long bytes() {
        return IO_BYTES;
    }

    int port() throws IOException {
        return ((InetSocketAddress) Objects.requireNonNull(listener.getLocalAddress(), "bound")).getPort();
    }

    /// Takes what has come, and says what there is to say.
    void turn(long nowNanos) throws IOException {
        if (channel == null) {
            channel = listener.accept();
            if (channel == null) {
                return;
            }
            channel.configureBlocking(false);
            engine.reset(nowNanos);
        }
        bytes.clear();
        int got = channel.read(bytes);
        for (long taken = 0; taken < got;) {
            long bit = engine.feed(io, taken, got - taken, nowNanos);
            if (bit == 0) {
                break;  // an ended engine: it hears no more
            }
            taken += bit;
        }
        if (got < 0) {
            engine.feedEnd(nowNanos);
        }
        for (long length; (length = engine.pollOutput(io, 0, IO_BYTES, nowNanos)) > 0;) {
            bytes.clear().limit((int) length);
            while (bytes.hasRemaining()) {
                channel.write(bytes);  // fewer than a socket's buffer holds
            }
        }
    }

    @Override
    public void close() throws IOException {
        engine.close();
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            listener.close();
        }
    }
}
