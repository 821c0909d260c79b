package dev.coffer.c;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A call from C puts nothing on the heap, whoever executes it; the calls are made by `steady.c`, so that nothing but they is counted.
class CSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noCallMakesAnObject(HeapMode mode) {
        Assumptions.assumeTrue(Compiler.isThere("cc"), "no C compiler");
        SteadyPaths.check(mode, List.of(Hashes.class, Curves.class, Lattice.class, Refusals.class, Evm.class));
    }

    /// One function of `steady.c`, over and over.
    abstract static class InC implements SteadyPath {
        private final Caller caller;
        private final long table = CTable.address();

        InC(String name) {
            caller = new Caller(name);
        }

        @Override
        public void run() {
            caller.run(table);
        }
    }

    static final class Hashes extends InC {
        Hashes() {
            super("steady_hashes");
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    static final class Curves extends InC {
        Curves() {
            super("steady_curves");
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class Lattice extends InC {
        Lattice() {
            super("steady_lattice");
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class Refusals extends InC {
        Refusals() {
            super("steady_refusals");
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    static final class Evm extends InC {
        Evm() {
            super("steady_evm");
        }

        @Override
        public int operations() {
            return 16;
        }
    }
}
