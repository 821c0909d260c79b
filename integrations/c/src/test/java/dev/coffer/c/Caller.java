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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;

/// The programs in `src/test/c`, compiled and loaded as one library: functions that take the table and a seat of 1 MiB, and answer 0 or what
/// went wrong where.
final class Caller {
    private static final int SEAT_BYTES = 1 << 20;
    /// In the order of the numbers that `caller.h` answers with.
    private static final List<String> FILES = List.of("steady.c", "stranger.c", "threads.c", "forging.c");
    private static final int ANSWER = 1_000_000;
    private static final int FILE = 10_000;

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
                library = SymbolLookup.libraryLookup(compiled(), Arena.global());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return library;
    }

    /// Compiled where there is none that is newer than all it is made of: once for all the JVMs of a run.
    private static Path compiled() throws IOException {
        Path programs = Compiler.MODULE.resolve("src/test/c");
        Path library = Files.createDirectories(Compiler.MODULE.resolve("target")).resolve("caller.so");
        FileTime newest = FileTime.fromMillis(0);
        for (Path folder : new Path[] {programs, Compiler.MODULE.resolve("include")}) {
            try (DirectoryStream<Path> sources = Files.newDirectoryStream(folder)) {
                for (Path source : sources) {
                    FileTime time = Files.getLastModifiedTime(source);
                    newest = time.compareTo(newest) > 0 ? time : newest;
                }
            }
        }
        if (Files.exists(library) && Files.getLastModifiedTime(library).compareTo(newest) > 0) {
            return library;
        }
        Path made = Files.createTempFile(library.getParent(), "caller", ".so");
        Compiler.Answer answer = Compiler.compile("cc", FILES.stream().map(programs::resolve).toList(), made,
                new String[] {"-std=c11", "-shared", "-fPIC"});
        if (answer.code() != 0) {
            throw new AssertionError(answer.output());
        }
        return Files.move(made, library, StandardCopyOption.ATOMIC_MOVE);  // another JVM has the old one, or the new one, whole
    }

    void run(long table) {
        int wrong;
        try {
            wrong = (int) function.invokeExact(table, seat.address());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (wrong != 0) {
            int where = Math.floorMod(-wrong, ANSWER);
            throw new AssertionError(name + ": answer " + Math.floorDiv(-wrong, ANSWER) + " was not the expected one, " + FILES.get(where / FILE - 1)
                    + " line " + where % FILE);
        }
    }
}
