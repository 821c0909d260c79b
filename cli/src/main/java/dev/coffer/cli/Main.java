package dev.coffer.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Where the process starts.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        int exitCode = commandLine().execute(arguments);
        if (System.out.checkError() && exitCode == 0) {  // flushes; a full disk must not look like success
            System.err.println("coffer: standard output cannot be written");
            exitCode = 1;
        }
        System.exit(exitCode);
    }

    /// {@return the command line of `coffer`, answering errors in the house's way}
    static CommandLine commandLine() {
        return new CommandLine(new Coffer())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongCommandLine)
                .setExecutionExceptionHandler(Main::failed);
    }

    private static int wrongCommandLine(ParameterException e, String[] arguments) {
        CommandLine at = e.getCommandLine();
        PrintWriter err = at.getErr();
        err.println(name(at) + ": " + oneLine(e.getMessage()));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + name(at) + " --help'.");
        return 2;
    }

    private static int failed(Exception e, CommandLine at, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof Failure failure) {
            at.getErr().println(name(at) + ": " + failure.getMessage());
            return failure.exitCode();
        }
        if (e instanceof InvalidPathException) {  // bytes that the locale's encoding has no characters for
            at.getErr().println(name(at) + ": a file name that this locale cannot spell: " + oneLine(e.getMessage()));
            return 2;
        }
        throw e;
    }

    private static String name(CommandLine at) {
        return at.getCommandSpec().qualifiedName();
    }

    private static String oneLine(String message) {
        return message == null ? "wrong command line" : message.replaceAll("\\s*\\R\\s*", " ");
    }
}
