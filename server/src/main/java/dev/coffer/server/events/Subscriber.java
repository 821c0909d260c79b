package dev.coffer.server.events;

import dev.coffer.server.Exchange;

/// Hears of a hub's subscribers: who they are, so that something can be sent to one of them alone. On the loop's thread, and
/// with several loops by several threads; must not wait.
@FunctionalInterface
public interface Subscriber {
    /// A client has subscribed. Events may be sent to it from here on; they are written when this has returned. Who answers the
    /// exchange here (403 for instance) has refused it.
    ///
    /// @param subscriber  its number, for [EventHub#send]; never used again for another one
    void subscribed(Exchange exchange, long subscriber);

    /// A client that had not been refused has gone, or its stream has ended.
    default void left(long subscriber) {}
}
