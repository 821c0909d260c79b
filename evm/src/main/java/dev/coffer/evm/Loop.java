package dev.coffer.evm;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Division;
import dev.coffer.evm.word.Word;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The loop: fetch, check, charge, execute, for one frame, until it ends or calls.
///
/// All checks that do not depend on operands are one load of the instruction's trait and two compares: stack depth
/// within its range (an undefined instruction has an impossible one), gas not below zero. Frequent instructions are
/// executed here, on locals that the compiler keeps in registers; those that only compute in [Arithmetic]; the rest in [Operations] and [Calls],
/// for which the locals are written to the frame and read again. What comes together again and again is executed as one ([Fused]). The method must stay below 8,000 bytes of bytecode, past which the
/// JVM does not compile it: a test holds it to that.
final class Loop {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Loop() {}

    /// Runs a frame from where it is.
    ///
    /// @return how it ended, or RUNNING where a frame above it was entered
    static Status run(Interpreter machine, Frame frame) {
        final long[] s = machine.stack;
        final byte[] code = frame.isAnalysed ? machine.codes.fused : machine.codes.bytes;
        final long[] traits = machine.traits(frame.isAnalysed);
        final EvmMemory memory = machine.memory;
        final Division division = machine.division;
        final int start = frame.codeAt;
        int pc = start + frame.pc;
        int sp = frame.sp;
        long gas = frame.gas;
        for (;;) {
            int opcode = code[pc] & 0xff;
            long trait = traits[opcode];
            if (Integer.compareUnsigned(sp - ((int) trait >>> 16), (int) (trait >>> 32)) > 0) {
                save(frame, pc - start, sp, gas);
                opcode = machine.codes.bytes[pc] & 0xff;   // of several that are one the first
                Status refused = machine.admit(frame, opcode);
                if (refused != null) {
                    return refused;
                }
                trait = machine.admittedCost;
            }
            gas -= trait & 0xffff;
            if (gas < 0) {
                return Status.OUT_OF_GAS;
            }
            switch (opcode) {
                case Opcode.STOP -> {
                    save(frame, pc - start, sp, gas);
                    frame.outputLength = 0;
                    return Status.SUCCESS;
                }
                case Opcode.ADD, Opcode.MUL, Opcode.SUB, Opcode.DIV, Opcode.SDIV, Opcode.MOD, Opcode.SMOD,
                        Opcode.ADDMOD, Opcode.MULMOD, Opcode.SIGNEXTEND, Opcode.LT, Opcode.GT, Opcode.SLT,
                        Opcode.SGT, Opcode.EQ, Opcode.ISZERO, Opcode.AND, Opcode.OR, Opcode.XOR, Opcode.NOT,
                        Opcode.BYTE, Opcode.SHL, Opcode.SHR, Opcode.SAR -> {
                    sp = Arithmetic.execute(opcode, s, sp, division);
                    pc++;
                }
                case Opcode.POP -> {
                    sp -= Word.LONGS;
                    pc++;
                }
                case Opcode.MLOAD -> {
                    long offset = s[sp - 4];
                    gas = touch(machine, frame, memory.wordsEnd(), sp - 4, Word.BYTES, gas);
                    if (gas < 0) {
                        return machine.refusal;
                    }
                    memory.uncheckedLoadWord(offset, s, sp - 4);
                    pc++;
                }
                case Opcode.MSTORE -> {
                    long offset = s[sp - 4];
                    gas = touch(machine, frame, memory.wordsEnd(), sp - 4, Word.BYTES, gas);
                    if (gas < 0) {
                        return machine.refusal;
                    }
                    sp -= 2 * Word.LONGS;
                    memory.uncheckedStoreWord(offset, s, sp);
                    pc++;
                }
                case Opcode.MSTORE8 -> {
                    long offset = s[sp - 4];
                    gas = touch(machine, frame, memory.length(), sp - 4, 1, gas);
                    if (gas < 0) {
                        return machine.refusal;
                    }
                    sp -= 2 * Word.LONGS;
                    memory.uncheckedStoreByte(offset, (int) s[sp]);
                    pc++;
                }
                case Opcode.JUMP -> {
                    sp -= Word.LONGS;
                    pc = target(machine, frame, s, sp);
                    if (pc < 0) {
                        return Status.BAD_JUMP;
                    }
                }
                case Opcode.JUMPI -> {
                    sp -= 2 * Word.LONGS;
                    if (Word.isZero(s, sp)) {
                        pc++;
                    } else {
                        pc = target(machine, frame, s, sp + 4);
                        if (pc < 0) {
                            return Status.BAD_JUMP;
                        }
                    }
                }
                case Opcode.PC -> {
                    Word.set(s, sp, pc - start);
                    sp += Word.LONGS;
                    pc++;
                }
                case Opcode.MSIZE -> {
                    Word.set(s, sp, memory.length());
                    sp += Word.LONGS;
                    pc++;
                }
                case Opcode.GAS -> {
                    Word.set(s, sp, gas);
                    sp += Word.LONGS;
                    pc++;
                }
                case Opcode.CALLDATASIZE -> {
                    Word.set(s, sp, frame.inputLength);
                    sp += Word.LONGS;
                    pc++;
                }
                case Opcode.PUSH0 -> {
                    Word.set(s, sp, 0);
                    sp += Word.LONGS;
                    pc++;
                }
                case Opcode.JUMPDEST -> {
                    if (machine.isInterrupted()) { // here, since whatever does not end jumps or calls
                        save(frame, pc - start, sp, gas);
                        return Status.STOPPED;
                    }
                    pc++;
                }
                case Opcode.PUSH1 -> {
                    Word.set(s, sp, code[pc + 1] & 0xff);
                    sp += Word.LONGS;
                    pc += 2;
                }
                case Opcode.PUSH1 + 1 -> {
                    Word.set(s, sp, (code[pc + 1] & 0xff) << 8 | code[pc + 2] & 0xff);
                    sp += Word.LONGS;
                    pc += 3;
                }
                case Opcode.PUSH1 + 2, Opcode.PUSH1 + 3, Opcode.PUSH1 + 4, Opcode.PUSH1 + 5, Opcode.PUSH1 + 6, Opcode.PUSH1 + 7 -> {
                    int bytes = opcode - Opcode.PUSH1 + 1;
                    Word.set(s, sp, (long) LONGS.get(code, pc + 1) >>> 64 - 8 * bytes);
                    sp += Word.LONGS;
                    pc += 1 + bytes;
                }
                case Opcode.PUSH1 + 8, Opcode.PUSH1 + 9, Opcode.PUSH1 + 10, Opcode.PUSH1 + 11, Opcode.PUSH1 + 12, Opcode.PUSH1 + 13,
                        Opcode.PUSH1 + 14, Opcode.PUSH1 + 15, Opcode.PUSH1 + 16, Opcode.PUSH1 + 17, Opcode.PUSH1 + 18, Opcode.PUSH1 + 19,
                        Opcode.PUSH1 + 20, Opcode.PUSH1 + 21, Opcode.PUSH1 + 22, Opcode.PUSH1 + 23, Opcode.PUSH1 + 24, Opcode.PUSH1 + 25,
                        Opcode.PUSH1 + 26, Opcode.PUSH1 + 27, Opcode.PUSH1 + 28, Opcode.PUSH1 + 29, Opcode.PUSH1 + 30, Opcode.PUSH1 + 31 -> {
                    int bytes = opcode - Opcode.PUSH1 + 1;
                    pushWide(code, pc + 1, bytes, s, sp);
                    sp += Word.LONGS;
                    pc += 1 + bytes;
                }
                case Opcode.DUP1 + 0, Opcode.DUP1 + 1, Opcode.DUP1 + 2, Opcode.DUP1 + 3, Opcode.DUP1 + 4, Opcode.DUP1 + 5,
                        Opcode.DUP1 + 6, Opcode.DUP1 + 7, Opcode.DUP1 + 8, Opcode.DUP1 + 9, Opcode.DUP1 + 10, Opcode.DUP1 + 11,
                        Opcode.DUP1 + 12, Opcode.DUP1 + 13, Opcode.DUP1 + 14, Opcode.DUP1 + 15 -> {
                    Word.copy(s, sp - 4 * (opcode - Opcode.DUP1 + 1), s, sp);
                    sp += Word.LONGS;
                    pc++;
                }
                case Opcode.SWAP1 + 0, Opcode.SWAP1 + 1, Opcode.SWAP1 + 2, Opcode.SWAP1 + 3, Opcode.SWAP1 + 4, Opcode.SWAP1 + 5,
                        Opcode.SWAP1 + 6, Opcode.SWAP1 + 7, Opcode.SWAP1 + 8, Opcode.SWAP1 + 9, Opcode.SWAP1 + 10, Opcode.SWAP1 + 11,
                        Opcode.SWAP1 + 12, Opcode.SWAP1 + 13, Opcode.SWAP1 + 14, Opcode.SWAP1 + 15 -> {
                    int other = sp - 4 * (opcode - Opcode.SWAP1 + 2);
                    long w0 = s[other];
                    long w1 = s[other + 1];
                    long w2 = s[other + 2];
                    long w3 = s[other + 3];
                    Word.copy(s, sp - 4, s, other);
                    s[sp - 4] = w0;
                    s[sp - 3] = w1;
                    s[sp - 2] = w2;
                    s[sp - 1] = w3;
                    pc++;
                }
                default -> {
                    if (opcode >= Fused.JUMP && opcode <= Fused.LAST) {
                        pc = Fused.execute(machine, frame, opcode, pc, sp);
                        if (pc < 0) {
                            return Status.BAD_JUMP;
                        }
                        sp = frame.sp;
                        continue;
                    }
                    save(frame, pc + 1 - start, sp, gas);
                    Status ended = opcode >= Opcode.CREATE ? Calls.execute(machine, frame, opcode)
                            : Operations.execute(machine, frame, opcode);
                    if (ended != null) {
                        return ended;
                    }
                    sp = frame.sp;
                    gas = frame.gas;
                    pc++;
                }
            }
        }
    }

    /// Pays for `size` bytes at the offset in word `offset` and makes them active, where they are not.
    ///
    /// @param end  the first offset at which they are not
    /// @return the gas left; below 0 where that is refused, and why is the machine's refusal
    private static long touch(Interpreter machine, Frame frame, long end, int offset, int size, long gas) {
        if (Word.isLong(machine.stack, offset) && Long.compareUnsigned(machine.stack[offset], end) < 0) {
            return gas;
        }
        return expand(machine, frame, offset, size, gas);
    }

    private static long expand(Interpreter machine, Frame frame, int offset, int size, long gas) {
        frame.gas = gas;
        machine.refusal = machine.touchBytes(frame, offset, size);
        return machine.refusal == null ? frame.gas : -1;
    }

    private static void save(Frame frame, int pc, int sp, long gas) {
        frame.pc = pc;
        frame.sp = sp;
        frame.gas = gas;
    }

    /// Pushes an operand of 9 to 32 bytes: 32 bytes from the first on, shifted down.
    private static void pushWide(byte[] code, int at, int bytes, long[] s, int r) {
        long w3 = (long) LONGS.get(code, at);
        long w2 = (long) LONGS.get(code, at + 8);
        long w1 = (long) LONGS.get(code, at + 16);
        long w0 = (long) LONGS.get(code, at + 24);
        int drop = 32 - bytes;
        int bits = 8 * (drop & 7);
        if (bits != 0) {
            w0 = w0 >>> bits | w1 << -bits;
            w1 = w1 >>> bits | w2 << -bits;
            w2 = w2 >>> bits | w3 << -bits;
            w3 >>>= bits;
        }
        switch (drop >>> 3) {
            case 0 -> {
                s[r] = w0;
                s[r + 1] = w1;
                s[r + 2] = w2;
                s[r + 3] = w3;
            }
            case 1 -> {
                s[r] = w1;
                s[r + 1] = w2;
                s[r + 2] = w3;
                s[r + 3] = 0;
            }
            default -> {
                s[r] = w2;
                s[r + 1] = w3;
                s[r + 2] = 0;
                s[r + 3] = 0;
            }
        }
    }

    /// {@return where to go on, or -1 where that is no destination}
    private static int target(Interpreter machine, Frame frame, long[] s, int a) {
        return Word.isLong(s, a) ? target(machine, frame, s[a]) : -1;
    }

    static int target(Interpreter machine, Frame frame, long to) {
        if (Long.compareUnsigned(to, frame.codeLength) >= 0) {
            return -1;
        }
        int pc = frame.codeAt + (int) to;
        return (machine.codes.jumps[pc >>> 6] >>> pc & 1) != 0 ? pc : -1;
    }
}
