package dev.coffer.testkit.simulation;

import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;

/// The smallest protocol that needs every part of the datagram outline: numbered messages with a checksum, a window, cumulative
/// acknowledgements, retransmission by deadline, a peer that is followed when its path changes, several segments an output, ECN counts.
///
/// ```
///   0          4          8       12     13
///   | checksum | number   | next  | kind | content ...
/// ```
///
/// `next` acknowledges all before it. Content of message n: bytes that n decides.
final class WindowEngine implements DatagramEngine<WindowEngine.Event> {
    enum Event { MESSAGE, ALL_ACKNOWLEDGED, ENDED }

    static final int HEAD_BYTES = 4 + 4 + 4 + 1;
    private static final int WINDOW = 16;
    private static final long RETRY_NANOS = 300_000_000L;
    private static final long LINGER_NANOS = 30_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    private static final byte MESSAGE = 1;
    private static final byte ACKNOWLEDGEMENT = 2;

    private final int messageBytes;
    private final MemorySegment path = MemorySegment.ofArray(new byte[(int) NetworkPath.BYTES]);
    private boolean hasPath;
    private int messages;        // to send
    private int base;            // first not acknowledged
    private int next;            // first not sent
    private int expected;        // first not received
    private int newest;          // greatest number that came
    private int told;            // messages told
    private boolean owes;        // an acknowledgement
    private long retryAt;
    private int retries;
    private boolean toldAll;
    private boolean shut;
    private long lingerUntil;
    private boolean ended;
    private boolean toldEnd;
    private boolean released = true;
    private final long[] ecn = new long[4];  // datagrams that came by codepoint
    private int paths;                       // changes of the peer's path
    private int segmentsMost;                // of one output
    private int bad;                         // datagrams that were dropped

    WindowEngine(int messages, int messageBytes) {
        this.messages = messages;
        this.messageBytes = messageBytes;
    }

    /// Says whom to speak to; the other side learns it.
    void connect(DatagramPort.Address remote) {
        DatagramPort.path(path, 0, remote, null);
        hasPath = true;
    }

    private static void content(MemorySegment memory, long at, int number, int bytes) {
        for (int i = 0; i < bytes; i++) {
            memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) (number * 31 + i * 7));
        }
    }

    /// {@return bytes of a message: the last one is shorter}
    private int bytes(int number) {
        return number == messages - 1 ? 1 + messageBytes / 2 : messageBytes;
    }

    private static int checksum(MemorySegment memory, long at, long length) {
        CRC32 crc = new CRC32();
        for (long i = 4; i < length; i++) {
            crc.update(memory.get(ValueLayout.JAVA_BYTE, at + i));
        }
        return (int) crc.getValue();
    }

    @Override
    public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        check();
        if (ended || length < HEAD_BYTES || length > feedBytesMax() || BigEndian.i32(input, at) != checksum(input, at, length)) {
            bad++;
            return;
        }
        ecn[DatagramHeader.ecn(header, headerAt)]++;
        int number = BigEndian.i32(input, at + 4);
        // a datagram that is older than the newest says nothing of where the peer is now
        if (!hasPath || number >= newest && !NetworkPath.equal(path, 0, header, headerAt + DatagramHeader.PATH)) {
            paths += hasPath ? 1 : 0;
            NetworkPath.copy(header, headerAt + DatagramHeader.PATH, path, 0);
            hasPath = true;
        }
        newest = Math.max(newest, number);
        int acknowledged = BigEndian.i32(input, at + 8);
        if (acknowledged > base) {
            base = acknowledged;
            next = Math.max(next, base);
            retries = 0;
            retryAt = base == next ? NEVER : nowNanos + RETRY_NANOS;
        }
        if (input.get(ValueLayout.JAVA_BYTE, at + 12) == MESSAGE) {
            owes = true;
            if (number == expected) {
                for (int i = 0; i < length - HEAD_BYTES; i++) {
                    if (input.get(ValueLayout.JAVA_BYTE, at + HEAD_BYTES + i) != (byte) (number * 31 + i * 7)) {
                        throw new AssertionError("content of message " + number);
                    }
                }
                expected++;
            }
        }
        settle(nowNanos);
    }

    @Override
    public int feedBytesMax() {
        return HEAD_BYTES + messageBytes;
    }

    @Override
    public int outputBytesMin() {
        return HEAD_BYTES + messageBytes;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        check();
        if (ended || !hasPath || length < outputBytesMin()) {
            return 0;
        }
        long wrote = 0;
        int segments = 0;
        while (next < Math.min(messages, base + WINDOW) && length - wrote >= HEAD_BYTES + bytes(next) && segments < SEGMENTS_MAX) {
            content(output, at + wrote + HEAD_BYTES, next, bytes(next));
            wrote += packet(output, at + wrote, next, MESSAGE, bytes(next));
            next++;
            segments++;
        }
        if (segments > 0) {
            retryAt = retryAt == NEVER ? nowNanos + RETRY_NANOS : retryAt;
        } else if (owes) {
            wrote = packet(output, at, newest(), ACKNOWLEDGEMENT, 0);
        } else {
            return 0;
        }
        owes = false;
        segmentsMost = Math.max(segmentsMost, segments);
        NetworkPath.copy(path, 0, header, headerAt + DatagramHeader.PATH);
        DatagramHeader.ecn(header, headerAt, DatagramHeader.ECT_0);
        DatagramHeader.segmentBytes(header, headerAt, (int) Math.min(wrote, HEAD_BYTES + bytes(segments > 0 ? next - segments : 0)));
        return wrote;
    }

    /// {@return a number for a datagram without a message: the last one sent}
    private int newest() {
        return Math.max(0, next - 1);
    }

    private int packet(MemorySegment output, long at, int number, byte kind, int content) {
        BigEndian.i32(output, at + 4, number);
        BigEndian.i32(output, at + 8, expected);
        output.set(ValueLayout.JAVA_BYTE, at + 12, kind);
        BigEndian.i32(output, at, checksum(output, at, HEAD_BYTES + content));
        return HEAD_BYTES + content;
    }

    @Override
    public Event pollEvent() {
        if (told < expected) {
            told++;
            return Event.MESSAGE;
        }
        if (base == messages && !toldAll) {
            toldAll = true;
            return Event.ALL_ACKNOWLEDGED;
        }
        if (ended && !toldEnd) {
            toldEnd = true;
            return Event.ENDED;
        }
        return null;
    }

    @Override
    public long deadlineNanos() {
        return ended ? NEVER : Math.min(retryAt, lingerUntil);
    }

    @Override
    public void onDeadline(long nowNanos) {
        check();
        if (retryAt <= nowNanos) {
            next = base;  // all that is not acknowledged is sent again
            retries = Math.min(6, retries + 1);
            retryAt = nowNanos + (RETRY_NANOS << retries);
        }
        if (lingerUntil <= nowNanos) {
            ended = true;
        }
    }

    /// Lingers to acknowledge what the peer may send again.
    private void settle(long now) {
        if (shut && base == messages) {
            lingerUntil = now + LINGER_NANOS;
        }
    }

    @Override
    public void shutdown(long nowNanos) {
        check();
        shut = true;
        messages = Math.max(next, base);
        settle(nowNanos);
    }

    @Override
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void reset(long nowNanos) {
        path.fill((byte) 0);
        hasPath = false;
        base = next = expected = newest = told = retries = 0;
        owes = toldAll = shut = ended = toldEnd = released = false;
        retryAt = lingerUntil = NEVER;
    }

    @Override
    public void close() {
        path.fill((byte) 0);
        released = true;
    }

    private void check() {
        if (released) {
            throw new IllegalStateException("closed, or never reset");
        }
    }

    int received() {
        return expected;
    }

    int acknowledged() {
        return base;
    }

    long ecn(int codepoint) {
        return ecn[codepoint];
    }

    int paths() {
        return paths;
    }

    int segmentsMost() {
        return segmentsMost;
    }

    int bad() {
        return bad;
    }

    @Override
    public String toString() {
        return "WindowEngine[" + base + " of " + messages + " acknowledged, " + expected + " received" + (ended ? ", ended" : "") + "]";
    }
}
