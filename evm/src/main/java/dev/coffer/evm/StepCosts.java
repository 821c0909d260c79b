package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;

/// What each instruction takes, for tracers that tell it as go-ethereum does. It is known behind the instruction: at the next one, at the beginning of what it calls, or at
/// the end of its frame. That of a call is with the gas that the called one gets, that of a creation without; the deposit for code (EIP-2) is no instruction's. Of one that
/// does not run, or that runs and halts, it is what that costs whatever its operands are.
///
/// A tracer tells it of each step, after it has asked for the cost of the one before. Makes no object. Belongs to the thread of its machine.
public final class StepCosts {
    private final GasSchedule schedule;
    private Frame pending;
    private long gasBefore;
    private long fixed;

    /// @param fork  the machine's
    public StepCosts(Fork fork) {
        this.schedule = GasSchedule.of(fork);
    }

    /// An instruction is about to run.
    public void step(Frame frame, int opcode) {
        pending = frame;
        gasBefore = frame.gas();
        fixed = schedule.fixed(opcode);
    }

    /// Forgets the last instruction: another run begins.
    public void clear() {
        pending = null;
    }

    /// {@return whose instruction was last, and has not been asked for; null for none}
    public Frame pending() {
        return pending;
    }

    /// {@return what the last instruction took, where another one follows in its frame; -1 where there is none, or it has been asked for}
    public long atStep() {
        return taken(0);
    }

    /// {@return the same, where a call or creation begins}
    ///
    /// @param begun  its frame
    public long atBegin(Frame begun) {
        return taken(creates(begun) ? begun.gas() : 0);
    }

    /// {@return the same, where a frame ends}
    ///
    /// @param length  of its output, bytes
    public long atEnd(Frame ended, Status status, long length) {
        if (pending != null && (status.halted() || status.limited())) {
            pending = null;
            return fixed;
        }
        return taken(creates(ended) && status == Status.SUCCESS ? GasSchedule.CODE_DEPOSIT_BYTE * length : 0);
    }

    private static boolean creates(Frame frame) {
        return frame.opcode() == Opcode.CREATE || frame.opcode() == Opcode.CREATE2;
    }

    /// @param given  gas that has left the frame, and is not the instruction's
    private long taken(long given) {
        if (pending == null) {
            return -1;
        }
        long cost = gasBefore - pending.gas();
        pending = null;
        return cost < given ? cost : cost - given;       // in Frontier a deposit that cannot be paid is not taken
    }

    @Override
    public String toString() {
        return "StepCosts[" + (pending == null ? "none" : pending) + "]";
    }
}
