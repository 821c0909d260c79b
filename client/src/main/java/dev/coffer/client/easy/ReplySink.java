package dev.coffer.client.easy;

import java.nio.ByteBuffer;

/// Takes a reply's content as it comes. On the client's thread: while it waits, so do the client's other calls, and time limits are
/// looked at when it is done.
public interface ReplySink {
    /// The head of the last reply came: of the one that is no redirect that is followed.
    ///
    /// @param head  without content
    /// @throws Exception  ends the call
    void head(Reply head) throws Exception;

    /// Takes all of a piece.
    ///
    /// @param piece  a view of the client's memory, for this call alone
    /// @throws Exception  ends the call
    void take(ByteBuffer piece) throws Exception;
}
