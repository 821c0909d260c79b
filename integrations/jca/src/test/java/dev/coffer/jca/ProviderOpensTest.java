package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Refusals;
import dev.coffer.testkit.Refusals.Kind;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.testkit.Refusals.Tally;
import dev.coffer.testkit.RefusingLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A provider that is refused at any of its steps holds nothing, and serves at the next try.
class ProviderOpensTest {
    private static final String OPENINGS = "dev.coffer.jca.ProviderOpenings";

    private static Opening opening() throws Exception {
        Class<?> loaded = new RefusingLoader(ProviderOpensTest.class.getClassLoader(), name -> name.startsWith(OPENINGS)).loadClass(OPENINGS);
        return (Opening) loaded.getMethod("all").invoke(null);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aProviderThatIsRefusedAtAnyStepHoldsNothingAndServesThen(Kind kind) throws Exception {
        Tally tally = Refusals.refuse(opening(), kind, 60, 8);
        assertTrue(tally.refused() > 0, tally::toString);
    }
}
