package dev.coffer.examples;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.StructLogTracer;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;

/// A contract that adds up what it is called with: deployed, called twice, and traced. Plans 97 MiB of address space, of which a few pages are touched, and 30 MiB of heap, 19 of them for code (`withCodeBytesMax` for less).
public final class OneContract {
    private static final String INITCODE = "600e600a5f39600e5ff3" + "5f355f5401805f555f5260205ff3";   // returns what is behind it

    private OneContract() {}

    public static void main(String[] arguments) {
        WorldState world = new WorldState(WorldStateConfig.defaults());
        long[] sender = Word.of(BigInteger.valueOf(0x5e4d));
        long[] contract = new long[Word.LONGS];
        world.block().set(Opcode.GASLIMIT, Word.of(BigInteger.valueOf(30_000_000)), 0);
        MemorySegment initcode = MemorySegment.ofArray(HexFormat.of().parseHex(INITCODE));
        MemorySegment number = MemorySegment.ofArray(new byte[Word.BYTES]);
        Transaction t = new Transaction().sender(sender, 0).gas(200_000);             // for nothing: the base fee is 0
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.OSAKA), world, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, world);
            var made = executor.execute(t.create().data(initcode, 0, initcode.byteSize()));
            made.run().created(contract, 0);                                          // its address, until the next transaction
            System.out.println("deploy: " + made);
            StructLogTracer tracer = new StructLogTracer(machine);
            for (int call = 1; call <= 2; call++) {
                machine.trace(call == 1 ? null : tracer);
                Word.store(Word.of(BigInteger.valueOf(20 + call)), 0, number, 0);
                var outcome = executor.execute(t.to(contract, 0).nonce(call).data(number, 0, Word.BYTES));
                System.out.println("call " + call + ": " + outcome + ", returns " + new BigInteger(1, outcome.run().output()));
            }
            System.out.println(tracer.json());
        }
    }
}
