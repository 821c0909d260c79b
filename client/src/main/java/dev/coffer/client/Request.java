package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import java.lang.foreign.MemorySegment;

/// What is asked: pulled when there is room for it and never stored, so that content of any size needs no buffer. One object can be
/// asked again and again, and by several calls at a time where it holds no state of one.
///
/// Called on the client's thread, from [Client#tryAsk] until the call's end is told to its [ResponseSink]. What it throws ends the call
/// with [Failure#APPLICATION].
public interface Request {
    /// From [#body]: the content is complete.
    long END = MessageSource.END;
    /// From [#body]: the content cannot be completed. The call ends with [Failure#SOURCE_FAILED].
    long FAILED = MessageSource.FAILED;

    /// {@return whom it is for}
    Origin origin();

    /// {@return the method; any but CONNECT and OTHER}
    default Method method() {
        return Method.GET;
    }

    /// {@return path and query, starting with `/`, encoded; `*` for OPTIONS}
    Ascii target();

    /// Writes the start of the head. For a target that lies in memory: [HeadWriter#request(Method, Ascii, MemorySegment, long, int)]
    /// with [#method] and the origin's authority.
    default void start(HeadWriter head) {
        head.request(method(), origin().authority(), target());
    }

    /// Writes fields behind the start, and says how long the content is: nothing for none. May be called again, and must then write
    /// the same.
    default void head(HeadWriter head) {}

    /// Writes content: the bytes that it returns and none behind them, save where it failed or threw.
    ///
    /// @param output  memory that is sent from
    /// @param at      where to write
    /// @param room    bytes that may be written, 1 or more, and never more than the announced content has left
    /// @return bytes written, 1..`room`; 0 if there are none now ([Client#resume] says when there are); [#END] after content of
    ///         unknown length; or [#FAILED]
    default long body(MemorySegment output, long at, long room) {
        return FAILED;
    }

    /// Writes trailer fields; called after content of unknown length, where the version can send them.
    default void trailers(HeadWriter trailers) {}

    /// Is sent from its beginning, for the first or the second time: a source of content goes back to its first byte.
    default void begin() {}

    /// {@return whether it can be sent a second time, see [Client] for when that is; a source that cannot go back says no}
    default boolean isRepeatable() {
        return true;
    }

    /// {@return whether it may go with a connection's hello, where the client does that ([ClientTls#withEarlyData]): before the server has proven who it is, and so
    /// that **whoever listens can send it to the server again**. Asked of idempotent ones that are repeatable; safe ones say yes (RFC 8470, section 4)}
    default boolean mayBeEarly() {
        return method().isSafe();
    }

    /// {@return nanoseconds from asking to the last byte of the answer, 0 for the configuration's}
    default long nanosMax() {
        return 0;
    }
}
