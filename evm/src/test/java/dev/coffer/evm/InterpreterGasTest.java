package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The gas of every instruction of Cancun, in pairs: what the protocol says is enough, and one less is not.
class InterpreterGasTest {
    private static final WorldStateConfig SMALL = new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12);

    private final WorldState state = new WorldState(SMALL);
    private final Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null);

    @AfterEach
    void closes() {
        machine.close();
    }

    private Outcome run(byte[] code, long gas) {
        long[] w = new long[12];
        w[0] = 0xca11e4;
        w[4] = 0xc0de;
        state.clear();
        state.account(w, 4, w, 8, 1);
        state.setCode(w, 4, MemorySegment.ofArray(code), 0, code.length);
        state.beginTransaction();
        return machine.run(new Message().caller(w, 0).to(w, 4).gas(gas));
    }

    private static byte[] code(int... bytes) {
        byte[] code = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            code[i] = (byte) bytes[i];
        }
        return code;
    }

    /// Operands that are all 1, except where the table below says otherwise; cost of the instruction alone.
    private static Map<Integer, Long> costsWithOnes() {
        Map<Integer, Long> costs = new TreeMap<>();
        for (int opcode = 0; opcode < 256; opcode++) {
            if (Opcode.in(opcode, Fork.CANCUN)) {
                costs.put(opcode, 3L);           // most instructions
            }
        }
        for (int opcode : new int[] {Opcode.STOP}) {
            costs.put(opcode, 0L);
        }
        for (int opcode : new int[] {Opcode.MUL, Opcode.DIV, Opcode.SDIV, Opcode.MOD, Opcode.SMOD, Opcode.SIGNEXTEND,
                Opcode.SELFBALANCE}) {
            costs.put(opcode, 5L);
        }
        for (int opcode : new int[] {Opcode.ADDRESS, Opcode.ORIGIN, Opcode.CALLER, Opcode.CALLVALUE,
                Opcode.CALLDATASIZE, Opcode.CODESIZE, Opcode.GASPRICE, Opcode.RETURNDATASIZE, Opcode.COINBASE,
                Opcode.TIMESTAMP, Opcode.NUMBER, Opcode.PREVRANDAO, Opcode.GASLIMIT, Opcode.CHAINID, Opcode.BASEFEE,
                Opcode.BLOBBASEFEE, Opcode.POP, Opcode.PC, Opcode.MSIZE, Opcode.GAS, Opcode.PUSH0}) {
            costs.put(opcode, 2L);
        }
        costs.put(Opcode.ADDMOD, 8L);
        costs.put(Opcode.MULMOD, 8L);
        costs.put(Opcode.EXP, 10L + 50);                   // one byte of exponent
        costs.put(Opcode.KECCAK256, 30L + 6 + 3);          // one word hashed, one of memory
        costs.put(Opcode.BALANCE, 100L);                   // address 1 is a precompile, so warm
        costs.put(Opcode.EXTCODESIZE, 100L);
        costs.put(Opcode.EXTCODEHASH, 100L);
        costs.put(Opcode.EXTCODECOPY, 100L + 3 + 3);
        costs.put(Opcode.CALLDATACOPY, 3L + 3 + 3);
        costs.put(Opcode.CODECOPY, 3L + 3 + 3);
        costs.put(Opcode.MCOPY, 3L + 3 + 3);
        costs.put(Opcode.BLOCKHASH, 20L);
        costs.put(Opcode.MLOAD, 3L + 6);                   // 32 bytes at 1: two words
        costs.put(Opcode.MSTORE, 3L + 6);
        costs.put(Opcode.MSTORE8, 3L + 3);
        costs.put(Opcode.SLOAD, 2100L);
        costs.put(Opcode.SSTORE, 2100L + 20000);
        costs.put(Opcode.JUMPDEST, 1L);
        costs.put(Opcode.TLOAD, 100L);
        costs.put(Opcode.TSTORE, 100L);
        for (int topics = 0; topics <= 4; topics++) {
            costs.put(Opcode.LOG0 + topics, 375L + 375 * topics + 8 + 3);
        }
        costs.put(Opcode.RETURN, 3L);                      // one word of memory
        costs.put(Opcode.REVERT, 3L);
        costs.put(Opcode.SELFDESTRUCT, 5000L);             // no balance to give, so no account is made
        // Not here: jumps need a destination, calls and creations pass gas on; RETURNDATACOPY has no data.
        for (int opcode : new int[] {Opcode.JUMP, Opcode.JUMPI, Opcode.RETURNDATACOPY, Opcode.CREATE, Opcode.CREATE2,
                Opcode.CALL, Opcode.CALLCODE, Opcode.DELEGATECALL, Opcode.STATICCALL}) {
            costs.remove(opcode);
        }
        return costs;
    }

    private void edges(String name, byte[] code, long cost) {
        Outcome enough = run(code, cost);
        assertTrue(!enough.status().halted(), name + " with " + cost + ": " + enough);
        assertEquals(cost, enough.gasUsed(), name);
        if (cost > 0) {
            Outcome less = run(code, cost - 1);
            assertEquals(Status.OUT_OF_GAS, less.status(), name + " with one less");
            assertEquals(0, less.gasLeft());
        }
    }

    @Test
    void everyInstructionCostsWhatTheProtocolSaysAndOneLessIsOutOfGas() {
        Map<Integer, Long> costs = costsWithOnes();
        assertEquals(148 - 9, costs.size(), "instructions of Cancun less those left out above");
        costs.forEach((opcode, cost) -> {
            ByteArrayOutputStream program = new ByteArrayOutputStream();
            for (int i = 0; i < Opcode.pops(opcode); i++) {
                program.write(Opcode.PUSH1);
                program.write(1);
            }
            program.write(opcode);
            for (int i = 0; i < 33; i++) {
                program.write(0);
            }
            edges(Opcode.name(opcode), program.toByteArray(), 3L * Opcode.pops(opcode) + cost);
        });
    }

    @Test
    void jumpsCostEightAndTen() {
        edges("JUMP", code(0x60, 3, 0x56, 0x5b), 3 + 8 + 1);
        edges("JUMPI taken", code(0x60, 1, 0x60, 5, 0x57, 0x5b), 6 + 10 + 1);
        edges("JUMPI not taken", code(0x60, 0, 0x60, 9, 0x57), 6 + 10);
    }

    @Test
    void coldAccountCosts2600AndThen100() {
        edges("BALANCE", code(0x61, 0xbe, 0xef, 0x31, 0x61, 0xbe, 0xef, 0x31), 3 + 2600 + 3 + 100);
        edges("SLOAD", code(0x60, 7, 0x54, 0x60, 7, 0x54), 3 + 2100 + 3 + 100);
    }

    @Test
    void sstoreNeedsMoreThanTheStipend() {
        byte[] store = code(0x60, 0, 0x60, 0, 0x55);       // writes what is there: 2100 + 100, below 2300
        assertEquals(Status.OUT_OF_GAS, run(store, 6 + 2300).status());
        assertEquals(2206, run(store, 6 + 2301).gasUsed());
    }

    @Test
    void callHoldsBackOneSixtyFourth() {
        // Calls itself with all gas; each level sees 63/64 of what its caller had left.
        byte[] self = code(0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf1, 0x00);
        Outcome outcome = run(self, 100_000_000);
        assertEquals(Status.SUCCESS, outcome.status());
        assertTrue(outcome.depthMax() > 300 && outcome.depthMax() < Interpreter.DEPTH_MAX, outcome::toString);
    }

    @Test
    void callsNestToDepth1024AndNoDeeper() {
        byte[] self = code(0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf1, 0x00);
        Outcome outcome = run(self, 1L << 60);
        assertEquals(Status.SUCCESS, outcome.status());
        assertEquals(Interpreter.DEPTH_MAX, outcome.depthMax());
        assertEquals(Interpreter.DEPTH_MAX + 1, outcome.frames());
    }

    @Test
    void fullStackIsKeptThroughTheDeepestCalls() {
        // Pushes 1016 words, calls itself, then sums nothing: the words below must survive all 1024 frames.
        ByteArrayOutputStream program = new ByteArrayOutputStream();
        for (int i = 0; i < 1016; i++) {
            program.write(Opcode.CALLER);
        }
        program.writeBytes(code(0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf1, 0x50, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3));
        Outcome outcome = run(program.toByteArray(), 1L << 60);
        assertEquals(Status.SUCCESS, outcome.status());
        assertEquals(Interpreter.DEPTH_MAX, outcome.depthMax());
        long[] w = new long[4];
        Word.load(MemorySegment.ofArray(outcome.output()), 0, w, 0);
        assertEquals(0xca11e4, w[0]);
    }

    @Test
    void stackEdges() {
        byte[] full = new byte[1025];
        java.util.Arrays.fill(full, (byte) Opcode.PUSH0);
        assertEquals(Status.STACK_OVERFLOW, run(full, 1 << 20).status());
        full[1024] = 0;
        assertEquals(Status.SUCCESS, run(full, 1 << 20).status());
        assertEquals(Status.STACK_UNDERFLOW, run(code(0x60, 1, 0x01), 100).status());
        assertEquals(Status.STACK_UNDERFLOW, run(code(0x60, 1, 0x90), 100).status());
        assertEquals(Status.STACK_UNDERFLOW, run(code(0x8f), 100).status());
        assertEquals(Status.UNDEFINED_INSTRUCTION, run(code(0x0c), 100).status());
        assertEquals(Status.BAD_JUMP, run(code(0x60, 1, 0x56), 100).status());
        assertEquals(Status.BAD_JUMP, run(code(0x60, 4, 0x56, 0x60, 0x5b), 100).status(), "into a push");
    }

    /// The bytecode of a method past 8,000 bytes is never compiled.
    @Test
    void theLoopCanBeCompiled() throws Exception {
        try (var in = Loop.class.getResourceAsStream("Loop.class")) {
            var model = java.lang.classfile.ClassFile.of().parse(in.readAllBytes());
            int longest = model.methods().stream().map(m -> m.findAttribute(java.lang.classfile.Attributes.code()))
                    .flatMap(java.util.Optional::stream).mapToInt(c -> c.codeLength()).max().orElseThrow();
            assertTrue(longest < 8000, "longest method: " + longest);
            assertTrue(longest > 1000, "the loop was measured");
        }
    }
}
