package dev.coffer.server.drive;

/// The seats at one loop's table: taken by the loop that accepts, given back by the loop that serves, counted without a
/// lock, as each side writes a number of its own.
///
/// Exact for the loop that accepts: it alone takes seats, so if it has found every table full, one after another, then
/// all were full at the moment when it looked at the first.
final class Seats {
    private final int count;
    private int taken;                  // by the loop that accepts; both numbers may wrap around
    private volatile int givenBack;     // written by the loop that serves alone

    Seats(int count) {
        this.count = count;
    }

    /// {@return seats that nobody sits on}
    int free() {
        return count - (taken - givenBack);
    }

    void take() {
        assert free() > 0 : "no seat is free";
        taken++;
    }

    void giveBack() {
        givenBack = givenBack + 1;  // one writer: nothing is lost between the two
    }

    @Override
    public String toString() {
        return "Seats[" + free() + " free of " + count + "]";
    }
}
