package dev.coffer.tls;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Who decides whether a server is who it should be: its certificates, and its signature over the handshake. All that it sees is public. Each
/// place for a handshake has one of its own ([#another]), used for one handshake after another: what was trusted in one must never verify
/// another, whose messages come in between. The loop's thread alone. What it throws refuses the server, `internal_error`.
@SuppressWarnings("exports")  // annotations that users need not have
public interface PeerVerifier {
    /// {@return the numbers of the signature schemes that it verifies, in order of preference (RFC 8446, section 4.2.3), 1 to 32}
    int[] schemes();

    /// {@return one that trusts the same, for handshakes that go on at the same time as this one's; asked for when a context is made, or
    /// this one put in another's place}
    PeerVerifier another();

    /// {@return bytes of the object that one handshake at a time has; what it makes for a chain comes and goes}
    default long heapBytes() {
        return HeapLayout.instance(getClass());
    }

    /// Looks at a chain (RFC 8446, section 4.4.2).
    ///
    /// @param chain   memory with the certificate list, its entries one behind the other, each with its extensions; borrowed for the call
    /// @param length  bytes of the list, sound in its lengths, with one entry at least
    /// @param host    the name or address that the server was reached by
    /// @return null if it is trusted under that name; else the alert for it
    @Nullable
    Alert trust(MemorySegment chain, long at, int length, String host);

    /// {@return whether the key of the first certificate of the chain that was trusted last can have made a signature of a scheme (section 4.4.3): else the peer is refused,
    /// `illegal_parameter`, and its signature not looked at. Default: any}
    ///
    /// @param scheme  as on the wire, one of [#schemes]
    default boolean fits(int scheme) {
        return true;
    }

    /// Verifies a signature with the key of the first certificate of the chain that was trusted last.
    ///
    /// @param scheme     as on the wire, one of [#schemes]
    /// @param covered    what was signed
    /// @param signature  as on the wire
    /// @return whether it is valid
    boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
            int signatureLength);
}
