package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.testkit.Holdings;
import dev.coffer.testkit.Refusals;
import dev.coffer.testkit.Refusals.Kind;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.testkit.Refusals.Tally;
import dev.coffer.testkit.RefusingLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The tool that refuses an open at each step sees what it is there to see: each planted fault is red.
class RefusalsTest {
    private static final String LEAKY = "dev.coffer.memory.LeakyOpenings";

    @BeforeEach
    void looksCanBeHad() {
        assumeTrue(Files.isReadable(Path.of("/proc/self/smaps")), "no /proc here");
    }

    @SuppressWarnings("unchecked")
    private static Opening opening(String name) throws Exception {
        Class<?> loaded = new RefusingLoader(RefusalsTest.class.getClassLoader(), none -> false).loadClass(LEAKY);
        return ((List<Opening>) loaded.getMethod("all").invoke(null)).stream().filter(opening -> opening.name().equals(name)).findAny().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatGivesAllBackPasses(Kind kind) throws Exception {
        Tally tally = Refusals.refuse(opening("right"), kind, 30, 1);
        assertEquals(Math.min(30, tally.steps()), tally.tried());
        assertEquals(kind == Kind.SYSTEM ? 1 : tally.tried(), tally.refused(), tally::toString);
    }

    @Test
    void aRegionThatIsKeptIsSeen() throws Exception {
        Opening kept = opening("region");
        AssertionError red = assertThrows(AssertionError.class, () -> Refusals.refuse(kept, Kind.ONCE, 30, 1, 4));
        assertTrue(red.getMessage().contains(" holds "), red.getMessage());
    }

    @Test
    void whatIsRefusedEverAfterIsSeen() throws Exception {
        Opening kept = opening("for ever");
        AssertionError red = assertThrows(AssertionError.class, () -> Refusals.refuse(kept, Kind.SPENT, 30, 1, 4));
        assertTrue(red.getMessage().contains("open already"), red.getMessage());
    }

    @Test
    void aFaultIsNoRefusal() throws Exception {
        Opening kept = opening("fault");
        AssertionError red = assertThrows(AssertionError.class, () -> Refusals.refuse(kept, Kind.ONCE, 30, 1, 4));
        assertTrue(red.getMessage().contains("NullPointerException"), red.getMessage());
    }

    @Test
    void descriptorsAndRegionsAreCounted() throws Exception {
        Holdings before = Holdings.now();
        try (AutoCloseable file = opening("descriptor").open().call()) {
            assertTrue(Holdings.now().descriptors() > before.descriptors(), file::toString);
        }
        Region region = Region.open(RegionConfig.defaults("seen"), MemoryPlan.group("data", MemoryPlan.block("a", 64)));
        assumeTrue(region.inForce(Protection.NO_DUMP), "pages cannot be left out of dumps here");
        assertFalse(before.areBack(3));
        region.close();
        assertTrue(before.areBack(1000));
    }
}
