package dev.coffer.evm.memory;

/// An expansion refused by a limit: the configuration's or the budget's, never the system's memory. Thrown by the
/// convenience operations of [EvmMemory]; beside each stands [EvmMemory#tryExpand], which makes no object.
public final class EvmMemoryLimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final MemoryResult result;

    EvmMemoryLimitException(MemoryResult result, String message) {
        super(message);
        this.result = result;
    }

    /// {@return which limit it was}
    public MemoryResult result() {
        return result;
    }
}
