package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every transition of the state of every hash, XOF and MAC, from every phase: what the rule allows works, all else is
/// refused and changes no byte.
class StatesTest {
    private static final long BYTES = Mac.STATE_BYTES_MAX;

    /// An algorithm as this test sees it: its steps by name, and the phase that each leads to; `null` for refused.
    private record Machine(String name, long stateBytes, Map<String, Runnable> steps, Map<String, Map<String, String>> rule,
            MemorySegment state, MemorySegment out) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Machine> machines() {
        return Stream.of(Stream.of(Hash.SHA_256, Hash.SHA_384, Hash.SHA_512, Hash.SHA3_224, Hash.SHA3_256, Hash.SHA3_384,
                Hash.SHA3_512, Hash.KECCAK_256, Hash.BLAKE2B_256, Hash.BLAKE2B_512).map(StatesTest::hash),
                Stream.of(Xof.SHAKE_128, Xof.SHAKE_256, Xof.cshake(128, new byte[0], new byte[] {1})).map(StatesTest::xof),
                Stream.of(Mac.HMAC_SHA_256, Mac.HMAC_SHA_512, Mac.HMAC_SHA3_224, Mac.KMAC_128, Mac.KMAC_256,
                        Mac.hmac(Hash.SHA_256, 16)).map(StatesTest::mac))
                .flatMap(s -> s);
    }

    private static Machine hash(Hash h) {
        MemorySegment s = Memory.zeros(BYTES);
        MemorySegment out = Memory.zeros(64);
        MemorySegment in = Memory.zeros(10).fill((byte) 3);
        Map<String, Runnable> steps = new LinkedHashMap<>();
        steps.put("init", () -> h.init(s, 0));
        steps.put("update", () -> h.update(s, 0, in, 0, 10));
        steps.put("digest", () -> h.digest(s, 0, out, 0));
        steps.put("wipe", () -> h.wipe(s, 0));
        return new Machine(h.name(), h.stateBytes(), steps, Map.of(
                "none", Map.of("init", "running", "wipe", "none"),
                "running", Map.of("init", "running", "update", "running", "digest", "none", "wipe", "none")), s, out);
    }

    private static Machine xof(Xof x) {
        MemorySegment s = Memory.zeros(BYTES);
        MemorySegment out = Memory.zeros(64);
        MemorySegment in = Memory.zeros(10).fill((byte) 3);
        Map<String, Runnable> steps = new LinkedHashMap<>();
        steps.put("init", () -> x.init(s, 0));
        steps.put("absorb", () -> x.absorb(s, 0, in, 0, 10));
        steps.put("squeeze", () -> x.squeeze(s, 0, out, 0, 20));
        steps.put("wipe", () -> x.wipe(s, 0));
        return new Machine(x.name(), Xof.STATE_BYTES, steps, Map.of(
                "none", Map.of("init", "absorbing", "wipe", "none"),
                "absorbing", Map.of("init", "absorbing", "absorb", "absorbing", "squeeze", "squeezing", "wipe", "none"),
                "squeezing", Map.of("init", "absorbing", "squeeze", "squeezing", "wipe", "none")), s, out);
    }

    private static Machine mac(Mac m) {
        MemorySegment s = Memory.zeros(BYTES);
        MemorySegment out = Memory.zeros(64);
        MemorySegment in = Memory.zeros(32).fill((byte) 3);
        Map<String, Runnable> steps = new LinkedHashMap<>();
        steps.put("init", () -> m.init(s, 0, in, 0, 32));
        steps.put("update", () -> m.update(s, 0, in, 0, 10));
        steps.put("tag", () -> m.tag(s, 0, out, 0));
        steps.put("verify", () -> m.verify(s, 0, in, 0, m.tagBytes() > 32 ? 32 : m.tagBytes()));
        steps.put("wipe", () -> m.wipe(s, 0));
        return new Machine(m.name(), m.stateBytes(), steps, Map.of(
                "none", Map.of("init", "running", "wipe", "none"),
                "running", Map.of("init", "running", "update", "running", "tag", "running", "verify", "running",
                        "wipe", "none")),
                s, out);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void everyTransitionIsOfTheRuleOrRefused(Machine machine) {
        walk(machine, "none", 4);
    }

    private static void walk(Machine machine, String phase, int depth) {
        byte[] before = machine.state.toArray(ValueLayout.JAVA_BYTE);
        machine.steps.forEach((name, step) -> {
            MemorySegment.copy(before, 0, machine.state, ValueLayout.JAVA_BYTE, 0, before.length);
            String next = machine.rule.get(phase).get(name);
            if (next == null) {
                assertThrows(IllegalStateException.class, step::run, machine + ": " + name + " when " + phase);
                assertArrayEquals(before, machine.state.toArray(ValueLayout.JAVA_BYTE), name + " when " + phase);
                return;
            }
            assertDoesNotThrow(step::run, machine + ": " + name + " when " + phase);
            if (next.equals("none")) {
                assertEquals(0, RawMemory.nonZero(machine.state, 0, (int) machine.stateBytes), name + " wipes");
            }
            if (depth > 0) {
                walk(machine, next, depth - 1);
            }
        });
    }

    /// A state of one algorithm is no state of another, nor is memory that was never a state.
    @ParameterizedTest
    @MethodSource("machines")
    void foreignStatesAreRefused(Machine machine) {
        machines().filter(other -> !other.name.equals(machine.name)).forEach(other -> {
            other.steps.get("init").run();
            MemorySegment.copy(other.state, 0, machine.state, 0, BYTES);
            machine.steps.forEach((name, step) -> {
                if (!name.equals("init") && !name.equals("wipe")) {
                    assertThrows(IllegalStateException.class, step::run, machine + "." + name + " on a state of " + other);
                }
            });
        });
        machine.state.fill((byte) 0xff);
        machine.steps.forEach((name, step) -> {
            if (!name.equals("init") && !name.equals("wipe")) {
                assertThrows(IllegalStateException.class, step::run, machine + "." + name + " on foreign memory");
            }
        });
    }

    /// Memory that goes away under a running message ends it, and nothing of the state stays.
    @ParameterizedTest
    @MethodSource("states")
    void anExceptionOfTheMemoryEndsTheMessage(Object algorithm) {
        Arena arena = Arena.ofConfined();
        MemorySegment gone = arena.allocate(300);
        arena.close();
        MemorySegment s = Memory.zeros(BYTES);
        MemorySegment key = Memory.zeros(32).fill((byte) 3);
        Runnable[] again = switch (algorithm) {
            case Hash h -> new Runnable[] {() -> h.init(s, 0), () -> h.update(s, 0, gone, 0, 300),
                    () -> h.digest(s, 0, gone, 0), () -> h.update(s, 0, key, 0, 1)};
            case Xof x -> new Runnable[] {() -> x.init(s, 0), () -> x.absorb(s, 0, gone, 0, 300),
                    () -> x.squeeze(s, 0, gone, 0, 300), () -> x.absorb(s, 0, key, 0, 1)};
            case Mac m -> new Runnable[] {() -> m.init(s, 0, key, 0, 32), () -> m.update(s, 0, gone, 0, 300),
                    () -> m.tag(s, 0, gone, 0), () -> m.update(s, 0, key, 0, 1), () -> m.init(s, 0, gone, 0, 200),
                    () -> m.verify(s, 0, gone, 0, m.tagBytes())};
            default -> throw new AssertionError(algorithm);
        };
        for (int fault = 1; fault < again.length; fault++) {
            if (fault == 3) {
                continue;
            }
            again[0].run();
            Runnable broken = again[fault];
            assertThrows(IllegalStateException.class, broken::run);
            assertEquals(0, RawMemory.nonZero(s, 0, (int) BYTES), algorithm + ": fault " + fault + " leaves a state");
            assertThrows(IllegalStateException.class, again[3]::run);
        }
    }

    private static Stream<Object> states() {
        return Stream.of(Hash.SHA_256, Hash.SHA_512, Hash.SHA3_256, Xof.SHAKE_128, Mac.HMAC_SHA_256, Mac.KMAC_256,
                Mac.hmac(Hash.SHA_256, 16));
    }
}
