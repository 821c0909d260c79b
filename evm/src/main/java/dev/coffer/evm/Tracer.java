package dev.coffer.evm;

import java.lang.foreign.MemorySegment;

/// Sees each instruction before it runs, and each call's beginning and end. For tools; a machine without one pays nothing for it. It may call
/// [Interpreter#stop], and no other operation of the machine that runs.
public interface Tracer {
    /// A call or creation begins, also one of a precompile or of an account without code, which runs no instruction; not one that is refused at once, too deep
    /// or without the value.
    ///
    /// @param frame  who calls whom, with what
    default void begin(Frame frame) {}

    /// An instruction is about to run; also called for the one that halts.
    ///
    /// @param frame   pc, gas, depth and the like
    /// @param opcode  0..255
    /// @param stack   words, the top one ending at `stackLongs`; read only, valid during the call
    void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund);

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
