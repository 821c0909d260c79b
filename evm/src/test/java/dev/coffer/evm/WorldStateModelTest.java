package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.word.Word;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bouncycastle.jcajce.provider.digest.Keccak;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A world beside maps: random changes, snapshots nested and gone back to, transactions. After each step all that a machine can ask is
/// asked of both. With little room the world may refuse, and then nothing has changed.
class WorldStateModelTest {
    private static final int ACCOUNTS = 6;
    private static final int KEYS = 4;
    private static final WorldStateConfig AMPLE = new WorldStateConfig(ACCOUNTS, ACCOUNTS * KEYS, 1 << 14, 1 << 12, 1 << 8, 1 << 12);

    /// What the world should hold; copied whole for each snapshot.
    private static final class Model {
        final boolean[] exists = new boolean[ACCOUNTS];
        final boolean[] warm = new boolean[ACCOUNTS];
        final boolean[] created = new boolean[ACCOUNTS];
        final boolean[] destroyed = new boolean[ACCOUNTS];
        final boolean[] touched = new boolean[ACCOUNTS];
        final BigInteger[] balance = new BigInteger[ACCOUNTS];
        final long[] nonce = new long[ACCOUNTS];
        final byte[][] code = new byte[ACCOUNTS][];
        final Map<Integer, BigInteger> values = new HashMap<>();       // account * KEYS + key
        final Map<Integer, BigInteger> originals = new HashMap<>();
        final Map<Integer, BigInteger> transients = new HashMap<>();
        final Set<Integer> warmSlots = new HashSet<>();
        final List<String> logs = new ArrayList<>();

        Model() {
            Arrays.fill(balance, BigInteger.ZERO);
            Arrays.fill(code, new byte[0]);
        }

        Model copy() {
            Model copy = new Model();
            System.arraycopy(exists, 0, copy.exists, 0, ACCOUNTS);
            System.arraycopy(warm, 0, copy.warm, 0, ACCOUNTS);
            System.arraycopy(created, 0, copy.created, 0, ACCOUNTS);
            System.arraycopy(destroyed, 0, copy.destroyed, 0, ACCOUNTS);
            System.arraycopy(touched, 0, copy.touched, 0, ACCOUNTS);
            System.arraycopy(balance, 0, copy.balance, 0, ACCOUNTS);
            System.arraycopy(nonce, 0, copy.nonce, 0, ACCOUNTS);
            System.arraycopy(code, 0, copy.code, 0, ACCOUNTS);
            copy.values.putAll(values);
            copy.originals.putAll(originals);
            copy.transients.putAll(transients);
            copy.warmSlots.addAll(warmSlots);
            copy.logs.addAll(logs);
            return copy;
        }

        boolean empty(int a) {
            return !exists[a] || nonce[a] == 0 && code[a].length == 0 && balance[a].signum() == 0;
        }

        boolean creatable(int a) {
            return nonce[a] == 0 && code[a].length == 0
                    && values.entrySet().stream().noneMatch(slot -> slot.getKey() / KEYS == a && slot.getValue().signum() != 0);
        }
    }

    private record Snapshot(int token, Model model) {}

    /// One world, its model, and the snapshots that can be gone back to.
    private static final class Pair {
        final WorldState state;
        final boolean ample;
        final SplittableRandom random;
        final Deque<Snapshot> snapshots = new ArrayDeque<>();
        final long[] w = new long[64];
        Model model = new Model();
        int refusals;

        Pair(WorldStateConfig config, boolean ample, SplittableRandom random) {
            state = new WorldState(config);
            this.ample = ample;
            this.random = random;
            for (int a = 0; a < 3; a++) {
                address(a, 0);
                Word.set(w, 4, BigInteger.valueOf(1000L * a));
                if (accepted(state.account(w, 0, w, 4, a))) {
                    model.exists[a] = true;
                    model.balance[a] = BigInteger.valueOf(1000L * a);
                    model.nonce[a] = a;
                }
            }
            state.beginTransaction();
        }

        /// Addresses and keys differ in one limb each, so that a table that reads too few of them mixes them up.
        void address(int a, int at) {
            Word.set(w, at, BigInteger.valueOf(7).add(a < 3 ? BigInteger.valueOf(a) : BigInteger.ONE.shiftLeft(40 * a)));
        }

        void key(int k, int at) {
            Word.set(w, at, BigInteger.valueOf(5).shiftLeft(64 * k));
        }

        boolean accepted(boolean done) {
            if (!done) {
                refusals++;
                assertTrue(!ample, "refused where there is room");
            }
            return done;
        }

        BigInteger value() {
            int kind = random.nextInt(4);
            return kind == 0 ? BigInteger.ZERO : kind == 1 ? BigInteger.ONE.shiftLeft(255) : BigInteger.valueOf(random.nextInt(1, 1 << 20)).shiftLeft(96);
        }

        void step() {
            int a = random.nextInt(ACCOUNTS);
            int b = random.nextInt(ACCOUNTS);
            int k = random.nextInt(KEYS);
            address(a, 0);
            address(b, 4);
            key(k, 8);
            switch (random.nextInt(15)) {
                case 0 -> snapshots.push(new Snapshot(state.snapshot(), model.copy()));
                case 1 -> revert();
                case 2 -> {
                    if (accepted(state.raiseNonce(w, 0))) {
                        model.exists[a] = true;
                        model.nonce[a]++;
                    }
                }
                case 3 -> {
                    int before = state.accessAccount(w, 0);
                    if (accepted(before != Host.FULL)) {
                        assertEquals(model.warm[a] ? Host.WARM : Host.COLD, before);
                        model.warm[a] = true;
                    }
                }
                case 4 -> {
                    int before = state.accessSlot(w, 0, w, 8);
                    if (accepted(before != Host.FULL)) {
                        assertEquals(model.warmSlots.contains(a * KEYS + k) ? Host.WARM : Host.COLD, before);
                        model.warmSlots.add(a * KEYS + k);
                    }
                }
                case 5, 6 -> {
                    BigInteger value = value();
                    Word.set(w, 12, value);
                    if (accepted(state.store(w, 0, w, 8, w, 12))) {
                        model.values.put(a * KEYS + k, value);
                    }
                }
                case 7 -> {
                    BigInteger value = value();
                    Word.set(w, 12, value);
                    if (accepted(state.storeTransient(w, 0, w, 8, w, 12))) {
                        model.transients.put(a * KEYS + k, value);
                    }
                }
                case 8 -> transfer(a, b);
                case 9 -> {
                    long nonce = random.nextInt(3);
                    if (model.creatable(a) && accepted(state.create(w, 0, nonce))) {
                        model.exists[a] = true;
                        model.created[a] = true;
                        model.nonce[a] = nonce;
                    }
                }
                case 10 -> setCode(a);
                case 11 -> selfDestruct(a, b);
                case 12 -> log(a);
                case 13 -> {
                    if (accepted(state.touch(w, 0))) {
                        model.touched[a] |= model.exists[a];
                    }
                }
                default -> {
                    if (random.nextInt(6) == 0) {
                        nextTransaction();
                    }
                }
            }
        }

        void revert() {
            if (snapshots.isEmpty()) {
                return;
            }
            for (int further = random.nextInt(snapshots.size()); further > 0; further--) {
                snapshots.pop();
            }
            Snapshot to = random.nextBoolean() ? snapshots.pop() : snapshots.peek();
            state.revert(to.token());
            model = to.model().copy();
        }

        void transfer(int a, int b) {
            BigInteger value = random.nextInt(3) == 0 ? model.balance[a] : model.balance[a].divide(BigInteger.valueOf(random.nextInt(1, 5)));
            Word.set(w, 12, value);
            if (accepted(state.transfer(w, 0, w, 4, w, 12))) {
                model.exists[b] = true;
                model.balance[a] = model.balance[a].subtract(value);
                model.balance[b] = model.balance[b].add(value);
            }
        }

        void setCode(int a) {
            byte[] code = new byte[random.nextInt(8)];
            random.nextBytes(code);
            if (accepted(state.setCode(w, 0, MemorySegment.ofArray(code), 0, code.length))) {
                model.exists[a] = true;
                model.code[a] = code;
            }
        }

        void selfDestruct(int a, int heir) {
            boolean onlyCreated = random.nextBoolean();
            int before = state.selfDestruct(w, 0, w, 4, onlyCreated);
            if (!accepted(before != Host.FULL)) {
                return;
            }
            boolean goes = !onlyCreated || model.created[a];
            assertEquals(model.destroyed[a] ? Host.WARM : Host.COLD, before);
            if (a != heir) {
                if (model.balance[a].signum() != 0) {
                    model.exists[heir] = true;
                }
                model.balance[heir] = model.balance[heir].add(model.balance[a]);
                model.balance[a] = BigInteger.ZERO;
            } else if (goes) {
                model.balance[a] = BigInteger.ZERO;
            }
            model.destroyed[a] |= goes;
        }

        void log(int a) {
            int topics = random.nextInt(5);
            byte[] data = new byte[random.nextInt(10)];
            random.nextBytes(data);
            StringBuilder text = new StringBuilder(a + ":" + Arrays.toString(data));
            for (int i = 0; i < topics; i++) {
                BigInteger topic = value();
                Word.set(w, 40 - 4 * i, topic);
                text.append(':').append(topic);
            }
            if (accepted(state.log(w, 0, MemorySegment.ofArray(data), 0, data.length, w, 40, topics))) {
                model.logs.add(text.toString());
            }
        }

        void nextTransaction() {
            state.endTransaction();
            for (int a = 0; a < ACCOUNTS; a++) {
                if (model.destroyed[a] || model.touched[a] && model.empty(a)) {
                    model.exists[a] = false;
                    model.nonce[a] = 0;
                    model.code[a] = new byte[0];
                    model.balance[a] = BigInteger.ZERO;
                    for (int k = 0; k < KEYS; k++) {
                        model.values.remove(a * KEYS + k);
                    }
                }
            }
            state.beginTransaction();
            snapshots.clear();
            Arrays.fill(model.warm, false);
            Arrays.fill(model.created, false);
            Arrays.fill(model.destroyed, false);
            Arrays.fill(model.touched, false);
            model.warmSlots.clear();
            model.transients.clear();
            model.originals.clear();
            model.originals.putAll(model.values);
            model.logs.clear();
        }

        // --- asking both ----------------------------------------------------------------------------------------------------

        void check() {
            for (int a = 0; a < ACCOUNTS; a++) {
                address(a, 0);
                assertEquals(model.exists[a], state.exists(w, 0), "exists " + a);
                assertEquals(model.empty(a), state.isEmpty(w, 0), "empty " + a);
                state.balance(w, 0, w, 16);
                assertEquals(model.balance[a], Word.toBigInteger(w, 16), "balance of " + a);
                assertEquals(model.nonce[a], state.nonce(w, 0), "nonce of " + a);
                assertEquals(model.code[a].length, state.codeLength(w, 0), "code of " + a);
                assertEquals(model.creatable(a), state.creatable(w, 0), "creatable " + a);
                checkCode(a);
                for (int k = 0; k < KEYS; k++) {
                    key(k, 8);
                    state.load(w, 0, w, 8, w, 16);
                    assertEquals(model.values.getOrDefault(a * KEYS + k, BigInteger.ZERO), Word.toBigInteger(w, 16), "slot");
                    state.original(w, 0, w, 8, w, 16);
                    assertEquals(model.originals.getOrDefault(a * KEYS + k, BigInteger.ZERO), Word.toBigInteger(w, 16), "original");
                    state.loadTransient(w, 0, w, 8, w, 16);
                    assertEquals(model.transients.getOrDefault(a * KEYS + k, BigInteger.ZERO), Word.toBigInteger(w, 16), "transient");
                }
            }
            checkLogs();
        }

        void checkCode(int a) {
            byte[] code = new byte[model.code[a].length + 2];
            if (code.length > 2) {
                state.copyCode(w, 0, 1, MemorySegment.ofArray(code), 2, code.length - 3);
                assertArrayEquals(Arrays.copyOfRange(model.code[a], 1, model.code[a].length), Arrays.copyOfRange(code, 2, code.length - 1));
            }
            state.codeHash(w, 0, w, 16);
            MessageDigest keccak = new Keccak.Digest256();
            assertEquals(model.exists[a] ? new BigInteger(1, keccak.digest(model.code[a])) : BigInteger.ZERO, Word.toBigInteger(w, 16));
        }

        void checkLogs() {
            LogBuffer logs = state.logs();
            assertEquals(model.logs.size(), logs.count());
            for (int i = 0; i < logs.count(); i++) {
                logs.address(i, w, 16);
                int a = 0;
                for (address(a, 20); !Word.equal(w, 16, w, 20); address(a, 20)) {
                    a++;
                }
                StringBuilder text = new StringBuilder(a + ":" + Arrays.toString(logs.data(i)));
                for (int topic = 0; topic < logs.topics(i); topic++) {
                    logs.topic(i, topic, w, 16);
                    text.append(':').append(Word.toBigInteger(w, 16));
                }
                assertEquals(model.logs.get(i), text.toString());
            }
        }
    }

    @Test
    void whateverHappensTheWorldIsWhatItsModelIs() {
        Seeds.forEach(1, 60, random -> {
            Pair pair = new Pair(AMPLE, true, random);
            for (int i = 0; i < 150; i++) {
                pair.step();
                pair.check();
            }
        });
    }

    @Test
    void aWorldThatRefusesHasNotChanged() {
        int[] refusals = {0};
        Seeds.forEach(1000, 100, random -> {
            WorldStateConfig tight = new WorldStateConfig(random.nextInt(2, 5), random.nextInt(1, 6), random.nextInt(1, 24), random.nextInt(1, 24),
                    random.nextInt(1, 4), random.nextInt(1, 24));
            Pair pair = new Pair(tight, false, random);
            for (int i = 0; i < 80; i++) {
                pair.step();
                pair.check();
            }
            refusals[0] += pair.refusals;
        });
        assertNotEquals(0, refusals[0]);
    }

    /// The journal's records that each change asks for: with as many it is made and can be undone, with one less it is refused.
    @ParameterizedTest
    @CsvSource({"raiseNonce, 2", "accessAccount, 1", "accessSlot, 1", "store, 1", "storeTransient, 1", "transfer, 3", "create, 2", "setCode, 3",
            "selfDestruct, 4", "log, 1", "touch, 1"})
    void aChangeIsMadeWithTheRecordsItNeedsAndRefusedWithOneLess(String change, int records) {
        for (int fewer = 0; fewer <= 1; fewer++) {
            int undos = records - fewer + 1;      // one is taken before
            WorldState state = new WorldState(new WorldStateConfig(4, 4, 16, 16, 4, undos));
            long[] w = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0};
            state.account(w, 0, w, 12, 5);
            state.beginTransaction();
            assertEquals(Host.COLD, state.accessAccount(w, 8));
            int before = state.snapshot();
            assertEquals(fewer == 0, changes(change, state, w), change + " with " + undos + " records");
            state.revert(before);
            state.balance(w, 0, w, 4);
            assertEquals(9, w[4]);
            assertEquals(5, state.nonce(w, 0));
            assertEquals(0, state.codeLength(w, 0));
            assertEquals(0, state.logs().count());
        }
    }

    private static boolean changes(String change, WorldState state, long[] w) {
        return switch (change) {
            case "raiseNonce" -> state.raiseNonce(w, 0);
            case "accessAccount" -> state.accessAccount(w, 0) != Host.FULL;
            case "accessSlot" -> state.accessSlot(w, 0, w, 4) != Host.FULL;
            case "store" -> state.store(w, 0, w, 4, w, 8);
            case "storeTransient" -> state.storeTransient(w, 0, w, 4, w, 8);
            case "transfer" -> state.transfer(w, 0, w, 4, w, 12);
            case "create" -> state.create(w, 4, 1);
            case "touch" -> state.touch(w, 0);
            case "setCode" -> state.setCode(w, 0, MemorySegment.ofArray(new byte[16]), 0, 16);
            case "selfDestruct" -> state.selfDestruct(w, 0, w, 4, false) != Host.FULL;
            default -> state.log(w, 0, MemorySegment.ofArray(new byte[16]), 0, 16, w, 12, 1);
        };
    }

    @Test
    void tablesTakeAsManyAsTheyHaveRoomForAndRefuseTheNext() {
        WorldState state = new WorldState(new WorldStateConfig(2, 2, 8, 4, 1, 64));
        long[] w = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0};
        state.beginTransaction();
        assertTrue(state.raiseNonce(w, 0) && state.raiseNonce(w, 4) && !state.raiseNonce(w, 8), "accounts");
        assertTrue(!state.account(w, 8, w, 0, 1) && !state.create(w, 8, 1) && !state.exists(w, 8), "no room for a third");
        assertEquals(Host.FULL, state.accessAccount(w, 8));
        assertEquals(Host.FULL, state.accessSlot(w, 8, w, 0));
        assertEquals(Host.FULL, state.selfDestruct(w, 8, w, 0, false));
        assertEquals(Host.FULL, state.selfDestruct(w, 0, w, 8, false));
        assertTrue(!state.transfer(w, 8, w, 0, w, 12) && !state.transfer(w, 0, w, 8, w, 12));
        assertTrue(state.store(w, 0, w, 0, w, 0) && state.store(w, 4, w, 0, w, 0) && !state.store(w, 0, w, 4, w, 0), "slots");
        assertTrue(!state.storeTransient(w, 0, w, 4, w, 0));
        assertEquals(Host.FULL, state.accessSlot(w, 0, w, 4));
        assertEquals(2, state.slots());
        state.slot(1, w, 4);
        assertArrayEquals(new long[] {2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, Arrays.copyOfRange(w, 4, 16));
        MemorySegment bytes = MemorySegment.ofArray(new byte[9]);
        assertTrue(!state.setCode(w, 0, bytes, 0, 9) && state.setCode(w, 0, bytes, 0, 8) && !state.setCode(w, 0, bytes, 0, 1), "code");
        assertTrue(!state.log(w, 0, bytes, 0, 5, w, 0, 0) && state.log(w, 0, bytes, 0, 4, w, 0, 0) && !state.log(w, 0, bytes, 0, 0, w, 0, 0), "logs");
        state.clear();
        w[4] = 3;
        assertTrue(state.raiseNonce(w, 0) && state.raiseNonce(w, 4), "the whole room again");
        assertTrue(state.store(w, 0, w, 4, w, 0) && state.store(w, 4, w, 0, w, 0) && state.setCode(w, 0, bytes, 0, 8) && state.log(w, 0, bytes, 0, 4, w, 0, 0));
    }
}
