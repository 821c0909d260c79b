package dev.coffer.server.drive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.Seeds;
import org.junit.jupiter.api.Test;

class SeatsTest {
    @Test
    void seatsAreCountedFromBothSides() {
        Seeds.forEach(1, 200, random -> {
            int count = random.nextInt(1, 9);
            Seats seats = new Seats(count);
            int taken = 0;
            for (int i = 0; i < 100; i++) {
                if (random.nextBoolean() && seats.free() > 0) {
                    seats.take();
                    taken++;
                } else if (taken > 0) {
                    seats.giveBack();
                    taken--;
                }
                assertEquals(count - taken, seats.free());
            }
        });
    }
}
