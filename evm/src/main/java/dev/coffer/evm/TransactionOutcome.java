package dev.coffer.evm;

/// What came of a transaction. One object an executor, overwritten by the next one.
public final class TransactionOutcome {
    Rejection rejection = Rejection.NONE;
    Status status = Status.SUCCESS;
    final Outcome run;
    long gasUsed;
    long gasRefunded;

    TransactionOutcome(Outcome run) {
        this.run = run;
    }

    /// {@return why it is invalid, or NONE}
    public Rejection rejection() {
        return rejection;
    }

    /// {@return whether it was executed and has a place in a block, be it that its code failed; neither rejected nor ended by a limit
    /// of this machine}
    public boolean isExecuted() {
        return rejection == Rejection.NONE && !status.limited();
    }

    /// {@return how its code ended; means nothing where it was rejected}
    public Status status() {
        return status;
    }

    /// {@return what the machine says of its code: output, created account, gas without what was charged before its first instruction; means nothing
    /// where it was rejected}
    public Outcome run() {
        return run;
    }

    /// {@return gas that is paid for, refunds taken off; 0 unless it was executed}
    public long gasUsed() {
        return gasUsed;
    }

    /// {@return gas that was given back for what it cleared}
    public long gasRefunded() {
        return gasRefunded;
    }

    @Override
    public String toString() {
        return rejection != Rejection.NONE ? "TransactionOutcome[" + rejection + "]"
                : "TransactionOutcome[" + status + ", gas used " + gasUsed + ", refunded " + gasRefunded + "]";
    }
}
