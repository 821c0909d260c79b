package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a client says with its hello, before it has heard the server (RFC 8446, sections 2.3 and 4.2.10): how much it may be, under which session, what
/// became of it, and a copy, to be said again where the server does not take it. One a handshake's slot, where the copy lies. The connection's thread
/// alone; 0 heap bytes.
final class EarlyOffer {
    private enum State { NONE, ANNOUNCED, TAKEN, REFUSED }

    private final MemorySegment memory;
    private final long at;
    private final int bytesMax;
    private State state = State.NONE;
    private int most;
    private int said;
    private int suite;
    private int protocol;

    /// @param memory  room for [TlsClientConfig#earlyBytes]
    EarlyOffer(TlsClientConfig config, MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
        this.bytesMax = config.earlyBytes();
    }

    /// Nothing is said early.
    void begin() {
        state = State.NONE;
        said = 0;
    }

    /// Something may be said, as much as the session's server takes.
    ///
    /// @param session  as of [SessionStore]
    /// @param ofSuite  of the session, by its place in the configuration
    void announce(MemorySegment slot, long session, int ofSuite) {
        int may = BigEndian.i32(slot, session + SessionStore.EARLY);
        most = may < 0 ? bytesMax : Math.min(may, bytesMax);
        state = most > 0 ? State.ANNOUNCED : State.NONE;
        suite = ofSuite;
        protocol = BigEndian.i32(slot, session + SessionStore.PROTOCOL);
    }

    /// {@return whether it is announced, and nobody knows yet whether it is taken}
    boolean isOpen() {
        return state == State.ANNOUNCED;
    }

    /// {@return whether it was announced, whatever became of it}
    boolean isAnnounced() {
        return state != State.NONE;
    }

    boolean isTaken() {
        return state == State.TAKEN;
    }

    /// {@return the application protocol that it is said in, by its place in the configuration; below 0 for none}
    int protocol() {
        return state == State.NONE ? -1 : protocol;
    }

    /// {@return bytes that may yet be said}
    int room() {
        return isOpen() ? most - said : 0;
    }

    /// Keeps what is said.
    void keep(MemorySegment from, long fromAt, int bytes) {
        MemorySegment.copy(from, fromAt, memory, at + said, bytes);
        said += bytes;
    }

    /// The server has said hello.
    ///
    /// @return whether it will not take it: the session is not resumed, or in another suite (section 4.2.10)
    boolean isRefusedBy(boolean resumed, int chosenSuite) {
        return isOpen() && !(resumed && chosenSuite == suite);
    }

    /// It is not taken: it has to be said again.
    void refuse() {
        state = State.REFUSED;
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
            state = State.TAKEN;
        }
        return said == 0 || same ? null : Alert.INTERNAL_ERROR;
    }

    /// {@return bytes that have to be said again}
    int againBytes() {
        return state == State.REFUSED ? said : 0;
    }

    long at() {
        return at;
    }
}
