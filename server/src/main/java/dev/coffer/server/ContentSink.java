package dev.coffer.server;

import java.lang.foreign.MemorySegment;

/// Takes a request's content as it comes, piece by piece, at its own pace. On the loop's thread.
public interface ContentSink {
    /// Takes what it can from the front of what lies there. While anything is left the peer is held back, and
    /// [Exchange#resume] says that more can be taken.
    ///
    /// @param content  memory of the connection, borrowed for the call; read it only
    /// @param at       offset of the first byte that was not taken before
    /// @param length   bytes there, 1 or more
    /// @return bytes taken, 0..`length`
    long take(Exchange exchange, MemorySegment content, long at, long length);

    /// The content is complete; [Exchange#trailers] has what followed it. Comes at once where there is none. Not called when the
    /// exchange ends before, or when the content was past its limit, which is answered 413.
    void end(Exchange exchange);
}
