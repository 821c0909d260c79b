package dev.coffer.client;

import dev.coffer.http.Fields;
import java.lang.foreign.MemorySegment;

/// Takes the answer to a request as it comes, at its own pace. On the client's thread, which must not be made to wait by one call
/// while others run.
///
/// ```
///   information* head take* trailers? end released      or, anywhere before the end, failed released
/// ```
///
/// One of [#end] and [#failed] is called, once; after it neither the sink nor the request is used for this call, but for [#released]. What a method throws
/// ends the call with [Failure#APPLICATION].
public interface ResponseSink {
    /// An interim head came (1xx): [Call#response].
    default void information(Call call) {}

    /// The head came: [Call#response]. Views of it are valid until the call's end.
    void head(Call call);

    /// Takes what it can from the front of what lies there. While anything is left the server is held back, and [Client#resume] says
    /// that more can be taken.
    ///
    /// @param content  memory of the connection, borrowed for the call; read it only
    /// @param at       offset of the first byte that was not taken before
    /// @param length   bytes there, 1 or more
    /// @return bytes taken, 0..`length`
    long take(Call call, MemorySegment content, long at, long length);

    /// Trailer fields came.
    ///
    /// @param trailers  a view, valid during this method
    default void trailers(Call call, Fields trailers) {}

    /// The answer is complete, and so is the request.
    void end(Call call);

    /// The call came to nothing. What was taken before is part of an answer and not all of it.
    void failed(Call call, Failure why);

    /// The place of the call is free: another can be asked even where there is one alone. Whoever waits for that is woken here, not at the end. Not called where
    /// [Call#askAgain] has kept the place.
    default void released() {}
}
