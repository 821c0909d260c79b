package dev.coffer.testkit.simulation;

import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Drives any [DatagramEngine] over a simulated network, as awkwardly as its outline allows: rooms for one datagram or many, deadlines asked
/// early, memory overwritten after each call; and it holds the engine to the outline. [StreamDriver]'s sister.
///
/// @param <E> the engine's events
@SuppressWarnings("this-escape")  // to its outline, which keeps it for the words of a message alone
public class DatagramDriver<E> implements Actor {
    private static final int GUARD_BYTES = Outline.GUARD_BYTES;
    private static final byte GUARD = Outline.GUARD;
    private static final int OUTPUTS_MAX = 10_000;      // of one turn: more is an engine that never stops

    private final Outline outline = new Outline(this);
    private final String name;
    private final DatagramEngine<E> engine;
    private final DatagramPort port;
    private final SplittableRandom random;
    private final Consumer<E> events;
    private final MemorySegment input;
    private final MemorySegment output;
    private final MemorySegment header = MemorySegment.ofArray(new byte[(int) DatagramHeader.BYTES + 2 * GUARD_BYTES]);
    private final int roomMax;
    private long now;

    /// @param name    in messages
    /// @param engine  after its reset
    /// @param port    its socket
    /// @param random  decides everything that the driver may choose
    /// @param events  the application, which may call the engine
    public DatagramDriver(String name, DatagramEngine<E> engine, DatagramPort port, SplittableRandom random, Consumer<E> events) {
        this.name = name;
        this.engine = engine;
        this.port = port;
        this.random = random;
        this.events = events;
        int least = engine.outputBytesMin();
        int most = engine.feedBytesMax();
        outline.require(least > 0 && least <= DatagramEngine.DATAGRAM_BYTES_MAX && most > 0 && most <= DatagramEngine.DATAGRAM_BYTES_MAX,
                "outputBytesMin or feedBytesMax", least > 0 && least <= DatagramEngine.DATAGRAM_BYTES_MAX ? most : least);
        this.roomMax = least * (random.nextBoolean() ? 1 : 1 + random.nextInt(DatagramEngine.SEGMENTS_MAX));
        this.output = MemorySegment.ofArray(new byte[roomMax + 2 * GUARD_BYTES]);
        this.input = MemorySegment.ofArray(new byte[most + 1 + 2 * GUARD_BYTES]);
    }

    @Override
    public final boolean turn(long nowNanos) {
        now = nowNanos;
        boolean moved = onDeadline();
        if (random.nextInt(4) != 0) {  // at times it only sends
            moved |= receive();
        }
        return moved | drain();
    }

    @Override
    public final long deadlineNanos() {
        return port.isReadable() ? now : engine.deadlineNanos();
    }

    private boolean onDeadline() {
        long deadline = engine.deadlineNanos();
        if (deadline > now && random.nextInt(16) != 0) {
            return false;
        }
        engine.onDeadline(now);
        if (deadline > now) {
            return false;
        }
        outline.deadlineTold(now, engine.deadlineNanos());
        return true;
    }

    private boolean receive() {
        int bytes = port.receive(input, GUARD_BYTES, engine.feedBytesMax() + 1, header, GUARD_BYTES);
        if (bytes < 0) {
            return false;
        }
        engine.feed(input, GUARD_BYTES, bytes, header, GUARD_BYTES, now);  // one byte too long shows that it is too long
        input.fill(GUARD);
        header.fill(GUARD);
        return true;
    }

    private boolean drain() {
        boolean moved = false;
        boolean more;
        int outputs = 0;
        do {
            more = poll();
            for (E event; (event = engine.pollEvent()) != null; more = true) {
                events.accept(event);
            }
            moved |= more;
            outline.require(++outputs < OUTPUTS_MAX, "output or events without an end");
        } while (more);
        return moved;
    }

    private boolean poll() {
        int least = engine.outputBytesMin();
        int room = random.nextInt(16) == 0 ? random.nextInt(least) : least + random.nextInt(roomMax - least + 1);
        output.fill(GUARD);
        header.fill(GUARD);
        boolean ended = engine.isEnded();
        long wrote = engine.pollOutput(output, GUARD_BYTES, room, header, GUARD_BYTES, now);
        if (wrote == 0 && room < least) {
            room = least;
            wrote = engine.pollOutput(output, GUARD_BYTES, room, header, GUARD_BYTES, now);
        }
        outline.require(wrote >= 0 && wrote <= room, "wrote more than its room, or less than nothing:", wrote);
        outline.require(!ended || wrote == 0, "wrote after its end:", wrote);
        outline.require(Outline.isGuarded(output, room) && Outline.isGuarded(header, DatagramHeader.BYTES), "wrote outside its room");
        if (wrote == 0) {
            for (int i = 0; i < DatagramHeader.BYTES; i++) {
                outline.require(header.get(ValueLayout.JAVA_BYTE, GUARD_BYTES + i) == GUARD, "changed the header though it wrote nothing");
            }
            return false;
        }
        int segment = DatagramHeader.segmentBytes(header, GUARD_BYTES);
        outline.require(segment <= least, "segment larger than outputBytesMin:", segment);
        port.send(output, GUARD_BYTES, wrote, header, GUARD_BYTES);
        return true;
    }

    @Override
    public final String toString() {
        return name + " " + engine + " on " + port;
    }
}
