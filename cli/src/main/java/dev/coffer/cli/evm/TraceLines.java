package dev.coffer.cli.evm;

import dev.coffer.evm.Frame;
import dev.coffer.evm.Status;
import dev.coffer.evm.Tracer;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.vectors.Hex;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One JSON line an instruction (EIP-3155), so that other tools can compare. A line is printed when its cost is known:
/// at the next instruction, or at the end of the frame.
public final class TraceLines implements Tracer {
    private final PrintWriter out;
    private final EvmMemory memory;
    private String pending;      // without gasCost and what follows it
    private String rest;
    private Frame frame;
    private long gasBefore;

    /// @param memory  of the machine that is traced: it has the return data
    public TraceLines(PrintWriter out, EvmMemory memory) {
        this.out = out;
        this.memory = memory;
    }

    @Override
    public void step(Frame now, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
        flush(null);
        StringBuilder words = new StringBuilder();
        for (int a = 0; a < stackLongs; a += 4) {
            words.append(a == 0 ? "" : ",").append('"').append(Hex.shortWord(stack, a)).append('"');
        }
        pending = "{\"pc\":" + now.pc() + ",\"op\":" + opcode + ",\"gas\":\"0x" + Long.toHexString(now.gas()) + "\"";
        rest = ",\"memSize\":" + memoryBytes + ",\"stack\":[" + words + "],\"depth\":" + (now.depth() + 1)
                + ",\"returnData\":\"" + returnData() + "\",\"refund\":\"" + (refund < 0 ? "-0x" : "0x")
                + Long.toHexString(Math.abs(refund)) + "\",\"opName\":\"" + Opcode.name(opcode) + "\"";
        frame = now;
        gasBefore = now.gas();
    }

    private String returnData() {
        byte[] bytes = new byte[Math.toIntExact(memory.outputLength())];
        MemorySegment.copy(memory.data(), ValueLayout.JAVA_BYTE, memory.outputAt(), bytes, 0, bytes.length);
        return Hex.text(bytes);
    }

    @Override
    public void end(Frame ended, Status status) {
        flush(status);
    }

    private void flush(Status ended) {
        if (pending == null) {
            return;
        }
        boolean failed = ended != null && (ended.halted() || ended.limited());
        long cost = failed ? 0 : gasBefore - frame.gas();
        out.println(pending + ",\"gasCost\":\"0x" + Long.toHexString(Math.max(cost, 0)) + "\"" + rest
                + (failed ? ",\"error\":\"" + ended + "\"" : "") + "}");
        pending = null;
    }
}
