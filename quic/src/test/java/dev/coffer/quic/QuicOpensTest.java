package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Refusals;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.testkit.RefusingLoader;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every `open` of QUIC is refused at each of its steps, as those of the whole house are beside the command. Afterwards it holds nothing, and opens.
class QuicOpensTest {
    private static final long SEED = 13;
    private static final int TRIES = Integer.getInteger("coffer.refusals", 60);
    private static final List<String> WITHOUT_STEPS = List.of("dev.coffer.quic.QuicOpenings", "dev.coffer.quic.Identity");

    @Test
    @SuppressWarnings("unchecked")
    void anOpenThatIsRefusedAtAnyStepHoldsNothingAndOpensThen() throws Exception {
        Class<?> loaded = new RefusingLoader(QuicOpensTest.class.getClassLoader(), name -> WITHOUT_STEPS.stream().anyMatch(name::startsWith))
                .loadClass("dev.coffer.quic.QuicOpenings");
        List<Opening> openings = (List<Opening>) loaded.getMethod("all").invoke(null);
        assertEquals(7, openings.size());
        for (Opening opening : openings) {
            for (Refusals.Kind kind : Refusals.Kind.values()) {
                Refusals.Tally tally = Refusals.refuse(opening, kind, TRIES, SEED);
                assertTrue(kind == Refusals.Kind.SYSTEM || tally.refused() > 0 || tally.steps() == 0, tally::toString);
            }
        }
    }
}
