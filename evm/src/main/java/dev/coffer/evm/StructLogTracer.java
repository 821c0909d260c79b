package dev.coffer.evm;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// Each instruction of a run, as JSON in the shape that go-ethereum's `debug_traceTransaction` has without a named tracer: gas, failed, returnValue, and structLogs of
/// pc, op, gas, gasCost, depth (the outermost frame's is 1), stack, memory, storage, returnData, refund and error. Words of the stack begin with 0x and have no leading
/// zero, those of memory and storage are 64 digits. gasCost of a call is with the gas that the called one gets, of a creation without. An instruction that may not run, for
/// want of gas or for its stack, has an error; one that runs and halts (a bad jump, a write below STATICCALL) has none, as there. Of both gasCost is what the instruction
/// costs whatever its operands are.
///
/// Where an instruction would go past [StructLogConfig#bytesMax] or [StructLogConfig#stepsMax], it and all after it are left out and counted, and the run goes on as ever; [#leftOut] tells. Makes
/// objects. Belongs to the thread of its machine.
public final class StructLogTracer implements Tracer {
    private static final HexFormat HEX = HexFormat.of();

    private final StructLogConfig config;
    private final Host host;
    private final EvmMemory memory;
    private final StepCosts costs;
    private final StringBuilder all = new StringBuilder();
    private final Map<String, Map<String, String>> storage = new HashMap<>();   // of each account its slots, as they were last seen
    private final long[] w = new long[Word.LONGS];
    private final long[] value = new long[Word.LONGS];

    // The instruction whose cost is not known yet.
    private final StringBuilder head = new StringBuilder();
    private final StringBuilder rest = new StringBuilder();

    private long kept;
    private long leftOut;
    private long gasAtStart;
    private long gasUsed;
    private boolean isFailed;
    private String returned = "0x";

    /// With what [StructLogConfig#defaults] notes.
    public StructLogTracer(Interpreter machine) {
        this(machine, StructLogConfig.defaults());
    }

    /// @param machine  which it is for: its memory and host are looked at
    public StructLogTracer(Interpreter machine, StructLogConfig config) {
        this.config = config;
        this.host = machine.host;
        this.memory = machine.memory();
        this.costs = new StepCosts(machine.config().fork());
    }

    @Override
    public void begin(Frame frame) {
        if (frame.depth() == 0) {
            all.setLength(0);
            storage.clear();
            costs.clear();
            kept = 0;
            leftOut = 0;
            gasAtStart = frame.gas();
            return;
        }
        Frame pending = costs.pending();
        flush(pending, costs.atBegin(frame), null);
    }

    @Override
    public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
        Frame pending = costs.pending();
        flush(pending, costs.atStep(), null);
        if (leftOut > 0 || config.stepsMax() > 0 && kept == config.stepsMax()) {
            leftOut++;
            return;
        }
        head.setLength(0);
        head.append("{\"pc\":").append(frame.pc()).append(",\"op\":\"").append(TracerWords.name(opcode)).append("\",\"gas\":").append(frame.gas())
                .append(",\"gasCost\":");
        rest.setLength(0);
        if (config.stack()) {
            stack(stack, stackLongs);
        }
        if (config.memory()) {
            memory(memoryBytes);
        }
        if (config.storage() && (opcode == Opcode.SLOAD && stackLongs >= Word.LONGS || opcode == Opcode.SSTORE && stackLongs >= 2 * Word.LONGS)) {
            storage(frame, opcode, stack, stackLongs);
        }
        if (config.returnData() && memory.outputLength() > 0) {
            rest.append(",\"returnData\":\"").append(bytes(memory.data(), memory.outputAt(), memory.outputLength())).append('"');
        }
        if (refund != 0) {
            rest.append(",\"refund\":").append(refund);
        }
        costs.step(frame, opcode);
    }

    private void stack(long[] s, int longs) {
        rest.append(",\"stack\":[");
        for (int a = 0; a < longs; a += Word.LONGS) {
            int top = Word.LONGS - 1;
            while (top > 0 && s[a + top] == 0) {
                top--;
            }
            rest.append(a == 0 ? "\"0x" : ",\"0x").append(Long.toHexString(s[a + top]));
            while (--top >= 0) {
                rest.append(HEX.toHexDigits(s[a + top]));
            }
            rest.append('"');
        }
        rest.append(']');
    }

    private void memory(long bytes) {
        rest.append(",\"memory\":[");
        for (long at = 0; at < bytes && !isFull(); at += Word.BYTES) {
            memory.peekWord(at, w, 0);
            rest.append(at == 0 ? "\"" : ",\"").append(digits(w, 0)).append('"');
        }
        rest.append(']');
    }

    private void storage(Frame frame, int opcode, long[] s, int longs) {
        int key = longs - Word.LONGS;
        frame.address(w, 0);
        if (opcode == Opcode.SLOAD) {
            host.load(w, 0, s, key, value, 0);
        } else {
            Word.copy(s, key - Word.LONGS, value, 0);
        }
        Map<String, String> slots = storage.computeIfAbsent(digits(w, 0), address -> new TreeMap<>());
        slots.put(digits(s, key), digits(value, 0));
        rest.append(",\"storage\":{");
        boolean isFirst = true;
        for (Map.Entry<String, String> slot : slots.entrySet()) {
            rest.append(isFirst ? "\"" : ",\"").append(slot.getKey()).append("\":\"").append(slot.getValue()).append('"');
            isFirst = false;
            if (isFull()) {
                break;
            }
        }
        rest.append('}');
    }

    /// {@return whether what is being written cannot be kept}
    private boolean isFull() {
        return (long) all.length() + rest.length() > config.bytesMax();
    }

    private static String digits(long[] s, int a) {
        return HEX.toHexDigits(s[a + 3]) + HEX.toHexDigits(s[a + 2]) + HEX.toHexDigits(s[a + 1]) + HEX.toHexDigits(s[a]);
    }

    private static String bytes(MemorySegment from, long at, long length) {
        return "0x" + HEX.formatHex(from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /// Keeps the instruction whose cost is known now, or leaves it out.
    ///
    /// @param pending  its frame; null where there is none
    /// @param error    how it ended its frame; null where it did not, or by no error
    private void flush(Frame pending, long cost, Status error) {
        if (pending == null) {
            return;
        }
        head.append(cost).append(",\"depth\":").append(pending.depth() + 1);
        boolean mayNotRun = error == Status.STACK_UNDERFLOW || error == Status.STACK_OVERFLOW || error == Status.OUT_OF_GAS && !pending.isDeploying;
        if (mayNotRun || error != null && error.limited()) {
            head.append(",\"error\":\"").append(TracerWords.of(error, pending)).append('"');
        }
        long length = (long) all.length() + 1 + head.length() + rest.length() + 1;
        if (length > config.bytesMax()) {
            leftOut++;
            return;
        }
        kept++;
        all.append(all.isEmpty() ? "" : ",").append(head).append(rest).append('}');
    }

    @Override
    public void end(Frame frame, Status status) {}

    @Override
    public void end(Frame frame, Status status, MemorySegment output, long at, long length) {
        boolean isError = status != Status.SUCCESS && status != Status.REVERT;
        Frame pending = costs.pending();
        flush(pending, costs.atEnd(frame, status, length), isError ? status : null);
        if (frame.depth() == 0 || status.limited()) {            // a limit ends all of them
            gasUsed = gasAtStart - (isError ? 0 : frame.gas());
            isFailed = status != Status.SUCCESS;
            returned = length == 0 ? "0x" : bytes(output, at, length);
        }
    }

    /// {@return instructions of the last run that had no room}
    public long leftOut() {
        return leftOut;
    }

    /// {@return the last run that has ended; its gas is what its code used, refunds not taken off}
    public String json() {
        return json(gasUsed);
    }

    /// {@return the last run that has ended, as that of a whole transaction}
    ///
    /// @param gas  that the transaction used, [TransactionOutcome#gasUsed]
    public String json(long gas) {
        return "{\"gas\":" + gas + ",\"failed\":" + isFailed + ",\"returnValue\":\"" + returned + "\",\"structLogs\":[" + all + "]}";
    }
}
