package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/// The tree of calls of a run, as JSON in the shape of go-ethereum's `callTracer`: type, from, to, gas, gasUsed, input, output, error, value, calls. Gas of the
/// outermost call is what its code had, without what a transaction costs before. Calls that are refused at once, too deep or without the value, are not in it,
/// nor what SELFDESTRUCT moves. Makes objects. Belongs to the thread of its machine.
public final class CallTracer implements Tracer {
    private static final int ADDRESS_BYTES = 20;

    /// One that has not ended.
    private record Call(String head, long gas, List<String> below) {}

    private final Deque<Call> open = new ArrayDeque<>();
    private final long[] w = new long[Word.LONGS];
    private String last = "";

    /// Has seen nothing.
    public CallTracer() {}

    /// {@return the tree of the last run that has ended; empty before the first}
    public String json() {
        return last;
    }

    @Override
    public void begin(Frame frame) {
        if (frame.depth() == 0) {
            open.clear();
        }
        boolean creates = frame.opcode() == Opcode.CREATE || frame.opcode() == Opcode.CREATE2;
        boolean borrows = frame.opcode() == Opcode.DELEGATECALL;
        StringBuilder text = new StringBuilder("{\"type\":\"").append(Opcode.name(frame.opcode())).append("\",\"from\":\"");
        if (borrows) {
            frame.address(w, 0);                         // who borrows, not whose CALLER it shows
        } else {
            frame.caller(w, 0);
        }
        text.append(address()).append("\",\"to\":\"");
        frame.codeAddress(w, 0);
        text.append(address()).append("\",\"gas\":\"0x").append(Long.toHexString(frame.gas())).append("\",\"input\":\"")
                .append(creates ? bytes(frame.code(), frame.codeAt(), frame.codeLength()) : bytes(frame.input(), frame.inputAt(), frame.inputLength()))
                .append('"');
        if (frame.opcode() != Opcode.STATICCALL) {
            frame.value(w, 0);
            text.append(",\"value\":\"0x").append(Word.toBigInteger(w, 0).toString(16)).append('"');
        }
        open.push(new Call(text.toString(), frame.gas(), new ArrayList<>()));
    }

    private String address() {
        byte[] all = new byte[Word.BYTES];
        Word.store(w, 0, MemorySegment.ofArray(all), 0);
        return "0x" + HexFormat.of().formatHex(all, Word.BYTES - ADDRESS_BYTES, Word.BYTES);
    }

    private static String bytes(MemorySegment from, long at, long length) {
        return "0x" + HexFormat.of().formatHex(from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

    @Override
    public void end(Frame frame, Status status) {}

    @Override
    public void end(Frame frame, Status status, MemorySegment output, long at, long length) {
        close(status, status.limited() ? 0 : frame.gas(), length == 0 ? "" : ",\"output\":\"" + bytes(output, at, length) + "\"");
        while (status.limited() && !open.isEmpty()) {
            close(status, 0, "");                        // a limit ends all of them
        }
    }

    private void close(Status status, long gasLeft, String output) {
        Call call = open.pop();
        String text = call.head + ",\"gasUsed\":\"0x" + Long.toHexString(call.gas - gasLeft) + "\"" + output
                + (status == Status.SUCCESS ? "" : ",\"error\":\"" + words(status) + "\"")
                + (call.below.isEmpty() ? "" : ",\"calls\":[" + String.join(",", call.below) + "]") + "}";
        if (open.isEmpty()) {
            last = text;
        } else {
            open.element().below.add(text);
        }
    }

    /// {@return what go-ethereum calls it, or our own name}
    static String words(Status status) {
        return switch (status) {
            case REVERT -> "execution reverted";
            case OUT_OF_GAS -> "out of gas";
            case BAD_JUMP -> "invalid jump destination";
            case STATIC_VIOLATION -> "write protection";
            case RETURN_DATA_OUT_OF_BOUNDS -> "return data out of bounds";
            case CODE_TOO_LONG -> "max code size exceeded";
            case INITCODE_TOO_LONG -> "max initcode size exceeded";
            case CODE_PREFIX_RESERVED -> "invalid code: must not begin with 0xef";
            case CREATE_COLLISION -> "contract address collision";
            default -> status.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        };
    }
}
