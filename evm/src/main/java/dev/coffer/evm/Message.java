package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// What a run starts with: who calls whom, with how much gas, value and input. Mutable and reusable, so that a run makes
/// no object; belongs to one thread.
public final class Message {
    static final int CALLER = 0;
    static final int TO = 4;
    static final int VALUE = 8;

    final long[] words = new long[12];
    long gas;
    boolean isCreate;
    boolean movesValue = true;
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

    /// Sets the account that is called, whose code runs.
    public Message to(long[] s, int a) {
        Word.copy(s, a, words, TO);
        isCreate = false;
        return this;
    }

    /// Makes this a creation: the input is initcode, the address follows from caller and nonce.
    public Message create() {
        isCreate = true;
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
