package dev.coffer.evm;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The calls that the protocol itself makes at the beginning and end of a block, of nobody and for nothing (EIP-2935, EIP-4788, EIP-7002, EIP-7251): 30,000,000
/// gas that counts in no block. Each is a transaction of its own to the host. What makes a block invalid is the caller's to say: which calls there are, and in
/// which order, and what an answer means.
///
/// Makes no object after its constructor. Belongs to the thread of its machine.
public final class SystemCalls {
    /// Gas of each.
    public static final long GAS = 30_000_000;

    /// What came of a call.
    public enum Answer {
        /// The contract did it; what it returned is in [#outcome].
        DONE,
        /// No contract is there: nothing happens (EIP-2935, EIP-4788), or the block is invalid (EIP-7002, EIP-7251).
        NO_CONTRACT,
        /// Its code failed: nothing has changed. The block is invalid by EIP-7002 and EIP-7251.
        FAILED,
        /// A limit of this machine or host ended it, which [Outcome#status] names: nothing has changed.
        LIMITED
    }

    private static final long[] HISTORY = Word.of(new java.math.BigInteger("0000f90827f1c53a10cb7a02335b175320002935", 16));
    private static final long[] BEACON_ROOTS = Word.of(new java.math.BigInteger("000f3df6d732807ef1319fb7b8bb8522d0beac02", 16));
    private static final long[] WITHDRAWALS = Word.of(new java.math.BigInteger("00000961ef480eb55e80d19ad83579a64c007002", 16));
    private static final long[] CONSOLIDATIONS = Word.of(new java.math.BigInteger("0000bbddc7ce488642fb579f8b00f3a590007251", 16));
    /// 2^160 - 2.
    private static final long[] SYSTEM = {-2L, -1L, 0xffffffffL, 0};

    private final Interpreter machine;
    private final TransactionHost host;
    private final Message message = new Message();
    private final MemorySegment input;
    private final long[] none = new long[Word.LONGS];

    /// @param machine  opened on the host
    /// @throws IllegalArgumentException  the machine was opened on another host (caller's fault)
    public SystemCalls(Interpreter machine, TransactionHost host) {
        if (machine.host != Objects.requireNonNull(host)) {
            throw new IllegalArgumentException("system calls: a machine on another host");
        }
        this.machine = machine;
        this.host = host;
        this.input = machine.systemInput();
    }

    /// Remembers the hash of the block before, at the beginning of a block (EIP-2935).
    ///
    /// @throws IllegalStateException  before Prague (caller's fault), or the machine runs (caller's fault)
    public Answer parentHash(long[] s, int hash) {
        return call(Fork.PRAGUE, HISTORY, s, hash);
    }

    /// Remembers the root of the parent beacon block, at the beginning of a block (EIP-4788).
    ///
    /// @throws IllegalStateException  before Cancun (caller's fault), or the machine runs (caller's fault)
    public Answer beaconRoot(long[] s, int root) {
        return call(Fork.CANCUN, BEACON_ROOTS, s, root);
    }

    /// Takes the requests for withdrawals out of their queue, at the end of a block; they are the output (EIP-7002).
    ///
    /// @throws IllegalStateException  before Prague (caller's fault), or the machine runs (caller's fault)
    public Answer withdrawalRequests() {
        return call(Fork.PRAGUE, WITHDRAWALS, null, 0);
    }

    /// Takes the requests for consolidations out of their queue, at the end of a block; they are the output (EIP-7251).
    ///
    /// @throws IllegalStateException  before Prague (caller's fault), or the machine runs (caller's fault)
    public Answer consolidationRequests() {
        return call(Fork.PRAGUE, CONSOLIDATIONS, null, 0);
    }

    /// {@return what the machine says of the last call, until its next run}
    public Outcome outcome() {
        return machine.outcome();
    }

    /// The word of a call, null for none.
    private Answer call(Fork since, long[] contract, long[] word, int at) {
        machine.claim();
        try {
            if (word != null) {
                Word.store(word, at, input, 0);
            }
            return callClaimed(since, contract, word == null ? 0 : Word.BYTES);
        } finally {
            machine.unclaim();
        }
    }

    private Answer callClaimed(Fork since, long[] contract, long length) {
        if (!machine.fork.atLeast(since)) {
            throw new IllegalStateException("a system call of " + since + " in " + machine.fork);
        }
        if (host.codeLength(contract, 0) == 0) {
            return Answer.NO_CONTRACT;
        }
        host.claim();
        try {
            return callWithHost(contract, length);
        } finally {
            host.unclaim();
        }
    }

    private Answer callWithHost(long[] contract, long length) {
        host.beginTransaction(SYSTEM, 0, none, 0, none, 0);
        int before = host.snapshot();
        Status status = machine.runClaimed(message.caller(SYSTEM, 0).to(contract, 0).value(none, 0).gas(GAS).input(input, 0, length)).status();
        if (status != Status.SUCCESS) {
            host.revert(before);
            return status.limited() ? Answer.LIMITED : Answer.FAILED;
        }
        host.endTransaction();
        return Answer.DONE;
    }

    @Override
    public String toString() {
        return "SystemCalls[" + machine.fork + "]";
    }
}
