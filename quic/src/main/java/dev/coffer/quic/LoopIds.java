package dev.coffer.quic;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.token.ConnectionIdSource;
import dev.coffer.quic.token.ResetTokens;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Where the IDs of a loop's connections come from, who finds them, and their reset tokens. Without an endpoint they are 8 random bytes that nobody looks for, and
/// tokens are of a key that nobody else has. One thread at a time; 0 heap bytes after construction.
final class LoopIds {
    /// Draws before a source is believed to have no ID that is free.
    private static final int TRIES_MAX = 16;
    static final long MEMORY_BYTES = Align.up(ResetTokens.MEMORY_BYTES, Long.BYTES) + ResetTokens.BYTES;

    private final MemorySegment memory;
    private final Entropy entropy;
    private final long tokenAt;
    private final ResetTokens own;
    private ResetTokens resets;
    private @Nullable ConnectionIdSource source;
    private int aloneBytes = Connection.LOCAL_ID_BYTES;
    private @Nullable IdTable table;
    private boolean usedUp;

    /// @param memory  of the loop, off the heap, [#MEMORY_BYTES] from `at`
    /// @param workAt  there, [ResetTokens#KEY_BYTES] that are free for now
    LoopIds(MemorySegment memory, long at, long workAt, Entropy entropy) {
        this.memory = memory;
        this.entropy = entropy;
        this.tokenAt = at + Align.up(ResetTokens.MEMORY_BYTES, Long.BYTES);
        try {
            entropy.fill(memory, workAt, ResetTokens.KEY_BYTES);
            this.own = new ResetTokens(memory, at, memory, workAt, "");
        } finally {
            Wipe.bytes(memory, workAt, ResetTokens.KEY_BYTES);
        }
        this.resets = own;
    }

    /// From now on an endpoint finds them.
    void serve(ConnectionIdSource of, IdTable in, @Nullable ResetTokens with) {
        if (table != null) {
            throw new IllegalStateException("quic: a second endpoint of one loop (expected one)");
        }
        source = of;
        usedUp = false;
        table = in;
        resets = with == null ? own : with;
    }

    /// The endpoint is no more.
    void alone() {
        source = null;
        table = null;
        resets = own;
    }

    /// Without an endpoint they have so many bytes: 0 for a client behind a socket of its own that wants none (RFC 9000, section 5.1).
    void alone(int bytes) {
        aloneBytes = bytes;
    }

    ResetTokens resets() {
        return resets;
    }

    /// {@return whether somebody says stateless resets}
    boolean areFound() {
        return table != null;
    }

    /// {@return bytes of each}
    int bytes() {
        return source == null ? aloneBytes : source.length();
    }

    /// Draws an ID that nobody has, and has it found.
    ///
    /// @return whether there is one
    boolean draw(Connection c, int which, long at) {
        if (source == null || table == null) {
            c.drawId(at, aloneBytes);
            return true;
        }
        for (int i = 0; i < TRIES_MAX; i++) {
            if (!source.next(memory, at)) {
                usedUp = true;
                return false;
            }
            int length = ConnectionId.length(memory, at);
            if (table.find(memory, at + ConnectionId.VALUE, length) == IdTable.NONE) {
                table.add(c.number, which, memory, at + ConnectionId.VALUE, length);
                return true;
            }
            Wipe.bytes(memory, at, ConnectionId.BYTES);
        }
        return false;
    }

    /// {@return whether the source has no more: from now on nobody new can be let in}
    boolean areUsedUp() {
        return usedUp;
    }

    /// The ID that a client chose for its first packets is to be found.
    void original(Connection c, long at) {
        if (table != null) {
            table.add(c.number, IdTable.ORIGINAL, memory, at + ConnectionId.VALUE, ConnectionId.length(memory, at));
        }
    }

    void forget(Connection c, int which, long at) {
        if (table != null) {
            table.remove(c.number, which, memory, at + ConnectionId.VALUE, ConnectionId.length(memory, at));
        }
    }

    void forgetOriginal(Connection c) {
        if (table != null) {
            table.removeOriginal(c.number);
        }
    }

    /// {@return offset in the loop's memory of the reset token of an ID, until the next one}
    ///
    /// @param place  where it was drawn, as of [ResetTokens#place]
    long token(long id, int place) {
        resets.write(memory, id, place, memory, tokenAt);
        return tokenAt;
    }

    /// Writes NEW_CONNECTION_ID.
    ///
    /// @return as of [FrameWriter]
    long write(long number, long retirePriorTo, long id, int place, MemorySegment out, long at, long end) {
        return FrameWriter.newConnectionId(out, at, end, number, retirePriorTo, memory, id, memory, token(id, place));
    }

    Entropy entropy() {
        return entropy;
    }
}
