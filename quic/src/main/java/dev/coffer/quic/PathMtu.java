package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// How large a datagram a path carries (RFC 9000, section 14.3; RFC 8899, DPLPMTUD): from 1,200 bytes, which all carry, up to what the plan and the peer hold. Seven bytes a path, which lie
/// in the [LossRecovery] of it. Stateless; 0 heap bytes.
///
/// ```
///   BASE --a datagram is full--> wanted --a probe goes--> under way --ACK--> that is the size --a datagram is full--> wanted, as far as there is hope
///    ^                                                      '--lost, three times of a size--> less is hoped for
///    '-- large packets are lost three times, and none as large is acknowledged between: the path has shrunk
/// ```
///
/// Who fills no datagram wants no larger one: an idle connection, and one of small answers, sends no probe. A probe is a packet of PING and PADDING; that it is lost says nothing of congestion.
/// A search that is over begins again when a datagram is full ten minutes later, which needs no timer.
final class PathMtu {
    /// Bytes that every path carries, or QUIC is not for it.
    static final int BASE = QuicConfig.DATAGRAM_BYTES_MIN;

    private static final long STATE = 0;      // u8
    private static final long LOSSES = 1;     // u8: times that large packets were lost since one as large was acknowledged, two bits; the least of them, six
    private static final long HOPE = 2;       // u16, the largest that may yet be carried
    private static final long MOST = 4;       // u16, that the plan and the peer hold
    private static final long OVER_AT = 6;    // u8, when the search was over, in 2^36 ns
    static final long BYTES = 7;

    // State: times that the size was tried in the lowest bits.
    private static final int TRIES = 3;
    private static final int WANTED = 1 << 2;
    private static final int UNDER_WAY = 1 << 3;

    /// Probes of a size before it is not hoped for any more (MAX_PROBES of RFC 8899, section 5.1.2).
    private static final int TRIES_MAX = 3;
    /// A search does not go on for less.
    private static final int STEP_BYTES = 16;
    /// After how many of them a path is believed to have shrunk.
    private static final int LOSSES_MAX = 3;
    private static final int COUNT = 3;
    private static final int LEAST_SHIFT = 2;
    /// What is lost is told apart to so many bytes above [#BASE], to 63 of them.
    private static final int LEAST_UNIT = 8;
    private static final int LEAST_MAX = 63;
    private static final int UNIT_SHIFT = 36;  // 69 s
    private static final int RAISE_UNITS = 9;  // 600 s (PMTU_RAISE_TIMER)

    private PathMtu() {}

    /// Begins a path, of which nothing is known.
    ///
    /// @param most  bytes that may be searched for
    static void begin(MemorySegment memory, long at, int most) {
        u8(memory, at + STATE, 0);
        u8(memory, at + LOSSES, 0);
        LittleEndian.u16(memory, at + HOPE, most);
        LittleEndian.u16(memory, at + MOST, most);
        u8(memory, at + OVER_AT, 0);
    }

    /// The connection has moved to another path.
    static void restart(MemorySegment memory, long at) {
        begin(memory, at, LittleEndian.u16(memory, at + MOST));
    }

    private static int u8(MemorySegment memory, long at) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at));
    }

    private static void u8(MemorySegment memory, long at, int value) {
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    private static boolean has(MemorySegment memory, long at, int flag) {
        return (u8(memory, at + STATE) & flag) != 0;
    }

    private static int unit(long nowNanos) {
        return (int) (nowNanos >>> UNIT_SHIFT) & 0xff;
    }

    /// {@return whether there is anything left to search for}
    private static boolean isOpen(MemorySegment memory, long at, int size) {
        return LittleEndian.u16(memory, at + HOPE) - size >= STEP_BYTES;
    }

    /// A datagram was as long as it may be: a larger one would be of use.
    ///
    /// @param size  of it
    static void full(MemorySegment memory, long at, int size, long nowNanos) {
        int state = u8(memory, at + STATE);
        if ((state & (WANTED | UNDER_WAY)) != 0) {
            return;
        }
        if (!isOpen(memory, at, size) && LittleEndian.u16(memory, at + MOST) - size >= STEP_BYTES
                && (unit(nowNanos) - u8(memory, at + OVER_AT) & 0xff) >= RAISE_UNITS) {
            LittleEndian.u16(memory, at + HOPE, LittleEndian.u16(memory, at + MOST));  // what the path is made of may have changed
        }
        if (isOpen(memory, at, size)) {
            u8(memory, at + STATE, state | WANTED);
        }
    }

    /// {@return bytes of a probe that is to go, 0 for none}
    ///
    /// @param size  of datagrams as of now
    static int wanted(MemorySegment memory, long at, int size) {
        if (!has(memory, at, WANTED)) {
            return 0;
        }
        int hope = LittleEndian.u16(memory, at + HOPE);
        return hope == LittleEndian.u16(memory, at + MOST) ? hope : size + (hope - size + 1) / 2;  // most paths carry it all
    }

    /// The probe went.
    static void went(MemorySegment memory, long at) {
        int state = u8(memory, at + STATE) & ~WANTED;
        u8(memory, at + STATE, (state | UNDER_WAY) + 1);
    }

    /// A probe was acknowledged.
    ///
    /// @param size   of datagrams as of now
    /// @param bytes  of the probe
    /// @return the size from now on
    static int arrived(MemorySegment memory, long at, int size, int bytes, long nowNanos) {
        if (!has(memory, at, UNDER_WAY) || bytes <= size || bytes > LittleEndian.u16(memory, at + HOPE)) {
            return size;  // of a search that is no more
        }
        u8(memory, at + LOSSES, 0);
        searched(memory, at, nowNanos);
        return bytes;
    }

    /// A probe was lost: by the path's limit, or by chance.
    static void lost(MemorySegment memory, long at, int size, int bytes, long nowNanos) {
        int state = u8(memory, at + STATE);
        if ((state & UNDER_WAY) == 0 || bytes <= size || bytes > LittleEndian.u16(memory, at + HOPE)) {
            return;
        }
        if ((state & TRIES) < TRIES_MAX) {
            u8(memory, at + STATE, state & TRIES);
        } else {
            LittleEndian.u16(memory, at + HOPE, bytes - 1);
            searched(memory, at, nowNanos);
        }
    }

    /// A size is known to be carried, or not to be: what comes next is tried behind the next full datagram.
    private static void searched(MemorySegment memory, long at, long nowNanos) {
        u8(memory, at + STATE, 0);
        u8(memory, at + OVER_AT, unit(nowNanos));
    }

    /// A packet was acknowledged that not every path carries. That the path has not shrunk is shown by one as large as the least that was lost: of one that has, what is smaller is carried
    /// and says nothing.
    ///
    /// @param bytes  of it
    static void largeArrived(MemorySegment memory, long at, int bytes) {
        if (units(bytes) >= u8(memory, at + LOSSES) >>> LEAST_SHIFT) {
            u8(memory, at + LOSSES, 0);
        }
    }

    private static int units(int bytes) {
        return Math.min((bytes - BASE) / LEAST_UNIT, LEAST_MAX);
    }

    /// Of what was just found lost one packet at least was larger than every path carries, and no probe.
    ///
    /// @param least  bytes of the smallest such packet
    /// @return the size from now on: [#BASE] where the path is a black hole (RFC 8899, section 4.3)
    static int largeLost(MemorySegment memory, long at, int size, int least, long nowNanos) {
        int before = u8(memory, at + LOSSES);
        int losses = (before & COUNT) + 1;
        if (losses < LOSSES_MAX || size <= BASE) {
            int units = losses == 1 ? units(least) : Math.min(units(least), before >>> LEAST_SHIFT);
            u8(memory, at + LOSSES, Math.min(losses, LOSSES_MAX - 1) | units << LEAST_SHIFT);
            return size;
        }
        u8(memory, at + LOSSES, 0);
        LittleEndian.u16(memory, at + HOPE, size - 1);
        searched(memory, at, nowNanos);
        return BASE;
    }

    /// {@return the largest that is hoped for}
    static int hope(MemorySegment memory, long at) {
        return LittleEndian.u16(memory, at + HOPE);
    }
}
