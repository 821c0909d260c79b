package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What `coffer evm` prints and how it exits.
class EvmCommandLineTest {
    static {
        FirstLibrary.opened();
    }

    private static final String CASE = """
            {"id":"t","fork":"Cancun","env":{"number":1,"timestamp":1,"gasLimit":1,"coinbase":"0x1","prevRandao":"0x0",\
            "baseFee":1,"gasPrice":1,"origin":"0x1","chainId":1,"blobBaseFee":1},\
            "exec":{"caller":"0x1","to":"0x2000","value":"0x0","gas":100,"data":"0x"},"pre":{},"expect":\
            {"status":"success","gasUsed":0,"refund":0,"outLen":0,"output":"0x","storage":{},"outKeccak":\
            "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"}}
            """;

    private record Answer(int exitCode, List<String> lines, String errors) {
        String last() {
            return lines.getLast();
        }
    }

    private static Answer coffer(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine(Standard.ofProcess()).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode = line.execute(arguments);
        return new Answer(exitCode, out.toString().lines().toList(), err.toString());
    }

    private static String file(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream to = name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
            to.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file.toString();
    }

    @Test
    void vectorsEndWithTheCountsAndExitOneOnFailure(@TempDir Path folder) throws IOException {
        String wrong = CASE.replace("\"gasUsed\":0", "\"gasUsed\":1");
        String missing = CASE.replace("\"pre\"", "\"precompiles\":[18],\"pre\"");
        for (String name : new String[] {"a.jsonl", "a.jsonl.gz"}) {
            Answer good = coffer("evm", "vectors", file(folder, name, CASE + missing));
            assertEquals(List.of("SKIPPED t: precompile 18 is missing", "1 passed, 0 failed, 1 skipped"), good.lines());
            assertEquals(0, good.exitCode());
            Answer bad = coffer("evm", "vectors", file(folder, name, CASE + wrong + "{\"id\":\"cut"));
            assertEquals("1 passed, 2 failed, 0 skipped", bad.last());
            assertEquals("FAILED t: gas used: expected 1, was 0 (SUCCESS)", bad.lines().getFirst());
            assertEquals(1, bad.exitCode());
        }
    }

    /// The name of a case is its author's: it is spelt out, and commands no terminal.
    @Test
    void theNameOfACaseCommandsNoTerminal(@TempDir Path folder) throws IOException {
        String wrong = CASE.replace("\"gasUsed\":0", "\"gasUsed\":1").replace("\"id\":\"t\"", "\"id\":\"t\\u001b[31m\\r\\nu\\u009b\"");
        Answer answer = coffer("evm", "vectors", file(folder, "a.jsonl", wrong));
        assertEquals("FAILED t\\x1b[31m\\r\\nu\\x9b: gas used: expected 1, was 0 (SUCCESS)", answer.lines().getFirst());
    }

    /// A device without end says that it is empty; and a text that is packed small may be of any length.
    @Test
    void aLineHasAnEnd(@TempDir Path folder) throws IOException {
        for (String file : new String[] {"/dev/zero", file(folder, "a.jsonl.gz", " ".repeat(17 << 20))}) {
            Answer answer = coffer("evm", "vectors", file);
            assertEquals(ExitCode.WRONG_FORMAT, answer.exitCode(), answer.errors());
            assertTrue(answer.errors().contains(file + ": a line of more than 16777216 characters"), answer::errors);
        }
    }

    /// One unit of gas price, 21,000 gas, 1 wei to 0xdd; written as a filler writes it, with members that nobody needs.
    static final String STATE_TEST = """
            {
                "sends" : {
                    "_info" : { "comment" : "x", "lllcversion" : 1.5, "labels" : [ true, { } ] },
                    "//" : "nothing",
                    "env" : { "currentCoinbase" : "0x00000000000000000000000000000000000000cb", "currentDifficulty" : "0x20000",
                        "currentGasLimit" : "0x7fffffffffffffff", "currentNumber" : "0x01", "currentTimestamp" : "0x03e8", "currentBaseFee" : "0x0" },
                    "expect" : [ { "network" : [ ">=Frontier" ] } ],
                    "post" : {
                        "Frontier" : [ { "hash" : "ROOT", "indexes" : { "data" : 0, "gas" : 0, "value" : 0 },
                            "logs" : "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347" } ],
                        "Istanbul" : [ { "hash" : "ROOT", "indexes" : { "data" : 0, "gas" : 0, "value" : 0 },
                            "logs" : "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347" } ],
                        "Verkle" : [ { "hash" : "0x00", "indexes" : { "data" : 0, "gas" : 0, "value" : 0 }, "logs" : "0x00" } ]
                    },
                    "pre" : { "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b" : { "balance" : "0x0de0b6b3a7640000", "code" : "0x", "nonce" : "0x00",
                        "storage" : { } } },
                    "transaction" : { "data" : [ "0x" ], "gasLimit" : [ "0x5208" ], "gasPrice" : "0x01", "nonce" : "0x00",
                        "secretKey" : "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8",
                        "to" : "0x00000000000000000000000000000000000000dd", "value" : [ "0x01" ] }
                }
            }
            """;

    static final String ROOT = "0x67a14cf9dbf6048f1b1a821e33ebdf9d11129f19830d65807c2d29f06f04ef08";

    @Test
    void stateTestsEndWithTheCountsAndExitOneOnFailureAndOnNothing(@TempDir Path folder) throws IOException {
        String good = STATE_TEST.replace("ROOT", ROOT);
        String file = file(folder, "a.json", good);
        Answer all = coffer("evm", "statetest", file);
        assertEquals(List.of("PASSED sends/Frontier/d0g0v0", "PASSED sends/Istanbul/d0g0v0", "SKIPPED sends/Verkle/d0g0v0: fork Verkle is unknown",
                "2 passed, 0 failed, 1 skipped"), all.lines());
        assertEquals(0, all.exitCode());
        assertEquals("1 passed, 0 failed, 0 skipped", coffer("evm", "statetest", "--fork", "istanbul", file).last());
        assertEquals("2 passed, 0 failed, 1 skipped", coffer("evm", "statetest", "--test", "sends", file).last());
        Answer none = coffer("evm", "statetest", "--test", "other", file);
        assertEquals("0 passed, 0 failed, 0 skipped", none.last());
        assertEquals(1, none.exitCode());
        assertTrue(none.errors().contains("not one case was run"), none.errors());
        // A folder, of all files in it, whatever is below; compact as well as pretty-printed, zipped or not.
        Files.createDirectories(folder.resolve("below"));
        file(folder.resolve("below"), "b.json.gz", good.replaceAll("\\s*\n\\s*", ""));
        file(folder, "c.txt", "not a test");
        // What is hidden is no test: a release has a list of its files there.
        Files.createDirectories(folder.resolve(".meta"));
        file(folder.resolve(".meta"), "index.json", "{\"test_count\":1}");
        file(folder, ".hidden.json", "{}");
        assertEquals("4 passed, 0 failed, 2 skipped", coffer("evm", "statetest", "--signed", folder.toString()).last());
        // Forks with the rules of others are forks of their own.
        String forks = file(folder.resolve("below"), "forks.json",
                good.replace("\"Frontier\"", "\"BPO1\"").replace("\"Istanbul\"", "\"Osaka\"").replace("Verkle", "BPO2"));
        assertEquals(List.of("PASSED sends/BPO1/d0g0v0", "1 passed, 0 failed, 0 skipped"), coffer("evm", "statetest", "--fork", "bpo1", forks).lines());
        assertEquals(List.of("PASSED sends/Osaka/d0g0v0", "1 passed, 0 failed, 0 skipped"), coffer("evm", "statetest", "--fork", "osaka", forks).lines());
        Files.delete(Path.of(forks));
        String wrong = file(folder, "d.json", good.replace(ROOT.substring(0, 12), "0x0000000000"));
        Answer bad = coffer("evm", "statetest", wrong);
        assertEquals(1, bad.exitCode());
        assertTrue(bad.lines().getFirst().startsWith("FAILED " + wrong + ": sends/Frontier/d0g0v0: state root: expected 0x0000000000"), bad.lines()::toString);
        for (String nothing : new String[] {"", "{}", "{\"a\":{}}", "{\"a\":1}", "[]",
                "{\"a\":{\"env\":{},\"pre\":{},\"post\":{\"Cancun\":[{}]},\"transaction\":{}}}"}) {
            Answer empty = coffer("evm", "statetest", file(folder, "e.json", nothing));
            assertEquals(1, empty.exitCode(), nothing);
            assertFalse(empty.lines().toString().contains("Exception"), empty.lines()::toString);
        }
        assertEquals(2, coffer("evm", "statetest", "--fork", "nowhere", file).exitCode());
    }

    /// One file of a folder that cannot be read is a failure of its own, and no name prints a line that is none of a case.
    @Test
    void whatCannotBeReadIsOneFailureOfMany(@TempDir Path folder) throws IOException {
        String good = STATE_TEST.replace("ROOT", ROOT);
        file(folder, "a.json", good);
        String bad = Files.writeString(folder.resolve("b.json.gz"), "none").toString();
        file(folder, "c.json", good.replace("\"sends\"", "\"a\\nPASSED evil\""));
        Answer answer = coffer("evm", "statetest", "--fork", "Istanbul", folder.toString());
        assertEquals(List.of("PASSED sends/Istanbul/d0g0v0", "FAILED " + bad + ": ?/?/?: Not in GZIP format", "PASSED a\\nPASSED evil/Istanbul/d0g0v0",
                "2 passed, 1 failed, 0 skipped"), answer.lines());
        assertEquals(1, answer.exitCode());
        assertEquals(5, coffer("evm", "statetest", bad).exitCode());
    }

    /// EIP-3155: a line an instruction, and one a case.
    @Test
    void aTracedStateTestSaysItsRootItsOutputAndItsGas(@TempDir Path folder) throws IOException {
        String code = STATE_TEST.replace("ROOT", ROOT).replace("\"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b\" : {",
                "\"0x00000000000000000000000000000000000000dd\" : { \"balance\" : \"0x0\", \"code\" : \"0x600100\", \"nonce\" : \"0x1\", \"storage\" : { } }, "
                        + "\"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b\" : {")
                .replace("0x5208", "0x520b");
        String file = file(folder, "a.json", code);
        assertEquals(2, coffer("evm", "statetest", "--fork", "Istanbul", file).lines().size(), "without being asked for");
        Answer answer = coffer("evm", "statetest", "--trace", "--fork", "Istanbul", file);
        assertEquals(4, answer.lines().size(), answer.lines()::toString);
        assertEquals("STOP", JsonParser.parseString(answer.lines().get(1)).getAsJsonObject().get("opName").getAsString());
        JsonObject end = JsonParser.parseString(answer.lines().get(2)).getAsJsonObject();
        assertEquals("0x520b", end.get("gasUsed").getAsString());
        assertEquals("0x", end.get("output").getAsString());
        assertEquals(66, end.get("stateRoot").getAsString().length());
        assertFalse(end.get("pass").getAsBoolean());
        assertEquals("0 passed, 1 failed, 0 skipped", answer.last());
    }

    @Test
    void wrongOptionsAreRefusedInOneLine(@TempDir Path folder) throws IOException {
        String file = file(folder, "a.jsonl", CASE);
        assertEquals(2, coffer("evm", "vectors", "--times", "0", file).exitCode());
        Answer odd = coffer("evm", "vectors", "--memory-limit", "33", file);
        assertEquals(2, odd.exitCode());
        assertTrue(odd.errors().contains("multiple of 32"), odd.errors());
        assertEquals(2, coffer("evm", "run", "--code", "0").exitCode());
        assertEquals(2, coffer("evm", "run", "--code", "00", "--fork", "nowhere").exitCode());
    }

    /// EIP-3155: every required member, also for the instruction that a limit stops.
    @Test
    void traceHasEveryRequiredMember() {
        Answer answer = coffer("evm", "run", "--trace", "--memory-limit", "64", "--code",
                "5f5f60205f5f60046109fff15f6101005200");
        assertEquals(1, answer.exitCode());
        assertEquals(12, answer.lines().size(), "eleven instructions and the result");
        for (String line : answer.lines().subList(0, 11)) {
            JsonObject step = JsonParser.parseString(line).getAsJsonObject();
            for (String name : "pc op gas gasCost memSize stack depth returnData refund".split(" ")) {
                assertTrue(step.has(name), name + " in " + line);
            }
        }
        JsonObject last = JsonParser.parseString(answer.lines().get(10)).getAsJsonObject();
        assertEquals("MEMORY_TREE_LIMIT", last.get("error").getAsString());
        assertEquals("0x" + "00".repeat(32), last.get("returnData").getAsString());
    }

    /// 1 + 2 is stored, then there is nothing to jump to.
    @Test
    void aTraceSaysEachInstructionWithWhatItFoundAndWhatItTook() {
        Answer answer = coffer("evm", "run", "--trace", "--gas", "100", "--code", "60016002015f5256");
        String[] expected = {
                "{'pc':0,'op':96,'gas':'0x64','gasCost':'0x3','memSize':0,'stack':[],'depth':1,'returnData':'0x','refund':'0x0','opName':'PUSH1'}",
                "{'pc':2,'op':96,'gas':'0x61','gasCost':'0x3','memSize':0,'stack':['0x1'],'depth':1,'returnData':'0x','refund':'0x0','opName':'PUSH1'}",
                "{'pc':4,'op':1,'gas':'0x5e','gasCost':'0x3','memSize':0,'stack':['0x1','0x2'],'depth':1,'returnData':'0x','refund':'0x0','opName':'ADD'}",
                "{'pc':5,'op':95,'gas':'0x5b','gasCost':'0x2','memSize':0,'stack':['0x3'],'depth':1,'returnData':'0x','refund':'0x0','opName':'PUSH0'}",
                "{'pc':6,'op':82,'gas':'0x59','gasCost':'0x6','memSize':0,'stack':['0x3','0x0'],'depth':1,'returnData':'0x','refund':'0x0','opName':'MSTORE'}",
                "{'pc':7,'op':86,'gas':'0x53','gasCost':'0x8','memSize':32,'stack':[],'depth':1,'returnData':'0x','refund':'0x0','opName':'JUMP',"
                        + "'error':'STACK_UNDERFLOW'}"};
        assertEquals(List.of(expected), answer.lines().subList(0, answer.lines().size() - 1).stream().map(line -> line.replace('"', '\'')).toList());
        assertEquals(1, answer.exitCode());
    }

    /// A base of 2^31 bytes and a modulus of one: gas may pay for it, memory does not hold it.
    @Test
    void numbersOfModexpPastAnyMemoryAreALimitAndNoError() {
        String lengths = "7f" + "00".repeat(28) + "80000000" + "5f52" + "60016040" + "52";
        Answer answer = coffer("evm", "run", "--gas", Long.toString(Long.MAX_VALUE), "--code",
                lengths + "5f5f60605f5f60055af1");
        assertTrue(answer.last().startsWith("{\"status\":\"MEMORY_TREE_LIMIT\""), answer.last() + answer.errors());
        // No modulus: nothing to hold, whatever the other lengths (EIP-2565: 200 gas).
        String huge = "7f" + "ff".repeat(32) + "602052";
        answer = coffer("evm", "run", "--code", huge + "5f5f60605f5f600560c8f15f5260205ff3");
        assertTrue(answer.last().contains("\"output\":\"0x" + "00".repeat(31) + "01\""), answer.last());
    }
}
