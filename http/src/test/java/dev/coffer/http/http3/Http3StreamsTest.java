package dev.coffer.http.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Who is given a place where few are left; what lies in the memory of all.
class Http3StreamsTest {
    private static final int PLACES = 8;

    private final Http3Streams streams = new Http3Streams(Http3Config.tight(), PLACES, Arena.ofAuto().allocate(1 << 15, 64), 0, null);

    /// A connection, as far as it asks for places.
    private final class Asker {
        final Deque<Stream> held = new ArrayDeque<>();

        Asker() {
            streams.join();
        }

        boolean ask() {
            Stream stream = streams.tryLend(held.size());
            if (stream != null) {
                held.push(stream);
            }
            return stream != null;
        }

        int all() {
            while (ask()) {
                assertNotNull(held.peek());
            }
            return held.size();
        }

        void give() {
            streams.release(Objects.requireNonNull(held.pop()), held.size());
        }
    }

    @Test
    void whereEveryConnectionHasSomeAllPlacesAreLent() {
        Asker one = new Asker();
        Asker other = new Asker();
        for (int i = 0; i < PLACES / 2; i++) {
            assertEquals(true, one.ask() && other.ask(), "turn " + i);
        }
        assertNull(streams.tryLend(0));
    }

    @Test
    void theLastPlaceIsForWhoHasNone() {
        Asker one = new Asker();
        Asker other = new Asker();
        assertEquals(6, one.all(), "four times what is left for the other, that one aside");
        assertEquals(true, other.ask());
        Asker third = new Asker();
        assertEquals(false, one.ask() || other.ask(), "the last one is the newcomer's");
        assertEquals(true, third.ask());
        one.give();
        assertEquals(true, other.ask(), "all have some");
        Asker fourth = new Asker();
        assertEquals(false, fourth.ask());
        third.give();
        assertEquals(false, one.ask() || other.ask(), "two have none");
        assertEquals(true, fourth.ask());
    }

    @Test
    void whoHasGivenBackAllHasNoneAgain() {
        Asker one = new Asker();
        Asker other = new Asker();
        assertEquals(6, one.all());
        assertEquals(true, other.ask());
        other.give();
        assertEquals(false, one.ask(), "of two that are left one is for the other, that has none again");
        assertEquals(true, other.ask());
    }

    @Test
    void whoIsGoneIsNobodyALastPlaceIsKeptFor() {
        Asker one = new Asker();
        streams.join();
        assertEquals(6, one.all());
        streams.leave();
        assertEquals(7, one.all(), "a quarter of what it has is left for others that may come");
    }
}
