package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;

/// Runs of two to four instructions that compilers write again and again, and which [Loop] executes as one (decision 0096): one fetch, one check of the stack, one of
/// the gas. They have opcodes that no fork defines, in a copy of the code that only the loop sees, and stand beside the loop, which is compiled worse with each case that it has.
///
/// Each starts where its first instruction does, so whoever jumps into its midst finds the plain one there. Where its check of the stack fails, or somebody looks, the loop takes the
/// plain instruction in its place, so that what fails does so at its own. All instructions are of Frontier, and none but the last can fail by anything but stack and gas.
final class Fused {
    // Those that end in a jump: the odd one of each pair with PUSH2, the even one with PUSH1.
    static final int JUMP = 0xb0;                  // PUSH, JUMP
    static final int JUMPI = 0xb2;                 // PUSH, JUMPI
    static final int JUMP_IF_ZERO = 0xb4;          // ISZERO, PUSH, JUMPI
    static final int JUMP_IF_NOT_ZERO = 0xb6;      // ISZERO, ISZERO, PUSH, JUMPI
    static final int PUSH1_ADD = 0xb8;
    static final int POP_POP = 0xb9;
    static final int SWAP_POP = 0xba;              // SWAP1 to SWAP4, POP
    static final int DUP_ADD = 0xbe;               // DUP1 to DUP8, ADD
    static final int DUP_DUP = 0xc6;               // two of DUP1 to DUP8, by the words that they need
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
            return first;
        }
        if (first >= Opcode.SWAP1 && first < Opcode.SWAP1 + 4) {
            return next == Opcode.POP ? SWAP_POP + first - Opcode.SWAP1 : first;
        }
        return switch (first) {
            case Opcode.PUSH1 -> (code[pc + 2] & 0xff) == Opcode.ADD ? PUSH1_ADD : first;
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
                : fused >= SWAP_POP ? Opcode.SWAP1 + fused - SWAP_POP : fused == POP_POP ? Opcode.POP : Opcode.PUSH1;
        to[1] = fused >= DUP_DUP ? Opcode.DUP1 : fused >= SWAP_POP && fused < DUP_ADD || fused == POP_POP ? Opcode.POP : Opcode.ADD;
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

    /// Executes one whose stack and gas suffice. The length of the stack is left in the frame.
    ///
    /// @param pc  where it stands in the code cache
    /// @return where the next instruction stands there, or -1 for a jump to nowhere
    static int execute(Interpreter machine, Frame frame, int opcode, int pc, int sp) {
        final long[] s = machine.stack;
        final byte[] code = machine.codes.bytes;
        return switch (opcode) {
            case JUMP, JUMP + 1 -> {
                frame.sp = sp;
                yield target(machine, frame, code, pc + 1, opcode);
            }
            case JUMPI, JUMPI + 1 -> {
                frame.sp = sp -= Word.LONGS;
                yield Word.isZero(s, sp) ? pc + 3 + (opcode & 1) : target(machine, frame, code, pc + 1, opcode);
            }
            case JUMP_IF_ZERO, JUMP_IF_ZERO + 1, JUMP_IF_NOT_ZERO, JUMP_IF_NOT_ZERO + 1 -> {
                frame.sp = sp -= Word.LONGS;
                int zeros = opcode - JUMPI >> 1;
                yield Word.isZero(s, sp) == (zeros == 2) ? pc + 3 + (opcode & 1) + zeros : target(machine, frame, code, pc + 1 + zeros, opcode);
            }
            case PUSH1_ADD -> {
                frame.sp = sp;
                addSmall(s, sp - 4, code[pc + 1] & 0xff);
                yield pc + 3;
            }
            case POP_POP -> {
                frame.sp = sp - 2 * Word.LONGS;
                yield pc + 2;
            }
            case SWAP_POP, SWAP_POP + 1, SWAP_POP + 2, SWAP_POP + 3 -> {
                frame.sp = sp -= Word.LONGS;
                Word.copy(s, sp, s, sp - 4 * (opcode - SWAP_POP + 1));
                yield pc + 2;
            }
            case DUP_ADD, DUP_ADD + 1, DUP_ADD + 2, DUP_ADD + 3, DUP_ADD + 4, DUP_ADD + 5, DUP_ADD + 6, DUP_ADD + 7 -> {
                frame.sp = sp;
                Word.add(s, sp - 4 * (opcode - DUP_ADD + 1), sp - 4, sp - 4);
                yield pc + 2;
            }
            default -> {
                Word.copy(s, sp - 4 * ((code[pc] & 0xff) - Opcode.DUP1 + 1), s, sp);
                Word.copy(s, sp - 4 * ((code[pc + 1] & 0xff) - Opcode.DUP1), s, sp + 4);
                frame.sp = sp + 2 * Word.LONGS;
                yield pc + 2;
            }
        };
    }

    /// {@return where the operand at `at` leads: of a PUSH1, or of a PUSH2 where the fused one's opcode is odd}
    private static int target(Interpreter machine, Frame frame, byte[] code, int at, int opcode) {
        return Loop.target(machine, frame, ((code[at] & 0xff) << 8 | code[at + 1] & 0xff) >>> (8 * (~opcode & 1)));
    }

    /// Adds what a byte holds to a word.
    private static void addSmall(long[] s, int a, long small) {
        long low = s[a] + small;
        s[a] = low;
        if (Long.compareUnsigned(low, small) < 0 && ++s[a + 1] == 0 && ++s[a + 2] == 0) {
            s[a + 3]++;
        }
    }
}
