package dev.coffer.evm;

import dev.coffer.evm.memory.MemoryResult;

/// How a frame, or a whole run, ended. Constants, so that no ending makes an object.
public enum Status {
    /// Not ended: a frame below it runs. Never the status of an [Outcome].
    RUNNING(Kind.RUNNING),
    /// STOP, RETURN, SELFDESTRUCT or the end of the code.
    SUCCESS(Kind.SUCCESS),
    /// REVERT: state undone, remaining gas and output returned (EIP-140).
    REVERT(Kind.REVERT),

    // Exceptional halts (Yellow Paper, section 9.4.2): state undone, all gas of the frame gone, no output.
    OUT_OF_GAS(Kind.HALT),
    UNDEFINED_INSTRUCTION(Kind.HALT),
    STACK_UNDERFLOW(Kind.HALT),
    STACK_OVERFLOW(Kind.HALT),
    BAD_JUMP(Kind.HALT),
    /// A change of state below a STATICCALL (EIP-214).
    STATIC_VIOLATION(Kind.HALT),
    /// RETURNDATACOPY past the end (EIP-211).
    RETURN_DATA_OUT_OF_BOUNDS(Kind.HALT),
    /// Initcode above 49,152 bytes (EIP-3860).
    INITCODE_TOO_LONG(Kind.HALT),
    /// Deployed code above 24,576 bytes (EIP-170).
    CODE_TOO_LONG(Kind.HALT),
    /// Deployed code that starts with 0xEF (EIP-3541).
    CODE_PREFIX_RESERVED(Kind.HALT),
    /// An account with code, nonce or storage stands where one was to be created (EIP-684, EIP-7610).
    CREATE_COLLISION(Kind.HALT),
    /// A precompile refused its input.
    PRECOMPILE_FAILED(Kind.HALT),
    /// A call or creation with more value than its caller has. Below depth 0 only a [Tracer] sees it: who calls goes on.
    BALANCE_TOO_LOW(Kind.HALT),
    /// A call or creation from depth 1,024. Only a [Tracer] sees it: who calls goes on.
    CALL_TOO_DEEP(Kind.HALT),
    /// A creation by an account whose nonce is 2^64 - 1 (EIP-2681). Only a [Tracer] sees it: who creates goes on.
    NONCE_EXHAUSTED(Kind.HALT),

    // Limits of this machine: not consensus, so they end the whole run at once, with state as after a halt.
    /// One frame's memory reached `frameBytesMax`.
    MEMORY_FRAME_LIMIT(Kind.LIMIT),
    /// The frames' memory together reached `treeBytesMax`.
    MEMORY_TREE_LIMIT(Kind.LIMIT),
    /// The budget that the memory shares is spent.
    MEMORY_BUDGET_LIMIT(Kind.LIMIT),
    /// A code is longer than the code cache.
    CODE_LIMIT(Kind.LIMIT),
    /// The host has no room for another account, slot, log or undo record.
    HOST_LIMIT(Kind.LIMIT),
    /// A precompile of the fork that this machine was made without.
    PRECOMPILE_MISSING(Kind.LIMIT),
    /// [Interpreter#stop] was called.
    STOPPED(Kind.LIMIT);

    private enum Kind { RUNNING, SUCCESS, REVERT, HALT, LIMIT }

    private final Kind kind;

    Status(Kind kind) {
        this.kind = kind;
    }

    /// {@return whether the code failed by the rules of the protocol}
    public boolean halted() {
        return kind == Kind.HALT;
    }

    /// {@return whether this machine's own limit ended the run}
    public boolean limited() {
        return kind == Kind.LIMIT;
    }

    /// {@return what becomes of a run that memory answered so; null where it goes on}
    static Status of(MemoryResult result) {
        return switch (result) {
            case OK -> null;
            case TOO_FAR, OUT_OF_GAS -> OUT_OF_GAS;
            case FRAME_LIMIT -> MEMORY_FRAME_LIMIT;
            case TREE_LIMIT -> MEMORY_TREE_LIMIT;
            case BUDGET_LIMIT -> MEMORY_BUDGET_LIMIT;
        };
    }
}
