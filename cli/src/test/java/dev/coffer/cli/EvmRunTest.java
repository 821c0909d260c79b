package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.cli.Cli.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `coffer evm run` in a world that is described to it: who calls, with what, in which block, among which accounts.
class EvmRunTest {
    private static final String WHO = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
    private static final String OTHER = "0x00000000000000000000000000000000000000dd";
    private static final String RETURN = "5f5260205ff3";                                  // what lies on the stack

    @TempDir
    private Path folder;
    @TempDir
    private Path files;

    private Answer run(String... options) {
        String[] all = new String[options.length + 2];
        all[0] = "evm";
        all[1] = "run";
        System.arraycopy(options, 0, all, 2, options.length);
        return new Cli(folder).run(all);
    }

    private JsonObject result(int exitCode, String... options) {
        Answer answer = run(options);
        assertEquals(exitCode, answer.exitCode(), answer::toString);
        return JsonParser.parseString(answer.out()).getAsJsonObject();
    }

    private String output(String... options) {
        return result(0, options).get("output").getAsString().replaceFirst("^0x0*", "0x");
    }

    private void refused(String words, String... options) {
        Answer answer = run(options);
        assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
        assertTrue(answer.err().contains(words), answer::toString);
        assertEquals("", answer.out());
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(files.resolve(name), text).toString();
    }

    @Test
    void callerValueAndBalancesAreWhatWasSaid() {
        assertEquals(WHO, output("--caller", WHO, "--code", "33" + RETURN));
        assertEquals(WHO, output("--caller", WHO, "--code", "32" + RETURN), "ORIGIN");
        assertEquals("0x4", output("--to", "0x0000000000000000000000000000000000000004", "--input", "0x1234", "--code", "30" + RETURN),
                "code, though a precompile is there");
        assertEquals("0x1000000000000000000000000000000000000001", output("--code", "33" + RETURN));
        assertEquals("0x7", output("--value", "7", "--code", "34" + RETURN));
        assertEquals("0xff", output("--value", "0xff", "--code", "47" + RETURN), "who is called has it: SELFBALANCE");
        assertEquals("0x", output("--value", "7", "--code", "3331" + RETURN), "and the caller no longer");
        assertEquals("0x" + "f".repeat(64), output("--value", "0x" + "f".repeat(64), "--code", "34" + RETURN));
        assertEquals("0xdd", output("--to", OTHER, "--code", "30" + RETURN), "ADDRESS");
        refused("--caller: 0x1: expected an address, 40 hexadecimal digits", "--caller", "0x1", "--code", "00");
        refused("--to: +", "--to", "+" + "1".repeat(39), "--code", "00");
        for (String odd : new String[] {"-1", "1.5", "", "0x", "0x1" + "0".repeat(64), "\u0661"}) {
            refused("--value: " + odd + ": expected a number", "--value", odd, "--code", "00");
        }
    }

    /// The address of a creation is of its caller and that one's nonce; what `--input` has follows the initcode.
    @Test
    void aContractIsMadeAtItsAddressAndGetsItsArguments() throws IOException {
        JsonObject made = result(0, "--create", "--code", "6002600a5f3960025ff3", "--input", "0x6001");
        assertEquals("0x6001", made.get("output").getAsString(), "the two bytes behind its ten");
        JsonObject named = result(0, "--create", "--caller", "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", "--code", "00");
        assertEquals("0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d", named.get("created").getAsString());
        String first = file("first.json", "{\"0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0\":{\"nonce\":1,\"balance\":\"9\"}}");
        named = result(0, "--create", "--prestate", "@" + first, "--value", "9", "--caller", "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", "--code",
                "471560065700fe");
        assertEquals("0x343c43a37d37dff08ae8c4a11544c718abb4fcf8", named.get("created").getAsString());
        JsonObject failed = result(1, "--create", "--code", "fe");
        assertFalse(failed.has("created"), failed::toString);
        assertFalse(result(0, "--code", "00").has("created"));
        refused("has no place beside it", "--create", "--to", OTHER, "--code", "00");
        refused("Missing required option: '--code=HEX|@FILE'", "--create");
        refused("Missing required option: '--code=HEX|@FILE'", "--value", "1");
    }

    @Test
    void theBlockSaysWhatWasSaid() throws IOException {
        String ours = "{\"number\":17,\"timestamp\":\"0x12\",\"coinbase\":\"" + WHO + "\",\"gasLimit\":\"19\",\"prevRandao\":\"0x14\",\"baseFee\":21,"
                + "\"blobBaseFee\":22,\"chainId\":23,\"gasPrice\":24,\"origin\":\"" + OTHER + "\"}";
        String[][] says = {{"43", "0x11"}, {"42", "0x12"}, {"41", WHO}, {"45", "0x13"}, {"44", "0x14"}, {"48", "0x15"}, {"4a", "0x16"}, {"46", "0x17"},
                {"3a", "0x18"}, {"32", "0xdd"}};
        for (String[] one : says) {
            assertEquals(one[1], output("--block", ours, "--code", one[0] + RETURN), one[0]);
        }
        String env = "@" + file("env.json", "{ \"currentNumber\" : \"0x1f\", \"currentCoinbase\" : \"" + OTHER + "\", \"currentBaseFee\" : \"0x0a\",\n"
                + "\"currentRandom\" : \"0x" + "f".repeat(64) + "\", \"currentGasLimit\" : 1, \"currentTimestamp\" : \"1000\" }");
        String[][] tests = {{"43", "0x1f"}, {"41", "0xdd"}, {"48", "0xa"}, {"44", "0x" + "f".repeat(64)}, {"45", "0x1"}, {"42", "0x3e8"}, {"46", "0x1"}};
        for (String[] one : tests) {
            assertEquals(one[1], output("--block", env, "--code", one[0] + RETURN), one[0]);
        }
        assertEquals("0x", output("--code", "43" + RETURN), "without a block");
        refused("--block: nonsense: not a member of a block", "--block", "{\"nonsense\":1}", "--code", "00");
        refused("--block: number: expected a number", "--block", "{\"number\":\"x\"}", "--code", "00");
        refused("--block: 0x01: expected an address", "--block", "{\"coinbase\":\"0x01\"}", "--code", "00");
        refused("--block: expected an object of JSON, or @", "--block", "env.json", "--code", "00");
        refused("--block: ", "--block", "{\"number\":1", "--code", "00");
    }

    /// All that a state test, EEST's or another, and a block of a node say of a block; what no instruction answers is passed over.
    @Test
    void aBlockIsReadAsStateTestsAndNodesWriteIt() throws IOException {
        String env = "@" + file("env.json", "{\"currentCoinbase\":\"" + OTHER + "\",\"currentDifficulty\":\"0x20000\",\"currentExcessBlobGas\":\"0x2000000\","
                + "\"currentRandom\":\"0x7\",\"currentNumber\":\"0x12\",\"previousHash\":\"0x5e20\",\"currentBeaconRoot\":\"0x0\",\"currentWithdrawalsRoot\":\"0x0\","
                + "\"parentExcessBlobGas\":\"0x0\",\"currentBlobGasUsed\":null,\"withdrawals\":[],\"blockHashes\":{\"0x10\":\"0xabc\",\"15\":\"0xdef\"}}");
        String excess = "4a" + RETURN;
        assertEquals("0x5a86", output("--block", env, "--fork", "cancun", "--code", excess), "e^(2^25 / 3338477) = 23,174.8");
        assertEquals("0x32c", output("--block", env, "--fork", "osaka", "--code", excess), "812.8");
        assertEquals("0x37", output("--block", env, "--fork", "bpo1", "--code", excess), "55.7");
        assertEquals("0x9", output("--block", "{\"excessBlobGas\":5,\"blobBaseFee\":9}", "--code", excess));
        assertEquals("0xabc", output("--block", env, "--code", "601040" + RETURN));
        assertEquals("0xdef", output("--block", env, "--code", "600f40" + RETURN));
        assertEquals("0x", output("--block", env, "--code", "600e40" + RETURN));
        String block = "@" + file("block.json", "{\"hash\":\"0x1\",\"parentHash\":\"0xfa\",\"sha3Uncles\":\"0x2\",\"miner\":\"" + OTHER
                + "\",\"stateRoot\":\"0x3\",\"logsBloom\":\"0x\",\"mixHash\":\"0x7\",\"difficulty\":\"0x0\",\"number\":\"0x12\",\"gasUsed\":\"0x5208\",\"nonce\":\"0x0000000000000000\","
                + "\"extraData\":\"0x6265\",\"transactions\":[\"0x4\"],\"uncles\":[],\"excessBlobGas\":\"0x0\",\"size\":\"0x220\",\"baseFeePerGas\":\"0x5\"}");
        assertEquals("0xfa", output("--block", block, "--code", "601140" + RETURN), "its parent's");
        for (String both : new String[] {env, block}) {
            assertEquals("0x7", output("--block", both, "--code", "44" + RETURN), "not the difficulty, wherever it stands");
        }
        assertEquals("0x20000", output("--block", env, "--fork", "london", "--code", "4460005260206000f3"), "DIFFICULTY");
        refused("--block: excess blob gas 18446744073709551615: a fee of more than 256 bits", "--block", "{\"excessBlobGas\":\"0xffffffffffffffff\"}", "--code",
                "00");
        refused("--block: curentNumber: not a member of a block", "--block", "{\"curentNumber\":1}", "--code", "00");
    }

    @Test
    void accountsAreThereAsTheyWereWritten() throws IOException {
        String pre = "{\"" + WHO + "\":{\"balance\":\"0x0de0b6b3a7640000\",\"code\":\"0x\",\"nonce\":\"0x00\",\"storage\":{}},\"" + OTHER
                + "\":{\"balance\":\"12\",\"nonce\":3,\"code\":\"0x600254" + RETURN + "\",\"storage\":{\"0x02\":\"0xabc\"}}}";
        String state = "@" + file("pre.json", pre);
        assertEquals("0xabc", output("--prestate", state, "--to", OTHER), "its own code and storage");
        assertEquals("0xabc", output("--prestate", pre, "--to", OTHER));
        assertEquals("0xc", output("--prestate", state, "--code", "60dd31" + RETURN));
        assertEquals("0x9", output("--prestate", state, "--code", "60dd3b" + RETURN), "EXTCODESIZE");
        assertEquals("0xabc", output("--prestate", state, "--to", OTHER, "--code", "60025460ff50" + RETURN), "another code on its storage");
        assertEquals("0xde0b6b3a763ffff", output("--prestate", state, "--caller", WHO, "--value", "1", "--code", "3331" + RETURN));
        assertEquals("BALANCE_TOO_LOW", result(1, "--prestate", state, "--caller", OTHER, "--value", "13", "--code", "00").get("status").getAsString());
        assertEquals("0x6", output("--prestate", "{\"" + OTHER + "\":{\"balance\":6,\"codeHash\":\"0xc5d2\"}}", "--code", "60dd31" + RETURN));
        String genesis =
                "@" + file("genesis.json", "{\"config\":{\"chainId\":5},\"alloc\":{\"" + OTHER.substring(2) + "\":{\"balance\":\"0x5\"}},\"number\":\"0x0\"}");
        assertEquals("0x5", output("--prestate", genesis, "--code", "60dd31" + RETURN));
        refused("--prestate: " + OTHER + ": colour: not a member of an account", "--prestate", "{\"" + OTHER + "\":{\"colour\":1}}", "--code", "00");
        refused("--prestate: " + OTHER + ": code: expected hexadecimal bytes", "--prestate", "{\"" + OTHER + "\":{\"code\":\"0x5\"}}", "--code", "00");
        refused("--prestate: " + OTHER + ": expected an object", "--prestate", "{\"" + OTHER + "\":null}", "--code", "00");
        refused("--prestate: 0xdd: expected an address", "--prestate", "{\"0xdd\":{}}", "--code", "00");
        refused("--prestate: " + OTHER + ": nonce: expected at most 64 bits", "--prestate", "{\"" + OTHER + "\":{\"nonce\":\"18446744073709551616\"}}",
                "--code", "00");
        assertEquals(ExitCode.MISSING, run("--prestate", "@" + files.resolve("none"), "--code", "00").exitCode());
    }

    /// More accounts, slots and code than a world has room for unless it is told: 5,000 of 4,096.
    @Test
    void aLargeStateFindsRoom() throws IOException {
        StringBuilder all = new StringBuilder("{");
        for (int i = 0; i < 5_000; i++) {
            all.append(i == 0 ? "" : ",").append(String.format("\"0x%040x\":{\"balance\":%d,\"code\":\"0x00\",\"storage\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4}}",
                    0x10_0000 + i, i));
        }
        String state = "@" + file("large.json", all.append("}").toString());
        assertEquals("0x1387", output("--prestate", state, "--code", "6210138731" + RETURN));
    }

    /// Behind the answer, one line in the shape that was asked for.
    @Test
    void aTracerTellsBehindTheAnswer() {
        String pre = "{\"" + OTHER + "\":{\"balance\":\"12\",\"code\":\"0x5f5fa0600254\",\"storage\":{\"0x02\":\"0xabc\"}}}";
        String code = "5f5f5f5f5f60dd5af100";
        JsonObject call = traced("call", "--prestate", pre, "--code", code);
        JsonObject inner = call.getAsJsonArray("calls").get(0).getAsJsonObject();
        assertEquals(OTHER, inner.get("to").getAsString());
        assertEquals("0x0", inner.getAsJsonArray("logs").get(0).getAsJsonObject().get("position").getAsString());
        JsonObject before = traced("prestate", "--prestate", pre, "--code", code, "--caller", WHO);
        assertEquals("0x" + code, before.getAsJsonObject("0x00000000000000000000000000000000000c0de0").get("code").getAsString());
        assertEquals("0x" + "0".repeat(61) + "abc", before.getAsJsonObject(OTHER).getAsJsonObject("storage").get("0x" + "0".repeat(63) + "2").getAsString());
        assertEquals(2, before.size(), "the caller had nothing");
        assertTrue(traced("prestate", "--prestate", pre, "--code", code, "--caller", WHO, "--value", "5").has(WHO), "what it brings");
        assertEquals(15, traced("STRUCT", "--prestate", pre, "--code", code).getAsJsonArray("structLogs").size());
        assertEquals("CREATE", traced("call", "--create", "--code", "00").get("type").getAsString());
        refused("--trace and --tracer: one of them", "--trace", "--tracer", "call", "--code", "00");
        refused("--tracer", "--tracer", "other", "--code", "00");
    }

    private JsonObject traced(String kind, String... options) {
        String[] all = java.util.Arrays.copyOf(options, options.length + 2);
        all[options.length] = "--tracer";
        all[options.length + 1] = kind;
        Answer answer = run(all);
        assertEquals(0, answer.exitCode(), answer::toString);
        String[] lines = answer.out().strip().split("\n");
        assertEquals(2, lines.length, answer::toString);
        return JsonParser.parseString(lines[1]).getAsJsonObject();
    }

    /// Every byte of machine, state and transaction, and in what they say nothing is left out: the regions as they are mapped.
    @Test
    void thePlanIsPrintedBeforeAnythingIsOpened() {
        Answer table = new Cli(folder).run("evm", "plan");
        assertEquals(0, table.exitCode(), table::toString);
        for (String row : new String[] {"evm-memory", "frames", "evm-machine", "stacks", "evm state", "accounts", "slots", "undos", "evm transactions",
                "evm-precompiles", "transaction"}) {
            assertTrue(table.out().contains(row), row + " in " + table.out());
        }
        JsonObject plan =
                JsonParser.parseString(new Cli(folder).run("evm", "plan", "--json", "--fork", "cancun", "--memory-limit", "1048576").out()).getAsJsonObject();
        var machine = dev.coffer.evm.InterpreterConfig.of(dev.coffer.evm.opcode.Fork.CANCUN).withMemory(dev.coffer.evm.memory.EvmMemoryConfig.of(1 << 20));
        long state = dev.coffer.evm.WorldStateConfig.defaults().plan().totalBytes();
        var blst = dev.coffer.evm.precompiles.LibraryPrecompiles.plan(dev.coffer.evm.precompiles.CurveLibrary.BLST);
        var auto = dev.coffer.evm.precompiles.LibraryPrecompiles.plan(dev.coffer.evm.precompiles.CurveLibrary.named("auto"));
        assertEquals(machine.plan().totalBytes() + state + auto.totalBytes(), plan.get("totalBytes").getAsLong());
        long without = total("--precompiles", "bouncy-castle");
        assertEquals(blst.totalBytes(), total("--precompiles", "blst") - without);
        assertTrue(blst.totalBytes() > 100_000, blst::toString);
        assertEquals(ExitCode.USAGE, new Cli(folder).run("evm", "plan", "--precompiles", "none").exitCode());
        JsonObject large = JsonParser.parseString(new Cli(folder).run("evm", "plan", "--json", "--world", "block").out()).getAsJsonObject();
        assertTrue(large.get("heapBytes").getAsLong() > 150L << 20, large::toString);
        assertEquals(ExitCode.USAGE, new Cli(folder).run("evm", "plan", "--fork", "none").exitCode());
        assertEquals(ExitCode.USAGE, new Cli(folder).run("evm", "plan", "--memory-limit", "31").exitCode());
    }

    private long total(String... options) {
        String[] words = {"evm", "plan", "--json", options[0], options[1]};
        return JsonParser.parseString(new Cli(folder).run(words).out()).getAsJsonObject().get("totalBytes").getAsLong();
    }
}
