package dev.coffer.server;

/// Where one exchange stands: what has become of its answer, and what of its request's content. Both change by the moves of this
/// page alone, and stand beside each other only as it says; anything else is our own fault.
///
/// ```
///   answer   FREE --> OPEN <--> LATER --> GIVEN          content   UNASKED --> WANTED <--> HELD
///             ^        '----------|--------^ |                        |        |    '--> ENDED
///             |                   v          v                        '--------+--> SKIPPED <--'
///             +-- AWAITED <-- OVER <------- CUT
/// ```
///
/// On the loop's thread alone.
final class ExchangeState {
    /// What has become of the answer.
    enum Answering {
        /// Lent to nobody.
        FREE,
        /// The handler, or its sink, has not decided.
        OPEN,
        /// It comes by [Later], from whatever thread.
        LATER,
        /// It is there, and the engine pulls it.
        GIVEN,
        /// Given up: nothing more of it is sent.
        CUT,
        /// At its end, while those hear of it who asked to.
        OVER,
        /// Past its end: another thread is writing down an answer that nobody will have.
        AWAITED
    }

    /// What has become of the request's content.
    enum Content {
        /// Nobody has asked for it yet.
        UNASKED,
        /// A sink takes it.
        WANTED,
        /// The sink has left some of it lying, and will ask.
        HELD,
        /// The sink has all of it.
        ENDED,
        /// Nobody wants it, or what is left of it.
        SKIPPED
    }

    private Answering answering = Answering.FREE;
    private Content content = Content.UNASKED;

    /// {@return whether an answer may go from one to the other}
    static boolean isMove(Answering from, Answering to) {
        return switch (from) {
            case FREE -> to == Answering.OPEN;
            case OPEN -> to == Answering.LATER || to == Answering.GIVEN || to == Answering.CUT || to == Answering.OVER;
            // given up: to be refused
            case LATER -> to == Answering.OPEN || to == Answering.GIVEN || to == Answering.CUT || to == Answering.OVER;
            case GIVEN -> to == Answering.CUT || to == Answering.OVER;
            case CUT -> to == Answering.OVER;
            case OVER -> to == Answering.FREE || to == Answering.AWAITED;
            case AWAITED -> to == Answering.FREE;
        };
    }

    /// {@return whether content may go from one to the other}
    static boolean isMove(Content from, Content to) {
        return switch (from) {
            case UNASKED -> to == Content.WANTED || to == Content.SKIPPED;
            case WANTED -> to == Content.HELD || to == Content.ENDED || to == Content.SKIPPED;
            case HELD -> to == Content.WANTED || to == Content.SKIPPED;
            case ENDED -> to == Content.SKIPPED;
            case SKIPPED -> false;      // until the exchange is free again
        };
    }

    /// {@return whether the two may stand beside each other}
    static boolean isLegal(Answering answering, Content content) {
        return switch (answering) {
            case FREE -> content == Content.UNASKED;
            case OPEN, LATER, GIVEN -> true;        // OPEN and SKIPPED: until the refusal is given, in the same call
            case CUT, OVER, AWAITED -> content == Content.SKIPPED;
        };
    }

    /// {@return whether the exchange is somebody's: from the request's head to the end}
    boolean isLent() {
        return switch (answering) {
            case OPEN, LATER, GIVEN, CUT -> true;
            case FREE, OVER, AWAITED -> false;
        };
    }

    boolean is(Answering one) {
        return answering == one;
    }

    boolean is(Content one) {
        return content == one;
    }

    /// {@return whether a sink takes content, or will again}
    boolean isReceiving() {
        return content == Content.WANTED || content == Content.HELD;
    }

    /// {@return whether the exchange waits for its answer, so that its time counts}
    boolean isUndecided() {
        return answering == Answering.OPEN || answering == Answering.LATER;
    }

    /// The answer goes on; where it is cut or over the content is with it.
    void move(Answering to) {
        Content with = switch (to) {
            case FREE -> Content.UNASKED;
            case OPEN, LATER, GIVEN -> content;
            case CUT, OVER, AWAITED -> Content.SKIPPED;
        };
        assert isMove(answering, to) && isLegal(to, with) : this + "; to " + to;
        answering = to;
        content = with;
    }

    /// The content goes on.
    void move(Content to) {
        assert isMove(content, to) && isLegal(answering, to) : this + "; content to " + to;
        content = to;
    }

    @Override
    public String toString() {
        return answering + ", content " + content;
    }
}
