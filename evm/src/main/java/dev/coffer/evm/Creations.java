package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// CREATE and CREATE2 (Yellow Paper, section 7; EIP-170, EIP-684, EIP-1014, EIP-3541, EIP-3860).
final class Creations {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int RESERVED_PREFIX = 0xef;   // EIP-3541

    private Creations() {}

    /// From the top of the stack value, offset, size and, for CREATE2, salt.
    static Status execute(Interpreter m, Frame f, int opcode) {
        if (f.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        long[] s = m.stack;
        GasSchedule schedule = m.schedule;
        int value = f.sp - 4;
        int offset = f.sp - 8;
        int size = f.sp - 12;
        int salt = f.sp - 16;
        f.sp -= opcode == Opcode.CREATE2 ? 16 : 12;
        if (!Word.isLong(s, size)) {
            return Status.OUT_OF_GAS;
        }
        if (Long.compareUnsigned(s[size], schedule.initcodeBytesMax) > 0) {
            return Status.INITCODE_TOO_LONG;
        }
        long wordGas = (schedule.fork().atLeast(Fork.SHANGHAI) ? GasSchedule.INITCODE_WORD : 0)
                + (opcode == Opcode.CREATE2 ? GasSchedule.KECCAK_WORD : 0);
        Status refused = Operations.chargeWords(m, f, size, wordGas);
        if (refused == null) {
            refused = m.touch(f, offset, size);
        }
        if (refused != null) {
            return refused;
        }
        m.memory.dropOutput();
        long length = s[size];
        long at = length == 0 ? 0 : m.memory.position(s[offset]);
        Frame child = m.frames[m.depth + 1];
        Status refusal = m.depth == Interpreter.DEPTH_MAX ? Status.CALL_TOO_DEEP
                : Calls.tooPoor(m, f.words, Frame.ADDRESS, s, value) ? Status.BALANCE_TOO_LOW
                        : m.host.nonce(f.words, Frame.ADDRESS) == -1L ? Status.NONCE_EXHAUSTED : null;
        if (refusal != null && !m.isTraced()) {
            Calls.pushResult(m, f, false);
            return null;
        }
        if (opcode == Opcode.CREATE) {
            address(m, f.words, Frame.ADDRESS, child.words);
        } else {
            address2(m, f.words, Frame.ADDRESS, m.memory.data(), at, length, s, salt, child.words);
        }
        long given = schedule.holdsBack ? f.gas - f.gas / 64 : f.gas;
        describe(m, f, child, opcode, value, at, length, given);
        if (refusal != null) {
            f.gas -= given;                  // as the tracer finds it where it is not refused
            Calls.refusedAtOnce(m, child, refusal);
            f.gas += given;
            Calls.pushResult(m, f, false);
            return null;
        }
        f.gas -= given;
        return start(m, f, child, opcode, value, at, length, given);
    }

    /// Writes who creates, with what.
    private static void describe(Interpreter m, Frame f, Frame child, int opcode, int value, long at, long length, long given) {
        Word.copy(child.words, Frame.ADDRESS, child.words, Frame.CODE);
        Word.copy(f.words, Frame.ADDRESS, child.words, Frame.CALLER);
        Word.copy(m.stack, value, child.words, Frame.VALUE);
        child.opcode = opcode;
        child.gas = given;
        child.isStatic = false;
        child.input = MemorySegment.NULL;
        child.inputAt = 0;
        child.inputLength = 0;
        if (m.isTraced()) {                  // which sees it also where it comes to nothing
            child.codes = m.memory.data().asSlice(at, length);
            child.codeAt = 0;
            child.codeLength = (int) length;
        }
    }

    private static Status start(Interpreter m, Frame f, Frame child, int opcode, int value, long at, long length,
            long given) {
        if (!m.host.raiseNonce(f.words, Frame.ADDRESS)
                || m.schedule.coldAccess && m.host.accessAccount(child.words, Frame.ADDRESS) == Host.FULL) {
            return Status.HOST_LIMIT;
        }
        if (!m.host.creatable(child.words, Frame.ADDRESS)) {
            if (m.isTraced()) {
                m.began(child);
                child.gas = 0;               // the gas given is gone, as if the child had halted
                m.endedAtOnce(child, Status.CREATE_COLLISION);
            }
            Calls.pushResult(m, f, false);
            return null;
        }
        int snapshot = m.host.snapshot();
        if (!m.host.create(child.words, Frame.ADDRESS, m.schedule.emptyIsAbsent ? 1 : 0)
                || !m.host.transfer(f.words, Frame.ADDRESS, child.words, Frame.ADDRESS, m.stack, value)) {
            return Status.HOST_LIMIT;
        }
        int code = Codes.unnamed(m, child, m.memory.data(), at, length);
        if (code == CodeCache.FULL) {
            return Status.CODE_LIMIT;
        }
        Calls.enter(m, f, child, opcode, code, given, snapshot);
        return Status.RUNNING;
    }

    /// The outermost message creates: its input is the initcode.
    static Status begin(Interpreter m, Message message) {
        Frame frame = m.frames[0];
        long[] w = message.words;
        describe(m, message, frame);
        if (!Calls.warmUp(m, message)) {
            return Status.HOST_LIMIT;
        }
        if (Long.compareUnsigned(message.inputLength, m.schedule.initcodeBytesMax) > 0) {
            return Status.INITCODE_TOO_LONG;
        }
        if (message.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        if (message.movesValue && Calls.tooPoor(m, w, Message.CALLER, w, Message.VALUE)) {
            return Status.BALANCE_TOO_LOW;
        }
        if (!m.host.raiseNonce(w, Message.CALLER)
                || m.schedule.coldAccess && m.host.accessAccount(frame.words, Frame.ADDRESS) == Host.FULL) {
            return Status.HOST_LIMIT;
        }
        if (!m.host.creatable(frame.words, Frame.ADDRESS)) {
            return Status.CREATE_COLLISION;
        }
        int snapshot = m.host.snapshot();
        if (!m.host.create(frame.words, Frame.ADDRESS, m.schedule.emptyIsAbsent ? 1 : 0)
                || message.movesValue && !m.host.transfer(w, Message.CALLER, frame.words, Frame.ADDRESS, w, Message.VALUE)) {
            return Status.HOST_LIMIT;
        }
        int code = Codes.unnamed(m, frame, message.input, message.inputAt, message.inputLength);
        if (code == CodeCache.FULL) {
            return Status.CODE_LIMIT;
        }
        Calls.start(m, frame, frame.opcode, code, message.gas, snapshot);
        m.began(frame);
        return Status.RUNNING;
    }

    private static void describe(Interpreter m, Message message, Frame frame) {
        if (message.hasSalt) {
            address2(m, message.words, Message.CALLER, message.input, message.inputAt, message.inputLength, message.words, Message.SALT, frame.words);
        } else {
            address(m, message.words, Message.CALLER, frame.words);
        }
        Word.copy(frame.words, Frame.ADDRESS, frame.words, Frame.CODE);
        Calls.describe(message, frame, message.hasSalt ? Opcode.CREATE2 : Opcode.CREATE);
        frame.input = MemorySegment.NULL;
        frame.inputAt = 0;
        frame.inputLength = 0;
        if (m.isTraced()) {                      // which sees it also where it comes to nothing
            frame.codes = message.input.asSlice(message.inputAt, message.inputLength);
            frame.codeAt = 0;
            frame.codeLength = (int) message.inputLength;
        }
    }

    /// Makes the output of initcode the account's code.
    ///
    /// @return SUCCESS, why it may not be, or a limit
    static Status deploy(Interpreter m, Frame f) {
        f.isDeploying = true;
        long length = f.outputLength;
        long at = m.memory.position(f.outputOffset);
        MemorySegment data = m.memory.data();
        if (length > m.schedule.codeBytesMax) {
            return Status.CODE_TOO_LONG;
        }
        if (length > 0 && m.fork.atLeast(Fork.LONDON) && (data.get(BYTE, at) & 0xff) == RESERVED_PREFIX) {
            return Status.CODE_PREFIX_RESERVED;
        }
        long deposit = GasSchedule.CODE_DEPOSIT_BYTE * length;
        if (deposit > f.gas) {
            if (m.fork.atLeast(Fork.HOMESTEAD)) {
                return Status.OUT_OF_GAS;
            }
            f.outputLength = 0;                  // Frontier: an account without code, and its gas kept
        } else {
            f.gas -= deposit;
            if (length > 0 && !m.host.setCode(f.words, Frame.ADDRESS, data, at, length)) {
                return Status.HOST_LIMIT;
            }
        }
        if (f.depth == 0) {
            Word.copy(f.words, Frame.ADDRESS, m.outcome().created, 0);
        }
        return Status.SUCCESS;
    }

    /// Pushes the address or 0; return data is there only after REVERT (EIP-211).
    static void resume(Interpreter m, Frame f, Frame child, boolean success) {
        if (success) {
            m.memory.dropOutput();
            Word.copy(child.words, Frame.ADDRESS, m.stack, f.sp);
        } else {
            Word.set(m.stack, f.sp, 0);
        }
        f.sp += Word.LONGS;
    }

    // --- addresses --------------------------------------------------------------------------------------------------

    /// keccak256(rlp([creator, nonce])), its last 20 bytes (Yellow Paper, section 7).
    private static void address(Interpreter m, long[] who, int creator, long[] words) {
        MemorySegment w = m.workspace;
        long at = Interpreter.PREIMAGE;
        long nonce = m.host.nonce(who, creator);
        int nonceBytes = nonce == 0 ? 0 : (64 - Long.numberOfLeadingZeros(nonce) + 7) >>> 3;
        boolean single = nonceBytes == 1 && nonce < 0x80;
        int payload = 21 + (single ? 1 : 1 + nonceBytes);
        w.set(BYTE, at, (byte) (0xc0 + payload));
        w.set(BYTE, at + 1, (byte) (0x80 + 20));
        Calls.writeAddress(who, creator, w, at + 2);
        if (single) {
            w.set(BYTE, at + 22, (byte) nonce);
        } else {
            w.set(BYTE, at + 22, (byte) (0x80 + nonceBytes));
            for (int i = 0; i < nonceBytes; i++) {
                w.set(BYTE, at + 23 + i, (byte) (nonce >>> 8 * (nonceBytes - 1 - i)));
            }
        }
        hashToAddress(m, 1 + payload, words);
    }

    /// keccak256(0xff, creator, salt, keccak256(initcode)), its last 20 bytes (EIP-1014).
    private static void address2(Interpreter m, long[] who, int creator, MemorySegment initcode, long at, long length, long[] s, int salt, long[] words) {
        MemorySegment w = m.workspace;
        long to = Interpreter.PREIMAGE;
        m.keccak(initcode, at, length, m.scratch, 0);
        w.set(BYTE, to, (byte) 0xff);
        Calls.writeAddress(who, creator, w, to + 1);
        Word.store(s, salt, w, to + 21);
        Word.store(m.scratch, 0, w, to + 53);
        hashToAddress(m, 85, words);
    }

    private static void hashToAddress(Interpreter m, int length, long[] words) {
        dev.coffer.crypto.Hash.KECCAK_256.hash(m.workspace, 0, m.workspace, Interpreter.PREIMAGE, length, m.workspace,
                Interpreter.DIGEST);
        Word.load(m.workspace, Interpreter.DIGEST, words, Frame.ADDRESS);
        Operations.maskAddress(words, Frame.ADDRESS);
    }
}
