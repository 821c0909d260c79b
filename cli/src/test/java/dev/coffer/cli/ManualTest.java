package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Manual pages and completions say what `--help` says.
class ManualTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path streams;

    @Test
    void everyCommandHasAPageWithItsOptionsAndExitCodes() throws IOException {
        Cli cli = new Cli(streams);
        Path pages = folder.resolve("share/man/man1");
        assertEquals(0, cli.run("man", "--directory", pages.toString()).exitCode());
        assertEquals(ExitCode.FAILED, cli.run("man", "--directory", pages.toString()).exitCode(), "they exist already");
        assertEquals(0, cli.run("man", "--force", "--directory", pages.toString()).exitCode());
        List<Path> all;
        try (Stream<Path> files = Files.list(pages)) {
            all = files.sorted().toList();
        }
        assertTrue(all.size() >= 16, all::toString);
        for (Path page : all) {
            String text = Files.readString(page);
            for (String part : new String[] {".TH ", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n", ".SH OPTIONS\n",
                    ".SH EXIT STATUS\n", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR"}) {
                assertTrue(text.contains(part), page + " lacks " + part);
            }
            assertFalse(text.contains("${"), page + ": " + text);
            assertTrue(text.lines().noneMatch(line -> line.startsWith("'") || line.isEmpty()), page::toString);
            assertTrue(text.lines().filter(line -> line.startsWith(".")).allMatch(line -> line.matches("\\.(TH|SH|TP|PP)( .*)?")),
                    page::toString);
        }
        String seal = Files.readString(pages.resolve("coffer-seal.1"));
        assertTrue(seal.contains("\\fB\\-f\\fR, \\fB\\-\\-force\\fR") && seal.contains("sealed with another key"), seal);
        String sign = Files.readString(pages.resolve("coffer-sign.1"));
        assertTrue(sign.contains("(default: 64M)"), sign);
        assertTrue(Files.readString(pages.resolve("coffer-verify.1")).contains("could not verify: no such file"));
        assertEquals(Files.readString(pages.resolve("coffer-evm-run.1")), cli.run("man", "evm", "run").out());
        assertEquals(Files.readString(pages.resolve("coffer.1")), cli.run("man").out());
        assertEquals(ExitCode.USAGE, cli.run("man", "nothing").exitCode());
        assertEquals(ExitCode.USAGE, cli.run("man", "seal", "--directory", pages.toString()).exitCode());
    }

    @Test
    void shellsCompleteEveryCommandAndOption() throws Exception {
        Cli cli = new Cli(streams);
        Answer bash = cli.run("completion", "bash");
        assertEquals(0, bash.exitCode(), bash::toString);
        for (String word : new String[] {"seal", "verify", "evm", "--force", "--ignore-missing", "--generate", "AES_256_GCM"}) {
            assertTrue(bash.out().contains(word), word);
        }
        assertTrue(cli.run("completion", "zsh").out().contains("compinit"));
        assertEquals(ExitCode.USAGE, cli.run("completion", "fish").exitCode());
        assertEquals(ExitCode.USAGE, cli.run("completion").exitCode());
        if (Files.isExecutable(Path.of("/bin/bash"))) {
            Path script = Files.write(folder.resolve("completion"), bash.bytes());
            Process process = new ProcessBuilder("/bin/bash", "-c", "source '" + script + "'; COMP_WORDS=(coffer sea); COMP_CWORD=1; "
                    + "COMP_LINE='coffer sea'; _complete_coffer; echo \"${COMPREPLY[@]}\"").redirectErrorStream(true).start();
            assertEquals("seal\n", new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            assertEquals(0, process.waitFor());
        }
    }
}
