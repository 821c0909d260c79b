package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example in C, in both of its lives: a program that embeds the JVM, and a library that Java loads.
class ExampleTest {
    @Test
    void aProgramThatEmbedsTheJvmRunsAndSaysWhatTheReadmeShows(@TempDir Path folder) throws IOException {
        Assumptions.assumeTrue(Compiler.isThere("cc"), "no C compiler");
        Path program = folder.resolve("example");
        Compiler.Answer compiled = Compiler.compile("cc", List.of(Compiler.EXAMPLE), program, new String[] {"-std=c11"}, Compiler.jvm());
        assertEquals("", compiled.output());
        assertEquals(0, compiled.code());
        Compiler.Answer answer = Compiler.run(folder, List.of(program.toString(), Compiler.classPath()));
        assertEquals(0, answer.code(), answer.output());
        String said = answer.output().lines().filter(line -> line.matches(".* -?[0-9]+|.*NOT EXPECTED|the byte.*"))
                .collect(Collectors.joining("\n"));
        String readme = Files.readString(Compiler.MODULE.resolve("README.md"));
        assertTrue(readme.contains("```\n" + said + "\n```"), () -> "the README shows something else than\n" + said);
        System.out.println("the example in C: " + said.lines().count() + " answers, as the README shows them");
    }

    @Test
    void aLibraryThatJavaLoadsCallsTheTableItIsGiven(@TempDir Path folder) throws Throwable {
        Assumptions.assumeTrue(Compiler.isThere("cc"), "no C compiler");
        Path library = folder.resolve("libexample.so");
        Compiler.Answer compiled = Compiler.compile("cc", List.of(Compiler.EXAMPLE), library, new String[] {"-std=c11", "-DLIBRARY", "-shared", "-fPIC"});
        assertEquals("", compiled.output());
        try (Arena arena = Arena.ofConfined(); Native c = new Native()) {
            int result = (int) Linker.nativeLinker()
                    .downcallHandle(SymbolLookup.libraryLookup(library, arena).findOrThrow("coffer_example"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                    .invoke(CTable.address());
            assertEquals(0, result);
            assertEquals(c.table.address(), CTable.address());
        }
    }

    @Test
    void theHeaderIsCAndCPlusPlus(@TempDir Path folder) throws IOException {
        Path source = Files.writeString(folder.resolve("includes.c"), "#include \"coffer.h\"\n#include \"coffer.h\"\nint main(void) { return 0; }\n");
        for (String standard : new String[] {"cc -c -std=c99", "cc -c -std=c11", "c++ -c -xc++ -std=c++11", "c++ -c -xc++ -std=c++20"}) {
            String[] words = standard.split(" ");
            Assumptions.assumeTrue(Compiler.isThere(words[0]), "no compiler");
            Compiler.Answer answer = Compiler.compile(words[0], List.of(source), folder.resolve("includes.o"), Arrays.copyOfRange(words, 1, words.length));
            assertEquals("", answer.output(), standard);
            assertEquals(0, answer.code());
        }
    }
}
