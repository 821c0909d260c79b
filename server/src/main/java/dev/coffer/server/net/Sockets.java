package dev.coffer.server.net;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The sockets of one loop: connections in slots 0..slots-1, which the caller numbers, and in one loop the listener.
///
/// ```
///   pending --accept--> in hand --keep--> slot          of the loop that listens
///                          |--pass--> another loop's queue --adopt--> in hand --keep--> slot
///                          '--drop--> closed
///   free slot --connect--> under way --WRITE, connected--> slot                  of a loop that calls others
/// ```
///
/// Level-triggered: what is ready and still awaited is reported again by the next [#await]. One thread at a time, save
/// [#wake] and [#pass], by which one listening loop gives connections to others. No peer can make a method throw: what a
/// connection suffers is a negative result.
@SuppressWarnings("exports")  // annotations that users need not have
public interface Sockets extends AutoCloseable {
    /// A slot's result: nothing now, ask again when it is reported ready.
    int NOTHING = 0;
    /// [#receive]: the peer has finished sending.
    int FINISHED = -1;
    /// The connection is broken; nothing can be sent or received any more.
    int BROKEN = -2;

    /// [#sendFile]: the file ends before, or cannot be sent so, or the connection is broken: [#send] tells.
    int UNFIT = -4;

    /// [#accept]: a connection is in hand.
    int ACCEPTED = 1;
    /// [#accept]: the process or the system has no file descriptor left, or nothing can be accepted for a reason that another try
    /// does not end; what is pending stays pending.
    int NO_DESCRIPTOR = -3;

    /// [#connected]: the connection is made.
    int CONNECTED = 1;

    /// Descriptors that [#save] holds at most.
    int SPARES_MAX = 8;

    /// Bytes of [#peer], at most: eight groups of four digits and the colons between them.
    int PEER_BYTES_MAX = 39;

    /// [#readySlot] of the listener.
    int LISTENER = -1;
    /// [#readySlot] of a [#wake].
    int WAKE = -2;

    /// Await bytes of the peer, or its end.
    int READ = 1;
    /// Await room to send.
    int WRITE = 2;

    /// Opens the listener.
    ///
    /// @throws IOException  the system refused: its message says why in a few words; nothing is held
    void listen(InetSocketAddress address) throws IOException;

    /// {@return where the listener is bound, with the port that the system chose; null before}
    @Nullable
    InetSocketAddress address();

    /// Whether pending connections are reported. Off while nothing can be accepted.
    void listening(boolean on);

    /// Closes the listener: connections that were not accepted are refused by the system from here on.
    void closeListener();

    /// Waits until something awaited is ready, a [#wake], or the time is over.
    ///
    /// @param timeoutNanos  0 not at all, `Long.MAX_VALUE` for ever; rounded up to what the system can: nanoseconds, or
    ///                      milliseconds where it is older or the JDK's
    /// @return number of ready things, to be asked for by [#readySlot] and [#readyOperations]
    int await(long timeoutNanos);

    /// {@return what the i-th ready thing is: a slot, [#LISTENER] or [#WAKE]}
    int readySlot(int i);

    /// {@return [#READ] and [#WRITE] as they are possible in the i-th ready slot; a broken connection has both}
    int readyOperations(int i);

    /// Takes a pending connection in hand, where there is room for one: [#keep], [#pass] or [#drop] it.
    ///
    /// @return [#ACCEPTED], [#NOTHING] or [#NO_DESCRIPTOR]
    int accept();

    /// Puts the connection in hand into a free slot, awaiting [#READ].
    ///
    /// @return whether the system has memory to watch it; otherwise it is closed
    boolean keep(int slot);

    /// Gives the connection in hand to another loop's sockets of the same kind, which are woken and [#adopt] it. One
    /// thread at a time passes to the same sockets, and never more than they have slots.
    void pass(Sockets other);

    /// Takes the connection that was passed to these sockets first, of those that were, in hand.
    ///
    /// @return whether there was one
    boolean adopt();

    /// Closes the connection in hand.
    void drop();

    /// Begins a connection in a free slot, awaiting [#WRITE]: reported when it is made, or has failed. Makes the objects of one
    /// address, in the portable form those of the JDK's channel too.
    ///
    /// @param address  resolved
    /// @return [#NOTHING] while it is under way; else the slot is free: [#NO_DESCRIPTOR], or [#BROKEN] where the system refuses at
    ///         once, as it does what leads nowhere
    int connect(int slot, InetSocketAddress address);

    /// {@return how the connection of [#connect] fares: [#CONNECTED], [#NOTHING] while it is under way, or [#BROKEN]. What is
    /// awaited stays; asked once more after CONNECTED it may say anything}
    int connected(int slot);

    /// Holds descriptors back, so that one can be had when the process has none left.
    ///
    /// @param wanted  how many; 0..[#SPARES_MAX]
    /// @return how many are held now
    int save(int wanted);

    /// Lets one of the [#save]d descriptors go.
    ///
    /// @return whether there was one
    boolean spend();

    /// {@return whether the slot's peer is this machine}
    boolean isLoopback(int slot);

    /// Writes the address of a slot's peer as text: IPv4 in dotted form, also where it came through an IPv6 socket, else eight
    /// groups.
    ///
    /// @param target  room for [#PEER_BYTES_MAX] bytes at `at`
    /// @return bytes written; 0 where the peer has gone
    int peer(int slot, MemorySegment target, long at);

    /// Reads what is there.
    ///
    /// @return bytes, [#NOTHING], [#FINISHED] or [#BROKEN]
    int receive(int slot, MemorySegment target, long at, int length);

    /// Sends what the system takes now.
    ///
    /// @return bytes, [#NOTHING] or [#BROKEN]
    int send(int slot, MemorySegment source, long at, int length);

    /// {@return whether [#sendTwo] and [#sendFile] are there: without them everything is sent by [#send]}
    default boolean passes() {
        return false;
    }

    /// Sends what the system takes now of two ranges, the second behind the first, in one call.
    ///
    /// @return bytes of both together, [#NOTHING] or [#BROKEN]
    /// @throws UnsupportedOperationException  not [#passes] (caller's fault)
    default int sendTwo(int slot, MemorySegment first, long firstAt, int firstLength, MemorySegment second, long secondAt, int secondLength) {
        throw new UnsupportedOperationException();
    }

    /// Sends as [#send], and says that more follows at once: what does not fill a segment may wait for it.
    default int sendMore(int slot, MemorySegment source, long at, int length) {
        return send(slot, source, at, length);
    }

    /// Sends what the system takes now of a file, without a copy of ours.
    ///
    /// @param file      descriptor of an open file
    /// @param position  of the first byte
    /// @return bytes, 1 or more; [#NOTHING]; or [#UNFIT]
    /// @throws UnsupportedOperationException  not [#passes] (caller's fault)
    default int sendFile(int slot, int file, long position, int length) {
        throw new UnsupportedOperationException();
    }

    /// Changes what is awaited in a slot: a sum of [#READ] and [#WRITE], or 0. With 0 a connection that breaks is reported on Linux
    /// at once, by the JDK's selector not before something is awaited again: there it is found by a time limit, or by what is
    /// sent next.
    void interest(int slot, int operations);

    /// Tells the peer that nothing more will be sent.
    void finish(int slot);

    /// Closes a slot's connection. A free slot is left alone.
    void close(int slot);

    /// {@return whether a slot holds a connection}
    boolean isOpen(int slot);

    /// Makes the present or next [#await] return. For any thread.
    void wake();

    /// Closes everything. Safe to call twice.
    @Override
    void close();
}
