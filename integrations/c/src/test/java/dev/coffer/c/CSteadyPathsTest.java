package dev.coffer.c;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A call from C puts nothing on the heap, whoever executes it; the calls are made by `caller.c`, so that nothing but they is counted.
class CSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noCallMakesAnObject(HeapMode mode) {
        Assumptions.assumeTrue(Compiler.isThere("cc"), "no C compiler");
        SteadyPaths.check(mode, List.of(Hashes.class, Curves.class, Lattice.class, Refusals.class, Evm.class));
    }

    /// One function of `caller.c`, over and over: a downcall that takes the table and a seat, and answers how much went wrong.
    abstract static class InC implements SteadyPath {
        private final MethodHandle function;
        private final long table;
        private final MemorySegment seat;

        InC(String name) {
            try {
                Path library = Files.createTempFile("caller", ".so");
                Compiler.Answer compiled = Compiler.compile("cc", Compiler.MODULE.resolve("src/test/c/caller.c"), library,
                        new String[] {"-std=c11", "-shared", "-fPIC"});
                if (compiled.code() != 0) {
                    throw new AssertionError(compiled.output());
                }
                function = Linker.nativeLinker().downcallHandle(
                        SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(name),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
                Files.delete(library);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            table = CTable.address();
            seat = Arena.global().allocate(1 << 20, 64);
        }

        @Override
        public void run() {
            int wrong;
            try {
                wrong = (int) function.invokeExact(table, seat.address());
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
            if (wrong != 0) {
                throw new AssertionError("answer number " + wrong + " was not the expected one");
            }
        }
    }

    static final class Hashes extends InC {
        Hashes() {
            super("steady_hashes");
        }

        @Override
        public int operations() {
            return 128;  // past the 127th call, at which the JDK adapts a method handle
        }
    }

    static final class Curves extends InC {
        Curves() {
            super("steady_curves");
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    static final class Lattice extends InC {
        Lattice() {
            super("steady_lattice");
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    static final class Refusals extends InC {
        Refusals() {
            super("steady_refusals");
        }

        @Override
        public int operations() {
            return 128;
        }
    }

    static final class Evm extends InC {
        Evm() {
            super("steady_evm");
        }
    }
}
