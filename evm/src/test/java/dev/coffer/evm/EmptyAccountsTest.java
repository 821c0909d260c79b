package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// EIP-161: who takes part in a transaction and is empty at its end is gone; before, taking part made an account. 0xeeee is there and empty,
/// 0xc0de runs the code, 0xbad has code that fails, 0xadd code that stops.
class EmptyAccountsTest {
    private static final long GAS = 200_000;
    private static final String PUSH_4_ZEROS = "6000600060006000";
    private static final String CALL_EMPTY = PUSH_4_ZEROS + "6000" + "61eeee" + "61ffff" + "f1";
    private static final String FAIL = "fe";

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12));
    private final long[] w = new long[16];

    private long[] address(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private void contract(long at, String code) {
        byte[] bytes = HexFormat.of().parseHex(code);
        long[] who = address(at);
        state.account(who, 0, new long[] {1000, 0, 0, 0}, 0, 1);
        if (bytes.length > 0) {
            state.setCode(who, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
        }
    }

    private void empty(long at) {
        state.account(address(at), 0, new long[4], 0, 0);
    }

    private boolean exists(long at) {
        return state.exists(address(at), 0);
    }

    /// Runs one message as a whole transaction.
    private Status run(Fork fork, long to, long value, String code) {
        contract(0xca11e4, "");
        contract(0xc0de, code);
        contract(0xbad, CALL_EMPTY + FAIL);
        contract(0xadd, CALL_EMPTY + "00");
        state.beginTransaction();
        w[0] = 0xca11e4;
        w[4] = to;
        w[8] = value;
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, null)) {
            Status status = machine.run(new Message().caller(w, 0).to(w, 4).value(w, 8).gas(GAS)).status();
            state.endTransaction();
            return status;
        }
    }

    private boolean isThereAfter(Fork fork, String code) {
        state.clear();
        empty(0xeeee);
        assertEquals(Status.SUCCESS, run(fork, 0xc0de, 0, code));
        return exists(0xeeee);
    }

    @ParameterizedTest
    @CsvSource({"FRONTIER, true", "TANGERINE_WHISTLE, true", "SPURIOUS_DRAGON, false", "LONDON, false", "CANCUN, false"})
    void whoIsCalledWithNothingAndIsEmptyGoesFromSpuriousDragonOn(Fork fork, boolean stays) {
        assertEquals(stays, isThereAfter(fork, CALL_EMPTY + "00"));
    }

    @ParameterizedTest
    @CsvSource({
            "CALL of value, 600060006000600060" + "01" + "61eeee61fffff100, true",
            "STATICCALL, 600060006000600061eeee61fffffa00, false",
            "CALLCODE borrows the code only, 6000600060006000600061eeee61fffff200, true",
            "DELEGATECALL too, 600060006000600061eeee61fffff400, true",
            "BALANCE only looks, 61eeee3100, true",
            "EXTCODESIZE too, 61eeee3b00, true",
            "EXTCODEHASH too, 61eeee3f00, true",
            "EXTCODECOPY too, 60006000600061eeee3c00, true",
            "an heir of something, 61eeeeff, true",
            "a call with more value than is there does not take place, 6000600060006000" + "61ffff" + "61eeee61fffff100, true",
            "in a frame that stops, 60006000600060006000610add61fffff100, false",
            "in a frame that fails, 60006000600060006000610bad61fffff100, true",
            "in initcode, 7d6000600060006000600061eeee61fffff100000000000000000000000000" + "600052" + "601e60026000f000, false",
    })
    void aTouchIsThatOfTheInstruction(String what, String code, boolean stays) {
        assertEquals(stays, isThereAfter(Fork.ISTANBUL, code), what);
    }

    @Test
    void anHeirOfNothingGoesAndBeforeSpuriousDragonComes() {
        for (Fork fork : Fork.values()) {
            state.clear();
            boolean touches = fork.atLeast(Fork.SPURIOUS_DRAGON);
            if (touches) {
                empty(0xeeee);
            }
            state.account(address(0xdead), 0, new long[4], 0, 1);  // has nothing
            byte[] code = HexFormat.of().parseHex("61eeeeff");
            state.setCode(address(0xdead), 0, MemorySegment.ofArray(code), 0, code.length);
            assertEquals(Status.SUCCESS, run(fork, 0xdead, 0, ""));
            assertEquals(!touches, exists(0xeeee), fork.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"FRONTIER, true", "HOMESTEAD, true", "TANGERINE_WHISTLE, true", "SPURIOUS_DRAGON, false", "CANCUN, false"})
    void theOutermostCallMakesItsReceiverBeforeSpuriousDragonAndNotSince(Fork fork, boolean present) {
        state.clear();
        assertEquals(Status.SUCCESS, run(fork, 0xabc, 0, ""));
        assertEquals(present, exists(0xabc));
        state.clear();
        assertEquals(Status.SUCCESS, run(fork, 4, 0, ""), "a precompile is an account as any");
        assertEquals(present, exists(4));
        state.clear();
        empty(0xabc);
        assertEquals(Status.SUCCESS, run(fork, 0xabc, 0, ""));
        assertEquals(present, exists(0xabc), "one that was there");
    }

    @Test
    void aSenderWhoGivesItsLastAndWasNeverCountedGoes() {
        state.clear();
        contract(0xca11e4, "");
        state.account(address(0xfee), 0, new long[] {5, 0, 0, 0}, 0, 0);
        state.beginTransaction();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            w[0] = 0xfee;
            w[4] = 0xca11e4;
            w[8] = 5;
            assertEquals(Status.SUCCESS, machine.run(new Message().caller(w, 0).to(w, 4).value(w, 8)).status());
        }
        state.endTransaction();
        assertFalse(exists(0xfee));
    }

    /// A precompile that is called and fails: its touch is undone with the call, address 3 excepted.
    @ParameterizedTest
    @CsvSource({"2, true, true", "2, false, true", "3, true, false", "3, false, true"})
    void theTouchOfRipemdOutlivesARevertWhereTheHostKeepsIt(int precompile, boolean keeps, boolean stays) {
        state.clear();
        state.keepsTouchOfRipemd(keeps);
        empty(precompile);
        Precompiles fails = new OnePrecompile(3, 32, () -> 0);
        contract(0xca11e4, "");
        contract(0xc0de, PUSH_4_ZEROS + "6000" + "60" + "0" + precompile + "6001f1" + "00");  // one gas is too little
        state.beginTransaction();
        w[0] = 0xca11e4;
        w[4] = 0xc0de;
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.SPURIOUS_DRAGON), state, fails)) {
            assertEquals(Status.SUCCESS, machine.run(new Message().caller(w, 0).to(w, 4).gas(GAS)).status());
        }
        state.endTransaction();
        assertEquals(stays, exists(precompile));
        state.beginTransaction();
        state.endTransaction();
        assertEquals(stays, exists(precompile), "a touch is of one transaction");
    }

    @Test
    void whatIsDeletedTakesItsStorageAlong() {
        state.clear();
        empty(0xeeee);
        long[] one = {1, 0, 0, 0};
        state.store(address(0xeeee), 0, one, 0, one, 0);
        state.account(address(0xabc), 0, one, 0, 0);
        state.store(address(0xabc), 0, one, 0, one, 0);
        assertEquals(Status.SUCCESS, run(Fork.BYZANTIUM, 0xc0de, 0, CALL_EMPTY + "00"));
        state.load(address(0xeeee), 0, one, 0, w, 12);
        assertEquals(0, w[12]);
        state.load(address(0xabc), 0, one, 0, w, 12);
        assertEquals(1, w[12], "another's storage");
    }

    /// The machine tells any host: which addresses, in which fork.
    @Test
    void theMachineTellsItsHostWhoTakesPart() {
        String all = CALL_EMPTY + "50" + "600060006000600060" + "02" + "61fffffa50" + "600060006000600060" + "01" + "610abc61fffff150" + "610fedff";
        for (Fork fork : Fork.values()) {
            state.clear();
            Set<Long> touched = new TreeSet<>();
            Host tells = (Host) java.lang.reflect.Proxy.newProxyInstance(Host.class.getClassLoader(), new Class<?>[] {Host.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("touch")) {
                            touched.add(((long[]) arguments[0])[(int) arguments[1]]);
                        }
                        return method.invoke(state, arguments);
                    });
            contract(0xca11e4, "");
            contract(0xc0de, fork.atLeast(Fork.BYZANTIUM) ? all : all.replace("600060006000600060" + "02" + "61fffffa50", ""));
            state.beginTransaction();
            w[0] = 0xca11e4;
            w[4] = 0xc0de;
            w[8] = 1;
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), tells, null)) {
                assertEquals(Status.SUCCESS, machine.run(new Message().caller(w, 0).to(w, 4).value(w, 8).gas(GAS)).status(), fork.toString());
            }
            Set<Long> expected = new TreeSet<>();
            if (fork.atLeast(Fork.SPURIOUS_DRAGON)) {
                expected.addAll(Set.of(0xca11e4L, 0xc0deL, 0xeeeeL, 0xabcL, 0xfedL));
                if (fork.atLeast(Fork.BYZANTIUM)) {
                    expected.add(2L);
                }
            }
            assertEquals(expected, touched, fork.toString());
        }
        assertTrue(exists(0xfed));
    }
}
