package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// What a run starts with: who calls whom, with how much gas, value and input. Mutable and reusable, so that a run makes
/// no object; belongs to one thread.
public final class Message {
    static final int CALLER = 0;
    static final int TO = 4;
    static final int VALUE = 8;
    static final int CODE = 12;      // whose code runs, where it is another's than the receiver's
    static final int SALT = 16;      // of CREATE2

    final long[] words = new long[SALT + 4];
    long gas;
    boolean isCreate;
    boolean hasSalt;
    boolean isStatic;
    boolean borrowsCode;             // of the account at CODE
    boolean movesValue = true;
    MemorySegment code;              // that runs in place of an account's; null for none
    long codeAt;
    long codeLength;
    MemorySegment input = MemorySegment.NULL;
    long inputAt;
    long inputLength;

    /// A call of nobody to nobody without gas.
    public Message() {}

    /// Sets the caller to the address at `a`.
    public Message caller(long[] s, int a) {
        Word.copy(s, a, words, CALLER);
        return this;
    }

    /// Makes this a call of an account, whose code runs; what [#codeOf] and [#code] have set is forgotten.
    public Message to(long[] s, int a) {
        Word.copy(s, a, words, TO);
        isCreate = false;
        borrowsCode = false;
        code = null;
        return this;
    }

    /// Makes this a creation: the input is initcode, the address follows from caller and nonce.
    public Message create() {
        isCreate = true;
        hasSalt = false;
        return this;
    }

    /// As [#create], but the address follows from caller, salt and initcode, as CREATE2 has it (EIP-1014).
    public Message create2(long[] s, int salt) {
        Word.copy(s, salt, words, SALT);
        isCreate = true;
        hasSalt = true;
        return this;
    }

    /// Makes a call run the code of another account on the receiver's storage and balance, as DELEGATECALL does, until [#to] is called again. What that
    /// instruction passes on is the caller's to set: whom CALLER shows, a value with [#movesValue] false.
    public Message codeOf(long[] s, int a) {
        Word.copy(s, a, words, CODE);
        borrowsCode = true;
        return this;
    }

    /// Makes a call run these bytes in place of the receiver's code, until [#to] is called again; the state has nothing of them. They are borrowed until the run
    /// has ended.
    ///
    /// @throws IndexOutOfBoundsException  the bytes do not lie in the segment (caller's fault)
    public Message code(MemorySegment segment, long at, long length) {
        java.util.Objects.checkFromIndexSize(at, length, segment.byteSize());
        code = segment;
        codeAt = at;
        codeLength = length;
        return this;
    }

    /// Says whether a call may change nothing, as below STATICCALL (EIP-214); false unless set otherwise. With a value to move, and as a creation, it halts at once.
    public Message isStatic(boolean is) {
        isStatic = is;
        return this;
    }

    /// Sets the value, in wei.
    public Message value(long[] s, int a) {
        Word.copy(s, a, words, VALUE);
        return this;
    }

    /// Says whether the value still has to be moved from the caller; true unless set otherwise.
    public Message movesValue(boolean moves) {
        movesValue = moves;
        return this;
    }

    /// Sets the gas, 0 or more; all of it is for the code.
    public Message gas(long units) {
        if (units < 0) {
            throw new IllegalArgumentException("gas " + units + " (expected 0 or more)");
        }
        gas = units;
        return this;
    }

    /// Sets the call data, which is borrowed until the run has ended.
    ///
    /// @throws IndexOutOfBoundsException  the bytes do not lie in the segment (caller's fault)
    public Message input(MemorySegment segment, long at, long length) {
        java.util.Objects.checkFromIndexSize(at, length, segment.byteSize());
        input = segment;
        inputAt = at;
        inputLength = length;
        return this;
    }
}
