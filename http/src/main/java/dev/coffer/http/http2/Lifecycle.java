package dev.coffer.http.http2;

import dev.coffer.http.Refusal;

/// Where a connection stands, whoever's side it is, and what of that is yet to be told.
///
/// ```
///   RELEASED --begin--> OPEN --an error--> ENDING --GOAWAY is written--> CLOSED --release--> RELEASED
///                        '------------all is done, or it is lost-----------^
/// ```
final class Lifecycle {
    /// ENDING: only GOAWAY is still to be written.
    enum State { RELEASED, OPEN, ENDING, CLOSED }

    /// Whether streams may begin. ANNOUNCED: the peer was told that they soon may not, and those on their way are still taken.
    enum Retreat { NONE, ANNOUNCED, SHUT }

    /// The peer's half.
    enum Peer { SPEAKS, ENDED, LOST }

    private State state = State.RELEASED;
    private Retreat retreat = Retreat.NONE;
    private Peer peer = Peer.SPEAKS;
    private Refusal refusal = Refusal.NONE;
    private boolean refusedDue;
    private boolean closedDue;

    void begin() {
        state = State.OPEN;
        retreat = Retreat.NONE;
        peer = Peer.SPEAKS;
        refusal = Refusal.NONE;
        refusedDue = false;
        closedDue = false;
    }

    void release() {
        state = State.RELEASED;
    }

    boolean isReleased() {
        return state == State.RELEASED;
    }

    /// {@return whether nothing more is taken from the peer, nor waited for}
    boolean isOver() {
        return state != State.OPEN;
    }

    boolean isEnding() {
        return state == State.ENDING;
    }

    boolean isClosed() {
        return state == State.CLOSED || state == State.RELEASED;
    }

    boolean isLost() {
        return peer == Peer.LOST;
    }

    /// {@return whether both sides may go on as they are, and nothing is to be told}
    boolean isCalm() {
        return state == State.OPEN && retreat == Retreat.NONE && peer == Peer.SPEAKS && !refusedDue && !closedDue;
    }

    /// {@return whether the peer still reads what is said of streams that end}
    boolean isHeard() {
        return state == State.OPEN && peer == Peer.SPEAKS;
    }

    boolean hasPeerEnded() {
        return peer != Peer.SPEAKS;
    }

    /// The peer's half has ended, or the transport is gone.
    void peer(Peer now) {
        peer = now;
    }

    Retreat retreat() {
        return retreat;
    }

    void retreat(Retreat next) {
        retreat = next;
    }

    boolean isShut() {
        return retreat == Retreat.SHUT;
    }

    /// Ends by an error of the connection.
    void fail() {
        state = State.ENDING;
    }

    /// Is done, for whatever reason.
    void close() {
        if (state == State.OPEN || state == State.ENDING) {
            state = State.CLOSED;
            closedDue = true;
        }
    }

    Refusal refusal() {
        return refusal;
    }

    /// Remembers a reason that is the peer's fault, or ours.
    void blame(Refusal why) {
        refusal = why;
        refusedDue |= why != Refusal.LOCAL;
    }

    /// Remembers a reason that is nobody's fault, where there is none.
    void note(Refusal why) {
        if (refusal == Refusal.NONE) {
            refusal = why;
        }
    }

    /// The reason of the event that is being told.
    void tell(Refusal why) {
        refusal = why;
    }

    boolean takeRefused() {
        boolean due = refusedDue;
        refusedDue = false;
        return due;
    }

    boolean takeClosed() {
        boolean due = closedDue;
        closedDue = false;
        return due;
    }

    @Override
    public String toString() {
        return state + (retreat == Retreat.NONE ? "" : ", " + retreat) + (peer == Peer.SPEAKS ? "" : ", peer " + peer) + ", " + refusal;
    }
}
