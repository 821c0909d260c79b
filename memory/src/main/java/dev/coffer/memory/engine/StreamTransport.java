package dev.coffer.memory.engine;

import java.lang.foreign.MemorySegment;

/// A connection of many streams (QUIC, RFC 9000), as the protocol on it sees it (HTTP/3, RFC 9114): the seam between two engines that do not know each
/// other. The transport implements it, the protocol calls it; nothing is ever called back. One thread at a time, 0 heap bytes.
///
/// Content is never copied at the seam: the protocol reads received bytes where the transport keeps them, and leaves there what it cannot take yet, so
/// that the transport's flow control holds the peer back; it writes into the transport's own places, which keep it until it is acknowledged.
///
/// ```java
/// quic.feed(datagram ...);                       // bytes land in the streams' places
/// boolean more;
/// do {
///     more = http.advance(now);                  // takes what has come, writes what fits; asks this transport for both
///     for (HttpEvent event; (event = http.pollEvent()) != null; more = true) {
///         handle(event);
///     }
/// } while (more);
/// quic.pollOutput(...);                          // packets from what was written
/// ```
///
/// **Streams** have the numbers of RFC 9000, section 2.1: bit 0 is set in those that the server opened, bit 1 in those of one direction. A number is
/// known from when [#pollReady] first names it, or [#open] returned it, until [#release]; another one is the caller's fault
/// (`IllegalArgumentException`), and so is reading or writing where a stream has no such direction. Codes are those of the protocol, 0..2^62-1.
///
/// **Ends.** Where the connection as a whole is gone, the protocol hears so from who drives both ([Engine#disconnect]), and calls no more. Until it hears, no call throws for that:
/// of a stream nothing comes any more and nothing can go, what is written or consumed is nobody's. What had come before the peer's end may stay readable till it is read.
public interface StreamTransport {
    /// No stream, no code.
    long NONE = -1;

    /// {@return a stream of which there is something new, or [#NONE]: it was opened by the peer; bytes have come at the place where it is read, or its
    /// end, or of one direction behind a gap; it was reset; the peer reads it no more; there is room to write again after there was less than was wanted.
    ///
    /// Each is named once, until there is something new of it again. Bytes that were there before and were not [#consume]d are nothing new, nor is what
    /// becomes readable behind them by consuming them}
    long pollReady();

    /// Opens a stream of ours.
    ///
    /// @param bidirectional  else one that only we write
    /// @return its number, or [#NONE] where the peer allows no more now, or there is no place
    long open(boolean bidirectional);

    /// {@return whether the peer may have opened that one of its streams, by what it was told}
    boolean isWithinLimits(long stream);

    // What comes.

    /// {@return the memory that a stream's received bytes lie in; read it only}
    MemorySegment inputSegment(long stream);

    /// {@return offset of the first byte that was not consumed}
    long inputAt(long stream);

    /// {@return bytes that lie there in one piece, 0 if none has come. What follows in another piece is readable once these are consumed}
    long inputLength(long stream);

    /// {@return whether bytes have come behind some that have not: these hold places, and nothing of them can be read}
    boolean hasGap(long stream);

    /// Gives bytes back, from the front: the peer may send as many more. They are wiped, or written over by what comes.
    ///
    /// @param bytes  0..[#inputLength]
    void consume(long stream, long bytes);

    /// {@return whether all that the peer sends on that stream has come and was consumed: its end}
    boolean isInputEnded(long stream);

    /// {@return the code with which the peer has reset its side, [#NONE] if it has not. What it had sent is gone, or may be; an end that had come
    /// before it stays an end}
    long inputReset(long stream);

    /// Says that we read no more of a stream: STOP_SENDING, unless its end or its reset has come. What still comes is thrown away and counted as
    /// consumed. A repeated call does nothing.
    void stopSending(long stream, long code);

    // What goes.

    /// {@return the memory that a stream is written to}
    MemorySegment outputSegment(long stream);

    /// {@return offset of where its next byte goes}
    long outputAt(long stream);

    /// {@return bytes that may be written there in one piece: what has a place, and what the peer's flow control lets go, of the stream and of the connection}
    long outputRoom(long stream);

    /// {@return bytes that may be written in all, [#outputRoom] among them: more of them where the place goes on at its beginning}
    long outputFree(long stream);

    /// {@return the most that [#outputFree] can ever be: a stream's place. What the protocol must write whole is no longer than that, or it cannot be used}
    long outputBytesMax();

    /// {@return bytes that [#write] takes where all of them must lie there at once (a head): what has a place, whatever the peer's flow control lets go. What it does not let go yet waits
    /// there, see [#outputOwed]}
    long outputPlace(long stream);

    /// {@return bytes that were written and that the peer's flow control has yet to let go; while there are some the stream is named when they are fewer}
    long outputOwed(long stream);

    /// Says that bytes were written to [#outputAt]; they are the transport's to deliver from here on.
    ///
    /// @param bytes  0..[#outputRoom]
    void wrote(long stream, long bytes);

    /// Writes a copy, in as many pieces as it takes.
    ///
    /// @param length  0..[#outputPlace]; what is longer than [#outputFree] goes in part, and the rest as the peer lets it
    void write(long stream, MemorySegment from, long at, long length);

    /// {@return whether the peer's flow control lets less go than so many bytes: it is not reading. False where it is a place that waits for acknowledgements, or for memory}
    ///
    /// @param bytes  that are to go in one piece, 1 or more
    boolean isHeldBack(long stream, long bytes);

    /// Ends our side, behind all that was written. Nothing more is written to it.
    void finish(long stream);

    /// Ends our side at once, by RESET_STREAM: what was written need not be delivered. After [#finish] too; a repeated call does nothing.
    void reset(long stream, long code);

    /// {@return the code with which the peer has said that it reads no more (STOP_SENDING), [#NONE] if it has not. The protocol resets such a stream}
    long outputStopped(long stream);

    // Ends.

    /// Says that the protocol has done with a stream: it is not named again. Each direction that has not ended is given up first, in its own way. The
    /// transport still delivers what is written, and lets the peer open another one when that is done (MAX_STREAMS).
    void release(long stream);

    /// {@return whether all has arrived that was written to streams which were released, their ends too. An orderly end waits for that, since [#close] does not; who drives both calls the
    /// protocol again whenever something has come}
    default boolean isDelivered() {
        return true;
    }

    /// Ends the connection with a code of the protocol: CONNECTION_CLOSE (RFC 9000, section 19.19), perhaps behind what was written to the streams by
    /// then. The first call counts.
    void close(long code);
}
