package dev.coffer.memory;

/// A budget's refusal: nothing was reserved, everyone else goes on. The machine's fault, not the caller's.
public final class BudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String budget;
    private final long requested;
    private final long available;
    private final long limit;

    BudgetExceededException(String budget, long requested, long available, long limit) {
        super("budget \"" + budget + "\": asked " + requested + " bytes, left " + available + " of " + limit);
        this.budget = budget;
        this.requested = requested;
        this.available = available;
        this.limit = limit;
    }

    /// {@return the name of the budget that was short: the one asked, or an ancestor}
    public String budget() {
        return budget;
    }

    /// {@return bytes asked for}
    public long requested() {
        return requested;
    }

    /// {@return bytes that were left at the moment of the refusal}
    public long available() {
        return available;
    }

    /// {@return the hard limit, in bytes}
    public long limit() {
        return limit;
    }
}
