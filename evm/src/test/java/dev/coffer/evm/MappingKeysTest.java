package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.bouncycastle.jcajce.provider.digest.Keccak;
import org.junit.jupiter.api.Test;

/// Hashes that are kept: found by all their bytes and by nothing else, the last of a place, never a wrong one.
class MappingKeysTest {
    private final MappingKeys keys = new MappingKeys();
    private final long[] w = new long[2 * Word.LONGS];

    private static MemorySegment bytes(long seed) {
        byte[] all = new byte[70];
        new Random(seed).nextBytes(all);
        return MemorySegment.ofArray(all);
    }

    @Test
    void whatIsKeptIsFoundByAllOfItsBytes() {
        MemorySegment one = bytes(1);
        int place = keys.place(one, 3);
        assertFalse(keys.find(place, one, 3, w, 0));
        Word.set(w, 4, 77);
        keys.keep(place, one, 3, w, 4);
        assertTrue(keys.find(place, one, 3, w, 0));
        assertEquals(77, w[0]);
        for (int i = 3; i < 67; i++) {
            byte was = one.get(ValueLayout.JAVA_BYTE, i);
            for (int bit = 0; bit < 8; bit++) {
                one.set(ValueLayout.JAVA_BYTE, i, (byte) (was ^ 1 << bit));
                assertFalse(keys.find(place, one, 3, w, 0), "byte " + i + " bit " + bit);
            }
            one.set(ValueLayout.JAVA_BYTE, i, was);
        }
        assertTrue(keys.find(place, one, 3, w, 0));
        Word.set(w, 4, 78);
        keys.keep(place, bytes(2), 0, w, 4);
        assertFalse(keys.find(place, one, 3, w, 0), "the last one has the place");
    }

    @Test
    void anEmptyPlaceIsNotTheHashOfZeros() {
        MemorySegment zeros = MemorySegment.ofArray(new byte[64]);
        assertFalse(keys.find(keys.place(zeros, 0), zeros, 0, w, 0));
    }

    /// Keys as Solidity makes them, of 1,000 consecutive numbers, find some 630 of 1,024 places; and so do balances of addresses.
    @Test
    void keysOfMappingsAreSpread() {
        for (int at : new int[] {31, 12, 63}) {
            Set<Integer> places = new HashSet<>();
            for (int i = 0; i < 1000; i++) {
                byte[] key = new byte[64];
                key[at] = (byte) i;
                key[at - 1] = (byte) (i >>> 8);
                places.add(keys.place(MemorySegment.ofArray(key), 0));
            }
            assertTrue(places.size() > 500, places.size() + " places, byte " + at);
            assertTrue(places.stream().allMatch(p -> p >= 0 && p <= 12 * 1023 && p % 12 == 0));
        }
    }

    /// A machine hashes 64 bytes of memory that it was given, three times in one run and again in the next, and other lengths beside them.
    @Test
    void aMachineHashesAsEveryoneDoes() {
        byte[] code = HexFormat.of()
                .parseHex("365f5f37" + "60405f2050" + "60405f20608052" + "60405f20" + "60a052" + "60205f2060c052" + "60406001" + "2060e052" + "60806080f3");
        WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 10));
        try (Arena arena = Arena.ofConfined(); Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            MemorySegment data = arena.allocate(65);
            Message message =
                    new Message().to(new long[] {0xc0de, 0, 0, 0}, 0).gas(100_000).code(MemorySegment.ofArray(code), 0, code.length).input(data, 0, 65);
            for (int run = 0; run < 40; run++) {
                byte[] input = new byte[65];
                new Random(run % 13).nextBytes(input);
                MemorySegment.copy(input, 0, data, ValueLayout.JAVA_BYTE, 0, 65);
                state.beginTransaction();
                Outcome outcome = machine.run(message);
                assertEquals(Status.SUCCESS, outcome.status());
                byte[] expected = new byte[128];
                int[][] ranges = {{0, 64}, {0, 64}, {0, 32}, {1, 64}};
                for (int i = 0; i < 4; i++) {
                    Keccak.Digest256 hash = new Keccak.Digest256();
                    hash.update(input, ranges[i][0], ranges[i][1]);
                    System.arraycopy(hash.digest(), 0, expected, 32 * i, 32);
                }
                assertArrayEquals(expected, outcome.output(), "run " + run);
            }
        }
    }
}
