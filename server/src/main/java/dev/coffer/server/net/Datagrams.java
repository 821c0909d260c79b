package dev.coffer.server.net;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One datagram socket with its memory: what came, by batches, each datagram with its
/// [dev.coffer.memory.engine.DatagramHeader], and a queue of what is to be sent. It is connected to nobody: one socket serves any
/// number of peers, and whose a datagram is, is for an engine to say.
///
/// ```
///   made --bind--> bound --close--> closed
///                    |
///                    +-- receive, next ... next       a batch; each datagram lies in `received()` until the next call
///                    '-- write into queue(), send     as many as the system takes, the rest stays queued
/// ```
///
/// Two forms, and what they can ([Feature]): [LinuxDatagrams] on Linux's own calls, 0 heap bytes a datagram;
/// [NioDatagrams] on the JDK's channel. Nothing that comes from outside makes a method throw: it is counted
/// ([DatagramStatistics]), and to protocols it is a loss. Received bytes are wiped when the next datagram is taken, queued ones when
/// the queue is empty.
///
/// One thread at a time; the statistics for any.
@SuppressWarnings("exports")  // annotations that users need not have
public interface Datagrams extends AutoCloseable {
    /// [#send]: the queue is empty.
    int SENT = 0;
    /// [#send]: the system has no room now; the rest stays queued. Await [Sockets#WRITE].
    int FULL = 1;

    /// What the system was found to do when the socket was bound.
    enum Feature {
        /// A run of datagrams of one size is sent by one message (`UDP_SEGMENT`).
        SEGMENTED_SENDING,
        /// Datagrams of one peer may come as one message (`UDP_GRO`).
        GROUPED_RECEIVING,
        /// The ECN codepoint of a header is sent.
        ECN_SENT,
        /// The ECN codepoint that a datagram came with is told; without it, it is [dev.coffer.memory.engine.DatagramHeader#NOT_ECT].
        ECN_RECEIVED,
        /// The address that a datagram came to is told, and one can be chosen to send from; without it, it is unknown.
        LOCAL_ADDRESS,
        /// Nothing is cut into fragments: a datagram that is too large for the path is dropped, so that the path's MTU can be found.
        UNFRAGMENTED
    }

    /// {@return a socket in the form that this system has, not bound}
    ///
    /// @param portable  whether the JDK's form is wanted in any case
    /// @param memory    the row of [#plan]
    /// @throws IllegalArgumentException  memory of another size (caller's fault)
    static Datagrams of(DatagramConfig config, boolean portable, MemorySegment memory) {
        return !portable && LinuxDatagrams.available() ? new LinuxDatagrams(config, memory) : new NioDatagrams(config, memory);
    }

    /// {@return what a socket holds, a group `datagrams`}
    static MemoryPlan plan(DatagramConfig config, boolean portable) {
        return !portable && LinuxDatagrams.available() ? LinuxDatagrams.plan(config) : NioDatagrams.plan(config);
    }

    /// Opens the socket, and tries what the system does ([#has]). What it refuses is done without, and said in one line to the
    /// logger `dev.coffer.server`.
    ///
    /// @param address  to receive at; port 0 for one that the system chooses. `::` takes IPv4 too
    /// @throws IOException            the system refused; its message says why in a few words; nothing is held
    /// @throws IllegalStateException  bound or closed already (caller's fault)
    void bind(InetSocketAddress address) throws IOException;

    /// {@return where it is bound, with the port that the system chose; null before}
    @Nullable InetSocketAddress address();

    /// {@return whether the system does that; once bound. [Feature#SEGMENTED_SENDING] may be lost later: a device can refuse it}
    boolean has(Feature feature);

    /// {@return in one line what the system does, and what not}
    String features();

    /// Has a loop's sockets tell when there is something to receive: as a ready slot, awaiting [Sockets#READ].
    ///
    /// @param sockets  of the same kind, with more slots than `slot`
    /// @param slot     a number that no connection has
    /// @throws IOException  no memory to watch it
    void watch(Sockets sockets, int slot) throws IOException;

    /// Changes what is awaited: a sum of [Sockets#READ] and [Sockets#WRITE], or 0. Once watched.
    void interest(int operations);

    /// Takes what there is, up to [#batch] messages. What was left of the batch before is dropped and wiped.
    ///
    /// @return messages; fewer than [#batch] where there is nothing more now. Then [#next] until it is false
    int receive();

    /// {@return messages that [#receive] takes at most, 1 or more}
    int batch();

    /// Moves to the next datagram of the batch: [#length] bytes at [#at] of [#received], with its header at [#headerAt] there.
    ///
    /// @return whether there is one
    boolean next();

    /// {@return the memory of what came and of its header; the same for ever}
    MemorySegment received();

    /// {@return where the present datagram begins in [#received]; whoever reads it may overwrite it}
    long at();

    /// {@return its bytes, 0..[DatagramConfig#datagramBytesMax]}
    int length();

    /// {@return where its header begins in [#received]: both addresses as they are here, and the ECN codepoint}
    long headerAt();

    /// {@return what is to be sent; the same for ever}
    DatagramQueue queue();

    /// Sends from the queue. What the system refuses for good (too large, no way there, not permitted) is dropped and counted.
    ///
    /// @return [#SENT] or [#FULL]
    int send();

    /// {@return what was counted so far}
    DatagramStatistics statistics();

    /// {@return the queue's account, for a ledger}
    default Account account() {
        return queue();
    }

    /// Closes the socket and wipes its memory: what is still queued is not sent. Safe to call twice, and where it was never bound.
    @Override
    void close();
}
