package dev.coffer.http.http3;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A transport of many streams in memory: what its peer sends arrives in pieces as large as its places, wherever those end; what the engine writes is read
/// as far as the peer's credit goes. Any misuse that the seam names is an error here. It makes no object once its streams have been used.
final class SimulatedStreams implements StreamTransport {
    /// One stream, as both sides see it.
    final class Lane {
        long id = NONE;
        private MemorySegment in;       // made when the lane has its first stream
        private MemorySegment out;
        byte[] queue = new byte[256];   // sent by the peer and yet to arrive
        int queued;
        int arrived;
        boolean fin;                    // behind what is queued
        private int inFirst;
        private int inLength;
        private boolean read;           // the end was read up to
        long peerReset = NONE;
        long peerStopped = NONE;
        byte[] sent = new byte[256];    // by the engine, as the peer reads it
        int sentLength;
        private int outFirst;
        private int outLength;
        long credit;                    // bytes that may still go
        boolean finished;
        boolean ended;                  // the peer has seen the end
        long reset = NONE;
        long stopped = NONE;
        boolean released;
        boolean ready;
        boolean wanted;                 // there was less room than was asked for
        boolean named;
        boolean gap;

        private void open(long newId) {
            if (in == null) {
                MemorySegment both = arena.allocate(inputBytes + outputBytes, 8);
                in = both.asSlice(0, inputBytes);
                out = both.asSlice(inputBytes, outputBytes);
            }
            id = newId;
            queued = 0;
            arrived = 0;
            fin = false;
            inFirst = 0;
            inLength = 0;
            read = false;
            peerReset = NONE;
            peerStopped = NONE;
            sentLength = 0;
            outFirst = 0;
            outLength = 0;
            credit = (id & 2) == 0 ? creditEach : Math.max(creditEach, creditUnidirectionalMin);
            finished = false;
            ended = false;
            reset = NONE;
            stopped = NONE;
            released = false;
            ready = false;
            wanted = false;
            named = false;
            gap = false;
        }

        private void arrive() {
            int bytes = Math.min(Math.min(queued - arrived, inputBytes - inLength), piece);
            boolean end = fin && arrived + bytes == queued && !read;
            if (stopped != NONE || peerReset != NONE) {
                arrived = queued;
                return;
            }
            for (int i = 0; i < bytes; i++) {
                in.set(ValueLayout.JAVA_BYTE, (inFirst + inLength + i) % inputBytes, queue[arrived + i]);
            }
            arrived += bytes;
            inLength += bytes;
            ready |= bytes > 0 || end && !named;
        }

        private long owed() {
            return reset == NONE ? Math.max(0, -credit) : 0;
        }

        private void depart() {
            long bytes = Math.min(outLength - owed(), pieceOut);
            if (sentLength + bytes > sent.length) {
                sent = Arrays.copyOf(sent, (int) Math.max(2L * sent.length, sentLength + bytes));
            }
            for (int i = 0; i < bytes; i++) {
                sent[sentLength++] = out.get(ValueLayout.JAVA_BYTE, (outFirst + i) % outputBytes);
            }
            outFirst = (int) ((outFirst + bytes) % outputBytes);
            outLength -= (int) bytes;
            ended |= finished && outLength == 0;
            if (wanted && bytes > 0) {
                wanted = false;
                ready = true;
            }
        }
    }

    private final Arena arena = Arena.ofAuto();
    private final int inputBytes;
    private final int outputBytes;
    private final Lane[] lanes;
    private int count;
    private final boolean client;       // the engine's side
    private int openedBoth;
    private int openedOne;
    int piece = Integer.MAX_VALUE;      // octets that arrive at once
    int pieceOut = Integer.MAX_VALUE;   // octets that go at once
    int inOnePiece = Integer.MAX_VALUE; // octets that a place takes without a break
    long creditEach = Long.MAX_VALUE / 2;
    long creditUnidirectionalMin;
    int unidirectionalMax = 3;          // streams that the engine may open
    int bidirectionalMax = Integer.MAX_VALUE;
    long peersMax = 1 << 20;            // that the peer may, of each kind
    long closed = NONE;
    private int turn;
    final long[] order = new long[64];  // streams that were written to, one behind the other
    int ordered;

    SimulatedStreams(boolean client, int streams, int inputBytes, int outputBytes) {
        this.client = client;
        this.inputBytes = inputBytes;
        this.outputBytes = outputBytes;
        this.lanes = new Lane[streams];
        for (int i = 0; i < streams; i++) {
            lanes[i] = new Lane();
        }
    }

    void clear() {
        count = 0;
        openedBoth = 0;
        openedOne = 0;
        closed = NONE;
        turn = 0;
        ordered = 0;
    }

    int count() {
        return count;
    }

    Lane lane(int index) {
        return lanes[index];
    }

    /// {@return the stream of that number, which the peer or the engine has opened; null for none}
    Lane find(long id) {
        for (int i = 0; i < count; i++) {
            if (lanes[i].id == id) {
                return lanes[i];
            }
        }
        return null;
    }

    private Lane of(long id) {
        Lane lane = find(id);
        if (lane == null || lane.released || closed != NONE) {
            throw new IllegalArgumentException("stream " + id + (closed != NONE ? " of a connection that is closed" : " is not known, or was released"));
        }
        return lane;
    }

    private Lane readable(long id) {
        if ((id & 2) != 0 && (id & 1) == (client ? 0 : 1)) {
            throw new IllegalArgumentException("stream " + id + " is not read");
        }
        return of(id);
    }

    private Lane writable(long id) {
        Lane lane = of(id);
        if ((id & 2) != 0 && (id & 1) == (client ? 1 : 0) || lane.finished || lane.reset != NONE) {
            throw new IllegalArgumentException("stream " + id + " is not written");
        }
        return lane;
    }

    private Lane add(long id) {
        Lane lane = lanes[count++];
        lane.open(id);
        return lane;
    }

    // The peer's side.

    void send(long id, byte[] bytes, boolean fin) {
        Lane lane = find(id);
        if (lane == null) {
            lane = add(id);
        }
        if (lane.queued + bytes.length > lane.queue.length) {
            lane.queue = Arrays.copyOf(lane.queue, Math.max(2 * lane.queue.length, lane.queued + bytes.length));
        }
        System.arraycopy(bytes, 0, lane.queue, lane.queued, bytes.length);
        lane.queued += bytes.length;
        lane.fin |= fin;
        lane.ready |= fin && lane.queued == lane.arrived;
    }

    void resetByPeer(long id, long code) {
        Lane lane = find(id) == null ? add(id) : find(id);
        lane.peerReset = code;
        lane.inLength = 0;
        lane.ready = true;
    }

    void stopByPeer(long id, long code) {
        Lane lane = find(id);
        lane.peerStopped = code;
        lane.ready = true;
    }

    /// Lets pieces arrive and go, of as many streams as have some, beginning with another one each time.
    ///
    /// @return whether anything moved
    boolean move() {
        boolean any = false;
        turn++;
        for (int i = 0; i < count && closed == NONE; i++) {
            Lane lane = lanes[(i + turn) % count];
            int before = lane.arrived + lane.sentLength;
            boolean was = lane.ended;
            if (!lane.released) {
                lane.arrive();
            }
            lane.depart();
            any |= before != lane.arrived + lane.sentLength || was != lane.ended;
        }
        return any;
    }

    // The engine's side.

    @Override
    public long pollReady() {
        for (int i = 0; i < count; i++) {
            Lane lane = lanes[(i + turn) % count];
            if (lane.ready && !lane.released) {
                lane.ready = false;
                lane.named = lane.fin && lane.arrived == lane.queued;
                return lane.id;
            }
        }
        return NONE;
    }

    @Override
    public boolean isWithinLimits(long stream) {
        return stream >>> 2 < peersMax;
    }

    @Override
    public long open(boolean bidirectional) {
        if ((bidirectional ? openedBoth >= bidirectionalMax : openedOne == unidirectionalMax) || count == lanes.length) {
            return NONE;
        }
        long ordinal = bidirectional ? openedBoth++ : openedOne++;
        return add(ordinal << 2 | (bidirectional ? 0 : 2) | (client ? 0 : 1)).id;
    }

    @Override
    public MemorySegment inputSegment(long stream) {
        return readable(stream).in;
    }

    @Override
    public long inputAt(long stream) {
        return readable(stream).inFirst;
    }

    @Override
    public long inputLength(long stream) {
        if (closed != NONE) {
            return 0;  // as a connection's streams have it
        }
        Lane lane = readable(stream);
        return Math.min(lane.inLength, inputBytes - lane.inFirst);
    }

    @Override
    public boolean hasGap(long stream) {
        return readable(stream).gap;
    }

    /// Something has come behind a gap, or the gap is closed.
    void gap(long stream, boolean gap) {
        Lane lane = find(stream) == null ? add(stream) : find(stream);
        lane.gap = gap;
        lane.ready = true;
    }

    @Override
    public void consume(long stream, long bytes) {
        if (closed != NONE) {
            return;
        }
        Lane lane = readable(stream);
        if (bytes < 0 || bytes > inputLength(stream)) {
            throw new IllegalArgumentException("consume " + bytes + " of " + inputLength(stream));
        }
        for (int i = 0; i < bytes; i++) {
            lane.in.set(ValueLayout.JAVA_BYTE, lane.inFirst + i, (byte) 0x5a);  // who looks again sees it
        }
        lane.inFirst = (int) ((lane.inFirst + bytes) % inputBytes);
        lane.inLength -= (int) bytes;
    }

    @Override
    public boolean isInputEnded(long stream) {
        Lane lane = readable(stream);
        return lane.fin && lane.arrived == lane.queued && lane.inLength == 0 && lane.peerReset == NONE;
    }

    @Override
    public long inputReset(long stream) {
        return readable(stream).peerReset;
    }

    @Override
    public void stopSending(long stream, long code) {
        if (closed != NONE) {
            return;
        }
        Lane lane = readable(stream);
        if (lane.stopped == NONE && !isInputEnded(stream) && lane.peerReset == NONE) {
            lane.stopped = code;
        }
        lane.inLength = 0;
    }

    @Override
    public MemorySegment outputSegment(long stream) {
        return writable(stream).out;
    }

    @Override
    public long outputAt(long stream) {
        Lane lane = writable(stream);
        return (lane.outFirst + lane.outLength) % outputBytes;
    }

    @Override
    public long outputRoom(long stream) {
        return Math.min(outputFree(stream), Math.min(inOnePiece, outputBytes - outputAt(stream)));
    }

    @Override
    public long outputFree(long stream) {
        Lane lane = writable(stream);
        long free = Math.max(0, Math.min(outputBytes - lane.outLength, lane.credit));
        lane.wanted |= free < outputBytes;
        return free;
    }

    @Override
    public long outputPlace(long stream) {
        Lane lane = writable(stream);
        lane.wanted |= lane.outLength > 0;
        return outputBytes - lane.outLength;
    }

    @Override
    public long outputOwed(long stream) {
        Lane lane = of(stream);
        lane.wanted |= lane.owed() > 0;
        return lane.owed();
    }

    @Override
    public long outputBytesMax() {
        return outputBytes;
    }

    @Override
    public void wrote(long stream, long bytes) {
        if (bytes < 0 || bytes > outputRoom(stream)) {
            throw new IllegalArgumentException("wrote " + bytes + " of " + outputRoom(stream));
        }
        put(stream, bytes);
    }

    private void put(long stream, long bytes) {
        Lane lane = writable(stream);
        lane.outLength += (int) bytes;
        lane.credit -= bytes;
        if (ordered < order.length && (ordered == 0 || order[ordered - 1] != stream)) {
            order[ordered++] = stream;
        }
    }

    @Override
    public void write(long stream, MemorySegment from, long at, long length) {
        if (length < 0 || length > outputPlace(stream)) {
            throw new IllegalArgumentException("write " + length + " of " + outputPlace(stream));
        }
        for (long i = 0; i < length; i++) {
            outputSegment(stream).set(ValueLayout.JAVA_BYTE, outputAt(stream), from.get(ValueLayout.JAVA_BYTE, at + i));
            put(stream, 1);
        }
    }

    @Override
    public boolean isHeldBack(long stream, long bytes) {
        Lane lane = of(stream);
        return lane.credit < bytes;
    }

    /// The peer lets more go.
    void credit(long stream, long bytes) {
        Lane lane = find(stream);
        lane.credit += bytes;
        lane.ready = true;
    }

    @Override
    public void finish(long stream) {
        writable(stream).finished = true;
    }

    @Override
    public void reset(long stream, long code) {
        if (closed != NONE) {
            return;
        }
        Lane lane = of(stream);
        lane.reset = lane.reset == NONE ? code : lane.reset;
        lane.outLength = 0;
    }

    @Override
    public long outputStopped(long stream) {
        return of(stream).peerStopped;
    }

    @Override
    public void release(long stream) {
        if (closed != NONE) {
            return;
        }
        of(stream).released = true;
    }

    @Override
    public void close(long code) {
        closed = closed == NONE ? code : closed;
    }
}
