package dev.coffer.evm;

import java.lang.foreign.MemorySegment;

/// Sees each instruction before it runs, and each call's beginning and end. For tools; a machine without one pays nothing for it. It may call
/// [Interpreter#stop], and no other operation of the machine that runs.
public interface Tracer {
    /// A call or creation begins, also one that runs no instruction: of a precompile, of an account without code, and one that is refused at once, since it is
    /// too deep, lacks the value, or would create where an account stands; its end follows with the reason.
    ///
    /// @param frame  who calls whom, with what
    default void begin(Frame frame) {}

    /// An instruction is about to run; also called for the one that halts.
    ///
    /// @param frame   pc, gas, depth and the like
    /// @param opcode  0..255
    /// @param stack   words, the top one ending at `stackLongs`; read only, valid during the call
    void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund);

    /// SLOAD has loaded a slot of [Frame#address].
    ///
    /// @param key    index of its key in `k`
    /// @param value  index of what it holds in `v`; both to be read only, and valid during the call
    default void loaded(Frame frame, long[] k, int key, long[] v, int value) {}

    /// SSTORE has stored to a slot of [Frame#address], be it what was there.
    ///
    /// @param before  index of what it held in `b`
    /// @param value   index of what it holds now in `v`
    default void stored(Frame frame, long[] k, int key, long[] b, int before, long[] v, int value) {}

    /// A record was logged by [Frame#address]; it goes again where a frame around it fails.
    ///
    /// @param data    holds `length` bytes from `at`
    /// @param topics  index of the first topic in `t`; the next one lies four longs below it
    /// @param count   of topics, 0..4
    default void logged(Frame frame, MemorySegment data, long at, long length, long[] t, int topics, int count) {}

    /// SELFDESTRUCT has moved the balance of [Frame#address], after which the frame ends.
    ///
    /// @param heir     index in `s` of who has it now
    /// @param balance  index in `b` of how much that was
    default void destroyed(Frame frame, long[] s, int heir, long[] b, int balance) {}

    /// A call or creation ended.
    ///
    /// @param frame  its gas is what is left
    void end(Frame frame, Status status);

    /// As [#end], with the output: of a creation that succeeded it is the code. The machine calls this one.
    ///
    /// @param output  holds it: `length` bytes from `at`, valid during the call
    default void end(Frame frame, Status status, MemorySegment output, long at, long length) {
        end(frame, status);
    }
}
