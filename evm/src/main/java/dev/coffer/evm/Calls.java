package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.gas.PrecompileGas;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// The instructions that start and end frames: CALL and its kin, RETURN, REVERT, SELFDESTRUCT; [Creations] has CREATE
/// (Yellow Paper, sections 7 and 8; EIP-150, EIP-211, EIP-214, EIP-2929, EIP-7702).
final class Calls {
    private Calls() {}

    /// {@return null to go on, RUNNING where a frame was entered, or how this one ended}
    static Status execute(Interpreter m, Frame f, int opcode) {
        return switch (opcode) {
            case Opcode.RETURN -> output(m, f, Status.SUCCESS);
            case Opcode.REVERT -> output(m, f, Status.REVERT);
            case Opcode.SELFDESTRUCT -> selfDestruct(m, f);
            case Opcode.CREATE, Opcode.CREATE2 -> Creations.execute(m, f, opcode);
            default -> call(m, f, opcode);
        };
    }

    private static Status output(Interpreter m, Frame f, Status how) {
        f.sp -= 8;
        Status refused = m.touch(f, f.sp + 4, f.sp);
        if (refused != null) {
            return refused;
        }
        f.outputLength = m.stack[f.sp];
        f.outputOffset = f.outputLength == 0 ? 0 : m.stack[f.sp + 4];
        return how;
    }

    private static Status selfDestruct(Interpreter m, Frame f) {
        if (f.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        f.sp -= 4;
        long[] s = m.stack;
        int heir = f.sp;
        Operations.maskAddress(s, heir);
        if (m.schedule.coldAccess && m.precompile(s, heir) == 0) {
            int access = m.host.accessAccount(s, heir);
            if (access == Host.FULL) {
                return Status.HOST_LIMIT;
            }
            f.gas -= access == Host.COLD ? GasSchedule.COLD_ACCOUNT_EXTRA + GasSchedule.WARM : 0;
        }
        m.host.balance(f.words, Frame.ADDRESS, m.scratch, 0);
        boolean absent = m.schedule.emptyIsAbsent ? !Word.isZero(m.scratch, 0) && m.host.isEmpty(s, heir)
                : m.schedule.holdsBack && !m.host.exists(s, heir);
        f.gas -= absent ? GasSchedule.NEW_ACCOUNT : 0;
        if (f.gas < 0) {
            return Status.OUT_OF_GAS;
        }
        // Nothing to inherit: before EIP-161 that creates the heir, since then it touches it.
        if (!m.touches(s, heir) || !m.schedule.emptyIsAbsent && Word.isZero(m.scratch, 0)
                && !m.host.transfer(f.words, Frame.ADDRESS, s, heir, m.scratch, 0)) {
            return Status.HOST_LIMIT;
        }
        int first = m.host.selfDestruct(f.words, Frame.ADDRESS, s, heir,
                m.fork.atLeast(Fork.CANCUN));
        if (first == Host.FULL) {
            return Status.HOST_LIMIT;
        }
        m.refund += first == Host.COLD ? m.schedule.destructRefund : 0;
        if (m.isTraced()) {
            m.tracer().destroyed(f, s, heir, m.scratch, 0);
        }
        f.outputLength = 0;
        return Status.SUCCESS;
    }

    /// CALL, CALLCODE, DELEGATECALL, STATICCALL: from the top of the stack gas, address, value (the first two), input
    /// offset and size, output offset and size.
    private static Status call(Interpreter m, Frame f, int opcode) {
        boolean hasValue = opcode == Opcode.CALL || opcode == Opcode.CALLCODE;
        long[] s = m.stack;
        int request = f.sp - 4;
        int to = f.sp - 8;
        int value = f.sp - 12;
        int ranges = f.sp - (hasValue ? 16 : 12);        // input offset; size, output offset, size lie below
        boolean pays = hasValue && !Word.isZero(s, value);
        if (pays && opcode == Opcode.CALL && f.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        f.sp = ranges - 12;                              // where the result goes; the operands stay readable above
        Operations.maskAddress(s, to);
        Status refused = touchBoth(m, f, ranges);
        if (refused == null) {
            refused = m.accessAccount(f, s, to);
        }
        if (refused != null) {
            return refused;
        }
        if (Delegations.read(m, s, to, m.delegate, 0)) {
            f.gas -= GasSchedule.WARM;
            refused = m.accessAccount(f, m.delegate, 0);
            if (refused != null) {
                return refused;
            }
        }
        long gas = pays ? GasSchedule.CALL_VALUE : 0;
        if (opcode == Opcode.CALL
                && (m.schedule.emptyIsAbsent ? pays && m.host.isEmpty(s, to) : !m.host.exists(s, to))) {
            gas += GasSchedule.NEW_ACCOUNT;
        }
        f.gas -= gas;
        if (f.gas < 0) {
            return Status.OUT_OF_GAS;
        }
        long most = m.schedule.holdsBack ? f.gas - f.gas / 64 : f.gas;
        long given = Word.isLong(s, request) && s[request] >= 0 ? Math.min(s[request], most) : most;
        if (!m.schedule.holdsBack && (given != s[request] || !Word.isLong(s, request))) {
            return Status.OUT_OF_GAS;                    // before EIP-150 the request had to be there
        }
        f.gas -= given;
        given += pays ? GasSchedule.CALL_STIPEND : 0;
        m.memory.dropOutput();
        f.resultLength = s[ranges - 12];
        f.resultOffset = f.resultLength == 0 ? 0 : s[ranges - 8];
        if (m.depth == Interpreter.DEPTH_MAX || pays && tooPoor(m, f.words, Frame.ADDRESS, s, value)) {
            if (m.isTraced()) {
                long length = s[ranges - 4];
                Frame refusedCall = m.frames[m.depth + 1];
                describe(m, f, refusedCall, opcode, to, value, length == 0 ? 0 : m.memory.position(s[ranges]), length, given);
                refusedAtOnce(m, refusedCall, m.depth == Interpreter.DEPTH_MAX ? Status.CALL_TOO_DEEP : Status.BALANCE_TOO_LOW);
            }
            f.gas += given;
            pushResult(m, f, false);
            return null;
        }
        return start(m, f, opcode, to, value, ranges, given, pays);
    }

    /// Shows a tracer a call that came to nothing.
    static void refusedAtOnce(Interpreter m, Frame child, Status why) {
        m.began(child);
        m.endedAtOnce(child, why);
    }

    private static Status touchBoth(Interpreter m, Frame f, int ranges) {
        Status refused = m.touch(f, ranges, ranges - 4);
        if (refused != null && refused.limited()) {
            // The input alone is past the limit; whether gas pays for the output too decides which it is.
            return refused;
        }
        return refused != null ? refused : m.touch(f, ranges - 8, ranges - 12);
    }

    static boolean tooPoor(Interpreter m, long[] who, int address, long[] s, int value) {
        m.host.balance(who, address, m.scratch, 0);
        return Word.less(m.scratch, 0, s, value);
    }

    static void pushResult(Interpreter m, Frame f, boolean success) {
        Word.set(m.stack, f.sp, success ? 1 : 0);
        f.sp += Word.LONGS;
    }

    /// Moves the value, then runs a precompile, or enters a frame, or finds no code.
    private static Status start(Interpreter m, Frame f, int opcode, int to, int value, int ranges, long given,
            boolean pays) {
        long[] s = m.stack;
        int snapshot = m.host.snapshot();
        if (opcode == Opcode.CALL && (pays || !m.schedule.emptyIsAbsent)
                && !m.host.transfer(f.words, Frame.ADDRESS, s, to, s, value)) {
            return Status.HOST_LIMIT;
        }
        if ((opcode == Opcode.CALL || opcode == Opcode.STATICCALL) && !m.touches(s, to)) {
            return Status.HOST_LIMIT;                    // who calls is not empty: it has code, or the nonce of a creation
        }
        long length = s[ranges - 4];
        long at = length == 0 ? 0 : m.memory.position(s[ranges]);
        int number = m.precompile(s, to);
        Frame child = m.frames[m.depth + 1];
        if (number > 0) {
            long cost = PrecompileGas.of(number, m.fork, m.memory.data(), at, length);
            if (!m.isTraced()) {
                return precompile(m, f, number, cost, m.memory.data(), at, length, given, snapshot);
            }
            describe(m, f, child, opcode, to, value, at, length, given);
            return traced(m, f, child, number, cost, given, snapshot);
        }
        int code = Codes.of(m, child, s, to);
        if (code == CodeCache.FULL) {
            return Status.CODE_LIMIT;
        }
        describe(m, f, child, opcode, to, value, at, length, given);
        if (code == Codes.NONE) {
            m.began(child);
            m.endedAtOnce(child, Status.SUCCESS);
            f.gas += given;
            pushResult(m, f, true);
            return null;
        }
        enter(m, f, child, opcode, code, given, snapshot);
        return Status.RUNNING;
    }

    /// A precompile before a tracer, which sees it as a frame.
    private static Status traced(Interpreter m, Frame f, Frame child, int number, long cost, long given, int snapshot) {
        m.began(child);
        Status refused = precompile(m, f, number, cost, child.input, child.inputAt, child.inputLength, given, snapshot);
        if (refused == null) {
            boolean success = m.stack[f.sp - Word.LONGS] != 0;
            child.gas = success ? given - cost : 0;
            m.endedAtOnce(child, success ? Status.SUCCESS : failure(cost, given));
        }
        return refused;
    }

    /// Writes who calls whom with what.
    private static void describe(Interpreter m, Frame f, Frame child, int opcode, int to, int value, long at, long length, long given) {
        long[] s = m.stack;
        if (opcode == Opcode.CALL || opcode == Opcode.STATICCALL) {
            Word.copy(s, to, child.words, Frame.ADDRESS);
        } else {
            Word.copy(f.words, Frame.ADDRESS, child.words, Frame.ADDRESS);
        }
        Word.copy(f.words, opcode == Opcode.DELEGATECALL ? Frame.CALLER : Frame.ADDRESS, child.words, Frame.CALLER);
        if (opcode == Opcode.DELEGATECALL) {
            Word.copy(f.words, Frame.VALUE, child.words, Frame.VALUE);
        } else if (opcode == Opcode.STATICCALL) {
            Word.set(child.words, Frame.VALUE, 0);
        } else {
            Word.copy(s, value, child.words, Frame.VALUE);
        }
        child.isStatic = f.isStatic || opcode == Opcode.STATICCALL;
        child.input = m.memory.data();
        child.inputAt = at;
        child.inputLength = length;
        Word.copy(s, to, child.words, Frame.CODE);
        child.opcode = opcode;
        child.gas = given;
    }

    static void enter(Interpreter m, Frame parent, Frame child, int opcode, int code, long gas, int snapshot) {
        m.saveStack(parent);
        m.memory.enter();
        m.depth++;
        start(m, child, opcode, code, gas, snapshot);
        m.began(child);
    }

    static void start(Interpreter m, Frame frame, int opcode, int code, long gas, int snapshot) {
        frame.opcode = opcode;
        Codes.assign(m, frame, code);
        frame.isDeploying = false;
        frame.pc = 0;
        frame.sp = 0;
        frame.gas = gas;
        frame.outputOffset = 0;
        frame.outputLength = 0;
        frame.snapshot = snapshot;
        frame.refund = m.refund;
        m.outcome().frames++;
    }

    // --- precompiles ------------------------------------------------------------------------------------------------

    /// @param cost  what it takes of the gas given, as [PrecompileGas] says
    private static Status precompile(Interpreter m, Frame f, int number, long cost, MemorySegment input, long at, long length, long given, int snapshot) {
        Precompiles computes = m.precompiles(number);
        if (computes == null) {
            return Status.PRECOMPILE_MISSING;
        }
        long written = Precompiles.FAILED;
        if (cost <= given && cost != PrecompileGas.REFUSED) {   // as much gas as that can be given
            m.memory.enter();
            Status refused = Status.of(m.memory.tryExpand(0,
                    computes.outputBytesMax(number, input, at, length)));
            if (refused != null) {
                return refused == Status.OUT_OF_GAS ? Status.MEMORY_TREE_LIMIT : refused;
            }
            written = computes.run(number, m.fork, input, at, length, m.memory.data(), m.memory.position(0));
            m.memory.leave(0, Math.max(written, 0));
        }
        boolean success = written != Precompiles.FAILED;
        if (success) {
            f.gas += given - cost;
            copyResult(m, f);
        } else {
            m.host.revert(snapshot);
        }
        pushResult(m, f, success);
        return null;
    }

    /// {@return why a precompile did not succeed}
    private static Status failure(long cost, long given) {
        return cost > given && cost != PrecompileGas.REFUSED ? Status.OUT_OF_GAS : Status.PRECOMPILE_FAILED;
    }

    private static void copyResult(Interpreter m, Frame f) {
        long bytes = Math.min(f.resultLength, m.memory.outputLength());
        if (bytes > 0) {
            MemorySegment data = m.memory.data();
            MemorySegment.copy(data, m.memory.outputAt(), data, m.memory.position(f.resultOffset), bytes);
        }
    }

    // --- the driver's part ------------------------------------------------------------------------------------------

    /// Sets up the outermost frame.
    ///
    /// @return RUNNING, or how the run ended already
    static Status begin(Interpreter m, Message message) {
        if (message.isCreate) {
            return Creations.begin(m, message);
        }
        Frame frame = m.frames[0];
        long[] w = message.words;
        Word.copy(w, Message.TO, frame.words, Frame.ADDRESS);
        int whose = message.borrowsCode ? Message.CODE : Message.TO;
        Word.copy(w, whose, frame.words, Frame.CODE);
        int opcode = message.borrowsCode ? Opcode.DELEGATECALL : message.isStatic ? Opcode.STATICCALL : Opcode.CALL;
        describe(message, frame, opcode);
        frame.isStatic = message.isStatic;
        frame.input = message.input;
        frame.inputAt = message.inputAt;
        frame.inputLength = message.inputLength;
        if (!warmUp(m, message)) {
            return Status.HOST_LIMIT;
        }
        int snapshot = m.host.snapshot();
        boolean pays = !Word.isZero(w, Message.VALUE);
        if (message.movesValue && pays && message.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        if (message.movesValue && pays && tooPoor(m, w, Message.CALLER, w, Message.VALUE)) {
            return Status.BALANCE_TOO_LOW;
        }
        if (message.movesValue && (pays || !m.schedule.emptyIsAbsent && !message.isStatic)
                && !m.host.transfer(w, Message.CALLER, w, Message.TO, w, Message.VALUE)) {
            return Status.HOST_LIMIT;
        }
        if (!m.touches(w, Message.TO) || pays && !m.touches(w, Message.CALLER)) {
            return Status.HOST_LIMIT;
        }
        int number = message.code != null ? 0 : m.precompile(w, whose);
        if (number > 0) {
            return m.isStopped() ? Status.STOPPED : beginPrecompile(m, message, number, snapshot);
        }
        if (message.code == null && Delegations.read(m, w, whose, m.delegate, 0) && m.host.accessAccount(m.delegate, 0) == Host.FULL) {
            return Status.HOST_LIMIT;
        }
        int code = message.code == null ? Codes.of(m, frame, w, whose) : message.codeLength == 0 ? Codes.NONE
                : Codes.unnamed(m, frame, message.code, message.codeAt, message.codeLength);
        if (code == Codes.NONE) {
            if (m.isStopped()) {  // no loop looks at it
                return Status.STOPPED;
            }
            m.began(frame);
            m.endedAtOnce(frame, Status.SUCCESS);
            return Status.SUCCESS;
        }
        if (code == CodeCache.FULL) {
            return Status.CODE_LIMIT;
        }
        start(m, frame, opcode, code, message.gas, snapshot);
        m.began(frame);
        return Status.RUNNING;
    }

    /// Marks who takes part as warm.
    ///
    /// @return false for want of room
    static boolean warmUp(Interpreter m, Message message) {
        if (!m.schedule.coldAccess) {
            return true;
        }
        boolean room = m.host.accessAccount(message.words, Message.CALLER) != Host.FULL
                && (message.isCreate || m.host.accessAccount(message.words, Message.TO) != Host.FULL
                        && (!message.borrowsCode || m.host.accessAccount(message.words, Message.CODE) != Host.FULL));
        if (m.fork.atLeast(Fork.SHANGHAI)) {
            m.host.block(Opcode.COINBASE, m.scratch, 0);
            room &= m.host.accessAccount(m.scratch, 0) != Host.FULL;
        }
        return room;
    }

    /// Writes who called, with what gas and value.
    static void describe(Message message, Frame frame, int opcode) {
        Word.copy(message.words, Message.CALLER, frame.words, Frame.CALLER);
        Word.copy(message.words, Message.VALUE, frame.words, Frame.VALUE);
        frame.isStatic = false;
        frame.opcode = opcode;
        frame.gas = message.gas;
    }

    private static Status beginPrecompile(Interpreter m, Message message, int number, int snapshot) {
        Frame frame = m.frames[0];
        m.began(frame);
        frame.resultLength = 0;
        frame.sp = 0;
        frame.gas = 0;
        long cost = PrecompileGas.of(number, m.fork, message.input, message.inputAt, message.inputLength);
        Status refused = precompile(m, frame, number, cost, message.input, message.inputAt, message.inputLength, message.gas, snapshot);
        if (refused != null) {
            m.endedAtOnce(frame, refused);
            return refused;
        }
        Outcome outcome = m.outcome();
        outcome.outputAt = m.memory.outputAt();
        outcome.outputLength = m.memory.outputLength();
        Status status = m.stack[0] != 0 ? Status.SUCCESS : failure(cost, message.gas);
        m.endedAtOnce(frame, status);
        return status;
    }

    /// Ends a frame: deploys what a creation returned, undoes state where it failed, hands out the output.
    ///
    /// @return the status, which a failed deployment changes
    static Status end(Interpreter m, Frame f, Status status) {
        Status how = status;
        if (how == Status.SUCCESS && (f.opcode == Opcode.CREATE || f.opcode == Opcode.CREATE2)) {
            how = Creations.deploy(m, f);
            if (how.limited()) {
                return how;
            }
        }
        if (how != Status.SUCCESS) {
            m.host.revert(f.snapshot);
            m.refund = f.refund;
        }
        if (how.halted()) {
            f.gas = 0;
            f.outputLength = 0;
        }
        m.codes.release(f.code, f.codePlace);
        EvmMemory memory = m.memory;
        if (f.depth > 0) {
            memory.leave(f.outputOffset, f.outputLength);
        } else {
            Outcome outcome = m.outcome();
            outcome.memoryBytes = memory.length();
            outcome.outputAt = memory.position(f.outputOffset);
            outcome.outputLength = f.outputLength;
        }
        return how;
    }

    /// Goes on with a frame whose child has ended.
    ///
    /// @return null; a caller never fails for what its callee did
    static Status resume(Interpreter m, Frame f, Frame child, Status how) {
        f.gas += child.gas;
        Codes.again(m, f);
        boolean success = how == Status.SUCCESS;
        if (child.opcode == Opcode.CREATE || child.opcode == Opcode.CREATE2) {
            Creations.resume(m, f, child, success);
        } else {
            if (!how.halted()) {
                copyResult(m, f);
            }
            pushResult(m, f, success);
        }
        return null;
    }

    /// Writes an address as 20 bytes.
    static void writeAddress(long[] s, int a, MemorySegment to, long at) {
        for (int i = 0; i < 20; i++) {
            to.set(java.lang.foreign.ValueLayout.JAVA_BYTE, at + 19 - i, (byte) (s[a + (i >>> 3)] >>> 8 * (i & 7)));
        }
    }
}
