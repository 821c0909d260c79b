package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Ready-made tracers: the tree of calls of each kind, and what a transaction looked at.
class TracersTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;
    private static final long OTHER = 0xbeef;

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 10));

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private static String address(long low) {
        return String.format("\"0x%040x\"", low);
    }

    private void code(long who, long balance, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        state.account(word(who), 0, word(balance), 0, 1);
        state.setCode(word(who), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private String tree(String code, long gas) {
        code(CALLED, 9, code);
        CallTracer tracer = new CallTracer();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            machine.trace(tracer);
            machine.run(new Message().caller(word(SENDER), 0).to(word(CALLED), 0).gas(gas).input(MemorySegment.ofArray(new byte[] {1, 2}), 0, 2));
        }
        return tracer.json();
    }

    private static String call(String type, long from, long to, String gas, String input, String value, String rest) {
        return "{\"type\":\"" + type + "\",\"from\":" + address(from) + ",\"to\":" + address(to) + ",\"gas\":\"" + gas + "\",\"input\":\"" + input + "\""
                + (value == null ? "" : ",\"value\":\"" + value + "\"") + rest + "}";
    }

    @Test
    void callsOfEachKindStandInTheirPlace() {
        code(OTHER, 0, "60aa5f5260206000fd");                                // reverts with a word
        String outer = "\"0x0000000000000000000000000000000000005e4d\"";
        String word = "0x" + "0".repeat(62) + "aa";
        String reverted = ",\"gasUsed\":\"0x11\",\"output\":\"" + word + "\",\"error\":\"execution reverted\"";
        String json = tree("5f5f5f5f600361beef61fffff150" + "5f5f5f5f61beef61fffff450" + "5f5f5f5f61beef61fffffa50" + "5f5f5f5f5f600461fffff150"
                + "5f5f5f5f5f61dead61fffff150" + "60fe5f53" + "60015f5ff000", 1_000_000);
        assertTrue(json.startsWith("{\"type\":\"CALL\",\"from\":" + outer + ",\"to\":" + address(CALLED)
                + ",\"gas\":\"0xf4240\",\"input\":\"0x0102\",\"value\":\"0x0\",\"gasUsed\":\""), json);
        String below = json.substring(json.indexOf("\"calls\":[") + 9, json.length() - 2);
        assertEquals(String.join(",", call("CALL", CALLED, OTHER, "0x108fb", "0x", "0x3", reverted),
                call("DELEGATECALL", CALLED, OTHER, "0xffff", "0x", "0x0", reverted),
                call("STATICCALL", CALLED, OTHER, "0xffff", "0x", null, reverted),
                call("CALL", CALLED, 4, "0xffff", "0x", "0x0", ",\"gasUsed\":\"0xf\""),
                call("CALL", CALLED, 0xdead, "0xffff", "0x", "0x0", ",\"gasUsed\":\"0x0\"")), below.substring(0, below.indexOf(",{\"type\":\"CREATE\"")));
        String created = below.substring(below.indexOf("{\"type\":\"CREATE\""));
        assertTrue(created.matches("\\{\"type\":\"CREATE\",\"from\":\"0x0{36}c0de\",\"gas\":\"(0x[0-9a-f]+)\","
                + "\"input\":\"0xfe\",\"value\":\"0x0\",\"gasUsed\":\"\\1\",\"error\":\"invalid opcode: INVALID\"}"), created);
    }

    @Test
    void aLimitEndsAllOpenCalls() {
        code(OTHER, 0, "5f5f5f5f5f60055af100");                              // MODEXP, which this machine lacks
        String json = tree("5f5f5f5f5f61beef5af100", 100_000);
        assertEquals(3, json.split("\"error\":\"precompile missing\"", -1).length - 1, json);
        assertEquals(json.chars().filter(c -> c == '{').count(), json.chars().filter(c -> c == '}').count());
        CallTracer fresh = new CallTracer();
        assertEquals("", fresh.json());
    }

    @Test
    void whatATransactionLookedAtIsToldAsItWas() {
        code(OTHER, 5, "6001545f60015500");
        code(CALLED, 0, "60025460033b5061beef31505f5f5f5f5f61beef5af1600960025500");
        state.account(word(SENDER), 0, word(1L << 40), 0, 7);
        state.store(word(CALLED), 0, word(2), 0, word(0x77), 0);
        state.block().set(Opcode.COINBASE, word(0xa1), 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        Transaction t = new Transaction().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(200_000).gasPrice(word(1), 0);
        PrestateTracer tracer = new PrestateTracer(state);
        assertEquals("{}", tracer.json());
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            machine.trace(tracer.before(t));
            assertEquals(Status.SUCCESS, new TransactionExecutor(machine, state).execute(t).status());
        }
        String zeros = "0".repeat(62);
        assertEquals("{" + address(SENDER) + ":{\"balance\":\"0x10000000000\",\"nonce\":7}," + address(CALLED)
                + ":{\"balance\":\"0x0\",\"nonce\":1,\"code\":\"0x60025460033b5061beef31505f5f5f5f5f61beef5af1600960025500\",\"storage\":{\"0x" + zeros
                + "02\":\"0x" + zeros + "77\"}}," + address(OTHER)
                + ":{\"balance\":\"0x5\",\"nonce\":1,\"code\":\"0x6001545f60015500\",\"storage\":{\"0x" + zeros + "01\":\"0x" + zeros + "00\"}}}",
                tracer.json());
        assertEquals(9, stored(CALLED, 2), "and it is another now");
    }

    /// What a transaction has made and then looks at was not there before, be there a balance already or not.
    @Test
    void whatATransactionMakesIsNotToldAsItWas() {
        code(CALLED, 9, "5f5f6003f0803150803f505f5500");                      // creates with 3 wei, looks at it, and keeps the address
        state.account(word(SENDER), 0, word(1L << 40), 0, 7);
        state.block().set(Opcode.COINBASE, word(0xa1), 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        Transaction t = new Transaction().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(200_000).gasPrice(word(1), 0);
        PrestateTracer tracer = new PrestateTracer(state);
        long[] made = new long[4];
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            machine.trace(tracer.before(t));
            assertEquals(Status.SUCCESS, executor.execute(t).status());
            state.load(word(CALLED), 0, word(0), 0, made, 0);
            assertEquals(1, state.nonce(made, 0), "it is there now");
            assertEquals("{" + address(SENDER) + "," + address(CALLED) + "}",
                    tracer.json().replaceAll(":\\{[^{}]*(\\{[^{}]*\\})?\\}", ""));

            Transaction creates = new Transaction().sender(word(SENDER), 0).nonce(8).gas(200_000).gasPrice(word(1), 0).value(word(4), 0).create()
                    .data(MemorySegment.ofArray(new byte[] {0x30, 0x31, 0x50, 0x5f, 0x54, 0}), 0, 6);  // looks at itself and loads a slot
            machine.trace(new Tracer() {
                @Override
                public void begin(Frame frame) {
                    frame.address(made, 0);
                }

                @Override
                public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

                @Override
                public void end(Frame frame, Status status) {}
            });
            assertEquals(Status.SUCCESS, executor.simulate(creates).status());
            state.setBalance(made, 0, word(5), 0);
            machine.trace(tracer.before(creates));
            assertEquals(Status.SUCCESS, executor.execute(creates).status());
        }
        assertTrue(tracer.json().contains(":{\"balance\":\"0x5\",\"storage\":{\"0x" + "0".repeat(64) + "\":\"0x" + "0".repeat(64) + "\"}}"), tracer.json());
        assertFalse(tracer.json().contains("\"nonce\":1"), tracer.json());
    }

    /// Who had nothing before is not told, though it is paid or looked at; a slot that was not 0 says that somebody was there.
    @Test
    void whatWasEmptyBeforeIsNotTold() {
        code(CALLED, 9, "5f5f5f5f600361dead5af15060015f5561beef3100");       // pays 0xdead, stores, looks at 0xbeef
        state.account(word(SENDER), 0, word(1L << 40), 0, 7);
        state.account(word(OTHER), 0, word(0), 0, 0);
        state.block().set(Opcode.COINBASE, word(0xa1), 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        Transaction t = new Transaction().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(200_000).gasPrice(word(1), 0);
        PrestateTracer tracer = new PrestateTracer(state);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            machine.trace(tracer.before(t));
            assertEquals(Status.SUCCESS, new TransactionExecutor(machine, state).execute(t).status());
        }
        assertEquals("{" + address(SENDER) + "," + address(CALLED) + "}", tracer.json().replaceAll(":\\{[^{}]*(\\{[^{}]*\\})?\\}", ""));
        assertEquals(0, tracer.leftOut());
    }

    /// What has no room is left out with all that is new after it, and counted; the next transaction has room again.
    @Test
    void aPrestateHoldsSoManyCharactersAndCountsTheRest() {
        code(CALLED, 9, "5f545f5f55600154600254600354600454600554" + "5f54" + "61beef31" + "00");
        code(OTHER, 1, "00");
        state.account(word(SENDER), 0, word(1L << 40), 0, 7);
        for (int key = 0; key < 6; key++) {
            state.store(word(CALLED), 0, word(key), 0, word(7), 0);
        }
        state.block().set(Opcode.COINBASE, word(0xa1), 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        Transaction t = new Transaction().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(200_000).gasPrice(word(1), 0);
        PrestateTracer tracer = new PrestateTracer(state, PrestateConfig.defaults().withBytesMax(1 << 10));
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            machine.trace(tracer.before(t));
            assertEquals(Status.SUCCESS, executor.execute(t).status());
            // Three accounts and two slots: 200 each, code, 140 each; four slots and an account are left.
            assertEquals(5, tracer.leftOut());
            assertEquals(2, tracer.json().split("0007\"", -1).length - 1, tracer.json());
            assertTrue(tracer.json().length() <= 1 << 10);
            assertFalse(tracer.json().contains(address(OTHER)), tracer.json());
            // An account has no room, so the slot after it is left out, which would have had some.
            code(CALLED, 9, "5f54" + "61beef31" + "600154" + "00");
            code(OTHER, 1, "00".repeat(40));
            machine.trace(tracer.before(t.nonce(8)));
            assertEquals(0, tracer.leftOut());
            assertEquals(Status.SUCCESS, executor.execute(t).status());
            assertEquals(2, tracer.leftOut());
            assertTrue(tracer.json().contains("\"storage\":{") && !tracer.json().contains("0001\":"), tracer.json());
        }
        for (int wrong : new int[] {(1 << 10) - 1, (1 << 30) + 1}) {
            org.junit.jupiter.api.Assertions.assertThrows(IllegalArgumentException.class, () -> PrestateConfig.defaults().withBytesMax(wrong));
        }
    }

    /// EIP-7702: to whom a called account delegates, and who has signed an authorization, as both were before it.
    @Test
    void delegatesAndSignersAreToldToo() {
        java.math.BigInteger key = java.math.BigInteger.TWO;
        long[] signer = RlpModel.address(key);
        byte[] bytes = TransactionReaderTest.delegating(key);
        code(OTHER, 5, "ef0100" + "0".repeat(36) + "dead");                  // delegates already
        code(0xdead, 0, "00");
        state.account(signer, 0, word(1L << 40), 0, 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        state.block().set(Opcode.CHAINID, word(1), 0);
        Transaction t = new Transaction();
        PrestateTracer tracer = new PrestateTracer(state);
        try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined();
                Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), state, null)) {
            TransactionReader reader = new TransactionReader(Fork.PRAGUE, 1, arena.allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES), 0);
            assertEquals(TransactionReader.Refusal.NONE, reader.read(MemorySegment.ofArray(bytes), 0, bytes.length, t));
            code(CALLED, 0, "5f5f5f5f5f61beef5af100");                       // to whom the signer delegates; calls one that delegates
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            long[] who = new long[4];
            assertTrue(executor.authority(t, 0, who, 0));
            assertEquals(dev.coffer.evm.word.Word.toHex(signer, 0), dev.coffer.evm.word.Word.toHex(who, 0));
            org.junit.jupiter.api.Assertions.assertThrows(IndexOutOfBoundsException.class, () -> executor.authority(t, 1, who, 0));
            machine.trace(tracer.before(t, executor));
            TransactionOutcome outcome = executor.execute(t);
            assertEquals(Status.SUCCESS, outcome.status(), outcome::toString);
        }
        String json = tracer.json();
        String signed = CallTracer.address(signer, 0);
        assertTrue(json.startsWith("{\"" + signed + "\":{\"balance\":\"0x10000000000\"},"), "without code and nonce: " + json);
        assertTrue(json.contains(address(CALLED) + ":{"), "whose code it gets: " + json);
        assertTrue(json.contains(address(OTHER) + ":{\"balance\":\"0x5\""), json);
        assertTrue(json.contains(address(0xdead) + ":{\"balance\":\"0x0\",\"nonce\":1,\"code\":\"0x00\"}"), "the delegate of who is called: " + json);
    }

    private long stored(long who, long key) {
        long[] w = new long[4];
        state.load(word(who), 0, word(key), 0, w, 0);
        return w[0];
    }
}
