package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LongRunTest {
    @AfterEach
    void clear() {
        for (String property : new String[] {"coffer.long.inputs", "coffer.long.seed", "coffer.long.seconds", "coffer.seed"}) {
            System.clearProperty(property);
        }
    }

    private static List<Long> drawn() {
        List<Long> drawn = new ArrayList<>();
        LongRun.of("test", random -> drawn.add(random.nextLong()));
        return drawn;
    }

    @Test
    void runsSoManyAndTheSeedThatFailedReplays() {
        System.setProperty("coffer.long.inputs", "5");
        System.setProperty("coffer.long.seed", "40");
        List<Long> all = drawn();
        assertEquals(5, all.size());
        AssertionError failure = assertThrows(AssertionError.class, () -> LongRun.of("test", random -> {
            if (random.nextLong() == all.get(3)) {
                throw new IllegalStateException("found");
            }
        }));
        assertTrue(failure.getMessage().contains("replay with -Dcoffer.seed=43"), failure.getMessage());
        System.setProperty("coffer.seed", "43");
        assertEquals(List.of(all.get(3)), drawn());
    }

    @Test
    void endsEarlyWhereTheTimeIsUp() {
        System.setProperty("coffer.long.inputs", "1000000000000");
        System.setProperty("coffer.long.seconds", "0");
        assertEquals(1024, drawn().size());
    }
}
