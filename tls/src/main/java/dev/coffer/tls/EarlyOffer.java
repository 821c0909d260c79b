package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a client says with its hello, before it has heard the server (RFC 8446, sections 2.3 and 4.2.10): how much it may be, under which session, what
/// became of it, and a copy, to be said again where the server does not take it. One a handshake's slot, where the copy lies. The connection's thread
/// alone; 0 heap bytes.
final class EarlyOffer {
    private final MemorySegment memory;
    private final long at;
    private final int bytesMax;
    private EarlyData state = EarlyData.NONE;
    private int most;
    private int said;
    private int filled;             // zeros behind what was said
    private int suite;
    private int protocol;
    private boolean carried;        // by QUIC, which keeps what was said

    /// @param memory  room for [TlsClientConfig#earlyBytes]
    EarlyOffer(TlsClientConfig config, MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
        this.bytesMax = config.earlyBytes();
    }

    /// Nothing is said early.
    void begin() {
        state = EarlyData.NONE;
        said = 0;
        filled = 0;
    }

    /// Something may be said, as much as the session's server takes; in QUIC its terms say how much, and it keeps itself what it said.
    ///
    /// @param session  as of [SessionStore]
    /// @param ofSuite  of the session, by its place in the configuration
    /// @param only     the one protocol that is offered, likewise; below 0 for all. Nothing is said in another
    void announce(MemorySegment slot, long session, int ofSuite, int only, boolean quic) {
        int may = BigEndian.i32(slot, session + SessionStore.EARLY);
        most = quic ? 0 : may < 0 ? bytesMax : Math.min(may, bytesMax);
        suite = ofSuite;
        protocol = (short) BigEndian.u16(slot, session + SessionStore.PROTOCOL);
        carried = quic;
        boolean offers = most > 0 || quic && may == ServerResumption.ANY_BYTES;
        state = offers && (only < 0 || only == protocol) ? EarlyData.OFFERED : EarlyData.NONE;
    }

    /// {@return whether it is announced, and nobody knows yet whether it is taken}
    boolean isOpen() {
        return state == EarlyData.OFFERED;
    }

    /// {@return whether it was announced, whatever became of it}
    boolean isAnnounced() {
        return state != EarlyData.NONE;
    }

    EarlyData state() {
        return state;
    }

    boolean isTaken() {
        return state == EarlyData.TAKEN;
    }

    /// {@return the application protocol that it is said in, by its place in the configuration; below 0 for none}
    int protocol() {
        return state == EarlyData.NONE ? -1 : protocol;
    }

    /// {@return bytes that may yet be said}
    int room() {
        return isOpen() ? most - said - filled : 0;
    }

    /// Keeps what is said. A server that does not take it cannot tell zeros from it, and passes over as many bytes as it said that it would take (section 4.2.10): together
    /// they are no more.
    ///
    /// @param zeros  that are wished for behind it
    /// @return those that go
    int keep(MemorySegment from, long fromAt, int bytes, int zeros) {
        MemorySegment.copy(from, fromAt, memory, at + said, bytes);
        said += bytes;
        int go = Math.min(zeros, most - said - filled);
        filled += go;
        return go;
    }

    /// The server has said hello.
    ///
    /// @return whether it will not take it: the session is not resumed, or in another suite (section 4.2.10)
    boolean isRefusedBy(boolean resumed, int chosenSuite) {
        return isOpen() && !(resumed && chosenSuite == suite);
    }

    /// It is not taken: it has to be said again.
    void refuse() {
        state = EarlyData.REFUSED;
    }

    /// The server has said what it takes.
    ///
    /// @return null, or why the handshake fails: nobody who was told has to read the one protocol in the other
    @Nullable
    Alert settle(EncryptedExtensions by) {
        boolean same = by.protocol() == protocol;
        if (by.takesEarly()) {
            if (!isOpen() || !same) {
                return Alert.ILLEGAL_PARAMETER;  // section 4.2.10
            }
            state = EarlyData.TAKEN;
        }
        boolean mayBeSaid = carried ? isAnnounced() : said > 0;
        return !mayBeSaid || same ? null : Alert.INTERNAL_ERROR;
    }

    /// {@return bytes that have to be said again}
    int againBytes() {
        return state == EarlyData.REFUSED ? said : 0;
    }

    long at() {
        return at;
    }
}
