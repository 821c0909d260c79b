package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The count itself: what it must see, and what it must not.
class SteadyPathsTest {
    /// Reads by offset, as the house does.
    static final class Offset implements SteadyPath {
        private final MemorySegment memory = Arena.ofAuto().allocate(64);
        private long sum;

        @Override
        public void run() {
            sum += memory.get(ValueLayout.JAVA_LONG, 8);
        }
    }

    /// Reads through a view that is dropped at once: the fault.
    static final class Slice implements SteadyPath {
        private final MemorySegment memory = Arena.ofAuto().allocate(64);
        private long sum;

        @Override
        public void run() {
            sum += memory.asSlice(8, 8).get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /// The same, once a pass.
    static final class SliceOnce implements SteadyPath {
        private final Slice slice = new Slice();

        @Override
        public void run() {
            slice.run();
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    /// One object in the second pass only, on a thread of its own.
    static final class OnceElsewhere implements SteadyPath {
        private static Object kept;
        private final Object turn = new Object();
        private int asked;
        private int done;
        private final Thread worker = Thread.ofPlatform().daemon().start(this::work);  // last: it looks at the others

        private void work() {
            synchronized (turn) {
                while (true) {
                    try {
                        while (done == asked) {
                            turn.wait();
                        }
                    } catch (InterruptedException e) {
                        return;
                    }
                    done++;
                    if (done == 300) {
                        kept = new byte[1000];
                    }
                    turn.notifyAll();
                }
            }
        }

        @Override
        public void run() throws InterruptedException {
            synchronized (turn) {
                asked++;
                turn.notifyAll();
                while (done < asked) {
                    turn.wait();
                }
            }
        }

        @Override
        public long thread() {
            return worker.threadId();
        }
    }

    static final class Breaks implements SteadyPath {
        @Override
        public void run() {
            throw new IllegalStateException("as planted");
        }
    }

    /// Says what it is executed by.
    static final class Machine implements SteadyPath {
        @Override
        public void run() {
            HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            String said = "asserts " + Machine.class.desiredAssertionStatus();
            if (System.getProperty("java.vm.info").contains("interpreted mode")) {
                throw new IllegalStateException("interpreted, " + said);
            }
            for (String name : new String[] {"TieredStopAtLevel", "BackgroundCompilation", "DoEscapeAnalysis"}) {
                said += ", " + name + " " + options.getVMOption(name).getValue();
            }
            throw new IllegalStateException("compiled, " + said);
        }
    }

    /// A test of its own, with two paths.
    static final class Two {
        static final class Asked implements SteadyPath {
            @Override
            public void run() {}
        }

        static final class Forgotten implements SteadyPath {
            @Override
            public void run() {}
        }
    }

    @Test
    void aPathThatItsTestDoesNotAskForIsNotAZero() {
        AssertionError error = assertThrows(AssertionError.class, () -> SteadyPaths.check(HeapMode.DEFAULT, List.of(Two.Asked.class)));
        assertEquals("paths that nobody asks for: [Forgotten]", error.getMessage());
        SteadyPaths.check(HeapMode.DEFAULT, List.of(Two.Forgotten.class, Two.Asked.class));
    }

    /// A mode that lost one of its options would measure what another one measures already, and find 0.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "INTERPRETER | interpreted, asserts false",
            "C1 | compiled, asserts true, TieredStopAtLevel 1, BackgroundCompilation false,",
            "C2_WITHOUT_ESCAPE_ANALYSIS | compiled, asserts true, TieredStopAtLevel 4, BackgroundCompilation false, DoEscapeAnalysis false",
            "DEFAULT | compiled, asserts true, TieredStopAtLevel 4, BackgroundCompilation true, DoEscapeAnalysis true"})
    void eachModeIsTheOneThatItSays(HeapMode mode, String expected) {
        IllegalStateException said = assertThrows(IllegalStateException.class, () -> SteadyPaths.measure(mode, List.of(Machine.class)));
        assertTrue(said.getMessage().contains(expected), said.getMessage());
    }

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void readingByOffsetIsNothingInAnyMode(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Offset.class));
    }

    @ParameterizedTest
    @EnumSource(value = HeapMode.class, names = "DEFAULT", mode = EnumSource.Mode.EXCLUDE)
    void aPlantedSliceIsSeenWhereverNoAnalysisDropsIt(HeapMode mode) {
        AssertionError error = assertThrows(AssertionError.class,
                () -> SteadyPaths.check(mode, List.of(Offset.class, Slice.class, SliceOnce.class)));
        assertTrue(error.getMessage().startsWith(mode + ": heap bytes of a pass")
                && error.getMessage().contains("{Slice=") && error.getMessage().contains(" SliceOnce=") && !error.getMessage().contains("Offset"),
                error.getMessage());
    }

    @Test
    void oneObjectOnAnotherThreadIsSeenWhenThatThreadIsNamed() {
        Map<Class<? extends SteadyPath>, Long> found = SteadyPaths.measure(HeapMode.INTERPRETER, List.of(OnceElsewhere.class));
        assertEquals(1016, found.get(OnceElsewhere.class), 8);  // with or without compact headers
    }

    @Test
    void aPathThatBreaksIsNotAZero() {
        IllegalStateException error = assertThrows(IllegalStateException.class,
                () -> SteadyPaths.measure(HeapMode.INTERPRETER, List.of(Breaks.class)));
        assertTrue(error.getMessage().contains("as planted"), error.getMessage());
    }
}
