package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole transactions: each reason to refuse one, at its edge and one past it; what one costs, who pays whom, what is left.
///
/// 0x5e4d sends, with nonce 7; 0xc0de is called; 0xa1 is the block's author; the base fee is 10.
class TransactionTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;
    private static final long AUTHOR = 0xa1;
    private static final long BASE_FEE = 10;
    private static final long RICH = 1_000_000_000L;
    private static final long GAS_LIMIT = 30_000_000;

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 17, 1 << 16, 16, 1 << 12));
    private final Transaction t = new Transaction(4, 12, 4);
    private final Set<Rejection> met = EnumSet.noneOf(Rejection.class);

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private void account(long who, long balance, long nonce, String code) {
        state.account(word(who), 0, word(balance), 0, nonce);
        byte[] bytes = HexFormat.of().parseHex(code);
        if (bytes.length > 0) {
            state.setCode(word(who), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
        }
    }

    private long balance(long who) {
        long[] w = new long[4];
        state.balance(word(who), 0, w, 0);
        return w[0];
    }

    private void data(int zeros, int others) {
        byte[] data = new byte[zeros + others];
        Arrays.fill(data, zeros, data.length, (byte) 1);
        t.data(MemorySegment.ofArray(data), 0, data.length);
    }

    /// A world, and a transaction that is valid in it: 21,000 gas at a price of 12.
    private void fresh() {
        state.clear();
        account(SENDER, RICH, 7, "");
        account(CALLED, 0, 1, "");
        Block block = state.block();
        block.set(Opcode.COINBASE, word(AUTHOR), 0);
        block.set(Opcode.BASEFEE, word(BASE_FEE), 0);
        block.set(Opcode.GASLIMIT, word(GAS_LIMIT), 0);
        block.set(Opcode.BLOBBASEFEE, word(3), 0);
        t.clear().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(21_000).gasPrice(word(12), 0);
    }

    private TransactionOutcome execute(Fork fork) {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, null)) {
            return new TransactionExecutor(machine, state).execute(t);
        }
    }

    private Set<Rejection> reasons(Fork fork) {
        Set<Rejection> reasons = EnumSet.noneOf(Rejection.class);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, null)) {
            new TransactionExecutor(machine, state).reasons(t, reasons);
        }
        return reasons;
    }

    private void expect(Rejection rejection, Fork fork, Runnable change) {
        fresh();
        change.run();
        int before = state.snapshot();
        Set<Rejection> reasons = reasons(fork);
        TransactionOutcome outcome = execute(fork);
        assertEquals(rejection, outcome.rejection(), t + " in " + fork);
        assertEquals(rejection == Rejection.NONE, reasons.isEmpty(), reasons::toString);
        assertTrue(rejection == Rejection.NONE || reasons.contains(rejection), reasons::toString);
        assertEquals(rejection == Rejection.NONE, outcome.isExecuted());
        if (rejection != Rejection.NONE) {
            assertEquals(0, outcome.gasUsed());
            assertEquals(RICH, balance(SENDER), "nothing is paid");
            assertFalse(state.exists(word(AUTHOR), 0), "nobody is paid");
            assertEquals(before, state.snapshot(), "nothing changes");
        }
        met.add(rejection);
    }

    private void edge(Rejection rejection, Fork fork, Runnable atLimit, Runnable onePast) {
        expect(Rejection.NONE, fork, atLimit);
        expect(rejection, fork, onePast);
    }

    private void blobs(int count, long version) {
        t.type(Transaction.BLOBS).fees(word(12), 0, 0).blobFee(word(3), 0);
        for (int i = 0; i < count; i++) {
            assertTrue(t.blob(new long[] {i, 0, 0, version << 56}, 0));
        }
    }

    @Test
    void everyReasonToRefuseIsMetAtItsEdge() {
        edge(Rejection.TYPE_UNKNOWN, Fork.BERLIN, () -> t.type(1), () -> t.type(2));
        edge(Rejection.TYPE_UNKNOWN, Fork.LONDON, () -> t.type(2), () -> blobs(1, 1));
        expect(Rejection.TYPE_UNKNOWN, Fork.ISTANBUL, () -> t.type(1));
        edge(Rejection.TYPE_UNKNOWN, Fork.CANCUN, () -> blobs(1, 1), () -> authorizations(1));
        expect(Rejection.TYPE_UNKNOWN, Fork.OSAKA, () -> t.type(-1));
        edge(Rejection.NONCE_TOO_LOW, Fork.FRONTIER, () -> t.nonce(7), () -> t.nonce(6));
        expect(Rejection.NONCE_TOO_HIGH, Fork.FRONTIER, () -> t.nonce(8));
        edge(Rejection.NONCE_AT_END, Fork.CANCUN, () -> at(-2L), () -> at(-1L));
        edge(Rejection.SENDER_HAS_CODE, Fork.FRONTIER, () -> account(SENDER, RICH, 7, ""), () -> account(SENDER, RICH, 7, "00"));
        edge(Rejection.GAS_ABOVE_BLOCK, Fork.CANCUN, () -> t.gas(GAS_LIMIT), () -> t.gas(GAS_LIMIT + 1));
        edge(Rejection.GAS_ABOVE_CAP, Fork.OSAKA, () -> t.gas(1 << 24), () -> t.gas((1 << 24) + 1));
        expect(Rejection.NONE, Fork.PRAGUE, () -> t.gas((1 << 24) + 1));
        edge(Rejection.GAS_BELOW_INTRINSIC, Fork.FRONTIER, () -> t.gas(21_000), () -> t.gas(20_999));
        edge(Rejection.FEE_BELOW_BASE_FEE, Fork.LONDON, () -> t.gasPrice(word(BASE_FEE), 0), () -> t.gasPrice(word(BASE_FEE - 1), 0));
        expect(Rejection.NONE, Fork.BERLIN, () -> t.gasPrice(word(0), 0));
        edge(Rejection.TIP_ABOVE_FEE, Fork.LONDON, () -> fees(20, 20), () -> fees(20, 21));
        edge(Rejection.INITCODE_TOO_LONG, Fork.SHANGHAI, () -> initcode(49_152), () -> initcode(49_153));
        expect(Rejection.NONE, Fork.PARIS, () -> initcode(49_153));
        expect(Rejection.MAY_NOT_CREATE, Fork.CANCUN, () -> {
            blobs(1, 1);
            t.create().gas(100_000);
        });
        edge(Rejection.NO_BLOBS, Fork.CANCUN, () -> blobs(1, 1), () -> blobs(0, 1));
        edge(Rejection.TOO_MANY_BLOBS, Fork.CANCUN, () -> blobs(6, 1), () -> blobs(7, 1));
        edge(Rejection.TOO_MANY_BLOBS, Fork.PRAGUE, () -> blobs(9, 1), () -> blobs(10, 1));
        edge(Rejection.TOO_MANY_BLOBS, Fork.OSAKA, () -> blobs(6, 1), () -> blobs(7, 1));
        expect(Rejection.BLOB_VERSION_UNKNOWN, Fork.CANCUN, () -> blobs(1, 0));
        expect(Rejection.BLOB_VERSION_UNKNOWN, Fork.CANCUN, () -> blobs(1, 2));
        expect(Rejection.BLOB_FEE_BELOW_BASE_FEE, Fork.CANCUN, () -> {
            blobs(1, 1);
            t.blobFee(word(2), 0);
        });
        edge(Rejection.GAS_BELOW_FLOOR, Fork.PRAGUE, () -> floor(0), () -> floor(1));
        expect(Rejection.NONE, Fork.CANCUN, () -> floor(1));
        edge(Rejection.NO_AUTHORIZATIONS, Fork.PRAGUE, () -> authorizations(1), () -> authorizations(0));
        expect(Rejection.MAY_NOT_CREATE, Fork.PRAGUE, () -> {
            authorizations(1);
            t.create().gas(100_000);
        });
        edge(Rejection.GAS_BELOW_INTRINSIC, Fork.PRAGUE, () -> authorizations(2), () -> {
            authorizations(2);
            t.gas(21_000 + 2 * 25_000 - 1);
        });
        othersFields();
        balances();
        assertEquals(EnumSet.allOf(Rejection.class), met);
    }

    /// What a type's encoding has no place for, of each kind, beside the types that have it.
    private void othersFields() {
        for (int type = Transaction.LEGACY; type <= Transaction.SET_CODE; type++) {
            int of = type;
            boolean blobs = type == Transaction.BLOBS;
            boolean codes = type == Transaction.SET_CODE;
            Runnable valid = () -> {
                t.type(of).gas(100_000).blobFee(word(3), 0);
                assertTrue(!blobs || t.blob(new long[] {1, 0, 0, 1L << 56}, 0));
                assertTrue(!codes || t.authorization(new long[16], 0, 4, 0, 0, 8, 12));
            };
            edge(type == Transaction.LEGACY ? Rejection.FIELD_OF_ANOTHER_TYPE : Rejection.NONE, Fork.OSAKA, valid, () -> {
                valid.run();
                assertTrue(t.access(word(0xee), 0));
            });
            edge(blobs ? Rejection.NONE : Rejection.FIELD_OF_ANOTHER_TYPE, Fork.OSAKA, valid, () -> {
                valid.run();
                assertTrue(t.blob(new long[] {1, 0, 0, 1L << 56}, 0));
            });
            edge(codes ? Rejection.NONE : Rejection.FIELD_OF_ANOTHER_TYPE, Fork.OSAKA, valid, () -> {
                valid.run();
                assertTrue(t.authorization(new long[16], 0, 4, 0, 0, 8, 12));
            });
            edge(type <= Transaction.ACCESS_LIST ? Rejection.FIELD_OF_ANOTHER_TYPE : Rejection.NONE, Fork.OSAKA, valid, () -> {
                valid.run();
                t.fees(new long[] {13, 0, 0, 0, 12, 0, 0, 0}, 0, 4);
            });
        }
    }

    /// Of nobody, which is passed over.
    private void authorizations(int count) {
        t.type(Transaction.SET_CODE).gas(21_000 + 25_000L * count);
        for (int i = 0; i < count; i++) {
            assertTrue(t.authorization(new long[16], 0, 4, 0, 0, 8, 12));
        }
    }

    private void at(long nonce) {
        account(SENDER, RICH, nonce, "");
        t.nonce(nonce);
    }

    private void fees(long most, long tip) {
        t.type(Transaction.DYNAMIC_FEE).fees(new long[] {most, 0, 0, 0, tip, 0, 0, 0}, 0, 4);
    }

    private void initcode(int length) {
        data(length, 0);
        t.create().gas(10_000_000);
    }

    /// 100 bytes other than zero: 21,000 and 1,600 before the first instruction, 25,000 at the least.
    private void floor(int less) {
        data(0, 100);
        t.gas(25_000 - less);
    }

    /// A balance that just suffices, and one wei less, for each thing that is paid for; and amounts past any balance.
    private void balances() {
        edge(Rejection.BALANCE_TOO_LOW, Fork.FRONTIER, () -> t.gasPrice(word(RICH / 21_000), 0), () -> t.gasPrice(word(RICH / 21_000 + 1), 0));
        edge(Rejection.BALANCE_TOO_LOW, Fork.CANCUN, () -> t.value(word(RICH - 12 * 21_000), 0), () -> t.value(word(RICH - 12 * 21_000 + 1), 0));
        // The most that gas may cost must be there, though less is paid.
        edge(Rejection.BALANCE_TOO_LOW, Fork.LONDON, () -> fees(RICH / 21_000, 0), () -> fees(RICH / 21_000 + 1, 0));
        long blobsAt3 = 3L * (1 << 17);
        edge(Rejection.BALANCE_TOO_LOW, Fork.CANCUN, () -> {
            blobs(1, 1);
            t.value(word(RICH - 12 * 21_000 - blobsAt3), 0);
        }, () -> {
            blobs(1, 1);
            t.value(word(RICH - 12 * 21_000 - blobsAt3 + 1), 0);
        });
        long[] all = {-1L, -1L, -1L, -1L};
        expect(Rejection.BALANCE_TOO_LOW, Fork.LONDON, () -> t.gasPrice(all, 0));
        expect(Rejection.BALANCE_TOO_LOW, Fork.LONDON, () -> t.value(all, 0));
        expect(Rejection.BALANCE_TOO_LOW, Fork.CANCUN, () -> {
            blobs(1, 1);
            t.blobFee(all, 0);
        });
        expect(Rejection.BALANCE_TOO_LOW, Fork.CANCUN, () -> {
            blobs(1, 1);
            t.blobFee(new long[] {0, 0, 0, 1L << 47}, 0);  // times 2^17 is 0 modulo 2^256
        });
        expect(Rejection.BALANCE_TOO_LOW, Fork.LONDON, () -> t.gasPrice(new long[] {0, 0, 0, 1L << 50}, 0));  // times 21,000 is 0 modulo 2^256 and more
        expect(Rejection.BALANCE_TOO_LOW, Fork.LONDON, () -> t.gasPrice(Word.of(BigInteger.ONE.shiftLeft(256).divide(BigInteger.valueOf(21_000))
                .add(BigInteger.ONE)), 0));
    }

    // --- what it costs before its first instruction -----------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"FRONTIER, 10, 5, false, 21380", "BYZANTIUM, 10, 5, false, 21380", "ISTANBUL, 10, 5, false, 21120", "FRONTIER, 0, 0, true, 21000",
            "HOMESTEAD, 0, 0, true, 53000", "PARIS, 64, 0, true, 53256", "SHANGHAI, 64, 0, true, 53260", "SHANGHAI, 65, 0, true, 53266"})
    void whatComesBeforeTheFirstInstructionIsPaidToTheUnit(Fork fork, int zeros, int others, boolean creates, long gas) {
        for (long less = 0; less <= 1; less++) {
            long limit = gas - less;
            expect(less == 0 ? Rejection.NONE : Rejection.GAS_BELOW_INTRINSIC, fork, () -> {
                data(zeros, others);
                t.gas(limit);
                if (creates) {
                    t.create();
                }
            });
        }
    }

    /// An address costs 2,400, a key 1,900; then they are warm: SLOAD costs 100 and not 2,100, BALANCE 100 and not 2,600.
    @Test
    void whatIsListedIsPaidForAndWarm() {
        String code = "6001545060ee3150" + "00";
        long pushes = 3 + 2 + 3 + 2;
        fresh();
        account(CALLED, 0, 1, code);
        t.gas(100_000).type(Transaction.ACCESS_LIST);
        assertEquals(21_000 + pushes + 2100 + 2600, execute(Fork.BERLIN).gasUsed());
        fresh();
        account(CALLED, 0, 1, code);
        t.gas(100_000).type(Transaction.ACCESS_LIST);
        assertTrue(t.access(word(CALLED), 0) && t.accessKey(word(1), 0) && t.access(word(0xee), 0) && t.accessKey(word(1), 0));
        assertFalse(t.access(word(5), 0) || t.accessKey(word(5), 0), "four places");
        assertEquals(21_000 + pushes + 100 + 100 + 2 * 2400 + 2 * 1900, execute(Fork.BERLIN).gasUsed());
        assertThrows(IllegalStateException.class, () -> new Transaction().accessKey(word(1), 0));
    }

    // --- who pays whom ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"FRONTIER, 12, 12, 12", "LONDON, 12, 12, 2", "LONDON, 15, 1, 1", "CANCUN, 11, 5, 1", "CANCUN, 10, 0, 0"})
    void theAuthorGetsTheTipAndTheBaseFeeIsBurnt(Fork fork, long most, long tip, long perGas) {
        fresh();
        t.gas(50_000).value(word(1000), 0);
        if (fork.atLeast(Fork.LONDON)) {
            fees(most, tip);
        }
        TransactionOutcome outcome = execute(fork);
        assertEquals(Status.SUCCESS, outcome.status());
        assertEquals(21_000, outcome.gasUsed());
        assertEquals(21_000 * perGas, balance(AUTHOR));
        assertEquals(RICH - 1000 - 21_000 * (fork.atLeast(Fork.LONDON) ? BASE_FEE + perGas : perGas), balance(SENDER));
        assertEquals(1000, balance(CALLED));
        assertEquals(8, state.nonce(word(SENDER), 0));
        assertEquals(perGas != 0, state.exists(word(AUTHOR), 0), "who gets nothing and is not there stays away");
    }

    @Test
    void beforeSpuriousDragonAFeeOfNothingMakesTheAuthorAndSinceThenItRemovesAnEmptyOne() {
        for (Fork fork : EnumSet.range(Fork.FRONTIER, Fork.BERLIN)) {
            boolean early = !fork.atLeast(Fork.SPURIOUS_DRAGON);
            fresh();
            if (!early) {
                account(AUTHOR, 0, 0, "");
            }
            t.gasPrice(word(0), 0);
            assertEquals(Rejection.NONE, execute(fork).rejection());
            assertEquals(early, state.exists(word(AUTHOR), 0), fork.toString());
        }
    }

    @Test
    void blobsAreBurntAndTheirHashesAnswer() {
        fresh();
        account(CALLED, 0, 1, "600149600055" + "600249600155" + "3a600255" + "32600355" + "00");
        blobs(2, 1);
        t.gas(200_000);
        long before = balance(SENDER);
        TransactionOutcome outcome = execute(Fork.CANCUN);
        assertEquals(Status.SUCCESS, outcome.status());
        assertEquals(before - 2 * 3 * (1 << 17) - 12 * outcome.gasUsed(), balance(SENDER));
        long[] w = new long[4];
        state.load(word(CALLED), 0, word(0), 0, w, 0);
        assertEquals(1, w[0]);
        assertEquals(1L << 56, w[3]);
        state.load(word(CALLED), 0, word(1), 0, w, 0);
        assertTrue(Word.isZero(w, 0), "past the last blob");
        state.load(word(CALLED), 0, word(2), 0, w, 0);
        assertEquals(12, w[0], "GASPRICE");
        state.load(word(CALLED), 0, word(3), 0, w, 0);
        assertEquals(SENDER, w[0], "ORIGIN");
    }

    /// Clearing three slots gives back 15,000 each, a half of the gas at most; from London 4,800 each, a fifth at most.
    @ParameterizedTest
    @CsvSource({"FRONTIER, 3, 2", "BERLIN, 3, 2", "LONDON, 3, 5", "CANCUN, 1, 5"})
    void refundsAreCapped(Fork fork, int slots, int quotient) {
        fresh();
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < slots; i++) {
            code.append("6000600").append(i).append("55");
        }
        account(CALLED, 0, 1, code + "00");
        for (int i = 0; i < slots; i++) {
            state.store(word(CALLED), 0, word(i), 0, word(9), 0);
        }
        t.gas(200_000);
        TransactionOutcome outcome = execute(fork);
        long clear = fork.atLeast(Fork.LONDON) ? 4800 : 15_000;
        long spent = 21_000 + slots * (6 + 5000);
        long refund = Math.min(slots * clear, spent / quotient);
        assertEquals(refund, outcome.gasRefunded());
        assertEquals(spent - refund, outcome.gasUsed());
    }

    /// EIP-7623: 1,000 bytes cost 16,000 before the first instruction, and with all else 40,000 at the least.
    @Test
    void dataCostTheirFloorFromPrague() {
        for (Fork fork : new Fork[] {Fork.CANCUN, Fork.PRAGUE}) {
            fresh();
            data(0, 1000);
            t.gas(100_000);
            assertEquals(fork == Fork.CANCUN ? 37_000 : 61_000, execute(fork).gasUsed());
        }
    }

    /// The floor is of what is left after refunds: 37,000 and two slots that are cleared, less a fifth, is still below it.
    @Test
    void refundsDoNotUndercutTheFloor() {
        for (Fork fork : new Fork[] {Fork.CANCUN, Fork.PRAGUE, Fork.OSAKA}) {
            fresh();
            account(CALLED, 0, 1, "60006000556000600155" + "00");
            state.store(word(CALLED), 0, word(0), 0, word(9), 0);
            state.store(word(CALLED), 0, word(1), 0, word(9), 0);
            data(0, 1000);
            t.gas(100_000);
            long spent = 37_000 + 2 * (6 + 5000);
            assertEquals(fork == Fork.CANCUN ? spent - spent / 5 : 61_000, execute(fork).gasUsed());
            assertEquals(RICH - 12 * (fork == Fork.CANCUN ? spent - spent / 5 : 61_000), balance(SENDER));
        }
    }

    @Test
    void codeThatFailsIsPaidForAndCounted() {
        for (String code : new String[] {"fe", "60006000fd"}) {
            fresh();
            account(CALLED, 0, 1, "6001600055" + code);
            t.gas(100_000).value(word(5), 0);
            TransactionOutcome outcome = execute(Fork.CANCUN);
            assertTrue(outcome.isExecuted());
            assertEquals(code.equals("fe") ? Status.UNDEFINED_INSTRUCTION : Status.REVERT, outcome.status());
            assertEquals(code.equals("fe") ? 100_000 : 21_000 + 6 + 22_100 + 6, outcome.gasUsed());
            assertEquals(0, outcome.gasRefunded());
            assertEquals(RICH - 12 * outcome.gasUsed(), balance(SENDER));
            assertEquals(0, balance(CALLED));
            assertEquals(8, state.nonce(word(SENDER), 0));
        }
    }

    @Test
    void aCreationIsCountedOnceAlsoWhereItFails() {
        for (String initcode : new String[] {"60016000f3", "fe"}) {
            fresh();
            byte[] bytes = HexFormat.of().parseHex(initcode);
            t.create().gas(200_000).value(word(3), 0).data(MemorySegment.ofArray(bytes), 0, bytes.length);
            boolean fails = initcode.equals("fe");
            TransactionOutcome outcome = execute(Fork.CANCUN);
            assertEquals(fails ? Status.UNDEFINED_INSTRUCTION : Status.SUCCESS, outcome.status());
            assertEquals(8, state.nonce(word(SENDER), 0));
            long[] w = new long[8];
            outcome.run().created(w, 0);
            assertEquals(fails, Word.isZero(w, 0));
            assertEquals(fails ? 0 : 1, state.codeLength(w, 0));
            assertEquals(RICH - 12 * outcome.gasUsed() - (fails ? 0 : 3), balance(SENDER));
        }
    }

    /// A limit of the machine is not the transaction's fault: nothing happened.
    @Test
    void aLimitLeavesTheWorldAsItWas() {
        fresh();
        account(CALLED, 0, 1, "6001600055" + "6000600060006000600060036107d0f1" + "00");  // precompile 3, which is missing
        t.gas(100_000);
        TransactionOutcome outcome = execute(Fork.CANCUN);
        assertEquals(Status.PRECOMPILE_MISSING, outcome.status());
        assertFalse(outcome.isExecuted());
        assertEquals(0, outcome.gasUsed());
        assertEquals(RICH, balance(SENDER));
        assertEquals(7, state.nonce(word(SENDER), 0));
        assertFalse(state.exists(word(AUTHOR), 0));
        long[] w = new long[4];
        state.load(word(CALLED), 0, word(0), 0, w, 0);
        assertTrue(Word.isZero(w, 0));
    }

    /// With one journal record less than it needs, for every number of them: the world is as it was.
    @Test
    void aWorldWithoutRoomIsAsItWasWhereverTheRoomEnds() {
        int records = 0;
        TransactionOutcome outcome;
        do {
            WorldState tight = new WorldState(new WorldStateConfig(8, 8, 64, 64, 4, ++records));
            tight.account(word(SENDER), 0, word(RICH), 0, 7);
            tight.account(word(CALLED), 0, word(0), 0, 1);
            byte[] code = {0x60, 1, 0x60, 0, 0x55, 0};
            tight.beginTransaction();
            assertTrue(records < 3 || tight.setCode(word(CALLED), 0, MemorySegment.ofArray(code), 0, code.length));
            tight.block().set(Opcode.COINBASE, word(AUTHOR), 0);
            tight.block().set(Opcode.GASLIMIT, word(GAS_LIMIT), 0);
            t.clear().sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(100_000).gasPrice(word(12), 0).type(Transaction.ACCESS_LIST);
            t.access(word(0xee), 0);
            t.accessKey(word(4), 0);
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), tight, null)) {
                outcome = new TransactionExecutor(machine, tight).execute(t);
            }
            long[] w = new long[4];
            tight.balance(word(SENDER), 0, w, 0);
            if (!outcome.isExecuted()) {
                assertEquals(Status.HOST_LIMIT, outcome.status());
                assertEquals(RICH, w[0], records + " records");
                assertEquals(7, tight.nonce(word(SENDER), 0));
                assertEquals(0, tight.snapshot());
                assertFalse(tight.exists(word(AUTHOR), 0));
            }
        } while (!outcome.isExecuted());
        assertTrue(records > 10, "records: " + records);
    }

    @Test
    void anotherHostThanTheMachinesIsRefused() {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            assertThrows(IllegalArgumentException.class,
                    () -> new TransactionExecutor(machine, new WorldState(new WorldStateConfig(1, 1, 1, 1, 1, 1))));
        }
        assertThrows(IllegalArgumentException.class, () -> new Transaction(-1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Transaction(0, (1 << 24) + 1, 0));
        assertThrows(IllegalArgumentException.class, () -> t.gas(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> t.data(MemorySegment.ofArray(new byte[2]), 1, 2));
        assertFalse(new Transaction(0, 0, 0).blob(word(1), 0));
        assertFalse(new Transaction(0, 0, 0).access(word(1), 0));
        assertFalse(new Transaction(0, 0, 0).authorization(new long[16], 0, 4, 0, 0, 8, 12));
        assertThrows(IllegalArgumentException.class, () -> new Transaction(0, 0, -1));
    }
}
