package dev.coffer.c;

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

/// `caller.c`, compiled and loaded: functions that take the table and a seat of 1 MiB, and answer 0 or what went wrong where.
final class Caller {
    private static final int SEAT_BYTES = 1 << 20;

    private static SymbolLookup library;

    final MemorySegment seat = Arena.global().allocate(SEAT_BYTES, 64);
    private final MethodHandle function;
    private final String name;

    Caller(String name) {
        this.name = name;
        function = Linker.nativeLinker().downcallHandle(library().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    private static synchronized SymbolLookup library() {
        if (library == null) {
            try {
                Path file = Files.createTempFile("caller", ".so");
                Compiler.Answer compiled = Compiler.compile("cc", Compiler.MODULE.resolve("src/test/c/caller.c"), file,
                        new String[] {"-std=c11", "-shared", "-fPIC"});
                if (compiled.code() != 0) {
                    throw new AssertionError(compiled.output());
                }
                library = SymbolLookup.libraryLookup(file, Arena.global());
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return library;
    }

    void run(long table) {
        int wrong;
        try {
            wrong = (int) function.invokeExact(table, seat.address());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (wrong != 0) {
            throw new AssertionError(
                    name + ": answer " + -(wrong + 50_000) / 100_000 + " was not the expected one, caller.c line " + Math.floorMod(-wrong, 100_000));
        }
    }
}
