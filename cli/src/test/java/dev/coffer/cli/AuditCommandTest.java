package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class AuditCommandTest {
    static {
        FirstLibrary.opened();
    }

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = Main.commandLine(Standard.ofProcess());
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @Test
    void printsVerdictClaimAndFigureAndEndsWithZero() {
        assertEquals(0, run("audit", "--only", "canary,wipe"), out + "" + err);
        assertTrue(out.toString().startsWith("pass     canary       each byte overwritten"), out.toString());
        assertTrue(out.toString().contains("64 reported on demand, 64 at close"), out.toString());
        assertTrue(out.toString().contains("2 passed, 0 failed, 0 not run, in "), out.toString());
    }

    @Test
    void aFaultRunsTheProofThatKnowsItAndEndsWithOne() {
        assertEquals(1, run("audit", "--fault", "canary-rewritten"));
        assertTrue(out.toString().startsWith("FAIL     canary"), out.toString());
        assertTrue(out.toString().contains("0 passed, 1 failed"), out.toString());
    }

    @Test
    void aFaultThatNoChosenProofKnowsChangesNothing() {
        assertEquals(0, run("audit", "--only", "wipe", "--fault", "canary-rewritten"));
    }

    @Test
    void listsProofsAndFaultsWithoutRunningThem() {
        assertEquals(0, run("audit", "--list"));
        assertTrue(out.toString().contains("residue-unwiped"), out.toString());
        assertFalse(out.toString().contains("pass"), out.toString());
    }

    @Test
    void unknownNamesAreAWrongCommandLine() {
        assertEquals(2, run("audit", "--only", "nothing"));
        assertTrue(err.toString().contains("--only: no \"nothing\"; known are plan"), err.toString());
        assertEquals(2, run("audit", "--fault", "none"));
        assertEquals(2, run("audit", "--collectors", "epsilon"));
    }

    @Test
    void collectorsAreTakenInAnyCase() {
        assertEquals(0, run("audit", "--only", "canary", "--collectors", "Serial,zgc"), err.toString());
    }
}
