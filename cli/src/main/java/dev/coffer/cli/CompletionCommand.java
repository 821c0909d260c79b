package dev.coffer.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer completion`: what makes a shell complete this command's words.
@Command(name = "completion", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Print a script that makes a shell complete commands and options.",
                "bash: coffer completion bash > ~/.local/share/bash-completion/completions/coffer",
                "zsh: coffer completion zsh > ~/.coffer-completion, and in ~/.zshrc: source ~/.coffer-completion"})
final class CompletionCommand implements Callable<Integer> {
    /// The shells that are known; one script serves both, as zsh reads bash's completions.
    enum Shell { BASH, ZSH }

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        String script = AutoComplete.bash(spec.root().name(), spec.root().commandLine());
        spec.commandLine().getOut().print(shell == Shell.ZSH
                ? "(( $+functions[compdef] )) || { autoload -Uz compinit; compinit; }\n" + script : script);
        return ExitCode.DONE;
    }
}
