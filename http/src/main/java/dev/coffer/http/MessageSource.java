package dev.coffer.http;

import dev.coffer.memory.engine.Passage;
import java.lang.foreign.MemorySegment;

/// One message that the application sends, pulled by the engine when the output has room: the head is written and the
/// content read straight into the output, so a file of any size needs no buffer of its own. Because the engine pulls,
/// it can choose among streams (HTTP/2, HTTP/3) and hold flow control, and the source need not know.
///
/// Called on the engine's thread, from inside `pollOutput` alone. A source calls no method of its engine. It must live
/// until SENT or ABORTED; one object can serve one exchange after another.
public interface MessageSource {
    /// From [#body]: the content is complete.
    long END = -1;
    /// From [#body]: the content cannot be completed (the file shrank, a read failed). The exchange is aborted in the
    /// way the version has for it, so that the peer sees that it was cut.
    long FAILED = -2;

    /// Writes the head. May be called again if the output lacked room, and must then write the same.
    void head(HeadWriter head);

    /// Writes content: the bytes that it returns and none behind them, save where it failed or threw.
    ///
    /// @param output  the memory that `pollOutput` was given
    /// @param at      where to write
    /// @param room    bytes that may be written, 1 or more, and never more than the announced content has left
    /// @return bytes written, 1..`room`; 0 if there are none now (the engine asks again after [HttpEngine#resume]);
    ///         [#END] after content of unknown length; or [#FAILED]
    long body(MemorySegment output, long at, long room);

    /// Offers content that can be sent from where it lies, in place of [#body]. Asked where the driver and the version can do that,
    /// when the head is written and again when all that was offered has gone.
    ///
    /// @param passage  to be set to content that comes next, which stays there until [#passed] has told of it or the exchange has
    ///                 ended
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
}
