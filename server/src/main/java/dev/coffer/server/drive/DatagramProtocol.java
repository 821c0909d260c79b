package dev.coffer.server.drive;

import dev.coffer.memory.engine.DatagramEngine;

/// What is spoken over one datagram socket: an engine and who hears its events. [Protocol]'s sister; the engine serves all peers of the
/// socket, and finds the connection that a datagram belongs to itself.
///
/// On the loop's thread. No method throws for what a peer does; what is thrown all the same, by an application below [#event], or by the engine in any
/// of its methods, the driver brings to [#failed], so that it ends no loop.
public interface DatagramProtocol {
    /// {@return the engine, reset, the same for the object's whole life}
    DatagramEngine<?> engine();

    /// Polls one event of the engine and acts on it; it may call the engine.
    ///
    /// @return whether there was one
    boolean event(long nowNanos);

    /// [#event], [#shutdown] or a method of the engine has thrown: an application was at fault, or we. An engine of many connections has ended the one whose fault
    /// it was before it throws.
    ///
    /// @return whether the socket goes on, in the next turn of the loop; otherwise it is closed
    boolean failed(Throwable thrown);

    /// Begins an orderly end: in the end the engine's own ([DatagramEngine#shutdown]), after what the protocol has to say first. The loop waits until the engine has
    /// ended, or its patience has.
    default void shutdown(long nowNanos) {
        engine().shutdown(nowNanos);
    }
}
