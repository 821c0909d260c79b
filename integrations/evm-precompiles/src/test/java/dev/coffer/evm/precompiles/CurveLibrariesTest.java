package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Precompiles;
import dev.coffer.testkit.HeapBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// blst beside Bouncy Castle: the same answer to every input, of points of the groups and outside, of what is no point, no element, too long or too short.
class CurveLibrariesTest {
    private static final long SEED = Long.getLong("coffer.seed", 2537);
    private static final byte FILL = (byte) 0xa5;
    private static final int MARGIN = 16;

    private final Arena arena = Arena.ofShared();
    private final CurvePrecompiles blst = new BlstCurve(arena.allocate(BlstCurve.BYTES, 64));
    private final CurvePrecompiles bouncy = new BouncyCurve();

    @AfterEach
    void close() {
        arena.close();
    }

    /// {@return the answer, null where it is refused}; the input lies on the heap, anywhere, and nothing is written before the output or behind it
    static byte[] run(CurvePrecompiles curve, int number, byte[] in) {
        byte[] room = new byte[in.length + 3];
        System.arraycopy(in, 0, room, 3, in.length);
        byte[] out = new byte[256 + 2 * MARGIN];
        Arrays.fill(out, FILL);
        long written = curve.run(number, MemorySegment.ofArray(room), 3, in.length, MemorySegment.ofArray(out), MARGIN);
        for (int i = 0; i < out.length; i++) {
            if ((i < MARGIN || i >= MARGIN + Math.max(written, 0)) && out[i] != FILL) {
                throw new AssertionError("byte " + (i - MARGIN) + " of " + written + " was written by " + number);
            }
        }
        return written == Precompiles.FAILED ? null : Arrays.copyOfRange(out, MARGIN, MARGIN + (int) written);
    }

    private boolean same(int number, byte[] in, String what) {
        byte[] expected = run(bouncy, number, in);
        assertArrayEquals(expected, run(blst, number, in), () -> what + ", precompile " + number + ": " + HexFormat.of().formatHex(in));
        return expected != null;
    }

    /// @param times  inputs of each precompile
    /// @param dear   of those inputs that Bouncy Castle takes long for, one in so many
    private void inputs(int times, int dear) {
        CurveInputs inputs = new CurveInputs(SEED, blst);
        int[] answered = new int[18];
        int[] refused = new int[18];
        for (int i = 0; i < times; i++) {
            for (int number = 10; number <= 17; number++) {
                byte[] in = inputs.next(number, i % dear == 0);
                if (same(number, in, "seed " + SEED + ", input " + i)) {
                    answered[number]++;
                } else {
                    refused[number]++;
                }
            }
        }
        for (int number = 10; number <= 17; number++) {
            assertTrue(answered[number] > 0 && refused[number] > times / 3, number + ": " + answered[number] + " answered, " + refused[number] + " refused");
        }
    }

    @Test
    void bothAnswerTheSame() {
        inputs(60, 60);
    }

    @Test
    @Tag("long")
    void bothAnswerTheSameToManyInputs() {
        inputs(12_500, 100);
    }

    /// As many as fill a batch, one more and one less; Bouncy Castle would take a minute for them, so the sum of parts is what the whole is held against.
    @Test
    void aSumOfManyIsTheSumOfItsParts() {
        CurveInputs inputs = new CurveInputs(SEED, blst);
        for (int number : new int[] {12, 14}) {
            int pair = number == 12 ? 160 : 288;
            for (int count : number == 12 ? new int[] {31, 32, BlstCurve.BATCH, BlstCurve.BATCH + 1} : new int[] {32, BlstCurve.BATCH + 1}) {
                byte[] in = inputs.multiples(number, count, count < BlstCurve.BATCH);
                byte[] whole = run(blst, number, in);
                byte[] sum = new byte[pair - 32];
                for (int from = 0; from < in.length; from += 31 * pair) {
                    byte[] part = run(blst, number, Arrays.copyOfRange(in, from, Math.min(in.length, from + 31 * pair)));
                    byte[] both = Arrays.copyOf(sum, 2 * sum.length);
                    System.arraycopy(part, 0, both, sum.length, part.length);
                    sum = run(blst, number - 1, both);
                }
                assertArrayEquals(sum, whole, number + " of " + count);
                in[(count - 1) * pair + 20] ^= 1;
                assertEquals(null, run(blst, number, in), number + " of " + count + " and no point at the end");
            }
        }
    }

    /// e(a P, Q) e(-a P, Q) is one, in products of fewer pairs than are taken at once and of more.
    @Test
    void aProductOfManyPairsIsOneWhereItShouldBe() {
        CurveInputs inputs = new CurveInputs(SEED, blst);
        for (int pairs : new int[] {2, BlstCurve.PAIRS - 2, BlstCurve.PAIRS, BlstCurve.PAIRS + 2, 2 * BlstCurve.PAIRS, 2 * BlstCurve.PAIRS + 2}) {
            byte[] in = inputs.pairs(pairs);
            assertEquals(1, run(blst, 15, in)[31], pairs + " pairs");
            System.arraycopy(in, 0, in, (pairs - 1) * 384, 128);            // no longer the opposite of the one before
            assertEquals(0, run(blst, 15, in)[31], pairs + " pairs, the last another");
        }
    }

    @Test
    void threadsWithOneEachDoNotDisturbEachOther() throws Exception {
        CurveInputs inputs = new CurveInputs(SEED, blst);
        List<byte[]> all = new ArrayList<>();
        List<byte[]> answers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(inputs.next(10 + i % 8, true));
            answers.add(run(blst, 10 + i % 8, all.get(i)));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int first = t;
                done.add(threads.submit(() -> {
                    try (LibraryPrecompiles own = LibraryPrecompiles.open(CurveLibrary.BLST)) {
                        for (int i = 0; i < 4 * all.size(); i++) {
                            int which = (i + 16 * first) % all.size();
                            CurvePrecompiles curve =
                                    (number, in, at, length, out, outAt) -> own.run(number, dev.coffer.evm.opcode.Fork.OSAKA, in, at, length, out, outAt);
                            assertArrayEquals(answers.get(which), run(curve, 10 + which % 8, all.get(which)));
                        }
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        }
    }

    @Test
    void nothingIsPutOnTheHeap() {
        CurveInputs inputs = new CurveInputs(SEED, blst);
        MemorySegment room = arena.allocate(4096);
        int[] lengths = new int[8];
        byte[][] all = new byte[8][];
        for (int i = 0; i < 8; i++) {
            all[i] = inputs.next(10 + i, true);
            lengths[i] = all[i].length;
        }
        assertEquals(0, HeapBytes.least(1, 3, () -> {
            for (int times = 0; times < 20; times++) {
                for (int i = 0; i < 8; i++) {
                    MemorySegment.copy(all[i], 0, room, ValueLayout.JAVA_BYTE, 1, lengths[i]);
                    blst.run(10 + i, room, 1, lengths[i], room, 3800);
                    blst.run(10 + i, room, 1, lengths[i] - 1, room, 3800);
                }
            }
        }));
    }
}
