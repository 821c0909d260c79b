package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.testkit.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A transaction costs what it touches, not what is there: by the entries that are looked at; and the next one finds a world as if it were the first.
class WorldCostTest {
    private static final int SENDER = 500_000;
    private static final int ACCOUNTS = 6;
    private static final int KEYS = 6;

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    /// {@return a world in which so many accounts have so many slots each}
    private static WorldState world(int accounts, int slotsEach) {
        WorldState state = new WorldState(new WorldStateConfig(1 << 12, 1 << 14, 1 << 10, 1 << 10, 16, 1 << 15));
        state.account(word(SENDER), 0, word(1_000_000_000_000L), 0, 0);
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        state.block().set(Opcode.COINBASE, word(SENDER + 1), 0);
        for (int account = 0; account < accounts; account++) {
            assertTrue(state.account(word(1000 + account), 0, word(7), 0, 1));
            for (int key = 0; key < slotsEach; key++) {
                assertTrue(state.store(word(1000 + account), 0, word(key), 0, word(1 + key), 0));
            }
        }
        state.beginTransaction();
        state.endTransaction();
        return state;
    }

    /// {@return entries looked at by so many transfers}
    private static long transfers(WorldState state, int count) {
        long before = state.visited();
        Transaction t = new Transaction().sender(word(SENDER), 0).to(word(SENDER + 2), 0).gas(21_000).gasPrice(word(1), 0).value(word(1), 0);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            for (int i = 0; i < count; i++) {
                assertEquals(Status.SUCCESS, executor.execute(t.nonce(state.nonce(word(SENDER), 0))).status());
                assertEquals(Status.SUCCESS, executor.simulate(t.nonce(state.nonce(word(SENDER), 0))).status());
            }
        }
        return state.visited() - before;
    }

    @Test
    void aTransferLooksAtAsMuchInAFullWorldAsInAnEmptyOne() {
        long inAnEmptyOne = transfers(world(0, 0), 100);
        assertTrue(inAnEmptyOne > 100 && inAnEmptyOne < 100 * 60, "entries " + inAnEmptyOne);
        assertEquals(inAnEmptyOne, transfers(world(1000, 8), 100));              // a half of the room
        // Past it there is one look at all, for 2,000 transactions.
        long crowded = transfers(world(1500, 8), 1000);
        assertTrue(crowded <= 10 * inAnEmptyOne + 2 * 13_600, "entries " + crowded);
    }

    /// As many as there is room for, all of them wanted: nobody looks at all of them again and again.
    @Test
    void aWorldWithoutRoomIsNotLookedAtForEachTransaction() {
        WorldState state = world(2048, 8);                                       // no slot is free
        assertFalse(state.store(word(1000), 0, word(8), 0, word(1), 0));
        long entries = transfers(state, 1000);
        assertTrue(entries < 1000 * 60 + 4 * 18_500, "entries " + entries);
    }

    /// Whatever keys and addresses somebody chooses: looking for one passes few others. These had one place, when places were the same in each world; and such as differ in one
    /// bit, in one word, or by which account they are of.
    @Test
    void nobodyChoosesKeysThatLieTogether() {
        for (int kind = 0; kind < 6; kind++) {
            WorldState state = new WorldState(new WorldStateConfig(1 << 12, 1 << 13, 1, 1, 1, 1 << 14));
            int count = 2_000;
            for (long n = 1; n <= count; n++) {
                long[] key = switch (kind) {
                    case 0 -> new long[] {n << 21, n, 0, 0};
                    case 1 -> new long[] {Long.rotateLeft(n, 42), 0, n & 0xffffffffL, 0};
                    case 2 -> new long[] {n, 0, 0, 0};
                    case 3 -> new long[] {0, n << 32, 0, 0};
                    case 4 -> new long[] {n, 0, (1L << 31) - n, 0};
                    default -> new long[] {1L << (n & 31), n, n, 0};
                };
                assertTrue(Host.FULL != state.accessAccount(key, 0));
                assertTrue(state.store(word(7), 0, key, 0, word(1), 0));
                assertTrue(state.store(key, 0, new long[] {5, 0, (1L << 31) - n, n}, 0, word(1), 0));
            }
            long passed = state.passed();
            assertTrue(passed < 3L * 3 * count, "kind " + kind + ": " + passed + " for " + 3 * count);
        }
    }

    /// Whose account goes takes its own slots with it, and a creation looks for slots of its own address, whatever others have.
    @Test
    void whatGoesCostsItsOwnSlots() {
        WorldState state = world(1000, 8);
        state.beginTransaction();
        assertTrue(state.create(word(1), 0, 1));
        for (int key = 0; key < 5; key++) {
            assertTrue(state.store(word(1), 0, word(key), 0, word(9), 0));
        }
        state.selfDestruct(word(1), 0, word(2), 0, true);
        long before = state.visited();
        state.endTransaction();
        assertEquals(2 * 8 + 5, state.visited() - before, "twice the records, and the slots");
        long[] w = new long[4];
        state.load(word(1), 0, word(3), 0, w, 0);
        assertArrayEquals(word(0), w);
        state.load(word(1000), 0, word(3), 0, w, 0);
        assertArrayEquals(word(4), w);
        before = state.visited();
        assertTrue(state.creatable(word(1), 0));
        assertEquals(5, state.visited() - before, "its slots, which are 0");
        assertTrue(state.creatable(word(3), 0));
        assertEquals(5, state.visited() - before, "none");
        state.account(word(1000), 0, word(7), 0, 0);
        assertFalse(state.creatable(word(1000), 0));
        assertEquals(5 + 1, state.visited() - before, "one that is not 0 is enough");
    }

    /// The touch of address 3, which outlives a revert, does not outlive its transaction.
    @Test
    void aTouchThatOutlivesARevertIsOfOneTransaction() {
        WorldState state = world(0, 0);
        state.account(word(3), 0, word(1), 0, 0);
        state.beginTransaction();
        int before = state.snapshot();
        state.touch(word(3), 0);
        state.revert(before);
        state.endTransaction();
        state.beginTransaction();
        assertTrue(state.setBalance(word(3), 0, word(0), 0));
        state.endTransaction();
        assertTrue(state.exists(word(3), 0), "nobody touched it in this one");
    }

    @Test
    void theNextTransactionFindsAWorldAsIfItWereTheFirst() {
        Seeds.forEach(1, 8, WorldCostTest::transactions);
    }

    private static void transactions(SplittableRandom random) {
        // So small that it is swept now and then.
        WorldState state = new WorldState(new WorldStateConfig(20, 60, 200, 1 << 10, 16, 1 << 10));
        for (int transaction = 0; transaction < 200; transaction++) {
            state.beginTransaction();
            looksNew(state, transaction);
            int before = state.snapshot();
            for (int step = random.nextInt(12); step > 0; step--) {
                change(state, random);
            }
            switch (random.nextInt(4)) {
                case 0 -> state.revert(before);
                case 1 -> {
                    // is begun, and never ended
                }
                default -> {
                    state.endTransaction();
                    change(state, random);                                       // set up between transactions
                }
            }
        }
    }

    private static void looksNew(WorldState state, int transaction) {
        long[] value = new long[4];
        long[] original = new long[4];
        int before = state.snapshot();
        for (int account = 1; account <= ACCOUNTS; account++) {
            for (int key = 0; key < KEYS; key++) {
                state.load(word(account), 0, word(key), 0, value, 0);
                state.original(word(account), 0, word(key), 0, original, 0);
                assertArrayEquals(value, original, "original value in transaction " + transaction);
                state.loadTransient(word(account), 0, word(key), 0, value, 0);
                assertTrue(Word.isZero(value, 0), "transient value in transaction " + transaction);
                if (!Word.isZero(original, 0)) {
                    assertEquals(Host.COLD, state.accessSlot(word(account), 0, word(key), 0), "slot in transaction " + transaction);
                }
            }
            assertEquals(Host.COLD, state.accessAccount(word(account), 0), "account in transaction " + transaction);
        }
        state.revert(before);
    }

    private static void change(WorldState state, SplittableRandom random) {
        long[] who = word(1 + random.nextInt(ACCOUNTS));
        long[] key = word(random.nextInt(KEYS));
        long[] value = word(random.nextInt(3));
        switch (random.nextInt(9)) {
            case 0 -> state.setBalance(who, 0, value, 0);
            case 1, 2 -> state.store(who, 0, key, 0, value, 0);
            case 3 -> state.storeTransient(who, 0, key, 0, value, 0);
            case 4 -> state.accessSlot(who, 0, key, 0);
            case 5 -> state.accessAccount(who, 0);
            case 6 -> state.touch(who, 0);
            case 7 -> state.create(who, 0, 1);
            default -> state.selfDestruct(who, 0, word(1 + random.nextInt(ACCOUNTS)), 0, random.nextBoolean());
        }
    }
}
