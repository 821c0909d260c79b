package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What was only looked at leaves a world again: a world that is crowded, beside one that never is, in whatever is done to both; and nobody fills one for good.
class WorldSweepTest {
    private static final int REAL = 12;                // addresses that are changed, 1 to 12, and keys that are written
    private static final WorldOrigin ORIGIN = new WorldOrigin() {
        @Override
        public void balance(long[] s, int address, long[] to, int r) {
            Word.set(to, r, s[address] % 3 == 0 ? 0 : 1000 + s[address]);
        }

        @Override
        public long nonce(long[] s, int address) {
            return s[address] % 3 == 0 ? 0 : s[address];
        }

        @Override
        public byte[] code(long[] s, int address) {
            byte[] code = new byte[s[address] % 3 == 1 ? (int) (s[address] % 7) : 0];
            java.util.Arrays.fill(code, (byte) s[address]);
            return code;
        }

        @Override
        public void slot(long[] s, int address, long[] k, int key, long[] to, int r) {
            Word.set(to, r, s[address] % 3 == 1 ? 10 * s[address] + k[key] : 0);
        }
    };

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private static long[] read(WorldState world, long who) {
        long[] w = new long[4 + 4 + 2 + 4 * REAL + 16];
        world.balance(word(who), 0, w, 0);
        world.codeHash(word(who), 0, w, 4);
        w[8] = world.nonce(word(who), 0);
        w[9] = world.exists(word(who), 0) ? 1 : 0;
        for (int key = 0; key < REAL; key++) {
            world.load(word(who), 0, word(key), 0, w, 10 + 4 * key);
        }
        byte[] code = new byte[(int) world.codeLength(word(who), 0)];
        if (code.length > 0) {
            world.copyCode(word(who), 0, 0, MemorySegment.ofArray(code), 0, code.length);
        }
        for (int i = 0; i < code.length; i++) {
            w[10 + 4 * REAL + i] = code[i];
        }
        return w;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCrowdedWorldSaysWhatAWideOneSays(boolean hasOrigin) {
        Seeds.forEach(1, 4, random -> beside(random, hasOrigin ? ORIGIN : null));
    }

    private static void beside(SplittableRandom random, WorldOrigin origin) {
        WorldState small = new WorldState(new WorldStateConfig(100, 400, 1000, 1 << 10, 16, 1 << 10), origin);
        WorldState wide = new WorldState(WorldStateConfig.defaults().withAccountsMax(1 << 14).withSlotsMax(1 << 16), origin);
        int most = 0;
        for (int transaction = 0; transaction < 300; transaction++) {
            small.beginTransaction();
            wide.beginTransaction();
            int before = small.snapshot();
            assertEquals(before, wide.snapshot());
            for (int step = 0; step < 10; step++) {
                long seed = random.nextLong();
                boolean did = change(new SplittableRandom(seed), small);
                assertTrue(did, "refused in transaction " + transaction);
                change(new SplittableRandom(seed), wide);
            }
            if (random.nextInt(3) == 0) {
                small.revert(before);
                wide.revert(before);
            } else {
                small.endTransaction();
                wide.endTransaction();
            }
            most = Math.max(most, small.accounts());
            for (long who = 1; who <= REAL; who++) {
                assertArrayEquals(read(wide, who), read(small, who), "account " + who + " after transaction " + transaction);
            }
        }
        assertTrue(most > 50 && wide.accounts() > 500, "it was crowded");
    }

    /// {@return false where it was refused}
    private static boolean change(SplittableRandom random, WorldState world) {
        long[] who = word(1 + random.nextInt(REAL));
        long[] other = word(1 + random.nextInt(REAL));
        long[] key = word(random.nextInt(REAL));
        long[] value = word(random.nextInt(3));
        byte[] code = new byte[random.nextInt(16)];
        random.nextBytes(code);
        return switch (random.nextInt(9)) {
            case 0 -> world.setBalance(who, 0, value, 0);
            case 1 -> world.store(who, 0, key, 0, value, 0);
            case 2 -> world.setCode(who, 0, MemorySegment.ofArray(code), 0, code.length);
            case 3 -> world.raiseNonce(who, 0);
            case 4 -> world.transfer(who, 0, other, 0, value, 0) && world.touch(who, 0);
            case 5 -> world.selfDestruct(who, 0, other, 0, random.nextBoolean()) != Host.FULL;
            case 6 -> world.accessSlot(word(100 + random.nextInt(1000)), 0, word(random.nextInt(1000)), 0) != Host.FULL;
            case 7 -> world.accessAccount(word(100 + random.nextInt(10_000)), 0) != Host.FULL;
            default -> world.storeTransient(who, 0, key, 0, value, 0);
        };
    }

    /// A stranger's call that looks at more than there is room for, addresses or slots, is refused; whoever comes then is not.
    @ParameterizedTest
    @ValueSource(strings = {"5f5b600101803150600156", "5f5b600101805450600156"})
    void nobodyFillsAWorldByLooking(String looks) {
        for (WorldOrigin origin : new WorldOrigin[] {null, ORIGIN}) {
            for (boolean kept : new boolean[] {false, true}) {
                WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 10, 1 << 10, 16, 1 << 12), origin);
                long sender = 300;
                state.account(word(sender), 0, word(1_000_000_000), 0, 0);
                state.account(word(200), 0, word(0), 0, 1);
                byte[] code = HexFormat.of().parseHex(looks);        // at 1, 2, ... without end
                state.setCode(word(200), 0, MemorySegment.ofArray(code), 0, code.length);
                state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
                Transaction t = new Transaction().sender(word(sender), 0).to(word(200), 0).nonce(0).gas(600_000).gasPrice(word(1), 0);
                try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
                    TransactionExecutor executor = new TransactionExecutor(machine, state);
                    assertEquals(Status.HOST_LIMIT, (kept ? executor.execute(t) : executor.simulate(t)).status());
                    // As many as there is room for, and they stay looked at.
                    assertEquals(Status.OUT_OF_GAS, (kept ? executor.execute(t.gas(130_000)) : executor.simulate(t.gas(130_000))).status());
                    for (int i = 0; i < 30; i++) {
                        long to = 900 + 3 * i;                  // the origin has none of them
                        t.to(word(to), 0).nonce(state.nonce(word(sender), 0)).gas(21_000).value(word(1), 0);
                        assertEquals(Status.SUCCESS, executor.execute(t).status(), "transfer " + i);
                    }
                    assertNotEquals(0, state.codeLength(word(200), 0));
                }
            }
        }
    }

    /// What was changed stays, be it by one transfer; what was changed and undone is as told again, and goes.
    @Test
    void whatChangedStaysAndWhatWasUndoneGoes() {
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 100, 1 << 10, 16, 1 << 10), ORIGIN);
        state.beginTransaction();
        assertTrue(state.transfer(word(1), 0, word(2), 0, word(5), 0));
        state.endTransaction();
        for (int i = 0; i < 20; i++) {
            state.beginTransaction();
            int before = state.snapshot();
            for (int key = 0; key < 14; key++) {
                assertTrue(state.store(word(1), 0, word(100 * i + key), 0, word(7), 0), "slot " + key + " in transaction " + i);
                assertTrue(key > 10 || state.setBalance(word(100 * i + key + 6), 0, word(7), 0), "account " + key + " in transaction " + i);
            }
            state.revert(before);
        }
        state.beginTransaction();
        long[] w = new long[4];
        state.balance(word(1), 0, w, 0);
        assertEquals(996, w[0]);
        state.balance(word(2), 0, w, 0);
        assertEquals(1007, w[0]);
    }

    private static boolean code(WorldState state, long who, int length) {
        return state.setCode(word(who), 0, MemorySegment.ofArray(new byte[length]), 0, length);
    }

    /// A world in which all is wanted and no room is left has some as soon as something is given up, though nothing comes: a slot, an account with its slots, code.
    @Test
    void whatIsGivenUpInAFullWorldLeavesRoom() {
        for (int i = 0; i < 6; i++) {
            int way = i % 3;
            boolean isFullOfSlots = i < 3;                        // otherwise of code only
            WorldState state = new WorldState(new WorldStateConfig(4, isFullOfSlots ? 8 : 64, 100, 1 << 10, 16, 64));
            state.account(word(1), 0, word(1), 0, 1);
            assertTrue(code(state, 1, 60) && code(state, 2, 40));
            for (int key = 0; key < 8; key++) {
                assertTrue(state.store(word(1), 0, word(key), 0, word(7), 0));
            }
            state.beginTransaction();
            assertEquals(!isFullOfSlots, state.store(word(2), 0, word(1), 0, word(7), 0));
            assertEquals(false, code(state, 2, 1));
            switch (way) {
                case 0 -> state.store(word(1), 0, word(3), 0, word(0), 0);
                case 1 -> state.selfDestruct(word(1), 0, word(2), 0, false);
                default -> state.account(word(1), 0, word(1), 0, 1);
            }
            state.endTransaction();
            state.beginTransaction();
            assertEquals(way < 2 || !isFullOfSlots, state.store(word(2), 0, word(1), 0, word(7), 0), "slot, way " + i);
            assertEquals(way > 0, code(state, 2, 60), "code, way " + i);
        }
    }

    /// The same of an account that has slots and no code.
    @Test
    void whoGoesLeavesTheRoomOfItsSlots() {
        WorldState state = new WorldState(new WorldStateConfig(16, 8, 100, 1 << 10, 16, 64));
        for (int key = 0; key < 8; key++) {
            assertTrue(state.store(word(1), 0, word(key), 0, word(7), 0));
        }
        state.beginTransaction();
        state.selfDestruct(word(1), 0, word(2), 0, false);
        state.endTransaction();
        state.beginTransaction();
        assertTrue(state.store(word(2), 0, word(1), 0, word(7), 0));
    }

    /// Shorter code in the place of longer one gives back what that had.
    @Test
    void codeThatIsReplacedGivesItsRoomBack() {
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 100, 1 << 10, 16, 64));
        assertTrue(code(state, 1, 77));
        state.beginTransaction();
        assertTrue(code(state, 1, 10));
        state.endTransaction();
        state.beginTransaction();
        assertTrue(code(state, 2, 90));
    }

    /// Slots that were changed to 0 say so until their origin is asked no more; and a world that was cleared is as a new one.
    @Test
    void whatIsSetUpAnewOrClearedLeavesRoom() {
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 100, 1 << 10, 16, 64), ORIGIN);
        for (int round = 0; round < 2; round++) {
            for (int key = 0; key < 16; key++) {
                assertTrue(state.store(word(1), 0, word(key), 0, word(0), 0), "round " + round);
            }
            state.beginTransaction();
            assertEquals(false, state.store(word(4), 0, word(1), 0, word(7), 0));
            state.account(word(1), 0, word(1), 0, 1);
            state.beginTransaction();
            assertTrue(state.store(word(4), 0, word(1), 0, word(7), 0), "round " + round);
            state.clear();
        }
        for (int key = 0; key < 16; key++) {
            state.store(word(1), 0, word(key), 0, word(9), 0);
        }
        state.beginTransaction();
        state.clear();
        for (int key = 0; key < 16; key++) {
            state.accessSlot(word(1), 0, word(key), 0);
        }
        state.beginTransaction();
        assertTrue(state.store(word(4), 0, word(1), 0, word(7), 0), "after it was cleared");
    }

    /// Code that nobody has any more gives its room back: a contract that is set anew, again and again.
    @Test
    void codeThatNobodyHasGivesItsRoomBack() {
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 100, 1 << 10, 16, 64));
        byte[] code = new byte[23];
        for (int i = 0; i < 100; i++) {
            state.beginTransaction();
            code[0] = (byte) i;
            assertTrue(state.setCode(word(i % 2), 0, MemorySegment.ofArray(code), 0, code.length), "delegation " + i);
            state.endTransaction();
            byte[] there = new byte[23];
            state.copyCode(word(i % 2), 0, 0, MemorySegment.ofArray(there), 0, 23);
            assertArrayEquals(code, there);
        }
    }
}
