package dev.coffer.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// One manual page in the language of man(7).
final class ManPage {
    private final StringBuilder out = new StringBuilder();

    private ManPage() {}

    static String of(CommandSpec spec) {
        ManPage page = new ManPage();
        page.head(spec);
        page.options(spec);
        page.commands(spec);
        page.exitCodes(spec);
        String footer = String.join(" ", spec.usageMessage().footer()).strip();
        if (!footer.isEmpty()) {
            page.out.append(".SH NOTES\n").append(text(footer)).append('\n');
        }
        return page.out.toString();
    }

    private void head(CommandSpec spec) {
        String name = spec.qualifiedName("-");
        String[] description = spec.usageMessage().description();
        out.append(".TH ").append(text(name.toUpperCase(Locale.ROOT))).append(" 1 \"\" \"")
                .append(text(Coffer.version())).append("\" \"Coffer\"\n");
        String first = description[0].replaceFirst("[.:;](\\s.*)?$", "");
        out.append(".SH NAME\n").append(text(name)).append(" \\- ").append(text(first)).append('\n');
        out.append(".SH SYNOPSIS\n").append(text(new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF)).synopsis(0)
                .replaceAll("\\s+", " ").strip())).append('\n');
        out.append(".SH DESCRIPTION\n")
                .append(Arrays.stream(description).map(ManPage::text).collect(Collectors.joining("\n.PP\n"))).append('\n');
    }

    private void options(CommandSpec spec) {
        out.append(".SH OPTIONS\n");
        for (PositionalParamSpec one : spec.positionalParameters()) {
            item("\\fI" + text(one.paramLabel()) + "\\fR", String.join(" ", one.description()), one.defaultValueString());
        }
        for (OptionSpec one : spec.options()) {
            String label = one.arity().max() > 0 ? " \\fI" + text(one.paramLabel()) + "\\fR" : "";
            item(Arrays.stream(one.names()).map(n -> "\\fB" + text(n) + "\\fR").collect(Collectors.joining(", ")) + label,
                    String.join(" ", one.description()), one.defaultValueString());
        }
    }

    private void commands(CommandSpec spec) {
        if (!spec.subcommands().isEmpty()) {
            out.append(".SH COMMANDS\n");
            for (CommandLine one : spec.subcommands().values()) {
                CommandSpec command = one.getCommandSpec();
                item("\\fB" + text(command.qualifiedName("-")) + "\\fR(1)", command.usageMessage().description()[0], "");
            }
        }
    }

    /// A command without codes of its own has those of the root.
    private void exitCodes(CommandSpec spec) {
        CommandSpec of = spec.usageMessage().exitCodeList().isEmpty() ? spec.root() : spec;
        out.append(".SH EXIT STATUS\n");
        of.usageMessage().exitCodeList().forEach((code, meaning) -> item("\\fB" + text(code) + "\\fR", meaning, ""));
    }

    private void item(String term, String description, String defaultValue) {
        out.append(".TP\n").append(term).append('\n')
                .append(text(description.replace("${DEFAULT-VALUE}", String.valueOf(defaultValue)))).append('\n');
    }

    /// No character of a text is a command of roff: not a backslash or dash anywhere, nor a dot or quote that begins a line.
    private static String text(String plain) {
        String escaped = plain.replace("\\", "\\(rs").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
                .replace("`", "\\(ga").replace("\"", "\\(dq").replaceAll("\\s*\\R\\s*", " ");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
