package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.TransactionReader;
import dev.coffer.evm.TransactionReader.Refusal;
import dev.coffer.evm.WorldOrigin;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Random blocks of signed transactions in a world that was set up, and in a fork of it that asks for what it looks at: every transaction ends in the same way, and
/// afterwards both say the same of every account and slot that either knows. Nothing is asked for twice.
class ForkedStateTest {
    private static final int BLOCKS = 60;

    private final WorldState first = new WorldState(WorldStateConfig.defaults());
    private final WorldState held = new WorldState(WorldStateConfig.defaults());
    private final Set<String> asked = new HashSet<>();
    private final WorldState fork = new WorldState(WorldStateConfig.defaults(), new WorldOrigin() {
        private void once(String what, long[] s, int address) {
            assertTrue(asked.add(what + " " + Hex.address(s, address)), () -> what + " asked twice of " + Hex.address(s, address));
        }

        @Override
        public void balance(long[] s, int address, long[] to, int r) {
            once("balance", s, address);
            held.balance(s, address, to, r);
        }

        @Override
        public long nonce(long[] s, int address) {
            once("nonce", s, address);
            return held.nonce(s, address);
        }

        @Override
        public byte[] code(long[] s, int address) {
            once("code", s, address);
            byte[] code = new byte[(int) held.codeLength(s, address)];
            if (code.length > 0) {
                held.copyCode(s, address, 0, MemorySegment.ofArray(code), 0, code.length);
            }
            return code;
        }

        @Override
        public void slot(long[] s, int address, long[] k, int key, long[] to, int r) {
            once("slot " + Word.toHex(k, key), s, address);
            held.load(s, address, k, key, to, r);
        }
    });

    private final Transaction transaction = new Transaction();

    @Test
    void aForkEndsWhereItsOriginWould() {
        int transactions = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES);
            for (long seed = 10_001; seed <= 10_000 + BLOCKS; seed++) {
                Map<String, String> test = Json.members(TransactionGenerator.line(seed));
                Fork rules = Fork.named((String) Json.parse(test.get("fork")));
                if (!rules.atLeast(Fork.SPURIOUS_DRAGON)) {
                    continue;                                            // an origin knows no empty accounts
                }
                asked.clear();
                fork.clear();
                TransactionFuzz.setUp(first, test);
                TransactionFuzz.setUp(held, test);
                TransactionFuzz.block(fork, test);
                List<String> there = run(first, rules, test, room);
                List<String> here = run(fork, rules, test, room);
                assertEquals(there, here, "seed " + seed);
                transactions += here.size();
                compare(first, "seed " + seed);
                compare(fork, "seed " + seed);
            }
        }
        assertTrue(transactions > BLOCKS, transactions + " transactions");
    }

    private List<String> run(WorldState world, Fork rules, Map<String, String> test, MemorySegment room) {
        List<String> endings = new ArrayList<>();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(rules), world, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, world);
            TransactionReader reader = new TransactionReader(rules, 1, room, 0);
            for (Object text : (List<?>) Json.parse(test.get("transactions"))) {
                MemorySegment bytes = MemorySegment.ofArray(Hex.bytes((String) text));
                Refusal refusal = reader.read(bytes, 0, bytes.byteSize(), transaction);
                endings.add(refusal != Refusal.NONE ? refusal.name() : executor.execute(transaction) + " " + CallCase.logs(world.logs()));
            }
        }
        return endings;
    }

    /// Everything that one of them knows.
    private void compare(WorldState knows, String seed) {
        long[] w = new long[12];
        for (int i = 0; i < knows.accounts(); i++) {
            knows.address(i, w, 0);
            assertEquals(account(first, w), account(fork, w), () -> seed + ", " + Hex.address(w, 0));
        }
        for (int i = 0; i < knows.slots(); i++) {
            knows.slot(i, w, 0);
            asked.remove("slot " + Word.toHex(w, 4) + " " + Hex.address(w, 0));   // it may be new to the fork
            long[] there = new long[4];
            long[] here = new long[4];
            first.load(w, 0, w, 4, there, 0);
            fork.load(w, 0, w, 4, here, 0);
            assertEquals(Word.toHex(there, 0), Word.toHex(here, 0), () -> seed + ", slot of " + Hex.address(w, 0));
        }
    }

    private static String account(WorldState world, long[] s) {
        long[] w = new long[8];
        world.balance(s, 0, w, 0);
        world.codeHash(s, 0, w, 4);
        return world.exists(s, 0) + " " + Word.toHex(w, 0) + " " + Word.toHex(w, 4) + " " + world.nonce(s, 0);
    }
}
