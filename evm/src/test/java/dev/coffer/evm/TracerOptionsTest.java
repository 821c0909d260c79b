package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What tools ask of go-ethereum's tracers by options: `diffMode`, `includeEmpty`, `disableCode`, `disableStorage`, `onlyTopCall`, `withLog`.
class TracerOptionsTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;
    private static final long OTHER = 0xbeef;
    private static final long AUTHOR = 0xa1;
    private static final String ZEROS = "0".repeat(62);

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 10));
    private PrestateTracer tracer = new PrestateTracer(state);

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

    @BeforeEach
    void setUp() {
        state.account(word(SENDER), 0, word(1L << 40), 0, 7);
        state.block().set(Opcode.COINBASE, word(AUTHOR), 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
    }

    /// {@return gas that it used}
    private long execute(Fork fork, Transaction t) {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, null)) {
            machine.trace(tracer.before(t));
            TransactionOutcome outcome = new TransactionExecutor(machine, state).execute(t);
            assertTrue(outcome.isExecuted(), outcome::toString);
            return outcome.gasUsed();
        }
    }

    private static Transaction calls() {
        return new Transaction().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(300_000).gasPrice(word(1), 0);
    }

    private static String hex(long number) {
        return "\"0x" + Long.toHexString(number) + "\"";
    }

    private static String slots(String... keysAndValues) {
        StringBuilder all = new StringBuilder(",\"storage\":{");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            all.append(i == 0 ? "" : ",").append("\"0x").append(ZEROS).append(keysAndValues[i]).append("\":\"0x").append(ZEROS).append(keysAndValues[i + 1])
                    .append('"');
        }
        return all.append('}').toString();
    }

    /// Slot 1 is set, 2 cleared, 3 changed, 4 stored as it was, 5 loaded; another account is only looked at, a third is paid for the first time.
    @Test
    void aDiffHasWhatHasChangedBeforeAndAfter() {
        String code = "6001600155" + "5f600255" + "6099600355" + "6044600455" + "60055450" + "61beef3150" + "5f5f5f5f600261dead5af100";
        code(CALLED, 9, code);
        code(OTHER, 3, "00");
        for (int key = 2; key < 6; key++) {
            state.store(word(CALLED), 0, word(key), 0, word(0x11 * key), 0);
        }
        long gas = execute(Fork.CANCUN, calls());
        assertEquals("{\"post\":{" + address(SENDER) + ":{\"balance\":" + hex((1L << 40) - gas) + ",\"nonce\":8},"
                + address(CALLED) + ":{\"balance\":\"0x7\"" + slots("01", "01", "03", "99") + "}," + address(AUTHOR) + ":{\"balance\":" + hex(gas) + "},"
                + address(0xdead) + ":{\"balance\":\"0x2\"}},\"pre\":{" + address(SENDER) + ":{\"balance\":\"0x10000000000\",\"nonce\":7},"
                + address(CALLED) + ":{\"balance\":\"0x9\",\"nonce\":1,\"code\":\"0x" + code + "\"" + slots("02", "22", "03", "33") + "}}}", tracer.diff());
    }

    /// EIP-6780: what was there before stays, without its balance; before Cancun it goes. What is made and destroyed in one has never been.
    @Test
    void whoIsGoneIsInPreAlone() {
        code(CALLED, 9, "60015450" + "61beefff");
        state.store(word(CALLED), 0, word(1), 0, word(5), 0);
        execute(Fork.SHANGHAI, calls());
        String pre = tracer.diff().substring(tracer.diff().indexOf("\"pre\""));
        assertTrue(pre.contains(address(CALLED) + ":{\"balance\":\"0x9\",\"nonce\":1,\"code\":\"0x6001545061beefff\"" + slots("01", "05") + "}"), pre);
        String post = tracer.diff().substring(0, tracer.diff().indexOf("\"pre\""));
        assertTrue(!post.contains(address(CALLED)) && post.contains(address(OTHER) + ":{\"balance\":\"0x9\"}"), post);

        code(CALLED, 9, "60015450" + "61beefff");
        execute(Fork.CANCUN, calls().nonce(8));
        post = tracer.diff().substring(0, tracer.diff().indexOf("\"pre\""));
        assertTrue(post.contains(address(CALLED) + ":{\"balance\":\"0x0\"}"), post);

        // Initcode that destroys itself, created with 1 wei: sender, author and who creates, before and after.
        code(CALLED, 9, "6130ff5f52" + "6002601e6001f000");
        execute(Fork.CANCUN, calls().nonce(9));
        assertEquals(6, tracer.diff().split("\"0x[0-9a-f]{40}\":", -1).length - 1, tracer.diff());
    }

    @Test
    void whatIsCreatedIsInPostAloneWithItsCodeAndSlots() {
        code(CALLED, 9, "646001600155" + "5f52" + "6005601b6001f000");        // with 1 wei; its initcode sets a slot
        execute(Fork.CANCUN, calls());
        String diff = tracer.diff();
        String post = diff.substring(0, diff.indexOf("\"pre\""));
        assertTrue(post.matches(".*\"0x[0-9a-f]{40}\":\\{\"balance\":\"0x1\",\"nonce\":1,\"storage\":\\{\"0x0{63}1\":\"0x0{63}1\"}}.*"), post);
        assertEquals(2, diff.substring(diff.indexOf("\"pre\"")).split("\"balance\"", -1).length - 1, diff);       // sender, and who creates
    }

    @Test
    void aTransactionThatFailsChangesSenderAndAuthorAlone() {
        code(CALLED, 9, "600160015560015f5d5f5ffd");
        long gas = execute(Fork.CANCUN, calls());
        assertEquals(
                "{\"post\":{" + address(SENDER) + ":{\"balance\":" + hex((1L << 40) - gas) + ",\"nonce\":8}," + address(AUTHOR) + ":{\"balance\":" + hex(gas)
                        + "}},\"pre\":{" + address(SENDER) + ":{\"balance\":\"0x10000000000\",\"nonce\":7}}}",
                tracer.diff());
    }

    @Test
    void codeAndStorageAreLeftOutAndTheEmptyIsToldWhereThatIsAsked() {
        code(CALLED, 9, "60015450" + "61dead3100");
        state.store(word(CALLED), 0, word(1), 0, word(5), 0);
        String called = address(CALLED) + ":{\"balance\":\"0x9\",\"nonce\":1";
        String code = ",\"code\":\"0x6001545061dead3100\"";
        String sender = "{" + address(SENDER) + ":{\"balance\":\"0x10000000000\",\"nonce\":7},";
        long[] hash = new long[Word.LONGS];
        state.codeHash(word(CALLED), 0, hash, 0);
        PrestateConfig defaults = PrestateConfig.defaults();
        String[] expected = {called + code + slots("01", "05") + "}}", called + slots("01", "05") + "}}", called + code + "}}",
                called + code + ",\"codeHash\":\"0x" + Word.toHex(hash, 0).replace("0x", "") + "\"" + slots("01", "05") + "}}",
                called + code + slots("01", "05") + "}," + address(AUTHOR) + ":{\"balance\":\"0x0\"}," + address(0xdead) + ":{\"balance\":\"0x0\"}}"};
        PrestateConfig[] configs = {defaults, defaults.withCode(false), defaults.withStorage(false), defaults.withCodeHash(true), defaults.withEmpty(true)};
        for (int i = 0; i < configs.length; i++) {
            tracer = new PrestateTracer(state, configs[i]);
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
                machine.trace(tracer.before(calls()));
                new TransactionExecutor(machine, state).simulate(calls());
            }
            assertEquals(sender + expected[i], tracer.json(), configs[i]::toString);
        }
    }

    private static boolean tells(String diff, long low) {
        return diff.contains(address(low));
    }

    /// Who has changed in its slots alone is in neither part where slots are not told, and slots that are not told take no room.
    @Test
    void whoHasChangedInSlotsAloneHasNotWhereTheyAreNotTold() {
        code(CALLED, 9, "6001600155" + "6001600255" + "6001600355" + "6001600455" + "5f600555");
        state.store(word(CALLED), 0, word(5), 0, word(5), 0);
        PrestateConfig little = PrestateConfig.defaults().withBytesMax(1024);
        tracer = new PrestateTracer(state, little);
        execute(Fork.CANCUN, calls());
        assertEquals(2, tracer.diff().split(address(CALLED), -1).length - 1, tracer.diff());
        assertTrue(tracer.leftOut() > 0);
        for (int key = 1; key < 6; key++) {
            state.store(word(CALLED), 0, word(key), 0, word(key), 0);
        }
        tracer = new PrestateTracer(state, little.withStorage(false));
        execute(Fork.CANCUN, calls().nonce(8));
        assertTrue(!tells(tracer.diff(), CALLED) && tells(tracer.diff(), SENDER), tracer::diff);
        assertEquals(0, tracer.leftOut());
        assertTrue(tells(tracer.json(), CALLED), tracer::json);
    }

    /// Before Spurious Dragon what is created without value has code and nothing else, here where a balance was; the hash of code tells of it, too.
    @Test
    void whoHasChangedInCodeAloneHasNotWhereItIsNotTold() {
        PrestateConfig defaults = PrestateConfig.defaults();
        PrestateConfig[] configs = {defaults, defaults.withCode(false), defaults.withCode(false).withCodeHash(true)};
        String[] members = {"\"code\":\"0x00\"", null, "\"codeHash\":\"0xbc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a\""};
        String creates = "6460016000f3600052" + "6005601b6000f000";
        code(CALLED, 9, creates);
        execute(Fork.HOMESTEAD, calls());
        String diff = tracer.diff();
        String child = diff.substring(diff.indexOf(":{\"code\":\"0x00\"}") - 44, diff.indexOf(":{\"code\":\"0x00\"}"));
        for (int i = 0; i < configs.length; i++) {
            state.clear();
            setUp();
            code(CALLED, 9, creates);
            long[] w = new long[Word.LONGS];
            Word.setHex(w, 0, child.substring(3, 43));
            state.account(w, 0, word(1), 0, 0);
            tracer = new PrestateTracer(state, configs[i]);
            execute(Fork.HOMESTEAD, calls());
            diff = tracer.diff();
            assertTrue(tells(diff, CALLED), diff);
            if (members[i] == null) {
                assertTrue(!diff.contains(child), diff);
            } else {
                assertTrue(diff.indexOf(child + ":{" + members[i] + "}") < diff.indexOf("\"pre\"") && diff.endsWith(child + ":{\"balance\":\"0x1\"}}}"), diff);
            }
        }
    }

    /// Who had nothing but code, which is not told, and is gone.
    @Test
    void whoIsGoneIsInPreWhateverIsTold() {
        state.account(word(CALLED), 0, word(0), 0, 0);
        state.setCode(word(CALLED), 0, MemorySegment.ofArray(new byte[] {0x61, (byte) 0xbe, (byte) 0xef, (byte) 0xff}), 0, 4);
        tracer = new PrestateTracer(state, PrestateConfig.defaults().withCode(false));
        execute(Fork.HOMESTEAD, calls());
        String diff = tracer.diff();
        assertTrue(diff.endsWith("," + address(CALLED) + ":{\"balance\":\"0x0\"}}}") && diff.indexOf(address(CALLED)) > diff.indexOf("\"pre\""), diff);
    }

    private String tree(CallTracer calls, long gas) {
        code(OTHER, 3, "5f5fa0" + "61deadff");
        code(CALLED, 9, "5f5fa0" + "5f5f5f5f5f61beef5af1" + "60115f5fa15f5260205ff3");
        return run(calls, gas);
    }

    private String run(CallTracer calls, long gas) {
        state.beginTransaction();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            machine.trace(calls);
            machine.run(new Message().caller(word(SENDER), 0).to(word(CALLED), 0).gas(gas));
        }
        return calls.json();
    }

    /// The outermost call as ever, its own records, and nothing of what is below it.
    @Test
    void theOutermostCallAlone() {
        state.account(word(0xdead), 0, word(1), 0, 1);
        String whole = tree(new CallTracer(true, CallTracer.BYTES_MAX), 100_000);
        assertTrue(whole.contains("\"calls\":[") && whole.contains("SELFDESTRUCT"), whole);
        String top = tree(new CallTracer(true, true, CallTracer.BYTES_MAX), 100_000);
        assertEquals(whole.substring(0, whole.indexOf(",\"calls\":")), top.substring(0, top.indexOf(",\"logs\":")));
        assertEquals(2, top.split("\"topics\":", -1).length - 1, top);
        assertTrue(!top.contains("calls") && !top.contains("SELFDESTRUCT"), top);
        top = tree(new CallTracer(false, true, CallTracer.BYTES_MAX), 100_000);
        assertEquals(whole.substring(0, whole.indexOf(",\"calls\":")) + "}", top);
        // A limit two calls deep ends it.
        code(OTHER, 0, "5f5f5f5f5f60055af100");
        top = run(new CallTracer(true, true, CallTracer.BYTES_MAX), 100_000);
        assertTrue(top.contains("\"gasUsed\":\"0x186a0\",\"error\":\"precompile missing\""), top);
    }

    /// A record of a call that succeeded, below one that succeeded, below one that failed, is none.
    @Test
    void whatFailsTakesAllRecordsBelowItAlong() {
        String calls = "5f5f5f5f5f61%x5af1";
        code(OTHER, 0, calls.formatted(0x2000) + "5f5ffd");
        code(0x1000, 0, "5f5fa0");
        code(0x2000, 0, calls.formatted(0x1000) + "00");
        code(CALLED, 0, calls.formatted(OTHER) + "5f5fa0");
        String json = run(new CallTracer(true, CallTracer.BYTES_MAX), 200_000);
        assertEquals(4, json.split("\"type\":", -1).length - 1, json);
        assertEquals(1, json.split("\"topics\":", -1).length - 1, json);
    }

    /// A number of a panic that is no Solidity's, though its low bits are.
    @Test
    void aPanicOfAnUnknownNumberSaysSo() {
        code(CALLED, 0, "634e487b71" + "60e01b5f52" + "678000000000000001" + "600452" + "60245ffd");
        assertTrue(run(new CallTracer(), 100_000).contains("\"revertReason\":\"unknown panic code: 0x8000000000000001\""),
                () -> run(new CallTracer(), 100_000));
    }
}
