package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What is noted of a path is read as it was noted, to the last byte of the longest head.
class PathParametersTest {
    private final PathParameters parameters = new PathParameters(MemorySegment.ofArray(new byte[PathParameters.PLACES_BYTES]), 0);

    @Test
    void placesAndLengthsAreReadAsTheyWereNotedUpToTheLastOneThatFits() {
        int[][] places = {{0, 0}, {1, 2}, {0x7fff, 0x8000}, {0x8000, 0x7fff}, {0xffff, 0xffff}};
        for (int[] each : places) {
            parameters.clear();
            parameters.add("other", 7, 9);
            parameters.add("name", each[0], each[1]);
            assertEquals(1, parameters.find("name"));
            assertEquals(each[0], parameters.at(1));
            assertEquals(each[1], parameters.length(1));
            assertEquals(7, parameters.at(0));
            assertEquals(9, parameters.length(0));
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsNoted() {
        for (int[] each : new int[][] {{0x10000, 1}, {1, 0x10000}, {-1, 1}, {1, -1}, {Integer.MIN_VALUE, 0}, {0, Integer.MAX_VALUE}}) {
            assertThrows(IllegalArgumentException.class, () -> parameters.add("name", each[0], each[1]));
            assertEquals(0, parameters.count());
        }
    }
}
