package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;

/// Runs of two to four instructions that compilers write again and again, and which [Loop] executes as one (decision 0096): one fetch, one check of the stack, one of
/// the gas. They have opcodes that no fork defines, in a copy of the code that only the loop sees.
///
/// Each starts where its first instruction does, so whoever jumps into its midst finds the plain one there. Where its check of the stack fails, the loop executes what is left of
/// the code plainly, so that what fails does so at its own instruction. All instructions are of Frontier, and none but the last can fail by anything but stack and gas.
final class Fused {
    // Those that end in a jump: the odd one of each pair with PUSH2, the even one with PUSH1.
    static final int JUMP = 0xb0;                  // PUSH, JUMP
    static final int JUMPI = 0xb2;                 // PUSH, JUMPI
    static final int JUMP_IF_ZERO = 0xb4;          // ISZERO, PUSH, JUMPI
    static final int JUMP_IF_NOT_ZERO = 0xb6;      // ISZERO, ISZERO, PUSH, JUMPI
    static final int PUSH1_ADD = 0xb8;
    static final int ADD_MLOAD = 0xb9;
    static final int DUP2_MSTORE = 0xba;
    static final int POP_POP = 0xbb;
    static final int SWAP_POP = 0xbc;              // SWAP1 to SWAP4, POP
    static final int DUP_ADD = 0xc0;               // DUP1 to DUP8, ADD
    static final int DUP_DUP = 0xc8;               // two of DUP1 to DUP8, by the words that they need
    static final int LAST = DUP_DUP + 7;

    private static final int LENGTH_MAX = 4;

    private Fused() {}

    /// {@return what the loop executes at an instruction's first byte; behind the code lie zeros}
    static int at(byte[] code, int pc) {
        int first = code[pc] & 0xff;
        int next = code[pc + 1] & 0xff;
        if (first >= JUMP && first <= LAST) {
            return Opcode.INVALID;                 // undefined, in the code itself
        }
        int jump = switch (first) {
            case Opcode.PUSH1, Opcode.PUSH1 + 1 -> jump(code, pc, JUMPI);
            case Opcode.ISZERO -> next == Opcode.ISZERO ? jump(code, pc + 2, JUMP_IF_NOT_ZERO) : jump(code, pc + 1, JUMP_IF_ZERO);
            default -> 0;
        };
        if (jump != 0) {
            return jump;
        }
        if (first >= Opcode.DUP1 && first < Opcode.DUP1 + 8) {
            if (next == Opcode.ADD) {
                return DUP_ADD + first - Opcode.DUP1;
            }
            if (next >= Opcode.DUP1 && next < Opcode.DUP1 + 8) {
                return DUP_DUP + Math.max(first - Opcode.DUP1, next - Opcode.DUP1 - 1);
            }
            return first == Opcode.DUP1 + 1 && next == Opcode.MSTORE ? DUP2_MSTORE : first;
        }
        if (first >= Opcode.SWAP1 && first < Opcode.SWAP1 + 4) {
            return next == Opcode.POP ? SWAP_POP + first - Opcode.SWAP1 : first;
        }
        return switch (first) {
            case Opcode.PUSH1 -> (code[pc + 2] & 0xff) == Opcode.ADD ? PUSH1_ADD : first;
            case Opcode.ADD -> next == Opcode.MLOAD ? ADD_MLOAD : first;
            case Opcode.POP -> next == Opcode.POP ? POP_POP : first;
            default -> first;
        };
    }

    /// {@return the one that ends in PUSH1 or PUSH2 at `pc` and a jump, or 0}
    private static int jump(byte[] code, int pc, int conditional) {
        int wide = (code[pc] & 0xff) - Opcode.PUSH1;
        if (wide != 0 && wide != 1) {
            return 0;
        }
        int last = code[pc + 2 + wide] & 0xff;
        return last == Opcode.JUMPI ? conditional + wide : last == Opcode.JUMP && conditional == JUMPI ? JUMP + wide : 0;
    }

    /// Writes the instructions of one.
    ///
    /// @return how many
    private static int instructions(int fused, int[] to) {
        if (fused < PUSH1_ADD) {
            int count = 0;
            for (int zeros = (fused - JUMPI) >> 1; zeros > 0; zeros--) {
                to[count++] = Opcode.ISZERO;
            }
            to[count++] = Opcode.PUSH1 + (fused & 1);
            to[count++] = fused < JUMPI ? Opcode.JUMP : Opcode.JUMPI;
            return count;
        }
        to[0] = fused >= DUP_DUP ? Opcode.DUP1 + fused - DUP_DUP : fused >= DUP_ADD ? Opcode.DUP1 + fused - DUP_ADD
                : fused >= SWAP_POP ? Opcode.SWAP1 + fused - SWAP_POP : fused == POP_POP ? Opcode.POP : fused == DUP2_MSTORE ? Opcode.DUP1 + 1
                        : fused == ADD_MLOAD ? Opcode.ADD : Opcode.PUSH1;
        to[1] = fused >= DUP_DUP ? Opcode.DUP1 : fused >= DUP_ADD ? Opcode.ADD : fused >= POP_POP ? Opcode.POP
                : fused == DUP2_MSTORE ? Opcode.MSTORE : fused == ADD_MLOAD ? Opcode.MLOAD : Opcode.ADD;
        return 2;
    }

    /// Gives each its trait, as [Interpreter] packs those of plain instructions: what all of it costs, the longs that it needs, and the room.
    static void traits(GasSchedule schedule, long[] traits) {
        int[] of = new int[LENGTH_MAX];
        for (int fused = JUMP; fused <= LAST; fused++) {
            int count = instructions(fused, of);
            int gas = 0;
            int height = 0;
            int least = 0;
            int most = 0;
            for (int i = 0; i < count; i++) {
                gas += schedule.fixed(of[i]);
                least = Math.max(least, Opcode.pops(of[i]) - height);
                height += Opcode.pushes(of[i]) - Opcode.pops(of[i]);
                most = Math.max(most, height);
            }
            traits[fused] = Interpreter.trait(Word.LONGS * least, Word.LONGS * most, gas);
        }
    }
}
