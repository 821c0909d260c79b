package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Fixture lines, good and spoiled: what was written is read, what is no JSON is refused with the place, and a runner has an answer
/// to every line.
class HostileJsonTest {
    private static final String SPICE = "{}[]\",:\\u0041/bfnrt-+.0eE truefalsn\u00e9\ud800\u0001x";
    private static final String CASE = """
            {"id":"t","fork":"Cancun","env":{"number":1,"timestamp":1,"gasLimit":1,"coinbase":"0x1","prevRandao":"0x0",\
            "baseFee":1,"gasPrice":1,"origin":"0x1","chainId":1,"blobBaseFee":1},\
            "exec":{"caller":"0x1","to":"0x2000","value":"0x0","gas":100,"data":"0x"},"pre":{},"expect":{"status":\
            "success","gasUsed":0,"refund":0,"outLen":0,"output":"0x","storage":{},"outKeccak":\
            "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"}}""";

    private final int[] answers = new int[2];

    private static Object value(SplittableRandom random, int depth, StringBuilder text) {
        text.append(" ".repeat(random.nextInt(2)));
        switch (random.nextInt(depth > 4 ? 4 : 6)) {
            case 0 -> {
                text.append(random.nextInt(8) == 0 ? "null" : "true");
                return text.charAt(text.length() - 1) == 'l' ? null : Boolean.TRUE;
            }
            case 1 -> {
                long number = random.nextLong() >> random.nextInt(64);
                text.append(number);
                return number;
            }
            case 2, 3 -> {
                return string(random, text);
            }
            case 4 -> {
                List<Object> values = new ArrayList<>();
                text.append('[');
                for (int i = random.nextInt(4); i > 0; i--) {
                    values.add(value(random, depth + 1, text));
                    text.append(i > 1 ? "," : "");
                }
                text.append(']');
                return values;
            }
            default -> {
                return object(random, depth, text);
            }
        }
    }

    private static Map<String, Object> object(SplittableRandom random, int depth, StringBuilder text) {
        Map<String, Object> members = new LinkedHashMap<>();
        text.append('{');
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = string(random, text);
            text.append("\t:");
            members.put(name, value(random, depth + 1, text));
            text.append(i > 1 ? " ," : "");
        }
        text.append('}');
        return members;
    }

    private static String string(SplittableRandom random, StringBuilder text) {
        StringBuilder value = new StringBuilder();
        text.append('"');
        for (int i = random.nextInt(6); i > 0; i--) {
            char c = random.nextInt(3) == 0 ? "\"\\/\b\f\n\r\t".charAt(random.nextInt(8)) : (char) (' ' + random.nextInt(500));
            value.append(c);
            if (c == '/' || c >= ' ' && c != '"' && c != '\\' && random.nextInt(4) > 0) {
                text.append(c);
            } else if (random.nextBoolean() || "\"\\\b\f\n\r\t".indexOf(c) < 0) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append('\\').append("\"\\bfnrt".charAt("\"\\\b\f\n\r\t".indexOf(c)));
            }
        }
        text.append('"');
        return value.toString();
    }

    private static String spoiled(SplittableRandom random, String text) {
        StringBuilder out = new StringBuilder(text);
        for (int changes = 1 + random.nextInt(3); changes > 0 && !out.isEmpty(); changes--) {
            int at = random.nextInt(out.length());
            switch (random.nextInt(4)) {
                case 0 -> out.setLength(at);
                case 1 -> out.deleteCharAt(at);
                case 2 -> out.insert(at, SPICE.charAt(random.nextInt(SPICE.length())));
                default -> out.setCharAt(at, SPICE.charAt(random.nextInt(SPICE.length())));
            }
        }
        return out.toString();
    }

    private void read(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        Map<String, Object> written = object(random, 0, text);
        assertEquals(written, Json.parse(text.toString()));
        Json.members(text.toString()).forEach((name, value) -> assertEquals(written.get(name), Json.parse(value)));
        String bad = spoiled(random, text.toString());
        answers[accepted(() -> Json.parse(bad))]++;
        accepted(() -> Json.members(bad).values().forEach(value -> accepted(() -> Json.parse(value))));
    }

    /// {@return 1 where it was taken, 0 where it was refused; anything else it throws fails}
    private static int accepted(Runnable reading) {
        try {
            reading.run();
            return 1;
        } catch (IllegalArgumentException e) {
            assertTrue(e.getMessage().startsWith("JSON at "), e.getMessage());
            return 0;
        }
    }

    private static void run(VectorRunner runner, SplittableRandom random) {
        String line = spoiled(random, CASE);
        assertEquals(runner.run(line, 1).verdict(), runner.run(line, 1).verdict(), line);
    }

    private static VectorRunner runner() {
        return new VectorRunner(EvmMemoryConfig.defaults(), null, new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12));
    }

    @Test
    void whatIsWrittenIsReadAndWhatIsNoJsonIsRefusedWithItsPlace() {
        Seeds.forEach(1, 10_000, this::read);
        for (int count : answers) {
            assertTrue(Long.getLong("coffer.seed") != null || count > 300, "each answer often: " + count);
        }
    }

    @Test
    void everyLineHasAnAnswer() {
        try (VectorRunner runner = runner()) {
            Seeds.forEach(1, 5_000, random -> run(runner, random));
        }
    }

    private static final String STATE_TEST = """
            {"t":{"env":{"currentCoinbase":"0xcb","currentDifficulty":"0x20000","currentGasLimit":"0x7fffffff","currentNumber":"0x01",\
            "currentTimestamp":"0x03e8","currentBaseFee":"0x1"},"post":{"Berlin":[{"hash":"0x00","indexes":{"data":0,"gas":0,"value":0},"logs":"0x00"}]},\
            "pre":{"0xa9":{"balance":"0xde0b6b3a7640000","code":"0x","nonce":"0x00","storage":{"0x1":"0x2"}}},"transaction":{"data":["0x00"],\
            "accessLists":[[{"address":"0xee","storageKeys":["0x01"]}]],"gasLimit":["0xffff"],"gasPrice":"0x01","nonce":"0x00","sender":"0xa9","to":"0xdd",\
            "value":["0x01"]}}}""";

    /// {@return what came of a file of state tests: each has a verdict, and the same one again}
    private static List<StateTestResult> run(StateTestRunner runner, String text) {
        List<StateTestResult> results = new ArrayList<>();
        runner.run(text, (test, fork) -> true, results::add);
        List<StateTestResult> again = new ArrayList<>();
        runner.run(text, (test, fork) -> true, again::add);
        assertEquals(results, again, text);
        results.forEach(result -> assertTrue(!result.detail().contains("Exception") && !result.detail().isEmpty(), () -> text + ": " + result));
        return results;
    }

    @Test
    void everyFileOfStateTestsHasAnAnswer() {
        try (StateTestRunner runner = new StateTestRunner(null, new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12), memory -> null)) {
            assertTrue(run(runner, STATE_TEST).getFirst().detail().startsWith("state root: expected 0x00, was "), "the good one runs");
            Seeds.forEach(1, 1_500, random -> run(runner, spoiled(random, STATE_TEST)));
        }
    }

    @Test
    @Tag("long")
    void jsonForLong() {
        LongRun.of("fixture JSON", this::read);
    }

    @Test
    @Tag("long")
    void casesForLong() {
        try (VectorRunner runner = runner()) {
            LongRun.of("EVM fixture cases", random -> run(runner, random));
        }
    }
}
