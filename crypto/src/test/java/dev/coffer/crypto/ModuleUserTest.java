package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.Wipe;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who requires this module compiles without a word from the compiler, however strict it was asked to be.
class ModuleUserTest {
    @ParameterizedTest
    @ValueSource(strings = {"requires", "requires transitive"})
    void compilesWithEveryLintAsAnError(String requires, @TempDir Path folder) throws Exception {
        Path descriptor = Files.writeString(folder.resolve("module-info.java"),
                "module reader {\n    " + requires + " dev.coffer.crypto;\n\n    exports reader;\n}\n");
        Path source = Files.createDirectory(folder.resolve("reader")).resolve("Reader.java");
        Files.writeString(source, """
                package reader;

                /// A reader's class.
                public final class Reader {
                    private Reader() {}

                    /// {@return the fast form}
                    %s static dev.coffer.crypto.Aead aead() {
                        return dev.coffer.crypto.Aead.CHACHA20_POLY1305.fast();
                    }
                }
                """.formatted(requires.endsWith("transitive") ? "public" : ""));
        for (String roots : new String[] {"reader", "dev.coffer.crypto"}) {  // without --release, which hides what is an incubator
            StringWriter said = new StringWriter();
            PrintWriter printer = new PrintWriter(said, true);
            int exitCode = ToolProvider.findFirst("javac").orElseThrow().run(printer, printer, "-Xlint:all", "-Werror", "--add-modules",
                    roots, "-p", place(Aead.class) + File.pathSeparator + place(Wipe.class), "-d",
                    folder.resolve("classes").toString(), descriptor.toString(), source.toString());
            assertEquals("", said.toString());
            assertEquals(0, exitCode);
        }
    }

    private static Path place(Class<?> type) throws IOException, URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
