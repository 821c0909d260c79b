package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// A manual page, whole, of a command that has one of everything.
class ManPageTest {
    static {
        FirstLibrary.opened();
    }

    @Command(name = "tool", description = {"Does things: many.", "A second paragraph with \\ and -."}, footer = "See also.",
            exitCodeListHeading = "x", exitCodeList = {"0:all is well", "1:not"}, subcommands = Sub.class)
    private static final class Tool {
        @Option(names = {"-f", "--flag"}, description = "A flag.")
        private boolean flag;
        @Option(names = "--number", paramLabel = "N", defaultValue = "7", description = "A number. Default: ${DEFAULT-VALUE}.")
        private int number;
        @Parameters(paramLabel = "FILE", arity = "0..1", description = ".hidden or 'quoted'")
        private String file;
    }

    @Command(name = "sub", description = "A part of it.")
    private static final class Sub {}

    @Test
    void everyPartHasItsPlace() {
        String page = ManPage.of(new CommandLine(new Tool()).getCommandSpec());
        String begin = ".TH TOOL 1 \"\" \"";
        assertTrue(page.startsWith(begin), page);
        assertEquals("""
                .SH NAME
                tool \\- Does things
                .SH SYNOPSIS
                tool [\\-f] [\\-\\-number=N] [FILE] [COMMAND]
                .SH DESCRIPTION
                Does things: many.
                .PP
                A second paragraph with \\(rs and \\-.
                .SH OPTIONS
                .TP
                \\fIFILE\\fR
                \\&.hidden or 'quoted'
                .TP
                \\fB\\-f\\fR, \\fB\\-\\-flag\\fR
                A flag.
                .TP
                \\fB\\-\\-number\\fR \\fIN\\fR
                A number. Default: 7.
                .SH COMMANDS
                .TP
                \\fBtool\\-sub\\fR(1)
                A part of it.
                .SH EXIT STATUS
                .TP
                \\fB0\\fR
                all is well
                .TP
                \\fB1\\fR
                not
                .SH NOTES
                See also.
                """, page.substring(page.indexOf(".SH NAME")));
    }

    @Test
    void aCommandWithoutCodesOfItsOwnHasThoseOfTheRoot() {
        String page = ManPage.of(new CommandLine(new Tool()).getSubcommands().get("sub").getCommandSpec());
        assertTrue(page.contains(".SH EXIT STATUS\n.TP\n\\fB0\\fR\nall is well\n"), page);
        assertTrue(!page.contains(".SH COMMANDS") && !page.contains(".SH NOTES"), page);
    }
}
