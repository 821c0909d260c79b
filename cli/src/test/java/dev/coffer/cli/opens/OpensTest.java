package dev.coffer.cli.opens;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.testkit.Refusals;
import dev.coffer.testkit.Refusals.Kind;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.testkit.Refusals.Tally;
import dev.coffer.testkit.RefusingLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every `open` of the house is refused at each of its steps: no heap for one object, none from there on, none of the system's. Afterwards it holds
/// nothing, and opens.
class OpensTest {
    private static final String OPENINGS = "dev.coffer.cli.opens.";
    private static final long SEED = 8;
    private static final int TRIES = Integer.getInteger("coffer.refusals", 60);
    private static final int SERVER_TRIES = TRIES / 3;  // one is opened in a millisecond or more
    private static final String ONLY = System.getProperty("coffer.opens", "");  // those whose name begins so
    private static final boolean VERBOSE = TRIES > 60;

    @TempDir
    private Path folder;

    @SuppressWarnings("unchecked")
    private List<Opening> openings() throws Exception {
        Files.writeString(folder.resolve("a.txt"), "0123456789");
        MadeCertificate.write(folder.resolve("certificate.pem"), folder.resolve("key.pem"));
        Class<?> loaded = new RefusingLoader(OpensTest.class.getClassLoader(), name -> name.startsWith(OPENINGS)).loadClass(OPENINGS + "Openings");
        return (List<Opening>) loaded.getMethod("all", Path.class).invoke(null, folder);
    }

    @Test
    void anOpenThatIsRefusedAtAnyStepHoldsNothingAndOpensThen() throws Exception {
        long refused = 0;
        for (Opening opening : openings().stream().filter(one -> one.name().startsWith(ONLY)).toList()) {
            for (Kind kind : Kind.values()) {
                Tally tally = Refusals.refuse(opening, kind, opening.name().startsWith("server.") ? SERVER_TRIES : TRIES, SEED);
                refused += tally.refused();
                assertTrue(kind == Kind.SYSTEM || tally.refused() > 0 || tally.steps() == 0, tally::toString);
                if (VERBOSE) {
                    System.out.println(tally);
                }
            }
        }
        long all = refused;
        assertTrue(all > 3_000 || !ONLY.isEmpty(), () -> "refused only " + all);
    }
}
