package dev.coffer.server.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// How long a peer that does not read is waited for: arithmetic alone, with a clock of numbers.
class PatienceTest {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long SECOND = 1_000_000_000L;
    private static final long GRACE = 20 * SECOND;
    private static final long RATE = 256;               // bytes a second

    private static long patience(long before, long sent, long now) {
        return Conversation.patience(before, sent, now, GRACE, RATE);
    }

    @Test
    void whatWentBeforeItBeganToWaitBuysNoTime() {
        assertEquals(7 + GRACE, patience(NEVER, 0, 7));
        assertEquals(7 + GRACE, patience(NEVER, 1 << 20, 7), "a megabyte went into the system's buffers");
    }

    @Test
    void whoTakesNothingIsGivenUpAtTheGraceHoweverOftenItIsTried() {
        long until = patience(NEVER, 0, 0);
        for (long now = 0; now < GRACE; now += SECOND / 3) {
            until = patience(until, 0, now);
            assertEquals(GRACE, until);
        }
    }

    @Test
    void eachByteBuysItsShareAndNoneMore() {
        long until = patience(NEVER, 0, 0);
        assertEquals(GRACE + SECOND, patience(until, RATE, SECOND));
        assertEquals(GRACE + SECOND / RATE, patience(until, 1, SECOND));
        assertEquals(GRACE + 3 * SECOND, patience(until, 1 << 20, 3 * SECOND), "never past the grace from now");
        assertEquals(GRACE, patience(until, RATE, 0));
    }

    /// Beside a plain restatement: a peer at the slowest rate is kept for ever, one below it is given up.
    @Test
    void theSlowestRateIsKeptAndLessIsNot() {
        assertTrue(survives(RATE, 10_000));
        assertTrue(survives(100 * RATE, 10_000));
        assertEquals(false, survives(RATE - 1, 10_000));
        assertEquals(false, survives(0, 21));
    }

    private static boolean survives(long bytesEachSecond, int seconds) {
        long until = patience(NEVER, 1 << 16, 0);
        for (int second = 1; second <= seconds; second++) {
            if (second * SECOND >= until) {
                return false;
            }
            until = patience(until, bytesEachSecond, second * SECOND);
        }
        return true;
    }

    @Test
    void theLargestShareDoesNotOverflow() {
        assertEquals(GRACE, Conversation.patience(1, 1 << 30, 0, GRACE, 1));
    }
}
