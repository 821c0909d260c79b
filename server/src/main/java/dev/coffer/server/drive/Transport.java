package dev.coffer.server.drive;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The connection below a [Protocol], as the protocol sees it. On the loop's thread.
public interface Transport {
    /// {@return whether the peer is this machine}
    boolean isLoopback();

    /// Writes the peer's address as text.
    ///
    /// @param target  room for [dev.coffer.server.net.Sockets#PEER_BYTES_MAX] bytes at `at`
    /// @return bytes written; 0 where the peer has gone
    int peer(MemorySegment target, long at);

    /// Writes who the peer is that has proven it by a certificate.
    ///
    /// @param target  room for 32 bytes at `at`: the SHA-256 of the certificate's SubjectPublicKeyInfo
    /// @return bytes written; 0 where it has not
    default int peerKey(MemorySegment target, long at) {
        return 0;
    }

    /// {@return whether what came may be said again by who listened, and so has to be harmless twice: early data of TLS (RFC 8446, section 8), until the
    /// handshake is done}
    default boolean isEarly() {
        return false;
    }

    /// Something outside of the protocol's own turn has changed what it has to say: it has a turn soon, in this turn of the
    /// loop. Harmless when it is having one.
    void turnSoon();

    /// What is lent by a lane behind the protocol's own is all lent: of those who hold it and only wait for their peer to end a head, the
    /// one that has held it the longest gives it up, where that head has been waited for long enough.
    void makeWay(long nowNanos);

    /// Keeps something for the connection while no protocol is lent to it: what goes on when bytes come, or when [#turnSoon] is called, which then has a
    /// protocol lent to it. The protocol takes it back in [Protocol#begin]; where the connection ends before, [Lane#forsake] does.
    ///
    /// @param kept  null for nothing
    void keep(@Nullable Kept kept);

    /// {@return what is kept, or null}
    @Nullable
    Kept kept();

    /// {@return how often the engine was polled into an empty buffer: what was written at an earlier number has gone, all of it}
    int fills();

    /// {@return once the connection has ended, the offset of the first byte that never will be sent in the memory that the engine was polled
    /// into last; [#ALL_SENT] where there is none, and before}
    long unsentAt();

    /// No byte that was written is left.
    long ALL_SENT = Long.MAX_VALUE;

    /// Something that had begun was cut short: the connection is counted as broken when it ends.
    void cut();
}
