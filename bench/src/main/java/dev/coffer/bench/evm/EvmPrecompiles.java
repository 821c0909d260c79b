package dev.coffer.bench.evm;

import com.sun.management.ThreadMXBean;
import dev.coffer.bench.table.Machine;
import dev.coffer.evm.CorePrecompiles;
import dev.coffer.evm.Precompiles;
import dev.coffer.evm.gas.PrecompileGas;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.precompiles.CurveLibrary;
import dev.coffer.evm.precompiles.LibraryPrecompiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/// Every precompile of Osaka, 1 to 17 and 0x100, at several sizes where gas depends on them: gas, time and millions of gas a second, ours beside Bouncy Castle or
/// `BigInteger` in the same process by turns, answers compared. Processor time of the thread, as a busy machine's clock measures the neighbours.
public final class EvmPrecompiles {
    /// As `bench/run` is told.
    public static final String NAME = "evm-precompiles";
    /// For its list.
    public static final String TITLE = "each precompile of Osaka, Mgas/s, beside Bouncy Castle and BigInteger";

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long WARM_NANOS = 400_000_000;
    private static final long SAMPLE_NANOS = 60_000_000;
    private static final int SAMPLES = 7;
    private static final int SAMPLES_SLOW = 3;                             // of what takes longer than a sample
    private static final int INPUT_BYTES = 1 << 17;
    private static final int OUTPUT_BYTES = 1 << 17;

    private final Precompiles core;
    private final Precompiles library;
    private final int from;
    private final PrecompilePeers peers = new PrecompilePeers();
    private final MemorySegment input;
    private final MemorySegment output;

    private EvmPrecompiles(int from, Precompiles core, Precompiles library, MemorySegment input, MemorySegment output) {
        this.from = from;
        this.core = core;
        this.library = library;
        this.input = input;
        this.output = output;
    }

    /// Runs all rows and prints the table.
    ///
    /// @param from  the lowest precompile of it
    /// @throws IllegalStateException  an answer is not the peer's, or blst cannot be had
    public static void run(int from) {
        try (Arena arena = Arena.ofConfined(); LibraryPrecompiles library = LibraryPrecompiles.open(CurveLibrary.BLST)) {
            System.out.println("**" + NAME + "**: " + TITLE + "; processor time, median of " + SAMPLES + "  ");
            System.out.println(Machine.line() + "; " + library.choice() + "  ");
            System.out.println();
            System.out.println("| | gas | Coffer, us | Mgas/s | heap B | peer, us | Mgas/s | peer / Coffer |");
            System.out.println("|---|---|---|---|---|---|---|---|");
            new EvmPrecompiles(from, new CorePrecompiles(arena.allocate(CorePrecompiles.WORKSPACE_BYTES, 64), 0), library, arena.allocate(INPUT_BYTES),
                    arena.allocate(OUTPUT_BYTES)).rows();
        }
    }

    private void rows() {
        PrecompileInputs inputs = new PrecompileInputs(core, library);
        row("1 ecRecover", 1, inputs.recover());
        for (int bytes : new int[] {32, 1024, 32 << 10}) {
            row("2 SHA-256, " + bytes + " B", 2, inputs.bytes(bytes));
        }
        for (int bytes : new int[] {32, 1024, 32 << 10}) {
            row("3 RIPEMD-160, " + bytes + " B", 3, inputs.bytes(bytes));
        }
        row("4 identity, 1024 B", 4, inputs.bytes(1024));
        for (int bytes : new int[] {8, 32, 64, 256, 1024}) {
            row("5 MODEXP, 3 x " + bytes + " B", 5, inputs.power(bytes, bytes, true));
        }
        row("5 MODEXP, 256 B, to 65537", 5, inputs.power(256, 3, true));
        row("5 MODEXP, 1024 B, squared", 5, inputs.power(1024, 1, true));
        row("5 MODEXP, 3 x 32 B, even", 5, inputs.power(32, 32, false));
        row("5 MODEXP, 3 x 256 B, even", 5, inputs.power(256, 256, false));
        row("6 alt_bn128, sum", 6, inputs.sum254());
        row("7 alt_bn128, multiple", 7, inputs.multiple254());
        for (int pairs : new int[] {1, 2, 4, 8}) {
            row("8 alt_bn128, pairs: " + pairs, 8, inputs.pairs254(pairs));
        }
        for (int rounds : new int[] {12, 1000, 1_000_000}) {
            row("9 BLAKE2F, rounds: " + rounds, 9, inputs.blake(rounds));
        }
        row("10 point evaluation", 10, inputs.evaluation());
        row("11 BLS12-381, sum in G1", 11, inputs.sumG1());
        for (int points : new int[] {1, 2, 16, 128, 512}) {
            row("12 multiples in G1: " + points, 12, inputs.multiplesG1(points));
        }
        row("13 sum in G2", 13, inputs.sumG2());
        for (int points : new int[] {1, 2, 16, 128}) {
            row("14 multiples in G2: " + points, 14, inputs.multiplesG2(points));
        }
        for (int pairs : new int[] {1, 2, 4, 8}) {
            row("15 pairs: " + pairs, 15, inputs.pairsBls(pairs));
        }
        row("16 map to G1", 16, inputs.element());
        row("17 map to G2", 17, inputs.elements());
        row("0x100 P256VERIFY", 0x100, inputs.signature());
    }

    private void row(String label, int number, byte[] in) {
        if (number < from) {
            return;
        }
        Precompiles ours = core.has(number, Fork.OSAKA) ? core : library;
        MemorySegment.copy(in, 0, input, ValueLayout.JAVA_BYTE, 0, in.length);
        long gas = PrecompileGas.of(number, Fork.OSAKA, input, 0, in.length);
        Runnable own = () -> {
            if (ours.run(number, Fork.OSAKA, input, 0, in.length, output, 0) < 0) {
                throw new IllegalStateException(label + ": refused");
            }
        };
        long written = ours.run(number, Fork.OSAKA, input, 0, in.length, output, 0);
        if (written <= 0) {
            throw new IllegalStateException(label + ": " + written + " bytes of answer");
        }
        byte[] answer = output.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
        PrecompilePeers.Peer peer = peers.of(number, in);
        if (peer != null && !Arrays.equals(answer, peer.run())) {
            throw new IllegalStateException(label + ": the peer's answer is another");
        }
        warm(own);
        Runnable other = peer == null ? null : peer::run;
        if (other != null) {
            warm(other);
        }
        double[] mine = new double[SAMPLES];
        double[] theirs = new double[SAMPLES];
        int samples = SAMPLES;
        for (int i = 0; i < samples; i++) {
            mine[i] = sample(own);
            theirs[i] = other == null ? 0 : sample(other);
            samples = theirs[i] > SAMPLE_NANOS ? SAMPLES_SLOW : SAMPLES;
        }
        double a = median(mine, samples);
        double b = median(theirs, samples);
        String beside = other == null ? "| | |" : String.format(Locale.ROOT, "| %s | %s | %s |", figure(b / 1000), figure(gas * 1000 / b), figure(b / a));
        System.out.printf(Locale.ROOT, "| %s | %,d | **%s** | **%s** | %,d %s%n", label, gas, figure(a / 1000), figure(gas * 1000 / a), heap(own), beside);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }

    private static double median(double[] of, int count) {
        double[] sorted = Arrays.copyOf(of, count);
        Arrays.sort(sorted);
        return sorted[count / 2];
    }

    private static void warm(Runnable operation) {
        long until = THREADS.getCurrentThreadCpuTime() + WARM_NANOS;
        do {
            operation.run();
        } while (THREADS.getCurrentThreadCpuTime() < until);
    }

    /// {@return processor time of one, in ns}
    private static double sample(Runnable operation) {
        long from = THREADS.getCurrentThreadCpuTime();
        long now = from;
        long done = 0;
        long step = 1;
        while (now - from < SAMPLE_NANOS) {
            for (long i = 0; i < step; i++) {
                operation.run();
            }
            done += step;
            now = THREADS.getCurrentThreadCpuTime();
            if (now - from < SAMPLE_NANOS / 8) {
                step *= 2;                                                 // the clock's own call counts for nothing then
            }
        }
        return (double) (now - from) / done;
    }

    private static long heap(Runnable operation) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 4; i++) {
            operation.run();
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - before) / 4;
    }
}
