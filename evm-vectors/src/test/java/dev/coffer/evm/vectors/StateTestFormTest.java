package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Frame;
import dev.coffer.evm.Rejection;
import dev.coffer.evm.Status;
import dev.coffer.evm.Tracer;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.trie.StateRoot;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// State tests in each form that is about: what their members say is what runs. The state that a case should come to is written out; its root is computed here.
class StateTestFormTest {
    private static final WorldStateConfig ROOM = new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12);
    private static final String OTHER_CHAIN =
            "0x02f862028080808252089400000000000000000000000000000000000000dd8080c080a054006a630e70fca8d45a696d7dba3a1cb7d81cc8"
                    + "30cfce3be0f634373aac3f0aa02731816da5f27d090ffc551bf8f072fc87d5a2f9c03bff5fb5e89f632721ce1f";

    private static String resource(String name) throws IOException {
        try (InputStream in = StateTestFormTest.class.getResourceAsStream("/state-tests/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String root(String accounts) {
        WorldState world = new WorldState(ROOM);
        StateFile.of(accounts).into(world);
        return Hex.text(StateRoot.of(world));
    }

    /// Puts the root of each `state` before it.
    private static String filled(String text) {
        String rest = text;
        StringBuilder out = new StringBuilder();
        for (int at = rest.indexOf("\"state\":"); at >= 0; at = rest.indexOf("\"state\":")) {
            int start = rest.indexOf('{', at);
            int end = start + 1;
            for (int open = 1; open > 0; end++) {
                open += rest.charAt(end) == '{' ? 1 : rest.charAt(end) == '}' ? -1 : 0;
            }
            String root = root(rest.substring(start, end));
            out.append(rest.substring(0, end).replace("\"ROOT\"", "\"" + root + "\"").replace("\"UPPER\"", "\"" + root.toUpperCase(Locale.ROOT) + "\""));
            rest = rest.substring(end);
        }
        return out.append(rest).toString();
    }

    private static List<StateTestResult> run(String text, boolean asSigned) {
        List<StateTestResult> results = new ArrayList<>();
        try (StateTestRunner runner = new StateTestRunner(null, ROOM, machine -> null).asSigned(asSigned)) {
            runner.run(text, (test, fork) -> true, results::add);
        }
        return results;
    }

    private static void allPass(int cases, String text) {
        List<StateTestResult> results = run(text, false);
        assertEquals(List.of(), results.stream().filter(result -> result.verdict() != Verdict.PASSED).toList());
        assertEquals(cases, results.size());
        assertEquals(results, run(text, true), "as signed");
    }

    /// The price of blobs is that of the fork, or of the file's schedule; the chain is the file's.
    @Test
    void blobsCostWhatTheForkOrTheFileSays() throws IOException {
        allPass(4, filled(resource("blobs.json")));
        List<StateTestResult> unsaid = run(filled(resource("blobs.json")).replace("\"BPO3\": {", "\"BPO4\": {"), false);
        assertTrue(unsaid.getLast().detail().contains("fork BPO3: nothing says its baseFeeUpdateFraction"), unsaid::toString);
    }

    @Test
    void authorizationsAreReadByEachOfTheirMembers() throws IOException {
        String text = filled(resource("set-code.json"));
        allPass(5, text);
        try (StateTestRunner runner = new StateTestRunner(null, ROOM, machine -> null).asSigned(true)) {
            runner.run(text, (test, fork) -> true, result -> {});
            assertEquals(2, runner.signed());
        }
        String other = text.replace("\"chainId\": \"0x00\"", "\"chainId\": \"0x06\"");
        assertEquals(2, run(other, false).stream().filter(result -> result.verdict() == Verdict.FAILED).count(), "for another chain they are passed over");
        assertTrue(run(text.replace("\"chainid\": \"0x05\"", "\"chainid\": \"0x01\""), true).getFirst().detail().contains("OTHER_CHAIN"));
    }

    @Test
    void whatIsNullIsNotThere() throws IOException {
        allPass(4, filled(resource("forms.json")));
    }

    private static final String SENDS = """
            {"sends":{"env":{"currentCoinbase":"0x00000000000000000000000000000000000000cb","currentDifficulty":"0x0","currentGasLimit":"0xffffffffff",\
            "currentNumber":"0x01","currentTimestamp":"0x03e8","currentBaseFee":"0x0"},"post":{"Prague":[{"hash":"ROOT",\
            "logs":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347","indexes":{"data":0,"gas":0,"value":0}EXPECTS,\
            "state":{STATE}}]},"pre":{"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b":{"balance":"0x10","code":"0x","nonce":"0x00","storage":{}}PRE},\
            "transaction":{"data":["0x"],"gasLimit":["0x5208"],"maxFeePerGas":"0x0","nonce":"0x00","sender":"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b",\
            "to":"0x00000000000000000000000000000000000000dd","value":["0x00"]}}}""";
    private static final String BEFORE = "\"0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b\":{\"balance\":\"0x10\"}";

    private static String sends(String expects, String state, String pre) {
        return filled(SENDS.replace("EXPECTS", expects).replace("STATE", state).replace("PRE", pre));
    }

    /// What is wrong with a transaction may be in its bytes alone; nothing else makes it wrong.
    @Test
    void aTransactionThatItsBytesMakeInvalidIsInvalid() {
        String invalid = ",\"expectException\":\"TransactionException.INVALID_CHAINID\"";
        assertEquals(Verdict.PASSED, run(sends(invalid + ",\"txbytes\":\"" + OTHER_CHAIN + "\"", BEFORE, ""), false).getFirst().verdict());
        assertTrue(run(sends(invalid, BEFORE, ""), false).getFirst().detail().contains("was executed (SUCCESS)"));
        String its =
                sends(invalid + ",\"txbytes\":\"" + OTHER_CHAIN + "\"", BEFORE, "").replace("{\"sends\":{", "{\"sends\":{\"config\":{\"chainid\":\"0x02\"},");
        assertTrue(run(its, false).getFirst().detail().contains("was executed (SUCCESS)"), "it is of this chain");
    }

    private static StateTestResult invalid(String reason, String was, String instead) {
        return run(sends(",\"expectException\":\"" + reason + "\"", BEFORE, "").replace(was, instead), false).getFirst();
    }

    private static void isFor(String reason, String was, String instead) {
        StateTestResult result = invalid(reason, was, instead);
        assertEquals("PASSED ", result.verdict() + " " + result.detail(), reason);
    }

    /// A test that names a reason is passed by that one alone, by whichever of its names, and by one of several.
    @Test
    void anInvalidTransactionIsInvalidForTheReasonThatIsNamed() {
        String nonce = "\"nonce\":\"0x00\",\"sender\"";
        isFor("TransactionException.NONCE_MISMATCH_TOO_HIGH", nonce, nonce.replace("0x00", "0x01"));
        isFor("TR_NonceTooHigh", nonce, nonce.replace("0x00", "0x01"));
        isFor("TransactionException.NONCE_MISMATCH_TOO_LOW | TransactionException.NONCE_MISMATCH_TOO_HIGH", nonce, nonce.replace("0x00", "0x01"));
        isFor("TR_NonceHasMaxValue", nonce, nonce.replace("0x00", "0xffffffffffffffff"));
        isFor("TransactionException.INTRINSIC_GAS_TOO_LOW", "0x5208", "0x5207");
        isFor("TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", "[\"0x\"],\"gasLimit\":[\"0x5208\"]", "[\"0xff\"],\"gasLimit\":[\"0x521f\"]");
        isFor("TR_GasLimitReached", "0xffffffffff", "0x5207");
        isFor("TR_NoFunds", "\"value\":[\"0x00\"]", "\"value\":[\"0x11\"]");
        isFor("TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST", "\"maxFeePerGas\"", "\"authorizationList\":[],\"maxFeePerGas\"");
        isFor("TransactionException.TYPE_3_TX_ZERO_BLOBS", "\"maxFeePerGas\"", "\"blobVersionedHashes\":[],\"maxFeePerGas\"");
        isFor("TR_TipGtFeeCap", "\"maxFeePerGas\"", "\"maxPriorityFeePerGas\":\"0x1\",\"maxFeePerGas\"");
        isFor("TR_FeeCapLessThanBlocks", "\"currentBaseFee\":\"0x0\"", "\"currentBaseFee\":\"0x1\"");
    }

    @Test
    void anInvalidTransactionForAnotherReasonFails() {
        String nonce = "\"nonce\":\"0x00\",\"sender\"";
        StateTestResult result = invalid("TransactionException.INSUFFICIENT_ACCOUNT_FUNDS", nonce, nonce.replace("0x00", "0x01"));
        assertEquals("FAILED expected to be invalid for TransactionException.INSUFFICIENT_ACCOUNT_FUNDS, is for NONCE_TOO_HIGH",
                result.verdict() + " " + result.detail());
        // Both are wrong: whichever is named.
        for (String reason : new String[] {"TR_NoFunds", "TR_NonceTooHigh"}) {
            String text = sends(",\"expectException\":\"" + reason + "\"", BEFORE, "").replace(nonce, nonce.replace("0x00", "0x01"))
                    .replace("\"value\":[\"0x00\"]", "\"value\":[\"0x11\"]");
            assertEquals(Verdict.PASSED, run(text, false).getFirst().verdict(), reason);
        }
        StateTestResult unknown = invalid("TransactionException.NEVER_HEARD_OF", nonce, nonce.replace("0x00", "0x01"));
        assertEquals("PASSED invalid (NONCE_TOO_HIGH); whether for TransactionException.NEVER_HEARD_OF is not known here",
                unknown.verdict() + " " + unknown.detail());
        // What no transaction can be written with, and what its bytes alone say.
        assertEquals(Verdict.PASSED, invalid("TransactionException.NONCE_OVERFLOW", nonce, nonce.replace("0x00", "0x10000000000000000")).verdict());
        StateTestResult wide = invalid("TR_NoFunds", nonce, nonce.replace("0x00", "0x10000000000000000"));
        assertTrue(wide.detail().startsWith("expected to be invalid for TR_NoFunds, is for number 0x1"), wide::detail);
        String chain = ",\"expectException\":\"TransactionException.INVALID_SIGNATURE_VRS\",\"txbytes\":\"" + OTHER_CHAIN + "\"";
        assertEquals("expected to be invalid for TransactionException.INVALID_SIGNATURE_VRS, is for as signed OTHER_CHAIN",
                run(sends(chain, BEFORE, ""), false).getFirst().detail());
    }

    private static final String VALUE = "\"value\":[\"0x00\"]";
    private static final String NONCE = "\"nonce\":\"0x00\",\"sender\"";

    private static void areFor(Set<String> reasons, String text) {
        Set<String> met = new TreeSet<>();
        for (String reason : List.of("NONCE_IS_MAX", "NONCE_MISMATCH_TOO_HIGH", "NONCE_MISMATCH_TOO_LOW", "INSUFFICIENT_ACCOUNT_FUNDS", "INTRINSIC_GAS_TOO_LOW",
                "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS", "INSUFFICIENT_MAX_FEE_PER_GAS", "GAS_ALLOWANCE_EXCEEDED",
                "TYPE_3_TX_BLOB_COUNT_EXCEEDED", "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH", "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS", "SENDER_NOT_EOA",
                "GAS_LIMIT_EXCEEDS_MAXIMUM", "INITCODE_SIZE_EXCEEDED", "TYPE_4_TX_CONTRACT_CREATION")) {
            if (run(text.replace("REASON", "TransactionException." + reason), false).getFirst().verdict() == Verdict.PASSED) {
                met.add(reason);
            }
        }
        assertEquals(new TreeSet<>(reasons), met);
    }

    private static String wrong(String... wasAndInstead) {
        return wrongIn(BEFORE, wasAndInstead);
    }

    private static String wrongIn(String state, String... wasAndInstead) {
        String text = sends(",\"expectException\":\"REASON\"", state, "");
        for (int i = 0; i < wasAndInstead.length; i += 2) {
            assertTrue(text.contains(wasAndInstead[i]), wasAndInstead[i]);
            text = text.replace(wasAndInstead[i], wasAndInstead[i + 1]);
        }
        return text;
    }

    /// Implementations look in an order of their own: whichever of all that is wrong with gas, fees, sender and form is named, and nothing else.
    @Test
    void eachThingThatIsWrongMayBeNamed() {
        String poor = VALUE.replace("0x00", "0x11");
        String high = NONCE.replace("0x00", "0x01");
        areFor(Set.of("NONCE_IS_MAX", "NONCE_MISMATCH_TOO_HIGH"), wrong(NONCE, NONCE.replace("0x00", "0xffffffffffffffff")));
        areFor(Set.of("INTRINSIC_GAS_TOO_LOW", "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", "INSUFFICIENT_ACCOUNT_FUNDS", "NONCE_MISMATCH_TOO_HIGH"),
                wrong("0x5208", "0x5207", VALUE, poor, NONCE, high));
        areFor(Set.of("INTRINSIC_GAS_TOO_LOW", "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", "INSUFFICIENT_ACCOUNT_FUNDS"),
                wrong("[\"0x\"],\"gasLimit\":[\"0x5208\"]", "[\"0xff\"],\"gasLimit\":[\"0x521f\"]", VALUE, poor));
        for (String name : new String[] {"TR_IntrinsicGas", "IntrinsicGas", "TR_NoFundsOrGas"}) {
            isFor(name, "[\"0x\"],\"gasLimit\":[\"0x5208\"]", "[\"0xff\"],\"gasLimit\":[\"0x521f\"]");
        }
        areFor(Set.of("PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS", "INSUFFICIENT_MAX_FEE_PER_GAS", "INSUFFICIENT_ACCOUNT_FUNDS"),
                wrong("\"maxFeePerGas\"", "\"maxPriorityFeePerGas\":\"0x1\",\"maxFeePerGas\"", "\"currentBaseFee\":\"0x0\"", "\"currentBaseFee\":\"0x1\"",
                        VALUE,
                        poor));
        areFor(Set.of("GAS_ALLOWANCE_EXCEEDED", "GAS_LIMIT_EXCEEDS_MAXIMUM", "INSUFFICIENT_ACCOUNT_FUNDS"),
                wrong("\"Prague\"", "\"Osaka\"", "0x5208", "0x1000001", "0xffffffffff", "0x1000000", VALUE, poor));
        areFor(Set.of("INTRINSIC_GAS_TOO_LOW", "SENDER_NOT_EOA", "INSUFFICIENT_ACCOUNT_FUNDS"),
                wrongIn(BEFORE.replace("}", ",\"code\":\"0x00\"}"), "\"Prague\"", "\"London\"", "0x5208", "0x5207", "\"code\":\"0x\"", "\"code\":\"0x00\"",
                        VALUE,
                        poor));
    }

    @Test
    void whatIsBehindAWrongFormMayBeNamed() {
        String hashes = "\"0x02" + "0".repeat(62) + "\"";
        String many = "\"maxFeePerBlobGas\":\"0x0\",\"blobVersionedHashes\":[" + String.join(",", Collections.nCopies(10, hashes)) + "],\"maxFeePerGas\"";
        areFor(Set.of("TYPE_3_TX_BLOB_COUNT_EXCEEDED", "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH", "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS", "NONCE_MISMATCH_TOO_HIGH"),
                wrong("\"maxFeePerGas\"", many, NONCE, NONCE.replace("0x00", "0x01")));
        String large = "[\"0x" + "00".repeat(49_153) + "\"]";
        areFor(Set.of("NONCE_IS_MAX", "NONCE_MISMATCH_TOO_HIGH", "INITCODE_SIZE_EXCEEDED", "TYPE_4_TX_CONTRACT_CREATION", "INTRINSIC_GAS_TOO_LOW",
                "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST"),
                wrong("\"maxFeePerGas\"", "\"authorizationList\":[],\"maxFeePerGas\"", "\"to\":\"0x00000000000000000000000000000000000000dd\"", "\"to\":\"\"",
                        "[\"0x\"]", large, NONCE, NONCE.replace("0x00", "0xffffffffffffffff")));
    }

    /// Bytes that are none say nothing of a transaction.
    @Test
    void noBytesMakeNothingInvalid() {
        for (String bytes : new String[] {"", "0x"}) {
            String expects = ",\"expectException\":\"TransactionException.RLP_TOO_FEW_ELEMENTS\",\"txbytes\":\"" + bytes + "\"";
            assertTrue(run(sends(expects, BEFORE, ""), false).getFirst().detail().contains("was executed (SUCCESS)"), bytes);
        }
    }

    /// Each rejection has a name of the public tests, but what no file can say; and each name is of something.
    @Test
    void eachReasonHasItsName() {
        EnumSet<Rejection> named = EnumSet.allOf(Rejection.class);
        named.removeIf(rejection -> !ExpectedReason.names(rejection).isEmpty());
        assertEquals(EnumSet.of(Rejection.NONE, Rejection.FIELD_OF_ANOTHER_TYPE), named);
    }

    /// How many blobs a block has is the file's to say: of a fork that it names, in every version of its name.
    @Test
    void blobsAreAsManyAsTheFileSays() {
        String hash = "\"0x01" + "0".repeat(62) + "\"";
        String seven = "\"maxFeePerBlobGas\":\"0x1\",\"blobVersionedHashes\":[" + String.join(",", Collections.nCopies(7, hash)) + "],\"maxFeePerGas\"";
        String many = "TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED";
        String rich = "\"balance\":\"0x10\"";
        String says = "{\"sends\":{\"config\":{\"blobSchedule\":{\"FORK\":{\"target\":\"0x3\",\"max\":\"MAX\",\"baseFeeUpdateFraction\":\"0x4c6964\"}}},";
        for (String max : new String[] {"0x06", "0x07"}) {
            String text = sends(",\"expectException\":\"" + many + "\"", BEFORE.replace("0x10", "0x1000000"), "").replace(rich, "\"balance\":\"0x1000000\"")
                    .replace("\"maxFeePerGas\"", seven).replace("{\"sends\":{", says.replace("FORK", "prague").replace("MAX", max));
            StateTestResult result = run(text, false).getFirst();
            assertEquals(max.equals("0x06") ? "PASSED " : "FAILED expected to be invalid, " + many + ", was executed (SUCCESS)",
                    result.verdict() + " " + result.detail());
        }
    }

    @Test
    void theExcessOfBlobsIsFoundByTheBlockBefore() {
        BlobSchedule prague = BlobSchedule.of("Prague", null);
        BigInteger blob = BigInteger.valueOf(1 << 17);
        BigInteger[] of = new BigInteger[13];
        for (int i = 0; i < of.length; i++) {
            of[i] = blob.multiply(BigInteger.valueOf(i));
        }
        assertEquals(of[0], prague.excess(Fork.PRAGUE, of[2], of[3], of[0]));
        assertEquals(of[1], prague.excess(Fork.PRAGUE, of[4], of[3], of[0]));
        // EIP-7918: a fee of 1 for 2^17 gas is below 2^13 gas at 17, not at 16.
        BigInteger sixteen = BigInteger.valueOf(16);
        assertEquals(of[1], prague.excess(Fork.OSAKA, of[4], of[3], sixteen));
        assertEquals(of[5], prague.excess(Fork.OSAKA, of[4], of[3], sixteen.add(BigInteger.ONE)));
    }

    /// A case that has no room in the small state is run in a larger one.
    @Test
    void aCaseThatNeedsMoreRoomHasIt() {
        // Stores to 20,000 slots.
        String account =
                "\"0x00000000000000000000000000000000000000dd\":{\"balance\":\"0x0\",\"code\":\"0x614e205b80805560019003806003575b00\",\"nonce\":\"0x1\",\"storage\":{}}";
        String text = sends("", BEFORE, "," + account).replace("0x5208", "0x20000000");
        List<StateTestResult> results = new ArrayList<>();
        try (StateTestRunner runner = new StateTestRunner(null)) {
            runner.run(text, (test, fork) -> true, results::add);
        }
        assertTrue(results.getFirst().detail().startsWith("state root: expected") && results.getFirst().detail().endsWith("(SUCCESS)"), results::toString);
        assertTrue(run(text, false).getFirst().detail().startsWith("ended by HOST_LIMIT"));
    }

    /// A store at 40 MiB, past what a machine usually holds: run again on a larger one, and seen once.
    @Test
    void aCaseThatIsRunAgainIsSeenOnce() {
        String account =
                "\"0x00000000000000000000000000000000000000dd\":{\"balance\":\"0x0\",\"code\":\"0x5f6302800000525f3560015500\",\"nonce\":\"0x1\",\"storage\":{}}";
        String state = BEFORE.replace("}", ",\"nonce\":1}") + "," + account;
        String text = sends("", state, "," + account).replace("0x5208", "0xf0000000");
        int[] seen = new int[2];
        for (int small = 0; small < 2; small++) {
            String one = small == 0 ? text : text.replace("6302800000", "6300000020");
            try (StateTestRunner runner = new StateTestRunner(null, ROOM, machine -> new Tracer() {
                @Override
                public void begin(Frame frame) {
                    seen[0]++;
                }

                @Override
                public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
                    seen[1]++;
                }

                @Override
                public void end(Frame frame, Status status) {}
            })) {
                List<StateTestResult> results = new ArrayList<>();
                runner.run(one, (test, fork) -> true, results::add);
                assertEquals(small == 0 ? Verdict.PASSED : Verdict.FAILED, results.getFirst().verdict(), results::toString);   // its code is another
            }
            assertEquals(small + 1, seen[0]);
            assertEquals(8 * (small + 1), seen[1]);
        }
    }

    @Test
    void whatIsNoStateTestIsSkippedByItsName() {
        String chain = "{\"a\":{\"blocks\":[],\"_info\":{\"fixture-format\":\"blockchain_test\",\"x\":1.5}}}";
        StateTestResult result = run(chain, false).getFirst();
        assertEquals("SKIPPED a blockchain_test, no state test", result.verdict() + " " + result.detail());
        String amsterdam = sends("", BEFORE, "").replace("\"Prague\"", "\"Amsterdam\"");
        assertEquals("fork Amsterdam is unknown", run(amsterdam, false).getFirst().detail());
    }

    /// A fee of blobs that would have more bits than any number, computed term by term, took for ever.
    @Test
    void aBlockThatCannotBeIsRefusedAtOnce() {
        for (String excess : new String[] {"0xffffffffffffffff", "0x7fffffffffffffffffff"}) {
            String text = sends("", BEFORE, "").replace("\"currentBaseFee\"", "\"currentExcessBlobGas\":\"" + excess + "\",\"currentBaseFee\"");
            assertTrue(run(text, false).getFirst().detail().contains("a fee of more than 256 bits"), () -> run(text, false).toString());
        }
        String zero = sends("", BEFORE, "").replace("{\"sends\":{",
                "{\"sends\":{\"config\":{\"blobSchedule\":{\"prague\":{\"baseFeeUpdateFraction\":\"0x0\"}}},");
        assertTrue(run(zero, false).getFirst().detail().contains("baseFeeUpdateFraction 0"));
    }

    @Test
    void numbersAreReadInEachForm() {
        Map<Object, Long> forms = Map.of("0x", 0L, "0x00", 0L, "0x0a", 10L, "0xA", 10L, "10", 10L, 10L, 10L, "0x" + "0".repeat(70) + "a", 10L);
        forms.forEach((form, value) -> assertEquals((long) value, Hex.number(form), form::toString));
        for (Object odd : new Object[] {"", "0x+1", "-1", -1L, "1f", "0xg", "\u0661", true}) {
            try {
                throw new AssertionError(odd + " was read as " + Hex.number(odd));
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("number " + odd), e.getMessage());
            }
        }
    }
}
