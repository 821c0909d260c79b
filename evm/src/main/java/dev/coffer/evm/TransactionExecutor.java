package dev.coffer.evm;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.MemoryPlan;
import java.util.Objects;
import java.util.Set;

/// Executes whole transactions on a machine and its host (Yellow Paper, section 6): is it valid, what does it cost before its first instruction, gas
/// bought, list of accesses warmed, code run, refunds capped, the rest given back, the block's author paid, what is empty deleted.
///
/// ```
///   check --> buy gas --> raise nonce --> warm the access list --> delegate --> run --> refund --> pay the author --> end
///     |          (all of it is undone where a limit of the machine or the host ends the run)
///   Rejection
/// ```
///
/// Makes no object after its constructor. Belongs to the thread of its machine.
public final class TransactionExecutor {
    // Words of [#w], by the index of their first long.
    private static final int BASE_FEE = 0;
    private static final int PRICE = 4;      // what a unit of gas costs
    private static final int TIP = 8;        // of it, what the block's author gets
    private static final int COST = 12;
    private static final int TERM = 16;
    private static final int BALANCE = 20;
    private static final int BLOB_FEE = 24;
    private static final int AUTHOR = 28;
    private static final int WORDS = AUTHOR + 4;

    private static final long HEAP_BYTES = 1024;   // as counted, rounded up: three objects with four short arrays

    private final Interpreter machine;
    private final TransactionHost host;
    private final Fork fork;
    private final Message message = new Message();
    private final TransactionOutcome outcome;
    private final Delegations delegations;
    private final long[] w = new long[WORDS];
    private long intrinsic;
    private long floor;
    private int blobsMax;

    /// @param machine  opened on the host
    /// @param host     of the machine
    /// @throws IllegalArgumentException  the machine was opened on another host (caller's fault)
    public TransactionExecutor(Interpreter machine, TransactionHost host) {
        if (machine.host != Objects.requireNonNull(host)) {
            throw new IllegalArgumentException("transactions: a machine on another host");
        }
        this.machine = machine;
        this.host = host;
        this.fork = machine.fork;
        this.blobsMax = TransactionRules.blobsMax(machine.fork);
        this.outcome = new TransactionOutcome(machine.outcome());
        this.delegations = new Delegations(machine, host, machine.recovery());
    }

    /// Says how many blobs a block may hold, where a chain has another schedule than the main network's (EIP-7840, EIP-7892). From Osaka on a transaction has 6 at the
    /// most, whatever a block may hold (EIP-7594).
    ///
    /// @param ofBlock  0 or more; until it is said 6, in Prague 9
    /// @return this
    /// @throws IllegalArgumentException  below 0 (caller's fault)
    public TransactionExecutor blobsMax(int ofBlock) {
        if (ofBlock < 0) {
            throw new IllegalArgumentException("transactions: " + ofBlock + " blobs (expected 0 or more)");
        }
        blobsMax = fork.atLeast(Fork.OSAKA) ? Math.min(ofBlock, TransactionRules.BLOBS_OF_TRANSACTION) : ofBlock;
        return this;
    }

    /// {@return what an executor holds beside its machine and host: its words, a message, an outcome}
    public static MemoryPlan plan() {
        return MemoryPlan.block("evm transactions", 0, 1, "what a transaction comes to").withHeap(HEAP_BYTES);
    }

    /// Writes who signed an authorization of a transaction (EIP-7702), whether it is valid in the present state or not.
    ///
    /// @param index  of the authorization, in the order in which they were appended
    /// @return false where nobody has: the signature is none; nothing is written
    /// @throws IndexOutOfBoundsException  the transaction has no such authorization (caller's fault)
    /// @throws IllegalStateException      the machine runs (caller's fault)
    public boolean authority(Transaction t, int index, long[] to, int r) {
        Objects.checkIndex(index, t.authorizationCount);
        machine.claim();
        try {
            return delegations.authority(t, index, to, r);
        } finally {
            machine.unclaim();
        }
    }

    // --- validity ---------------------------------------------------------------------------------------------------

    /// {@return why a transaction is invalid in this state and block, or NONE. Changes nothing}
    ///
    /// @throws IllegalStateException  the machine runs (caller's fault)
    public Rejection check(Transaction t) {
        machine.claim();
        try {
            return validity(t);
        } finally {
            machine.unclaim();
        }
    }

    /// Adds each reason why a transaction is invalid in this state and block, of which [#check] says the first: all that is wrong with its gas, its fees and its sender,
    /// each looked at whatever else is wrong; of its form the first, and the first but too many blobs. Nothing where it is valid. Changes nothing.
    ///
    /// @param to  never gets NONE
    /// @throws IllegalStateException  the machine runs (caller's fault); nothing is added
    public void reasons(Transaction t, Set<Rejection> to) {
        machine.claim();
        try {
            measure(t);
            readBaseFee();
            add(to, TransactionRules.shape(t, fork, blobsMax));
            add(to, TransactionRules.shape(t, fork, Integer.MAX_VALUE));
            add(to, isAboveCap(t), Rejection.GAS_ABOVE_CAP);
            add(to, isAboveBlock(t), Rejection.GAS_ABOVE_BLOCK);
            add(to, t.gas < intrinsic, Rejection.GAS_BELOW_INTRINSIC);
            add(to, t.gas < floor, Rejection.GAS_BELOW_FLOOR);
            add(to, isTipAboveFee(t), Rejection.TIP_ABOVE_FEE);
            add(to, isBelowBaseFee(t), Rejection.FEE_BELOW_BASE_FEE);
            add(to, isBelowBlobFee(t), Rejection.BLOB_FEE_BELOW_BASE_FEE);
            add(to, nonce(t));
            add(to, isContract(t), Rejection.SENDER_HAS_CODE);
            add(to, isTooPoor(t), Rejection.BALANCE_TOO_LOW);
        } finally {
            machine.unclaim();
        }
    }

    private static void add(Set<Rejection> to, Rejection reason) {
        add(to, reason != Rejection.NONE, reason);
    }

    private static void add(Set<Rejection> to, boolean holds, Rejection reason) {
        if (holds) {
            to.add(reason);
        }
    }

    private Rejection validity(Transaction t) {
        measure(t);
        Rejection wrong = TransactionRules.shape(t, fork, blobsMax);
        if (wrong == Rejection.NONE) {
            wrong = gas(t);
        }
        if (wrong == Rejection.NONE) {
            wrong = fees(t);
        }
        return wrong == Rejection.NONE ? sender(t) : wrong;
    }

    private void measure(Transaction t) {
        long zeros = TransactionRules.zeros(t.data, t.dataAt, t.dataLength);
        intrinsic = TransactionRules.intrinsicGas(t, fork, zeros);
        floor = TransactionRules.floorGas(t, fork, zeros);
    }

    private Rejection gas(Transaction t) {
        return isAboveCap(t) ? Rejection.GAS_ABOVE_CAP : isAboveBlock(t) ? Rejection.GAS_ABOVE_BLOCK
                : t.gas < intrinsic ? Rejection.GAS_BELOW_INTRINSIC : t.gas < floor ? Rejection.GAS_BELOW_FLOOR : Rejection.NONE;
    }

    private boolean isAboveCap(Transaction t) {
        return fork.atLeast(Fork.OSAKA) && t.gas > TransactionRules.GAS_CAP;
    }

    private boolean isAboveBlock(Transaction t) {
        host.block(Opcode.GASLIMIT, w, TERM);
        return Word.isLong(w, TERM) && Long.compareUnsigned(t.gas, w[TERM]) > 0;
    }

    /// Also works out what a unit of gas costs, and what of that the author gets (EIP-1559).
    private Rejection fees(Transaction t) {
        readBaseFee();
        if (isTipAboveFee(t)) {
            return Rejection.TIP_ABOVE_FEE;
        }
        if (isBelowBaseFee(t)) {
            return Rejection.FEE_BELOW_BASE_FEE;
        }
        price(t);
        return isBelowBlobFee(t) ? Rejection.BLOB_FEE_BELOW_BASE_FEE : Rejection.NONE;
    }

    private static boolean isTipAboveFee(Transaction t) {
        return Word.less(t.words, Transaction.FEE_MAX, t.words, Transaction.TIP_MAX);
    }

    private boolean isBelowBaseFee(Transaction t) {
        return Word.less(t.words, Transaction.FEE_MAX, w, BASE_FEE);
    }

    /// Also reads the price of blobs, where it has some.
    private boolean isBelowBlobFee(Transaction t) {
        if (t.type != Transaction.BLOBS) {
            return false;
        }
        host.block(Opcode.BLOBBASEFEE, w, BLOB_FEE);
        return Word.less(t.words, Transaction.BLOB_FEE_MAX, w, BLOB_FEE);
    }

    private void readBaseFee() {
        Word.set(w, BASE_FEE, 0);
        if (fork.atLeast(Fork.LONDON)) {
            host.block(Opcode.BASEFEE, w, BASE_FEE);
        }
    }

    /// What a unit of gas costs, of which what is above the base fee is the author's, where at least that is offered.
    private void price(Transaction t) {
        Word.copy(t.words, Transaction.FEE_MAX, w, TIP);
        Word.subtract(w, TIP, BASE_FEE, TIP);
        if (Word.less(t.words, Transaction.TIP_MAX, w, TIP)) {
            Word.copy(t.words, Transaction.TIP_MAX, w, TIP);
        }
        Word.add(w, BASE_FEE, TIP, PRICE);
    }

    private Rejection sender(Transaction t) {
        Rejection wrong = nonce(t);
        return wrong != Rejection.NONE ? wrong
                : isContract(t) ? Rejection.SENDER_HAS_CODE : isTooPoor(t) ? Rejection.BALANCE_TOO_LOW : Rejection.NONE;
    }

    private Rejection nonce(Transaction t) {
        int order = Long.compareUnsigned(t.nonce, host.nonce(t.words, Transaction.SENDER));
        return order < 0 ? Rejection.NONCE_TOO_LOW : order > 0 ? Rejection.NONCE_TOO_HIGH : Rejection.NONE;
    }

    private boolean isContract(Transaction t) {
        return host.codeLength(t.words, Transaction.SENDER) != 0 && !Delegations.read(machine, t.words, Transaction.SENDER, w, TERM);
    }

    /// At the most it pays for gas at the highest price, for blobs at theirs, and the value.
    private boolean isTooPoor(Transaction t) {
        Word.copy(t.words, Transaction.FEE_MAX, w, TERM);
        boolean payable = Wei.times(w, TERM, t.gas, COST);
        Word.copy(t.words, Transaction.BLOB_FEE_MAX, w, TERM);
        payable &= Wei.times(w, TERM, blobGas(t), TERM) && Wei.add(w, TERM, COST);
        Word.copy(t.words, Transaction.VALUE, w, TERM);
        payable &= Wei.add(w, TERM, COST);
        host.balance(t.words, Transaction.SENDER, w, BALANCE);
        return !payable || Word.less(w, BALANCE, w, COST);
    }

    private static long blobGas(Transaction t) {
        return t.type == Transaction.BLOBS ? TransactionRules.BLOB_GAS * t.blobCount : 0;
    }

    // --- execution --------------------------------------------------------------------------------------------------

    /// Executes a transaction on the host's present state.
    ///
    /// @return the executor's one outcome, valid until the next: rejected, and nothing has changed; or executed, be it that its code failed; or
    ///         ended by a limit of the machine or of the host, and the state is as before, as it is where host, tracer or precompile throws, which
    ///         goes through to the caller
    /// @throws IllegalStateException  the machine runs, and what it asked called this (caller's fault); nothing changes
    public TransactionOutcome execute(Transaction t) {
        claim();
        try {
            begin();
            outcome.rejection = validity(t);
            if (outcome.rejection == Rejection.NONE) {
                executeValid(t);
            }
            return outcome;
        } finally {
            unclaim();
        }
    }

    /// The machine, and the host, whose changes are this transaction's until it ends.
    private void claim() {
        machine.claim();
        boolean isClaimed = false;
        try {
            host.claim();
            isClaimed = true;
        } finally {
            if (!isClaimed) {
                machine.unclaim();
            }
        }
    }

    private void unclaim() {
        try {
            host.unclaim();
        } finally {
            machine.unclaim();
        }
    }

    private void begin() {
        outcome.status = Status.SUCCESS;
        outcome.gasUsed = 0;
        outcome.gasRefunded = 0;
    }

    private void executeValid(Transaction t) {
        host.beginTransaction(t.words, Transaction.SENDER, w, PRICE, t.blobs, t.blobCount);
        int before = host.snapshot();
        boolean keeps = false;
        try {
            outcome.status = run(t);
            if (!outcome.status.limited() && !settle(t)) {
                outcome.status = Status.HOST_LIMIT;
            }
            keeps = !outcome.status.limited();
        } finally {
            if (!keeps) {
                outcome.gasUsed = 0;
                outcome.gasRefunded = 0;
                host.revert(before);
            }
        }
        host.endTransaction();
    }

    private Status run(Transaction t) {
        return buy(t) && warm(t) && delegations.apply(t) ? machine.runClaimed(message(t)).status() : Status.HOST_LIMIT;
    }

    // --- simulation -------------------------------------------------------------------------------------------------

    /// Executes a transaction and undoes it, as `eth_call` does: of whoever it names, whatever nonce and code that one has, for nothing, and with as much gas as
    /// it says, whatever a block or a fork (EIP-7825) allows; the value must be there. GASPRICE says what it would pay by what it offers, be that less than the base fee, which BASEFEE says as ever: a node sets both
    /// to 0 where nothing is offered, so a block of base fee 0 is what code needs that compares them. Logs are gone, too.
    ///
    /// @return as of [#execute], with what it would use
    /// @throws IllegalStateException  the machine runs, and what it asked called this (caller's fault); nothing changes
    public TransactionOutcome simulate(Transaction t) {
        claim();
        try {
            simulateClaimed(t);
            return outcome;
        } finally {
            unclaim();
        }
    }

    private void simulateClaimed(Transaction t) {
        begin();
        measure(t);
        outcome.rejection = TransactionRules.shape(t, fork, blobsMax);
        if (outcome.rejection == Rejection.NONE && t.gas < Math.max(intrinsic, floor)) {
            outcome.rejection = t.gas < intrinsic ? Rejection.GAS_BELOW_INTRINSIC : Rejection.GAS_BELOW_FLOOR;
        }
        if (outcome.rejection == Rejection.NONE) {
            simulateValid(t);
        }
    }

    private void simulateValid(Transaction t) {
        readBaseFee();
        if (Word.less(t.words, Transaction.FEE_MAX, w, BASE_FEE)) {
            Word.copy(t.words, Transaction.FEE_MAX, w, PRICE);
        } else {
            price(t);
        }
        host.beginTransaction(t.words, Transaction.SENDER, w, PRICE, t.blobs, t.blobCount);
        Word.set(w, PRICE, 0);                             // which GASPRICE says, and nobody pays
        Word.set(w, BLOB_FEE, 0);
        int before = host.snapshot();
        try {
            outcome.status = run(t);
            if (!outcome.status.limited()) {
                account(t);
            }
        } finally {
            host.revert(before);
        }
    }

    /// {@return the least gas with which a transaction succeeds, as `eth_estimateGas` looks for it, by halving: what it says of its own gas is not looked at
    ///         and is that least gas afterwards. -1 where it does not succeed even with `most`, and where a limit of machine or host ends one of the runs, or
    ///         [Interpreter#stop]: the last run's outcome, [#outcome], tells why, and what it says of its own gas is that run's}
    ///
    /// @param most  gas at the most, for instance the block's; from Osaka no more than 2^24 is tried (EIP-7825)
    /// @throws IllegalArgumentException  below 0 (caller's fault)
    /// @throws IllegalStateException     the machine runs, and what it asked called this (caller's fault); nothing changes
    public long estimateGas(Transaction t, long most) {
        claim();                                           // once: a stop between two runs ends the next one
        try {
            return leastGas(t, most);
        } finally {
            unclaim();
        }
    }

    private long leastGas(Transaction t, long most) {
        long enough = fork.atLeast(Fork.OSAKA) ? Math.min(most, TransactionRules.GAS_CAP) : most;
        if (!succeeds(t, enough)) {
            return -1;
        }
        long tooLittle = Math.max(intrinsic, floor) - 1;
        while (enough - tooLittle > 1) {
            long middle = tooLittle + (enough - tooLittle >>> 1);
            if (succeeds(t, middle)) {
                enough = middle;
            } else if (outcome.status.limited()) {
                return -1;                                 // whether that much is enough nobody knows
            } else {
                tooLittle = middle;
            }
        }
        t.gas(enough);
        return enough;
    }

    /// {@return what came of the last transaction that was executed, simulated or tried: the executor's one outcome}
    public TransactionOutcome outcome() {
        return outcome;
    }

    private boolean succeeds(Transaction t, long gas) {
        simulateClaimed(t.gas(gas));
        return outcome.rejection == Rejection.NONE && outcome.status == Status.SUCCESS;
    }

    // --- what both share --------------------------------------------------------------------------------------------

    /// Takes the price of all gas and of the blobs, which is burnt; counts the transaction, unless the machine does, which needs the nonce for the
    /// address of what it creates.
    private boolean buy(Transaction t) {
        Wei.times(w, PRICE, t.gas, COST);
        if (t.type == Transaction.BLOBS) {
            Wei.times(w, BLOB_FEE, blobGas(t), TERM);
            Wei.add(w, TERM, COST);
        }
        host.balance(t.words, Transaction.SENDER, w, BALANCE);
        Word.subtract(w, BALANCE, COST, BALANCE);
        return host.setBalance(t.words, Transaction.SENDER, w, BALANCE)
                && (t.isCreate || host.raiseNonce(t.words, Transaction.SENDER));
    }

    private boolean warm(Transaction t) {
        int address = 0;
        for (int i = 0; i < t.accessCount; i++) {
            int at = Word.LONGS * i;
            int was;
            if (t.accessIsKey[i]) {
                was = host.accessSlot(t.accesses, address, t.accesses, at);
            } else {
                address = at;
                was = host.accessAccount(t.accesses, at);
            }
            if (was == Host.FULL) {
                return false;
            }
        }
        return true;
    }

    private Message message(Transaction t) {
        message.caller(t.words, Transaction.SENDER).value(t.words, Transaction.VALUE).gas(t.gas - intrinsic)
                .input(t.data, t.dataAt, t.dataLength);
        return t.isCreate ? message.create() : message.to(t.words, Transaction.TO);
    }

    /// Gives back what is left of the gas, and pays the author.
    private boolean settle(Transaction t) {
        account(t);
        Wei.times(w, PRICE, t.gas - outcome.gasUsed, TERM);
        if (!credit(t.words, Transaction.SENDER)) {
            return false;
        }
        host.block(Opcode.COINBASE, w, AUTHOR);
        Wei.times(w, TIP, outcome.gasUsed, TERM);
        // Before Spurious Dragon a fee of nothing makes the author's account, too; since then it touches it.
        boolean paid = machine.schedule.emptyIsAbsent && Word.isZero(w, TERM) || credit(w, AUTHOR);
        return paid && machine.touches(w, AUTHOR);
    }

    private void account(Transaction t) {
        long used = t.gas - outcome.run.gasLeft();
        long refund = Math.min(outcome.run.refund() + delegations.refund(), used / (fork.atLeast(Fork.LONDON) ? 5 : 2));  // EIP-3529
        outcome.gasUsed = Math.max(used - refund, floor);
        outcome.gasRefunded = refund;
    }

    private boolean credit(long[] s, int address) {
        host.balance(s, address, w, BALANCE);
        Word.add(w, BALANCE, TERM, BALANCE);
        return host.setBalance(s, address, w, BALANCE);
    }

    @Override
    public String toString() {
        return "TransactionExecutor[" + fork + ", " + outcome + "]";
    }
}
