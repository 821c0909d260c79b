package dev.coffer.evm;

/// Sees each instruction before it runs, and each frame's end. For tools; a machine without one pays nothing for it.
public interface Tracer {
    /// An instruction is about to run; also called for the one that halts.
    ///
    /// @param frame   pc, gas, depth and the like
    /// @param opcode  0..255
    /// @param stack   words, the top one ending at `stackLongs`; read only, valid during the call
    void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund);

    /// A frame ended.
    ///
    /// @param frame  its gas is what is left
    void end(Frame frame, Status status);
}
