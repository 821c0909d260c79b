package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// One call in progress (Yellow Paper, section 9.3): its code, gas, addresses, value and input. Made once for each depth
/// when the machine is opened, and reused. Its stack lies in the machine's array while it runs and off the heap while a
/// frame above it does; its memory is a frame of [dev.coffer.evm.memory.EvmMemory].
public final class Frame {
    // Words, by the index of their first long in [#words].
    static final int ADDRESS = 0;    // of the account that storage and balance belong to
    static final int CALLER = 4;
    static final int VALUE = 8;
    static final int CODE = 12;      // the account whose code was asked for
    static final int CODE_HASH = 16; // of the code that it runs; initcode has none
    private static final int WORDS = CODE_HASH + 4;

    final int depth;
    MemorySegment codes;             // where its code lies
    final long[] words = new long[WORDS];
    int opcode;                      // that started it: CALL, CALLCODE, DELEGATECALL, STATICCALL, CREATE, CREATE2
    boolean isStatic;
    boolean isDeploying;             // its initcode has returned
    int code;                        // entry of the code cache
    long codePlace;                  // which tells whether its bytes still lie there
    int codeAt;                      // where they lie
    int codeLength;
    boolean isAnalysed;              // the code: its destinations are known, and it has a fused form
    MemorySegment unnamed;           // where code that is no account's comes from; null for an account's
    long unnamedAt;
    int pc;                          // relative to codeAt
    int sp;                          // longs on the stack
    long gas;
    long stackAt;                    // where the suspended stack lies
    MemorySegment input;
    long inputAt;
    long inputLength;
    long outputOffset;               // of RETURN or REVERT, in this frame's memory
    long outputLength;
    long resultOffset;               // where the caller wants the output, in the caller's memory
    long resultLength;
    int snapshot;                    // of the host, before anything of this frame
    long refund;                     // before anything of this frame

    Frame(int depth, MemorySegment codes) {
        this.depth = depth;
        this.codes = codes;
    }

    /// {@return calls below this one: 0 for the outermost}
    public int depth() {
        return depth;
    }

    /// {@return the next instruction, relative to the code}
    public int pc() {
        return pc;
    }

    /// {@return gas left}
    public long gas() {
        return gas;
    }

    /// {@return the instruction that started it: CALL, CALLCODE, DELEGATECALL, STATICCALL, CREATE or CREATE2; of the outermost CALL or CREATE}
    public int opcode() {
        return opcode;
    }

    /// {@return whether it may change nothing (EIP-214)}
    public boolean isStatic() {
        return isStatic;
    }

    /// Writes whose storage and balance it works on: what ADDRESS says.
    public void address(long[] to, int r) {
        Word.copy(words, ADDRESS, to, r);
    }

    /// Writes whose code was asked for: another account than [#address]'s in CALLCODE and DELEGATECALL. Where that one delegates (EIP-7702) it is still that one.
    public void codeAddress(long[] to, int r) {
        Word.copy(words, CODE, to, r);
    }

    /// Writes what CALLER says.
    public void caller(long[] to, int r) {
        Word.copy(words, CALLER, to, r);
    }

    /// Writes what CALLVALUE says.
    public void value(long[] to, int r) {
        Word.copy(words, VALUE, to, r);
    }

    /// {@return what holds the call data: [#inputLength] bytes from [#inputAt], valid during a tracer's call}
    public MemorySegment input() {
        return input;
    }

    public long inputAt() {
        return inputAt;
    }

    public long inputLength() {
        return inputLength;
    }

    /// {@return what holds the code, initcode where it creates: [#codeLength] bytes from [#codeAt], valid during a tracer's call}
    public MemorySegment code() {
        return codes;
    }

    public long codeAt() {
        return codeAt;
    }

    public long codeLength() {
        return codeLength;
    }

    /// Bytes of heap of one frame: the object and its array, as counted with 8-byte references.
    static final long HEAP_BYTES = 184 + 16 + 8L * WORDS;

    @Override
    public String toString() {
        return "Frame[depth " + depth + ", pc " + pc + ", gas " + gas + "]";
    }
}
