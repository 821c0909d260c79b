package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Secp256k1Model.Signature;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Delegated code (EIP-7702): which authorizations hold, what they write and give back, and what each way to call an account that delegates costs, runs and sees.
///
/// 0x5e4d sends; key 2 signs authorizations, its account is [#AUTHORITY]; 0xde1e is the delegate; 0xc0de calls.
class DelegationTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLER = 0xc0de;
    private static final long DELEGATE = 0xde1e;
    private static final long CHAIN = 5;
    private static final BigInteger KEY = BigInteger.TWO;
    private static final long[] AUTHORITY = RlpModel.address(KEY);
    private static final long RICH = 1L << 60;

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 12));
    private final Transaction t = new Transaction(4, 1, 4);

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    /// {@return keccak256(0x05, rlp([chain, address, nonce]))}
    private static BigInteger digest(BigInteger chain, long address, long nonce) {
        byte[] list = RlpModel.list(RlpModel.number(chain), RlpModel.string(RlpModel.bytes(BigInteger.valueOf(address), 20)),
                RlpModel.number(new BigInteger(Long.toUnsignedString(nonce))));
        return new BigInteger(1, RlpModel.keccak(RlpModel.joined(new byte[] {5}, list)));
    }

    private void authorize(BigInteger chain, long address, long nonce) {
        Signature signature = Secp256k1Model.sign(KEY, digest(chain, address, nonce), BigInteger.valueOf(99));
        authorize(chain, address, nonce, signature.odd() ? 1 : 0, signature.r(), signature.s());
    }

    private void authorize(BigInteger chain, long address, long nonce, int parity, BigInteger r, BigInteger s) {
        long[] w = new long[16];
        Word.set(w, 0, chain);
        Word.set(w, 4, address);
        Word.set(w, 8, r);
        Word.set(w, 12, s);
        assertTrue(t.authorization(w, 0, 4, nonce, parity, 8, 12));
    }

    private void account(long[] who, long balance, long nonce, String code) {
        state.account(who, 0, word(balance), 0, nonce);
        byte[] bytes = HexFormat.of().parseHex(code);
        state.setCode(who, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private static String hex(long[] address) {
        String digits = Word.toBigInteger(address, 0).toString(16);
        return "0".repeat(40 - digits.length()) + digits;
    }

    private static String designator(long[] address) {
        return "ef0100" + hex(address);
    }

    private String code(long[] who) {
        byte[] bytes = new byte[(int) state.codeLength(who, 0)];
        if (bytes.length > 0) {
            state.copyCode(who, 0, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
        }
        return HexFormat.of().formatHex(bytes);
    }

    /// The delegate stores what CALLER, ADDRESS and CODESIZE say, and ends.
    private void fresh() {
        state.clear();
        account(word(SENDER), RICH, 7, "");
        account(word(DELEGATE), 0, 1, "33600055" + "30600155" + "38600255" + "00");
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        state.block().set(Opcode.CHAINID, word(CHAIN), 0);
        t.clear().type(Transaction.SET_CODE).sender(word(SENDER), 0).to(word(0xdead), 0).nonce(7).gas(200_000);
    }

    private TransactionOutcome execute(Fork fork) {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, null)) {
            return new TransactionExecutor(machine, state).execute(t);
        }
    }

    private long stored(long[] who, long key) {
        long[] w = new long[4];
        state.load(who, 0, word(key), 0, w, 0);
        return w[0];
    }

    // --- authorizations ---------------------------------------------------------------------------------------------

    @Test
    void oneOfThisChainOrOfAllIsWrittenAndPaidFor() {
        for (long chain : new long[] {0, CHAIN}) {
            fresh();
            authorize(BigInteger.valueOf(chain), DELEGATE, 0);
            TransactionOutcome outcome = execute(Fork.PRAGUE);
            assertEquals(Status.SUCCESS, outcome.status());
            assertEquals(21_000 + 25_000, outcome.gasUsed());
            assertEquals(0, outcome.gasRefunded(), "the account was not there");
            assertEquals(designator(word(DELEGATE)), code(AUTHORITY));
            assertEquals(1, state.nonce(AUTHORITY, 0));
        }
    }

    @Test
    void anAccountThatIsThereGivesGasBackUpToAFifth() {
        fresh();
        account(AUTHORITY, 1, 3, "");
        authorize(BigInteger.ZERO, DELEGATE, 3);
        TransactionOutcome outcome = execute(Fork.PRAGUE);
        assertEquals(46_000 / 5, outcome.gasRefunded(), "of 12,500");
        assertEquals(46_000 - 46_000 / 5, outcome.gasUsed());
        fresh();
        account(AUTHORITY, 1, 3, "");
        account(word(0xdead), 0, 1, "5b600056");                        // spends all: the refund stands although the code fails
        authorize(BigInteger.ZERO, DELEGATE, 3);
        outcome = execute(Fork.PRAGUE);
        assertEquals(Status.OUT_OF_GAS, outcome.status());
        assertEquals(12_500, outcome.gasRefunded());
        assertEquals(designator(word(DELEGATE)), code(AUTHORITY), "and so does what was authorized");
        assertEquals(4, state.nonce(AUTHORITY, 0));
    }

    private void passesOver(String why, String codeBefore, Runnable authorization) {
        fresh();
        account(AUTHORITY, 1, 3, codeBefore);
        authorization.run();
        TransactionOutcome outcome = execute(Fork.PRAGUE);
        assertEquals(Status.SUCCESS, outcome.status(), why);
        assertEquals(46_000, outcome.gasUsed(), why);
        assertEquals(0, outcome.gasRefunded(), why);
        assertEquals(codeBefore, code(AUTHORITY), why);
        assertEquals(3, state.nonce(AUTHORITY, 0), why);
    }

    @Test
    void eachThatDoesNotHoldIsPassedOver() {
        BigInteger any = BigInteger.ZERO;
        passesOver("another chain", "", () -> authorize(BigInteger.valueOf(CHAIN + 1), DELEGATE, 3));
        passesOver("a chain of 256 bits", "", () -> authorize(BigInteger.ONE.shiftLeft(255).add(BigInteger.valueOf(CHAIN)), DELEGATE, 3));
        passesOver("a nonce too low", "", () -> authorize(any, DELEGATE, 2));
        passesOver("a nonce too high", "", () -> authorize(any, DELEGATE, 4));
        passesOver("code that is no designator", "00", () -> authorize(any, DELEGATE, 3));
        passesOver("23 bytes that are none", "ef0101" + hex(word(DELEGATE)), () -> authorize(any, DELEGATE, 3));
        passesOver("22 bytes", designator(word(DELEGATE)).substring(2), () -> authorize(any, DELEGATE, 3));
        Signature good = Secp256k1Model.sign(KEY, digest(any, DELEGATE, 3), BigInteger.valueOf(99));
        int parity = good.odd() ? 1 : 0;
        passesOver("s in the upper half", "", () -> authorize(any, DELEGATE, 3, 1 - parity, good.r(), Secp256k1Model.N.subtract(good.s())));
        passesOver("a parity of 2", "", () -> authorize(any, DELEGATE, 3, parity + 2, good.r(), good.s()));
        passesOver("the other parity: another signer", "", () -> authorize(any, DELEGATE, 3, 1 - parity, good.r(), good.s()));
        passesOver("r of 0", "", () -> authorize(any, DELEGATE, 3, parity, BigInteger.ZERO, good.s()));
        passesOver("s of 0", "", () -> authorize(any, DELEGATE, 3, parity, good.r(), BigInteger.ZERO));
        assertThrows(IllegalArgumentException.class, () -> authorize(any, DELEGATE, 3, 256, good.r(), good.s()));
        assertThrows(IllegalArgumentException.class, () -> authorize(any, DELEGATE, 3, -1, good.r(), good.s()));
    }

    @Test
    void theLastNonceIsPassedOverThough() {
        fresh();
        account(AUTHORITY, 1, -1L, "");
        authorize(BigInteger.ZERO, DELEGATE, -1L);
        assertEquals(0, execute(Fork.PRAGUE).gasRefunded());
        assertEquals("", code(AUTHORITY));
        fresh();
        account(AUTHORITY, 1, -2L, "");
        authorize(BigInteger.ZERO, DELEGATE, -2L);
        execute(Fork.PRAGUE);
        assertEquals(designator(word(DELEGATE)), code(AUTHORITY));
        assertEquals(-1L, state.nonce(AUTHORITY, 0));
    }

    @Test
    void laterOnesSeeWhatEarlierOnesDidAndAddressZeroTakesAway() {
        fresh();
        authorize(BigInteger.ZERO, DELEGATE, 0);
        authorize(BigInteger.ZERO, 0xbeef, 1);
        authorize(BigInteger.ZERO, 0xbeef, 1);                          // its nonce is used
        t.gas(300_000);
        TransactionOutcome outcome = execute(Fork.PRAGUE);
        assertEquals(21_000 + 3 * 25_000 - 12_500, outcome.gasUsed(), "the second one's account was there");
        assertEquals(designator(word(0xbeef)), code(AUTHORITY));
        assertEquals(2, state.nonce(AUTHORITY, 0));
        t.clear().type(Transaction.SET_CODE).sender(word(SENDER), 0).to(word(0xdead), 0).nonce(8).gas(200_000);
        authorize(BigInteger.ZERO, 0, 2);
        execute(Fork.PRAGUE);
        assertEquals("", code(AUTHORITY));
        long[] w = new long[4];
        state.codeHash(AUTHORITY, 0, w, 0);
        assertEquals("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", Word.toBigInteger(w, 0).toString(16));
        assertEquals(3, state.nonce(AUTHORITY, 0));
    }

    @Test
    void aSenderMayDelegateItself() {
        fresh();
        account(AUTHORITY, RICH, 0, "");
        t.sender(AUTHORITY, 0).to(AUTHORITY, 0).nonce(0);
        authorize(BigInteger.ZERO, DELEGATE, 1);                        // its nonce is raised before
        assertEquals(Status.SUCCESS, execute(Fork.PRAGUE).status());
        assertEquals(AUTHORITY[0], stored(AUTHORITY, 0), "CALLER");
        assertEquals(AUTHORITY[0], stored(AUTHORITY, 1), "ADDRESS");
        assertEquals(13, stored(AUTHORITY, 2), "CODESIZE is the delegate's");
        t.clear().sender(AUTHORITY, 0).to(word(0xdead), 0).nonce(2).gas(21_000);
        assertEquals(Rejection.NONE, execute(Fork.PRAGUE).rejection(), "who delegates may send");
        t.nonce(3);
        assertEquals(Rejection.SENDER_HAS_CODE, execute(Fork.CANCUN).rejection(), "before Prague it is code");
    }

    // --- calls ------------------------------------------------------------------------------------------------------

    /// Calls 0xa0 with the operands that each instruction wants, after an EXTCODESIZE that warms `warmed`, and ends.
    private long gasOfCall(int opcode, long[] warmed) {
        String warm = warmed == null ? "" : "73" + hex(warmed) + "3b50";
        String value = opcode == Opcode.CALL || opcode == Opcode.CALLCODE ? "6000" : "";
        account(word(CALLER), 0, 1, warm + "5f5f5f5f" + value + "60a0" + "61ffff" + Integer.toHexString(opcode) + "00");
        t.clear().sender(word(SENDER), 0).to(word(CALLER), 0).nonce(state.nonce(word(SENDER), 0)).gas(200_000);
        TransactionOutcome outcome = execute(Fork.PRAGUE);
        assertEquals(Status.SUCCESS, outcome.status());
        return outcome.gasUsed() - (warmed == null ? 0 : 2600 + 3 + 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {Opcode.CALL, Opcode.CALLCODE, Opcode.DELEGATECALL, Opcode.STATICCALL})
    void eachCallPaysForTheDelegateColdOrWarmAndRunsItsCode(int opcode) {
        fresh();
        account(word(0xa0), 0, 1, "");
        long plain = gasOfCall(opcode, null);
        account(word(DELEGATE), 0, 1, "5a5a00");                        // two instructions of 2 gas
        account(word(0xa0), 0, 1, designator(word(DELEGATE)));
        assertEquals(plain + 2600 + 4, gasOfCall(opcode, null));
        assertEquals(plain + 100 + 4, gasOfCall(opcode, word(DELEGATE)));
        account(word(0xa0), 0, 1, designator(word(0xa0)));              // to itself: warm, and its designator is no code
        assertEquals(plain + 100 + 0xffff, gasOfCall(opcode, null));
        account(word(0xa0), 0, 1, designator(word(0xb0)));
        account(word(0xb0), 0, 1, designator(word(DELEGATE)));          // only one step is gone
        assertEquals(plain + 2600 + 0xffff, gasOfCall(opcode, null));
        account(word(0xa0), 0, 1, designator(word(2)));                 // a precompile, which is warm, has no code
        assertEquals(plain + 100, gasOfCall(opcode, null));
        account(word(0xa0), 0, 1, designator(word(0xb1)));              // nobody
        assertEquals(plain + 2600, gasOfCall(opcode, null));
    }

    @Test
    void aCallWithJustNotEnoughGasForTheDelegateIsOutOfGas() {
        fresh();
        account(word(0xa0), 0, 1, designator(word(0xb1)));
        account(word(CALLER), 0, 1, "5f5f5f5f5f60a05ff100");
        long enough = 21_000 + 5 * 2 + 3 + 2 + 2600 + 2600;
        for (long less = 0; less <= 1; less++) {
            t.clear().sender(word(SENDER), 0).to(word(CALLER), 0).nonce(7 + less).gas(enough - less);
            assertEquals(less == 0 ? Status.SUCCESS : Status.OUT_OF_GAS, execute(Fork.PRAGUE).status());
        }
    }

    @Test
    void theOutermostCallWarmsTheDelegateForNothing() {
        fresh();
        account(word(0xa0), 0, 1, designator(word(DELEGATE)));
        account(word(DELEGATE), 0, 1, "61de1e3b00");                    // EXTCODESIZE of the delegate itself
        t.type(Transaction.LEGACY).to(word(0xa0), 0);
        assertEquals(21_000 + 3 + 100, execute(Fork.PRAGUE).gasUsed());
        t.nonce(8);
        assertEquals(200_000, execute(Fork.CANCUN).gasUsed(), "before Prague 0xef is no instruction");
    }

    @Test
    void whoLooksAtTheCodeSeesTheDesignator() {
        fresh();
        account(word(0xa0), 0, 1, designator(word(DELEGATE)));
        account(word(CALLER), 0, 1, "60a03b600055" + "60a03f600155" + "60175f5f60a03c" + "5f51600255" + "00");
        t.type(Transaction.LEGACY).to(word(CALLER), 0);
        assertEquals(Status.SUCCESS, execute(Fork.PRAGUE).status());
        assertEquals(23, stored(word(CALLER), 0), "EXTCODESIZE");
        byte[] own = HexFormat.of().parseHex(designator(word(DELEGATE)));
        long[] w = new long[4];
        state.load(word(CALLER), 0, word(1), 0, w, 0);
        assertEquals(new BigInteger(1, RlpModel.keccak(own)), Word.toBigInteger(w, 0), "EXTCODEHASH");
        state.load(word(CALLER), 0, word(2), 0, w, 0);
        assertEquals(new BigInteger(1, own).shiftLeft(72), Word.toBigInteger(w, 0), "EXTCODECOPY");
    }

    /// Every record that the journal lacks, one more each time: as it was before, until all is done.
    @Test
    void whereverTheRoomEndsItIsAsItWas() {
        int records = 0;
        TransactionOutcome outcome;
        do {
            WorldState tight = new WorldState(new WorldStateConfig(64, 64, 1 << 10, 1 << 10, 16, ++records));
            tight.account(word(SENDER), 0, word(RICH), 0, 7);
            tight.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
            t.clear().type(Transaction.SET_CODE).sender(word(SENDER), 0).to(AUTHORITY, 0).nonce(7).gas(200_000);
            authorize(BigInteger.ZERO, DELEGATE, 0);
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), tight, null)) {
                outcome = new TransactionExecutor(machine, tight).execute(t);
            }
            if (!outcome.isExecuted()) {
                assertEquals(Status.HOST_LIMIT, outcome.status());
                assertFalse(tight.exists(AUTHORITY, 0), records + " records");
                assertEquals(7, tight.nonce(word(SENDER), 0));
            }
        } while (!outcome.isExecuted());
        assertTrue(records > 8, "records: " + records);
    }
}
