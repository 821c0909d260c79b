package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// SIGHUP and what it means to a process: a build below `nohup` hands "ignored" down to all that it begins. A test that cannot have it ends here.
final class Hangups {
    private Hangups() {}

    /// {@return what goes before a command that shall have that meaning of it}
    ///
    /// @param meaning  `default` or `ignore`
    static List<String> meaning(String meaning) throws InterruptedException {
        List<String> command = List.of("env", "--" + meaning + "-signal=HUP");
        List<String> nothing = new ArrayList<>(command);
        nothing.add("true");
        boolean here = exitCode(nothing) == 0;
        if (!here && meaning.equals("default")) {
            return List.of();  // as it nearly always is already
        }
        assumeTrue(here, "no env --" + meaning + "-signal here");
        return command;
    }

    static void send(Process process) throws InterruptedException {
        int code = exitCode(List.of("kill", "-HUP", Long.toString(process.pid())));
        assumeTrue(code >= 0, "no kill(1) here");
        assertEquals(0, code, "the exit code of kill -HUP");
    }

    /// {@return it, or -1 where there is no such program}
    private static int exitCode(List<String> command) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return -1;
        }
        return process.waitFor();
    }
}
