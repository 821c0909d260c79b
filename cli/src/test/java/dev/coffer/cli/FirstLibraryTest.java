package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No test of the command runs one in this process, or makes its options, that may open libcrypto before [FirstLibrary] has.
class FirstLibraryTest {
    private static final Pattern MAY_OPEN = Pattern.compile("Main\\.(commandLine|run)\\(|\\b(Serve|Tls|Crypto)Options\\b|Libcrypto\\.(find|open)\\(");
    private static final Pattern IS_BEHIND = Pattern.compile("FirstLibrary|extends TlsServing|new Cli\\(");
    private static final List<String> OTHER_PROCESSES = List.of("LauncherTest.java", "NativeAccessChild.java");

    private static boolean mayBeFirst(Path file) {
        try {
            String text = Files.readString(file);
            return MAY_OPEN.matcher(text).find() && !IS_BEHIND.matcher(text).find() && !OTHER_PROCESSES.contains(file.getFileName().toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everyTestThatMayOpenTheLibraryComesBehindIt() throws IOException {
        try (Stream<Path> all = Files.walk(Path.of("src/test/java/dev/coffer/cli"))) {
            assertEquals(List.of(), all.filter(file -> file.toString().endsWith(".java")).filter(FirstLibraryTest::mayBeFirst).map(Path::getFileName)
                    .map(Path::toString).sorted().toList());
        }
    }
}
