package dev.coffer.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/// Where the process starts. Whatever goes wrong is one line on standard error and an exit code of [ExitCode]; a stack
/// trace is shown to those who ask with `--debug` or `COFFER_DEBUG`.
public final class Main {
    private static final String DEBUG = "COFFER_DEBUG";
    /// How the JDK's logger writes what the libraries have to say: one line, as everything else that the command says.
    private static final String LINE_FORMAT = "java.util.logging.SimpleFormatter.format";

    private Main() {}

    public static void main(String[] arguments) {
        int exitCode = ExitCode.FAULT;
        if (System.getProperty(LINE_FORMAT) == null) {
            System.setProperty(LINE_FORMAT, "coffer: %5$s%6$s%n");
        }
        try {
            Standard standard = Standard.ofProcess();
            standard.takeErrors();  // before a handler of logs takes them
            exitCode = run(arguments, standard);
        } catch (Throwable e) {  // not even a line could be written
            if (System.getenv(DEBUG) != null) {
                e.printStackTrace();
            }
        }
        System.exit(exitCode);
    }

    /// Runs one command with its own standard streams.
    ///
    /// @return the exit code
    static int run(String[] arguments, Standard standard) {
        CommandLine line;
        try {
            line = commandLine(standard);
        } catch (Throwable e) {  // a library that is not there, before any command is
            return report(StandardText.error(standard), "coffer", e, System.getenv(DEBUG) != null);
        }
        return run(line, arguments, standard);
    }

    /// The same with commands of the caller's choice.
    static int run(CommandLine line, String[] arguments, Standard standard) {
        PrintWriter out = StandardText.output(standard);
        PrintWriter err = StandardText.error(standard);
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> report(err, "coffer", e, false));
        line.setOut(out).setErr(err);
        int exitCode;
        try {
            exitCode = line.execute(arguments);
        } catch (Throwable e) {  // an Error of the command, or anything while help is printed
            exitCode = report(err, "coffer", e, wantsTrace(line));
        }
        try {
            out.flush();
        } catch (Failure e) {
            int unwritten = report(err, "coffer", e, false);
            exitCode = exitCode == ExitCode.DONE || e instanceof BrokenPipe ? unwritten : exitCode;
        }
        err.flush();
        return exitCode;
    }

    /// {@return the command line of `coffer`, answering errors in the house's way}
    static CommandLine commandLine(Standard standard) {
        CommandLine line = new CommandLine(new Coffer(standard));
        AnyName.register(line);
        line.registerConverter(Path.class, new NamedFile());
        return line.setExpandAtFiles(false)  // a file may be named "@x", and --code reads its own
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(Help.defaultColorScheme(colours(standard) ? Help.Ansi.ON : Help.Ansi.OFF))
                .setParameterExceptionHandler(Main::wrongCommandLine)
                .setExecutionStrategy(Main::execute)
                .setExecutionExceptionHandler((e, at, parsed) -> report(at.getErr(), name(at), e, wantsTrace(at)));
    }

    /// Runs a command, or prints its help or the version, which picocli has no handler of errors for.
    private static int execute(ParseResult parsed) {
        CommandLine root = parsed.commandSpec().commandLine();
        try {
            StandardText.passing(root.getOut(), true);
            Integer helped = CommandLine.executeHelpRequest(parsed);
            StandardText.passing(root.getOut(), false);
            return helped != null ? helped : new RunLast().execute(parsed);
        } catch (Failure e) {
            CommandLine at = parsed.commandSpec().commandLine();
            return report(at.getErr(), name(at), e, wantsTrace(at));
        }
    }

    /// A terminal that has colours, and a user who wants them (no-color.org).
    private static boolean colours(Standard standard) {
        String never = System.getenv("NO_COLOR");
        String terminal = System.getenv("TERM");
        return standard.output().isTerminal() && (never == null || never.isEmpty())
                && terminal != null && !terminal.isEmpty() && !terminal.equals("dumb");
    }

    private static int wrongCommandLine(ParameterException e, String[] arguments) {
        CommandLine at = e.getCommandLine();
        PrintWriter err = at.getErr();
        err.println(name(at) + ": " + oneLine(e.getMessage()));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + name(at) + " --help'.");
        trace(err, e, wantsTrace(at));
        return ExitCode.USAGE;
    }

    /// Says in one line what went wrong.
    ///
    /// @return the exit code
    private static int report(PrintWriter err, String name, Throwable e, boolean trace) {
        int exitCode = ExitCode.FAULT;
        switch (e) {
            case BrokenPipe gone -> exitCode = ExitCode.PIPE;
            case CommandFiles.Unsayable unsayable -> exitCode = ExitCode.USAGE;
            case Failure failure -> {
                err.println(name + ": " + failure.getMessage());
                exitCode = failure.exitCode();
            }
            case InvalidPathException unspeakable -> {  // bytes that the locale's encoding has no characters for
                err.println(name + ": a file name that this locale cannot spell: " + oneLine(e.getMessage()));
                exitCode = ExitCode.USAGE;
            }
            case Throwable refused when Failure.isMemory(refused) -> {
                Failure words = Failure.memory(refused);
                err.println(name + ": " + words.getMessage());
                exitCode = words.exitCode();
            }
            default -> err.println(name + ": a fault of coffer's own: " + e.getClass().getName()
                    + (e.getMessage() == null ? "" : ": " + oneLine(e.getMessage()))
                    + (trace ? "" : " (" + DEBUG + "=1 shows where)"));
        }
        if (exitCode != ExitCode.PIPE && !(e instanceof CommandFiles.Unsayable)) {
            trace(err, e, trace);
        }
        err.flush();
        return exitCode;
    }

    private static void trace(PrintWriter err, Throwable e, boolean wanted) {
        if (wanted) {
            e.printStackTrace(err);
        }
    }

    private static boolean wantsTrace(CommandLine at) {
        return System.getenv(DEBUG) != null
                || at.getCommandSpec().root().userObject() instanceof Coffer coffer && coffer.wantsTrace();
    }

    private static String name(CommandLine at) {
        return at.getCommandSpec().qualifiedName();
    }

    private static String oneLine(String message) {
        return message == null ? "no more is known" : Failure.printable(message.replaceAll("\\s*\\R\\s*", " "));
    }
}
