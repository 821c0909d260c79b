package dev.coffer.server.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What a datagram socket has done since it was made. Written by its thread alone, without fences; read by any, exact when that
/// thread is quiet.
public final class DatagramStatistics {
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    /// What is counted.
    public enum Count {
        /// Datagrams that were handed on, each of a group.
        RECEIVED,
        /// Their bytes.
        RECEIVED_BYTES,
        /// Calls that received something.
        RECEIVE_CALLS,
        /// Datagrams dropped that were longer than the largest that is taken, or came without what the system has to tell of them.
        TRUNCATED,
        /// Errors that the system told when receiving: ICMP's, as a rule. Each hides no datagram.
        RECEIVE_ERRORS,
        /// Datagrams that the system took, each of a run.
        SENT,
        /// Their bytes.
        SENT_BYTES,
        /// Calls that sent something.
        SEND_CALLS,
        /// Datagrams dropped because they are larger than the path's MTU as the system knows it. The JDK does not tell them from
        /// [#REFUSED].
        TOO_LARGE,
        /// Datagrams dropped because the system refused to send them: no route, not permitted, no such local address, no memory.
        REFUSED,
        /// Times that the system had no room; nothing is lost by it.
        FULL
    }

    private final long[] counts = new long[Count.values().length];

    DatagramStatistics() {}

    void add(Count what, long times) {
        COUNTS.setOpaque(counts, what.ordinal(), counts[what.ordinal()] + times);
    }

    /// {@return how often it has happened}
    public long of(Count what) {
        return (long) COUNTS.getOpaque(counts, what.ordinal());
    }
}
