package dev.coffer.server;

import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A client of HTTP/2 that says frames of every kind, most of them changed: a bit, a length, a type, a flag, a number, an end that comes early or late, twice the
/// same. Behind each it asks for an answer to a ping, so that it is known what the server has read. It holds the server to whole frames of a right size, and to error
/// codes that are the peer's fault.
final class MutatedFrames implements Engine<Object> {
    private static final int HEAD_BYTES = 9;
    private static final int PAYLOAD_BYTES_MAX = 16_384;
    private static final int INTERNAL_ERROR = 2;
    private static final int CODE_MAX = 13;
    private static final long PATIENCE_NANOS = 3_000_000_000L;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final String[] FAULTY =
            {"", " ", "X-Big", ":path", ":status", ":protocol", "connection", "te", "gzip", "trailers", "transfer-encoding", "chunked",
                    "upgrade", "host", "expect", "100-continue", "content-length", "CONNECT", "*", "/", "a:b:c", "http", "-1", "99999999999999999999", "a\nb",
                    "a\0b", "keep-alive",
                    "priority", "u=9,i=?2"};
    private static final int[] EXTREMES = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 24, 65_535, 65_536};

    private final SplittableRandom random;
    private byte[] out;
    private int sent;
    private int left;                   // frames that are yet to be said
    private int changed;                // of those that were said last
    private boolean waits;              // for the ping behind them
    private int highest = -1;           // stream that has begun
    private int posting;                // the last one whose content goes on; 0 for none
    private static final int[] SETTINGS_OF_ANY_VALUE = {1, 3, 4, 6, 11};
    private long until = Long.MAX_VALUE;
    private boolean over;
    private final byte[] head = new byte[HEAD_BYTES];
    private int headCount;
    private final ByteArrayOutputStream payload = new ByteArrayOutputStream();

    long read;                          // changed frames that the server has certainly read
    int goneAway = -1;                  // the code of the last GOAWAY
    int resets;
    int answers;

    MutatedFrames(SplittableRandom random) {
        this.random = random;
        this.left = 2 + random.nextInt(100);
        byte[] settings = random.nextInt(3) == 0 ? ByteBuffer.allocate(6).putShort((short) 4).putInt(random.nextInt(3000)).array() : new byte[0];
        this.out = concat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII), frame(SETTINGS, 0, 0, settings));
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, byte... body) {
        return ByteBuffer.allocate(HEAD_BYTES + body.length).putInt(body.length << 8 | type).put((byte) flags).putInt(stream).put(body).array();
    }

    private static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    /// Literals without a table (RFC 7541, section 6.2.2).
    private static byte[] block(String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0);
            for (int part = i; part < i + 2; part++) {
                block.write(fields[part].length());
                block.writeBytes(fields[part].getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return block.toByteArray();
    }

    private byte[] request(boolean posts) {
        String value = "v".repeat(random.nextInt(100));
        return posts ? block(":method", "POST", ":scheme", "https", ":path", "/" + random.nextInt(4000), ":authority", "a", "x", value)
                : block(":method", "GET", ":scheme", "https", ":path", "/" + random.nextInt(4000), ":authority", "a", "priority", "u=" + random.nextInt(9), "x",
                        value);
    }

    private byte[] octets(int count) {
        byte[] made = new byte[count];
        random.nextBytes(made);
        return made;
    }

    /// A frame, or some that belong together, as it should be.
    private byte[] right() {
        int kind = random.nextInt(13);
        boolean late = kind > 5 && kind != 9 && kind != 12;
        return switch (late && highest < 0 ? 0 : kind == 6 && posting == 0 ? 2 : kind) {
            case 0, 1 -> frame(HEADERS, 5, highest += 2, request(false));
            case 2, 3 -> frame(HEADERS, 4, posting = highest += 2, request(true));
            case 4 -> {
                byte[] whole = request(false);
                int cut = random.nextInt(whole.length);
                int to = highest += 2;
                yield concat(frame(HEADERS, 1, to, Arrays.copyOf(whole, cut)), frame(CONTINUATION, 4, to, Arrays.copyOfRange(whole, cut, whole.length)));
            }
            case 5, 6 -> data();
            case 7 -> frame(WINDOW_UPDATE, 0, random.nextBoolean() ? 0 : highest, ints(1 + random.nextInt(5000)));
            case 8 -> frame(RST_STREAM, 0, highest, ints(8));
            case 9 -> frame(SETTINGS, 0, 0, ByteBuffer.allocate(6).putShort((short) SETTINGS_OF_ANY_VALUE[random.nextInt(SETTINGS_OF_ANY_VALUE.length)])
                    .putInt(random.nextInt(70_000)).array());
            case 10 -> frame(2, 0, highest, ByteBuffer.allocate(5).putInt(random.nextInt(20) * 2).put((byte) 3).array());
            case 11 -> frame(16, 0, 0, concat(ints(highest), "u=1, i".getBytes(StandardCharsets.US_ASCII)));
            default -> frame(SETTINGS, 1, 0);
        };
    }

    /// Content, with padding or without.
    private byte[] data() {
        if (posting == 0) {
            return frame(2, 0, 1, new byte[5]);
        }
        int stream = posting;
        int ends = random.nextInt(2);
        posting = ends == 1 ? 0 : posting;
        if (random.nextBoolean()) {
            return frame(DATA, ends, stream, octets(random.nextInt(400)));
        }
        byte[] padded = octets(40);
        padded[0] = (byte) random.nextInt(40);
        return frame(DATA, 8 | ends, stream, padded);
    }

    /// A request whose fields are not what they should be: of its stream alone that is the fault.
    private byte[] malformed() {
        List<String> fields =
                new ArrayList<>(List.of(":method", random.nextBoolean() ? "GET" : "POST", ":scheme", "https", ":path", "/7", ":authority", "a", "x", "y",
                        "cookie", "a=b"));
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            int at = 2 * random.nextInt(fields.size() / 2);
            switch (random.nextInt(8)) {
                case 0 -> {
                    fields.remove(at);
                    fields.remove(at);
                }
                case 1 -> fields.addAll(List.of(fields.get(at), fields.get(at + 1)));
                case 2 -> fields.addAll(random.nextInt(2) * 2, List.of(FAULTY[random.nextInt(FAULTY.length)], FAULTY[random.nextInt(FAULTY.length)]));
                case 3 -> fields.set(at, FAULTY[random.nextInt(FAULTY.length)]);
                case 4, 5 -> fields.set(at + 1, FAULTY[random.nextInt(FAULTY.length)]);
                case 6 -> fields.set(at + random.nextInt(2), new String(octets(1 + random.nextInt(20)), StandardCharsets.ISO_8859_1));
                default -> fields.addAll(List.of("content-length", String.valueOf(random.nextInt(30))));
            }
        }
        return frame(HEADERS, 4 | random.nextInt(2), highest += 2, block(fields.toArray(String[]::new)));
    }

    private byte[] changed(byte[] of) {
        byte[] made = of.clone();
        int body = made.length - HEAD_BYTES;
        switch (random.nextInt(12)) {
            case 0 -> made[random.nextInt(HEAD_BYTES)] ^= (byte) (1 << random.nextInt(8));
            case 1, 2 -> {
                if (body > 0) {
                    made[HEAD_BYTES + random.nextInt(body)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 3 -> {
                return sized(Arrays.copyOf(made, HEAD_BYTES + random.nextInt(body + 1)));
            }
            case 4 -> {
                return sized(concat(made, octets(1 + random.nextInt(30))));
            }
            case 5 -> made[3] = (byte) random.nextInt(20);
            case 6 -> made[4] = (byte) random.nextInt(256);
            case 7 -> ByteBuffer.wrap(made).putInt(5, random.nextInt(20));
            case 8 -> ByteBuffer.wrap(made).putInt(5, EXTREMES[random.nextInt(EXTREMES.length)]);
            case 9 -> {
                if (body >= Integer.BYTES) {
                    ByteBuffer.wrap(made).putInt(HEAD_BYTES, EXTREMES[random.nextInt(EXTREMES.length)]);
                }
            }
            case 10 -> {
                return concat(made, made);
            }
            default -> {
                if (body > 0) {
                    System.arraycopy(octets(body), 0, made, HEAD_BYTES, body);
                }
            }
        }
        return made;
    }

    /// The frame with the length that it has; of two that belong together the first has it all.
    private static byte[] sized(byte[] of) {
        of[0] = 0;
        of[1] = (byte) (of.length - HEAD_BYTES >> 8);
        of[2] = (byte) (of.length - HEAD_BYTES);
        return of;
    }

    private void next(long now) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        changed = 0;
        for (int i = 1 + random.nextInt(3); i > 0 && left > 0; i--, left--) {
            int how = random.nextInt(8);
            changed += how > 0 ? 1 : 0;
            byte[] frame = how == 0 ? right() : how < 3 ? changed(right()) : malformed();
            all.writeBytes(frame);
        }
        all.writeBytes(frame(PING, 0, 0, octets(8)));
        out = all.toByteArray();
        sent = 0;
        waits = true;
        until = now + PATIENCE_NANOS;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        if (sent == out.length && !waits && !over) {
            if (left == 0) {
                over = true;
            } else {
                next(nowNanos);
            }
        }
        int part = over ? 0 : (int) Math.min(length, out.length - sent);
        MemorySegment.copy(out, sent, output, ValueLayout.JAVA_BYTE, at, part);
        sent += part;
        return part;
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        for (long i = at; i < at + length; i++) {
            byte octet = input.get(ValueLayout.JAVA_BYTE, i);
            if (headCount < HEAD_BYTES) {
                head[headCount++] = octet;
            } else {
                payload.write(octet);
            }
            if (headCount == HEAD_BYTES) {
                int bytes = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | head[2] & 0xff;
                if (bytes > PAYLOAD_BYTES_MAX) {
                    throw new AssertionError("the server sends a frame of " + bytes + " bytes");
                }
                if (payload.size() == bytes) {
                    frame(head[3], head[4], payload.toByteArray());
                    headCount = 0;
                    payload.reset();
                }
            }
        }
        return length;
    }

    private void frame(int type, int flags, byte[] body) {
        switch (type) {
            case PING -> {
                if (flags == 1 && waits) {
                    waits = false;
                    until = Long.MAX_VALUE;
                    read += changed;
                    changed = 0;
                }
            }
            case RST_STREAM -> {
                resets++;
                check(ByteBuffer.wrap(body).getInt());
            }
            case GOAWAY -> {
                goneAway = ByteBuffer.wrap(body).getInt(Integer.BYTES);
                check(goneAway);
            }
            case HEADERS -> answers++;
            default -> {}
        }
    }

    private static void check(int code) {
        if (code < 0 || code > CODE_MAX || code == INTERNAL_ERROR) {
            throw new AssertionError("the server blames itself, or nobody: code " + code);
        }
    }

    @Override
    public long feedRoom() {
        return Long.MAX_VALUE;
    }

    @Override
    public void feedEnd(long nowNanos) {
        end();
    }

    /// The server has ended it, for one of the frames that it has not answered a ping behind.
    private void end() {
        read += !over && goneAway > 0 && changed > 0 ? 1 : 0;
        over = true;
        until = Long.MAX_VALUE;
    }

    @Override
    public void disconnect(long nowNanos) {
        end();
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
    public Object pollEvent() {
        return null;
    }

    @Override
    public long deadlineNanos() {
        return until;
    }

    @Override
    public void onDeadline(long nowNanos) {
        if (nowNanos >= until) {
            over = true;
            until = Long.MAX_VALUE;
        }
    }

    @Override
    public void shutdown(long nowNanos) {
        over = true;
        until = Long.MAX_VALUE;
    }

    @Override
    public boolean isEnded() {
        return over;
    }

    @Override
    public void reset(long nowNanos) {}

    @Override
    public void close() {}
}
