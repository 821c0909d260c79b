package dev.coffer.server;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.MessageSource;
import dev.coffer.memory.engine.Passage;
import java.lang.foreign.MemorySegment;

/// An answer in full: its fields and its content, pulled when there is room for them and never stored, so that a file of any
/// size needs no buffer. Called on the loop's thread, from the moment that it is given to [Exchange#respond] until [#ended].
///
/// [#head], [#body] and [#pass] call no method of the exchange. What they throw is handled as if the handler had thrown it.
public interface Answer {
    /// From [#body]: the content is complete.
    long END = MessageSource.END;
    /// From [#body]: the content cannot be completed (the file shrank, a read failed). The exchange is cut in the way that the
    /// version of HTTP has for it, so that the peer sees it.
    long FAILED = MessageSource.FAILED;

    /// Writes fields and says how long the content is. The status line and the fields of [Exchange#field] stand there
    /// already. May be called again if the output lacked room, and must then write the same.
    void head(HeadWriter head);

    /// Writes content: the bytes that it returns and none behind them, save where it failed or threw.
    ///
    /// @param output  memory that is sent from
    /// @param at      where to write
    /// @param room    bytes that may be written, 1 or more, and never more than the announced content has left
    /// @return bytes written, 1..`room`; 0 if there are none now ([Exchange#resume] says when there are); [#END] after
    ///         content of unknown length; or [#FAILED]
    long body(MemorySegment output, long at, long room);

    /// Offers content that can be sent from where it lies, in place of [#body]: an open file of the system, or memory off the heap
    /// that stays until [#ended], which the connection then sends without a copy. Asked only where it can. When all of it has gone
    /// it is asked again, where there is more.
    ///
    /// @param passage  to be set to content that comes next
    /// @param left     bytes that the announced content has left, at least 1; no more may be offered
    /// @return whether it was set; if not, or where it turns out that it cannot be sent so, [#body] is asked for what is left
    default boolean pass(Passage passage, long left) {
        return false;
    }

    /// Some of what [#pass] offered was handed to the connection.
    ///
    /// @param bytes  1 or more
    default void passed(long bytes) {}

    /// Writes trailer fields; called after content of unknown length, where the version can send them.
    default void trailers(HeadWriter trailers) {}

    /// Is not used any more: lets go of what it holds. Called once for each answer that was given to an exchange, whatever
    /// comes of it.
    ///
    /// @param complete  whether all of it was handed to the connection
    default void ended(boolean complete) {}
}
