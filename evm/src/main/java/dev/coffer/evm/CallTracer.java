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

/// The tree of calls of a run, as JSON in the shape of go-ethereum's `callTracer`: type, from, to, gas, gasUsed, input, output, error, revertReason, value, calls,
/// and where they are asked for logs (`withLog`); all of it, or of the outermost call alone (`onlyTopCall`). A creation that failed has no `to`; what SELFDESTRUCT moves is a call of that type; who is called too deep or
/// without the value is there with its error. Gas of the outermost call is what its code had, without what a transaction costs before: [#json(long, long)].
///
/// Where text would go past `bytesMax`, a call, an output or a log is left out and counted, and the run goes on as ever. Makes objects: while it gathers, up to four
/// heap bytes for each of `bytesMax`. Belongs to the thread of its machine.
public final class CallTracer implements Tracer {
    /// Characters that are kept unless another number is asked for.
    public static final int BYTES_MAX = 64 << 20;

    private static final int ADDRESS_BYTES = 20;
    private static final int CALL_BYTES = 400;              // its members but input and output
    private static final int LOG_BYTES = 480;               // address, four topics, names
    private static final HexFormat HEX = HexFormat.of();

    /// One call; those below it in the order in which they ended.
    private static final class Call {
        final String type;
        final String from;
        final String to;
        final long gas;
        final String input;
        final String value;                              // null for none
        final List<Call> below = new ArrayList<>();
        final List<String> logs = new ArrayList<>();
        long gasUsed;
        String output = "";
        String error = "";
        String reason = "";

        Call(String type, String from, String to, long gas, String input, String value) {
            this.type = type;
            this.from = from;
            this.to = to;
            this.gas = gas;
            this.input = input;
            this.value = value;
        }
    }

    /// In the place of one that had no room.
    private static final Call LEFT_OUT = new Call("", "", "", 0, "", null);

    private final boolean logs;
    private final boolean onlyTop;
    private final int bytesMax;
    private final Deque<Call> open = new ArrayDeque<>();
    private final long[] w = new long[Word.LONGS];
    private Call last;
    private long held;
    private long leftOut;

    /// Without logs.
    public CallTracer() {
        this(false, BYTES_MAX);
    }

    /// Of all calls.
    ///
    /// @param logs      whether records are told, those of failed calls aside
    /// @param bytesMax  characters of all calls together, 1 KiB..1 GiB
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public CallTracer(boolean logs, int bytesMax) {
        this(logs, false, bytesMax);
    }

    /// @param logs      whether records are told, those of failed calls aside
    /// @param onlyTop   whether the outermost call is told alone, with its own records
    /// @param bytesMax  characters of all calls together, 1 KiB..1 GiB
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public CallTracer(boolean logs, boolean onlyTop, int bytesMax) {
        if (bytesMax < 1 << 10 || bytesMax > 1 << 30) {
            throw new IllegalArgumentException("call tracer: bytesMax " + bytesMax + " (expected 1024..1073741824)");
        }
        this.logs = logs;
        this.onlyTop = onlyTop;
        this.bytesMax = bytesMax;
    }

    /// {@return the tree of the last run that has ended; empty before the first, and where it had no room at all}
    public String json() {
        return last == null ? "" : text(last, last.gas, last.gasUsed);
    }

    /// {@return the tree of the last run, as that of a whole transaction}
    ///
    /// @param gas      that the transaction brought
    /// @param gasUsed  what it used, [TransactionOutcome#gasUsed]
    public String json(long gas, long gasUsed) {
        return last == null ? "" : text(last, gas, gasUsed);
    }

    /// {@return calls, outputs and logs of the last run that had no room}
    public long leftOut() {
        return leftOut;
    }

    @Override
    public void begin(Frame frame) {
        if (frame.depth() == 0) {
            open.clear();
            last = null;
            held = 0;
            leftOut = 0;
        } else if (onlyTop) {
            return;
        }
        boolean creates = isCreation(frame.opcode());
        long inputBytes = creates ? frame.codeLength() : frame.inputLength();
        boolean isBelowNone = !open.isEmpty() && open.element() == LEFT_OUT;
        leftOut += isBelowNone ? 1 : 0;
        if (isBelowNone || !takes(CALL_BYTES + 2 * inputBytes)) {
            open.push(LEFT_OUT);
            return;
        }
        if (frame.opcode() == Opcode.DELEGATECALL) {
            frame.address(w, 0);                         // who borrows, not whose CALLER it shows
        } else {
            frame.caller(w, 0);
        }
        String from = address(w, 0);
        frame.codeAddress(w, 0);
        String to = address(w, 0);
        frame.value(w, 0);
        open.push(new Call(Opcode.name(frame.opcode()), from, to, frame.gas(),
                creates ? bytes(frame.code(), frame.codeAt(), inputBytes) : bytes(frame.input(), frame.inputAt(), inputBytes),
                frame.opcode() == Opcode.STATICCALL ? null : number(w, 0)));
    }

    private static boolean isCreation(int opcode) {
        return opcode == Opcode.CREATE || opcode == Opcode.CREATE2;
    }

    private boolean takes(long characters) {
        if (characters > bytesMax - held) {
            leftOut++;
            return false;
        }
        held += characters;
        return true;
    }

    static String address(long[] s, int a) {
        byte[] all = new byte[Word.BYTES];
        Word.store(s, a, MemorySegment.ofArray(all), 0);
        return "0x" + HEX.formatHex(all, Word.BYTES - ADDRESS_BYTES, Word.BYTES);
    }

    private static String number(long[] s, int a) {
        return "0x" + Word.toBigInteger(s, a).toString(16);
    }

    private static String bytes(MemorySegment from, long at, long length) {
        return "0x" + HEX.formatHex(from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

    @Override
    public void logged(Frame frame, MemorySegment data, long at, long length, long[] t, int topics, int count) {
        if (!logs || isPassedOver(frame) || open.element() == LEFT_OUT || !takes(LOG_BYTES + 2 * length)) {
            return;
        }
        frame.address(w, 0);
        StringBuilder text = new StringBuilder("{\"address\":\"").append(address(w, 0)).append("\",\"topics\":[");
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "\"" : ",\"").append(Word.toHex(t, topics - Word.LONGS * i)).append('"');
        }
        open.element().logs.add(text.append("],\"data\":\"").append(bytes(data, at, length)).append("\",\"position\":\"0x")
                .append(Integer.toHexString(open.element().below.size())).append("\"}").toString());
    }

    private boolean isPassedOver(Frame frame) {
        return onlyTop && frame.depth() > 0;
    }

    @Override
    public void destroyed(Frame frame, long[] s, int heir, long[] b, int balance) {
        if (!onlyTop && open.element() != LEFT_OUT && takes(CALL_BYTES)) {
            frame.address(w, 0);
            open.element().below.add(new Call("SELFDESTRUCT", address(w, 0), address(s, heir), 0, "0x", number(b, balance)));
        }
    }

    @Override
    public void end(Frame frame, Status status) {}

    @Override
    public void end(Frame frame, Status status, MemorySegment output, long at, long length) {
        if (!isPassedOver(frame)) {
            end(frame, open.element(), status, output, at, length);
            close(status.limited() ? 0 : frame.gas());
        }
        while (status.limited() && !open.isEmpty()) {
            if (open.element() != LEFT_OUT) {
                open.element().error = TracerWords.of(status, frame);
            }
            close(0);                                    // a limit ends all of them
        }
    }

    private void end(Frame frame, Call call, Status status, MemorySegment output, long at, long length) {
        if (call != LEFT_OUT) {
            call.error = status == Status.SUCCESS ? "" : TracerWords.of(status, frame);
            if (length > 0 && takes(2 * length)) {
                call.output = bytes(output, at, length);
                call.reason = status == Status.REVERT ? TracerWords.revertReason(output, at, length) : "";
            }
        }
    }

    private void close(long gasLeft) {
        Call call = open.pop();
        if (call == LEFT_OUT) {
            return;
        }
        call.gasUsed = call.gas - gasLeft;
        if (open.isEmpty()) {
            last = call;
        } else if (open.element() != LEFT_OUT) {
            open.element().below.add(call);
        }
    }

    private static String text(Call top, long gas, long gasUsed) {
        StringBuilder text = new StringBuilder();
        write(text, top, gas, gasUsed, false);
        return text.toString();
    }

    /// At most 1,026 calls deep.
    private static void write(StringBuilder text, Call call, long gas, long gasUsed, boolean isUndone) {
        boolean failed = !call.error.isEmpty();
        text.append("{\"type\":\"").append(call.type).append("\",\"from\":\"").append(call.from).append('"');
        if (!failed || !call.type.startsWith("CREATE")) {
            text.append(",\"to\":\"").append(call.to).append('"');
        }
        text.append(",\"gas\":\"0x").append(Long.toHexString(gas)).append("\",\"input\":\"").append(call.input).append('"');
        if (call.value != null) {
            text.append(",\"value\":\"").append(call.value).append('"');
        }
        text.append(",\"gasUsed\":\"0x").append(Long.toHexString(gasUsed)).append('"');
        member(text, "output", call.output);
        member(text, "error", call.error);
        member(text, "revertReason", call.reason);
        for (int i = 0; i < call.below.size(); i++) {
            Call below = call.below.get(i);
            text.append(i == 0 ? ",\"calls\":[" : ",");
            write(text, below, below.gas, below.gasUsed, isUndone || failed);
        }
        text.append(call.below.isEmpty() ? "" : "]");
        if (!isUndone && !failed && !call.logs.isEmpty()) {
            text.append(",\"logs\":[").append(String.join(",", call.logs)).append(']');
        }
        text.append('}');
    }

    private static void member(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append(",\"").append(name).append("\":\"").append(value).append('"');
        }
    }
}
