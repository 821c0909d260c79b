package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A world that stands on another one: what it asks, how often, what it keeps, and what becomes of it. Account n of the origin has balance 100 n, nonce n and, where
/// n is odd, n bytes of code; its slot k is 1000 n + k. Account 0 is not there.
class WorldOriginTest {
    private final List<String> asked = new ArrayList<>();
    private RuntimeException fails;

    private final WorldOrigin origin = new WorldOrigin() {
        private long asks(String what, long[] s, int a) {
            if (fails != null) {
                throw fails;
            }
            asked.add(what + " " + s[a]);
            return s[a];
        }

        @Override
        public void balance(long[] s, int address, long[] to, int r) {
            Word.set(to, r, 100 * asks("balance", s, address));
        }

        @Override
        public long nonce(long[] s, int address) {
            return asks("nonce", s, address);
        }

        @Override
        public byte[] code(long[] s, int address) {
            long n = asks("code", s, address);
            byte[] code = new byte[n % 2 == 0 ? 0 : (int) n];
            java.util.Arrays.fill(code, (byte) n);
            return code;
        }

        @Override
        public void slot(long[] s, int address, long[] k, int key, long[] to, int r) {
            asks("slot " + k[key], s, address);
            Word.set(to, r, 1000 * s[address] + k[key]);
        }
    };

    private final long[] w = new long[Word.LONGS];

    private WorldState world(int accounts, int slots, int codeBytes) {
        return new WorldState(new WorldStateConfig(accounts, slots, codeBytes, 1 << 10, 16, 1 << 10), origin);
    }

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private long balance(WorldState world, long who) {
        world.balance(word(who), 0, w, 0);
        return w[0];
    }

    private long slot(WorldState world, long who, long key) {
        world.load(word(who), 0, word(key), 0, w, 0);
        return w[0];
    }

    private static byte[] code(WorldState world, long who) {
        byte[] code = new byte[(int) world.codeLength(word(who), 0)];
        if (code.length > 0) {
            world.copyCode(word(who), 0, 0, MemorySegment.ofArray(code), 0, code.length);
        }
        return code;
    }

    @Test
    void eachThingIsAskedForOnce() {
        WorldState world = world(8, 8, 1 << 10);
        for (int times = 0; times < 3; times++) {
            world.beginTransaction();
            assertEquals(700, balance(world, 7));
            assertEquals(7, world.nonce(word(7), 0));
            assertArrayEquals(new byte[] {7, 7, 7, 7, 7, 7, 7}, code(world, 7));
            assertEquals(7002, slot(world, 7, 2));
            assertTrue(world.exists(word(7), 0));
            assertFalse(world.exists(word(0), 0));
            assertEquals(Host.COLD, world.accessAccount(word(7), 0));
            world.endTransaction();
        }
        assertEquals(List.of("code 7", "nonce 7", "balance 7", "slot 2 7", "code 0", "nonce 0", "balance 0"), asked);
        world.codeHash(word(7), 0, w, 0);
        long[] hash = w.clone();
        WorldState plain = new WorldState(WorldStateConfig.defaults());
        plain.account(word(7), 0, word(1), 0, 0);
        plain.setCode(word(7), 0, MemorySegment.ofArray(code(world, 7)), 0, 7);
        plain.codeHash(word(7), 0, w, 0);
        assertArrayEquals(w, hash);
    }

    @Test
    void whatIsChangedHereStaysHereAndARevertGoesBackToTheOrigin() {
        WorldState world = world(8, 8, 1 << 10);
        world.beginTransaction();
        int before = world.snapshot();
        assertTrue(world.setBalance(word(4), 0, word(1), 0));
        assertTrue(world.store(word(4), 0, word(9), 0, word(2), 0));
        byte[] own = {1, 2, 3};
        assertTrue(world.setCode(word(4), 0, MemorySegment.ofArray(own), 0, 3));
        assertArrayEquals(new byte[] {5, 5, 5, 5, 5}, code(world, 5), "told while other code is new");
        world.original(word(4), 0, word(9), 0, w, 0);
        assertEquals(4009, w[0]);
        assertEquals(2, slot(world, 4, 9));
        assertArrayEquals(own, code(world, 4));
        world.revert(before);
        assertEquals(400, balance(world, 4));
        assertEquals(4009, slot(world, 4, 9));
        assertEquals(0, world.codeLength(word(4), 0));
        assertTrue(world.setCode(word(6), 0, MemorySegment.ofArray(own), 0, 3));
        assertArrayEquals(new byte[] {5, 5, 5, 5, 5}, code(world, 5), "a revert does not give back what was told");
    }

    /// Whoever was removed is not there any more, whatever the origin says.
    @Test
    void whatWasRemovedStaysRemoved() {
        WorldState world = world(8, 8, 1 << 10);
        world.beginTransaction();
        assertEquals(3001, slot(world, 3, 1));
        world.selfDestruct(word(3), 0, word(4), 0, false);
        world.endTransaction();
        world.beginTransaction();
        assertFalse(world.exists(word(3), 0));
        assertEquals(0, slot(world, 3, 1), "known before");
        assertEquals(0, slot(world, 3, 2), "never looked at");
        assertEquals(700, balance(world, 4));
        assertTrue(world.account(word(5), 0, word(1), 0, 0));
        assertEquals(0, slot(world, 5, 1), "set up here: all of it is ours");
        assertEquals(0, world.codeLength(word(5), 0));
        world.clear();
        assertEquals(3002, slot(world, 3, 2), "and a cleared world begins anew");
    }

    /// Looking is answered without room, too; changing is refused.
    @Test
    void aFullWorldSeesAllAndChangesNothingNew() {
        WorldState world = world(2, 1, 8);
        world.beginTransaction();
        assertEquals(100, balance(world, 1));
        assertEquals(200, balance(world, 2));
        for (int times = 0; times < 2; times++) {
            assertEquals(900, balance(world, 9));
            assertEquals(9, world.nonce(word(9), 0));
            assertArrayEquals(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9}, code(world, 9));
            assertEquals(9005, slot(world, 9, 5));
            assertEquals(0, world.codeLength(word(8), 0));
        }
        assertFalse(world.setBalance(word(9), 0, word(1), 0));
        assertEquals(Host.FULL, world.accessAccount(word(9), 0));
        assertEquals(1005, slot(world, 1, 5));
        assertEquals(1006, slot(world, 1, 6), "no room for a second slot");
        assertEquals(Host.FULL, world.accessSlot(word(1), 0, word(6), 0));
        assertFalse(world.store(word(1), 0, word(6), 0, word(1), 0));
        assertTrue(world.store(word(1), 0, word(5), 0, word(1), 0));
        world.loadTransient(word(1), 0, word(6), 0, w, 0);
        assertEquals(0, w[0], "nobody else has transient storage");
        // Room for an account and none for its code.
        world = world(2, 1, 8);
        assertArrayEquals(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9}, code(world, 9));
        assertFalse(world.setBalance(word(9), 0, word(1), 0));
        assertTrue(world.setBalance(word(7), 0, word(1), 0));
    }

    @Test
    void anOriginThatFailsLeavesNothing() {
        WorldState world = world(8, 8, 1 << 10);
        byte[] loads = HexFormat.of().parseHex("600254600031016000526020" + "6000f3");
        Message message = new Message().to(word(2), 0).gas(100_000).code(MemorySegment.ofArray(loads), 0, loads.length);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), world, null)) {
            world.beginTransaction();
            fails = new UncheckedIOException(new java.io.IOException("gone"));
            assertSame(fails, assertThrows(UncheckedIOException.class, () -> machine.run(message)));
            fails = null;
            world.beginTransaction();
            Outcome outcome = machine.run(message);
            assertEquals(Status.SUCCESS, outcome.status());
            byte[] sum = outcome.output();
            assertEquals(2002, MemorySegment.ofArray(sum).get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN), 28));
        }
    }
}
