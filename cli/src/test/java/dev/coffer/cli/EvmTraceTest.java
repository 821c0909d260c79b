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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--trace` (EIP-3155): what each instruction took, and what came of a case, as JSON that others can read.
class EvmTraceTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path files;

    private List<JsonObject> lines(Answer answer) {
        List<JsonObject> lines = new ArrayList<>();
        for (String line : answer.out().strip().split("\n")) {
            if (line.startsWith("{")) {
                lines.add(JsonParser.parseString(line).getAsJsonObject());
            }
        }
        return lines;
    }

    /// Name and cost of each instruction of a run.
    private List<String> costs(String... options) {
        String[] all = new String[options.length + 3];
        all[0] = "evm";
        all[1] = "run";
        all[2] = "--trace";
        System.arraycopy(options, 0, all, 3, options.length);
        return lines(new Cli(folder).run(all)).stream().filter(line -> line.has("opName"))
                .map(line -> line.get("opName").getAsString() + " " + line.get("gasCost").getAsString()
                        + (line.has("error") ? " " + line.get("error").getAsString() : ""))
                .toList();
    }

    /// As in go-ethereum: a creation is without the gas of the created one, which is its initcode's, and the deposit is no instruction's; a call is with it, also of what
    /// runs no instruction; what does not run has its fixed cost.
    @Test
    void eachInstructionTakesItsOwnGas() {
        List<String> creates = costs("--code", "60205f5ff000");
        assertEquals(List.of("PUSH1 0x3", "PUSH0 0x2", "PUSH0 0x2", "CREATE 0x7d05", "STOP 0x0", "STOP 0x0"), creates);
        assertEquals(List.of("PUSH1 0x3", "PUSH0 0x2", "RETURN 0x3"), costs("--create", "--code", "60205ff3"));
        // The identity, for 1,000 gas: 2,600 are not asked of a precompile.
        assertTrue(costs("--code", "5f5f5f5f60046103e8fa00").contains("STATICCALL 0x44c"));
        assertEquals(List.of("PUSH1 0x3", "PUSH1 0x3 OUT_OF_GAS"), costs("--gas", "5", "--code", "6001600101"));
        assertEquals("JUMP 0x8 STACK_UNDERFLOW", costs("--code", "56").getLast());
        assertEquals("MSTORE 0x3 MEMORY_TREE_LIMIT", costs("--memory-limit", "64", "--code", "5f60ff52").getLast());
        assertEquals("RETURN 0x0 CODE_PREFIX_RESERVED", costs("--create", "--code", "60ef5f5360015ff3").getLast());
    }

    /// A slot that was 1 is cleared: 4,800 are given back, from the next instruction on.
    @Test
    void refundsAreTold() {
        String pre = "{\"0x00000000000000000000000000000000000c0de0\":{\"code\":\"0x5f5f5500\",\"storage\":{\"0\":1}}}";
        List<JsonObject> lines = lines(new Cli(folder).run("evm", "run", "--trace", "--prestate", pre, "--to", "0x00000000000000000000000000000000000c0de0"));
        assertEquals("0x0", lines.get(2).get("refund").getAsString());
        assertEquals("0x12c0", lines.get(3).get("refund").getAsString());
    }

    private List<JsonObject> cases(String test, String... options) throws IOException {
        String file = Files.writeString(files.resolve("a \"test\".json"), test).toString();
        String[] all = new String[options.length + 4];
        all[0] = "evm";
        all[1] = "statetest";
        all[2] = "--trace";
        all[3] = file;
        System.arraycopy(options, 0, all, 4, options.length);
        List<JsonObject> cases = lines(new Cli(folder).run(all));
        cases.forEach(line -> assertEquals(file, line.get("file").getAsString()));
        return cases;
    }

    /// Whatever a test is called, its line is JSON; it says whether it passed, and why it did not.
    @Test
    void eachCaseIsALineOfJsonWithItsReason() throws IOException {
        String test =
                EvmCommandLineTest.STATE_TEST.replace("ROOT", EvmCommandLineTest.ROOT).replace("\"sends\"", "\"a \\\"quote\\\", a \\\\, \\u0001 and \\ud800\"");
        List<JsonObject> cases = cases(test.stripTrailing().replaceFirst("}$", ", \"none\" : { } }"));
        assertEquals(4, cases.size(), cases::toString);
        JsonObject good = cases.get(0);
        assertTrue(good.get("pass").getAsBoolean());
        assertEquals("a \"quote\", a \\, \u0001 and \ud800", good.get("test").getAsString());
        assertEquals("Frontier", good.get("fork").getAsString());
        assertEquals("d0g0v0", good.get("case").getAsString());
        assertEquals("0x5208", good.get("gasUsed").getAsString());
        assertEquals(EvmCommandLineTest.ROOT, good.get("stateRoot").getAsString());
        assertFalse(good.has("error"), good::toString);
        JsonObject unknown = cases.get(2);
        assertFalse(unknown.get("pass").getAsBoolean());
        assertEquals("fork Verkle is unknown", unknown.get("skipped").getAsString());
        assertFalse(unknown.has("stateRoot"), unknown::toString);
        assertTrue(cases.get(3).get("error").getAsString().contains("no object \"env\""), cases::toString);
        JsonObject bad = cases(test.replace(EvmCommandLineTest.ROOT, EvmCommandLineTest.ROOT.replace('6', '7')), "--fork", "Istanbul").getFirst();
        assertFalse(bad.get("pass").getAsBoolean());
        assertTrue(bad.get("error").getAsString().startsWith("state root: expected 0x7"), bad::toString);
        assertEquals(EvmCommandLineTest.ROOT, bad.get("stateRoot").getAsString());
    }
}
