package dev.coffer.server.drive;

import dev.coffer.memory.engine.Engine;
import org.jspecify.annotations.Nullable;

/// What is spoken on one connection while there is something to say: an engine, its memory, and who hears the engine's
/// events. Made at start by a [Lane], lent to a connection from its first byte until it is at rest, and lent again.
///
/// On the loop's thread. No method throws for what a peer does.
public interface Protocol {
    /// {@return the engine, the same for the object's whole life}
    Engine<?> engine();

    /// Is lent to a connection; the engine has been reset.
    void begin(Transport transport);

    /// What is spoken was agreed on before the first byte, with [#begin] (ALPN, RFC 7301).
    ///
    /// @param protocol  its name; null where nothing was said
    default void agreed(@Nullable String protocol) {}

    /// Polls one event of the engine and acts on it.
    ///
    /// @return whether there was one
    boolean event(long nowNanos);

    /// [Engine#pollOutput] has thrown: what is pulled from an application was at fault.
    ///
    /// @return whether the engine goes on, with something else to say; otherwise the connection ends
    boolean failed(Throwable thrown);

    /// {@return whether nothing is buffered, in flight or remembered, so that the connection can do without until its next
    /// byte. Its engine's deadline is then the connection's}
    boolean isAtRest();

    /// {@return whether something has begun that an end now would cut short}
    boolean isBusy();

    /// Others wait for what is lent here: an engine that only waits for its peer to end what it has begun refuses that now, as if
    /// its time were over.
    ///
    /// @param patienceNanos  what was begun later than so long ago may go on
    /// @return whether it does
    default boolean giveWay(long nowNanos, long patienceNanos) {
        return false;
    }

    /// Begins an orderly end, see [Engine#shutdown].
    default void shutdown(long nowNanos) {
        engine().shutdown(nowNanos);
    }

    /// {@return whether the peer must be listened to for a moment after our last byte, lest a reset overtake it: it was refused,
    /// or sends what nobody has read}
    boolean lingers();

    /// Is given back: lets go of all that was held for the connection and wipes it. The engine is closed.
    void end();

    /// {@return the output buffer that is the protocol's own; always the same one from [#begin] to [#end], but where what the protocol
    /// stands before comes and goes}
    OwnOutput output();
}
