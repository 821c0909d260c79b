package dev.coffer.examples;

import dev.coffer.evm.CallTracer;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.PrestateTracer;
import dev.coffer.evm.Tracer;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;

/// A call that is traced: one contract calls another, which reverts and says why, and loads a slot. Shown as the tree of its calls, and as what it looked at.
public final class OneTrace {
    private static final String CALLS = "5f5f5f5f5f61beef5af1" + "5f5400";
    private static final String REVERTS = "6064600a5f3960645ffd" + "08c379a0" + "0".repeat(62) + "20" + "0".repeat(62) + "07"
            + HexFormat.of().formatHex("no room".getBytes(java.nio.charset.StandardCharsets.US_ASCII)) + "00".repeat(25);

    private OneTrace() {}

    private static long[] contract(WorldState world, long address, String code) {
        long[] where = Word.of(BigInteger.valueOf(address));
        MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex(code));
        if (!world.account(where, 0, new long[Word.LONGS], 0, 1) || !world.setCode(where, 0, bytes, 0, bytes.byteSize())) {
            throw new IllegalStateException("no room for a contract in " + world);
        }
        return where;
    }

    public static void main(String[] arguments) {
        WorldState world = new WorldState(WorldStateConfig.defaults());
        long[] caller = Word.of(BigInteger.valueOf(0x5e4d));
        long[] calls = contract(world, 0xc0de, CALLS);
        contract(world, 0xbeef, REVERTS);
        Message message = new Message().caller(caller, 0).to(calls, 0).gas(100_000);
        CallTracer tree = new CallTracer();
        PrestateTracer before = new PrestateTracer(world);
        before.see(calls, 0);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.OSAKA), world, null)) {
            for (Tracer tracer : new Tracer[] {tree, before}) {
                machine.trace(tracer);
                world.beginTransaction();
                System.out.println(machine.run(message).status());
            }
        }
        System.out.println(tree.json());
        System.out.println(before.json());
    }
}
