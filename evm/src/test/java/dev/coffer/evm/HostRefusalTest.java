package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// A host that has no room at its n-th question for it, for every n: whichever question that is, the run ends with the host's limit and the
/// world is as it was.
class HostRefusalTest {
    private static final Set<String> ROOM = Set.of("raiseNonce", "accessAccount", "accessSlot", "store", "storeTransient", "log", "transfer",
            "create", "setCode", "selfDestruct", "touch");
    // Calls 0xabcd with 1 wei, creates a contract of one byte, looks at a balance and at a slot, logs, stores, stores for the transaction,
    // destroys itself in favour of 0xbeef.
    private static final byte[] ALL = HexFormat.of().parseHex("5f5f5f5f600161abcd5af150" + "6360015ff35f52" + "6004601c5ff050" + "61beee3150"
            + "60025450" + "5f5fa0" + "60015f55" + "60015f5d" + "61beefff");

    private final long[] v = {0xca11e4, 0, 0, 0, 100, 0, 0, 0, 0xc0de, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
    private final Set<String> refused = new TreeSet<>();
    private WorldState world;
    private int roomFor;

    private WorldState fresh() {
        WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12));
        state.account(v, 0, v, 4, 1);
        state.account(v, 8, v, 4, 1);
        state.setCode(v, 8, MemorySegment.ofArray(ALL), 0, ALL.length);
        state.beginTransaction();
        return state;
    }

    private Object answer(Object proxy, Method method, Object... arguments) throws Throwable {
        if (ROOM.contains(method.getName()) && roomFor-- == 0) {
            refused.add(method.getName());
            return method.getReturnType() == int.class ? (Object) Host.FULL : (Object) false;
        }
        try {
            return method.invoke(world, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Test
    void whicheverQuestionIsRefusedTheRunEndsAndTheWorldIsAsItWas() {
        Host host = (Host) Proxy.newProxyInstance(Host.class.getClassLoader(), new Class<?>[] {Host.class}, this::answer);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), host, null)) {
            int runs = 0;
            Outcome outcome;
            do {
                world = fresh();
                roomFor = runs++;
                outcome = machine.run(new Message().caller(v, 0).to(v, 8).value(v, 12).gas(1_000_000));
                String what = "refused question " + runs + ": " + outcome;
                boolean all = roomFor >= 0;
                assertEquals(all ? Status.SUCCESS : Status.HOST_LIMIT, outcome.status(), what);
                world.balance(v, 0, v, 16);
                assertEquals(all ? 98 : 100, v[16], what);
                assertEquals(all ? 1 : 0, world.logs().count(), what);
                assertTrue(all || world.snapshot() == 0, what);
            } while (outcome.status() != Status.SUCCESS);
            assertEquals(new TreeSet<>(ROOM), refused);
        }
    }
}
