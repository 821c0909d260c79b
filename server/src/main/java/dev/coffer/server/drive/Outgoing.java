package dev.coffer.server.drive;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.engine.Passage;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.server.net.Sockets;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What waits to be sent on one connection: bytes that its engine has written to a buffer, and behind them a passage of the engine,
/// which is sent from where it lies. The buffer is lent from the first byte to the last; a passage needs none, so a peer that reads
/// a large file slowly holds no memory of others.
final class Outgoing {
    /// Bytes sent for one connection before the others have their turn.
    static final int TURN_BYTES_MAX = 1 << 18;

    private final Shared shared;
    private final Conversation talk;
    private long block = SlotPool.NONE; // the output block on loan, or NONE: the protocol's own buffer
    private long at;                    // of the first byte in `memory()`
    private int sent;                   // bytes of it that are gone
    private int length;                 // bytes written there
    private int fills;
    private long unsentAt = Transport.ALL_SENT;  // of what was dropped last, the first byte that was not gone
    private boolean full;               // the system took less than it was offered
    private boolean polling;            // the engine is being asked

    Outgoing(Shared shared, Conversation talk) {
        this.shared = shared;
        this.talk = talk;
    }

    /// {@return bytes of the object}
    static long heapBytes() {
        return HeapLayout.instance(Outgoing.class);
    }

    /// {@return whether anything waits}
    boolean isPending(@Nullable Protocol protocol) {
        return length > 0 || protocol != null && protocol.engine().passage() != null;
    }

    /// {@return whether the system has no room, as far as is known from the last [#flush]}
    boolean isFull() {
        return full;
    }

    /// {@return whether the engine is being asked at this moment}
    boolean isPolling() {
        return polling;
    }

    /// {@return how often it was filled}
    int fills() {
        return fills;
    }

    /// {@return where the first byte lay that was not gone when it was dropped}
    long unsentAt() {
        return unsentAt;
    }

    private MemorySegment memory(Protocol protocol) {
        return block != SlotPool.NONE ? shared.lent.segment() : protocol.output().memory();
    }

    /// Polls the engine into a buffer until it has nothing more or the buffer no room.
    ///
    /// @return whether anything waits now
    boolean fill(Protocol protocol, long now) {
        assert length == 0 && block == SlotPool.NONE : "output is pending";
        block = shared.lent.tryLend(Shared.OUTPUT, talk.slot());
        boolean lent = block != SlotPool.NONE;
        MemorySegment out = memory(protocol);
        at = lent ? shared.lent.at(block) : protocol.output().at();
        int room = lent ? shared.config.blockBytes() : protocol.output().bytes();
        sent = 0;
        fills++;
        unsentAt = Transport.ALL_SENT;
        polling = true;
        boolean more;
        do {
            int wrote = length < room || room == 0 ? poll(protocol, out, room, now) : 0;  // without any room: it learns of that
            if (wrote < 0) {
                break;
            }
            length += wrote;
            more = wrote > 0;
            while (protocol.event(now)) {
                more = true;
            }
        } while (more);
        polling = false;
        if (length == 0) {
            drop(protocol);
        }
        return isPending(protocol);
    }

    /// {@return bytes written, or -1 where the connection cannot go on}
    private int poll(Protocol protocol, MemorySegment out, int room, long now) {
        Engine<?> engine = protocol.engine();
        while (true) {
            try {
                return (int) engine.pollOutput(out, at + length, room - length, now);
            } catch (RuntimeException | Error thrown) {
                if (!protocol.failed(thrown)) {
                    talk.cut();
                    engine.disconnect(now);
                    return -1;
                }
            }
        }
    }

    /// Sends what waits, up to [#TURN_BYTES_MAX].
    ///
    /// @return bytes sent, or below zero if the connection is broken
    int flush(Protocol protocol, long now) {
        full = false;
        int total = 0;
        if (length > 0) {
            total = written(protocol, now);
            if (total < 0 || full) {
                return total;
            }
        }
        for (Passage passage; total < TURN_BYTES_MAX && !full && (passage = protocol.engine().passage()) != null;) {
            int passed = pass(protocol.engine(), passage, (int) Math.min(passage.left(), TURN_BYTES_MAX - total), now);
            if (passed < 0) {
                return passed;
            }
            total += passed;
        }
        return total;
    }

    /// Sends what was written, with the beginning of the passage behind it where that lies in memory.
    private int written(Protocol protocol, long now) {
        Engine<?> engine = protocol.engine();
        Passage passage = engine.passage();
        int wanted = length - sent;
        int behind = passage == null || passage.isFile() ? 0 : (int) Math.min(passage.left(), TURN_BYTES_MAX);
        MemorySegment memory = memory(protocol);
        int slot = talk.slot();
        int took = passage == null ? shared.sockets.send(slot, memory, at + sent, wanted)
                : behind == 0 ? shared.sockets.sendMore(slot, memory, at + sent, wanted)
                        : shared.sockets.sendTwo(slot, memory, at + sent, wanted, inMemory(passage), passage.at(), behind);
        if (took < 0) {
            return took;
        }
        full = took < wanted + behind;
        sent += Math.min(took, wanted);
        if (took > wanted) {
            engine.passed(took - wanted, now);
        }
        if (sent == length) {
            drop(protocol);
        }
        return took;
    }

    private static MemorySegment inMemory(Passage passage) {
        return Objects.requireNonNull(passage.segment(), "no file");
    }

    private int pass(Engine<?> engine, Passage passage, int most, long now) {
        int passed = passage.isFile() ? shared.sockets.sendFile(talk.slot(), passage.file(), passage.at(), most)
                : shared.sockets.send(talk.slot(), inMemory(passage), passage.at(), most);
        if (passed == Sockets.UNFIT) {
            engine.refusePassage(now);
            return 0;
        }
        full = passed < most;
        if (passed > 0) {
            engine.passed(passed, now);
        }
        return passed;
    }

    /// Gives the output buffer back, wiped.
    void drop(@Nullable Protocol protocol) {
        unsentAt = sent < length ? at + sent : Transport.ALL_SENT;
        if (block != SlotPool.NONE) {
            shared.lent.release(block, length);
            block = SlotPool.NONE;
        } else if (length > 0) {
            OwnOutput own = Objects.requireNonNull(protocol, "whose output it is").output();
            Wipe.bytes(own.memory(), own.at(), length);
        }
        length = 0;
        sent = 0;
    }
}
