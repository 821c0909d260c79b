package dev.coffer.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer man`: the manual pages, made of what `--help` is made of.
@Command(name = "man", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Print the manual page of a command, or write all of them.",
                "coffer man seal | man -l -",
                "coffer man --directory ~/.local/share/man/man1"})
final class ManCommand implements Callable<Integer> {
    @Option(names = {"-d", "--directory"}, paramLabel = "DIR", description = "Write all pages to files in this folder.")
    private String folder;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "As on the command line: seal, evm run. None is coffer itself.")
    private List<String> command = List.of();

    @Mixin
    private OutputOptions outputs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Map<String, CommandSpec> pages = new LinkedHashMap<>();
        collect(spec.root(), pages);
        if (folder == null) {
            CommandSpec asked = pages.get(String.join("-", spec.root().name(), String.join("-", command)).replaceAll("-$", ""));
            if (asked == null) {
                throw new ParameterException(spec.commandLine(), "no command \"" + String.join(" ", command) + "\"");
            }
            spec.commandLine().getOut().print(ManPage.of(asked));
            return ExitCode.DONE;
        }
        if (!command.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "a command and --directory exclude each other");
        }
        try (CommandFiles files = CommandFiles.of(spec)) {
            files.folder(folder);
            pages.forEach((name, page) -> files.output(folder + "/" + name + ".1", Output.Kind.TEXT, outputs.force())
                    .write(ByteBuffer.wrap(ManPage.of(page).getBytes(StandardCharsets.UTF_8))));
            files.complete();
        }
        return ExitCode.DONE;
    }

    /// Every command by the name of its page: `coffer`, `coffer-seal`, `coffer-evm-run`.
    private static void collect(CommandSpec of, Map<String, CommandSpec> pages) {
        pages.put(of.qualifiedName("-"), of);
        for (CommandLine one : of.subcommands().values()) {
            collect(one.getCommandSpec(), pages);
        }
    }
}
