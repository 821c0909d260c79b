package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.ExchangeState.Answering;
import dev.coffer.server.ExchangeState.Content;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The table of an exchange's states, walked: every move that it allows, and every one that it does not.
class ExchangeStateTest {
    private static final Set<String> LEGAL = new TreeSet<>(List.of("FREE, content UNASKED", "OPEN, content UNASKED",
            "OPEN, content WANTED", "OPEN, content HELD", "OPEN, content ENDED", "OPEN, content SKIPPED",
            "LATER, content UNASKED", "LATER, content WANTED", "LATER, content HELD", "LATER, content ENDED",
            "LATER, content SKIPPED", "GIVEN, content UNASKED", "GIVEN, content WANTED", "GIVEN, content HELD",
            "GIVEN, content ENDED", "GIVEN, content SKIPPED", "CUT, content SKIPPED", "OVER, content SKIPPED",
            "AWAITED, content SKIPPED"));

    private static ExchangeState at(List<Enum<?>> moves) {
        ExchangeState state = new ExchangeState();
        moves.forEach(to -> move(state, to));
        return state;
    }

    private static void move(ExchangeState state, Enum<?> to) {
        if (to instanceof Answering answering) {
            state.move(answering);
        } else {
            state.move((Content) to);
        }
    }

    private static List<Enum<?>> all() {
        List<Enum<?>> all = new ArrayList<>(List.of(Answering.values()));
        all.addAll(List.of(Content.values()));
        return all;
    }

    private static boolean isAllowed(ExchangeState state, Enum<?> to) {
        for (Answering from : Answering.values()) {
            for (Content with : Content.values()) {
                if (state.is(from) && state.is(with)) {
                    return to instanceof Answering answering ? ExchangeState.isMove(from, answering)
                            : ExchangeState.isMove(with, (Content) to) && ExchangeState.isLegal(from, (Content) to);
                }
            }
        }
        throw new AssertionError(state);
    }

    @Test
    void everyMoveOfTheTableIsTakenEveryOtherRefusedAndAllThatIsLegalIsReached() {
        Map<String, List<Enum<?>>> ways = new HashMap<>();
        Deque<List<Enum<?>>> open = new ArrayDeque<>();
        ways.put(new ExchangeState().toString(), List.of());
        open.add(List.of());
        int taken = 0;
        while (!open.isEmpty()) {
            List<Enum<?>> way = open.remove();
            for (Enum<?> to : all()) {
                ExchangeState state = at(way);
                String before = state.toString();
                if (isAllowed(state, to)) {
                    move(state, to);
                    taken++;
                    if (!ways.containsKey(state.toString())) {
                        List<Enum<?>> longer = new ArrayList<>(way);
                        longer.add(to);
                        ways.put(state.toString(), longer);
                        open.add(longer);
                    }
                } else {
                    assertThrows(AssertionError.class, () -> move(state, to), before + " to " + to);
                    assertEquals(before, state.toString(), "what is refused changes nothing");
                }
            }
        }
        assertEquals(LEGAL, new TreeSet<>(ways.keySet()));
        assertEquals(79, taken, "moves");
    }

    @Test
    void whatMayBeDoneFollowsFromTheState() {
        ExchangeState state = new ExchangeState();
        assertTrue(!state.isLent() && !state.isUndecided() && !state.isReceiving());
        state.move(Answering.OPEN);
        assertTrue(state.isLent() && state.isUndecided() && !state.isReceiving());
        state.move(Content.WANTED);
        state.move(Content.HELD);
        assertTrue(state.isReceiving());
        state.move(Answering.GIVEN);
        assertTrue(state.isLent() && !state.isUndecided() && state.isReceiving());
        state.move(Answering.CUT);
        assertTrue(state.isLent() && !state.isUndecided() && !state.isReceiving());
        state.move(Answering.OVER);
        assertTrue(!state.isLent());
        state.move(Answering.AWAITED);
        assertTrue(!state.isLent());
        state.move(Answering.FREE);
        assertTrue(state.is(Answering.FREE) && state.is(Content.UNASKED));
    }
}
