package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// The instructions that [Loop] does not execute itself and that start no frame: copies, hashing, environment, state,
/// logs, endings. The fixed cost is taken; each takes what depends on its operands before it changes anything.
final class Operations {
    private Operations() {}

    /// {@return null to go on, or how the frame ended}
    static Status execute(Interpreter m, Frame f, int opcode) {
        switch (opcode) {
            case Opcode.EXP:
                return power(m, f);
            case Opcode.KECCAK256:
                return keccak(m, f);
            case Opcode.CALLDATALOAD:
                callDataLoad(m, f);
                return null;
            case Opcode.CALLDATACOPY:
                return copyInput(m, f);
            case Opcode.CODECOPY:
                return copyCode(m, f);
            case Opcode.RETURNDATACOPY:
                return copyReturnData(m, f);
            case Opcode.EXTCODECOPY:
                return copyForeignCode(m, f);
            case Opcode.MCOPY:
                return copyMemory(m, f);
            case Opcode.BALANCE, Opcode.EXTCODESIZE, Opcode.EXTCODEHASH:
                return account(m, f, opcode);
            case Opcode.SLOAD:
                return load(m, f);
            case Opcode.SSTORE:
                return Storage.store(m, f);
            case Opcode.TLOAD:
                m.host.loadTransient(f.words, Frame.ADDRESS, m.stack, f.sp - 4, m.stack, f.sp - 4);
                return null;
            case Opcode.TSTORE:
                return storeTransient(m, f);
            case Opcode.CLZ:
                Word.countLeadingZeros(m.stack, f.sp - 4, f.sp - 4);
                return null;
            case Opcode.BLOCKHASH:
                blockHash(m, f);
                return null;
            case Opcode.BLOBHASH:
                m.host.blobHash(m.stack, f.sp - 4, m.stack, f.sp - 4);
                return null;
            default:
                if (opcode >= Opcode.LOG0 && opcode <= Opcode.LOG4) {
                    return log(m, f, opcode - Opcode.LOG0);
                }
                push(m, f, opcode);
                return null;
        }
    }

    /// Those that take nothing and put one word.
    private static void push(Interpreter m, Frame f, int opcode) {
        long[] s = m.stack;
        int r = f.sp;
        switch (opcode) {
            case Opcode.ADDRESS -> Word.copy(f.words, Frame.ADDRESS, s, r);
            case Opcode.CALLER -> Word.copy(f.words, Frame.CALLER, s, r);
            case Opcode.CALLVALUE -> Word.copy(f.words, Frame.VALUE, s, r);
            case Opcode.CODESIZE -> Word.set(s, r, f.codeLength);
            case Opcode.RETURNDATASIZE -> Word.set(s, r, m.memory.outputLength());
            case Opcode.SELFBALANCE -> m.host.balance(f.words, Frame.ADDRESS, s, r);
            default -> m.host.block(opcode, s, r);
        }
        f.sp = r + Word.LONGS;
    }

    private static Status charge(Frame f, long gas) {
        f.gas -= gas;
        return f.gas < 0 ? Status.OUT_OF_GAS : null;
    }

    /// Charges for each word of a size, which may be any 256-bit number.
    static Status chargeWords(Interpreter m, Frame f, int size, long gasAWord) {
        if (!Word.isLong(m.stack, size) || Long.compareUnsigned(m.stack[size], 1L << 40) > 0) {
            return Word.isZero(m.stack, size) ? null : Status.OUT_OF_GAS;  // 2^40 bytes of memory cost 2^60 gas
        }
        return charge(f, gasAWord * GasSchedule.words(m.stack[size]));
    }

    private static Status power(Interpreter m, Frame f) {
        f.sp -= Word.LONGS;
        int exponentBytes = (Word.bits(m.stack, f.sp - 4) + 7) >>> 3;
        Status refused = charge(f, m.schedule.expByte * exponentBytes);
        if (refused == null) {
            m.division.power(m.stack, f.sp, f.sp - 4, f.sp - 4);
        }
        return refused;
    }

    private static Status keccak(Interpreter m, Frame f) {
        int offset = f.sp - 4;
        int size = f.sp - 8;
        Status refused = chargeWords(m, f, size, GasSchedule.KECCAK_WORD);
        if (refused == null) {
            refused = m.touch(f, offset, size);
        }
        if (refused != null) {
            return refused;
        }
        long length = m.stack[size];
        MemorySegment data = m.memory.data();
        long at = length == 0 ? 0 : m.memory.position(m.stack[offset]);
        if (length == MappingKeys.LENGTH) {
            int place = m.mappingKeys.place(data, at);
            if (!m.mappingKeys.find(place, data, at, m.stack, size)) {
                m.keccak(data, at, length, m.stack, size);
                m.mappingKeys.keep(place, data, at, m.stack, size);
            }
        } else {
            m.keccak(data, at, length, m.stack, size);
        }
        f.sp -= 4;
        return null;
    }

    // --- copies: to, from, size on the stack ------------------------------------------------------------------------

    private static Status prepareCopy(Interpreter m, Frame f, int to, int size) {
        Status refused = chargeWords(m, f, size, GasSchedule.COPY_WORD);
        return refused != null ? refused : m.touch(f, to, size);
    }

    private static void callDataLoad(Interpreter m, Frame f) {
        long[] s = m.stack;
        int a = f.sp - 4;
        long from = s[a];
        if (!Word.isLong(s, a) || Long.compareUnsigned(from, f.inputLength) >= 0) {
            Word.set(s, a, 0);
        } else if (f.inputLength - from >= Word.BYTES) {
            Word.load(f.input, f.inputAt + from, s, a);
        } else {
            Wipe.bytes(m.workspace, Interpreter.PREIMAGE, Word.BYTES);
            MemorySegment.copy(f.input, f.inputAt + from, m.workspace, Interpreter.PREIMAGE, f.inputLength - from);
            Word.load(m.workspace, Interpreter.PREIMAGE, s, a);
        }
    }

    /// Copies bytes of a source of `length` bytes, from the offset in word `from`; past its end are zeros.
    private static void copyPadded(Interpreter m, MemorySegment source, long at, long length, int to, int from, int size) {
        long[] s = m.stack;
        long bytes = s[size];
        if (bytes == 0) {
            return;
        }
        long there = present(s, from, bytes, length);
        long target = m.memory.position(s[to]);
        if (there > 0) {
            MemorySegment.copy(source, at + s[from], m.memory.data(), target, there);
        }
        Wipe.bytes(m.memory.data(), target + there, bytes - there);
    }

    /// {@return how many of `bytes` from the offset in word `from` lie in a source of `length`}
    private static long present(long[] s, int from, long bytes, long length) {
        if (!Word.isLong(s, from) || Long.compareUnsigned(s[from], length) >= 0) {
            return 0;
        }
        return Math.min(bytes, length - s[from]);
    }

    private static Status copyInput(Interpreter m, Frame f) {
        f.sp -= 12;
        int size = f.sp;
        Status refused = prepareCopy(m, f, f.sp + 8, size);
        if (refused == null) {
            copyPadded(m, f.input, f.inputAt, f.inputLength, f.sp + 8, f.sp + 4, size);
        }
        return refused;
    }

    private static Status copyCode(Interpreter m, Frame f) {
        f.sp -= 12;
        Status refused = prepareCopy(m, f, f.sp + 8, f.sp);
        if (refused == null) {
            copyPadded(m, m.codes.segment, f.codeAt, f.codeLength, f.sp + 8, f.sp + 4, f.sp);
        }
        return refused;
    }

    /// EIP-211: past the end halts, also with size 0.
    private static Status copyReturnData(Interpreter m, Frame f) {
        f.sp -= 12;
        long[] s = m.stack;
        int from = f.sp + 4;
        int size = f.sp;
        EvmMemory memory = m.memory;
        if (!Word.isLong(s, from) || !Word.isLong(s, size)
                || Long.compareUnsigned(s[from], memory.outputLength()) > 0
                || Long.compareUnsigned(s[size], memory.outputLength() - s[from]) > 0) {
            return Status.RETURN_DATA_OUT_OF_BOUNDS;
        }
        Status refused = prepareCopy(m, f, f.sp + 8, size);
        if (refused == null && s[size] != 0) {
            MemorySegment.copy(memory.data(), memory.outputAt() + s[from], memory.data(),
                    memory.position(s[f.sp + 8]), s[size]);
        }
        return refused;
    }

    private static Status copyForeignCode(Interpreter m, Frame f) {
        f.sp -= 16;
        long[] s = m.stack;
        int address = f.sp + 12;
        int to = f.sp + 8;
        int from = f.sp + 4;
        int size = f.sp;
        maskAddress(s, address);
        Status refused = prepareCopy(m, f, to, size);
        if (refused == null) {
            refused = m.accessAccount(f, s, address);
        }
        if (refused != null || s[size] == 0) {
            return refused;
        }
        long there = present(s, from, s[size], m.host.codeLength(s, address));
        long target = m.memory.position(s[to]);
        if (there > 0) {
            m.host.copyCode(s, address, s[from], m.memory.data(), target, there);
        }
        Wipe.bytes(m.memory.data(), target + there, s[size] - there);
        return null;
    }

    /// EIP-5656: one expansion for both ranges, before anything moves.
    private static Status copyMemory(Interpreter m, Frame f) {
        f.sp -= 12;
        long[] s = m.stack;
        int to = f.sp + 8;
        int from = f.sp + 4;
        int size = f.sp;
        Status refused = prepareCopy(m, f, Word.less(s, to, s, from) ? from : to, size);
        if (refused == null && s[size] != 0) {
            MemorySegment data = m.memory.data();
            MemorySegment.copy(data, m.memory.position(s[from]), data, m.memory.position(s[to]), s[size]);
        }
        return refused;
    }

    // --- accounts, storage, block -----------------------------------------------------------------------------------

    /// Keeps the low 160 bits.
    static void maskAddress(long[] s, int a) {
        s[a + 2] &= 0xffffffffL;
        s[a + 3] = 0;
    }

    private static Status account(Interpreter m, Frame f, int opcode) {
        long[] s = m.stack;
        int a = f.sp - 4;
        maskAddress(s, a);
        Status refused = m.accessAccount(f, s, a);
        if (refused != null) {
            return refused;
        }
        switch (opcode) {
            case Opcode.BALANCE -> m.host.balance(s, a, s, a);
            case Opcode.EXTCODESIZE -> Word.set(s, a, m.host.codeLength(s, a));
            default -> {
                if (m.host.isEmpty(s, a)) {
                    Word.set(s, a, 0);
                } else {
                    m.host.codeHash(s, a, s, a);
                }
            }
        }
        return null;
    }

    private static Status load(Interpreter m, Frame f) {
        long[] s = m.stack;
        int key = f.sp - 4;
        if (m.schedule.coldAccess) {
            int access = m.host.accessSlot(f.words, Frame.ADDRESS, s, key);
            if (access == Host.FULL) {
                return Status.HOST_LIMIT;
            }
            Status refused = charge(f, access == Host.COLD ? GasSchedule.COLD_SLOT : GasSchedule.WARM);
            if (refused != null) {
                return refused;
            }
        }
        if (m.isTraced()) {
            Word.copy(s, key, m.scratch, 0);
        }
        m.host.load(f.words, Frame.ADDRESS, s, key, s, key);
        if (m.isTraced()) {
            m.tracer().loaded(f, m.scratch, 0, s, key);
        }
        return null;
    }

    private static Status storeTransient(Interpreter m, Frame f) {
        if (f.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        f.sp -= 8;
        return m.host.storeTransient(f.words, Frame.ADDRESS, m.stack, f.sp + 4, m.stack, f.sp) ? null
                : Status.HOST_LIMIT;
    }

    /// Only the 256 blocks before the present one have a hash.
    private static void blockHash(Interpreter m, Frame f) {
        long[] s = m.stack;
        int a = f.sp - 4;
        m.host.block(Opcode.NUMBER, m.scratch, 0);
        long now = m.scratch[0];
        long number = s[a];
        boolean known = Word.isLong(s, a) && Long.compareUnsigned(number, now) < 0
                && Long.compareUnsigned(now - number, 256) <= 0;
        if (known) {
            m.host.blockHash(number, s, a);
        } else {
            Word.set(s, a, 0);
        }
    }

    private static Status log(Interpreter m, Frame f, int topics) {
        if (f.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        long[] s = m.stack;
        int offset = f.sp - 4;
        int size = f.sp - 8;
        Status refused = m.touch(f, offset, size);
        if (refused == null) {
            refused = charge(f, GasSchedule.LOG_BYTE * s[size]);  // below 2^33 after the touch
        }
        if (refused != null) {
            return refused;
        }
        long at = s[size] == 0 ? 0 : m.memory.position(s[offset]);
        boolean room = m.host.log(f.words, Frame.ADDRESS, m.memory.data(), at, s[size], s, f.sp - 12, topics);
        if (room && m.isTraced()) {
            m.tracer().logged(f, m.memory.data(), at, s[size], s, f.sp - 12, topics);
        }
        f.sp -= 8 + 4 * topics;
        return room ? null : Status.HOST_LIMIT;
    }

}
