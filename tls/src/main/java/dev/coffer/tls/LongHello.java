package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Room for one ClientHello of a loop that is longer than a handshake's slot ([TlsServerConfig#longHelloBytesMax]): lent with its header, wiped and free again when it was read or its
/// handshake has ended. Whoever has held it for a second gives way to who asks for it then: its handshake fails with its next octet, so that one that speaks slowly does not keep the
/// others out.
///
/// **Who asks for it in vain stands in a line**, over TCP or QUIC, and is served in the order of that. Over TCP everybody asks again in a moment; of those over QUIC the first is named when
/// it is its turn ([#next]). Who does not take it within [#TURN_NANOS] stands last, so that nobody waits for who does not come. The loop's thread alone; 0 heap bytes.
final class LongHello {
    static final long NEVER = Long.MAX_VALUE;
    /// How long it is nobody else's.
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    /// How long it is kept for the first in the line.
    static final long TURN_NANOS = 250_000_000L;
    /// Who waits over QUIC hears nothing of what goes on over TCP: that is looked at.
    private static final long LOOK_NANOS = 5_000_000L;
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final MemorySegment memory;
    private final Line<ServerHandshake> line = new Line<>();
    private @Nullable ServerHandshake holder;
    private int dirty;
    private long lentAt;            // when
    private long turnAt = UNKNOWN;  // since when the first might have it, as far as anybody has looked
    private boolean named;          // the first was

    /// @param memory  zero; of no bytes where none is taken
    LongHello(MemorySegment memory) {
        this.memory = memory;
    }

    /// Lends it.
    ///
    /// @param bytes  that are needed
    /// @return null, or why not: longer than any may be, or another's now
    @Nullable
    Alert lend(ServerHandshake by, int bytes) {
        if (bytes > memory.byteSize()) {
            return Alert.DECODE_ERROR;
        }
        if (mustWait(by, bytes)) {
            return Alert.INTERNAL_ERROR;  // it is our memory that is short (RFC 8446, section 6.2)
        }
        ServerHandshake slow = holder;
        if (slow != null) {
            slow.loseMessage();
            release(slow);
        }
        by.place.leave();
        turn();
        holder = by;
        lentAt = by.nowNanos();
        dirty = bytes;
        return null;
    }

    /// Asks for it.
    ///
    /// @return whether [#lend] refuses for now what it will not later: then it stands in the line
    boolean mustWait(ServerHandshake by, int bytes) {
        if (bytes > memory.byteSize() || holder == by) {
            return false;
        }
        boolean waits = isAnothers(by.nowNanos());
        if (!waits && line.first() != null && line.first() != by) {
            stand(by);
            look(by.nowNanos());
            waits = line.first() != by;
        }
        if (waits) {
            stand(by);
        }
        return waits;
    }

    private void stand(ServerHandshake who) {
        if (!who.place.isIn()) {
            line.join(who.place);
        }
    }

    /// {@return whether somebody has it who has not held it for long}
    private boolean isAnothers(long nowNanos) {
        return holder != null && nowNanos - lentAt < PATIENCE_NANOS;
    }

    /// It is the turn of the first, who stands last where it has had that.
    private void look(long nowNanos) {
        ServerHandshake first = line.first();
        if (first != null && turnAt != UNKNOWN && nowNanos - turnAt >= TURN_NANOS) {
            line.join(first.place);
            turn();
        }
        turnAt = turnAt == UNKNOWN ? nowNanos : turnAt;
    }

    /// Another one's turn begins when somebody looks.
    private void turn() {
        turnAt = UNKNOWN;
        named = false;
    }

    /// {@return who is carried by QUIC and may have it now: each is named once in its turn; null for none}
    @Nullable
    QuicTransport next(long nowNanos) {
        if (line.first() == null || isAnothers(nowNanos)) {
            return null;
        }
        look(nowNanos);
        ServerHandshake first = line.first();
        if (first == null || first.quic == null || named) {
            return null;
        }
        named = true;
        return first.quic;
    }

    /// {@return when to ask for the [#next], though nothing comes of those over QUIC}
    long nextNanos(long nowNanos) {
        ServerHandshake first = line.first();
        ServerHandshake of = holder;
        if (first == null || first.quic == null) {
            return NEVER;  // over TCP it asks by itself
        }
        if (of == null || !isAnothers(nowNanos)) {
            return named ? turnAt + TURN_NANOS : nowNanos;
        }
        return of.quic != null ? lentAt + PATIENCE_NANOS : Math.min(nowNanos + LOOK_NANOS, lentAt + PATIENCE_NANOS);
    }

    MemorySegment memory() {
        return memory;
    }

    /// Gives it back, wiped, if it is that one's, who waits for it no more either. Twice is harmless.
    void release(ServerHandshake by) {
        if (line.first() == by) {
            turn();
        }
        by.place.leave();
        if (holder == by) {
            Wipe.bytes(memory, 0, dirty);
            holder = null;
            turn();
        }
    }

    /// Wipes it.
    void wipe() {
        if (memory.scope().isAlive()) {
            Wipe.segment(memory);
        }
    }
}
