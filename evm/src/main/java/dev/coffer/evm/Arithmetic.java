package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Division;
import dev.coffer.evm.word.Word;

/// The instructions that only compute: words of the stack in, one word out (Yellow Paper, appendix H.2, 0s and 10s). Their cost and their operands are
/// checked. A method of their own, and not part of [Loop]'s, because the compiler then makes better code of both (decision 0087).
final class Arithmetic {
    private Arithmetic() {}

    /// {@return the longs on the stack afterwards}
    static int execute(int opcode, long[] s, int longs, Division division) {
        int sp = longs;
        switch (opcode) {
            case Opcode.ADD -> {
                sp -= Word.LONGS;
                Word.add(s, sp, sp - 4, sp - 4);
            }
            case Opcode.MUL -> {
                sp -= Word.LONGS;
                Word.multiply(s, sp, sp - 4, sp - 4);
            }
            case Opcode.SUB -> {
                sp -= Word.LONGS;
                Word.subtract(s, sp, sp - 4, sp - 4);
            }
            case Opcode.DIV -> {
                sp -= Word.LONGS;
                division.divide(s, sp, sp - 4, sp - 4);
            }
            case Opcode.SDIV -> {
                sp -= Word.LONGS;
                division.divideSigned(s, sp, sp - 4, sp - 4);
            }
            case Opcode.MOD -> {
                sp -= Word.LONGS;
                division.remainder(s, sp, sp - 4, sp - 4);
            }
            case Opcode.SMOD -> {
                sp -= Word.LONGS;
                division.remainderSigned(s, sp, sp - 4, sp - 4);
            }
            case Opcode.ADDMOD -> {
                sp -= 2 * Word.LONGS;
                division.addModulo(s, sp + 4, sp, sp - 4, sp - 4);
            }
            case Opcode.MULMOD -> {
                sp -= 2 * Word.LONGS;
                division.multiplyModulo(s, sp + 4, sp, sp - 4, sp - 4);
            }
            case Opcode.SIGNEXTEND -> {
                sp -= Word.LONGS;
                Word.signExtend(s, sp, sp - 4, sp - 4);
            }
            case Opcode.LT -> {
                sp -= Word.LONGS;
                Word.set(s, sp - 4, Word.less(s, sp, s, sp - 4) ? 1 : 0);
            }
            case Opcode.GT -> {
                sp -= Word.LONGS;
                Word.set(s, sp - 4, Word.less(s, sp - 4, s, sp) ? 1 : 0);
            }
            case Opcode.SLT -> {
                sp -= Word.LONGS;
                Word.set(s, sp - 4, Word.lessSigned(s, sp, s, sp - 4) ? 1 : 0);
            }
            case Opcode.SGT -> {
                sp -= Word.LONGS;
                Word.set(s, sp - 4, Word.lessSigned(s, sp - 4, s, sp) ? 1 : 0);
            }
            case Opcode.EQ -> {
                sp -= Word.LONGS;
                Word.set(s, sp - 4, Word.equal(s, sp, s, sp - 4) ? 1 : 0);
            }
            case Opcode.ISZERO -> {
                Word.set(s, sp - 4, Word.isZero(s, sp - 4) ? 1 : 0);
            }
            case Opcode.AND -> {
                sp -= Word.LONGS;
                s[sp - 4] &= s[sp];
                s[sp - 3] &= s[sp + 1];
                s[sp - 2] &= s[sp + 2];
                s[sp - 1] &= s[sp + 3];
            }
            case Opcode.OR -> {
                sp -= Word.LONGS;
                s[sp - 4] |= s[sp];
                s[sp - 3] |= s[sp + 1];
                s[sp - 2] |= s[sp + 2];
                s[sp - 1] |= s[sp + 3];
            }
            case Opcode.XOR -> {
                sp -= Word.LONGS;
                s[sp - 4] ^= s[sp];
                s[sp - 3] ^= s[sp + 1];
                s[sp - 2] ^= s[sp + 2];
                s[sp - 1] ^= s[sp + 3];
            }
            case Opcode.NOT -> {
                s[sp - 4] = ~s[sp - 4];
                s[sp - 3] = ~s[sp - 3];
                s[sp - 2] = ~s[sp - 2];
                s[sp - 1] = ~s[sp - 1];
            }
            case Opcode.BYTE -> {
                sp -= Word.LONGS;
                Word.byteOf(s, sp, sp - 4, sp - 4);
            }
            case Opcode.SHL -> {
                sp -= Word.LONGS;
                Word.shiftLeft(s, sp, sp - 4, sp - 4);
            }
            case Opcode.SHR -> {
                sp -= Word.LONGS;
                Word.shiftRight(s, sp, sp - 4, sp - 4);
            }
            case Opcode.SAR -> {
                sp -= Word.LONGS;
                Word.shiftRightSigned(s, sp, sp - 4, sp - 4);
            }
            default -> throw new AssertionError(Opcode.name(opcode));
        }
        return sp;
    }
}
