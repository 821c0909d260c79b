package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a terminal is not given, however the bytes come in pieces.
class OutputTest {
    @TempDir
    private Path folder;

    /// Writes in two pieces, cut at each place.
    private void write(byte[] bytes, int cut) throws IOException {
        Path file = folder.resolve("terminal");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            Output output = Output.direct("terminal", channel, FileIdentity.of(file), true);
            output.write(ByteBuffer.wrap(bytes, 0, cut));
            output.write(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
        }
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u001b[2Jb", "a\u009b2Jb", "a\u0080b", "a\u009fb", "a\u007fb", "\u0007"})
    void aCommandToATerminalIsRefusedWhereverItIsCut(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            int at = cut;
            Failure refused = assertThrows(Failure.class, () -> write(bytes, at), "cut at " + cut);
            assertEquals(ExitCode.FAILED, refused.exitCode());
        }
    }

    @Test
    void textIsWrittenWhereverItIsCut() throws IOException {
        byte[] bytes = "a\t\u00a0\u00c2\u00a9 \u20ac\r\n".getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            write(bytes, cut);
        }
    }
}
