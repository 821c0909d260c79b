package dev.coffer.server.drive;

import dev.coffer.server.net.Datagrams;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/// A loop, as those see it who live in it.
public interface LoopContext {
    /// [#connect]: every seat is taken.
    int NO_SEAT = -1;
    /// [#connect]: the process has no file descriptor left.
    int NO_DESCRIPTOR = -2;
    /// [#connect]: the system refuses at once.
    int REFUSED = -3;

    /// {@return its ordinal, from 0}
    int index();

    /// {@return the time of the present turn, the same object for ever}
    Now now();

    /// A timer of the loop's own, made at start.
    ///
    /// @param task  run on the loop's thread when the time has come
    /// @throws IllegalStateException  more than were planned (caller's fault)
    Timer timer(Runnable task);

    /// Begins a connection to a peer: a lane's own, which waits idle from when it is made ([Lane#connected]) for a protocol that
    /// [#use] gives it. From [Lane#dispatch] alone, so that no seat is taken anew while a report on its last connection may be unread.
    ///
    /// @param address   resolved
    /// @param untilNanos  when it is given up, unless it is made by then
    /// @return its seat, [#NO_SEAT], [#NO_DESCRIPTOR] or [#REFUSED]
    int connect(InetSocketAddress address, long untilNanos);

    /// Gives a protocol to an idle connection of the lane's own: its engine is reset, [Protocol#begin] called, and it has a turn soon.
    void use(int seat, Protocol protocol);

    /// Ends a connection of the lane's own that is idle or not yet made.
    void close(int seat);

    /// Has the loop drive an engine over a datagram socket, from [DatagramDriver#bind] on. The loop closes the socket when it closes, and
    /// where it is refused to open.
    ///
    /// @param socket    not bound, of the loop's form: [dev.coffer.server.net.Datagrams#of] with [LoopConfig#portable]
    /// @param protocol  ended by whom it belongs to, once the loop is closed
    /// @throws IllegalStateException     more than were planned ([Lane#datagrams]; caller's fault)
    /// @throws IllegalArgumentException  the socket's queue has no room for what the engine writes at once (caller's fault)
    DatagramDriver drive(Datagrams socket, DatagramProtocol protocol);

    /// Rows that the loop's thread alone writes: where memory is committed on touch, pages of them that are zero are given back. From [Lane#open] alone.
    ///
    /// @param rows  of the lane's memory
    default void own(MemorySegment rows) {}

    /// Makes the loop have a turn. From any thread, at any time.
    void wake();
}
