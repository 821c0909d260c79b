package dev.coffer.http.internal;

import dev.coffer.http.Refusal;

/// Where a connection stands, whoever's side it is, and what of that is yet to be told.
///
/// ```
///   RELEASED --begin--> OPEN --an error--> ENDING --GOAWAY is written--> CLOSED --release--> RELEASED
///                        '------------all is done, or it is lost-----------^
/// ```
public final class Lifecycle {
    /// ENDING: only GOAWAY is still to be written.
    public enum State { RELEASED, OPEN, ENDING, CLOSED }

    /// Whether streams may begin. ANNOUNCED: the peer was told that they soon may not, and those on their way are still taken.
    public enum Retreat { NONE, ANNOUNCED, SHUT }

    /// The peer's half.
    public enum Peer { SPEAKS, ENDED, LOST }

    private State state = State.RELEASED;
    private Retreat retreat = Retreat.NONE;
    private Peer peer = Peer.SPEAKS;
    private Refusal refusal = Refusal.NONE;
    private boolean refusedDue;
    private boolean closedDue;

    public void begin() {
        state = State.OPEN;
        retreat = Retreat.NONE;
        peer = Peer.SPEAKS;
        refusal = Refusal.NONE;
        refusedDue = false;
        closedDue = false;
    }

    public void release() {
        state = State.RELEASED;
    }

    public boolean isReleased() {
        return state == State.RELEASED;
    }

    /// {@return whether nothing more is taken from the peer, nor waited for}
    public boolean isOver() {
        return state != State.OPEN;
    }

    public boolean isEnding() {
        return state == State.ENDING;
    }

    public boolean isClosed() {
        return state == State.CLOSED || state == State.RELEASED;
    }

    public boolean isLost() {
        return peer == Peer.LOST;
    }

    /// {@return whether both sides may go on as they are, and nothing is to be told}
    public boolean isCalm() {
        return state == State.OPEN && retreat == Retreat.NONE && peer == Peer.SPEAKS && !refusedDue && !closedDue;
    }

    /// {@return whether the peer still reads what is said of streams that end}
    public boolean isHeard() {
        return state == State.OPEN && peer == Peer.SPEAKS;
    }

    public boolean hasPeerEnded() {
        return peer != Peer.SPEAKS;
    }

    /// The peer's half has ended, or the transport is gone.
    public void peer(Peer now) {
        peer = now;
    }

    public Retreat retreat() {
        return retreat;
    }

    public void retreat(Retreat next) {
        retreat = next;
    }

    public boolean isShut() {
        return retreat == Retreat.SHUT;
    }

    /// Ends by an error of the connection.
    public void fail() {
        state = State.ENDING;
    }

    /// Is done, for whatever reason.
    public void close() {
        if (state == State.OPEN || state == State.ENDING) {
            state = State.CLOSED;
            closedDue = true;
        }
    }

    public Refusal refusal() {
        return refusal;
    }

    /// Remembers a reason that is the peer's fault, or ours.
    public void blame(Refusal why) {
        refusal = why;
        refusedDue |= why != Refusal.LOCAL;
    }

    /// Remembers a reason that is nobody's fault, where there is none.
    public void note(Refusal why) {
        if (refusal == Refusal.NONE) {
            refusal = why;
        }
    }

    /// The reason of the event that is being told.
    public void tell(Refusal why) {
        refusal = why;
    }

    public boolean takeRefused() {
        boolean due = refusedDue;
        refusedDue = false;
        return due;
    }

    public boolean takeClosed() {
        boolean due = closedDue;
        closedDue = false;
        return due;
    }

    @Override
    public String toString() {
        return state + (retreat == Retreat.NONE ? "" : ", " + retreat) + (peer == Peer.SPEAKS ? "" : ", peer " + peer) + ", " + refusal;
    }
}
