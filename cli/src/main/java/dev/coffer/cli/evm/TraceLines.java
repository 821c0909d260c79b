package dev.coffer.cli.evm;

import dev.coffer.evm.Frame;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.Status;
import dev.coffer.evm.StepCosts;
import dev.coffer.evm.Tracer;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.vectors.Hex;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One JSON line an instruction (EIP-3155), so that other tools can compare. A line is printed when its cost is known ([StepCosts]): at the next instruction, at the
/// beginning of a call, or at the end of the frame.
public final class TraceLines implements Tracer {
    private final PrintWriter out;
    private final EvmMemory memory;
    private final StepCosts costs;
    private String head;         // of the last instruction's line, up to gasCost
    private String rest;

    /// @param machine  that is traced: its memory has the return data
    public TraceLines(PrintWriter out, Interpreter machine) {
        this.out = out;
        this.memory = machine.memory();
        this.costs = new StepCosts(machine.config().fork());
    }

    @Override
    public void begin(Frame frame) {
        if (frame.depth() == 0) {
            costs.clear();
        }
        print(costs.atBegin(frame), null);
    }

    @Override
    public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
        print(costs.atStep(), null);
        StringBuilder words = new StringBuilder();
        for (int a = 0; a < stackLongs; a += 4) {
            words.append(a == 0 ? "" : ",").append('"').append(Hex.shortWord(stack, a)).append('"');
        }
        head = "{\"pc\":" + frame.pc() + ",\"op\":" + opcode + ",\"gas\":\"0x" + Long.toHexString(frame.gas()) + "\",\"gasCost\":\"0x";
        rest = "\",\"memSize\":" + memoryBytes + ",\"stack\":[" + words + "],\"depth\":" + (frame.depth() + 1)
                + ",\"returnData\":\"" + returnData() + "\",\"refund\":\"" + (refund < 0 ? "-0x" : "0x")
                + Long.toHexString(Math.abs(refund)) + "\",\"opName\":\"" + Opcode.name(opcode) + "\"";
        costs.step(frame, opcode);
    }

    private String returnData() {
        byte[] bytes = new byte[Math.toIntExact(memory.outputLength())];
        MemorySegment.copy(memory.data(), ValueLayout.JAVA_BYTE, memory.outputAt(), bytes, 0, bytes.length);
        return Hex.text(bytes);
    }

    @Override
    public void end(Frame frame, Status status) {}

    @Override
    public void end(Frame frame, Status status, MemorySegment output, long at, long length) {
        print(costs.atEnd(frame, status, length), status.halted() || status.limited() ? status : null);
    }

    /// @param cost  of the last instruction; -1 where there is none
    private void print(long cost, Status error) {
        if (cost >= 0) {
            out.println(head + Long.toHexString(cost) + rest + (error == null ? "" : ",\"error\":\"" + error + "\"") + "}");
        }
    }
}
