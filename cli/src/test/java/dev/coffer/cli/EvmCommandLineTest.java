package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
        String missing = CASE.replace("\"pre\"", "\"precompiles\":[10],\"pre\"");
        for (String name : new String[] {"a.jsonl", "a.jsonl.gz"}) {
            Answer good = coffer("evm", "vectors", file(folder, name, CASE + missing));
            assertEquals(List.of("SKIPPED t: precompile 10 is missing", "1 passed, 0 failed, 1 skipped"), good.lines());
            assertEquals(0, good.exitCode());
            Answer bad = coffer("evm", "vectors", file(folder, name, CASE + wrong + "{\"id\":\"cut"));
            assertEquals("1 passed, 2 failed, 0 skipped", bad.last());
            assertEquals("FAILED t: gas used: expected 1, was 0 (SUCCESS)", bad.lines().getFirst());
            assertEquals(1, bad.exitCode());
        }
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
                "{'pc':7,'op':86,'gas':'0x53','gasCost':'0x0','memSize':32,'stack':[],'depth':1,'returnData':'0x','refund':'0x0','opName':'JUMP',"
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
