package dev.coffer.crypto.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// C2's code of an operation is not thrown away time and again. Where a process has segments of several kinds, C2 of JDK 25 asks before
/// each loop what holds of one kind only; where that fails it compiles anew, and gives up asking after four times. In loops of some shapes
/// it does not count, and ML-KEM took a hundred compilations, 15 seconds of ten times its time, until it was what it is (decision 0208).
class ThrownAwayTest {
    private static final int TIMES_MAX = 16;  // four in each of a method's loops; the faults were 36 to 68
    private static final Pattern TRAP = Pattern.compile("level=4 (dev\\.coffer\\.\\S+?)\\(\\S* trap_bci=(\\d+)");

    @Test
    void noLoopIsCompiledAnewForEver(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("traps.log");
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-Xbatch", "-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector",
                "-Xlog:deoptimization=debug:file=" + log + "::filecount=0"), Child.class, List.of(JdkVectors.class))) {
            assertEquals(0, child.exitCode(), child.output());
        }
        Map<String, Integer> times = new HashMap<>();
        for (String line : Files.readAllLines(log)) {
            Matcher trap = TRAP.matcher(line);
            if (trap.find()) {
                times.merge(trap.group(1) + " at " + trap.group(2), 1, Integer::sum);
            }
        }
        assertTrue(times.size() > 10, "the log is not what it was: " + times);
        assertEquals(Map.of(), times.entrySet().stream().filter(each -> each.getValue() > TIMES_MAX)
                .collect(Collectors.toMap(Entry::getKey, Entry::getValue)));
    }

    /// Segments of every kind first, then operations that read a key as often as those of a server do.
    static final class Child {
        private static final int RUNS = 300;
        private static final int TOUCHES = 100_000;

        private Child() {}

        public static void main(String... arguments) {
            try (Arena confined = Arena.ofConfined(); Arena shared = Arena.ofShared()) {
                touch(List.of(confined.allocate(64), shared.allocate(64), Arena.global().allocate(64), MemorySegment.ofArray(new byte[64])));
            }
            MemorySegment m = Arena.global().allocate(64 << 10, 64);
            long work = 32 << 10;
            MlKem kem = MlKem.ML_KEM_768;
            MlDsa dsa = MlDsa.ML_DSA_44;
            boolean held = true;
            for (int i = 0; i < RUNS; i++) {
                kem.keyPair(m, 0, m, 1024, m, 4096, m, work);
                held &= kem.encapsulate(Entropy.SYSTEM, m, 1024, m, 8192, m, 12_000, m, work);
                held &= kem.decapsulate(m, 4096, m, 8192, m, 12_100, m, work);
                dsa.keyPair(m, 0, m, 1024, m, 4096, m, work);
                held &= dsa.sign(MlDsa.DETERMINISTIC, m, 4096, m, 0, 0, m, 100, 50, m, 8192, m, work);
                held &= dsa.verify(m, 1024, m, 0, 0, m, 100, 50, m, 8192, dsa.signatureBytes(), m, work);
            }
            if (!held) {
                throw new AssertionError("refused");
            }
        }

        private static void touch(List<MemorySegment> segments) {
            for (int i = 0; i < TOUCHES; i++) {
                MemorySegment segment = segments.get(i % segments.size());
                segment.set(ValueLayout.JAVA_LONG_UNALIGNED, 8, segment.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) + i);
                segment.set(ValueLayout.JAVA_INT_UNALIGNED, 8, segment.get(ValueLayout.JAVA_INT_UNALIGNED, 0) + i);
                segment.set(ValueLayout.JAVA_BYTE, 8, (byte) (segment.get(ValueLayout.JAVA_BYTE, 0) + i));
            }
        }
    }
}
